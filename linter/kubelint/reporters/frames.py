"""Code frames: a line of source with something underlined. Secrets are masked before anything else happens to the
line.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from kubelint.engine.report import Place, Report
from kubelint.engine.secret_texts import MASK, SecretTexts
from kubelint.reporters.style import first_columns, visible, width
from kubelint.sources import SourceText, Span

MAX_COLUMNS = 110
_MARGIN = 24
_SIGHT = 2 * MAX_COLUMNS
"""How many characters on either side of what is marked may matter: a line can have millions."""


class Frame(NamedTuple):
    """A numbered source line ready for the terminal, and the columns (from 0) that a place takes in it."""

    number: int
    text: str
    start: int
    width: int


def frame(report: Report, place: Place) -> Frame:
    """The frame of the first line of `place`."""
    source = report.sources[place.path]
    number = place.start.line
    line = source.lines.span(number)
    start = min(place.span.start, line.end)
    here = Span(start, max(start, min(place.span.end, line.end)))
    before, marked, after = _apart(*map(visible, _masked_parts(report, source, line, here)))
    before, marked, after = _cut(before, marked, after)
    return Frame(number, f"{before}{marked}{after}".rstrip(), width(before), max(1, width(marked)))


def _apart(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """The parts so that no command comes about where they meet."""
    parts = (before, marked, after)
    if visible("".join(parts)) != "".join(parts):
        before, marked, after = (part.replace("#", "\\x23") for part in parts)
    return before, marked, after


def _masked_parts(report: Report, source: SourceText, line: Span, here: Span) -> tuple[str, str, str]:
    """As much of the line before, at, and after `here` as may be seen, secrets replaced."""
    masks = report.masked.get(source.path, [])
    secrets = report.secrets.get(source.path, SecretTexts())
    reach = _SIGHT + secrets.longest
    before = _mask(source, Span(max(line.start, here.start - reach), here.start), masks)
    marked = _mask(source, Span(here.start, min(here.end, here.start + reach)), masks)
    after = _mask(source, Span(here.end, min(line.end, here.end + reach)), masks)
    return secrets.redact(before)[-_SIGHT:], secrets.redact(marked)[:_SIGHT], secrets.redact(after)[:_SIGHT]


def _mask(source: SourceText, span: Span, masks: list[Span]) -> str:
    """The text at `span` with what lies in a mask replaced, however long it is, by the same short text."""
    shown = ""
    at = span.start
    first = bisect_right(masks, span.start, key=lambda mask: mask.end)
    for index in range(first, len(masks)):
        mask = masks[index]
        if mask.start >= span.end:
            break
        shown += source.text[at : max(at, mask.start)] + MASK
        at = min(mask.end, span.end)
    return shown + source.text[at : span.end]


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """Cut a long line around what is marked."""
    if width(before) + width(marked) + width(after) <= MAX_COLUMNS:
        return before, marked, after
    marked = _start(marked, MAX_COLUMNS - _MARGIN)
    room = MAX_COLUMNS - width(marked)
    kept = max(_MARGIN, room // 2)
    head = before if width(before) <= max(kept, room - _MARGIN) else f"…{first_columns(before[::-1], kept - 1)[::-1]}"
    return head, marked, _start(after, max(1, room - width(head)))


def _start(text: str, room: int) -> str:
    return text if width(text) <= room else f"{first_columns(text, room - 1)}…"
