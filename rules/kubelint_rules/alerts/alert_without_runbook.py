"""Rule: alert-without-runbook."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import RULES, alerts, is_quiet, shown


class AlertWithoutRunbook(ProjectRule):
    """An alert does not say where its runbook is.

    ## What it does
    Finds alerts without an annotation whose name holds `runbook`; alerts of severity `info` and `none` need none. It is
    off unless it is selected: most repositories keep no runbooks.

    ## Why it matters
    Who is woken has to find out what to do instead of reading it.

    ## Example
    ```yaml title="rules/storage.yaml"
    groups:
      - name: storage
        rules:
          - alert: PoolDegraded
            expr: node_zfs_zpool_state{state!="online"} > 0
            labels: {severity: critical}
            annotations: {summary: "a pool of {{ $labels.instance }} is {{ $labels.state }}"}
    ```

    ## Use instead
    ```yaml title="rules/storage.yaml"
    groups:
      - name: storage
        rules:
          - alert: PoolDegraded
            expr: node_zfs_zpool_state{state!="online"} > 0
            labels: {severity: critical}
            annotations:
              summary: "a pool of {{ $labels.instance }} is {{ $labels.state }}"
              runbook_url: https://wiki.example/runbooks/pool-degraded
    ```

    ## When to ignore
    Where runbooks are found by the alert's name.

    ## References
    - [kube-prometheus runbooks](https://runbooks.prometheus-operator.dev/)
    """

    meta = RuleMeta(
        id="alert-without-runbook",
        summary="alert does not say where its runbook is",
        category=Category.ALERTS,
        severity=Severity.INFO,
        default=False,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert without a runbook."""
        for alert in alerts(project, whole=True):
            if alert.name is not None and not is_quiet(alert) and not _may_have_one(alert):
                at = alert.annotations.key if alert.annotations.exists else alert.alert
                yield self.finding(
                    f"`{shown(alert)}` has no runbook", at=at, note="who is woken has to find out what to do"
                ).help("add an annotation `runbook_url`")


def _may_have_one(alert: AlertRule) -> bool:
    annotations = alert.annotations
    unknown = alert.field.unknown or annotations.unknown or annotations.get("runbook_url").unknown
    return unknown or any("runbook" in name.lower() for name, _ in annotations.items())
