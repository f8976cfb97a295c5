"""Assignments into lists: `--set a[1].b=x` changes one item of a list that other values may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer

if TYPE_CHECKING:
    from kubelint.sources import Path


def whole_lists(fields: Iterable[tuple[Path, Field]], below: Sequence[Field]) -> list[tuple[Path, Field]]:
    """The assignments `fields`, those into a list that `below` may hold as the whole list, unknown."""
    return [_whole(path, field, below) for path, field in fields]


def _whole(path: Path, field: Field, below: Sequence[Field]) -> tuple[Path, Field]:
    first = next((depth for depth, step in enumerate(path) if isinstance(step, int)), None)
    if not first or all(layer.get(*path[:first]).absent for layer in below):
        return path, field
    return path[:first], unknown_layer(field)
