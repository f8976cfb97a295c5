"""Rule: dns-budget-blocks-drain."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.disruption import allows_eviction, deciding_key
from kubelint.manifests import Field, Project
from kubelint_rules.dns.budgets import Budget
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, distinct_dns
from kubelint_rules.dns.view import ClusterDns


class DnsBudgetBlocksDrain(ProjectRule):
    """The disruption budget of cluster DNS never allows an eviction.

    ## What it does
    Checks the PodDisruptionBudgets that count the pods of cluster DNS, those of the coredns charts too: one that
    keeps as many pods as there are replicas (`minAvailable: 2` of 2, `100%`, or a percentage that rounds up to
    all of them), or spares none (`maxUnavailable: 0`), blocks every eviction.

    ## Why it matters
    `kubectl drain`, and with it every upgrade that drains nodes, waits for an eviction that is refused for ever.
    Sooner or later somebody deletes the pods by hand, all of them, and name resolution stops.

    ## Example
    ```yaml
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      minAvailable: 2
      selector: {matchLabels: {k8s-app: kube-dns}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      replicas: 2
      selector: {matchLabels: {k8s-app: kube-dns}}
      template:
        metadata: {labels: {k8s-app: kube-dns}}
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {k8s-app: kube-dns}}
          containers:
            - name: coredns
              image: registry.k8s.io/coredns/coredns:v1.12.0
    ```

    ## Use instead
    ```yaml
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      maxUnavailable: 1
      selector: {matchLabels: {k8s-app: kube-dns}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: coredns
      namespace: kube-system
    spec:
      replicas: 2
      selector: {matchLabels: {k8s-app: kube-dns}}
      template:
        metadata: {labels: {k8s-app: kube-dns}}
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {k8s-app: kube-dns}}
          containers:
            - name: coredns
              image: registry.k8s.io/coredns/coredns:v1.12.0
    ```

    ## When to ignore
    Where whoever drains nodes scales DNS up first.

    ## Fix safety
    Unsafe: it changes how many replicas may be gone at a time.

    ## References
    - [Specifying a Disruption Budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)
    - kubernetes `pkg/controller/disruption/disruption.go`
    """

    meta = RuleMeta(
        id="dns-budget-blocks-drain",
        summary="the disruption budget of cluster DNS never allows an eviction",
        category=Category.DNS,
        severity=Severity.ERROR,
        incident=4,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every budget that counts DNS pods and spares none."""
        seen: set[tuple[int, int | None]] = set()
        reported: set[int] = set()
        for dns in distinct_dns(project):
            budgets = dns.budgets(project)
            alike = (id(budgets), _counted(dns))
            for budget in [*([] if alike in seen else budgets), *([dns.own_budget] if dns.own_budget else [])]:
                if budget.certain and id(budget.spec) not in reported and _blocks(dns, budget):
                    reported.add(id(budget.spec))
                    yield self._finding(dns, budget.spec)
            seen.add(alike)

    def _finding(self, dns: ClusterDns, spec: Field) -> Finding:
        key = deciding_key(spec.value)
        return (
            self.finding(
                f"the disruption budget of cluster DNS `{dns.name}` never allows an eviction",
                at=spec.get(key),
                note=_because(dns, key),
            )
            .label(dns.at, "the replicas")
            .help("set `maxUnavailable: 1` instead" if key == "minAvailable" else "set `maxUnavailable` to `1`")
            .fix(_fix(dns, spec, key))
        )


def _blocks(dns: ClusterDns, budget: Budget) -> bool:
    replicas = None if budget.everything else _counted(dns)
    return dns.minimum != 0 and allows_eviction(budget.spec.value, replicas) is False


def _counted(dns: ClusterDns) -> int | None:
    """How many replicas there are; None where that may change."""
    return None if dns.autoscaled else dns.minimum


def _because(dns: ClusterDns, key: str) -> str:
    if key == "maxUnavailable":
        return "it spares no pod, so that drains of their nodes hang"
    if dns.autoscaled or dns.minimum is None:
        kept = "every replica"
    else:
        kept = "the only replica" if dns.minimum == 1 else f"all {dns.minimum} replicas"
    return f"it keeps {kept}, so that drains of their nodes hang"


def _fix(dns: ClusterDns, spec: Field, key: str) -> Fix | None:
    field = spec.get(key)
    if dns.values is not None and not dns.writable:
        return None
    if key == "maxUnavailable":
        return Fix.unsafe("set `maxUnavailable` to `1`", field.replace("1"))
    return Fix.unsafe("set `maxUnavailable: 1` instead", field.delete(), spec.insert("maxUnavailable", "1"))
