"""Every place of a tree that names a node: objects, patches, values of charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.node_references import (
    MARKS,
    NAMED_KINDS,
    NodeReference,
    Use,
    node_references,
    stated_nodes,
    value_references,
)
from kubelint.manifests import Document, Field, KubeObject, Project, once_per_project
from kubelint.manifests.hosts.places import is_sample
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint.manifests.scopes import scope_of

LONGHORN = "longhorn.io"
RELEASES = frozenset({"HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet"})
_GENERAL = frozenset({"chart", "dependency"})
_GIVEN = frozenset({"inline", "text", "ConfigMap", "generator", "file", "assignments"})
_NO_OBJECTS = frozenset({"CustomResourceDefinition", "Event", "Kustomization", "Component"})


class Reference(NamedTuple):
    """A place that names a node. `owner` says whose it is; `stuck` what does not work without that node."""

    at: Field
    found: NodeReference
    owner: str
    scope: str
    stuck: str = ""


@once_per_project
def references(project: Project) -> list[Reference]:
    """The places that name nodes, each once, in the order of the files; found once for all rules."""
    found: dict[tuple[str, int, object], Reference] = {}
    for reference in _found(project):
        document = reference.at.document
        if not is_sample(document.file):
            found.setdefault((document.file, document.index, reference.at.path), reference)
    return list(found.values())


def longhorn_nodes(project: Project) -> list[KubeObject]:
    """Longhorn's own objects for nodes, patches left out."""
    return [obj for obj in project.objects("Node", group=LONGHORN) if not obj.partial]


def _found(project: Project) -> Iterator[Reference]:
    marked = _Marked()
    for obj in project.all_objects:
        if obj.kind not in _NO_OBJECTS and (obj.kind in NAMED_KINDS or marked.has(obj.document)):
            yield from _in_object(obj)
    for pod in project.pods:
        name = pod.spec.get("nodeName")
        if name.exists:
            reference = NodeReference(name.value, ("nodeName",), Use.ASSIGNED)
            yield Reference(name, reference, f"`{pod.display}`", pod.obj.scope, _PODS)
    yield from _in_values(project, marked)
    yield from _in_patches(project, marked)


_PODS = "pods"
_VOLUME = "volume"


def _in_object(obj: KubeObject) -> Iterator[Reference]:
    if obj.kind == "PersistentVolume" and obj.group == "":
        stuck = _VOLUME
    else:
        stuck = _PODS if obj.kind in POD_KINDS or obj.kind in RELEASES else ""
    found = [*node_references(obj.root.value), *stated_nodes(obj.group, obj.kind, obj.root.value)]
    for reference in found:
        yield Reference(obj.root.get(*reference.path), reference, f"`{obj.display}`", obj.scope, stuck)


def _in_values(project: Project, marked: _Marked) -> Iterator[Reference]:
    """The values that releases are given. What a chart comes with is for any cluster."""
    for release in project.releases:
        for source in release.sources if release.wrapper not in _GENERAL else ():
            root = source.values
            if source.form in _GIVEN and marked.has(root.document):
                for reference in value_references(root.value):
                    at = root.get(*reference.path)
                    yield Reference(at, reference, f"`{release.display}`", release.scope, _PODS)


def _in_patches(project: Project, marked: _Marked) -> Iterator[Reference]:
    """JSON patches, in files of their own and in kustomizations; patches of the other sort that stand in these."""
    for document in project.documents:
        if isinstance(document.source.value, list) and marked.has(document):
            yield from _of_patch(document.root, document)
    for member in project.kustomizations:
        if marked.has(member.document):
            for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
                for entry in member.root.get(key).elements():
                    text = entry.get("patch") if isinstance(entry.value, dict) else entry
                    for root in text.embedded() if "\n" in str(text.value) else ():
                        yield from _of_patch(root, member.document)


def _of_patch(root: Field, document: Document) -> Iterator[Reference]:
    items = root.value if isinstance(root.value, list) else [root.value]
    if not all(isinstance(item, dict) and ("op" in item or "kind" in item) for item in items):
        return
    scope = scope_of(document.belongs_to, document.repository, document.rendering)
    for reference in value_references(root.value):
        yield Reference(root.get(*reference.path), reference, "this patch", scope, _PODS)


class _Marked:
    """Whether the text of a document's file holds anything that may name a node, looked for once."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def has(self, document: Document) -> bool:
        if document.file not in self._known:
            self._known[document.file] = any(mark in document.text for mark in MARKS)
        return self._known[document.file]
