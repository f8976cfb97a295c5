"""Rule: duplicate-alert."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import RULES, settled, shown


class DuplicateAlert(ProjectRule):
    """A group holds the same alert twice.

    ## What it does
    Finds alerts of one group that have the same name, expression and labels. The same name with other labels, another
    severity say, is how alerts are meant to be written.

    ## Why it matters
    Alerts are told apart by their labels. Both write the same series `ALERTS`, and Alertmanager takes them for one
    alert: a longer `for` has no effect, and which annotations are shown is a matter of luck.

    ## Example
    ```yaml title="rules/dns.yaml"
    groups:
      - name: dns
        rules:
          - alert: ResolverDown
            expr: up{job="resolver"} == 0
            for: 5m
            labels: {severity: critical}
            annotations: {summary: "{{ $labels.instance }} does not answer"}
          - alert: ResolverDown
            expr: up{job="resolver"} == 0
            for: 15m
            labels: {severity: critical}
            annotations: {summary: "{{ $labels.instance }} has not answered for long"}
    ```

    ## Use instead
    ```yaml title="rules/dns.yaml"
    groups:
      - name: dns
        rules:
          - alert: ResolverDown
            expr: up{job="resolver"} == 0
            for: 5m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} does not answer"}
          - alert: ResolverDown
            expr: up{job="resolver"} == 0
            for: 15m
            labels: {severity: critical}
            annotations: {summary: "{{ $labels.instance }} has not answered for long"}
    ```

    ## When to ignore
    Never: one of them has no effect.

    ## References
    - Prometheus: `cmd/promtool/main.go`, `checkDuplicates`
    """

    meta = RuleMeta(
        id="duplicate-alert",
        summary="a group holds the same alert twice",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert that its group has already."""
        for group in project.alert_groups:
            seen: dict[str, AlertRule] = {}
            for alert in settled(project, group):
                if alert.name is None or alert.query is None or alert.labels.unknown:
                    continue
                first = seen.setdefault(_identity(alert), alert)
                if first is not alert:
                    yield (
                        self.finding(
                            f"`{shown(alert)}` is in this group already",
                            at=alert.alert,
                            note="same expression, same labels: one alert",
                        )
                        .label(first.alert, "here")
                        .help("remove one of them, or give them different labels")
                    )


def _identity(alert: AlertRule) -> str:
    words = " ".join((alert.query or "").split())
    return json.dumps([alert.name, words, alert.labels.value], sort_keys=True, default=str)
