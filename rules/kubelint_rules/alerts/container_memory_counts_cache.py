"""Rule: container-memory-counts-cache."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql.meaning import conditions, fires_when
from kubelint.manifests import Project
from kubelint_rules.alerts.alerting import queries, renamed, shown

_USAGE, _WORKING_SET = "container_memory_usage_bytes", "container_memory_working_set_bytes"
_CONSIDERED = frozenset({"container_memory_cache", "container_memory_total_inactive_file_bytes"})


class ContainerMemoryCountsCache(ProjectRule):
    """An alert about a container's memory counts the page cache, which never gets a container killed.

    ## What it does
    Finds alerts that fire when `container_memory_usage_bytes` is high. Recording rules, and alerts
    that subtract `container_memory_cache`, are left alone.

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
            expr: container_memory_working_set_bytes{container!=""} / container_spec_memory_limit_bytes > 0.9
            for: 10m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.pod }} is about to be killed"}
    ```

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
        """A finding for each alert that fires when the metric is high."""
        for alert, query in queries(project):
            if _USAGE not in query.metrics or query.metrics & _CONSIDERED:
                continue
            for condition in conditions(query.root):
                if fires_when(condition, lambda one: one.name == _USAGE) == "high":
                    selector = next(one for one in query.selectors if one.name == _USAGE)
                    yield (
                        self.finding(
                            f"`{shown(alert)}` counts the page cache as the container's memory",
                            at=alert.selector(selector),
                            note="files that were read keep this high, and the kernel drops them before it kills",
                        )
                        .help(f"use `{_WORKING_SET}`, which is what the kubelet evicts by")
                        .fix(renamed(alert, selector, _WORKING_SET, f"use `{_WORKING_SET}`"))
                    )
                    break
