"""Words for the terminal: colour, and text that cannot play tricks on it."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from kubelint.checks import Severity

_CODES = {"red": "31", "yellow": "33", "blue": "34", "cyan": "36", "green": "32"}
_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MAX = 600


class Style(NamedTuple):
    """How to dress text: whether with ANSI colours."""

    color: bool = False

    def paint(self, text: str, color: str = "", *, bold: bool = False) -> str:
        """`text` in a colour, if there are colours."""
        codes = [*(["1"] if bold else []), *([_CODES[color]] if color else [])]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.color and codes and text else text

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of a severity."""
        return self.paint(text, _SEVERITY[severity], bold=True)


def clean(text: str, limit: int = _MAX) -> str:
    """`text` on one line, without control or direction-changing characters, cut at `limit`."""
    short = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return short if short.isprintable() else "".join(map(_visible, short))


def _visible(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}"
    return character


def width(text: str) -> int:
    """How many terminal columns cleaned text takes: wide East Asian characters take two, combining ones none."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
