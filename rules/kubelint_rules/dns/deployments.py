"""The Deployments of cluster DNS in a tree, with the replicas that autoscalers and kustomizations leave them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple

from kubelint.cluster.autoscaling import effective_replicas
from kubelint.cluster.dns import is_cluster_dns
from kubelint.manifests import Document, Field, KubeObject, Project, same_cluster

KINDS = frozenset({"Deployment", "HorizontalPodAutoscaler", "ScaledObject", "ConfigMap"})
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_FOR_ONE_NODE = re.compile(r"(?:^|/)(?:dev|development|local|kind|[^/]*(?:k3d|minikube)[^/]*)/")


class DnsDeployment(NamedTuple):
    """One Deployment of cluster DNS. `minimum` is None where files do not tell; `at` is the field that decides it."""

    obj: KubeObject
    minimum: int | None
    at: Field
    autoscaled: bool

    @property
    def name(self) -> str:
        """The Deployment's name, for messages."""
        return self.obj.name or "?"

    @property
    def spec(self) -> Field:
        """The pod spec."""
        return self.obj.field("spec", "template", "spec")

    @property
    def labels(self) -> dict[str, object]:
        """The pods' labels."""
        labels = self.obj.field("spec", "template", "metadata", "labels").value
        return labels if isinstance(labels, dict) else {}


def dns_deployments(project: Project) -> Iterator[DnsDeployment]:
    """The DNS Deployments of clusters with more than one node; patches too, as far as they go."""
    if len(project.settings.nodes) == 1:
        return
    for obj in project.objects("Deployment", group="apps"):
        if is_cluster_dns(obj.root.value) and not _is_for_one_node(obj.file) and not _moved_away(project, obj):
            counts = list(_kustomized(project, obj))
            yield from (DnsDeployment(obj, count.integer, count, autoscaled=False) for count in counts)
            if not counts:
                yield _with_replicas(project, obj)


def _with_replicas(project: Project, obj: KubeObject) -> DnsDeployment:
    others = [other for other in project.objects(KINDS) if other is not obj and same_cluster(other.scope, obj.scope)]
    found = effective_replicas(obj.root.value, [other.root.value for other in others])
    if found.decider is not None:
        return DnsDeployment(obj, found.minimum, others[found.decider].field(*found.path), autoscaled=True)
    at = obj.field("spec", "replicas")
    known = at.exists if obj.partial else not project.may_be_patched(obj, "spec", "replicas")
    return DnsDeployment(obj, found.minimum if known else None, at, autoscaled=False)


def _kustomizations(project: Project) -> dict[str, Document]:
    """The kustomizations of the tree by their folder."""
    found = (document for document in project.documents if basename(document.file) in _KUSTOMIZATIONS)
    return {dirname(document.file): document for document in found}


def _moved_away(project: Project, obj: KubeObject) -> bool:
    """Whether kustomizations put the Deployment in other namespaces only, where it serves no cluster."""
    folders = _kustomizations(project)
    setters = [
        setter
        for folder, document in folders.items()
        if not (setter := document.root.get("namespace")).absent and _includes(folders, folder, obj.file)
    ]
    return bool(setters) and not any(setter.unknown or setter.text == "kube-system" for setter in setters)


def _kustomized(project: Project, obj: KubeObject) -> Iterator[Field]:
    """The counts that the `replicas` of kustomizations give the Deployment by its name."""
    folders = _kustomizations(project)
    for folder, document in folders.items():
        if not _is_for_one_node(document.file):
            for entry in document.root.get("replicas").elements():
                if entry.get("name").text == obj.name and _includes(folders, folder, obj.file):
                    yield entry.get("count")


def _includes(folders: Mapping[str, Document], folder: str, file: str) -> bool:
    """Whether the kustomization in `folder` builds `file`, directly or through the folders that it names."""
    seen, left = {folder}, [folder]
    while left:
        here = left.pop()
        root = folders[here].root
        for name in (*root.get("resources").strings(), *root.get("bases").strings()):
            path = normpath(join(here, name)).removeprefix("./")
            if path == file:
                return True
            if path in folders and path not in seen:
                seen.add(path)
                left.append(path)
    return False


def _is_for_one_node(file: str) -> bool:
    return _FOR_ONE_NODE.search(file) is not None
