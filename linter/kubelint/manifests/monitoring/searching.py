"""Finding mappings of a certain shape in values that may hold anything, and in the YAML texts among those values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kubelint.manifests.field import Field
from kubelint.sources import Inside, Path
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

Wanted = Callable[[Path, dict[str, Any]], bool]
"""Whether the mapping at a path is what is looked for."""
Readable = Callable[[str], bool]
"""Whether a text may hold such a mapping: it is read as YAML then."""

_MAX_TEXTS = 2
"""How many texts deep to look: values in a text that holds a text."""


def find_mappings(root: Field, wanted: Wanted, readable: Readable) -> Iterator[Field]:
    """The outermost mappings that are `wanted` at or below `root`, in the order of the document.

    What an alias repeats is found once. The plain values are searched first: fields are made only for what is found.
    """
    seen: dict[int, Any] = {}
    for path in _paths(root.value, (), wanted, readable, seen, 0):
        yield follow(root, path)


def follow(root: Field, path: Path) -> Field:
    """The field that `path` leads to from `root`, through the texts that it names."""
    here = root
    for step in path:
        if isinstance(step, Inside):
            documents = here.embedded()
            here = documents[step.document] if step.document < len(documents) else here.get(step)
        else:
            here = here.get(step)
    return here


def _paths(
    value: Any, path: Path, wanted: Wanted, readable: Readable, seen: dict[int, Any], texts: int
) -> Iterator[Path]:
    if isinstance(value, str):
        if texts < _MAX_TEXTS and readable(value):
            for index, inner in enumerate(_documents(value)):
                yield from _paths(inner, (*path, Inside(index)), wanted, readable, seen, texts + 1)
        return
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    seen[id(value)] = value  # kept, so that its id is not given to another
    if isinstance(value, dict) and wanted(path, value):
        yield path
        return
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, str | dict | list):
            yield from _paths(item, (*path, step), wanted, readable, seen, texts)


def _documents(text: str) -> list[Any]:
    try:
        return [document.value for document in build_documents(text, PlainScalars())]
    except UnreadableYaml:
        return []
