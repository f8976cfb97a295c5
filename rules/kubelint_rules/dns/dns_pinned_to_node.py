"""Rule: dns-pinned-to-node."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.scheduling import pinned_host
from kubelint.manifests import Field, Project
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, distinct_dns


class DnsPinnedToNode(ProjectRule):
    """Cluster DNS may run on one node only.

    ## What it does
    Checks the Deployment that answers for the cluster's names for a pod spec that names one node:
    `nodeName`, a `kubernetes.io/hostname` selector, or required node affinity for one host. The values of the
    coredns charts are read likewise.

    ## Why it matters
    Further replicas do not help when all of them have to be on the same machine. Draining it stops name
    resolution for the whole cluster, and the pods stay `Pending` until that very node is back.

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
          nodeSelector:
            kubernetes.io/hostname: server-1
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
          nodeSelector:
            kubernetes.io/os: linux
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

    ## References
    - [Assigning Pods to Nodes](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/)
    """

    meta = RuleMeta(
        id="dns-pinned-to-node",
        summary="cluster DNS may run on one node only",
        category=Category.DNS,
        severity=Severity.ERROR,
        incident=4,
        since="0.1.0",
    )
    needs = NEEDS
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every DNS Deployment that names its node."""
        for dns in distinct_dns(project):
            pin = pinned_host(dns.pod)
            if pin is not None and dns.minimum != 0:
                node, path = pin
                yield self.finding(
                    f"cluster DNS `{dns.name}` may run on node `{node}` only",
                    at=_name_at(dns.spec.get(*path)),
                    note="draining this node stops name resolution for the whole cluster",
                ).help("remove the node's name and spread the replicas over `kubernetes.io/hostname`")


def _name_at(requirement: Field) -> Field:
    """Where the node's name is written: the value of an affinity term, else the field itself."""
    value = requirement.get("values", 0)
    return value if value.exists else requirement
