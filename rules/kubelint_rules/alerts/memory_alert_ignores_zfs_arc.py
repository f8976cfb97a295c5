"""Rule: memory-alert-ignores-zfs-arc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Binary, Query, Selector
from kubelint.cluster.promql.meaning import conditions, fires_when, named
from kubelint.manifests import Field, Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import queries, rewritten, shown

_AVAILABLE = "node_memory_MemAvailable_bytes"
_DRIVERS = frozenset({"zfs.csi.openebs.io", "zfs-generic-iscsi", "org.democratic-csi.zfs-local-dataset"})
_Evidence = tuple[str, Field]


@dataclass(frozen=True)
class _Options:
    zfs: bool = False
    """Say that hosts have ZFS although no file shows it."""


class MemoryAlertIgnoresZfsArc(ProjectRule):
    """A memory alert takes the ZFS cache of a host for memory in use.

    ## What it does
    Finds alerts that fire when `node_memory_MemAvailable_bytes` is low, in a tree that shows ZFS: a
    StorageClass of a ZFS driver, alerts on `node_zfs_*` or `zfs_*` metrics. Expressions that
    mention the ARC are fine, and so are those that leave hosts out with `unless`.

    ## Why it matters
    The kernel counts the page cache as available, but not the ARC, which ZFS keeps by itself and gives back under
    pressure. A host with ZFS looks short of memory whenever its cache is full.

    ## Example
    ```yaml title="rules/nodes.yaml"
    groups:
      - name: nodes
        rules:
          - alert: NodeMemoryLow
            expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} is short of memory"}
          - alert: PoolDegraded
            expr: node_zfs_zpool_state{state!="online"} > 0
            labels: {severity: critical}
            annotations: {summary: "a pool of {{ $labels.instance }} is {{ $labels.state }}"}
    ```

    ## Use instead
    ```yaml title="rules/nodes.yaml"
    groups:
      - name: nodes
        rules:
          - alert: NodeMemoryLow
            expr: |
              (
                node_memory_MemAvailable_bytes + node_zfs_arc_size - node_zfs_arc_c_min
                or node_memory_MemAvailable_bytes
              ) / node_memory_MemTotal_bytes < 0.1
            for: 15m
            labels: {severity: warning}
            annotations: {summary: "{{ $labels.instance }} is short of memory"}
          - alert: PoolDegraded
            expr: node_zfs_zpool_state{state!="online"} > 0
            labels: {severity: critical}
            annotations: {summary: "a pool of {{ $labels.instance }} is {{ $labels.state }}"}
    ```
    The part behind `or` is for hosts without ZFS, which have none of these metrics.

    ## When to ignore
    Where the hosts with ZFS have an ARC too small to matter.

    ## Options
    `zfs: true` says that hosts have ZFS where no file shows it.

    ## References
    - [OpenZFS: ARC and MemAvailable](https://github.com/openzfs/zfs/issues/10255)
    - node_exporter: `collector/zfs_linux.go`
    """

    meta = RuleMeta(
        id="memory-alert-ignores-zfs-arc",
        summary="memory alert takes the ZFS cache for memory in use",
        category=Category.ALERTS,
        severity=Severity.INFO,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    Options = _Options
    marks = (_AVAILABLE,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each such alert of a cluster that shows ZFS."""
        low = [(alert, query) for alert, query in queries(project) if _is_low_memory(query)]
        evidence = list(_evidence(project)) if low else []
        for alert, query in low:
            witness = next((at for scope, at in evidence if same_cluster(scope, alert.group.scope)), None)
            if witness is not None or self.options.zfs:
                yield self._finding(alert, query, witness)

    def _finding(self, alert: AlertRule, query: Query, witness: Field | None) -> Finding:
        selector = next(one for one in query.selectors if one.name == _AVAILABLE)
        found = self.finding(
            f"`{shown(alert)}` takes the ZFS cache for memory in use",
            at=alert.selector(selector),
            note="the ARC is not part of what the kernel calls available",
        ).help("add `+ node_zfs_arc_size - node_zfs_arc_c_min` where a host has it")
        if witness is not None:
            found = found.label(witness, "ZFS is used here")
        return found.fix(_fix(alert, query, selector))


def _fix(alert: AlertRule, query: Query, selector: Selector) -> Fix | None:
    place = query.place(selector)
    if place is None or selector.range is not None or selector.offset:
        return None
    written = query.text[place.start : place.end]
    braces = written[len(place.name) :]
    more = f"node_zfs_arc_size{braces} - node_zfs_arc_c_min{braces}"
    return rewritten(alert, place.start, place.end, f"({written} + {more} or {written})", "count the ARC as available")


def _is_low_memory(query: Query) -> bool:
    if _AVAILABLE not in query.metrics or any("zfs" in metric for metric in query.metrics):
        return False
    if any(isinstance(node, Binary) and node.op == "unless" for node in query.nodes):
        return False
    return any(fires_when(condition, named(_AVAILABLE)) == "low" for condition in conditions(query.root))


def _evidence(project: Project) -> Iterator[_Evidence]:
    """What shows that hosts have ZFS: the scope, and where."""
    for group in project.alert_groups:
        for rule in group.rules:
            query = rule.promql if "zfs_" in (rule.query or "") else None
            if query and any(name.startswith(("node_zfs_", "zfs_")) for name in query.metrics):
                yield group.scope, rule.expr
                break
    for obj in project.objects("StorageClass", "storage.k8s.io"):
        provisioner = obj.field("provisioner")
        if provisioner.text in _DRIVERS:
            yield obj.scope, provisioner
