"""Rule: alert-without-condition."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Binary, Call, Query, Selector
from kubelint.cluster.promql.meaning import COMPARISONS, is_constant
from kubelint.manifests import Project
from kubelint_rules.alerts.alerting import RULES, queries, shown

_IDENTITY = frozenset(
    {
        "job", "instance", "namespace", "cluster", "pod", "container", "service", "node", "device", "mountpoint",
        "name", "endpoint", "app", "prometheus", "__name__", "host", "hostname", "interface",
    }
)  # fmt: skip
"""Labels that say which thing it is, not how it is doing."""
_SETS = frozenset({"and", "unless"})


class AlertWithoutCondition(ProjectRule):
    """An alert has no condition, so it fires for as long as its metric exists.

    ## What it does
    Finds expressions without a comparison, `absent`, `and` or `unless`, whose matchers only say which thing is meant.
    Such an expression has a result whatever the value is. A matcher on anything else (`flux_info{ready!="True"}`) is a
    condition, a constant (`vector(1)`) a dead man's switch, and `ALERTS` has the condition of another. A comparison
    with `bool` is none either, for it gives 0 where it does not hold, and that is a result too.

    ## Why it matters
    The alert fires all the time, for every series; or nobody notices that it says nothing.

    ## Example
    ```yaml title="rules/mail.yaml"
    groups:
      - name: mail
        rules:
          - alert: MailQueueGrows
            expr: sum by (instance) (rate(postfix_deferred_total[15m]))
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} cannot deliver"}
    ```

    ## Use instead
    ```yaml title="rules/mail.yaml"
    groups:
      - name: mail
        rules:
          - alert: MailQueueGrows
            expr: sum by (instance) (rate(postfix_deferred_total[15m])) > 1
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} cannot deliver"}
    ```

    ## When to ignore
    Where the metric exists only while something is wrong.

    ## References
    - [Prometheus: comparison operators](https://prometheus.io/docs/prometheus/latest/querying/operators/#comparison-binary-operators)
    """

    meta = RuleMeta(
        id="alert-without-condition",
        summary="alert fires for as long as its metric exists",
        category=Category.ALERTS,
        severity=Severity.INFO,
        incident=6,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert whose expression always has a result."""
        for alert, query in queries(project):
            if alert.group.language == "promql" and query.selectors and not _has_condition(query):
                yield self.finding(
                    f"`{shown(alert)}` has no condition",
                    at=alert.selector(query.selectors[0]),
                    note="it fires for as long as there is such a series",
                ).help("compare it with a threshold, without `bool`")


def _has_condition(query: Query) -> bool:
    if is_constant(query):
        return True
    return any(_is_condition(node) for node in query.nodes)


def _is_condition(node: object) -> bool:
    match node:
        case Binary(op=op, returns_bool=returns_bool):
            return op in _SETS or (op in COMPARISONS and not returns_bool)
        case Call(function=function):
            return function in ("absent", "absent_over_time", "vector")
        case Selector(name=name):
            return name is None or name.startswith("ALERTS") or _asks_for_state(node)
        case _:
            return False


def _asks_for_state(selector: Selector) -> bool:
    return any(test.name not in _IDENTITY and test.value != "" for test in selector.matchers)
