"""Rule: alert-without-duration."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Binary, Expression, Number, Query, Selector
from kubelint.cluster.promql.meaning import conditions, looks_back
from kubelint.cluster.promql.tree import selectors, walk
from kubelint.manifests import Project
from kubelint.manifests.orders import ALERT
from kubelint_rules.alerts.alerting import RULES, alerts, instantaneous, is_quiet, shown

_THRESHOLDS = frozenset({">", "<", ">=", "<="})
_SMOOTH = frozenset({"time", "absent", "absent_over_time", "histogram_quantile"})
"""What moves slowly, or stands for more than a moment."""


class AlertWithoutDuration(ProjectRule):
    """An alert fires on a single sample above a threshold.

    ## What it does
    Finds alerts with neither `for` nor `keep_firing_for` that compare a share, one metric divided by another, with a
    number. Expressions that look back (`rate(…[5m])`, subqueries, `offset`, recorded series), that ask for
    an age or an absence, or that compare states are left alone, and so are alerts of severity `info` and `none`.

    ## Why it matters
    A gauge that is sampled every 30 seconds crosses any threshold now and then. Without `for` each crossing is a
    page, and each way back a message that it is over.

    ## Example
    ```yaml title="rules/nodes.yaml"
    groups:
      - name: nodes
        rules:
          - alert: NodeConntrackFull
            expr: node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 0.75
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} runs out of connections"}
    ```

    ## Use instead
    ```yaml title="rules/nodes.yaml"
    groups:
      - name: nodes
        rules:
          - alert: NodeConntrackFull
            expr: node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 0.75
            for: 5m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} runs out of connections"}
    ```

    ## When to ignore
    Where the first sample over the threshold is worth a page at once; `for: 0s` says so.

    ## References
    - [Prometheus: alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/)
    """

    meta = RuleMeta(
        id="alert-without-duration",
        summary="alert fires on a single sample above its threshold",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert on a share of a moment."""
        for alert in alerts(project, whole=True):
            if not instantaneous(alert) or is_quiet(alert) or "/" not in (alert.query or ""):
                continue
            query = alert.promql
            share = _share(query) if query else None
            if query is None or share is None:
                continue
            yield (
                self.finding(
                    f"`{shown(alert)}` fires on a single sample",
                    at=alert.selector(share),
                    note="one sample over the threshold is an alert, the next one under it the end of that",
                )
                .help("add `for: 5m`, or look back with `avg_over_time(…[5m])`")
                .fix(Fix.unsafe("add `for: 5m`", alert.field.insert("for", "5m", ALERT)))
            )


def _share(query: Query) -> Selector | None:
    """The first selector of a share that is compared with a number; None where more than a moment counts."""
    if looks_back(query.nodes) or query.calls & _SMOOTH or any(":" in metric for metric in query.metrics):
        return None
    for condition in conditions(query.root):
        if condition.op in _THRESHOLDS and isinstance(condition.right, Number) and _divides(condition.left):
            return selectors(condition.left)[0]
    return None


def _divides(expression: Expression) -> bool:
    """Whether a metric is divided by another."""
    return any(
        isinstance(node, Binary) and node.op == "/" and bool(selectors(node.left)) and bool(selectors(node.right))
        for node in walk(expression)
    )
