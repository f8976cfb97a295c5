"""Which credential a value holds, decided once for all rules of this category.

Each rule speaks for one family. The families are ranked, from what a value proves by itself to what its place suggests:
private key, provider's token, password in a URL; then a literal in a Secret, then a literal in a variable. The first three
are found here, in any text; the rules about places stay silent where this module finds something.

Values are looked at once per run, under a keyed hash, and results say kind and length only.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from . import detectors, private_keys, userinfo
from .encodings import is_encrypted


class Family(StrEnum):
    """What kind of evidence a credential is; one rule each."""

    PRIVATE_KEY = "private key"
    PROVIDER_TOKEN = "provider token"
    URL_PASSWORD = "password in a URL"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential without its value: `kind` in words, `length` in characters; `weak` if it may be harmless.

    Weak is a private key under a passphrase, and a kind that providers also use in public.
    """

    family: Family
    kind: str
    length: int
    weak: bool = False


_OFTEN_PUBLIC = frozenset({"Google API key"})  # browsers get such keys, restricted to a site

_HASH_KEY = os.urandom(16)
_seen: dict[bytes, tuple[Credential, ...]] = {}


def may_hold_credential(text: str) -> bool:
    """Whether `text`, or a part of it, can hold one. Cheap, never wrongly False; runs over whole files."""
    return _may_hold_key(text) or userinfo.may_hold_password(text) or bool(detectors.triggered(text))


def credentials_in(text: str) -> tuple[Credential, ...]:
    """The credentials that `text` proves by itself, the strongest family first, each kind once per family."""
    if len(text) < 12 or is_encrypted(text) or not may_hold_credential(text):
        return ()
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=_HASH_KEY).digest()
    if digest not in _seen:
        _seen[digest] = tuple(dict.fromkeys(_find(text)))
    return _seen[digest]


def _may_hold_key(text: str) -> bool:
    return "PRIVATE KEY" in text or "LS0tLS1CRUdJTi" in text or "Private-Lines:" in text


def _find(text: str) -> Iterator[Credential]:
    if _may_hold_key(text):
        for key in private_keys.find_private_keys(text):
            yield Credential(Family.PRIVATE_KEY, key.kind, key.length, key.locked)
        text = private_keys.without_private_keys(text)
    for token in detectors.find_tokens(text):
        yield Credential(Family.PROVIDER_TOKEN, token.kind, token.length, token.kind in _OFTEN_PUBLIC)
    for url in userinfo.find_url_passwords(text):
        if not detectors.find_tokens(url.password):
            yield Credential(Family.URL_PASSWORD, f"password in a `{url.scheme}` URL", len(url.password))
