"""The credentials that a text proves by itself, family by family."""

from collections.abc import Iterator

from .credentials import Credential, Family
from .encodings import is_encrypted, packed
from .hints import ENCODED_ARMOUR, may_hold_private_key
from .private_keys import find_private_keys, without_private_keys
from .tokens import find_tokens
from .userinfo import find_url_passwords

_OFTEN_PUBLIC = frozenset({"Google API key"})  # browsers get such keys, restricted to a site
_RANKS = {family: rank for rank, family in enumerate(Family)}
_LAYERS = 3


def find_credentials(text: str, layer: int = 0) -> Iterator[Credential]:
    """All of them, the strongest family first, also inside of base64; `layer` counts how deep that is already."""
    found = list(_in_clear(text))
    if layer < _LAYERS:
        for start, inner in packed(text):
            if ENCODED_ARMOUR not in text[start : start + len(inner)] and not is_encrypted(inner):
                found += (each._replace(start=start) for each in find_credentials(inner, layer + 1))
    found.sort(key=lambda credential: _RANKS[credential.family])
    return _with_lines(text, found)


def _in_clear(text: str) -> Iterator[Credential]:
    """Those that can be read in `text`; a token that is the password of a URL counts as a token only."""
    rest = text
    if may_hold_private_key(text):
        for key in find_private_keys(text):
            yield Credential(Family.PRIVATE_KEY, key.kind, key.length, 0, key.locked, key.start)
        rest = without_private_keys(text)
    for token in find_tokens(rest):
        length, public = token.end - token.start, token.kind in _OFTEN_PUBLIC
        yield Credential(Family.PROVIDER_TOKEN, token.kind, length, 0, public, token.start)
    for url in find_url_passwords(rest):
        if not find_tokens(url.password):
            kind = f"password in a `{url.scheme}` URL"
            yield Credential(Family.URL_PASSWORD, kind, len(url.password), 0, start=url.start)


def _with_lines(text: str, found: list[Credential]) -> Iterator[Credential]:
    """The same credentials with the lines that they start on; the text is gone through once."""
    lines: dict[int, int] = {}
    at, line = 0, 1
    for start in sorted({credential.start for credential in found}):
        line += text.count("\n", at, start)
        at, lines[start] = start, line
    return (credential._replace(line=lines[credential.start]) for credential in found)
