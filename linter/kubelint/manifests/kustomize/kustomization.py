"""One kustomization: a `kustomization.yaml`, a Component, or what Flux's Kustomization puts around a folder.

Follows kustomize `api/types/kustomization.go` and, for Flux, `fluxcd/pkg/kustomize` (`kustomize_generator.go`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.patching import Patch, PatchEntry, patch_entries
from kubelint.manifests.objects import KubeObject

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FLUX_GROUP = "kustomize.toolkit.fluxcd.io"
_GROUP = "kustomize.config.k8s.io/"
_OPAQUE = ("transformers",)
_OPEN = ("generators", "helmCharts", "helmChartInflationGenerator")


class Kustomization:
    """A kustomization, its entries and its neighbours. `flux` is Flux's object if it is one of those."""

    def __init__(self, document: Document, root: Field, folder: str, flux: KubeObject | None = None) -> None:
        self.document = document
        self.root = root
        """Where the entries stand: the document's root, or the spec of Flux's object."""
        self.folder = folder
        """The directory that its paths are relative to."""
        self.flux = flux
        self.files: list[str] = []
        """The resource files that it includes itself, those of the tree."""
        self.children: list[Kustomization] = []
        """The kustomizations that it includes as resources."""
        self.components: list[Kustomization] = []
        self.includers: list[Kustomization] = []
        self.unresolved: list[Field] = []
        """The resources and components that are not in the tree, URLs among them."""
        self.patches: list[Patch] = []
        self.replacements: list[Field] = []
        """Its replacements, where they are written; one of a file that is not in the tree has no targets."""

    def __repr__(self) -> str:
        return f"<Kustomization {self.display}>"

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.document.file

    @property
    def display(self) -> str:
        """What people call it: its file, or Flux's object."""
        return self.file if self.flux is None else self.flux.display

    @cached_property
    def is_component(self) -> bool:
        """Whether it is a Component, which changes what includes it."""
        return self.flux is None and self.root.get("kind").value == "Component"

    @cached_property
    def namespace(self) -> Field:
        """The namespace that it gives; absent where it gives none."""
        return self.root.get("namespace" if self.flux is None else "targetNamespace")

    @cached_property
    def prefix(self) -> Field:
        """What it puts before names."""
        return self.root.get("namePrefix")

    @cached_property
    def suffix(self) -> Field:
        """What it puts after names."""
        return self.root.get("nameSuffix")

    @cached_property
    def replicas(self) -> list[Field]:
        """The entries of `replicas`: `name` and `count`."""
        return [] if self.flux is not None else list(self.root.get("replicas").elements())

    @cached_property
    def images(self) -> list[Field]:
        """The entries of `images`: `name`, `newName`, `newTag`, `digest`."""
        return list(self.root.get("images").elements())

    @cached_property
    def renames(self) -> bool:
        """Whether it changes names or namespaces."""
        return not (self.namespace.absent and self.prefix.absent and self.suffix.absent)

    @cached_property
    def is_opaque(self) -> bool:
        """Whether it runs transformers of its own: what becomes of its resources is not known."""
        return self.flux is None and any(not self.root.get(key).absent for key in _OPAQUE)

    @cached_property
    def is_open(self) -> bool:
        """Whether it includes more than the tree shows: remote or missing resources, plugins, charts, templates."""
        if self.unresolved:
            return True
        lists = (self.root.get(key) for key in ("resources", "bases", "components"))
        if any(_has_unknown(field) for field in lists):
            return True
        return self.flux is None and any(not self.root.get(key).absent for key in _OPEN)

    @cached_property
    def has_template_entries(self) -> bool:
        """Whether template text stands among its resources: anything may be meant."""
        return any(_has_unknown(self.root.get(key)) for key in ("resources", "bases", "components"))

    def resources(self) -> Iterator[tuple[Field, bool]]:
        """Each entry of its resources and components, with whether it is a component."""
        for key in ("resources", "bases", "components"):
            if self.flux is None or key == "components":
                for field in self.root.get(key).elements():
                    yield field, key == "components"

    def patch_entries(self) -> Iterator[PatchEntry]:
        """The patches that it names."""
        return patch_entries(self.root)

    def path_of(self, entry: str) -> str:
        """The path in the project that an entry leads to; starts with `..` where it leaves the project."""
        path = posixpath.normpath(posixpath.join(self.folder, entry))
        return "" if path == "." else path


def _has_unknown(field: Field) -> bool:
    return field.unknown or any(item.unknown for item in field.elements())


def is_kustomization(document: Document) -> bool:
    """Whether a document is a kustomization file (Flux's objects are none)."""
    if posixpath.basename(document.file) in FILE_NAMES:
        return document.index == 0 and isinstance(document.root.value, dict)
    version, kind = document.root.get("apiVersion").text or "", document.root.get("kind").text
    return version.startswith(_GROUP) and kind in ("Kustomization", "Component")
