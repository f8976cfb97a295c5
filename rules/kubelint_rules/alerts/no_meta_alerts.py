"""Rule: no-meta-alerts."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Field, KubeObject, Project, same_cluster
from kubelint_rules.alerts.stacks import is_watched, stacks

_KINDS = {
    "Prometheus": "monitoring.coreos.com",
    "VMAlert": "operator.victoriametrics.com",
}
_CHARTS = frozenset({"prometheus", "victoria-metrics-alert"})


class NoMetaAlerts(ProjectRule):
    """The tree has a Prometheus and alerts, and none of them tells when the monitoring itself fails.

    ## What it does
    Where the tree runs Prometheus or vmalert (an object of an operator, a release of a chart) and holds alerts, it
    looks for one that watches the monitoring: targets that are down (`up == 0`), Prometheus' and Alertmanager's own
    metrics, a dead man's switch on a constant. Charts that bring such alerts by default count.

    ## Why it matters
    A target that is no longer scraped raises no alert: its series end, and every comparison with them has no
    result. The same goes for rules that fail to evaluate, and for notifications that nobody accepts.

    ## Example
    ```yaml
    apiVersion: monitoring.coreos.com/v1
    kind: Prometheus
    metadata: {name: main, namespace: monitoring}
    spec:
      ruleSelector: {}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: disks, namespace: monitoring}
    spec:
      groups:
        - name: disks
          rules:
            - alert: DiskFails
              expr: smartctl_device_smart_status != 1
              labels: {severity: critical}
              annotations: {summary: "a disk of {{ $labels.instance }} fails"}
    ```

    ## Use instead
    ```yaml
    apiVersion: monitoring.coreos.com/v1
    kind: Prometheus
    metadata: {name: main, namespace: monitoring}
    spec:
      ruleSelector: {}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: disks, namespace: monitoring}
    spec:
      groups:
        - name: disks
          rules:
            - alert: DiskFails
              expr: smartctl_device_smart_status != 1
              labels: {severity: critical}
              annotations: {summary: "a disk of {{ $labels.instance }} fails"}
        - name: monitoring
          rules:
            - alert: TargetDown
              expr: up == 0
              for: 10m
              labels: {severity: warning}
              annotations: {summary: "{{ $labels.instance }} of {{ $labels.job }} is not scraped"}
            - alert: NotificationsFail
              expr: rate(alertmanager_notifications_failed_total[5m]) > 0
              for: 10m
              labels: {severity: critical}
              annotations: {summary: "Alertmanager cannot reach {{ $labels.integration }}"}
            - alert: Watchdog
              expr: vector(1)
              labels: {severity: none}
              annotations: {summary: "always fires, so that its absence is noticed"}
    ```

    ## When to ignore
    Where such alerts come from outside of the tree.

    ## References
    - [Prometheus: metamonitoring](https://prometheus.io/docs/practices/alerting/#metamonitoring)
    """

    meta = RuleMeta(
        id="no-meta-alerts",
        summary="no alert tells when the monitoring itself fails",
        category=Category.ALERTS,
        severity=Severity.INFO,
        since="0.1.0",
    )
    marks = ("kind: Prometheus", "kind: VMAlert", '"kind": "Prometheus"', *_CHARTS)

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for each cluster that has alerts and none about the monitoring."""
        seen: list[str] = []
        for scope, at in _servers(project):
            if any(same_cluster(scope, other) for other in seen):
                continue
            seen.append(scope)
            if any(same_cluster(stack.release.scope, scope) for stack in stacks(project)):
                continue
            here = [group for group in project.alert_groups if same_cluster(group.scope, scope) and group.alerts]
            if here and not is_watched(project, scope):
                yield (
                    self.finding(
                        "no alert tells when the monitoring itself fails",
                        at=at,
                        note="a target that is not scraped raises no alert",
                    )
                    .label(here[0].alerts[0].alert, "the alerts are about other things")
                    .of_all()
                    .help("alert on `up == 0`, on `alertmanager_notifications_failed_total`, and on `vector(1)`")
                )


def _servers(project: Project) -> Iterator[tuple[str, Field | KubeObject]]:
    """What evaluates alerts: the scope, and what to point at."""
    for kind, group in _KINDS.items():
        for obj in project.objects(kind, group):
            if not obj.partial:
                yield obj.scope, obj
    for release in project.releases:
        if release.chart.name in _CHARTS and not release.partial and release.wrapper not in ("chart", "dependency"):
            yield release.scope, release.chart.at
