"""Rule: absent-without-duration."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Binary, Call, Expression, Selector
from kubelint.cluster.promql.meaning import COMPARISONS, looks_back
from kubelint.cluster.promql.tree import selectors, walk
from kubelint.manifests import Project
from kubelint.manifests.orders import ALERT
from kubelint_rules.alerts.alerting import alerts, instantaneous, is_quiet, shown


class AbsentWithoutDuration(ProjectRule):
    """An alert fires as soon as a metric is missing once.

    ## What it does
    Finds alerts on `absent(…)` with neither `for` nor `keep_firing_for`. `absent_over_time(…[10m])` has its
    duration in the expression; where `absent` only guards another condition, it is left alone.

    ## Why it matters
    A metric is missing for a scrape or two whenever its pod restarts, and all metrics are for a moment when Prometheus
    does: every deployment is a page.

    ## Example
    ```yaml title="rules/exporters.yaml"
    groups:
      - name: exporters
        rules:
          - alert: ExporterGone
            expr: absent(up{job="smartctl"})
            labels: {severity: warning}
            annotations: {summary: "nothing is known of the disks"}
    ```

    ## Use instead
    ```yaml title="rules/exporters.yaml"
    groups:
      - name: exporters
        rules:
          - alert: ExporterGone
            expr: absent(up{job="smartctl"})
            for: 10m
            labels: {severity: warning}
            annotations: {summary: "nothing is known of the disks"}
    ```

    ## When to ignore
    Where the metric never pauses, and the first miss matters; `for: 0s` says so.

    ## References
    - [Prometheus: absent()](https://prometheus.io/docs/prometheus/latest/querying/functions/#absent)
    """

    meta = RuleMeta(
        id="absent-without-duration",
        summary="alert fires as soon as a metric is missing once",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    marks = ("absent",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert on an absence of a moment."""
        for alert in alerts(project, whole=True):
            if "absent" not in (alert.query or "") or not instantaneous(alert) or is_quiet(alert):
                continue
            query = alert.promql
            missing = _missing(query.root) if query else None
            if missing is not None:
                yield (
                    self.finding(
                        f"`{shown(alert)}` fires as soon as the metric is missing once",
                        at=alert.selector(missing),
                        note="every restart of what serves it is an alert",
                    )
                    .help("add `for: 10m`")
                    .fix(Fix.unsafe("add `for: 10m`", alert.field.insert("for", "10m", ALERT)))
                )


def _missing(expression: Expression) -> Selector | None:
    """The selector whose absence alone makes the alert fire."""
    stack = [expression]
    while stack:
        match stack.pop():
            case Binary(op="or", left=left, right=right):
                stack += [right, left]
            case Binary(op=op, left=left) if op in COMPARISONS:
                stack.append(left)
            case Call(function="absent", arguments=(argument,)) if not looks_back(walk(argument)):
                return next(iter(selectors(argument)), None)
            case _:
                pass
    return None
