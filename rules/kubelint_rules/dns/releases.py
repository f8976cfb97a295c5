"""The releases of the coredns charts that run the DNS of a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.cluster.coredns_chart import CHARTS, PLACEMENT, UNKNOWN, ChartReplicas, CorednsRelease
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.spread import selector_matches
from kubelint.manifests import Field, Project
from kubelint.manifests.releases import Release
from kubelint_rules.dns.budgets import Budget
from kubelint_rules.dns.scaling import Autoscaler, autoscalers_of
from kubelint_rules.dns.view import ClusterDns

_WHOLE = (
    "replicaCount",
    "isClusterService",
    *PLACEMENT,
    "podDisruptionBudget",
    "servers",
    "customLabels",
    "nameOverride",
    "fullnameOverride",
    "k8sApp",
    "k8sAppLabelOverride",
)
_PARTS = {
    "deployment": ("enabled", "name"),
    "hpa": ("enabled", "minReplicas"),
    "keda": ("enabled", "minReplicaCount"),
    "autoscaler": (
        "enabled", "coresPerReplica", "nodesPerReplica", "min", "max", "preventSinglePointFailure",
    ),
    "service": ("clusterIP",),
}  # fmt: skip


def dns_releases(project: Project) -> Iterator[ClusterDns]:
    """The releases of a project that run a cluster's DNS."""
    for release in project.releases:
        model = coredns_release(release)
        if model is not None and serves_cluster(release, model):
            yield _dns(project, release, model)


def coredns_release(release: Release) -> CorednsRelease | None:
    """What the chart makes of a release, if it is one of a coredns chart."""
    chart = _chart(release)
    if chart is None or release.partial:
        return None
    return CorednsRelease(chart, _values(release), release.name)


def serves_cluster(release: Release, model: CorednsRelease) -> bool:
    """Whether the release is cluster DNS and not the resolver of something else: in doubt it is not."""
    if release.namespace is not None:
        return release.namespace == "kube-system" and model.resolves_cluster is not False
    own_name = release.obj.name if release.obj is not None else None
    named = any("coredns" in (name or "") for name in (release.name, own_name))
    answers = named and "kubernetes" in (model.plugins or ())
    return model.resolves_cluster is True or (answers and model.resolves_cluster is None)


def scalers_of(project: Project, release: Release, model: CorednsRelease) -> list[Autoscaler]:
    """The autoscalers beside the release that scale its Deployment."""
    autoscalers, namespace = autoscalers_of(project), release.namespace
    names = sorted(model.deployment_names)
    return [found for name in names for found in autoscalers.of("Deployment", name, release.scope, namespace)]


def subject_of(release: Release) -> Field:
    """Where the release has its name."""
    name = release.obj.field("metadata", "name") if release.obj is not None else release.root.get("name")
    return name if name.exists else release.chart.at


def _dns(project: Project, release: Release, model: CorednsRelease) -> ClusterDns:
    replicas, values = model.replicas, release.values
    at = values.get(*replicas.path)
    found = [] if replicas.autoscaled else scalers_of(project, release, model)
    if found:
        at, replicas = found[0].at, ChartReplicas(found[0].scaler.minimum, (), autoscaled=True)
    rewritten = _rewritten(release)
    own = model.budget
    if own is not None and UNKNOWN not in own and selector_matches(own.get("selector"), model.labels) is False:
        own = None
    return ClusterDns(
        name=release.name or model.chart,
        at=at,
        minimum=None if "replicas" in rewritten else replicas.minimum,
        autoscaled=replicas.autoscaled,
        subject=subject_of(release),
        spec=values,
        pod=model.pod,
        placed="ffinity" not in rewritten and "topologySpread" not in rewritten,
        labels=model.labels,
        selector={key: text for key, text in model.labels.items() if key == "k8s-app" and text != UNKNOWN},
        scope=release.scope,
        namespace=release.namespace or "kube-system",
        own_budget=None if own is None else Budget(values.get("podDisruptionBudget"), certain=UNKNOWN not in own),
        values=values,
        writable=release.wrapper != "helm upgrade",
    )


def _chart(release: Release) -> str | None:
    if release.chart.name in CHARTS:
        return release.chart.name
    if release.wrapper == "HelmChartConfig" and release.name == "rke2-coredns":
        return "rke2-coredns"
    return None


def _values(release: Release) -> dict[str, object]:
    """The values that the model reads, with `UNKNOWN` for what is not known."""
    found: dict[str, object] = {}
    for key in (*_WHOLE, *_PARTS):
        field = release.values.get(key)
        if key in _WHOLE and getattr(field, "hidden", False):
            found[key] = UNKNOWN
        elif key in _PARTS and isinstance(field.value, dict):
            found[key] = {name: _plain(part) for name in _PARTS[key] if _is_given(part := field.get(name))}
        elif _is_given(field):
            found[key] = _plain(field)
    return found


def _is_given(field: Field) -> bool:
    return field.exists or field.unknown


def _plain(field: Field) -> object:
    """The value of a field; within a mapping, too, what a patch may set is unknown."""
    if field.unknown:
        return UNKNOWN
    return {key: _plain(inner) for key, inner in field.items()} if isinstance(field.value, dict) else field.value


def _rewritten(release: Release) -> str:
    """What Flux's post-renderers do to the chart's objects, as text."""
    if release.obj is None or release.obj.kind != "HelmRelease":
        return ""
    return str(as_mapping(release.obj.field("spec").value).get("postRenderers") or "")
