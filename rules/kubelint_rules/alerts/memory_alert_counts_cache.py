"""Rule: memory-alert-counts-cache."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.alertmanager import one_matches
from kubelint.cluster.promql import Query, Selector
from kubelint.cluster.promql.meaning import conditions, fires_when
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import queries, renamed, shown

_FREE = {
    "node_memory_MemFree_bytes": ("node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes"),
    "node_memory_MemFree": ("node_memory_MemTotal", "node_memory_MemAvailable"),
    "node_memory_free_bytes": ("node_memory_size_bytes", None),
}
"""Memory that nothing uses, not even as a cache: beside all memory, and what counts what can be reclaimed as well."""
_USED, _GUESTS = "pve_memory_usage_bytes", "pve_guest_info"
_CONSIDERED = re.compile(
    r"node_memory_(?:MemAvailable|Cached|Buffers|SReclaimable|Slab|inactive|cache|buffer|laundry)(?:_bytes)?"
    r"|.*zfs.*|.*_arc_.*|node_vmstat_.*|.*pressure.*|.*[Ss]wap.*"
)
"""What takes caches into account, or asks for pressure besides."""
_SWAP = (
    "`(node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes) / node_memory_SwapTotal_bytes > 0.5 "
    "and node_memory_SwapTotal_bytes > 0`"
)


class _Use(NamedTuple):
    selector: Selector
    proxmox: bool
    instead: str | None


class MemoryAlertCountsCache(ProjectRule):
    """A memory alert takes caches that the kernel gives back on demand for memory in use.

    ## What it does
    Reads the syntax tree of alert expressions, and finds those that fire

    - when `pve_memory_usage_bytes` of Proxmox VE's hosts is high: the metric spans hosts and guests, so expressions
      whose matchers on `id`, or whose join with `pve_guest_info`, leave guests only are fine;
    - when `node_memory_MemFree_bytes` is low next to `node_memory_MemTotal_bytes` (on FreeBSD `node_memory_free_bytes`
      next to `node_memory_size_bytes`).

    The direction of the comparison counts: an alert about hosts that are hardly used is fine, and so is one
    that looks at caches, ZFS, swap or pressure too.

    ## Why it matters
    A healthy host has next to no free memory: Linux fills it with the page cache, ZFS with its ARC, by default up to
    half of the memory. Such an alert fires for every host that has been up for long, at each scrub
    and each backup, until nobody reads any alert.

    ## Example
    ```yaml title="rules/proxmox.yaml"
    groups:
      - name: proxmox
        rules:
          - alert: PveNodeHighMemory
            expr: pve_memory_usage_bytes{id=~"node/.*"} / pve_memory_size_bytes * 100 > 90
            for: 5m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.id }} is short of memory"}
    ```

    ## Use instead
    Alert on what memory pressure does. Proxmox VE's exporter knows neither swap nor the ARC: run node_exporter on
    the hosts.
    ```yaml title="rules/proxmox.yaml"
    groups:
      - name: proxmox
        rules:
          - alert: PveNodeHighSwap
            expr: |
              (node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes) / node_memory_SwapTotal_bytes > 0.5
                and node_memory_SwapTotal_bytes > 0
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} swaps"}
          - alert: NodeSwapsIn
            expr: rate(node_vmstat_pswpin[5m]) > 1000
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} reads memory back from swap"}
          - alert: NodeMemoryPressure
            expr: rate(node_pressure_memory_waiting_seconds_total[5m]) > 0.1
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "processes on {{ $labels.instance }} wait for memory"}
    ```
    A host without swap has a total of 0; the division gives `NaN` there, which compares with nothing: hence the second
    condition. The share of memory in use without what can be reclaimed is, by exporter:

    - node_exporter on Linux: `1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes`; where there is ZFS,
      with `node_zfs_arc_size - node_zfs_arc_c_min` added to what is available
    - node_exporter on FreeBSD: `(node_memory_active_bytes + node_memory_wired_bytes) / node_memory_size_bytes`, with
      `node_zfs_arcstats_size_bytes - node_zfs_arcstats_c_min_bytes` taken off the wired memory
    - cAdvisor: `container_memory_working_set_bytes / container_spec_memory_limit_bytes`
    - Proxmox VE's exporter, for guests: `pve_memory_usage_bytes{id=~"qemu/.*"} / pve_memory_size_bytes`

    ## When to ignore
    Where the hosts have no page cache worth the name, or another exporter serves the metric without caches.

    ## References
    - [prometheus-pve-exporter](https://github.com/prometheus-pve/prometheus-pve-exporter):
      `src/pve_exporter/collector/cluster.py`
    - [OpenZFS: ARC and MemAvailable](https://github.com/openzfs/zfs/issues/10255)
    - [The Linux kernel: /proc/meminfo](https://docs.kernel.org/filesystems/proc.html#meminfo)
    """

    meta = RuleMeta(
        id="memory-alert-counts-cache",
        summary="memory alert takes caches for memory in use",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    marks = (_USED, *_FREE)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each alert that fires because caches are full."""
        for alert, query in queries(project):
            use = _cache_counted(query)
            if use is not None:
                yield self._finding(alert, use)

    def _finding(self, alert: AlertRule, use: _Use) -> Finding:
        name = use.selector.name
        found = self.finding(
            f"`{shown(alert)}` takes reclaimable memory for memory in use",
            at=alert.selector(use.selector),
            note=f"`{name}` counts the page cache and the ZFS ARC as used"
            if use.proxmox
            else f"`{name}` is low on every host whose caches are warm",
        )
        if use.instead is None:
            return found.help(f"alert on swap or pressure instead, as node_exporter on the host tells: {_SWAP}")
        fix: Fix | None = renamed(alert, use.selector, use.instead, f"use `{use.instead}`")
        return found.help(f"use `{use.instead}`, which counts what can be reclaimed as free").fix(fix)


def _cache_counted(query: Query) -> _Use | None:
    """The first selector that makes the alert fire when caches are full."""
    metrics = query.metrics
    if any(_CONSIDERED.fullmatch(metric) for metric in metrics):
        return None
    for condition in conditions(query.root):
        for selector in query.selectors:
            if selector.name == _USED and _GUESTS not in metrics and _spans_hosts(query):
                if fires_when(condition, lambda one: one.name == _USED) == "high":
                    return _Use(selector, True, None)
            elif selector.name in _FREE and _FREE[selector.name][0] in metrics:
                name, instead = selector.name, _FREE[selector.name][1]
                if fires_when(condition, lambda one, name=name: one.name == name) == "low":  # type: ignore[misc]
                    return _Use(selector, False, instead)
    return None


def _spans_hosts(query: Query) -> bool:
    """Whether hosts are among what the Proxmox metrics of the query select: none of them is for guests alone."""
    return all(
        any(one_matches((test.name, test.op, test.value), {"id": host}) for host in _hosts(test.value))
        for selector in query.selectors
        if selector.name is not None and selector.name.startswith("pve_")
        for test in selector.tests("id")
    )


def _hosts(value: str) -> tuple[str, ...]:
    """Ids of hosts: any, and the one that a matcher names."""
    return ("node/a", "node/pve1", *([value] if value.startswith("node/") else []))
