"""The members of each etcd cluster that the tree lists, from whatever lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.places import At, is_sample
from kubelint.manifests.scopes import scope_of

if TYPE_CHECKING:
    from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
    from kubelint.manifests.hosts.machines import Machine
    from kubelint.manifests.hosts.reading import Hosts
    from kubelint.manifests.hosts.talos import TalosMachine
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project

_PART = re.compile(r"\d+[-_]")
_CONTROL_PLANES = ("KubeadmControlPlane", "RKE2ControlPlane", "KThreesControlPlane", "TalosControlPlane")
_K0S_ROLES = frozenset({"controller", "controller+worker", "single"})


class EtcdMembers(NamedTuple):
    """The members of one etcd cluster: their number, where that is written, and where each is named if it is."""

    origin: str
    number: int
    at: At
    places: tuple[At, ...]
    file: str
    scope: str
    local: bool = False
    """Whether they are containers on one machine."""


def read_members(project: Project) -> list[EtcdMembers]:
    """The clusters of which all members are known, and surely run etcd."""
    hosts = project.hosts
    found = [*_ansible(hosts), *_lists(hosts), *_talos(hosts), *_kubeadm(hosts), *_servers(hosts), *_local(hosts)]
    found += _objects(project)
    return [members for members in found if not is_sample(members.file)]


def _ansible(hosts: Hosts) -> Iterator[EtcdMembers]:
    for nodes in hosts.ansible_nodes:
        inventory = nodes.inventory
        if _PART.match(basename(inventory.file)) or dirname(inventory.file) in hosts.dynamic_folders:
            continue  # Ansible reads all of the directory as one inventory
        group = _member_group(nodes)
        if group is not None and not inventory.has_unknown(group):
            places = tuple(inventory.place_of(name, group) for name in inventory.members(group))
            scope = scope_of(inventory.file, inventory.repository)
            at = inventory.groups[group].at
            yield EtcdMembers("Ansible inventory", len(places), at, places, inventory.file, scope)


def _member_group(nodes: AnsibleNodes) -> str | None:
    """The group whose hosts are the members: `etcd` where there is one, else that of the whole control plane."""
    inventory = nodes.inventory
    if not nodes.has_etcd_group and not nodes.may_run_etcd:
        return None
    groups = ("etcd",) if nodes.has_etcd_group else inventory.groups
    ours = (name for name in groups if name == "etcd" or name in nodes.membership.control_planes)
    return next((name for name in ours if inventory.members(name) == nodes.members), None)


def _lists(hosts: Hosts) -> Iterator[EtcdMembers]:
    """talconfig, the `nodes.yaml` that a template of a whole cluster is made from, and RKE's `cluster.yml`."""
    for config in hosts.talconfigs:
        yield from _of_machines("talconfig", config.root, config.machines)
    for nodes in hosts.node_lists:
        yield from _of_machines("list of nodes", nodes.root, nodes.machines)
    for cluster in hosts.rke_clusters:
        leaders = cluster.members
        if leaders:
            yield _members("RKE configuration", len(leaders), cluster.root.get("nodes").key, leaders, cluster.root)


def _of_machines(origin: str, root: Field, machines: list[Machine]) -> Iterator[EtcdMembers]:
    if all(machine.control_plane is not None for machine in machines):
        leaders = [machine.at for machine in machines if machine.control_plane and machine.control_plane.value is True]
        yield _members(origin, len(leaders), root.get("nodes").key, leaders, root)


def _members(origin: str, count: int, at: At, places: Iterable[At], root: Field, *, local: bool = False) -> EtcdMembers:
    document = root.document
    scope = scope_of(document.belongs_to, document.repository, document.rendering)
    return EtcdMembers(origin, count, at, tuple(places), document.file, scope, local)


def _talos(hosts: Hosts) -> Iterator[EtcdMembers]:
    """Files of machines that lie side by side, each with the name of its own machine."""
    folders: dict[str, list[TalosMachine]] = {}
    for machine in hosts.talos_machines:
        folders.setdefault(dirname(machine.file), []).append(machine)
    generated = {dirname(config.file) for config in hosts.talconfigs}
    for folder, machines in folders.items():
        if any(f"{folder}/".startswith(f"{other}/") or not other for other in generated):
            continue
        if any(machine.machine.control_plane is None for machine in machines):
            continue
        leaders = [machine for machine in machines if machine.machine.control_plane.value]  # type: ignore[union-attr]
        names = {machine.machine.node_name for machine in leaders}
        if len(names) == len(leaders) and None not in names:
            types = [machine.root.get("machine", "type") for machine in leaders]
            yield from [_members("Talos", len(types), types[0], types, types[0])] if types else []


def _kubeadm(hosts: Hosts) -> Iterator[EtcdMembers]:
    for config in hosts.kubeadm:
        endpoints = {endpoint.text: endpoint for endpoint in config.etcd_endpoints}
        if endpoints and None not in endpoints:
            at = config.root.get("etcd", "external", "endpoints").key
            yield _members("kubeadm configuration", len(endpoints), at, endpoints.values(), config.root)


def _servers(hosts: Hosts) -> Iterator[EtcdMembers]:
    """Configuration files of k3s and RKE2, one for each server."""
    for cluster in hosts.server_clusters:
        if cluster.nodes is None and cluster.keeps_etcd and all(server.name for server in cluster.servers):
            roots = [config.root for server in cluster.servers if (config := server.configs[0]).root is not None]
            if len(roots) > 1 and not any("disable-etcd" in server.flags for server in cluster.servers):
                starts = [_start(root) for root in roots]
                yield _members("server configuration", len(roots), starts[0], starts, roots[0])


def _start(root: Field) -> At:
    """Where a file says that it is a server's: whom it joins, or that it starts the cluster."""
    found = (root.get(flag).key for flag in ("cluster-init", "server", "token") if root.get(flag).exists)
    return next(found, next((field.key for _, field in root.items()), root))


def _local(hosts: Hosts) -> Iterator[EtcdMembers]:
    """k3d and kind."""
    for cluster in hosts.local_clusters:
        flags = {setting.flag for setting, _ in cluster.settings}
        if cluster.control_planes is not None and "datastore-endpoint" not in flags:
            nodes = cluster.root.get("servers" if cluster.tool == "k3d" else "nodes")
            at = nodes if cluster.tool == "k3d" else nodes.key
            places = [node for node in nodes.elements() if node.get("role").text == "control-plane"]
            yield _members(cluster.tool, cluster.control_planes, at, places, cluster.root, local=True)


def _objects(project: Project) -> Iterator[EtcdMembers]:
    """Control planes of Cluster API, and k0sctl's cluster."""
    for obj in project.objects((*_CONTROL_PLANES, "Cluster")):
        found = _k0sctl(obj) if obj.group == "k0sctl.k0sproject.io" else _replicas(obj, project)
        yield from [found] if found is not None else []


def _replicas(obj: KubeObject, project: Project) -> EtcdMembers | None:
    steps = ("spec", "topology", "controlPlane", "replicas") if obj.kind == "Cluster" else ("spec", "replicas")
    external = obj.field("spec", "kubeadmConfigSpec", "clusterConfiguration", "etcd", "external")
    replicas = obj.field(*steps).integer
    ours = obj.group == "cluster.x-k8s.io" if obj.kind == "Cluster" else obj.group.startswith("controlplane.")
    if replicas is None or not ours or external.exists or project.may_be_patched(obj, *steps):
        return None
    return _members(obj.kind, replicas, obj.field(*steps), (), obj.root)


def _k0sctl(obj: KubeObject) -> EtcdMembers | None:
    hosts = list(obj.field("spec", "hosts").elements())
    storage = obj.field("spec", "k0s", "config", "spec", "storage", "type")
    roles = [host.get("role") for host in hosts]
    if not roles or any(role.text is None for role in roles) or storage.text not in (None, "etcd"):
        return None
    leaders = [role for role in roles if role.text in _K0S_ROLES]
    return _members("k0sctl configuration", len(leaders), obj.field("spec", "hosts").key, leaders, obj.root)
