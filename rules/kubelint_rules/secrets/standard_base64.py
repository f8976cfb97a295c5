"""Base64 as the API server reads `data` of a Secret, and what was meant by text that nearly is.

Follows Go's `encoding/base64` (`StdEncoding`, not strict), by which `encoding/json` decodes bytes.
"""

from kubelint.regexes import regex

from .encodings import decode_text

_LONG, _SHORT = 40, 8
_TO_STANDARD = str.maketrans("-_", "+/")
_BREAKS = regex(r"[\r\n]")
_BASE64 = regex(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_base64(text: str) -> bool:
    """Whether Go's `base64.StdEncoding` decodes `text`: it skips line breaks, wants padding, and takes nothing else."""
    return _BASE64.fullmatch(_BREAKS.sub("", text)) is not None


def meant_base64(text: str) -> str | None:
    """The base64 that was meant by something close to it: wrapped by spaces, URL-safe, without padding.

    None for what reads as plain text: nearly every word could be base64 of some bytes, but not of text.
    """
    compact = "".join(text.split())
    if len(compact) >= _LONG and is_base64(compact):
        return compact
    bare = compact.rstrip("=").translate(_TO_STANDARD)
    padded = bare + "=" * (-len(bare) % 4)
    decoded = decode_text(padded) if is_base64(padded) else None
    return padded if decoded and len(bare) >= _SHORT and decoded.strip().isprintable() else None
