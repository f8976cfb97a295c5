"""The members of each control plane that the tree names, with where each is reached, from whatever lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.addresses import (
    ADDRESS_FLAGS,
    INTERFACE_FLAGS,
    Trait,
    address_traits,
    document_traits,
    field_addresses,
    followed,
    link_traits,
    subnet_traits,
    url_traits,
    variable_traits,
    word_traits,
)
from kubelint.manifests.hosts.names import is_address
from kubelint.manifests.hosts.places import Value, is_sample
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.scopes import scope_of

if TYPE_CHECKING:
    from kubelint.manifests.hosts.ansible_nodes import AnsibleNodes
    from kubelint.manifests.hosts.kubeadm import KubeadmConfig
    from kubelint.manifests.hosts.reading import Hosts
    from kubelint.manifests.hosts.server_clusters import Server
    from kubelint.manifests.hosts.talos import TalConfig, TalosMachine
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project

_NUMBERED = re.compile(r"(?:^|.*[-_.])(?:cp|control[-_]?plane|master|server)[-_]?\d+", re.IGNORECASE)


class Member(NamedTuple):
    """One member: what it is called, in lower case, and how it is reached."""

    name: str
    traits: tuple[Trait, ...]


class ControlPlane(NamedTuple):
    """The members that one source lists: `source` is its file, the first of its files, or their directory."""

    origin: str
    source: str
    scope: str
    members: tuple[Member, ...]


@once_per_project
def control_planes(project: Project) -> list[ControlPlane]:
    """The control planes of the tree; one that several sources list is there several times. Samples tell nothing."""
    hosts = project.hosts
    found = [*_ansible(hosts), *_servers(hosts), *_talconfigs(hosts), *_talos(hosts), *_lists(hosts)]
    found += [*_kubeadm(hosts), *_k0sctl(project)]
    return [cluster for cluster in found if len(cluster.members) > 1 and not is_sample(cluster.source)]


def _of_file(origin: str, root: Field, members: Iterable[Member], source: str = "") -> ControlPlane:
    document = root.document
    scope = scope_of(document.belongs_to, document.repository, document.rendering)
    return ControlPlane(origin, source or document.file, scope, tuple(members))


def _ansible(hosts: Hosts) -> Iterator[ControlPlane]:
    for nodes in hosts.ansible_nodes:
        if nodes.has_etcd_group or (nodes.is_kubernetes and not nodes.external_datastore):
            inventory = nodes.inventory
            names = dict.fromkeys([*nodes.members, *nodes.control_planes])
            members = tuple(_host(nodes, name) for name in names)
            yield ControlPlane("Ansible", inventory.file, scope_of(inventory.file, inventory.repository), members)


def _host(nodes: AnsibleNodes, name: str) -> Member:
    variables = nodes.inventory.variables(name)
    traits = [*variable_traits(variables)]
    for config in nodes.configs(name):
        values = [followed(value, variables) for flag in ADDRESS_FLAGS for value in config.values(flag)]
        traits += address_traits("address", values)
        values = [followed(value, variables) for flag in INTERFACE_FLAGS for value in config.values(flag)]
        traits += word_traits("interface", values)
    if is_address(name):
        traits += address_traits("login", [Value(name, nodes.inventory.hosts[name].at)])
    return Member(name.lower(), tuple(traits))


def _servers(hosts: Hosts) -> Iterator[ControlPlane]:
    """Configuration files of k3s and RKE2, one for each server."""
    for cluster in hosts.server_clusters:
        servers = [server for server in cluster.servers if server.name]
        if cluster.nodes is None and cluster.keeps_etcd and servers:
            config = servers[0].configs[0]
            source = min(server.configs[0].file for server in servers)
            members = tuple(_server(server) for server in servers)
            yield ControlPlane("server configuration", source, config.scope, members)


def _server(server: Server) -> Member:
    addresses = [value for flag in ADDRESS_FLAGS for value in server.values(flag)]
    interfaces = [value for flag in INTERFACE_FLAGS for value in server.values(flag)]
    traits = (*address_traits("address", addresses), *word_traits("interface", interfaces))
    return Member((server.name or "").lower(), traits)


def _talconfigs(hosts: Hosts) -> Iterator[ControlPlane]:
    for config in hosts.talconfigs:
        nodes = config.root.get("nodes").elements()
        leaders = [
            node
            for node, machine in zip(nodes, config.machines, strict=True)
            if machine.control_plane is not None and machine.control_plane.value is True
        ]
        named = [node for node in leaders if node.get("hostname").text]
        yield _of_file("talconfig", config.root, (_talhelper(config, node) for node in named))


def _talhelper(config: TalConfig, node: Field) -> Member:
    address = tuple(field_addresses("address", [node.get("ipAddress")]))
    own = frozenset(trait.value for trait in address if trait.value)
    interfaces = [
        interface
        for holder in (node, config.root.get("controlPlane"))
        for interface in holder.get("networkInterfaces").elements()
    ]
    links = [trait for trait in link_traits(interfaces, own) if not own or trait.kind != "address"]
    endpoint = url_traits("endpoint", [config.root.get("endpoint")])
    return Member((node.get("hostname").text or "").lower(), (*address, *links, *endpoint))


def _talos(hosts: Hosts) -> Iterator[ControlPlane]:
    """Files of machines that lie side by side: those of the control plane, and patches that are named after one."""
    folders: dict[str, list[TalosMachine]] = {}
    for machine in hosts.talos_machines:
        told = machine.machine.control_plane
        if told.value if told is not None else _NUMBERED.fullmatch(_machine_name(machine)):
            folders.setdefault(dirname(machine.file), []).append(machine)
    for folder, machines in folders.items():
        members = {member.name: member for member in map(_machine, machines)}
        if len(members) == len(machines):
            yield _of_file("Talos", machines[0].root, members.values(), f"{folder}/")


def _machine_name(machine: TalosMachine) -> str:
    return (machine.machine.node_name or basename(machine.file).partition(".")[0]).lower()


def _machine(machine: TalosMachine) -> Member:
    root = machine.root
    subnets = (
        root.get("cluster", "etcd", "advertisedSubnets"),
        root.get("machine", "kubelet", "nodeIP", "validSubnets"),
    )
    traits = (
        *link_traits(root.get("machine", "network", "interfaces").elements()),
        *document_traits(machine.documents),
        *subnet_traits(subnets),
        *url_traits("endpoint", [root.get("cluster", "controlPlane", "endpoint")]),
    )
    return Member(_machine_name(machine), traits)


def _lists(hosts: Hosts) -> Iterator[ControlPlane]:
    """The `nodes.yaml` that a template of a whole cluster is made from, and RKE's `cluster.yml`."""
    for nodes in hosts.node_lists:
        leaders = [
            machine for machine in nodes.machines if machine.control_plane and machine.control_plane.value is True
        ]
        members = [
            Member(machine.name.value.lower(), tuple(address_traits("address", machine.addresses)))
            for machine in leaders
            if machine.name is not None and isinstance(machine.name.value, str)
        ]
        yield _of_file("list of nodes", nodes.root, members)
    for cluster in hosts.rke_clusters:
        yield _of_file(
            "RKE", cluster.root, [_rke(node) for node in cluster.root.get("nodes").elements() if _is_rke(node)]
        )


def _is_rke(node: Field) -> bool:
    named = node.get("hostname_override").text or node.get("address").text
    return bool(named) and not {"controlplane", "etcd"}.isdisjoint(node.get("role").strings())


def _rke(node: Field) -> Member:
    address, internal = node.get("address"), node.get("internal_address")
    traits = (*field_addresses("login", [address]), *field_addresses("address", [internal]))
    return Member((node.get("hostname_override").text or address.text or "").lower(), traits)


def _kubeadm(hosts: Hosts) -> Iterator[ControlPlane]:
    """Configurations of kubeadm that name the same endpoint, or lie side by side; and etcd elsewhere."""
    groups: dict[tuple[str, str], list[KubeadmConfig]] = {}
    endpoints = {config.file: endpoint for config in hosts.kubeadm if (endpoint := _kubeadm_endpoint(config))}
    for config in hosts.kubeadm:
        members = [
            Member(found, (trait,)) for trait in url_traits("login", config.etcd_endpoints) if (found := trait.value)
        ]
        if members:
            yield _of_file("kubeadm etcd", config.root, members)
        if config.machine is not None and config.machine.control_plane and config.machine.control_plane.value is True:
            groups.setdefault((config.scope, endpoints.get(config.file) or dirname(config.file)), []).append(config)
    for configs in groups.values():
        source = min(config.file for config in configs)
        joined = {member.name: member for member in map(_joined, configs)}
        if len(joined) == len(configs):
            yield _of_file("kubeadm", configs[0].root, joined.values(), source)


def _kubeadm_endpoint(config: KubeadmConfig) -> str | None:
    joined = config.root.get("discovery", "bootstrapToken", "apiServerEndpoint")
    return config.root.get("controlPlaneEndpoint").text or joined.text


def _joined(config: KubeadmConfig) -> Member:
    root = config.root
    node = root.get("nodeRegistration")
    extra = node.get("kubeletExtraArgs")
    told = [root.get("localAPIEndpoint", "advertiseAddress"), extra.get("node-ip")]
    told += [root.get("controlPlane", "localAPIEndpoint", "advertiseAddress")]
    told += [item.get("value") for item in extra.elements() if item.get("name").text == "node-ip"]
    return Member((node.get("name").text or config.file).lower(), tuple(field_addresses("address", told)))


def _k0sctl(project: Project) -> Iterator[ControlPlane]:
    for obj in project.objects("Cluster", group="k0sctl.k0sproject.io"):
        members = [_k0s_host(host) for host in obj.field("spec", "hosts").elements() if _is_controller(obj, host)]
        yield _of_file("k0sctl", obj.root, members, f"{obj.file}#{obj.name}")


def _is_controller(obj: KubeObject, host: Field) -> bool:
    named = host.get("hostname").text or host.get("ssh", "address").text
    return bool(named) and (host.get("role").text or "").startswith("controller")


def _k0s_host(host: Field) -> Member:
    login = host.get("ssh", "address")
    interface = host.get("privateInterface")
    traits = (
        *field_addresses("address", [host.get("privateAddress")]),
        *field_addresses("login", [login]),
        *word_traits("interface", [Value(interface.value, interface)] if interface.exists else []),
    )
    return Member((host.get("hostname").text or login.text or "").lower(), traits)
