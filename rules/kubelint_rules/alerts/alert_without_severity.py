"""Rule: alert-without-severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertGroup, AlertRule
from kubelint.manifests.releases import Release
from kubelint_rules.alerts.alerting import RULES, alerts, shown

_EXEMPT = frozenset({"Watchdog", "InfoInhibitor", "DeadMansSwitch"})
_ADDED = ("additionalRuleLabels", "additionalRuleGroupLabels", "additionalLabels", "commonLabels")
"""Values with which charts add labels to alerts."""


class AlertWithoutSeverity(ProjectRule):
    """An alert has no severity where the others of the cluster have one.

    ## What it does
    Finds alerts without a label `severity`, of their own or of their group, where most alerts of the cluster carry one.
    Loki's alerts, the dead man's switch, and groups whose chart adds labels are left alone.

    ## Why it matters
    Routes ask for `severity`. An alert without one matches none of them and ends up with the receiver of the root,
    which in many configurations is nobody.

    ## Example
    ```yaml title="rules/backups.yaml"
    groups:
      - name: backups
        rules:
          - alert: BackupTooOld
            expr: time() - backup_last_success_timestamp_seconds > 172800
            labels: {severity: critical}
            annotations: {summary: "no backup of {{ $labels.job }} for two days"}
          - alert: BackupFailed
            expr: increase(backup_failures_total[1h]) > 0
            annotations: {summary: "a backup of {{ $labels.job }} failed"}
    ```

    ## Use instead
    ```yaml title="rules/backups.yaml"
    groups:
      - name: backups
        rules:
          - alert: BackupTooOld
            expr: time() - backup_last_success_timestamp_seconds > 172800
            labels: {severity: critical}
            annotations: {summary: "no backup of {{ $labels.job }} for two days"}
          - alert: BackupFailed
            expr: increase(backup_failures_total[1h]) > 0
            labels: {severity: warning}
            annotations: {summary: "a backup of {{ $labels.job }} failed"}
    ```

    ## When to ignore
    Where relabelling in Prometheus adds the severity.

    ## References
    - [Prometheus: alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/)
    """

    meta = RuleMeta(
        id="alert-without-severity",
        summary="alert without a severity among alerts that have one",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert that lacks what most others have."""
        every = [alert for alert in alerts(project, whole=True) if alert.group.language != "logql"]
        lacking = [alert for alert in every if _lacks(alert)]
        have = Counter(alert.group.scope for alert in every if _has(alert))
        lack = Counter(alert.group.scope for alert in lacking)
        usual = {scope for scope in lack if _count(have, scope) >= _count(lack, scope)}
        for alert in lacking:
            if alert.group.scope in usual:
                yield self.finding(
                    f"`{shown(alert)}` has no severity",
                    at=alert.labels.key if alert.labels.exists else alert.alert,
                    note="routes that ask for a severity pass it by",
                ).help("add a label `severity`, as the other alerts have")


def _count(counted: Counter[str], scope: str) -> int:
    return sum(count for other, count in counted.items() if same_cluster(scope, other))


def _has(alert: AlertRule) -> bool:
    field = alert.label("severity")
    return field.exists or field.unknown


def _lacks(alert: AlertRule) -> bool:
    if alert.name in _EXEMPT or alert.name is None or alert.labels.unknown or alert.field.unknown:
        return False
    return alert.label("severity").absent and not _may_be_added(alert.group)


def _may_be_added(group: AlertGroup) -> bool:
    """Whether the chart that the group is written for may add labels of its own."""
    if not isinstance(group.owner, Release):
        return False
    values = group.owner.values
    around = [values, group.field, values.get("defaultRules")]
    around += [values.get(step) for step in group.field.path if isinstance(step, str)]
    return any(field.get(name).exists for field in around for name in _ADDED)
