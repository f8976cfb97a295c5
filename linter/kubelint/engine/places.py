"""From locations, which name fields, to places, which are characters. Done for what is reported only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubelint.checks import Location
from kubelint.engine.report import Place
from kubelint.sources import SourceFile, SourceText, Span

if TYPE_CHECKING:
    from kubelint.sources.nodes import Node


@dataclass
class Places:
    """Finds places in the files that were read."""

    files: dict[str, SourceFile]

    def find(self, location: Location) -> Place:
        """The place of `location`: for a field its value or key, for a missing field its nearest ancestor's key."""
        source = self.files[location.file]
        span = location.span if location.span is not None else self._field_span(source, location)
        return place_of(source, span)

    def _field_span(self, source: SourceFile, location: Location) -> Span:
        document = source.documents[location.document]
        place = document.locate(location.path)
        if place is None:
            return Span(0, 0)
        exists = place.found == len(location.path)
        if exists and location.characters is not None and place.node.text is not None:
            from kubelint.sources.embedded import span_inside

            return span_inside(source.text, place.node, Span(*location.characters))
        if exists and location.part == "value" and _is_short(source, place.node):
            return place.node.span
        if place.key is not None:
            return place.key.span
        return _handle(place.node)


def _is_short(source: SourceFile, node: Node) -> bool:
    """Whether a value is worth underlining whole: a scalar that is not empty, or a collection on one line."""
    if node.span.start == node.span.end:
        return False
    if node.style == "block":
        return False
    return node.text is not None or "\n" not in source.text[node.span.start : node.span.end]


def _handle(node: Node) -> Span:
    """What people call a mapping that has no key of its own: its name, else what kind it is, else its first key."""
    if node.pairs is None:
        return node.span if node.items is None or not node.items else _handle(node.items[0])
    metadata = next((pair.value for pair in node.pairs if pair.name == "metadata"), None)
    candidates = [*(metadata.pairs or [] if metadata else []), *node.pairs]
    for wanted in ("name", "kind"):
        for pair in candidates:
            if pair.name == wanted and pair.value.text and pair.value.style != "block":
                return pair.value.span
    return node.pairs[0].key.span if node.pairs else node.span


def place_of(source: SourceText, span: Span) -> Place:
    """The place of a span of `source`."""
    return Place(source.path, span, source.lines.position(span.start), source.lines.position(span.end))
