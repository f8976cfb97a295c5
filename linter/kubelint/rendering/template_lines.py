"""The lines of a template, as the mappings and sequences that their indentation and keys make of them.

A template is no YAML: what stands between `{{` and `}}` is unknown, and lines that hold nothing else are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from kubelint.sources import Span
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

_ACTION = r"\{\{(?:[^}]|\}(?!\}))*\}\}"
_LINE = re.compile(r"(?P<indent>[ ]*)(?P<dashes>(?:-(?:[ ]+|$))*)")
_PAIR = re.compile(
    rf"""(?P<key>"[^"\n]*"|'[^'\n]*'|(?:{_ACTION}|[^\s:{{}}\[\],#&*!|>'"%@`])(?:{_ACTION}|[^\s:{{}}]|:(?=\S))*)"""
    r"[ ]*:(?:[ ]+(?P<rest>.*)|$)"
)
_CONTROL = re.compile(r"\{\{-?\s*(?:if|else|end|range|with)\b")
_MOST_DASHES = 64
_ACTIONS = re.compile(_ACTION)
_COMMENT = re.compile(r"(?:^|\s)#.*$")

_NOWHERE = Span(0, 0)

Kind = Literal["document", "key", "item"]


@dataclass(eq=False)
class Entry:
    """A document, a key of a mapping or an item of a sequence, as a template writes it.

    `text` is what stands as the value on its line, `span` where the value stands, `key_span` where the key does.
    """

    kind: Kind
    parent: Entry | None
    indent: int
    key: str = ""
    text: str = ""
    key_span: Span = _NOWHERE
    span: Span = _NOWHERE
    children: list[Entry] = field(default_factory=list)

    def add(self, child: Entry) -> Entry:
        """Take `child` in."""
        self.children.append(child)
        return child

    def is_named(self, key: str) -> bool:
        """Whether the key is, or may become, `key`."""
        return _may_be(_unquoted(self.key), key)

    @property
    def is_literal(self) -> bool:
        """Whether the value is written as it is."""
        return bool(self.text) and "{{" not in self.text and self.text[0] not in "|>&*!"

    def fits(self, value: Any) -> bool:
        """Whether the value, as written, may become `value`."""
        if isinstance(value, dict | list):
            return not self.is_literal or self.text[0] in "[{"
        if "{{" in self.text:
            return _may_be(_unquoted(self.text), _written(value))
        return not self.is_literal or self.says(value)

    def says(self, value: Any) -> bool:
        """Whether the value is written as it is, and is `value`."""
        read = self._values
        return len(read) == 1 and read[0] == value and isinstance(read[0], bool) == isinstance(value, bool)

    @cached_property
    def _values(self) -> list[Any]:
        """What the value reads as, where it is written as it is."""
        if not self.is_literal:
            return []
        try:
            return [document.value for document in build_documents(self.text, PlainScalars())]
        except UnreadableYaml:
            return []


def read_template(text: str) -> list[Entry]:
    """The documents of a template."""
    documents = [Entry("document", None, -1)]
    here = documents[0]
    start = 0
    for line in text.split("\n"):
        if line.startswith("---"):
            here = Entry("document", None, -1)
            documents.append(here)
        else:
            here = _take(here, line.rstrip("\r"), start)
        start += len(line) + 1
    return documents


def _take(here: Entry, line: str, start: int) -> Entry:
    """Add what `line` holds below the entry that it belongs to; hand back the innermost one."""
    match = _LINE.match(line)
    assert match is not None
    column = match.end()
    pair = _PAIR.match(line, column)
    dashes = match["dashes"]
    if (pair is None and not dashes) or len(dashes) > _MOST_DASHES:
        return here
    indent = len(match["indent"])
    for dash in (index for index, sign in enumerate(dashes) if sign == "-"):
        holder = _holder(here, indent + dash, for_item=True)
        here = holder.add(_item(holder, line, indent + dash, start))
    if pair is None:
        return here
    holder = _holder(here, column, for_item=False)
    rest = _COMMENT.sub("", pair["rest"] or "").rstrip()
    begin = start + (pair.start("rest") if rest else pair.end("key"))
    entry = Entry("key", holder, column, pair["key"], rest)
    entry.key_span = Span(start + pair.start("key"), start + pair.end("key"))
    entry.span = Span(begin, begin + len(rest))
    return holder.add(entry)


def _item(holder: Entry, line: str, indent: int, start: int) -> Entry:
    rest = _COMMENT.sub("", line[indent + 1 :]).strip()
    begin = start + line.find(rest, indent + 1) if rest else start + indent
    entry = Entry("item", holder, indent, text="" if _PAIR.match(rest) else rest)
    entry.span = Span(begin, begin + max(1, len(rest)))
    entry.key_span = entry.span
    return entry


def _holder(here: Entry, indent: int, *, for_item: bool) -> Entry:
    """The entry that something at `indent` belongs to. A sequence may stand as deep as the key that holds it."""
    while here.parent is not None and not (here.indent < indent or (for_item and _holds(here, indent))):
        here = here.parent
    return here


def _holds(entry: Entry, indent: int) -> bool:
    return entry.kind == "key" and entry.indent == indent and not entry.text


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _may_be(text: str, value: str) -> bool:
    """Whether `text`, its actions filled in, may read `value`."""
    if "{{" not in text:
        return text == value
    if _CONTROL.search(text):
        return True
    end = text.rfind("}}") + 2  # no action starts behind it: looking for one at each `{{` there would take for ever
    *literals, last = _ACTIONS.split(text[:end])
    literals.append(last + text[end:])
    if not (value.startswith(literals[0]) and value.endswith(literals[-1])):
        return False
    at = len(literals[0])
    for literal in literals[1:-1]:
        at = value.find(literal, at)
        if at < 0:
            return False
        at += len(literal)
    return at <= len(value) - len(literals[-1])


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
