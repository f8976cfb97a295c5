"""Mappings and sequences in a text: what becomes of it when something is added to them or put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubelint.engine.fixing.changes import CannotEdit, Change
from kubelint.engine.fixing.sheets import Sheet
from kubelint.engine.fixing.yaml_text import Style, dashed, flow, mapping, pair, scalar
from kubelint.sources import Span
from kubelint.sources.nodes import Node, Pair

_PROPERTIES = re.compile(r"(?:^|[\s\[{,-])[!&]\S*\s+$")
"""A tag or an anchor before a value."""
_HEADER_COMMENT = re.compile(r"[ \t]+#.*")
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass
class Holder:
    """A node in a text, with the key that it stands under, if that is a key; `in_flow` where it stands in something
    of flow style.
    """

    sheet: Sheet
    node: Node
    key: Node | None
    in_flow: bool
    style: Style

    @property
    def is_flow(self) -> bool:
        """Whether what is in it stands between brackets."""
        return self.style.json or self.in_flow or self.node.style == "flow"

    @property
    def is_empty(self) -> bool:
        """Whether it is null, `{}` or `[]`."""
        is_null = self.node.style == "plain" and self.node.text in _NULLS
        return is_null or self.node.pairs == [] or self.node.items == []

    def insert(self, members: dict[str, Any], orders: Mapping[str, Sequence[str]]) -> list[Change]:
        """Add members to the mapping: where `orders` has them among the keys that are there, or else at the end."""
        if self.is_empty and self.node.items is None:
            return self.become(members)
        if not self.node.pairs:
            raise CannotEdit("it is no mapping")
        if any(self.node.child(key) is not None for key in members):
            raise CannotEdit("the key is there already")
        keys = [pair.key.text or "" for pair in self.node.pairs]
        together: dict[int, dict[str, Any]] = {}
        for key, value in members.items():
            together.setdefault(_place(key, orders.get(key, ()), keys), {})[key] = value
        return [self._insert_at(place, self.node.pairs, those) for place, those in together.items()]

    def _insert_at(self, place: int, pairs: Sequence[Pair], members: dict[str, Any]) -> Change:
        """Put members after the first `place` of `pairs`."""
        last = pairs[max(place - 1, 0)]
        start, end = self.sheet.span(last.key)
        end = max(end, self.sheet.span(last.value).end)
        style = self.style.beside(pairs)
        if self.is_flow:
            texts = [flow({key: value}, style, like=style.strings)[1:-1] for key, value in members.items()]
            between = self._between(last.key)
            return self._beside(last.key, end, texts) if place else _ahead(start, texts, between)
        indent = self.sheet.column(pairs[0].key)
        blocks = [pair(key, value, indent, style) for key, value in members.items()]
        if place:
            return self._below(end, blocks, indent)
        return _ahead(self._with_comments(start), ["\n".join(block) for block in blocks], "\n" + " " * indent)

    def _with_comments(self, start: int) -> int:
        """Where the comments begin that stand right above a first key, which begins at `start`."""
        line = self.sheet.line_start(start)
        indent = self.sheet.text[line:start]
        while line and indent:
            line = self.sheet.line_start(self.sheet.break_before(line))
            if not self.sheet.text.startswith(f"{indent}#", line):
                break
            start = line + len(indent)
        return start

    def append(self, items: Sequence[Any]) -> list[Change]:
        """Add items to the sequence."""
        if self.is_empty and self.node.pairs is None:
            return self.become(list(items))
        if not self.node.items:
            raise CannotEdit("it is no list")
        last = self.node.items[-1]
        end = self.sheet.span(last).end
        if self.is_flow:
            return [self._beside(last, end, [flow(item, self.style, like=last.style) for item in items])]
        indent = self.sheet.column(self.node)
        return [self._below(end, [self._dashed(item, indent, last) for item in items], indent)]

    def _dashed(self, item: Any, indent: int, like: Node) -> list[str]:
        if isinstance(item, dict | list) and like.style != "flow":
            return dashed(item, indent, self.style)
        text = flow(item, self.style) if isinstance(item, dict | list) else scalar(item, self.style, like=like.style)
        return ["-".ljust(self.style.gap) + text]

    def _below(self, end: int, blocks: list[list[str]], indent: int) -> Change:
        """Lines after the one in which `end` lies."""
        at = self.sheet.line_end(end)
        lines = [line for block in blocks for line in _placed(block, indent)]
        return Change(Span(at, at), "".join(f"\n{line}" for line in lines))

    def _beside(self, last: Node, end: int, texts: list[str]) -> Change:
        """Members after the last one, which ends at `end`: each on a line of its own where that one stands so."""
        between = self._between(last)
        return Change(Span(end, end), "".join(between + text for text in texts))

    def _between(self, member: Node) -> str:
        """What stands between the members of a flow collection, `member` being one."""
        start = self.sheet.span(member).start
        line = self.sheet.line_start(start)
        indent = self.sheet.text[line:start]
        return ", " if indent.strip() or not line else f",\n{indent}"

    def become(self, value: Any) -> list[Change]:
        """Put `value` in place of the node."""
        start = self.sheet.span(self.node).start
        if _PROPERTIES.search(self.sheet.text[max(start - 200, 0) : start]):
            raise CannotEdit("it has a tag or an anchor")
        if isinstance(value, dict | list) and self._takes_lines(value):
            return self._become_lines(value)
        like = self.node.style if not _is_collection(value) and self.node.text is not None else "plain"
        text = (
            flow(value, self.style, like=like)
            if self.is_flow or _is_collection(value)
            else scalar(value, self.style, like=like)
        )
        span = self.sheet.span(self.node)
        if self.key is not None and self.node.style == "block":
            colon = self.sheet.after_colon(self.key)
            return [Change(Span(colon, colon), f" {text}"), Change(Span(self._head_end(colon), span.end), "")]
        if self.key is not None and span.start == span.end:
            return [Change(Span(self.sheet.after_colon(self.key), span.end), f" {text}")]
        if span.start == span.end and self.sheet.text[span.start - 1 : span.start] == "-":
            text = f" {text}"
        return [Change(span, text + self._header_comment())]

    def _takes_lines(self, value: Any) -> bool:
        """Whether a collection is to be written in block style here."""
        if self.is_flow and not (self.is_empty and not self.in_flow and not self.style.json):
            return False
        if not value or (self.key is None and self.node.style != "block"):
            return False
        words = isinstance(value, list) and not any(map(_is_collection, value))
        return not (words and (self.style.flow_lists or self.node.text not in (None, *_NULLS)))

    def _become_lines(self, value: Any) -> list[Change]:
        span = self.sheet.span(self.node)
        if self.key is None:
            column = self.sheet.column(self.node)
            blocks = [mapping(value, column, self.style)] if isinstance(value, dict) else self._dashes(value, column)
            return [Change(span, "\n".join(line for block in blocks for line in _placed(block, column))[column:])]
        indent = self.sheet.column(self.key)
        if isinstance(value, dict):
            indent += self.style.step
            blocks = [mapping(value, indent, self.style)]
        else:
            indent += self.style.dashes
            blocks = self._dashes(value, indent)
        colon = self.sheet.after_colon(self.key)
        if self.node.style == "block":
            lines = "".join(f"\n{line}" for block in blocks for line in _placed(block, indent))
            return [Change(Span(self._head_end(colon), span.end), lines)]
        last = self.sheet.line_end(span.end)
        end = span.end if self.sheet.text[span.end : last].strip() else last
        taken = [Change(Span(colon, end), "")] if colon < end else []
        return [*taken, self._below(span.end, blocks, indent)]

    def _header_comment(self) -> str:
        """The comment behind the sign that begins a block scalar."""
        if self.node.style not in ("literal", "folded"):
            return ""
        start = self.sheet.span(self.node).start
        match = _HEADER_COMMENT.search(self.sheet.text[start : self.sheet.line_end(start)])
        return match.group() if match else ""

    def _head_end(self, colon: int) -> int:
        """Where the line of the key ends, if the collection begins below: a comment on it is on the key."""
        line = self.sheet.line_end(colon)
        return line if line < self.sheet.span(self.node).start else colon

    def _dashes(self, items: list[Any], indent: int) -> list[list[str]]:
        return [dashed(item, indent, self.style) for item in items]


def _ahead(start: int, texts: Sequence[str], between: str) -> Change:
    """Members before the first one, which begins at `start`."""
    return Change(Span(start, start), "".join(text + between for text in texts))


def _place(key: str, order: Sequence[str], keys: Sequence[str]) -> int:
    """After how many of `keys` a new one comes: after the last of those that precede it in `order`, or else before the
    first of those that follow it there; after all where neither are any.
    """
    if key not in order:
        return len(keys)
    at = order.index(key)
    preceding = [number for number, other in enumerate(keys) if other in order[:at]]
    following = [number for number, other in enumerate(keys) if other in order[at:]]
    return preceding[-1] + 1 if preceding else min(following, default=len(keys))


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict | list)


def _placed(lines: list[str], indent: int) -> Iterator[str]:
    """The lines, the first one indented as the others are already."""
    for number, line in enumerate(lines):
        yield line if number else " " * indent + line
