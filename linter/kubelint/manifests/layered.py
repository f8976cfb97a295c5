"""Several mappings read as one, the way Helm merges values, each value still where it was written.

Follows Helm's `pkg/chart/common/util/coalesce.go`: mappings merge, anything else replaces, null removes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kubelint.manifests.field import Field
from kubelint.sources import Path, Step


class Layered(Field):
    """Mappings of which the first that holds a key decides it. A layer that is unknown may hold anything."""

    __slots__ = ("_merged", "layers")

    def __init__(self, layers: Sequence[Field]) -> None:
        self.layers = tuple(layers)
        """Highest precedence first; at least one."""
        shown = next((layer for layer in layers if layer.exists and not layer.unknown), layers[0])
        super().__init__(shown.document, shown.path, None, shown.exists, shown.unknown)
        self._merged: Any = None

    @property
    def hidden(self) -> bool:
        """Whether a layer is unknown: whatever looks absent may be set there."""
        return any(layer.unknown for layer in self.layers)

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of it: no layer is a mapping, and one may hold anything."""
        return self.hidden and not _any_mapping(self.layers)

    @property
    def value(self) -> Any:
        """The merged mapping of what is known; None where every layer is unknown or absent."""
        if self._merged is None and any(isinstance(layer.value, dict) for layer in self.layers):
            self._merged = {key: field.value for key, field in self.items()}
        return self._merged

    @value.setter
    def value(self, value: Any) -> None:
        """Nothing: the layers say it."""

    def items(self) -> Iterator[tuple[str, Field]]:
        """Every key that some layer holds, with the field that decides it; keys that a layer removes are left out."""
        for key in dict.fromkeys(key for layer in reversed(self.layers) for key, _ in layer.items()):
            child = self._child(key)
            if child.exists and (child.value is not None or child.unknown):
                yield key, child

    def _child(self, step: Step) -> Field:
        mappings: list[Field] = []
        for layer in self.layers:
            child = layer.get(step)
            if child.unknown:
                mappings.append(child)
                if isinstance(child.value, str):  # template text: known to be there, and that is all
                    break
            elif isinstance(child.value, dict):
                mappings.append(child)
            elif child.exists:
                if not mappings:
                    return child
                break
        if not mappings:
            return self.layers[0].get(step)
        return mappings[0] if len(mappings) == 1 else merged(mappings)


class Assigned(Field):
    """A mapping put together from assignments such as `--set a.b=1`: paths, each with the field that its value is."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[Path, Field]], at: Field) -> None:
        self._fields = [(path, field) for path, field in fields if path]
        """The later assignment wins."""
        super().__init__(at.document, at.path, _plain(self._fields), at.exists)

    def items(self) -> Iterator[tuple[str, Field]]:
        """The keys that are assigned to, in their order."""
        for key in dict.fromkeys(path[0] for path, _ in self._fields):
            yield str(key), self._child(key)

    def elements(self) -> Iterator[Field]:
        """The items assigned to by index."""
        if isinstance(self.value, list):
            yield from (self._child(index) for index in range(len(self.value)))

    def _child(self, step: Step) -> Field:
        below = [(path[1:], field) for path, field in self._fields if path[0] == step]
        if not below:
            return Field(self.document, self.path, None, False)
        path, field = below[-1]
        return field if not path else Assigned(below, field)


def merged(layers: Sequence[Field]) -> Field:
    """The `layers`, highest precedence first, as one field; unknown where a layer above all that is known is."""
    return _unknown(layers[0]) if layers[0].unknown and not _any_mapping(layers) else Layered(layers)


def unknown_layer(at: Field) -> Field:
    """A layer that may hold anything: values that come from outside of the tree, named at `at`."""
    return _unknown(at)


def placed(at: Field, value: Any) -> Field:
    """The field `at` with another value: what its text says once it is read, as a number, say."""
    return Field(at.document, at.path, value, True, at.unknown)


def _unknown(field: Field) -> Field:
    return Field(field.document, field.path, None, field.exists, True)


def _any_mapping(layers: Sequence[Field]) -> bool:
    return any(isinstance(layer.value, dict) for layer in layers)


def _plain(fields: list[tuple[Path, Field]]) -> Any:
    heads = dict.fromkeys(path[0] for path, _ in fields)
    values = {}
    for head in heads:
        below = [(path[1:], field) for path, field in fields if path[0] == head]
        values[head] = below[-1][1].value if not below[-1][0] else _plain([item for item in below if item[0]])
    if heads and all(isinstance(head, int) for head in heads):
        highest = max(int(str(head)) for head in heads)
        return [values.get(index) for index in range(highest + 1)] if highest < 1024 else None
    return values
