"""The credentials that a text proves by itself, family by family."""

from collections.abc import Iterator

from .credentials import Credential, Family
from .hints import may_hold_private_key
from .private_keys import find_private_keys, without_private_keys
from .tokens import find_tokens
from .userinfo import find_url_passwords

_OFTEN_PUBLIC = frozenset({"Google API key"})  # browsers get such keys, restricted to a site


def find_credentials(text: str) -> Iterator[Credential]:
    """All of them, the strongest family first; a token that is the password of a URL counts as a token only."""
    if may_hold_private_key(text):
        for key in find_private_keys(text):
            yield Credential(Family.PRIVATE_KEY, key.kind, key.length, key.line, key.locked)
        text = without_private_keys(text)
    for token in find_tokens(text):
        yield Credential(Family.PROVIDER_TOKEN, token.kind, token.length, token.line, token.kind in _OFTEN_PUBLIC)
    for url in find_url_passwords(text):
        if not find_tokens(url.password):
            kind = f"password in a `{url.scheme}` URL"
            yield Credential(Family.URL_PASSWORD, kind, len(url.password), url.line)
