"""Texts that were found to be secret, and how to take them out of whatever else quotes them."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable, Iterator

from kubelint.regexes import regex
from kubelint.sources import Span

MASK = "********"

_SHORTEST = 6
_LONGEST = 4096
_WORD = regex(r"[a-z]+(?:[-_./ ][a-z]+)*|[A-Z]+(?:[-_ ][A-Z]+)*", re.ASCII)


class SecretTexts:
    """Secret texts, found by how they start: to look for a thousand costs no more than to look for one."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._by_start: dict[str, list[str]] = {}
        self.longest = 0
        for text in sorted(set(texts), key=lambda text: (-len(text), text)):
            if _SHORTEST <= len(text) <= _LONGEST:
                self._by_start.setdefault(text[:_SHORTEST], []).append(text)
                self.longest = max(self.longest, len(text))

    def redact(self, text: str) -> str:
        """`text` with a mask, always of the same length, in place of each secret."""
        parts: list[str] = []
        kept = 0
        for start, end in self.find(text):
            parts += (text[kept:start], MASK)
            kept = end
        return "".join([*parts, text[kept:]])

    def find(self, text: str) -> Iterator[Span]:
        """Where there is a secret in `text`, in order and apart."""
        at = 0
        last = len(text) - _SHORTEST if self._by_start else -1
        while at <= last:
            found = next((s for s in self._by_start.get(text[at : at + _SHORTEST], ()) if text.startswith(s, at)), "")
            if found:
                yield Span(at, at + len(found))
            at += len(found) or 1


def secret_texts(value: str) -> Iterator[str]:
    """The texts that give the secret `value` away: itself, what it encodes, and of a longer one each line that is one
    word.
    """
    text = value.strip().strip("'\"")
    if "\n" not in text and "\r" not in text:
        yield text
        yield from _decoded(text)
        return
    yield from (line for raw in text.splitlines() if len(line := raw.strip()) >= 16 and " " not in line)


def is_word(text: str) -> bool:
    """Whether `text` reads like any name: to take it out everywhere would garble what is no secret."""
    return len(text) < 8 or _WORD.fullmatch(text) is not None


def _decoded(text: str) -> Iterator[str]:
    try:
        decoded = b64decode(text, validate=True).decode()
    except (Error, ValueError):
        return
    if decoded.strip().isprintable():
        yield decoded.strip()
