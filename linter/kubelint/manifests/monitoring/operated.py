"""Alertmanagers and Prometheuses that an operator runs, and which alerts the operator lets an object's routes see.

Follows the Prometheus operator's `pkg/alertmanager/amcfg.go` (`alertmanagerConfigMatcherStrategy`,
`alertmanagerConfiguration`) and VictoriaMetrics' (`disableNamespaceMatcher`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.layered import Layered
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.scopes import same_cluster

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_STACK = "kube-prometheus-stack"
_LABELLING = ("enforcedNamespaceLabel", "additionalAlertRelabelConfigs", "additionalAlertRelabelConfigsSecret")


class Operated(NamedTuple):
    """A server that an operator runs: its `spec`, where that is written, and its namespace (None: not known)."""

    spec: Field
    at: Field
    namespace: str | None


class Confinement(NamedTuple):
    """Whether an object's routes see the alerts of its own namespace only; `by` is the server that says so, None where
    they see all alerts. `known` is False where no server is seen, or those that are do not agree.
    """

    known: bool
    by: Operated | None = None


def confinement(project: Project, configuration: AlertmanagerConfiguration) -> Confinement:
    """Which alerts the operator lets the routes of a configuration see."""
    owner = configuration.owner
    if configuration.origin not in ("AlertmanagerConfig", "VMAlertmanagerConfig") or not isinstance(owner, KubeObject):
        return Confinement(True)
    if configuration.origin == "VMAlertmanagerConfig":
        return Confinement(False)  # the operator's chart turns it off by itself in some cases
    servers = list(_servers(project, "Alertmanager", ("alertmanager", "alertmanagerSpec"), configuration.scope))
    answers = [_confines(server, owner) for server in servers]
    if not answers or None in answers or len(set(answers)) > 1:
        return Confinement(False)
    return Confinement(True, servers[0] if answers[0] else None)


def may_add_namespace(project: Project, scope: str) -> bool:
    """Whether a Prometheus of the cluster may give its alerts a label `namespace` that their rules do not."""
    servers = list(_servers(project, "Prometheus", ("prometheus", "prometheusSpec"), scope))
    return not servers or any(_labels(server.spec) for server in servers)


def _servers(project: Project, kind: str, values: tuple[str, str], scope: str) -> Iterator[Operated]:
    for obj in project.objects(kind, "monitoring.coreos.com"):
        if not obj.partial and same_cluster(obj.scope, scope):
            yield Operated(obj.field("spec"), obj.field("spec"), obj.namespace)
    for release in project.releases:
        if release.chart.name == _STACK and not release.partial and same_cluster(release.scope, scope):
            yield Operated(release.values.get(*values), release.chart.at, release.namespace)


def _confines(server: Operated, owner: KubeObject) -> bool | None:
    """Whether a server confines an object to its namespace; None where that is not known."""
    spec = server.spec
    strategy, whole = spec.get("alertmanagerConfigMatcherStrategy"), spec.get("alertmanagerConfiguration")
    kind = strategy.get("type")
    if _hidden(spec) or kind.unknown or whole.unknown or whole.get("name").unknown:
        return None
    if whole.get("name").text == owner.name is not None:
        return False
    if kind.text == "OnNamespaceExceptForAlertmanagerNamespace":
        return None if None in (server.namespace, owner.namespace) else server.namespace != owner.namespace
    return kind.text in (None, "OnNamespace")


def _labels(spec: Field) -> bool:
    outside = spec.get("externalLabels")
    return _hidden(spec) or any(not spec.get(name).absent for name in _LABELLING) or not outside.get("namespace").absent


def _hidden(spec: Field) -> bool:
    return spec.unknown or (isinstance(spec, Layered) and spec.hidden)
