"""Passwords in URLs: userinfo before the host (RFC 3986, section 3.2.1)."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from .plausibility import is_plausible

# Every part is bounded, so that a long line costs a constant per character.
_USERINFO = re.compile(
    r"\b([a-zA-Z][a-zA-Z0-9+.-]{1,24})://([^\s/?#@:\"'<>\\,|]{0,128}):([^\s/?#@\"'<>\\|]{1,256})@([A-Za-z0-9_\[${%-][\w.:\]-]{0,252})"
)
_DOCUMENTATION_HOST = re.compile(r"(?:^|\.)example(?:\.(?:com|org|net))?(?::\d+)?$|\.(?:invalid|test)(?::\d+)?$")


class UrlPassword(NamedTuple):
    """`scheme` of a URL, where it starts in the text, and the password itself, which must never leave this package."""

    scheme: str
    password: str
    start: int


def find_url_passwords(text: str) -> Iterator[UrlPassword]:
    """Every URL of `text` whose userinfo holds a believable password.

    A password that repeats the user (`guest:guest`) is a vendor's default, and hosts reserved for
    documentation (RFC 2606) have no accounts.
    """
    for match in _USERINFO.finditer(text):
        scheme, user, password, host = match.groups()
        if password == user or _DOCUMENTATION_HOST.search(host):
            continue
        if is_plausible(unquote(password), certain_place=True):
            yield UrlPassword(scheme.lower(), password, match.start())
