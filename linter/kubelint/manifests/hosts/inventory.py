"""The nodes and architectures of each cluster, as far as files tell, each fact with its witness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.hosts.machines import Machine
from kubelint.manifests.hosts.names import same_node, short_name
from kubelint.manifests.hosts.places import At, Value
from kubelint.manifests.scopes import same_cluster
from kubelint.sources.text_files import TextKind

if TYPE_CHECKING:
    from kubelint.manifests.hosts.rosters import Roster
    from kubelint.manifests.project import Project
    from kubelint.manifests.settings import ClusterSettings


class Proof(NamedTuple):
    """A witness for nodes of an architecture: of the node `node`, or of a pool; `taints` keep pods off them."""

    architecture: str
    at: At
    taints: tuple[dict[str, object], ...] = ()
    node: str | None = None


@dataclass
class Node:
    """One node. `at` is where it is named first; None where only `kubelint.yaml` names it. Facts that nothing in the
    tree tells are None or empty.
    """

    name: str
    """In lower case, with its domain where one is told."""
    at: At | None = None
    architecture: Value | None = None
    control_plane: Value | None = None
    labels: dict[str, Value] = field(default_factory=dict)
    taints: list[Value] = field(default_factory=list)
    addresses: list[Value] = field(default_factory=list)

    def learn(self, machine: Machine) -> None:
        """Take up what a machine's configuration tells; what is known already stays."""
        self.at = self.at or machine.at
        self.architecture = self.architecture or machine.architecture
        self.control_plane = self.control_plane or machine.control_plane
        for key, value in machine.labels:
            self.labels.setdefault(key, value)
        self.taints += [taint for taint in machine.taints if taint not in self.taints]
        known = {address.value for address in self.addresses}
        self.addresses += [address for address in machine.addresses if address.value not in known]


class Inventory:
    """What is known of the nodes of one cluster, or of those that share the manifests of a scope."""

    def __init__(self, scope: str, rosters: Iterable[Roster], settings: ClusterSettings) -> None:
        self.scope = scope
        self.rosters = list(rosters)
        self._settings = settings

    @cached_property
    def clusters(self) -> list[list[Roster]]:
        """The rosters that may be of different clusters: those of one overlay, or that list the same nodes, together.

        What the scope itself tells, and what no list of nodes tells, is true of each and in none of them.
        """
        groups: list[list[Roster]] = []
        for roster in self.rosters:
            if not self._is_sure(roster):
                same = [group for group in groups if any(_one_cluster(roster, other) for other in group)]
                groups = [group for group in groups if group not in same]
                groups.append([*(other for group in same for other in group), roster])
        return groups

    def _is_sure(self, roster: Roster) -> bool:
        """Whether a roster speaks of this cluster, or of all."""
        overlay = _overlay(roster.scope)
        return _last(overlay) == _last(self.scope) if overlay else not roster.authority

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The nodes by name, in the order of the files; declared ones first."""
        found = _Index()
        for declared in self._settings.nodes:
            found.node(declared.lower())
        for roster in self.rosters:
            for machine in roster.machines:
                name = machine.node_name
                if name is not None:
                    found.node(name).learn(machine)
        return {node.name: node for node in found.nodes}

    def node(self, name: str) -> Node | None:
        """The node of that name: with or without its domain, in any case. None where there is none, or several."""
        lower = name.lower()
        if lower in self.nodes:
            return self.nodes[lower]
        found = [node for node in self._by_short_name.get(short_name(lower), ()) if same_node(node.name, lower)]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_short_name(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(short_name(node.name), []).append(node)
        return found

    @cached_property
    def complete(self) -> bool:
        """Whether these are all nodes: they are declared, or one source lists them all."""
        if self._settings.nodes:
            return True
        own = [roster for roster in self.rosters if roster.authority and self._is_sure(roster)]
        if not own and len(self.clusters) == 1:
            own = self.clusters[0]
        return any(roster.complete for roster in own)

    def architecture(self, name: str) -> str | None:
        """The architecture of a node; None where it is not known."""
        for declared, facts in self._settings.nodes.items():
            if facts.architecture and same_node(declared, name):
                return facts.architecture
        node = self.node(name)
        return None if node is None or node.architecture is None else str(node.architecture.value)

    @cached_property
    def node_architectures(self) -> Mapping[str, str | None]:
        """The architecture of each node by every name that it goes by, None where it is not known."""
        found: dict[str, str | None] = {}
        for name in self.nodes:
            found[name] = self.architecture(name)
            if len(self._by_short_name[short_name(name)]) == 1:
                found.setdefault(short_name(name), found[name])
        return found

    @cached_property
    def proofs(self) -> list[Proof]:
        """What shows that nodes of an architecture exist, each node once, then the pools."""
        found = [proof for roster in self.rosters for proof in _proofs(roster)]
        seen: set[str] = set()
        kept = []
        for proof in found:
            node = self.node(proof.node) if proof.node else None
            key = node.name if node is not None else ""
            if not key or key not in seen:
                kept.append(proof)
            seen.add(key)
        return kept

    @property
    def declared(self) -> frozenset[str]:
        """The architectures that `kubelint.yaml` declares: by name, or by those of all of its nodes."""
        by_node = {facts.architecture for facts in self._settings.nodes.values()}
        known = frozenset(name for name in by_node if name)
        complete = len(known) > 1 or None not in by_node
        return frozenset(self._settings.architectures) or (known if complete else frozenset())

    @cached_property
    def architectures(self) -> frozenset[str]:
        """The architectures that nodes of this cluster are known to have; what is declared outweighs what is found.

        Where several clusters may be meant: what is true of each, and for what they share what is true of a mixed one.
        """
        if self.declared:
            return self.declared
        sure = _architectures(filter(self._is_sure, self.rosters))
        each = {found for group in self.clusters if (found := _architectures(group))}
        if len(each) == 1:
            return sure.union(*each)
        mixed = [found for found in each if len(found) > 1] if not _overlay(self.scope) else []
        return sure.union(*mixed)


class Inventories:
    """The inventories of a project, one for each scope that is asked for."""

    def __init__(self, project: Project) -> None:
        self._settings = project.settings
        self.rosters: list[Roster] = []
        self._local: set[str | None] = set()
        if _may_tell_of_nodes(project):
            from kubelint.manifests.hosts.rosters import read_rosters

            self.rosters = read_rosters(project)
            self._local = {cluster.name for cluster in project.hosts.local_clusters} - {None}
        self._known: dict[str, Inventory] = {}

    @cached_property
    def scopes(self) -> list[str]:
        """The scopes that something is told of."""
        return sorted({roster.scope for roster in self.rosters})

    def of(self, scope: str) -> Inventory:
        """The inventory of a scope."""
        if scope not in self._known:
            self._known[scope] = Inventory(scope, self._meant(scope), self._settings)
        return self._known[scope]

    def _meant(self, scope: str) -> list[Roster]:
        """The rosters that may be those of a cluster: where some bear its name, the others are of other clusters."""
        name = _last(scope)
        if name and name in self._local:  # what all clusters share is not of a cluster of containers
            return [roster for roster in self.rosters if roster.scope == scope]
        found = [roster for roster in self.rosters if _may_share(roster.scope, scope)]
        named = [
            roster for roster in found if roster.authority and name and name in (roster.cluster, _last(roster.scope))
        ]
        return [roster for roster in found if not roster.authority or roster in named or not named]


def _may_share(one: str, other: str) -> bool:
    """Whether two scopes may be one cluster: `talos/clusters/home` is `kubernetes/clusters/home`."""
    if same_cluster(one, other):
        return True
    return _repository(one) == _repository(other) and _last(one) == _last(other)


def _repository(scope: str) -> str:
    return scope.partition("//")[0] if "//" in scope else ""


def _last(scope: str) -> str:
    return scope.rpartition("/")[2]


def _overlay(scope: str) -> str:
    return scope.partition("//")[2] if "//" in scope else scope


def _one_cluster(one: Roster, other: Roster) -> bool:
    """Whether two rosters speak of one cluster: they name the same nodes, or are of one overlay or of its name."""
    clusters = [{roster.cluster, _last(_overlay(roster.scope))} - {None, ""} for roster in (one, other)]
    overlays = [_overlay(roster.scope) for roster in (one, other)]
    if any(overlays) and clusters[0] & clusters[1]:
        return True
    return not one.names.isdisjoint(other.names)


def _architectures(rosters: Iterable[Roster]) -> frozenset[str]:
    return frozenset(proof.architecture for roster in rosters for proof in _proofs(roster))


def _proofs(roster: Roster) -> Iterator[Proof]:
    for machine in roster.machines:
        if machine.architecture is not None:
            yield Proof(machine.architecture.value, machine.architecture.at, _plain(machine.taints), machine.node_name)
    for pool in roster.pools:
        yield Proof(pool.architecture.value, pool.architecture.at, _plain(pool.taints))


def _plain(taints: Iterable[Value]) -> tuple[dict[str, object], ...]:
    return tuple(taint.value for taint in taints if isinstance(taint.value, dict))


class _Index:
    """Nodes by name; a name without a domain and one with it are one node, if that can be said for sure."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._short: dict[str, list[Node]] = {}

    def node(self, name: str) -> Node:
        """The node of that name, made if there is none."""
        same = [node for node in self._short.get(short_name(name), ()) if same_node(node.name, name)]
        exact = [node for node in same if node.name == name]
        if exact or len(same) == 1:
            node = (exact or same)[0]
            node.name = max(node.name, name, key=len)
            return node
        node = Node(name)
        self.nodes.append(node)
        self._short.setdefault(short_name(name), []).append(node)
        return node


_KINDS = frozenset(
    {"Node", "NodePool", "Provisioner", "MachineDeployment", "MachinePool", "MachineSet", "Cluster", "Simple"}
    | {"ClusterConfiguration", "InitConfiguration", "JoinConfiguration"}
)


def _may_tell_of_nodes(project: Project) -> bool:
    """Whether there is anything but objects that tell nothing of nodes: most trees of manifests need not be asked."""
    if any(text.kind is TextKind.INVENTORY for text in project.texts):
        return True
    values = (document.source.value for document in project.documents)
    kinds = (value.get("kind") if isinstance(value, dict) and "apiVersion" in value else None for value in values)
    return any(not isinstance(kind, str) or kind in _KINDS or kind.endswith("List") for kind in kinds)
