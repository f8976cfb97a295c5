"""Which hosts of an Ansible inventory are nodes of a cluster, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.architectures import ARCH_LABEL, GOARCH, meant_architecture
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory
from kubelint.manifests.hosts.host_patterns import match_hosts
from kubelint.manifests.hosts.machines import Machine, parse_taint
from kubelint.manifests.hosts.names import is_address
from kubelint.manifests.hosts.places import Value
from kubelint.manifests.hosts.play_variables import DEFAULTS, GivenVariables
from kubelint.manifests.hosts.server_config import ServerConfig, text_config, variable_configs

_DISTRIBUTION = r"(?:k3s|k8s|rke2|kubernetes|kube|k0s|microk8s)"
_CLUSTER = re.compile(rf"(?:\w+[_-])?{_DISTRIBUTION}(?:[_-]?(?:cluster|nodes?|all|hosts?))?")
_CONTROL_PLANE = r"(?:masters?|servers?|control[_-]?planes?|controllers?)"
_WORKER = r"(?:agents?|workers?|nodes?|minions?)"
_NAMED_CONTROL_PLANE = re.compile(rf"(?:{_DISTRIBUTION}[_-]?)?{_CONTROL_PLANE}")
_NAMED_WORKER = re.compile(rf"(?:{_DISTRIBUTION}[_-]?)?{_WORKER}")
_ARCHITECTURE = re.compile(
    r"(?:(?:k3s|k8s|rke2|kube|kubernetes|node|host|cpu|system|machine|ansible)_)?arch(?:itecture)?"
)
_HOSTNAMES = ("k3s_node_name", "rke2_node_name", "kube_override_hostname", "node_name", "hostname")
_ADDRESSES = ("ansible_host", "node_ip", "k3s_node_ip", "ip")
_OWN_NAME = re.compile(r"\{\{\s*(?:inventory_hostname|ansible_hostname|ansible_facts\[['\"]hostname['\"]\])\s*\}\}")
_OURS = re.compile(r"k3s|rke2|k8s|kube|k0s", re.IGNORECASE)
_DATABASE = re.compile(r"(?<!etcd_)datastore|external_(?:db|database|etcd)", re.IGNORECASE)
_ETCD = re.compile(r"(?:k3s_)?etcd_datastore|k3s_cluster_init|k3s_embedded_etcd")
_NOTHING: tuple[object, ...] = (None, False, "", 0, "false", "no")
_GROUPS = {"x86": "amd64", "x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "aarch64": "arm64"}


class Membership(NamedTuple):
    """The groups of an inventory that hold nodes."""

    groups: frozenset[str]
    control_planes: frozenset[str]


def cluster_groups(inventory: AnsibleInventory) -> Membership:
    """The groups of nodes: those named after Kubernetes or a distribution of it, and what is in them.

    `master`, `worker` and their like count on their own only where an inventory has both sorts.
    """
    names = {name: name.lower() for name in inventory.groups}
    control_planes = {name for name, lower in names.items() if _NAMED_CONTROL_PLANE.fullmatch(lower)}
    workers = {name for name, lower in names.items() if _NAMED_WORKER.fullmatch(lower)}
    clusters = {name for name, lower in names.items() if _CLUSTER.fullmatch(lower)}
    ours = clusters | {name for name in control_planes | workers if re.match(_DISTRIBUTION, names[name])}
    if control_planes and workers:
        ours |= control_planes | workers
    inside = set(inventory.below(*clusters))
    return Membership(frozenset(ours), frozenset(control_planes & (ours | inside)))


class AnsibleNodes:
    """The nodes of one inventory. `given` are the variables that plays add to its own."""

    def __init__(self, inventory: AnsibleInventory, given: Iterable[GivenVariables] = ()) -> None:
        self.inventory = inventory
        self.membership = cluster_groups(inventory)
        self._given = _by_host(inventory, given)
        found = _hosts(inventory, self.membership.groups)
        self._known: dict[int, list[ServerConfig]] = {}
        self.names = [name for name in inventory.hosts if name in found]
        self._leaders = _hosts(inventory, self.membership.control_planes)

    @property
    def complete(self) -> bool:
        """Whether every host of the groups is known."""
        groups = set(self.inventory.below(*self.membership.groups))
        return not any(unknown.group in groups for unknown in self.inventory.unknown)

    def machines(self) -> Iterator[Machine]:
        """The hosts as machines."""
        for name in self.names:
            yield self._machine(name)

    def _machine(self, host: str) -> Machine:
        variables = self.inventory.variables(host)
        entry = self.inventory.hosts[host]
        configs = self.configs(host)
        labels = tuple(_labels(configs))
        labelled = next((value for key, value in labels if key == ARCH_LABEL and value.value in GOARCH), None)
        leads = host in self._leaders
        return Machine(
            at=entry.at,
            name=_name(Value(host, entry.at), variables, configs),
            control_plane=Value(leads, entry.at) if self.membership.control_planes else None,
            architecture=labelled or _architecture(variables) or self._of_group(host),
            labels=labels,
            taints=tuple(_taints(configs)),
            addresses=tuple(_addresses(host, entry.at, variables)),
        )

    @cached_property
    def is_kubernetes(self) -> bool:
        """Whether groups or variables say that this is about Kubernetes: others have servers and agents, too."""
        return any(map(_OURS.search, self.inventory.groups)) or any(map(_OURS.search, self._variables))

    @cached_property
    def _variables(self) -> dict[str, Value]:
        """The variables of the control plane's hosts, each with its value on one of them."""
        found: dict[str, Value] = {}
        for host in self.control_planes:
            found |= self.inventory.variables(host)
        return found

    @cached_property
    def external_datastore(self) -> bool:
        """Whether the control plane keeps its state in a database elsewhere, or may do so."""
        configs = [config for host in self.control_planes for config in self.configs(host)]
        if any({"datastore-endpoint", "disable-etcd"} & config.flags for config in configs):
            return True
        texts = (value.value for value in self._variables.values() if isinstance(value.value, str))
        if any("datastore-endpoint" in text for text in texts):
            return True
        return any(_DATABASE.search(name) and value.value not in _NOTHING for name, value in self._variables.items())

    @cached_property
    def runs_etcd(self) -> bool:
        """Whether something says that the control plane runs etcd, however many hosts it has."""
        told = any(_ETCD.fullmatch(name) and value.value is True for name, value in self._variables.items())
        return told and not self.external_datastore

    @property
    def may_run_etcd(self) -> bool:
        """Whether several servers of it would run etcd: nothing says otherwise, nor may do so where it is encrypted."""
        if (
            not self.is_kubernetes
            or self.external_datastore
            or any("microk8s" in name for name in self.inventory.groups)
        ):
            return False
        return self.runs_etcd or not any(map(self.inventory.hidden, self.control_planes))

    @property
    def has_etcd_group(self) -> bool:
        """Whether a group names the members of etcd, as Kubespray has it: then no other does."""
        return self.is_kubernetes and bool(self.inventory.members("etcd") if "etcd" in self.inventory.groups else ())

    @cached_property
    def members(self) -> list[str]:
        """The hosts that etcd runs on, or would: those of its group, else the control plane's."""
        return self.inventory.members("etcd") if self.has_etcd_group else self.control_planes

    @property
    def control_planes(self) -> list[str]:
        """The hosts of the control plane, in the order of the inventory."""
        return [name for name in self.names if name in self._leaders]

    def configs(self, host: str) -> list[ServerConfig]:
        """What k3s or RKE2 is started with on a host: what variables hold that are for its part in the cluster."""
        given = self._given.get(host, {})
        values = {name: Value(field.value, field) for name, (rank, field) in given.items() if rank == DEFAULTS}
        values |= self.inventory.variables(host)
        values |= {name: Value(field.value, field) for name, (rank, field) in given.items() if rank != DEFAULTS}
        meant = (None, "server" if host in self._leaders else "agent")
        found = [config for name, value in values.items() for config in self._read(name, value)]
        return [config for config in found if not self.membership.control_planes or config.role in meant]

    def _read(self, name: str, value: Value) -> list[ServerConfig]:
        """Hosts share most variables, so each is read once."""
        if not isinstance(value.at, Field):
            config = text_config(name, value, self.inventory.repository)
            return [config] if config is not None else []
        if id(value.at) not in self._known:
            self._known[id(value.at)] = list(variable_configs([(name, value.at)]))
        return self._known[id(value.at)]

    def _of_group(self, host: str) -> Value | None:
        """A group that is named after an architecture tells that of its hosts."""
        told = [(group, _GROUPS[group.lower()]) for group in self.inventory.groups_of(host) if group.lower() in _GROUPS]
        if len({architecture for _, architecture in told}) != 1:
            return None
        group, architecture = told[0]
        return Value(architecture, self.inventory.place_of(host, group))


def _by_host(inventory: AnsibleInventory, given: Iterable[GivenVariables]) -> dict[str, dict[str, tuple[int, Field]]]:
    """The variables that plays give, by host and name: the one of the highest rank, of equals the last."""
    found: dict[str, dict[str, tuple[int, Field]]] = {}
    for variables in sorted(given, key=lambda given: given.rank):
        patterns = variables.play.patterns
        hosts = match_hosts(inventory, patterns) if patterns is not None else None
        named = {name: (variables.rank, field) for name, field in variables.root.items()}
        for host in hosts or ():
            found.setdefault(host, {}).update(named)
    return found


def _hosts(inventory: AnsibleInventory, groups: Iterable[str]) -> set[str]:
    return {host for group in inventory.below(*groups) for host in inventory.groups[group].hosts}


def _name(host: Value, variables: dict[str, Value], configs: list[ServerConfig]) -> Value | None:
    """What the node is called: what is told for it, or what the inventory calls its host. None where not known."""
    told = [value for config in configs for value in config.values("node-name")]
    told += [variables[name] for name in _HOSTNAMES if name in variables]
    if told and isinstance(told[0].value, str):
        if told[0].unknown:
            return host if _OWN_NAME.fullmatch(told[0].value) else None
        return told[0]
    return host if not is_address(host.value) else None


def _architecture(variables: dict[str, Value]) -> Value | None:
    for name, value in variables.items():
        if _ARCHITECTURE.fullmatch(name) and value.text:
            known = "amd64" if value.text == "x86" else meant_architecture(value.text)
            if known in GOARCH:
                return Value(known, value.at)
    return None


def _labels(configs: list[ServerConfig]) -> Iterator[tuple[str, Value]]:
    for config in configs:
        for value in config.values("node-label"):
            key, equals, text = (value.text or "").partition("=")
            if equals:
                yield key, Value(text, value.at)


def _taints(configs: list[ServerConfig]) -> Iterator[Value]:
    for config in configs:
        for value in config.values("node-taint"):
            taint = parse_taint(value.text or "")
            if taint is not None:
                yield Value(taint, value.at)


def _addresses(host: str, at: object, variables: dict[str, Value]) -> Iterator[Value]:
    found = [variables[name] for name in _ADDRESSES if name in variables]
    if is_address(host):
        yield Value(host, at)  # type: ignore[arg-type]
    seen: set[str] = {host}
    for value in found:
        if value.text and value.text not in seen:
            seen.add(value.text)
            yield value
