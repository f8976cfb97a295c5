"""Rule: container-memory-counts-cache."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Query, Selector
from kubelint.cluster.promql.meaning import conditions, fires_when, moves, named
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import queries, renamed, shown
from kubelint_rules.alerts.recorded import Recorded

_USAGE, _WORKING_SET = "container_memory_usage_bytes", "container_memory_working_set_bytes"
_CONSIDERED = frozenset({"container_memory_cache", "container_memory_total_inactive_file_bytes"})


class ContainerMemoryCountsCache(ProjectRule):
    """An alert about a container's memory counts the page cache, which never gets a container killed.

    ## What it does
    Finds alerts that fire when `container_memory_usage_bytes` is high, or a series that one rule of the tree records
    from it. Recording rules without an alert, and alerts that subtract `container_memory_cache`, are left alone.

    ## Why it matters
    The metric includes the pages of every file that the container has read or written. It climbs to the limit and
    stays there for anything that reads files, while the kernel drops those pages before it kills: the alert fires for
    healthy containers and says nothing about those that are about to be killed.

    ## Example
    ```yaml title="rules/pods.yaml"
    groups:
      - name: pods
        rules:
          - alert: ContainerNearLimit
            expr: container_memory_usage_bytes{container!=""} / container_spec_memory_limit_bytes > 0.9
            for: 10m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.pod }} is about to be killed"}
    ```

    ## Use instead
    ```yaml title="rules/pods.yaml"
    groups:
      - name: pods
        rules:
          - alert: ContainerNearLimit
            expr: container_memory_working_set_bytes{container!=""} / (container_spec_memory_limit_bytes > 0) > 0.9
            for: 10m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.pod }} is about to be killed"}
    ```
    The limit of a container without one is 0: the comparison leaves those out.

    ## When to ignore
    Where the page cache is what you mean to watch.

    ## References
    - [cAdvisor: Prometheus metrics](https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md)
    - [Kubernetes: node-pressure eviction](https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/)
    """

    meta = RuleMeta(
        id="container-memory-counts-cache",
        summary="alert on a container's memory counts the page cache",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    marks = (_USAGE,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert that fires when the metric, or a series recorded from it, is high."""
        recorded = Recorded(project)
        for alert, query in queries(project):
            if not query.metrics & _CONSIDERED:
                use = next(_uses(alert, query, recorded), None)
                if use is not None:
                    yield self._finding(alert, *use)

    def _finding(self, alert: AlertRule, selector: Selector, record: AlertRule | None) -> Finding:
        found = self.finding(
            f"`{shown(alert)}` counts the page cache as the container's memory",
            at=alert.selector(selector),
            note="files that were read keep this high, and the kernel drops them before it kills",
        ).help(f"use `{_WORKING_SET}`, which is what the kubelet evicts by")
        if record is None:
            return found.fix(renamed(alert, selector, _WORKING_SET, f"use `{_WORKING_SET}`"))
        usage = next((one for one in record.promql.selectors if one.name == _USAGE), None) if record.promql else None
        return found if usage is None else found.label(record.selector(usage), "it is recorded from this")


def _uses(alert: AlertRule, query: Query, recorded: Recorded) -> Iterator[tuple[Selector, AlertRule | None]]:
    """The selectors that make the alert fire where they are high, each with the rule that records it from the metric,
    None for the metric itself.
    """
    for selector in query.selectors:
        found = None if selector.name == _USAGE else recorded.by(alert, selector)
        if selector.name != _USAGE and (
            found is None or found[1].metrics & _CONSIDERED or moves(found[1].root, named(_USAGE)) != 1
        ):
            continue
        chosen = named(selector.name or "")
        if any(fires_when(condition, chosen) == "high" for condition in conditions(query.root)):
            yield selector, found[0] if found else None
