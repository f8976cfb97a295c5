"""The cluster DNS that k3s brings along, where the tree holds the servers' configuration and nothing on their DNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Project, same_cluster
from kubelint.manifests.hosts import At
from kubelint.manifests.hosts.server_clusters import ServerCluster
from kubelint.manifests.scopes import scope_of
from kubelint.manifests.shell.scripts import repository_of
from kubelint_rules.dns.cluster_dns import every_dns
from kubelint_rules.dns.one_node import has_one_node
from kubelint_rules.dns.scaling import autoscalers_of

MARKS = (
    "k3s",
    "tls-san",
    "cluster-init",
    "write-kubeconfig",
    "flannel-",
    "servicelb",
    "cluster-cidr",
    "etcd-",
    "kubelet-",
)
"""One of these stands in most configurations of k3s servers."""

_NAME = "coredns"


class Packaged(NamedTuple):
    """The servers of a k3s cluster whose DNS is the one that k3s ships; `at` is in the first one's configuration."""

    cluster: ServerCluster
    at: At


def packaged_dns(project: Project) -> Iterator[Packaged]:
    """The clusters of k3s of whose DNS nothing in the tree speaks: no object, no release, no command, no document."""
    clusters = [cluster for cluster in project.hosts.server_clusters if _ships_dns(cluster)]
    spoken = _scopes_that_speak(project) if clusters else set()
    for cluster in clusters:
        scope = cluster.configs[0].scope
        files = [config.file for config in cluster.configs]
        told = any(same_cluster(scope, other) for other in spoken) or _is_served(project, scope)
        if not told and not has_one_node(project, scope, *files):
            disabled = next((found for config in cluster.configs if (found := config.get("disable"))), None)
            yield Packaged(cluster, disabled[0].at if disabled else cluster.configs[0].at)


def _ships_dns(cluster: ServerCluster) -> bool:
    """Whether k3s surely deploys its own DNS: these are servers of k3s that do not leave it out."""
    if any(server.product != "k3s" for server in cluster.servers) or not cluster.configs:
        return False
    if not any(config.is_server for config in cluster.configs):
        return False
    left_out = [value for server in cluster.servers for value in server.values("disable")]
    texts = [value.text for value in left_out]
    return None not in texts and not any(_NAME in [part.strip() for part in str(text).split(",")] for text in texts)


def _is_served(project: Project, scope: str) -> bool:
    """Whether the tree runs, or may run, the DNS of that cluster, or something that scales it."""
    if any(same_cluster(dns.scope, scope) for dns in every_dns(project)):
        return True
    return bool(autoscalers_of(project).of("Deployment", _NAME, scope, "kube-system"))


def _scopes_that_speak(project: Project) -> set[str]:
    """The scopes of the files, documents and scripts among them, that speak of CoreDNS and of how many there are."""
    documents = {document.file: document for document in project.documents}.values()
    found = {
        scope_of(document.belongs_to, document.repository, document.rendering)
        for document in documents
        if _counts(document.text)
    }
    repositories = sorted({document.repository for document in documents}, key=len, reverse=True)
    texts = (file.path for file in project.texts if _counts(file.text))
    return found | {scope_of(path, repository_of(path, repositories)) for path in texts}


def _counts(text: str) -> bool:
    return _NAME in text and any(word in text for word in ("replica", "scale", "autoscal"))
