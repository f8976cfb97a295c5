"""Finds providers' tokens in a text, and drops what only looks like one."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .detectors import JWT, Detector, triggered
from .plausibility import is_placeholder, is_reference
from .web_tokens import find_web_tokens

_WINDOW, _OVERLAP = 2048, 1100  # no detector's match is longer than the overlap, JSON Web Tokens aside
_MIN_VARIETY = 8
_ESCAPES = ("\\n", "\\t", "\\r")


class Token(NamedTuple):
    """A provider's credential: its kind, and where it starts and ends in the text; never its text."""

    kind: str
    start: int
    end: int


def find_tokens(text: str) -> list[Token]:
    """The providers' tokens in `text`, in its order. Of matches that overlap the longest counts, then the first."""
    found = [
        Token(detector.kind, start, end) for detector in triggered(text) for start, end in _matches_of(detector, text)
    ]
    kept: list[Token] = []
    for token in sorted(found, key=lambda token: (token.start, -token.end)):
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
        elif token.end - token.start > kept[-1].end - kept[-1].start:
            kept[-1] = token
    return kept


def _matches_of(detector: Detector, text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each credible match."""
    if detector is JWT:
        for start, token in find_web_tokens(text):
            if any(detector.load().analyze_string(token)):
                yield start, start + len(token)
        return
    for start, window in _windows(text):
        if detector.trigger(window):
            for match in _credible_matches(detector, window):
                yield start + match.start(), start + match.end()


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
    before, after = text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 1]
    starts_inside = token[0].isalnum() and before[-1:].isalnum() and before not in _ESCAPES
    if starts_inside or not whole:
        return not starts_inside
    return not (after.isalnum() or after in ("-", "_")) and _is_mixed(token)


def _is_mixed(token: str) -> bool:
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))
