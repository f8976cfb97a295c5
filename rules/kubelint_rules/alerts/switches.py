"""Dead man's switches: the alerts that always fire, which configurations meet them, and who delivers them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint.manifests.monitoring.alert_texts import template_text
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.monitoring.operated import Operated, confinement, may_add_namespace
from kubelint.manifests.monitoring.routes import Matcher, Route
from kubelint_rules.alerts.delivery import deliveries, is_readable
from kubelint_rules.alerts.names import WATCHDOG, is_dead_mans_switch
from kubelint_rules.alerts.stacks import has_watchdog

Labels = Mapping[str, str | None]
WATCHDOG_LABELS: Labels = {"alertname": WATCHDOG, "severity": "none"}
"""What the Watchdog of kube-prometheus and of the charts carries."""


class Switches:
    """What there is to follow, and who delivers it, found out once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._alerts: dict[str, tuple[dict[str, Labels], bool | None]] = {}
        self._deliverers: dict[str, list[AlertmanagerConfiguration]] = {}

    def met_by(self, configuration: AlertmanagerConfiguration) -> list[Labels]:
        """The labels of the switches that the configuration may meet."""
        found, brought = self._of_scope(configuration.scope)
        named = any(is_named(route, WATCHDOG_LABELS) for route in configuration.routes)
        surely = named and brought is None and WATCHDOG not in found
        return [*found.values(), *([WATCHDOG_LABELS] if surely else [])]

    def _of_scope(self, scope: str) -> tuple[dict[str, Labels], bool | None]:
        """The switches of a cluster, and whether a chart brings the Watchdog (None: there is no such chart)."""
        if scope not in self._alerts:
            found = {name: labels for where, name, labels in self._own if same_cluster(where, scope)}
            brought = has_watchdog(self._project, scope)
            if brought:
                found.setdefault(WATCHDOG, WATCHDOG_LABELS)
            self._alerts[scope] = found, brought
        return self._alerts[scope]

    @cached_property
    def _own(self) -> list[tuple[str, str, Labels]]:
        """The switches among the alerts of the tree: scope, name, labels."""
        return [
            (group.scope, alert.name, {**_labels(alert), "alertname": alert.name})
            for group in self._project.alert_groups
            for alert in group.alerts
            if alert.name and alert.promql and is_dead_mans_switch(alert.promql)
        ]

    def keeps_out(self, configuration: AlertmanagerConfiguration, labels: Labels) -> Operated | None:
        """The server whose operator keeps the alert from the configuration's routes, for it is of no namespace or of
        another one.
        """
        owner, server = configuration.owner, confinement(self._project, configuration).by
        if server is None or not isinstance(owner, KubeObject):
            return None
        if "namespace" in labels:
            return None if None in (labels["namespace"], owner.namespace) or _same(labels, owner) else server
        return None if may_add_namespace(self._project, configuration.scope) else server

    def delivered_elsewhere(self, configuration: AlertmanagerConfiguration, labels: Labels) -> bool:
        """Whether another configuration of the same cluster delivers the alert, or may."""
        key = repr(sorted(labels.items()))
        if key not in self._deliverers:
            self._deliverers[key] = [other for other in self._project.alertmanagers if self._may_deliver(other, labels)]
        return any(
            other is not configuration and same_cluster(other.scope, configuration.scope)
            for other in self._deliverers[key]
        )

    def _may_deliver(self, configuration: AlertmanagerConfiguration, labels: Labels) -> bool:
        if not is_readable(configuration):
            return True
        if all(delivery.reaches_nobody for delivery in deliveries(configuration, labels)):
            return False
        return self.keeps_out(configuration, labels) is None


def _same(labels: Labels, owner: KubeObject) -> bool:
    return labels["namespace"] == owner.namespace


def _labels(alert: AlertRule) -> Labels:
    """An alert's labels, its group's too; unknown are those that a template fills in."""
    texts = {name: template_text(field) for name, field in alert.group.labels.items()} | alert.label_texts
    return {name: None if text is None or "{{" in text else text for name, text in texts.items()}


def is_named(route: Route, labels: Labels) -> bool:
    """Whether a route asks for an alert by its name, so that there surely is one."""
    return any(asks_for(matcher, labels) for matcher in route.matchers)


def asks_for(matcher: Matcher, labels: Labels) -> bool:
    """Whether a matcher asks for an alert by its name, alone or among others."""
    if matcher.name != "alertname" or matcher.op not in ("=", "=~"):
        return False
    return labels["alertname"] in matcher.value.strip("^$()").split("|")
