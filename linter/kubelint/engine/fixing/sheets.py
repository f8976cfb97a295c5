"""The text that a document's nodes stand in: a file, or a string in one; and the way from there to the file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from kubelint.engine.fixing.changes import CannotEdit, Change
from kubelint.sources import Inside, Path, SourceFile, Span, Step
from kubelint.sources.comments import Comment, find_comments
from kubelint.sources.embedded import block_indent
from kubelint.sources.nodes import Node, Place, Written

_BREAK = re.compile(r"\r\n|\n|\r")
_COLON = re.compile(r"\s*:")
_NEEDS_QUOTES = re.compile(r": |:$| #|\n|^\s|\s$")
_SIGNS_IN_FLOW = re.compile(r"[\[\]{},]")


@dataclass
class Sheet:
    """One text of YAML or JSON. `holders` are the strings that hold it, the outermost first; none for a file."""

    source: SourceFile
    text: str
    written: Written | None = None
    holders: tuple[Node, ...] = ()

    def span(self, node: Node) -> Span:
        """Where `node` stands in this text."""
        return node.span if self.written is None or node.written is None else node.written.span

    def line_start(self, offset: int) -> int:
        """Where the line of `offset` begins."""
        line_feed = self.text.rfind("\n", 0, offset)
        return max(line_feed, self.text.rfind("\r", line_feed + 1, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends, before its line break."""
        match = _BREAK.search(self.text, offset)
        return match.start() if match else len(self.text)

    def line_after(self, offset: int) -> int:
        """Where the line after that of `offset` begins; the end of the text where there is none."""
        match = _BREAK.search(self.text, offset)
        return match.end() if match else len(self.text)

    def column(self, node: Node) -> int:
        """How many characters stand before `node` on its line."""
        start = self.span(node).start
        return start - self.line_start(start)

    @cached_property
    def is_json(self) -> bool:
        """Whether this text is JSON, which has to stay so."""
        if self.written is None or not self.text.lstrip().startswith(("{", "[")):
            return self.written is None and self.source.is_json
        try:
            json.loads(self.text)
        except (ValueError, RecursionError):
            return False
        return True

    @cached_property
    def comments(self) -> list[Comment]:
        """The comments of this text."""
        if self.is_json:
            return []
        return self.source.comments if self.written is None else find_comments(self.text)

    def comments_in(self, span: Span) -> list[str]:
        """The comments that stand in `span`."""
        return [comment.text.rstrip() for comment in self.comments if span.covers(comment.span)]

    def break_before(self, line_start: int) -> int:
        """Where the line break begins that ends the line before the one at `line_start`."""
        return line_start - (2 if self.text.startswith("\r\n", line_start - 2) else 1)

    def after_colon(self, key: Node) -> int:
        """The offset after the colon that follows `key`. Raises CannotEdit where none does."""
        match = _COLON.match(self.text, self.span(key).end)
        if match is None:
            raise CannotEdit("its key has no colon")
        return match.end()

    def outward(self, change: Change) -> Change:
        """A change of this text as one of the file."""
        text = change.text
        for holder in reversed(self.holders):
            text = _encoded(text, self.source, holder)
        if self.written is not None:
            change = Change(_outer(self.written, change.span), text)
        return change._replace(text=text.replace("\n", self.line_break))

    @cached_property
    def line_break(self) -> str:
        """How the file's lines end."""
        match = _BREAK.search(self.source.text)
        return match.group() if match else "\n"


def sheet_at(source: SourceFile, place: Place, path: Path) -> Sheet:
    """The text that holds the node at `place`, where `path` leads. Raises CannotEdit for one that is repeated."""
    for number, (outer, inner) in enumerate(pairwise(place.trail)):
        if outer.style == "alias" or not _holds(outer, inner, path[number]):
            raise CannotEdit("it is repeated elsewhere, through an alias or a merge key")
    steps = [number for number, step in enumerate(path[: place.found]) if isinstance(step, Inside)]
    if not steps:
        return Sheet(source, source.text)
    written = place.trail[steps[-1] + 1].written
    if written is None or not written.text:
        raise CannotEdit("the string that holds it cannot be followed")
    return Sheet(source, written.text, written, tuple(place.trail[number] for number in steps))


def _holds(outer: Node, inner: Node, step: Step) -> bool:
    """Whether `inner` stands in `outer` itself, and not in what that merges."""
    if not isinstance(step, str):
        return True
    return any(pair.value is inner for pair in outer.pairs or [] if not pair.merges)


def _outer(written: Written, span: Span) -> Span:
    """Where some characters of a string stand in the file."""
    starts, ends = written.starts, written.ends
    if span.start == span.end:
        point = ends[span.start - 1] if span.start else starts[0]
        return Span(point, point)
    return Span(starts[span.start], starts[span.end] if span.end < len(starts) else ends[-1])


def _encoded(text: str, source: SourceFile, holder: Node) -> str:
    """`text` as it is written in the scalar `holder`."""
    if holder.style == "literal":
        outer = source.text if holder.written is None else holder.written.text
        start, end = holder.span if holder.written is None else holder.written.span
        return re.sub(r"\n(?=[^\n])", "\n" + " " * block_indent(outer[start:end], holder.text or ""), text)
    if holder.style == "double":
        return json.dumps(text, ensure_ascii=False)[1:-1]
    if "\n" in text:
        raise CannotEdit("the string that holds it takes no more lines")
    if holder.style == "single":
        return text.replace("'", "''")
    if holder.style == "plain" and _NEEDS_QUOTES.search(text):
        raise CannotEdit("the string that holds it would need quotes")
    return text


def fits_plain(text: str, *, flow: bool) -> bool:
    """Whether `text` may come into a string without quotes; what has several lines is left to `encoded_slice`."""
    return "\n" in text or not (_NEEDS_QUOTES.search(text) or (flow and _SIGNS_IN_FLOW.search(text)))


def encoded_slice(text: str, source: SourceFile, scalar: Node, holders: tuple[Node, ...]) -> str:
    """`text` as a part of the value of `scalar`, which stands in the strings `holders`."""
    for holder in (scalar, *reversed(holders)):
        text = _encoded(text, source, holder)
    return text
