"""A value beside a key that says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .credentials import credentials_in
from .telling import TELLING

if TYPE_CHECKING:
    from .pairs import NamedCredential

_SHORTEST = 6


def may_name_secret(key: str) -> bool:
    """Whether `key` can name a credential at all: cheap, and never wrongly no."""
    lowered = key.lower()
    return any(word in lowered for word in TELLING)


def credential_under(key: str, value: str, context: str = "") -> NamedCredential | None:
    """The credential that `value` is because `key` says so.

    None where the value, or `context`, which is the text around it, proves one by itself: other rules speak of those.
    """
    if len(value) < _SHORTEST or not may_name_secret(key):
        return None
    from .pairs import named_credential  # most manifests have no key like that

    found = named_credential(key, value)
    if found is None or credentials_in(value) or (context and credentials_in(context)):
        return None
    return found
