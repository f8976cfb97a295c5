"""A document as rules see it: data, no lines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.sources import Path, SourceDocument, Span
from kubelint.sources.scalars import TaggedText

if TYPE_CHECKING:
    from kubelint.sources.nodes import Node


class DuplicateKey(NamedTuple):
    """A key given again: the path of its field, where it stands first and where it stands again."""

    path: Path
    first: Span
    again: Span


class Document:
    """One YAML or JSON document of a file, Kubernetes or not."""

    def __init__(self, source: SourceDocument) -> None:
        self.source = source
        self.file = source.source.path
        self.index = source.index
        self.repository = ""
        """The directory of the repository that the file belongs to, where the tree holds several."""
        self.rendering = ""
        """Which rendering of a chart this is of, empty for what stands in a file."""
        self.belongs_to = self.file
        """The file that says for which cluster this is: its own, or the one that has it rendered."""
        self.template = ""
        """The text of the file that this was rendered from, as far as the tree holds it."""

    @cached_property
    def root(self) -> Field:
        """The document's root."""
        return Field(self, (), self.source.value)

    @property
    def text(self) -> str:
        """The text of the whole file, all of its documents."""
        return self.source.source.text

    def field(self, path: Path) -> Field:
        """The field at `path`."""
        return self.root.get(*path)

    def duplicate_keys(self) -> list[DuplicateKey]:
        """The keys that stand more than once in a mapping of this document, where they stand again."""
        node = self.source.node if self.source.duplicate_keys else None
        return [] if node is None else list(_duplicates(node, (), set()))

    def strings(self) -> Iterator[tuple[Path, str]]:
        """Every known string value (no keys) with its path, in the order of the document. Shared anchors are seen
        once.
        """
        return _strings(self.source.value, (), set())


def _strings(value: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        if not isinstance(value, TaggedText) and not has_template(value):
            yield path, value
        return
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    seen.add(id(value))
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _strings(item, (*path, step), seen)


def _duplicates(node: Node, path: Path, seen: set[int]) -> Iterator[DuplicateKey]:
    if id(node) in seen or node.style == "alias":
        return
    seen.add(id(node))
    first: dict[str, Span] = {}
    for pair in node.pairs or []:
        if not pair.merges and first.setdefault(pair.name, pair.key.span) != pair.key.span:
            yield DuplicateKey((*path, pair.name), first[pair.name], pair.key.span)
        yield from _duplicates(pair.value, (*path, pair.name), seen)
    for index, item in enumerate(node.items or []):
        yield from _duplicates(item, (*path, index), seen)
