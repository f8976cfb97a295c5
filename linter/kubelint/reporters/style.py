"""Words for the terminal: colour, and text that cannot play tricks on it."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from kubelint.checks import Severity
from kubelint.engine.log_commands import LOG_COMMAND, WORKFLOW_COMMAND

_CODES = {"red": "31", "yellow": "33", "blue": "34", "cyan": "36", "green": "32"}
_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
PATH_LENGTH = 4096
"""How much of a path is shown: as much as a system takes."""
_MAX = 600


class Style(NamedTuple):
    """How to dress text: whether with ANSI colours, and the formats of the reports that are written `beside` this one,
    to which it may point.
    """

    color: bool = False
    beside: frozenset[str] = frozenset()

    def paint(self, text: str, color: str = "", *, bold: bool = False) -> str:
        """`text` in a colour, if there are colours."""
        codes = [*(["1"] if bold else []), *([_CODES[color]] if color else [])]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.color and codes and text else text

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of a severity."""
        return self.paint(text, _SEVERITY[severity], bold=True)


def clean(text: str, limit: int = _MAX) -> str:
    """`text` on one line that neither a terminal nor a CI service takes for anything but text, cut at `limit`."""
    shown = visible(text if len(text) <= limit else f"{text[: limit - 1]}…")
    command = WORKFLOW_COMMAND.match(shown)
    return f"{shown[: command.end() - 1]}\\x3a{shown[command.end() :]}" if command else shown


def path_text(path: str) -> str:
    """`path` as it is where another program looks the file up; cleaned if it holds what is not for any log."""
    return path if path.isprintable() else clean(path, PATH_LENGTH)


def visible(text: str) -> str:
    """`text` without control or direction-changing characters, and without commands inside of it."""
    shown = text if text.isprintable() else "".join(map(_visible, text))
    return LOG_COMMAND.sub(r"\\x23", shown) if "#" in shown else shown


def _visible(character: str) -> str:
    if character == "\t":
        return " "
    number = ord(character)
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") or number & 0xFFFE == 0xFFFE:
        return f"\\u{number:04x}" if number > 0xFF else f"\\x{number:02x}"
    return character


def width(text: str) -> int:
    """How many terminal columns cleaned text takes: wide East Asian characters take two, combining ones none."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def first_columns(text: str, room: int) -> str:
    """As much of the start of cleaned text as `room` columns hold."""
    return text[: bisect_right(list(accumulate(map(_columns, text))), room)]


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
