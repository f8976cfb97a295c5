"""Rule: multiple-cluster-init."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Location, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.hosts.server_clusters import Server, ServerCluster


class MultipleClusterInit(ProjectRule):
    """Two servers would each start a cluster of their own.

    ## What it does
    Finds several configurations of k3s servers that belong to one cluster and have `cluster-init: true` without
    `server:`: files of hosts, and variables of single hosts in Ansible. A variable of a whole group is left to the
    role that reads it, and a template that chooses the first host is unknown.

    ## Why it matters
    `cluster-init` starts a new etcd with one member. Only the first server may do so; the others name it in `server`.
    With two, each server comes up and answers, with its own certificates and its own, empty state: half of the agents
    belong to one cluster, half to the other, and there is no way to merge them.

    ## Example
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    tls-san: [cluster.example.org]
    ```
    ```yaml title="hosts/server-2/etc/rancher/k3s/config.yaml"
    cluster-init: true
    tls-san: [cluster.example.org]
    ```
    ```yaml title="hosts/server-3/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    tls-san: [cluster.example.org]
    ```

    ## Use instead
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    tls-san: [cluster.example.org]
    ```
    ```yaml title="hosts/server-2/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    tls-san: [cluster.example.org]
    ```
    ```yaml title="hosts/server-3/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    tls-san: [cluster.example.org]
    ```

    A server that already started a cluster of its own has certificates of its own, too: uninstall k3s there
    (`k3s-uninstall.sh`; this deletes all that the server keeps) and install it again with `server:`. Take a snapshot of
    the cluster that is to stay before (`k3s etcd-snapshot save`).

    ## When to ignore
    Where they are different clusters. Put each cluster's files into a folder of its own, such as `clusters/prod`.

    ## References
    - [k3s: high availability with embedded etcd](https://docs.k3s.io/datastore/ha-embedded)
    """

    meta = RuleMeta(
        id="multiple-cluster-init",
        summary="two servers would each start a cluster of their own",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
    )
    marks = ("cluster-init",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each server but the first by name that starts a cluster."""
        for cluster in project.hosts.server_clusters:
            starting = _starting(cluster)
            for other in starting[1:]:
                yield self._finding(starting[0], other)

    def _finding(self, first: Server, other: Server) -> Finding:
        return (
            self.finding(
                f"`{other.name}` would start a cluster of its own, as `{first.name}` does",
                at=other.get("cluster-init")[-1].at,
                note="two clusters come up, which cannot be merged",
            )
            .label(first.get("cluster-init")[-1].at, f"`{first.name}` starts one")
            .help(f"let `{other.name}` join: set `server` in place of `cluster-init`")
        )


def _starting(cluster: ServerCluster) -> list[Server]:
    """The servers that start a cluster, each by a setting of its own."""
    found: dict[Location, Server] = {}
    for server in cluster.named:
        if "server" not in server.flags and server.enabled("cluster-init") is True:
            found.setdefault(Location.of(server.get("cluster-init")[-1].at), server)
    return list(found.values())
