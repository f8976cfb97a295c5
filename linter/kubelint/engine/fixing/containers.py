"""Mappings and sequences in a text: what becomes of it when something is added to them or put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kubelint.engine.fixing.changes import CannotEdit, Change
from kubelint.engine.fixing.sheets import Sheet
from kubelint.engine.fixing.yaml_text import Style, dashed, flow, mapping, pair, scalar
from kubelint.sources import Span
from kubelint.sources.nodes import Node

_PROPERTIES = re.compile(r"(?:^|[\s\[{,-])[!&]\S*\s+$")
"""A tag or an anchor before a value."""
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

    def insert(self, members: dict[str, Any]) -> list[Change]:
        """Add members to the mapping."""
        if self.is_empty and self.node.items is None:
            return self.become(members)
        if not self.node.pairs:
            raise CannotEdit("it is no mapping")
        if any(self.node.child(key) is not None for key in members):
            raise CannotEdit("the key is there already")
        first, last = self.node.pairs[0].key, self.node.pairs[-1]
        end = max(self.sheet.span(last.key).end, self.sheet.span(last.value).end)
        if self.is_flow:
            texts = [
                f"{scalar(key, self.style, flow=True)}: {flow(value, self.style)}" for key, value in members.items()
            ]
            return [self._beside(last.key, end, texts)]
        indent = self.sheet.column(first)
        return [self._below(end, [pair(key, value, indent, self.style) for key, value in members.items()], indent)]

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
        if isinstance(item, dict | list):
            return [f"- {flow(item, self.style)}"] if like.style == "flow" else dashed(item, indent, self.style)
        return [f"- {scalar(item, self.style, like=like.style)}"]

    def _below(self, end: int, blocks: list[list[str]], indent: int) -> Change:
        """Lines after the one in which `end` lies."""
        at = self.sheet.line_end(end)
        lines = [line for block in blocks for line in _placed(block, indent)]
        return Change(Span(at, at), "".join(f"\n{line}" for line in lines))

    def _beside(self, last: Node, end: int, texts: list[str]) -> Change:
        """Members after the last one, which ends at `end`: each on a line of its own where that one stands so."""
        column = self.sheet.column(last)
        start = self.sheet.span(last).start
        alone = not self.sheet.text[start - column : start].strip()
        between = f",\n{' ' * column}" if alone and column < start else ", "
        return Change(Span(end, end), "".join(between + text for text in texts))

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
        if self.key is not None and (self.node.style == "block" or span.start == span.end):
            return [Change(Span(self.sheet.after_colon(self.key), span.end), f" {text}")]
        return [Change(span, text)]

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
            return [Change(Span(colon, span.end), lines)]
        taken = [Change(Span(colon, span.end), "")] if colon < span.end else []
        return [*taken, self._below(span.end, blocks, indent)]

    def _dashes(self, items: list[Any], indent: int) -> list[list[str]]:
        return [dashed(item, indent, self.style) for item in items]


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict | list)


def _placed(lines: list[str], indent: int) -> Iterator[str]:
    """The lines, the first one indented as the others are already."""
    for number, line in enumerate(lines):
        yield line if number else " " * indent + line
