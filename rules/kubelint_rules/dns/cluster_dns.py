"""What runs the DNS of the clusters of a tree: Deployments and releases of the coredns charts, seen alike."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.manifests import Project, once_per_project
from kubelint_rules.dns.budgets import KIND as BUDGET
from kubelint_rules.dns.deployments import dns_deployments
from kubelint_rules.dns.one_node import has_one_node
from kubelint_rules.dns.releases import dns_releases
from kubelint_rules.dns.scaling import KINDS as SCALING
from kubelint_rules.dns.view import ClusterDns

NEEDS = SCALING | {BUDGET}
MARKS = ("coredns", "CoreDNS", "kube-dns")
"""What stands somewhere in every tree that holds cluster DNS: in a name, a label, an image or a chart's address."""


@once_per_project
def every_dns(project: Project) -> list[ClusterDns]:
    """The DNS of all clusters, found once for all rules; patches too, as far as they go."""
    return [*dns_deployments(project), *dns_releases(project)]


@once_per_project
def cluster_dns(project: Project) -> list[ClusterDns]:
    """The DNS of clusters that may have more than one node."""
    return [dns for dns in every_dns(project) if not _has_one_node(project, dns)]


def distinct_dns(project: Project) -> Iterator[ClusterDns]:
    """The same, each Deployment once, however many kustomizations count its replicas."""
    yield from {dns.key: dns for dns in reversed(cluster_dns(project))}.values()


def _has_one_node(project: Project, dns: ClusterDns) -> bool:
    return has_one_node(project, dns.scope, dns.spec.document.file, dns.at.document.file, dns.built_by)
