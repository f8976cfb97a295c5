"""From YAML events to nodes that know where they stand. Slower than values.py: only for files with something to show.

An alias is a node of its own, standing where the alias stands, whose content is the anchored node's: a finding on
`x: *a` points at `*a`, and one on a field inside of it points into the anchored mapping.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

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

from kubelint.sources.events import BREAKS, content_start, open_events
from kubelint.sources.paths import Inside, Path, Step
from kubelint.sources.text import Span
from kubelint.sources.values import complex_key_name

Style = Literal["plain", "single", "double", "literal", "folded", "block", "flow", "alias"]

_STYLES: dict[str, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}


class Written(NamedTuple):
    """How a node stands in a string that the file holds: at `span` of `text`, whose characters stand in the file from
    `starts` to `ends`.
    """

    text: str
    span: Span
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(slots=True)
class Node:
    """A scalar, mapping or sequence with its span in the text, anchor and tag excluded.

    `text` is a scalar's content after unquoting, `target` the node that an alias stands for; `written` tells more of
    nodes that are inside of a string.
    """

    span: Span
    style: Style
    text: str | None = None
    pairs: list["Pair"] | None = None
    items: list["Node"] | None = None
    target: "Node | None" = None
    written: Written | None = None
    _named: dict[str, "Pair"] | None = field(default=None, init=False, repr=False, compare=False)

    def child(self, step: Step) -> "Pair | Node | None":
        """What stands under a mapping's key (the last one given; then merged mappings) or at a sequence's index."""
        if isinstance(step, int):
            items = self.items or []
            return items[step] if 0 <= step < len(items) else None
        if isinstance(step, Inside):
            return None
        if self._named is None:  # a mapping may have a hundred thousand keys, and each may be asked for
            self._named = {pair.name: pair for pair in self.pairs or [] if not pair.merges}
        return self._named.get(step) or self._merged(step)

    def _merged(self, step: Step) -> "Pair | Node | None":
        for pair in reversed(self.pairs or []):
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
    """Where a path leads: the node there, the key that it stands under (None in a sequence), how much of it exists."""

    node: Node
    key: Node | None
    found: int
    trail: list[Node] = field(default_factory=list)


def locate(root: Node, path: Path, embedded: Callable[[Node, int], Node | None]) -> Place:
    """Follow `path` from `root` as far as it exists. `embedded` finds the root of a document inside a scalar."""
    place = Place(root, None, 0, [root])
    for step in path:
        if isinstance(step, Inside):
            child: Pair | Node | None = embedded(place.node, step.document)
            key = place.key
        else:
            child = place.node.child(step)
            key = child.key if isinstance(child, Pair) else None
        if child is None:
            break
        node = child.value if isinstance(child, Pair) else child
        place = Place(node, key, place.found + 1, [*place.trail, node])
    return place


class _Composer:
    def __init__(self, text: str, base: int, pure: bool) -> None:
        self.text = text
        self.base = base
        self.next = open_events(text, pure=pure).get_event
        self.anchors: dict[str, Node] = {}
        self.end: Any = None  # the event that closed the last collection

    def node(self, event: Any) -> Node:
        kind: type = event.__class__
        if kind is AliasEvent:
            target = self.anchors[event.anchor]
            span = self.span(event.start_mark.index, event.end_mark.index)
            return Node(span, "alias", target.text, target.pairs, target.items, target)
        self.anchors.pop(event.anchor, None)
        if kind is ScalarEvent:
            node = Node(self.scalar_span(event), _STYLES.get(event.style, "plain"), event.value)
        else:
            node = self.collection(event)
        if event.anchor is not None:
            self.anchors.setdefault(event.anchor, node)  # given again inside, the later one counts
        return node

    def collection(self, event: Any) -> Node:
        start = content_start(self.text, event.start_mark.index, event.end_mark.index)
        node = Node(self.span(start, start), "flow" if event.flow_style else "block")
        if event.__class__ is MappingStartEvent:
            node.pairs = pairs = []
            for key in self.until(MappingEndEvent):  # no comprehension: each would take a frame of the stack
                pairs.append(self.pair(key))
            last = pairs[-1].span.end if pairs else node.span.start
        else:
            node.items = items = []
            for item in self.until(SequenceEndEvent):
                items.append(self.node(item))
            last = items[-1].span.end if items else node.span.start
        closed = event.flow_style and self.end.start_mark.index < self.end.end_mark.index
        node.span = Span(node.span.start, self.end.end_mark.index + self.base if closed else last)
        return _template(node, self.text, self.base) if closed and node.pairs else node

    def until(self, end: type[yaml.Event]) -> Iterator[Any]:
        """The events up to the one that ends this collection; whoever asks reads what is inside of them."""
        event = self.next()
        while event.__class__ is not end:
            yield event
            event = self.next()
        self.end = event

    def pair(self, event: Any) -> Pair:
        merges = event.__class__ is ScalarEvent and event.value == "<<" and event.implicit[0]
        key = self.node(event)
        if key.text is not None:
            name = key.text
        else:
            name = f"*{event.anchor}" if key.target else complex_key_name(self.text, event, self.end)
        return Pair(key, name, self.value(self.next(), key), merges)

    def value(self, event: Any, key: Node) -> Node:
        """The node of a value. One that is empty stands after its colon: in flow style libyaml looks further."""
        node = self.node(event)
        if event.start_mark.index == event.end_mark.index and node.text == "":
            colon = self.text.find(":", key.span.end - self.base, event.start_mark.index)
            if colon >= 0:
                node.span = self.span(colon + 1, colon + 1)
        return node

    def span(self, start: int, end: int) -> Span:
        return Span(start + self.base, end + self.base)

    def scalar_span(self, event: Any) -> Span:
        """The scalar without its anchor and tag, and a block scalar without the line breaks that follow it."""
        end = event.end_mark.index
        start = content_start(self.text, event.start_mark.index, end)
        if event.style in ("|", ">"):
            end = _block_end(self.text, start, end)
        return self.span(start, end)


def _template(node: Node, text: str, base: int) -> Node:
    """`{{ .x }}`, which YAML takes for a mapping in a mapping, as the text that values.py makes of it; else `node`."""
    first = node.pairs[0].key.span.start - base if node.pairs else 0
    if not text.startswith("{{", first - 1) or first - 1 != node.span.start - base:
        return node
    return Node(node.span, "plain", text[node.span.start - base : node.span.end - base])


def _block_end(text: str, start: int, end: int) -> int:
    """The end of the block scalar's last line that is not blank."""
    content = len(text[start:end].rstrip(" \t" + BREAKS))
    return next((at for at in range(start + content, end) if text[at] in BREAKS), end)


def compose_documents(text: str, *, base: int = 0, pure: bool = False) -> Iterator[Node]:
    """The root nodes of the stream `text`, which build_documents could read; `base` is added to every offset."""
    try:
        composer = _Composer(text, base, pure)
        event = composer.next()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                composer.anchors.clear()
                yield composer.node(composer.next())
            event = composer.next()
    except (yaml.YAMLError, KeyError):
        return
