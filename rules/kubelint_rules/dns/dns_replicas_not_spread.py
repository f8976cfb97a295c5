"""Rule: dns-replicas-not-spread."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.scheduling import pinned_host
from kubelint.cluster.spread import Spread, kept_together
from kubelint.manifests import Field, Project
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, distinct_dns
from kubelint_rules.dns.edits import labels_text, set_key
from kubelint_rules.dns.view import ClusterDns


class DnsReplicasNotSpread(ProjectRule):
    """The replicas of cluster DNS may all run on the same node.

    ## What it does
    Checks the Deployment that answers for the cluster's names, where it has several replicas, for something
    that puts them on different nodes: pod anti-affinity or a topology spread constraint on
    `kubernetes.io/hostname` (or on zones) whose selector matches the pods themselves. Preferences count:
    they are enough to keep replicas apart where there is room. Required pod affinity that binds the pods to each other
    does the opposite, and is reported too. The chart `coredns` sets neither by itself;
    `rke2-coredns` ships required anti-affinity, which holds until values replace it.

    ## Why it matters
    Two replicas on one node fail together when that node is drained or lost, and with them every name in
    the cluster. The scheduler's own defaults tend to spread pods but do not promise it, least of all after
    a reboot of all nodes, when the first one back takes everything.

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
          containers:
            - name: coredns
              image: registry.k8s.io/coredns/coredns:v1.12.0
    ```

    ## Use instead
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

    ## When to ignore
    In a cluster of one node; declaring that node under `cluster.nodes` has the same effect.

    ## Fix safety
    Unsafe: it changes where the pods are placed. The constraint it adds is a preference, so no pod stays
    `Pending` for it.

    ## References
    - [Topology spread constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)
    - kubernetes `pkg/scheduler/framework/plugins/podtopologyspread`
    """

    meta = RuleMeta(
        id="dns-replicas-not-spread",
        summary="replicas of cluster DNS may share a node",
        category=Category.DNS,
        severity=Severity.WARNING,
        incident=4,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every DNS Deployment of several replicas that nothing keeps apart."""
        for dns in distinct_dns(project):
            several = dns.autoscaled if dns.minimum is None else dns.minimum >= 2
            if not several or pinned_host(dns.pod):
                continue
            if dns.placed and kept_together(dns.pod, dns.labels, dns.namespace):
                yield self._together(dns)
            elif dns.spread is Spread.NONE:
                yield self._finding(dns)

    def _together(self, dns: ClusterDns) -> Finding:
        return self.finding(
            f"the replicas of cluster DNS `{dns.name}` have to share a node",
            at=dns.spec.get("affinity", "podAffinity").key,
            note="draining this node stops name resolution for the whole cluster",
        ).help("replace the affinity of its own pods with anti-affinity")

    def _finding(self, dns: ClusterDns) -> Finding:
        count = f"the {dns.minimum} replicas" if dns.minimum and not dns.autoscaled else "the replicas"
        found = self.finding(
            f"{count} of cluster DNS `{dns.name}` may share a node",
            at=dns.spec.get("topologySpreadConstraints").key,
            note="nothing guarantees that they survive the drain of one node",
        )
        if dns.at.exists or dns.values is None:
            found = found.label(dns.at, "the replicas")
        for term in _terms(dns):
            found = found.label(term, "this does not spread these pods over nodes")
        return found.help("add a topology spread constraint on `kubernetes.io/hostname` for its own pods").fix(
            _fix(dns)
        )


def _terms(dns: ClusterDns) -> Iterator[Field]:
    yield from dns.spec.get("topologySpreadConstraints").elements()
    anti = dns.spec.get("affinity", "podAntiAffinity")
    yield from anti.get("requiredDuringSchedulingIgnoredDuringExecution").elements()
    yield from anti.get("preferredDuringSchedulingIgnoredDuringExecution").elements()


def _fix(dns: ClusterDns) -> Fix | None:
    constraints = dns.spec.get("topologySpreadConstraints")
    if not dns.selector or constraints.unknown:
        return None
    constraint = (
        "{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway,"
        f" labelSelector: {{matchLabels: {labels_text(dns.selector)}}}}}"
    )
    if constraints.value:
        edit = constraints.append(constraint) if dns.writable else None
    else:
        edit = set_key(dns, "topologySpreadConstraints", f"[{constraint}]")
    return None if edit is None else Fix.unsafe("prefer different nodes for the replicas", edit)
