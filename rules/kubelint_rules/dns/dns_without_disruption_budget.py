"""Rule: dns-without-disruption-budget."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, distinct_dns
from kubelint_rules.dns.edits import set_key
from kubelint_rules.dns.view import ClusterDns


class DnsWithoutDisruptionBudget(ProjectRule):
    """No disruption budget keeps a replica of cluster DNS running while nodes are drained.

    ## What it does
    Checks cluster DNS of two or more replicas for a PodDisruptionBudget of the tree that counts its pods, or,
    in a release of a coredns chart, for the value `podDisruptionBudget`, which is empty by default.

    ## Why it matters
    A drain evicts what it finds. When two nodes are drained at once, or one after the other faster than a pod
    starts, nothing stops it from evicting all replicas of the cluster's DNS. A budget makes the second drain
    wait for the first.

    ## Example
    ```yaml
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
    Where the budget comes from somewhere else, an admission policy, say; or nodes are never drained.

    ## Fix safety
    Unsafe: drains wait for the budget from then on. Offered for releases, where it is a value of the chart.

    ## References
    - [Specifying a Disruption Budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)
    - coredns/helm `charts/coredns/templates/poddisruptionbudget.yaml`
    """

    meta = RuleMeta(
        id="dns-without-disruption-budget",
        summary="nothing keeps cluster DNS running while nodes are drained",
        category=Category.DNS,
        severity=Severity.INFO,
        incident=4,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every DNS of several replicas whose pods no budget counts."""
        for dns in distinct_dns(project):
            several = dns.minimum is not None and dns.minimum >= 2
            if several and not dns.partial and dns.own_budget is None and not dns.budgets(project):
                yield self._finding(dns)

    def _finding(self, dns: ClusterDns) -> Finding:
        found = self.finding(
            f"no disruption budget counts the replicas of cluster DNS `{dns.name}`",
            at=dns.subject if dns.values is None else dns.values.get("podDisruptionBudget").key,
            note="drains of two nodes at once may evict all of them",
        )
        if dns.at.exists:
            found = found.label(dns.at, "the replicas")
        return found.help("add a PodDisruptionBudget with `maxUnavailable: 1` for its pods").fix(_fix(dns))


def _fix(dns: ClusterDns) -> Fix | None:
    edit = None if dns.values is None else set_key(dns, "podDisruptionBudget", "{maxUnavailable: 1}")
    return None if edit is None else Fix.unsafe("let the chart add a budget", edit)
