"""Rule: server-config-drift."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Location, ProjectRule, RuleMeta, Severity
from kubelint.cluster.server_settings import DERIVED, SHARED, normal
from kubelint.manifests import Project
from kubelint.manifests.hosts.server_clusters import Server, ServerCluster

_ABSENT = "not set"
_FLAGS = (*SHARED, "disable")
_LONGEST = 60


class ServerConfigDrift(ProjectRule):
    """Servers of one cluster are configured differently where they have to agree.

    ## What it does
    Compares the configurations of k3s and RKE2 servers that belong to one cluster: files that lie side by side, one
    for each host, those that cloud-init writes among them, and the variables that Ansible gives its control-plane
    hosts. The flags that all servers share have to be equal: `cluster-cidr`, `service-cidr`, `cluster-dns`,
    `cluster-domain`, `flannel-backend`, `disable`, `secrets-encryption`, `egress-selector-mode` and others. Values
    that a template fills in are left out.

    ## Why it matters
    A server that joins compares these with the one it joins, and stops with *critical configuration value mismatch*.
    So does one that worked before, at its next restart: then the cluster is one member short, or, when the node that
    was restarted is the one that others join, more. Differing `disable` lists make servers install and remove the same
    add-on in turn.

    ## Example
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    cluster-cidr: 10.42.0.0/16
    disable: [traefik, servicelb]
    ```
    ```yaml title="hosts/server-2/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    cluster-cidr: 10.52.0.0/16
    disable: [traefik, servicelb]
    ```
    ```yaml title="hosts/server-3/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    cluster-cidr: 10.42.0.0/16
    disable: [traefik, servicelb]
    ```

    ## Use instead
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    cluster-cidr: 10.42.0.0/16
    disable: [traefik, servicelb]
    ```
    ```yaml title="hosts/server-2/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    cluster-cidr: 10.42.0.0/16
    disable: [traefik, servicelb]
    ```
    ```yaml title="hosts/server-3/etc/rancher/k3s/config.yaml"
    server: https://server-1:6443
    cluster-cidr: 10.42.0.0/16
    disable: [traefik, servicelb]
    ```

    ## When to ignore
    While such a flag is changed, one server after the other.

    ## References
    - [k3s: critical configuration values](https://docs.k3s.io/cli/server#critical-configuration-values)
    """

    meta = RuleMeta(
        id="server-config-drift",
        summary="servers of one cluster are configured differently where they have to agree",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
    )
    marks = ("cluster-init", *_FLAGS)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each flag and each server that disagrees with the first; once for each place."""
        for cluster in project.hosts.server_clusters:
            seen: set[Location] = set()
            for finding in self._of_cluster(cluster):
                if finding.location not in seen:
                    seen.add(finding.location)
                    yield finding

    def _of_cluster(self, cluster: ServerCluster) -> Iterator[Finding]:
        servers = sorted(cluster.named, key=lambda server: "server" in server.flags)
        for flag in _FLAGS if len(servers) > 1 else ():
            known = [(server, value) for server in servers if (value := _value(server, flag)) is not None]
            for server, value in known[1:]:
                if value != known[0][1]:
                    yield self._finding(flag, known[0][0], server)

    def _finding(self, flag: str, first: Server, other: Server) -> Finding:
        one, two = (other, first) if flag in other.flags else (first, other)
        found = self.finding(
            f"`{one.name}` and `{two.name}` are servers of one cluster and disagree on `{flag}`",
            at=one.get(flag)[-1].at,
            note=f"{_shown(one, flag)} here, {_shown(two, flag)} there",
        )
        if flag in two.flags:
            found = found.label(two.get(flag)[-1].at, f"of `{two.name}`")
        else:
            found = found.label(two.configs[0].at, f"`{two.name}` does not set it")
        return found.help(f"give `{flag}` the same value on all servers")


def _value(server: Server, flag: str) -> str | None:
    """What a server makes of a flag; None where that is not known."""
    if flag in server.flags:
        return normal(flag, [value.value for value in server.values(flag)])
    if not server.whole or server.product != "k3s" or flag in DERIVED:
        return None
    return SHARED.get(flag, "")


def _shown(server: Server, flag: str) -> str:
    if flag not in server.flags:
        return _ABSENT
    text = normal(flag, [value.value for value in server.values(flag)]) or ""
    return f"`{text[:_LONGEST]}`" if text else "nothing"
