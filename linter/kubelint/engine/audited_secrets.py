"""What detect-secrets' baselines know already: `.secrets.baseline`, as `detect-secrets scan` and `audit` write it.

Format: detect-secrets `core/baseline.py` and `core/potential_secret.py`. `results` maps a file to its secrets, each
known by the SHA-1 of what a plugin matched; lines do not count. An entry that an audit found to be a real secret
(`is_secret: true`) silences nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from posixpath import dirname, normpath
from posixpath import join as join_path
from typing import Any

from kubelint.regexes import regex

NAME = ".secrets.baseline"

_MOST = 4096
_WORD = regex(r"[^\s\"'`]{3,4096}")
_PART = regex(r"[^=:,;(){}\[\]<>@]{3,}")
_ARMOUR = regex(r"BEGIN (?:[A-Z0-9]{2,9} ){0,3}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-2")
_PREFIX = regex(r"[A-Za-z0-9]{2,12}(?=[_-])")  # all that some plugins keep of a token


class AuditedSecrets:
    """The secrets that the baselines of a tree know, by the file they stand in."""

    def __init__(self, baselines: Iterable[tuple[str, str]]) -> None:
        """`baselines` are paths and texts."""
        self._hashes: dict[str, set[str]] = {}
        for path, text in baselines:
            for file, digest in _entries(text):
                place = normpath(join_path(dirname(path), file.replace("\\", "/")))
                self._hashes.setdefault(place, set()).add(digest)

    def hold(self, path: str, text: str) -> bool:
        """Whether something in `text`, which stands in the file `path`, is a secret that a baseline knows."""
        known = self._hashes.get(path)
        if known is None:
            return False
        from hashlib import sha1  # loads OpenSSL

        return any(sha1(said.encode()).hexdigest() in known for said in _said(text))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """The files and hashes of a baseline; none where it is broken."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    results: Any = document.get("results") if isinstance(document, dict) else None
    for file, secrets in results.items() if isinstance(results, dict) else ():
        for secret in secrets if isinstance(secrets, list) else ():
            digest = secret.get("hashed_secret") if isinstance(secret, dict) else None
            if isinstance(digest, str) and secret.get("is_secret") is not True:
                yield file, digest


def _said(text: str) -> Iterator[str]:
    """What plugins may have matched in `text`: values, words, their parts, what tells a private key."""
    for line in text.split("\n")[:_MOST]:
        yield line.strip().partition(": ")[2].strip("\"' ")
        yield line.strip().partition("=")[2].strip("\"' ")
    for word in list(_WORD.finditer(text))[:_MOST]:
        yield word.group()
        yield word.group().strip(".,;:")
        for pattern in (_PART, _PREFIX):
            yield from pattern.findall(word.group())
    yield from _ARMOUR.findall(text)
