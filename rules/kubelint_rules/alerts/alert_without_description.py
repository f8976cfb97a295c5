"""Rule: alert-without-description."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import RULES, alerts, shown

_POINTERS = ("runbook", "dashboard", "grafana", "link", "url", "__")
"""How annotations start or what they hold that say where to look, and not what is wrong."""


class AlertWithoutDescription(ProjectRule):
    """An alert says nothing but its name.

    ## What it does
    Finds alerts without a `summary`, `description`, `message` or any other annotation that tells what is wrong. Links
    to runbooks and dashboards do not.

    ## Why it matters
    Who is woken at night reads a name and a set of labels, and has to find the expression to learn what they mean.

    ## Example
    ```yaml title="rules/queues.yaml"
    groups:
      - name: queues
        rules:
          - alert: QueueStuck
            expr: increase(queue_jobs_done_total[30m]) == 0 and queue_jobs_waiting > 0
            for: 15m
            labels: {severity: warning}
    ```

    ## Use instead
    ```yaml title="rules/queues.yaml"
    groups:
      - name: queues
        rules:
          - alert: QueueStuck
            expr: increase(queue_jobs_done_total[30m]) == 0 and queue_jobs_waiting > 0
            for: 15m
            labels: {severity: warning}
            annotations:
              summary: "{{ $labels.queue }} has done no job for half an hour"
    ```

    ## When to ignore
    Where the name says it all.

    ## References
    - [Prometheus: alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/)
    """

    meta = RuleMeta(
        id="alert-without-description",
        summary="alert without a word about what is wrong",
        category=Category.ALERTS,
        severity=Severity.INFO,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert that no annotation describes."""
        for alert in alerts(project, whole=True):
            if alert.name is not None and not _may_describe(alert):
                yield self.finding(
                    f"`{shown(alert)}` does not say what is wrong",
                    at=alert.alert,
                    note="who is told reads a name and labels",
                ).help("add an annotation `summary`")


def _may_describe(alert: AlertRule) -> bool:
    annotations = alert.annotations
    if alert.field.unknown or annotations.unknown or (annotations.exists and annotations.get("summary").unknown):
        return True
    return any(not any(word in name.lower() for word in _POINTERS) for name, _ in annotations.items())
