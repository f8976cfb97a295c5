"""Passwords in URLs: `scheme://user:password@host` (RFC 3986, section 3.2.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from .plausibility import is_plausible

# Every part is bounded, so that a long line costs a constant per character.
_USERINFO = re.compile(
    r"\b([a-zA-Z][a-zA-Z0-9+.-]{1,24})://([^\s/?#@:\"'<>\\,|]{0,128}):([^\s/?#@\"'<>\\|]{1,256})@([A-Za-z0-9_\[-][\w.:\]-]{0,252})"
)
_HINT = re.compile(r"://[^\s/?#@:]{0,128}:[^\s/?#@]{1,256}@")
_DOCUMENTATION_HOST = re.compile(
    r"(?:^|\.)example(?:\.(?:com|org|net))?(?::\d+)?$|\.(?:invalid|test)(?::\d+)?$"
)


@dataclass(frozen=True, slots=True)
class UrlPassword:
    """`scheme` of the URL and the password itself, which must never leave this package."""

    scheme: str
    password: str


def may_hold_password(text: str) -> bool:
    """Whether `text`, or a part of it, can have a URL with a password; cheap."""
    return _HINT.search(text) is not None


def find_url_passwords(text: str) -> Iterator[UrlPassword]:
    """Every URL of `text` whose userinfo holds a believable password.

    A password that repeats the user (`guest:guest`) is a vendor's default, and hosts reserved for documentation
    (RFC 2606) have no accounts.
    """
    for match in _USERINFO.finditer(text):
        scheme, user, password, host = match.groups()
        if password == user or _DOCUMENTATION_HOST.search(host):
            continue
        if is_plausible(unquote(password), certain_place=True):
            yield UrlPassword(scheme.lower(), password)
