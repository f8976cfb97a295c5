"""Can a text hold a credential at all? Cheap, over whole files and single values alike, and never wrongly no."""

import re
from functools import cache

from .detectors import triggered
from .encodings import may_be_packed

ENCODED_ARMOUR = "LS0tLS1CRUdJTi"
"""How base64 of PEM armour starts."""


def may_hold_credential(text: str) -> bool:
    """Whether `text`, or a part of it, can hold a private key, a provider's token or a URL with a password."""
    return may_be_packed(text) or may_hold_private_key(text) or _may_hold_url_password(text) or any(triggered(text))


def may_hold_private_key(text: str) -> bool:
    """Whether there is PEM armour, in clear or in base64, or PuTTY's."""
    return "PRIVATE KEY" in text or ENCODED_ARMOUR in text or "Private-Lines:" in text


def _may_hold_url_password(text: str) -> bool:
    return "://" in text and "@" in text and _userinfo().search(text) is not None


@cache
def _userinfo() -> re.Pattern[str]:
    return re.compile(r"://[^\s/?#@:]{0,128}:[^\s/?#@]{1,256}@")
