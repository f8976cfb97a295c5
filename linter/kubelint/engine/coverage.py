"""Which part of a file a suppression speaks of, and which suppressions speak of a place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span

if TYPE_CHECKING:
    from kubelint.sources.comments import Comment
    from kubelint.sources.nodes import Node, Pair

_SEPARATOR = regex(r"---\s*(?:#.*)?")
_DASHES = regex(r"(?:-[ \t]+)*")


class Coverage:
    """Finds what the comments of one file cover. What it needs of the file is worked out once."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source

    def of(self, comment: Comment) -> Span:
        """What a comment speaks of: its line; on the first line of an object all of that; alone on a line, the next
        node: at the top of a document all of it.
        """
        line = self._source.lines.position(comment.span.start).line
        if comment.alone or self._source.lines.line(line).startswith("---"):
            return self.below(line)
        return self._object_on(line) or self._source.lines.span(line)

    def near(self, comment: Comment) -> Span:
        """The lines that a comment stands beside: its own, and below one that is alone the next that holds anything."""
        lines = self._source.lines
        line = lines.position(comment.span.start).line
        last = lines.position(self._next_content[line]).line if comment.alone else line
        return Span(lines.offset(line), lines.span(last).end)

    def below(self, line: int) -> Span:
        """What a comment alone on `line` speaks of, that line itself included; 0 is a line before the first one."""
        lines = self._source.lines
        following = self._next_content[line]
        node = self._starting_at(following)
        end = lines.span(lines.position(following).line).end
        return Span(lines.offset(max(line, 1)), end if node is None else max(end, node.span.end))

    def _object_on(self, line: int) -> Span | None:
        """The object whose first line is `line`."""
        content = self._next_content[line - 1]
        part = self._starting_at(content) if self._source.lines.position(content).line == line else None
        names = {pair.name for pair in getattr(part, "pairs", None) or ()}
        return part.span if part is not None and {"apiVersion", "kind"} <= names else None

    def _starting_at(self, offset: int) -> Pair | Node | None:
        """The document, or the longest pair or item, that starts at `offset`."""
        index = bisect_right(self._roots, offset, key=lambda root: root.span.start) - 1
        root = self._roots[index] if index >= 0 else None
        if root is None or offset > root.span.end:
            return None
        return root if root.span.start == offset else _outermost(root, offset)

    @cached_property
    def _roots(self) -> list[Node]:
        nodes = (document.node for document in self._source.documents)
        return sorted((node for node in nodes if node is not None), key=lambda node: node.span.start)

    @cached_property
    def _next_content(self) -> list[int]:
        """For each line the offset of the first character below it that is neither space, nor comment, nor
        directive, nor a sequence's dash.
        """
        lines = self._source.lines
        following = [len(self._source.text)] * (len(lines) + 1)
        for number in range(len(lines), 0, -1):
            text = lines.line(number)
            content = text.lstrip(" \t")
            following[number - 1] = following[number]
            if content and not content.startswith(("#", "%")) and not _SEPARATOR.fullmatch(content):
                content = _DASHES.sub("", content, count=1)
                following[number - 1] = lines.offset(number) + len(text) - len(content)
        return following


def _outermost(node: Node, offset: int) -> Pair | Node | None:
    """The longest pair or item below `node` that starts at `offset`."""
    parts: Sequence[Pair | Node] = node.pairs or node.items or []
    index = bisect_right(parts, offset, key=lambda part: part.span.start) - 1
    if index < 0:
        return None
    part = parts[index]
    if part.span.start == offset:
        return part
    if offset > part.span.end:
        return None
    return _outermost(node.pairs[index].value if node.pairs else (node.items or [])[index], offset)


class Stabbing:
    """Spans, ready to be asked which of them hold a place.

    Each knows the nearest one before it that reaches beyond its start. Spans nest as the text does, so the chain of
    these is as short as the text is flat.
    """

    def __init__(self, spans: list[Span]) -> None:
        self._order = sorted(range(len(spans)), key=lambda index: (spans[index].start, -spans[index].end))
        self._spans = [spans[index] for index in self._order]
        self._before: list[int] = []
        open_spans: list[int] = []
        for number, span in enumerate(self._spans):
            while open_spans and self._spans[open_spans[-1]].end < span.start:
                open_spans.pop()
            self._before.append(open_spans[-1] if open_spans else -1)
            open_spans.append(number)

    def at(self, offset: int) -> Iterator[int]:
        """The indexes of the spans that hold `offset`, their ends included."""
        number = bisect_right(self._spans, offset, key=lambda span: span.start) - 1
        while number >= 0:
            if offset <= self._spans[number].end:
                yield self._order[number]
            number = self._before[number]

    def meeting(self, span: Span) -> Iterator[int]:
        """The indexes of those that hold the start of `span`, and of those that start in it."""
        yield from self.at(span.start)
        number = bisect_right(self._spans, span.start, key=lambda each: each.start)
        while number < len(self._spans) and self._spans[number].start < span.end:
            yield self._order[number]
            number += 1
