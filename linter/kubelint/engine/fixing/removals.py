"""Taking members out of a mapping or a sequence. Comments stay: each on a line of its own."""

from __future__ import annotations

from collections.abc import Iterable

from kubelint.engine.fixing.changes import CannotEdit, Change
from kubelint.engine.fixing.containers import Holder
from kubelint.engine.fixing.sheets import Sheet
from kubelint.sources import Span
from kubelint.sources.nodes import Node


def removals(holder: Holder, members: Iterable[Node]) -> list[Change]:
    """The changes that take `members`, values of the mapping or items of the sequence, out of `holder`."""
    spans, chosen = _member_spans(holder), sorted({_index(holder, member) for member in members})
    if len(chosen) == len(spans):
        return _emptied(holder, spans)
    if not holder.is_flow:
        return [_from_block(holder, spans, number) for number in chosen]
    first = next(number for number in range(len(spans)) if number not in chosen)
    left = [_first_of_flow(holder, spans, first)] if first else []
    return [*left, *(_from_flow(holder, spans, number) for number in chosen if number > first)]


def _index(holder: Holder, member: Node) -> int:
    nodes = [pair.value for pair in holder.node.pairs] if holder.node.pairs is not None else holder.node.items or []
    return next(number for number, node in enumerate(nodes) if node is member)


def _member_spans(holder: Holder) -> list[Span]:
    """From the key or the dash of each member to the end of its value."""
    sheet, node = holder.sheet, holder.node
    if node.pairs is not None:
        keys = [(sheet.span(pair.key), sheet.span(pair.value)) for pair in node.pairs]
        return [Span(key.start, max(key.end, value.end)) for key, value in keys]
    items = [sheet.span(item) for item in node.items or []]
    return items if holder.is_flow else [Span(_dash(holder, item), item.end) for item in items]


def _dash(holder: Holder, item: Span) -> int:
    """The dash before an item: on its line or, after an anchor or a comment, above."""
    sheet, column = holder.sheet, holder.sheet.column(holder.node)
    line = sheet.line_start(item.start)
    while not (line + column <= item.start and sheet.text.startswith("-", line + column)):
        if line == 0:
            raise CannotEdit("it has no dash")
        line = sheet.line_start(sheet.break_before(line))
    return line + column


def _emptied(holder: Holder, spans: list[Span]) -> list[Change]:
    """The collection without members: its brackets, and the comments that stood in it."""
    sheet, key, span = holder.sheet, holder.key, holder.sheet.span(holder.node)
    brackets = "{}" if holder.node.pairs is not None else "[]"
    if holder.is_flow:
        return [Change(span, brackets)]
    if key is not None and sheet.line_start(span.start) > sheet.span(key).end:
        colon = sheet.after_colon(key)
        if sheet.text[colon : sheet.line_end(colon)].partition("#")[0].strip():
            raise CannotEdit("it has a tag or an anchor")
        return [Change(Span(colon, colon), f" {brackets}"), *(_from_block(holder, spans, n) for n in range(len(spans)))]
    start = span.start if key is None else sheet.after_colon(key)
    indent = " " * sheet.column(holder.node if key is None else key)
    last = sheet.line_end(span.end)
    kept = "".join(f"\n{indent}{comment}" for comment in sheet.comments_in(Span(start, last)))
    return [Change(Span(start, last), f"{brackets if key is None else f' {brackets}'}{kept}")]


def _first_of_flow(holder: Holder, spans: list[Span], number: int) -> Change:
    """Without the members before `number`."""
    sheet = holder.sheet
    bracket = sheet.span(holder.node).start + 1
    ends = [bracket, *(span.end for span in spans[:number])]
    around = "".join(sheet.text[end : span.start] for end, span in zip(ends, spans, strict=False))
    if around.strip(" \t\r\n,"):
        raise CannotEdit("a tag, an anchor or a comment stands beside it")
    return _without(sheet, Span(spans[0].start, spans[number].start))


def _from_flow(holder: Holder, spans: list[Span], number: int) -> Change:
    return _without(holder.sheet, Span(spans[number - 1].end, spans[number].end))


def _without(sheet: Sheet, span: Span) -> Change:
    if sheet.comments_in(span):
        raise CannotEdit("a comment stands beside it")
    return Change(span, "")


def _from_block(holder: Holder, spans: list[Span], number: int) -> Change:
    sheet, (start, end) = holder.sheet, spans[number]
    line, last = sheet.line_start(start), sheet.line_end(end)
    before = sheet.text[line:start]
    if before.strip():
        return _from_dash(holder, spans, number, before)
    comments = [f"{before}{comment}" for comment in sheet.comments_in(Span(start, last))]
    if line:
        return Change(Span(sheet.break_before(line), last), "".join(f"\n{comment}" for comment in comments))
    if comments:
        return Change(Span(line, last), "\n".join(comments))
    after = sheet.line_after(last)
    while sheet.written is not None and sheet.text.startswith("\n", after):
        after += 1  # of a blank line its indentation would stay: that stands before the first character of the string
    return Change(Span(line, after), "")


def _from_dash(holder: Holder, spans: list[Span], number: int, before: str) -> Change:
    """The first member of an item, on the line of its dash: the next one moves up."""
    if before.replace("-", "").strip() or number + 1 == len(spans):
        raise CannotEdit("something else stands on its line")
    span = Span(spans[number].start, spans[number + 1].start)
    return _without(holder.sheet, span)
