"""From YAML events to nodes that know where they stand. Slower than values.py: made only for files that have something to show.

An alias is a node of its own, standing where the alias stands, whose content is the anchored node's: a finding on `x: *a` points
at `*a`, and one on a field inside of it points into the anchored mapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

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

from kubelint.sources.events import open_events
from kubelint.sources.text import Span



@dataclass(frozen=True, slots=True)
class Inside:
    """A step of a path into a string: to the root of the `document`th YAML document that the string holds."""

    document: int = 0


Step = str | int | Inside
Path = tuple[Step, ...]
Style = Literal["plain", "single", "double", "literal", "folded", "block", "flow", "alias"]

_STYLES: dict[str | None, Style] = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


@dataclass(slots=True)
class Node:
    """A scalar, mapping or sequence with its span in the text. `text` is a scalar's content after unquoting."""

    span: Span
    style: Style
    text: str | None = None
    pairs: list["Pair"] | None = None
    items: list["Node"] | None = None

    def child(self, step: Step) -> "Pair | Node | None":
        """What stands under a mapping's key (the last one given; then merged mappings) or at a sequence's index."""
        if isinstance(step, int):
            items = self.items or []
            return items[step] if step < len(items) else None
        for pair in reversed(self.pairs or []):
            if pair.name == step and not pair.merges:
                return pair
        return self._merged(step)

    def _merged(self, step: Step) -> "Pair | Node | None":
        for pair in self.pairs or []:
            if pair.merges:
                for source in pair.value.items if pair.value.items is not None else [pair.value]:
                    found = source.child(step)
                    if found is not None:
                        return found
        return None


@dataclass(slots=True)
class Pair:
    """A key and its value in a mapping. `merges` where the key is YAML's merge key `<<`."""

    key: Node
    name: str
    value: Node
    merges: bool = False

    @property
    def span(self) -> Span:
        """From the start of the key to the end of the value."""
        return Span(self.key.span.start, max(self.key.span.end, self.value.span.end))


@dataclass
class Place:
    """Where a path leads: the node there, the key that it stands under (None in a sequence), and how much of the path exists."""

    node: Node
    key: Node | None
    found: int
    trail: list[Node] = field(default_factory=list)


def locate(root: Node, path: Path) -> Place:
    """Follow `path` from `root` as far as it exists."""
    place = Place(root, None, 0, [root])
    for step in path:
        child = place.node.child(step)
        if child is None:
            break
        key = child.key if isinstance(child, Pair) else None
        node = child.value if isinstance(child, Pair) else child
        place = Place(node, key, place.found + 1, [*place.trail, node])
    return place


class _Composer:
    def __init__(self, text: str, base: int, pure: bool) -> None:
        self.text = text
        self.base = base
        self.source = open_events(text, pure=pure)
        self.next = self.source.get_event
        self.anchors: dict[str, Node] = {}

    def node(self, event: Any) -> Node:
        if event.__class__ is AliasEvent:
            target = self.anchors[event.anchor]
            return Node(self.span(event, event), "alias", target.text, target.pairs, target.items)
        if event.__class__ is ScalarEvent:
            node = Node(self.scalar_span(event), _STYLES[event.style], event.value)
        else:
            node = Node(self.span(event, event), "flow" if event.flow_style else "block")
            self.fill(node, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def fill(self, node: Node, start: Any) -> None:
        last = node.span.start
        event = self.next()
        if start.__class__ is MappingStartEvent:
            node.pairs = []
            while event.__class__ is not MappingEndEvent:
                pair = self.pair(event)
                node.pairs.append(pair)
                last = pair.span.end
                event = self.next()
        else:
            node.items = []
            while event.__class__ is not SequenceEndEvent:
                item = self.node(event)
                node.items.append(item)
                last = item.span.end
                event = self.next()
        end = event.end_mark.index + self.base if start.flow_style else max(last, node.span.start)
        node.span = Span(node.span.start, end)
        if node.pairs and start.flow_style and node.pairs[0].key.style == "flow":
            node.text = self.text[node.span.start - self.base : end - self.base]

    def pair(self, event: Any) -> Pair:
        merges = event.__class__ is ScalarEvent and event.value == "<<" and event.implicit[0]
        key = self.node(event)
        name = key.text if key.text is not None else self.text[key.span.start - self.base : key.span.end - self.base]
        return Pair(key, name, self.node(self.next()), merges)

    def span(self, start: Any, end: Any) -> Span:
        return Span(start.start_mark.index + self.base, end.end_mark.index + self.base)

    def scalar_span(self, event: Any) -> Span:
        """The scalar without its anchor and tag, and a block scalar without the line breaks that follow it."""
        start, end = self.span(event, event)
        source = self.text[start - self.base : end - self.base]
        if event.style in ("|", ">"):
            end -= len(source) - len(source.rstrip())
        if event.anchor is not None or event.tag is not None:
            start += _properties_length(source)
        return Span(min(start, end), end)


def _properties_length(source: str) -> int:
    """How many characters of `source` are a node's anchor and tag and the space after them."""
    offset = 0
    while offset < len(source) and source[offset] in "&!":
        while offset < len(source) and not source[offset].isspace():
            offset += 1
        while offset < len(source) and source[offset].isspace():
            offset += 1
    return offset


def compose_documents(text: str, *, base: int = 0, pure: bool = False) -> Iterator[Node]:
    """The root nodes of the stream `text`; `base` is added to every offset. For text that build_documents could read."""
    composer = _Composer(text, base, pure)
    try:
        event = composer.next()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                composer.anchors.clear()
                yield composer.node(composer.next())
            event = composer.next()
    except (yaml.YAMLError, KeyError):
        return
    finally:
        composer.source.dispose()
