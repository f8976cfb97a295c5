"""Rule: control-plane-network-change."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, ChangeRule, Finding, Location, RuleMeta, Severity, named
from kubelint.cluster.quorum import loses_quorum
from kubelint.manifests import Project
from kubelint.manifests.hosts.addresses import UNTAGGED, Kind
from kubelint.manifests.hosts.control_planes import control_planes
from kubelint_rules.controlplane.moves import KINDS, Move, MovedPlane, moved_planes

_WHAT: dict[Kind, str] = {
    "address": "their address",
    "login": "their address",
    "VLAN": "their VLAN",
    "interface": "their interface",
    "subnet": "the subnet of their address",
    "virtual": "their virtual address",
    "endpoint": "their endpoint",
}
_OF_THE_API = frozenset({"virtual", "endpoint"})


class ControlPlaneNetworkChange(ChangeRule):
    """One change moves several members of a control plane to other addresses, interfaces or VLANs.

    ## What it does
    Compares the tree with what it was: `kubelint --since REF` takes the commit from which HEAD and REF went apart;
    without `--since` the rule does nothing. It looks at members of a control plane that are there before and after, by
    their names, and reports where two or more of one cluster change their address, interface or VLAN:

    - Ansible inventories with their `host_vars` and `group_vars`: `ansible_host`, `ip`, `node_ip`, `flannel_iface`,
      `vlan_id` and the like. `ansible_host` counts where nothing else tells the address in the cluster.
    - k3s and RKE2: `node-ip`, `node-external-ip`, `advertise-address`, `bind-address`, `flannel-iface`, in files for
      each server and in variables.
    - Talos and talhelper: addresses, interfaces, VLANs and `vip`, `advertisedSubnets`, the endpoint.
    - kubeadm (`advertiseAddress`, the kubelet's `node-ip`, etcd's endpoints), k0sctl, RKE.

    Members that come or go, addresses that are only added or only taken away, values that a template fills in, the
    length of a network (`/24`), routes, and names in place of addresses are left out. So is a value that moves
    to another file.

    ## Why it matters
    Each member of etcd is known to the others by its address. Moved one by one, the others keep a majority and take the
    new address in. Moved together, no majority finds itself again: etcd stops, and the API server with it. Then only a
    reset to one member helps, with the others joining anew.

    ## Example
    ```yaml title=".before/inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1: {ansible_host: 192.168.16.94}
            server-2: {ansible_host: 192.168.16.95}
            server-3: {ansible_host: 192.168.16.96}
    ```
    becomes

    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1: {ansible_host: 192.168.20.94}
            server-2: {ansible_host: 192.168.20.95}
            server-3: {ansible_host: 192.168.20.96}
    ```

    ## Use instead
    ```yaml title=".before/inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1: {ansible_host: 192.168.16.94}
            server-2: {ansible_host: 192.168.16.95}
            server-3: {ansible_host: 192.168.16.96}
    ```
    becomes

    ```yaml title="inventory/hosts.yml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1: {ansible_host: 192.168.20.94}
            server-2: {ansible_host: 192.168.16.95}
            server-3: {ansible_host: 192.168.16.96}
    ```

    and the next member is changed when this one is back: save a snapshot first (`k3s etcd-snapshot save`,
    `talosctl etcd snapshot`), take the member out of etcd, let it join with its new address, and look at
    `etcdctl endpoint health --cluster`, `kubectl get --raw=/readyz/etcd` or `talosctl etcd status`. Old and new network
    have to reach each other meanwhile.

    ## When to ignore
    Before the cluster exists, or where it is stopped for the move as a whole.

    ## References
    - [etcd: runtime reconfiguration](https://etcd.io/docs/v3.6/op-guide/runtime-configuration/)
    - [k3s: high availability with embedded etcd](https://docs.k3s.io/datastore/ha-embedded)
    """

    meta = RuleMeta(
        id="control-plane-network-change",
        summary="one change moves several members of a control plane to other addresses",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
    )

    def check(self, before: Project, project: Project) -> Iterator[Finding]:
        """At most one finding for each cluster."""
        for moved in moved_planes(control_planes(before), control_planes(project)):
            yield self._finding(moved)

    def _finding(self, moved: MovedPlane) -> Finding:
        number, total = len(moved.names), len(moved.plane.members)
        (first, told), *others = _by_place(moved.moves).items()
        found = self.finding(
            f"{number} of {total} control-plane members change {_what(moved.moves)} at once",
            at=first,
            note=f"{told}; {_effect(moved, number, total)}",
        )
        for place, text in others:
            found = found.label(place, text)
        return found.help(
            "migrate one member, look at its quorum with `etcdctl endpoint health --cluster`, then go on to the next"
        )


def _by_place(moves: tuple[Move, ...]) -> dict[Location, str]:
    """What there was before where each member moved first; variables of groups are those of several members."""
    firsts = {move.member: move for move in reversed(moves)}
    places: dict[Location, dict[tuple[str, ...], list[Move]]] = {}
    for move in reversed(firsts.values()):
        places.setdefault(Location.of(move.new.at), {}).setdefault(move.old, []).append(move)
    return {place: "; ".join(map(_before, by_old.values())) for place, by_old in places.items()}


def _before(moves: list[Move]) -> str:
    members = named(move.member for move in moves)
    old = moves[0].old
    if moves[0].kind == "VLAN":
        return f"{members}: {'untagged' if old == (UNTAGGED,) else f'VLAN {named(old)}'} before"
    return f"{members}: {named(old)} before"


def _what(moves: tuple[Move, ...]) -> str:
    kinds = {move.kind for move in moves}
    words = list(dict.fromkeys(_WHAT[kind] for kind in KINDS if kind in kinds))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _effect(moved: MovedPlane, number: int, total: int) -> str:
    if {move.kind for move in moved.moves} <= _OF_THE_API:
        return "whoever uses the API server loses it"
    return "etcd loses its quorum" if loses_quorum(total, number) else "etcd has no member to spare meanwhile"
