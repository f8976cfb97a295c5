"""Rule: memory-alert-counts-cache."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.alertmanager import one_matches
from kubelint.cluster.promql import Binary, Query, Selector, selectors
from kubelint.cluster.promql.meaning import conditions, fires_when, moves, named
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import queries, renamed, shown
from kubelint_rules.alerts.recorded import Recorded

_FREE = {
    "node_memory_MemFree_bytes": ("node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes"),
    "node_memory_MemFree": ("node_memory_MemTotal", "node_memory_MemAvailable"),
    "node_memory_free_bytes": ("node_memory_size_bytes", None),
}
"""Memory that nothing uses, not even as a cache: beside all memory, and what counts what can be reclaimed as well."""
_USED, _GUESTS, _HOSTS = "pve_memory_usage_bytes", "pve_guest_info", "pve_node_info"
_OTHER: dict[Literal["high", "low"], Literal["high", "low"]] = {"high": "low", "low": "high"}
_CONSIDERED = re.compile(
    r"node_memory_(?:MemAvailable|Cached|Buffers|SReclaimable|Slab|inactive|cache|buffer|laundry)(?:_bytes)?"
    r"|.*zfs.*|.*_arc_.*|node_vmstat_.*|.*pressure.*|.*[Ss]wap.*"
)
"""What takes caches into account, or asks for pressure besides."""
_SWAP = (
    "`(node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes) / node_memory_SwapTotal_bytes > 0.5 "
    "and node_memory_SwapTotal_bytes > 0`"
)
_FREEBSD = "`(node_memory_active_bytes + node_memory_wired_bytes) / node_memory_size_bytes`"


class _Cause(NamedTuple):
    """A selector that makes an alert fire for full caches, where it is high or low, and what to ask instead."""

    selector: Selector
    when: Literal["high", "low"]
    instead: str | None


class _Use(NamedTuple):
    """What is wrong in an alert's expression; `record` is the rule that records it where it does not stand there."""

    selector: Selector
    cause: _Cause
    record: AlertRule | None = None


class MemoryAlertCountsCache(ProjectRule):
    """A memory alert takes caches that the kernel gives back on demand for memory in use.

    ## What it does
    Reads the syntax tree of alert expressions, and finds those that fire

    - when `pve_memory_usage_bytes` of Proxmox VE's hosts is high: the metric spans hosts and guests, so expressions
      whose matchers on `id`, or whose join with `pve_guest_info`, leave guests only are fine;
    - when `node_memory_MemFree_bytes` is low next to `node_memory_MemTotal_bytes` (on FreeBSD `node_memory_free_bytes`
      next to `node_memory_size_bytes`).

    The direction of the comparison counts: an alert about hosts that are hardly used is fine, and so is one
    that looks at caches, ZFS, swap or pressure too. A series that one rule of the tree records is followed to what it
    is recorded from, and a query of Grafana's alerts is read together with its threshold.

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

    - node_exporter on Linux: `1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes`
    - node_exporter on Linux with ZFS:
      `1 - (node_memory_MemAvailable_bytes + node_zfs_arc_size - node_zfs_arc_c_min) / node_memory_MemTotal_bytes`
    - node_exporter on FreeBSD: `(node_memory_active_bytes + node_memory_wired_bytes) / node_memory_size_bytes`, where
      the wired memory holds the ARC: take `node_zfs_arcstats_size_bytes - node_zfs_arcstats_c_min_bytes` off it
    - cAdvisor: `container_memory_working_set_bytes / (container_spec_memory_limit_bytes > 0)`; the limit of a
      container without one is 0
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
        """A finding for each metric that makes an alert fire because caches are full."""
        recorded = Recorded(project)
        for alert, query in queries(project):
            found: dict[str | None, _Use] = {}
            for use in (*_direct(query), *_through_records(alert, query, recorded)):
                found.setdefault(use.selector.name, use)
            yield from (self._finding(alert, use) for use in found.values())

    def _finding(self, alert: AlertRule, use: _Use) -> Finding:
        name, instead = use.cause.selector.name, use.cause.instead
        found = self.finding(
            f"`{shown(alert)}` takes reclaimable memory for memory in use",
            at=alert.selector(use.selector),
            note=f"`{name}` counts the page cache and the ZFS ARC as used"
            if name == _USED
            else f"`{name}` is low on every host whose caches are warm",
        )
        if use.record is not None:
            found = found.label(use.record.selector(use.cause.selector), "it is recorded from this")
        if name == _USED:
            return found.help(f"alert on swap or pressure instead, as node_exporter on the host tells: {_SWAP}")
        if instead is None:
            return found.help(f"count what can be reclaimed as free: {_FREEBSD}")
        found = found.help(f"use `{instead}`, which counts what can be reclaimed as free")
        return found if use.record is not None else found.fix(renamed(alert, use.selector, instead, f"use `{instead}`"))


def _direct(query: Query) -> Iterator[_Use]:
    """The selectors that make the alert fire when caches are full."""
    return (_Use(cause.selector, cause) for cause in _causes(query) if _fires(query, cause.selector, cause.when))


def _through_records(alert: AlertRule, query: Query, recorded: Recorded) -> Iterator[_Use]:
    """The selectors of series that are recorded from such selectors."""
    if _considers_caches(query):
        return
    for selector in query.selectors:
        found = recorded.by(alert, selector)
        if found is None:
            continue
        rule, inner = found
        for cause in _causes(inner, selector):
            moved = moves(inner.root, named(cause.selector.name or ""))
            if moved and _fires(query, selector, cause.when if moved > 0 else _OTHER[cause.when]):
                yield _Use(selector, cause, rule)


def _causes(query: Query, *outer: Selector) -> Iterator[_Cause]:
    """The selectors that count caches as used; `outer` are others whose matchers leave series out."""
    metrics = query.metrics
    if _considers_caches(query):
        return
    for selector in query.selectors:
        if selector.name == _USED and _GUESTS not in metrics and _spans_hosts(query, *outer):
            yield _Cause(selector, "high", None)
        elif selector.name in _FREE and _FREE[selector.name][0] in metrics:
            yield _Cause(selector, "low", _FREE[selector.name][1])


def _considers_caches(query: Query) -> bool:
    return any(_CONSIDERED.fullmatch(metric) for metric in query.metrics)


def _fires(query: Query, selector: Selector, when: str) -> bool:
    chosen = named(selector.name or "")
    return any(fires_when(condition, chosen) == when for condition in conditions(query.root))


def _spans_hosts(query: Query, *outer: Selector) -> bool:
    """Whether hosts are among what the query selects: no matcher of it is for guests alone, nothing takes hosts out."""
    proxmox = (one for one in query.selectors if one.name is not None and one.name.startswith("pve_"))
    return not _takes_hosts_out(query) and all(
        any(one_matches((test.name, test.op, test.value), {"id": host}) for host in _hosts(test.value))
        for selector in (*proxmox, *outer)
        for test in selector.tests("id")
    )


def _takes_hosts_out(query: Query) -> bool:
    """Whether what is true of hosts alone stands behind `unless`."""
    return any(
        isinstance(node, Binary)
        and node.op == "unless"
        and any(selector.name == _HOSTS for selector in selectors(node.right))
        for node in query.nodes
    )


def _hosts(value: str) -> tuple[str, ...]:
    """Ids of hosts: any, and the one that a matcher names."""
    return ("node/a", "node/pve1", *([value] if value.startswith("node/") else []))
