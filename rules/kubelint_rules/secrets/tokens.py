"""Finds providers' tokens in a text, and drops what only looks like one."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .detectors import DETECTORS, JWT, Detector
from .plausibility import is_placeholder, is_reference
from .web_tokens import find_web_tokens

MAX_TEXT = 1_000_000
_WINDOW, _OVERLAP = 2048, 1100  # no detector's match is longer than the overlap, JSON Web Tokens aside
_MIN_VARIETY = 8
_ESCAPES = ("\\n", "\\t", "\\r")


class Token(NamedTuple):
    """A provider's credential: its kind, its length in characters and its line in the text; never its text."""

    kind: str
    length: int
    line: int


def find_tokens(text: str, detectors: Iterable[Detector] = DETECTORS) -> list[Token]:
    """The providers' tokens in `text`, in the order of `DETECTORS`, then of the text."""
    text = text[:MAX_TEXT]
    found: dict[tuple[str, int], int] = {}
    for detector in [each for each in detectors if each.trigger(text)]:
        for offset, length in _matches_of(detector, text):
            place = detector.kind, offset
            found[place] = max(length, found.get(place, 0))
    return [Token(kind, length, line_of(text, offset)) for (kind, offset), length in found.items()]


def line_of(text: str, offset: int) -> int:
    """The line of `text`, from 1, that the character at `offset` is on."""
    return text.count("\n", 0, offset) + 1


def _matches_of(detector: Detector, text: str) -> Iterator[tuple[int, int]]:
    """Offset and length of each credible match."""
    if detector is JWT:
        for offset, token in find_web_tokens(text):
            if any(detector.load().analyze_string(token)):
                yield offset, len(token)
        return
    for start, window in _windows(text):
        if detector.trigger(window):
            for match in _credible_matches(detector, window):
                yield start + match.start(), len(match.group())


def _credible_matches(detector: Detector, text: str) -> Iterator[re.Match[str]]:
    plugin = detector.load()
    if any(plugin.analyze_string(text)):
        for pattern in plugin.denylist:
            yield from (match for match in pattern.finditer(text) if _is_credible(match, detector.whole))


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Overlapping pieces of `text` and their offsets, so that no pattern ever runs over a long text."""
    if len(text) <= _WINDOW:
        yield 0, text
        return
    for start in range(0, len(text) - _OVERLAP, _WINDOW - _OVERLAP):
        yield start, text[start : start + _WINDOW]


_ACCOUNT_ID = re.compile(r"AC[a-z0-9]{32}")  # Twilio's detector takes account ids too, which are no secret


def _is_credible(match: re.Match[str], whole: bool) -> bool:
    token, text = match.group().strip(), match.string
    if len(set(token)) < _MIN_VARIETY or _ACCOUNT_ID.fullmatch(token) or is_placeholder(token) or is_reference(token):
        return False
    before, after = text[: match.start()][-2:], text[match.end() : match.end() + 1]
    starts_inside = token[0].isalnum() and before[-1:].isalnum() and before not in _ESCAPES
    if starts_inside or not whole:
        return not starts_inside
    return not (after.isalnum() or after in ("-", "_")) and _is_mixed(token)


def _is_mixed(token: str) -> bool:
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))
