"""Code frames: a line of source with something underlined. Secrets are masked before anything else happens to the
line.
"""

from __future__ import annotations

from typing import NamedTuple

from kubelint.engine.report import Place, Report
from kubelint.reporters.style import clean, width
from kubelint.sources import SourceText, Span

MASK = "********"
MAX_COLUMNS = 110
_MARGIN = 24


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
    here = Span(min(place.span.start, line.end), max(min(place.span.end, line.end), min(place.span.start, line.end)))
    parts = _masked_parts(report, source, line, here)
    before, marked, after = (clean(part, len(part) + 1) for part in parts)
    before, marked, after = _cut(before, marked, after)
    return Frame(number, f"{before}{marked}{after}".rstrip(), width(before), max(1, width(marked)))


def _masked_parts(report: Report, source: SourceText, line: Span, here: Span) -> tuple[str, str, str]:
    """The line before, at, and after `here`, secrets replaced."""
    masks = report.masked.get(source.path, [])
    secrets = sorted({text for span in masks if (text := _secret(source, span))}, key=len, reverse=True)

    def shown(span: Span) -> str:
        text = _mask(source, span, masks)
        for secret in secrets:
            text = text.replace(secret, MASK)
        return text

    return shown(Span(line.start, here.start)), shown(here), shown(Span(here.end, line.end))


def _mask(source: SourceText, span: Span, masks: list[Span]) -> str:
    """The text at `span` with what lies in a mask replaced, however long it is, by the same short text."""
    shown = ""
    at = span.start
    for mask in sorted(masks):
        if mask.end <= at or mask.start >= span.end or mask.start == mask.end:
            continue
        shown += source.text[at : max(at, mask.start)] + MASK
        at = min(mask.end, span.end)
    return shown + source.text[at : span.end]


def _secret(source: SourceText, span: Span) -> str:
    """The text of a masked span that may stand elsewhere on a line, too; nothing where it is too short to tell."""
    text = source.text[span.start : span.end].strip("'\"")
    return text if 6 <= len(text) <= 4096 and "\n" not in text else ""


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """Cut a long line around what is marked."""
    if width(before) + width(marked) + width(after) <= MAX_COLUMNS:
        return before, marked, after
    marked = marked if len(marked) <= MAX_COLUMNS - _MARGIN else f"{marked[: MAX_COLUMNS - _MARGIN - 1]}…"
    room = MAX_COLUMNS - len(marked)
    head = before if len(before) <= room - _MARGIN else f"…{before[len(before) - max(_MARGIN, room // 2) :]}"
    tail_room = max(0, room - len(head))
    return head, marked, after if len(after) <= tail_room else f"{after[:tail_room]}…"
