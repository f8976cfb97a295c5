"""From YAML events to plain Python values, in one pass: this is the path that every file takes, so it is made fast.

A mapping's keys are always text, as written (`on`, `80`): JSON has no others, and GitHub's `on:` is no boolean.
Aliases share the anchored value. Merge keys (`<<`) are resolved, explicit keys win wherever they stand, as YAML says
(go-yaml v2 lets a merge key override what stands before it). Of a key given twice the last one counts, as for the API
server; that it happened is remembered.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from kubelint.sources.events import content_start, open_events
from kubelint.sources.scalars import PlainScalars, resolve_tagged

MAX_DEPTH = 200
MAX_ALIASED = 1_000_000
"""How many nodes the aliases of a document may stand for, each counted where it is repeated."""

_MERGE = "<<"


class UnreadableYaml(ValueError):
    """The text is not YAML, or not within the limits; `offset` is the place.

    `unprintable` where it is a character that no YAML may hold: then documents before it may not have been read.
    """

    def __init__(self, message: str, offset: int, *, unprintable: bool = False) -> None:
        super().__init__(message)
        self.offset = offset
        self.unprintable = unprintable


class PlainDocument(NamedTuple):
    """One document of a stream: its plain value, where it starts and where its content starts (offsets)."""

    value: Any
    start: int
    content: int
    duplicate_keys: bool = False


class _Anchored(NamedTuple):
    """What an alias stands for: its value, its text if it is a scalar, how many nodes and how many levels it has."""

    value: Any
    text: str | None
    size: int
    height: int


class _Builder:
    """Builds the values of one stream."""

    def __init__(self, text: str, plain: PlainScalars, pure: bool) -> None:
        self.text = text
        self.plain = plain
        self.next = open_events(text, pure=pure).get_event
        self.end: Any = None  # the event that closed the last collection
        self.reset()

    def reset(self) -> None:
        """Forget the last document."""
        self.anchors: dict[str, _Anchored] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0
        self.aliased = 0
        self.deepest = 0
        self.duplicate_keys = False

    def node(self, event: Any, depth: int) -> Any:
        kind = event.__class__
        self.nodes += 1
        if kind is ScalarEvent:
            if event.tag is not None:
                value = resolve_tagged(event.tag, event.value)
            elif event.implicit[0]:
                value = self.plain[event.value]
            else:
                value = event.value
            if event.anchor is not None:
                self.anchors[event.anchor] = _Anchored(value, event.value, 1, 0)
            return value
        if kind is AliasEvent:
            return self.alias(event, depth).value
        if depth > self.deepest:
            self.deepen(depth, event)
        if event.anchor is None:
            return self.mapping(depth) if kind is MappingStartEvent else self.sequence(depth)
        return self.anchored(event, depth)

    def deepen(self, depth: int, event: Any) -> None:
        if depth > MAX_DEPTH:
            raise UnreadableYaml(f"nested more than {MAX_DEPTH} levels deep", event.start_mark.index)
        self.deepest = max(self.deepest, depth)

    def anchored(self, event: Any, depth: int) -> Any:
        name, nodes, deepest = event.anchor, self.nodes, self.deepest
        self.anchors.pop(name, None)
        self.open_anchors.add(name)
        self.deepest = depth
        value = self.mapping(depth) if event.__class__ is MappingStartEvent else self.sequence(depth)
        self.open_anchors.discard(name)
        if name not in self.anchors:  # else given again inside: the later one counts
            self.anchors[name] = _Anchored(value, None, self.nodes - nodes + 1, self.deepest - depth + 1)
        self.deepest = max(deepest, self.deepest)
        return value

    def alias(self, event: Any, depth: int) -> _Anchored:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            what = "contains itself" if event.anchor in self.open_anchors else "is not defined"
            raise UnreadableYaml(f"anchor `{event.anchor}` {what}", event.start_mark.index)
        self.nodes += anchored.size
        self.aliased += anchored.size
        if self.aliased > MAX_ALIASED:
            raise UnreadableYaml(f"aliases stand for more than {MAX_ALIASED} nodes", event.start_mark.index)
        self.deepen(depth + anchored.height - 1, event)
        return anchored

    def sequence(self, depth: int) -> list[Any]:
        items: list[Any] = []
        append, following, node = items.append, self.next, self.node
        event = following()
        while event.__class__ is not SequenceEndEvent:
            append(node(event, depth + 1))
            event = following()
        self.end = event
        return items

    def mapping(self, depth: int) -> Any:
        pairs: dict[str, Any] = {}
        merged: list[Any] = []
        following, node = self.next, self.node
        event = following()
        while event.__class__ is not MappingEndEvent:
            if event.__class__ is ScalarEvent:
                key = event.value
                if event.anchor is not None:
                    node(event, depth)
                if key == _MERGE and event.implicit[0]:
                    merged.append(node(following(), depth + 1))
                    event = following()
                    continue
            else:
                if self.opens_template(event):
                    return self.template(event, depth)
                key = self.complex_key(event, depth)
            if key in pairs:
                self.duplicate_keys = True
            pairs[key] = node(following(), depth + 1)
            event = following()
        self.end = event
        for values in reversed(merged):
            _merge(pairs, values)
        return pairs

    def complex_key(self, event: Any, depth: int) -> str:
        if event.__class__ is AliasEvent:
            text = self.alias(event, depth).text
            return f"*{event.anchor}" if text is None else text
        self.node(event, depth + 1)
        return complex_key_name(self.text, event, self.end)

    def opens_template(self, key: Any) -> bool:
        """Whether the braces of a mapping and of its first key stand together."""
        return self.text.startswith("{{", key.start_mark.index - 1) and key.__class__ is MappingStartEvent

    def template(self, key: Any, depth: int) -> str:
        """`{{ .Values.x }}` unquoted is, to YAML, a mapping in a mapping: hand back the text that was meant."""
        start, event = key.start_mark.index - 1, key
        while event.__class__ is not MappingEndEvent:
            self.node(event, depth + 1)
            event = self.next()
        self.end = event
        return self.text[start : self.end.end_mark.index]


def complex_key_name(text: str, start: Any, end: Any) -> str:
    """What a key that is no scalar is called: its source text, from its first event to its last."""
    first = content_start(text, start.start_mark.index, end.end_mark.index)
    return text[first : end.end_mark.index].rstrip()


def _merge(pairs: dict[str, Any], values: Any) -> None:
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, dict):
            for key, item in value.items():
                pairs.setdefault(key, item)


def build_documents(text: str, plain: PlainScalars, *, pure: bool = False) -> Iterator[PlainDocument]:
    """The documents of the stream `text`, one by one. Raises UnreadableYaml at the first that is none."""
    try:
        builder = _Builder(text, plain, pure)
        event = builder.next()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                yield _document(builder, event)
            event = builder.next()
    except yaml.YAMLError as error:
        raise explain(error, text) from None
    except RecursionError:
        raise UnreadableYaml("nested too deep", 0) from None


def _document(builder: _Builder, start: Any) -> PlainDocument:
    builder.reset()
    content = builder.next()
    value = builder.node(content, 1)
    return PlainDocument(value, start.start_mark.index, content.start_mark.index, builder.duplicate_keys)


def explain(error: yaml.YAMLError, text: str) -> UnreadableYaml:
    """What the reader's `error` says about `text`."""
    if isinstance(error, yaml.reader.ReaderError):
        return UnreadableYaml(f"{error.reason}", _reader_offset(error, text), unprintable=True)
    if not isinstance(error, yaml.MarkedYAMLError):
        return UnreadableYaml("not YAML", 0)
    if error.context == "while scanning a quoted scalar" and error.context_mark and "unexpected" in str(error.problem):
        return UnreadableYaml("the quoted text that starts here has no end", error.context_mark.index)
    mark = error.problem_mark or error.context_mark
    if error.context == "while scanning a simple key":  # that it is none shows where the next line begins
        mark = error.context_mark or mark
    return UnreadableYaml(error.problem or "not YAML", mark.index if mark else 0)


def _reader_offset(error: yaml.reader.ReaderError, text: str) -> int:
    """libyaml counts bytes, PyYAML's own reader code points: both say which character, so look for it."""
    character = error.character if isinstance(error.character, int) else -1
    found = text.find(chr(character)) if 0 <= character < 0x110000 else -1
    return found if found >= 0 else min(int(error.position), len(text))
