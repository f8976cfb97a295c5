"""Kubernetes objects: what has an `apiVersion` and a `kind`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.scopes import scope_of
from kubelint.sources import Step


class KubeObject:
    """One object, the whole document or an item of a `kind: List`."""

    def __init__(self, document: Document, root: Field, api_version: str, kind: str) -> None:
        self.document = document
        self.root = root
        self.api_version = api_version
        self.kind = kind
        self.file = document.file
        self.group, _, self.version = api_version.rpartition("/")
        self.partial = False
        """Whether this is a patch: a part of an object, whose other parts stand elsewhere."""

    def __repr__(self) -> str:
        return f"<KubeObject {self.display} in {self.file}>"

    @cached_property
    def scope(self) -> str:
        """The directory of the cluster or overlay that this belongs to, empty where the whole tree shares it."""
        return scope_of(self.document.belongs_to, self.document.repository, self.document.rendering)

    @cached_property
    def name(self) -> str | None:
        """metadata.name, None where absent or unknown."""
        return self.root.get("metadata", "name").text

    @cached_property
    def namespace(self) -> str | None:
        """metadata.namespace as written, None where absent or unknown."""
        return self.root.get("metadata", "namespace").text

    @cached_property
    def labels(self) -> dict[str, str]:
        """metadata.labels, those that are strings."""
        return string_map(self.root.get("metadata", "labels").value)

    @cached_property
    def annotations(self) -> dict[str, str]:
        """metadata.annotations, those that are strings."""
        return string_map(self.root.get("metadata", "annotations").value)

    @property
    def display(self) -> str:
        """`Deployment shop/web`, as people speak of it."""
        name = self.root.get("metadata", "name").value
        shown = name if isinstance(name, str) else "?"
        return f"{self.kind} {self.namespace}/{shown}" if self.namespace else f"{self.kind} {shown}"

    def field(self, *steps: Step) -> Field:
        """The field that `steps` lead to from the object's root."""
        return self.root.get(*steps)


def string_map(value: Any) -> dict[str, str]:
    """The string values of a mapping, such as labels; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    return {key: item for key, item in value.items() if isinstance(item, str)}


def read_objects(document: Document) -> Iterator[KubeObject]:
    """The objects of a document: one, several where it is a list, none where it is something else."""
    root = document.root
    if not isinstance(root.value, dict):
        return
    api_version, kind = root.get("apiVersion").value, root.get("kind").value
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        return
    items = root.get("items")
    if kind.endswith("List") and isinstance(items.value, list):
        for item in items.elements():
            yield from _listed(document, item, api_version, kind.removesuffix("List"))
    else:
        yield KubeObject(document, root, api_version, kind)


def _listed(document: Document, item: Field, api_version: str, kind: str) -> Iterator[KubeObject]:
    """An item of a list; one of a typed list (`RoleList`) may leave out what the list says already."""
    own_version, own_kind = item.get("apiVersion").value, item.get("kind").value
    version = own_version if isinstance(own_version, str) else api_version
    name = own_kind if isinstance(own_kind, str) else kind
    if isinstance(item.value, dict) and name:
        yield KubeObject(document, item, version, name)
