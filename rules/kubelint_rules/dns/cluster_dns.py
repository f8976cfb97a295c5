"""What runs the DNS of the clusters of a tree: Deployments and releases of the coredns charts, seen alike."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from kubelint.manifests import Project
from kubelint_rules.dns.budgets import KIND as BUDGET
from kubelint_rules.dns.deployments import dns_deployments
from kubelint_rules.dns.releases import dns_releases
from kubelint_rules.dns.scaling import KINDS as SCALING
from kubelint_rules.dns.view import ClusterDns

NEEDS = SCALING | {BUDGET}
MARKS = ("coredns", "CoreDNS", "kube-dns")
"""What stands somewhere in every tree that holds cluster DNS: in a name, a label, an image or a chart's address."""

_known: WeakKeyDictionary[Project, list[ClusterDns]] = WeakKeyDictionary()


def cluster_dns(project: Project) -> list[ClusterDns]:
    """The DNS of clusters with more than one node, found once for all rules; patches too, as far as they go."""
    if project not in _known:
        one_node = len(project.settings.nodes) == 1
        _known[project] = [] if one_node else [dns for dns in _found(project) if not _has_one_node(project, dns)]
    return _known[project]


def distinct_dns(project: Project) -> Iterator[ClusterDns]:
    """The same, each Deployment once, however many kustomizations count its replicas."""
    yield from {dns.key: dns for dns in reversed(cluster_dns(project))}.values()


def _has_one_node(project: Project, dns: ClusterDns) -> bool:
    """Whether its cluster has one node: its folder says so, or the only list of all nodes names one."""
    if dns.is_for_one_node:
        return True
    inventory = project.inventory(dns.scope)
    return inventory.complete and len(inventory.nodes) == 1


def _found(project: Project) -> Iterator[ClusterDns]:
    yield from dns_deployments(project)
    yield from dns_releases(project)
