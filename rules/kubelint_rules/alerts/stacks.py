"""Charts that bring default alerts, and whether the values turn those off that watch the monitoring itself."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.manifests import Field, Project, same_cluster
from kubelint.manifests.releases import Release
from kubelint_rules.alerts.names import META_NAMES, WATCHDOG, watches_monitoring

CHARTS = frozenset({"kube-prometheus-stack", "victoria-metrics-k8s-stack", "prometheus-operator", "kube-prometheus"})
_GROUPS = ("general", "alertmanager", "prometheus", "general.rules", "alertmanager.rules")


class Stack(NamedTuple):
    """A release of such a chart, and the field that turns its default alerts off (None: they are on)."""

    release: Release
    off: Field | None


def stacks(project: Project) -> list[Stack]:
    """The releases that bring default alerts."""
    return [
        Stack(release, _off(release))
        for release in project.releases
        if release.chart.name in CHARTS and release.wrapper not in ("chart", "dependency") and not release.partial
    ]


def _off(release: Release) -> Field | None:
    rules = release.values.get("defaultRules")
    for group in _GROUPS:
        for field in (rules.get("rules", group), rules.get("groups", group, "create")):
            if field.boolean is False:
                return field
    return _watchdog_off(release)


def _watchdog_off(release: Release) -> Field | None:
    rules = release.values.get("defaultRules")
    switches = (
        rules.get("create"),
        rules.get("rules", "general"),
        rules.get("groups", "general", "create"),
        rules.get("rules", WATCHDOG, "create"),
    )
    disabled = rules.get("disabled", WATCHDOG)
    return disabled if disabled.boolean else next((field for field in switches if field.boolean is False), None)


def has_watchdog(project: Project, scope: str) -> bool | None:
    """Whether a chart's default alerts bring the Watchdog to the cluster of `scope`; None without such a chart."""
    found = [stack for stack in stacks(project) if same_cluster(stack.release.scope, scope)]
    return any(_watchdog_off(stack.release) is None for stack in found) if found else None


def is_watched(project: Project, scope: str) -> bool:
    """Whether an alert of the tree tells of failures of the monitoring of the cluster of `scope`."""
    return any(
        (rule.is_alert and rule.name in META_NAMES) or (rule.promql is not None and watches_monitoring(rule.promql))
        for group in project.alert_groups
        if same_cluster(group.scope, scope)
        for rule in group.alerts
    )
