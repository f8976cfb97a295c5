"""Annotations of Reloader anywhere in a document: of objects, of pods, in the values of charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.reloader import DOMAIN, is_annotation
from kubelint.manifests import Field

_NEVER_OURS = frozenset({"CustomResourceDefinition", "ClusterPolicy", "Policy", "MutatingPolicy"})
"""Kinds that speak of annotations without carrying them."""


class Use(NamedTuple):
    """One annotation: its key, its field, and the mapping that holds it."""

    key: str
    field: Field
    holder: Field


def reloader_annotations(root: Field) -> Iterator[Use]:
    """Every annotation of Reloader's domain below `root`, in YAML that strings hold too."""
    if root.get("kind").text in _NEVER_OURS:
        return
    yield from _below(root, "")


def _below(field: Field, name: str) -> Iterator[Use]:
    value = field.value
    if isinstance(value, str):
        if DOMAIN in value and "\n" in value.strip():
            for inner in field.embedded():
                if isinstance(inner.value, dict | list):
                    yield from _below(inner, "")
    elif isinstance(value, list):
        for item in field.elements():
            yield from _below(item, name)
    else:
        for key, child in field.items():
            if name.lower().endswith("annotations") and is_annotation(key):
                yield Use(key, child, field)
            elif isinstance(child.value, dict | list | str):
                yield from _below(child, key)
