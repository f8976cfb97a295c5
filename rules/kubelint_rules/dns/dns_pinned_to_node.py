"""Rule: dns-pinned-to-node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.scheduling import Path, Requirement, pinned_host, required_terms, selector_requirements
from kubelint.manifests import Field, Project
from kubelint.manifests.hosts.inventory import Node
from kubelint_rules.dns.cluster_dns import MARKS, NEEDS, distinct_dns
from kubelint_rules.dns.view import ClusterDns

_ROLES = frozenset(f"node-role.kubernetes.io/{role}" for role in ("control-plane", "controlplane", "master"))


class DnsPinnedToNode(ProjectRule):
    """Cluster DNS may run on one node only.

    ## What it does
    Checks the Deployment that answers for the cluster's names for a pod spec that names one node:
    `nodeName`, a `kubernetes.io/hostname` selector, or required node affinity for one host. A selector for the control
    plane is the same where a list of all nodes names one node of it among others; any other label may be on several
    nodes. The values of the coredns charts are read likewise.

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
            if dns.minimum == 0:
                continue
            pin = pinned_host(dns.pod)
            if pin is not None:
                node, path = pin
                at = _name_at(dns.spec.get(*path))
                yield self._finding(f"cluster DNS `{dns.name}` may run on node `{node}` only", at)
            elif (lone := _lone_leader(project, dns)) is not None:
                what = f"cluster DNS `{dns.name}` may run on the control plane only, which is node `{lone.node.name}`"
                found = self._finding(what, lone.at)
                yield found if lone.node.at is None else found.label(lone.node.at, "the only node of the control plane")

    def _finding(self, message: str, at: Field) -> Finding:
        return self.finding(message, at=at, note="draining this node stops name resolution for the whole cluster").help(
            "let it run on any node, and spread the replicas over `kubernetes.io/hostname`"
        )


def _name_at(requirement: Field) -> Field:
    """Where the node's name is written: the value of an affinity term, else the field itself."""
    value = requirement.get("values", 0)
    return value if value.exists else requirement


class _Lone(NamedTuple):
    """The only node that a pod's selector for the control plane leaves, and that selector."""

    node: Node
    at: Field


def _lone_leader(project: Project, dns: ClusterDns) -> _Lone | None:
    """Where the pods have to be on the control plane, and a list of all nodes names one node of it."""
    place = _leading(dns.pod)
    inventory = project.inventory(dns.scope) if place is not None else None
    if place is None or inventory is None or not inventory.complete or dns.partial:
        return None
    nodes = list(inventory.nodes.values())
    leaders = [node for node in nodes if node.control_plane is not None and node.control_plane.value is True]
    if any(node.control_plane is None for node in nodes) or len(leaders) != 1:
        return None
    return _Lone(leaders[0], dns.spec.get(*place))


def _leading(pod: Mapping[str, object]) -> Path | None:
    """The path of what binds a pod to the control plane; None where nothing surely does."""
    selected = [each.path for each in selector_requirements(pod) if each.key in _ROLES]
    if selected:
        return selected[0]
    terms = [[each.path for each in term if _is_role(each)] for term in required_terms(pod)]
    return terms[0][0] if terms and all(terms) else None


def _is_role(requirement: Requirement) -> bool:
    return requirement.key in _ROLES and requirement.operator in ("In", "Exists")
