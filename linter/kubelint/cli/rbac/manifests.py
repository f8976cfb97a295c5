"""Roles and bindings as they reach the API server: placed and renamed by kustomizations, unknown where patched."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from kubelint.cluster.rbac.reading import Manifest
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.kustomize.graph import Chain
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.scopes import scope_of
from kubelint.manifests.subjects import LATER, subjects_in

_PARTS = {"rules": "the rules", "subjects": "the subjects", "roleRef": "the roleRef"}


class Manifests:
    """The plain manifests of a project's RBAC objects, each made once, and the way back from them."""

    def __init__(self, project: Project, built: Container[str] = (), origins: Container[str] = ()) -> None:
        """`built` are the files that no disk holds, which are final; `origins` those that have been built."""
        self._project = project
        self._built = built
        self._origins = origins
        self._has_kustomizations = project.has_kustomizations()
        self._made: dict[int, list[Manifest]] = {}
        self._objects: dict[int, KubeObject] = {}
        self._reasons: dict[str, str] = {}

    def of(self, obj: KubeObject) -> list[Manifest]:
        """The object as it reaches the API server, in each namespace that it ends up in."""
        if id(obj) not in self._made:
            made = self._made[id(obj)] = list(self._make(obj))
            self._objects.update((id(manifest), obj) for manifest in made)
        return self._made[id(obj)]

    def object_of(self, manifest: Manifest) -> KubeObject | None:
        """The object that a manifest was made of; None for what is built in."""
        return self._objects.get(id(manifest))

    def reason(self, text: str) -> str:
        """Why something is unknown, in words that fit what stands in place of what a patch sets."""
        return self._reasons.get(text, text)

    def _make(self, obj: KubeObject) -> Iterator[Manifest]:
        value: dict[str, Any] = {**obj.root.value, "apiVersion": obj.api_version, "kind": obj.kind}
        if obj.kind.endswith("Binding"):
            value["subjects"] = self._subjects(obj)
        for key in ("subjects", "roleRef") if obj.kind.endswith("Binding") else ("rules",):
            if self._is_patched(obj, key):
                value[key] = {"kind": "ClusterRole", "name": LATER} if key == "roleRef" else LATER
                self._explain(obj, key)
        metadata = obj.field("metadata").value
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        if obj.kind.startswith("Cluster"):
            yield {**value, "metadata": metadata}
            return
        for namespace in sorted(self._namespaces(obj)) or [""]:
            yield {**value, "metadata": {**metadata, "namespace": namespace}}

    def places(self, obj: KubeObject) -> set[str]:
        """The scopes that the object counts in: of what was built for some overlays, those of the others."""
        ends = self._unbuilt(obj)
        if ends is None:
            return {obj.scope.partition("\t")[0]}
        return {scope_of(end.file, obj.document.repository) for end in ends}

    def _namespaces(self, obj: KubeObject) -> frozenset[str]:
        ends = self._unbuilt(obj)
        if ends is None:
            return self._project.kustomizations.namespaces(obj)
        ways = self._project.kustomizations.journeys(obj)
        found = [way.namespace for way in ways if _end(way.chain) in ends]
        return frozenset(place for place in found if place is not None) if None not in found else frozenset()

    def _unbuilt(self, obj: KubeObject) -> set[Kustomization] | None:
        """The outermost kustomizations of the object that were not built; None where none of its own was."""
        if obj.file in self._built or not self._has_kustomizations:
            return None
        ends = {end for chain in self._project.kustomizations.inclusions(obj.file) if (end := _end(chain)) is not None}
        left = {end for end in ends if end.file not in self._origins}
        return left if left != ends else None

    def _is_patched(self, obj: KubeObject, key: str) -> bool:
        """Whether a part is set by more than the entries that place and rename, which are followed here."""
        if obj.file in self._built or not self._has_kustomizations:
            return False
        if key != "subjects":
            return self._project.may_be_patched(obj, key)
        return subjects_in(self._project).may_be_patched(obj)

    def _explain(self, obj: KubeObject, key: str) -> None:
        own = f"{obj.kind} {obj.name or ''}"
        reason = f"a kustomization patches {_PARTS[key]} of {own}"
        for verb in ("hold", "are"):
            self._reasons[f"{_PARTS[key]} of {own} {verb} template text"] = reason
        if key == "roleRef":
            self._reasons[f"ClusterRole {LATER} is not in the tree"] = (
                "a kustomization patches the roleRef of a binding"
            )

    def _subjects(self, binding: KubeObject) -> object:
        """The subjects; service accounts by the names and namespaces that kustomizations give them and the binding."""
        written = binding.field("subjects").value
        if not isinstance(written, list):
            return written
        return [subject.value for subject in subjects_in(self._project).of(binding)]


def _end(chain: Chain) -> Kustomization | None:
    """The outermost kustomization of a chain that is a file, not Flux's."""
    return next((member for member in reversed(chain) if member.flux is None), None)
