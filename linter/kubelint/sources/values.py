"""From YAML events to plain Python values, in one pass: this is the path that every file takes, so it is written for speed.

A mapping's keys are always text, as written (`on`, `80`): JSON has no others, and GitHub's `on:` is no boolean. Aliases share
the anchored value. Merge keys (`<<`) are resolved, explicit keys win. Of a key given twice the last one counts, as for the
API server; that it happened is remembered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kubelint.sources.events import open_events
from kubelint.sources.scalars import PlainScalars, resolve_tagged

MAX_DEPTH = 200
MAX_NODES = 5_000_000

_MERGE = "<<"


class UnreadableYaml(ValueError):
    """The text is not YAML, or not within the limits; `offset` is the place."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass
class PlainDocument:
    """One document of a stream: its plain value, where it starts and where its content starts (offsets)."""

    value: Any
    start: int
    content: int
    duplicate_keys: bool = False


class _Builder:
    """Builds the values of one stream. `nodes` counts what was built, aliases at their full size."""

    def __init__(self, text: str, plain: PlainScalars, pure: bool) -> None:
        self.text = text
        self.plain = plain
        self.source = open_events(text, pure=pure)
        self.next = self.source.get_event
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0
        self.duplicate_keys = False

    def node(self, event: Any, depth: int) -> Any:
        kind = event.__class__
        self.nodes += 1
        if kind is ScalarEvent:
            if event.implicit[0]:
                value = self.plain[event.value]
            elif event.tag is None:
                value = event.value
            else:
                value = resolve_tagged(event.tag, event.value)
            if event.anchor is not None:
                self.anchors[event.anchor] = (value, 1)
            return value
        if kind is AliasEvent:
            return self.alias(event)
        if depth > MAX_DEPTH:
            raise UnreadableYaml(f"nested more than {MAX_DEPTH} levels deep", event.start_mark.index)
        if event.anchor is None:
            return self.mapping(event, depth) if kind is MappingStartEvent else self.sequence(depth)
        return self.anchored(event, depth)

    def anchored(self, event: Any, depth: int) -> Any:
        before = self.nodes
        self.anchors.pop(event.anchor, None)
        self.open_anchors.add(event.anchor)
        value = self.mapping(event, depth) if event.__class__ is MappingStartEvent else self.sequence(depth)
        self.open_anchors.discard(event.anchor)
        self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def alias(self, event: Any) -> Any:
        try:
            value, size = self.anchors[event.anchor]
        except KeyError:
            what = "contains itself" if event.anchor in self.open_anchors else "is not defined"
            raise UnreadableYaml(f"anchor `{event.anchor}` {what}", event.start_mark.index) from None
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise UnreadableYaml(f"aliases expand to more than {MAX_NODES} nodes", event.start_mark.index)
        return value

    def sequence(self, depth: int) -> list[Any]:
        items: list[Any] = []
        append, following, node = items.append, self.next, self.node
        event = following()
        while event.__class__ is not SequenceEndEvent:
            append(node(event, depth + 1))
            event = following()
        return items

    def mapping(self, start: Any, depth: int) -> Any:
        pairs: dict[str, Any] = {}
        merged: list[Any] = []
        following, node = self.next, self.node
        event = following()
        while event.__class__ is not MappingEndEvent:
            if event.__class__ is ScalarEvent:
                key = event.value
                if event.anchor is not None:
                    self.anchors[event.anchor] = (key, 1)
                if key == _MERGE and event.implicit[0]:
                    merged.append(node(following(), depth + 1))
                    event = following()
                    continue
            else:
                key = self.complex_key(event, depth)
                if start.flow_style and event.flow_style and not pairs:
                    return self.template(start, depth)
            if key in pairs:
                self.duplicate_keys = True
            pairs[key] = node(following(), depth + 1)
            event = following()
        for values in reversed(merged):
            _merge(pairs, values)
        return pairs

    def complex_key(self, event: Any, depth: int) -> str:
        if event.__class__ is AliasEvent:
            return str(self.alias(event))
        self.node(event, depth + 1)
        return self.text[event.start_mark.index : event.end_mark.index]

    def template(self, start: Any, depth: int) -> str:
        """`{{ .Values.x }}` unquoted is, to YAML, a mapping whose key is a mapping: hand back the text that was meant."""
        self.node(self.next(), depth + 1)
        event = self.next()
        while event.__class__ is not MappingEndEvent:
            self.node(event, depth + 1)
            event = self.next()
        return self.text[start.start_mark.index : event.end_mark.index]


def _merge(pairs: dict[str, Any], values: Any) -> None:
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, dict):
            for key, item in value.items():
                pairs.setdefault(key, item)


def build_documents(text: str, plain: PlainScalars, *, pure: bool = False) -> Iterator[PlainDocument]:
    """The documents of the stream `text`, one by one. Raises UnreadableYaml at the first that is none."""
    builder = _Builder(text, plain, pure)
    try:
        event = builder.next()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                yield _document(builder, event)
            event = builder.next()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableYaml(error.problem or "not YAML", mark.index if mark else 0) from None
    except yaml.reader.ReaderError as error:
        raise UnreadableYaml(f"{error.reason}", _reader_offset(error, text)) from None
    except RecursionError:
        raise UnreadableYaml("nested too deep", 0) from None
    finally:
        builder.source.dispose()


def _document(builder: _Builder, start: Any) -> PlainDocument:
    builder.anchors.clear()
    builder.duplicate_keys = False
    builder.nodes = 0
    content = builder.next()
    value = builder.node(content, 0)
    return PlainDocument(value, start.start_mark.index, content.start_mark.index, builder.duplicate_keys)


def _reader_offset(error: yaml.reader.ReaderError, text: str) -> int:
    """libyaml's reader counts bytes, PyYAML's own counts code points: both say which character, so look for it."""
    character = error.character if isinstance(error.character, int) else 0
    found = text.find(chr(character)) if 0 < character < 0x110000 else -1
    return found if found >= 0 else min(int(error.position), len(text))
