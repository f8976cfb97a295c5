"""Which credential a value holds, decided once for all rules of this category.

Each rule speaks for one family. The families are ranked, from what a value proves by itself to what its place
suggests: private key, provider's token, password in a URL; then a literal in a Secret, then a literal in a
variable. The first three are found here, in any text; the rules about places stay silent where this module
finds something.

Values are looked at once per run, under a keyed hash, and results say kind and length only.
"""

import os
from enum import StrEnum
from typing import NamedTuple

from . import hints
from .encodings import is_encrypted


class Family(StrEnum):
    """What kind of evidence a credential is; one rule each."""

    PRIVATE_KEY = "private key"
    PROVIDER_TOKEN = "provider token"
    URL_PASSWORD = "password in a URL"


class Credential(NamedTuple):
    """A credential without its value: `kind` in words, `length` in characters, `line` of the text it stands on.

    `weak` if it may be harmless: a private key under a passphrase, a kind that providers also use in public. `start` is
    the character of the text at which it, or the armour around it, begins.
    """

    family: Family
    kind: str
    length: int
    line: int
    weak: bool = False
    start: int = 0


_HASH_KEY = os.urandom(16)
_seen: dict[bytes, tuple[Credential, ...]] = {}
_MOST_SEEN = 65_536


def credentials_in(text: str) -> tuple[Credential, ...]:
    """The credentials that `text` proves by itself, the strongest family first."""
    if len(text) < 12 or is_encrypted(text) or not hints.may_hold_credential(text):
        return ()
    from hashlib import blake2b

    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=_HASH_KEY).digest()
    if digest not in _seen:
        from .proofs import find_credentials  # most runs find no hint of any, and need none of it

        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        _seen[digest] = tuple(find_credentials(text))
    return _seen[digest]
