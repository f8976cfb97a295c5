"""Who tells of nodes: each inventory, configuration or set of objects, with the machines that it names."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.architectures import ARCH_LABEL, GOARCH
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.machines import Machine, parse_taint
from kubelint.manifests.hosts.places import Value, is_sample
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.scopes import scope_of

if TYPE_CHECKING:
    from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory
    from kubelint.manifests.hosts.reading import Hosts
    from kubelint.manifests.hosts.server_config import ServerConfig
    from kubelint.manifests.project import Project

_CAPACITY = "capacity.cluster-autoscaler.kubernetes.io/"
_POOLS = ("MachineDeployment", "MachinePool", "MachineSet")


class Pool(NamedTuple):
    """Nodes without names: an architecture that some will have, and the taints they carry."""

    architecture: Value
    taints: tuple[Value, ...] = ()


class Roster(NamedTuple):
    """What one source tells. An `authority` lists the nodes of one cluster, all of them where it is `complete`."""

    origin: str
    file: str
    scope: str
    machines: tuple[Machine, ...] = ()
    pools: tuple[Pool, ...] = ()
    authority: bool = False
    complete: bool = False
    cluster: str | None = None
    """What the source calls its cluster, by its name or its directory's."""

    @property
    def names(self) -> frozenset[str]:
        """The known names of its machines."""
        return frozenset(filter(None, (machine.node_name for machine in self.machines)))


def read_rosters(project: Project) -> list[Roster]:
    """Everything in the tree that tells of nodes; samples tell nothing."""
    hosts = project.hosts
    found = [*_objects(project), *_ansible(hosts), *_talos(hosts), *_lists(hosts), *_kubeadm(hosts), *_configs(hosts)]
    return [roster for roster in found if not is_sample(roster.file) and (roster.machines or roster.pools)]


def _objects(project: Project) -> Iterator[Roster]:
    """`Node` objects, Karpenter's pools, and what Cluster API says of machines that do not run yet."""
    for obj in project.objects("Node", group=""):
        if not obj.partial:
            yield Roster("Node", obj.file, obj.scope, machines=(_node(obj),))
    for obj in project.objects(("NodePool", "Provisioner"), group="karpenter.sh"):
        yield Roster(obj.kind, obj.file, obj.scope, pools=tuple(_node_pool(obj)))
    for obj in project.objects(_POOLS, group="cluster.x-k8s.io"):
        yield Roster(obj.kind, obj.file, obj.scope, pools=tuple(_capacity(obj)))


def _node(obj: KubeObject) -> Machine:
    name, labels = obj.field("metadata", "name"), obj.field("metadata", "labels")
    told = (labels.get(ARCH_LABEL), obj.field("status", "nodeInfo", "architecture"))
    leads = next((f for role in _ROLES if (f := labels.get(role)).exists), None)
    return Machine(
        at=name if name.exists else obj.field("kind"),
        name=Value(name.value, name),
        control_plane=Value(True, leads) if leads is not None else None,
        architecture=next((Value(field.text, field) for field in told if field.text in GOARCH), None),
        labels=tuple((key, Value(label.value, label)) for key, label in labels.items()),
        taints=_taints(obj.field("spec", "taints")),
        addresses=tuple(
            Value(address.text, address)
            for item in obj.field("status", "addresses").elements()
            if (address := item.get("address")).text
        ),
    )


_ROLES = tuple(f"node-role.kubernetes.io/{role}" for role in ("control-plane", "master"))


def _taints(field: Field) -> tuple[Value, ...]:
    return tuple(Value(taint.value, taint) for taint in field.elements() if isinstance(taint.value, dict))


def _node_pool(obj: KubeObject) -> Iterator[Pool]:
    spec = obj.field("spec") if obj.kind == "Provisioner" else obj.field("spec", "template", "spec")
    for requirement in spec.get("requirements").elements():
        if requirement.get("key").text == ARCH_LABEL and requirement.get("operator").text == "In":
            for value in requirement.get("values").elements():
                if value.text in GOARCH:
                    yield Pool(Value(value.text, value), _taints(spec.get("taints")))


def _capacity(obj: KubeObject) -> Iterator[Pool]:
    """The labels and taints that the autoscaler is told (kubernetes/autoscaler `cloudprovider/clusterapi`)."""
    labels = obj.field("metadata", "annotations", f"{_CAPACITY}labels")
    taints = obj.field("metadata", "annotations", f"{_CAPACITY}taints")
    told = filter(None, map(parse_taint, (taints.text or "").split(",")))
    for pair in (labels.text or "").split(","):
        key, _, value = pair.strip().partition("=")
        if key == ARCH_LABEL and value in GOARCH:
            yield Pool(Value(value, labels), tuple(Value(taint, taints) for taint in told))


def _ansible(hosts: Hosts) -> Iterator[Roster]:
    for nodes in hosts.ansible_nodes:
        inventory = nodes.inventory
        machines = tuple(nodes.machines())
        yield Roster(
            "Ansible inventory",
            inventory.file,
            scope_of(inventory.file, inventory.repository),
            machines,
            authority=True,
            complete=nodes.complete
            and not _more_beside(hosts, inventory)
            and all(machine.node_name for machine in machines),
            cluster=_cluster_of(inventory.file),
        )


def _more_beside(hosts: Hosts, inventory: AnsibleInventory) -> bool:
    """Whether a plugin in the same directory asks something outside for further hosts."""
    return dirname(inventory.file) in hosts.dynamic_folders


def _cluster_of(file: str) -> str | None:
    """`prod` of `inventory/prod/hosts.ini` and of `inventory/prod.yml`."""
    *folders, name = file.split("/")
    stem = name.partition(".")[0]
    if stem.lower() not in ("cluster", "hosts", "inventory", "main", "nodes", "talconfig"):
        return stem
    return folders[-1] if folders else None


def _talos(hosts: Hosts) -> Iterator[Roster]:
    for config in hosts.talconfigs:
        machines = tuple(config.machines)
        scope = scope_of(config.file, config.root.document.repository)
        complete = all(machine.node_name for machine in machines)
        cluster = config.name or _cluster_of(config.file)
        yield Roster("talconfig", config.file, scope, machines, (), True, complete, cluster)
    for machine in hosts.talos_machines:
        scope = scope_of(machine.file, machine.root.document.repository)
        told = machine.machine
        if told.name is not None or told.architecture is not None:
            cluster = basename(dirname(machine.file)) or None
            yield Roster("Talos machine configuration", machine.file, scope, (told,), cluster=cluster)


def _lists(hosts: Hosts) -> Iterator[Roster]:
    for origin, lists in (("node list", hosts.node_lists), ("RKE configuration", hosts.rke_clusters)):
        for nodes in lists:
            machines = tuple(nodes.machines)
            scope = scope_of(nodes.file, nodes.root.document.repository)
            complete = all(machine.node_name for machine in machines)
            yield Roster(origin, nodes.file, scope, machines, (), True, complete, _cluster_of(nodes.file))


def _kubeadm(hosts: Hosts) -> Iterator[Roster]:
    for config in hosts.kubeadm:
        machine = config.machine
        if machine is not None and (machine.name is not None or machine.architecture is not None):
            yield Roster("kubeadm configuration", config.file, config.scope, (machine,))


def _configs(hosts: Hosts) -> Iterator[Roster]:
    """k3s and RKE2 files of their own; what Ansible variables hold is said of the hosts that they are for."""
    for config in hosts.server_configs:
        machine = _started(config) if config.form == "file" else None
        if machine is not None:
            yield Roster(f"{config.name} configuration", config.file, config.scope, (machine,))


def _started(config: ServerConfig) -> Machine | None:
    pairs = [((value.text or "").partition("="), value) for value in config.values("node-label")]
    labels = tuple((pair[0], Value(pair[2], value.at)) for pair, value in pairs if pair[1])
    told = next((value for key, value in labels if key == ARCH_LABEL and value.value in GOARCH), None)
    names = config.values("node-name")
    if told is None and not names:
        return None
    taints = [(parse_taint(value.text or ""), value) for value in config.values("node-taint")]
    return Machine(
        at=names[0].at if names else config.at,
        name=names[0] if names else None,
        control_plane=Value(True, config.at) if config.is_server else None,
        architecture=told,
        labels=labels,
        taints=tuple(Value(taint, value.at) for taint, value in taints if taint),
        addresses=tuple(value for value in config.values("node-ip") if value.text),
    )
