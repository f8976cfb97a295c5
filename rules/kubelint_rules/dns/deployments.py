"""The Deployments of cluster DNS in a tree, with the replicas that autoscalers and kustomizations leave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubelint.cluster.autoscaling import own_replicas
from kubelint.cluster.coredns_chart import UNKNOWN
from kubelint.cluster.dns import is_cluster_dns
from kubelint.cluster.plain import as_mapping
from kubelint.manifests import Field, KubeObject, Project
from kubelint_rules.dns.scaling import autoscalers_of
from kubelint_rules.dns.view import ClusterDns

_REPLICAS = ("spec", "replicas")
_POD = ("spec", "template", "spec")
_LABELS = ("spec", "template", "metadata", "labels")
_PLACEMENT = ("affinity", "topologySpreadConstraints")


def dns_deployments(project: Project) -> Iterator[ClusterDns]:
    """The DNS Deployments among the objects, once for each count that kustomizations give them."""
    for obj in project.objects("Deployment", group="apps"):
        if is_cluster_dns(obj.root.value) and not _moves_away(project, obj):
            found = autoscalers_of(project).of("Deployment", obj.name or "", obj.scope, obj.namespace)
            if found:
                yield _dns(project, obj, found[0].at, found[0].scaler.minimum, autoscaled=True)
            else:
                yield from _counted(project, obj)


def _counted(project: Project, obj: KubeObject) -> Iterator[ClusterDns]:
    """As each kustomization leaves it, and as it is written where one, or none, leaves it so."""
    settings = project.kustomizations.replicas(obj) if project.has_kustomizations() else []
    for setting in settings:
        yield _dns(project, obj, setting.field, setting.field.integer, built_by=setting.chain[-1].file)
    for chain in project.kustomizations.untouched(obj, *_REPLICAS)[:1] if settings else ():
        yield _dns(project, obj, obj.field(*_REPLICAS), _own(obj), built_by=chain[-1].file)
    if not settings:
        known = obj.field(*_REPLICAS).exists if obj.partial else not project.may_be_patched(obj, *_REPLICAS)
        yield _dns(project, obj, obj.field(*_REPLICAS), _own(obj) if known else None)


def _own(obj: KubeObject) -> int | None:
    return own_replicas(obj.root.value).minimum


def _moves_away(project: Project, obj: KubeObject) -> bool:
    """Whether kustomizations put the Deployment in other namespaces only, where it serves no cluster."""
    namespaces = project.kustomizations.namespaces(obj)
    return bool(namespaces) and "kube-system" not in namespaces


def _dns(
    project: Project, obj: KubeObject, at: Field, minimum: int | None, *, autoscaled: bool = False, built_by: str = ""
) -> ClusterDns:
    spec = obj.field(*_POD)
    patched = obj.partial or any(project.may_be_patched(obj, *_POD, name) for name in _PLACEMENT)
    return ClusterDns(
        name=obj.name or "?",
        at=at,
        minimum=minimum,
        autoscaled=autoscaled,
        subject=obj,
        spec=spec,
        pod=as_mapping(spec.value),
        placed=not patched and isinstance(spec.value, dict),
        labels=_labels(project, obj),
        selector=as_mapping(obj.field("spec", "selector", "matchLabels").value),
        scope=obj.scope,
        namespace=obj.namespace,
        partial=obj.partial,
        built_by=built_by,
    )


def _labels(project: Project, obj: KubeObject) -> Mapping[str, object]:
    """The labels of its pods, with one that is unknown where a kustomization may add more."""
    written = as_mapping(obj.field(*_LABELS).value)
    return {**written, UNKNOWN: ""} if project.may_be_patched(obj, *_LABELS) else written
