"""How each cluster of a tree stands to architectures: what its nodes are, and which workloads care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.architectures import GOARCH
from kubelint.cluster.scheduling import Placement, placement, tolerates
from kubelint.manifests import Field, PodTemplate, Project, once_per_project, same_cluster
from kubelint.manifests.releases.pods import ReleasePod, release_pods
from kubelint_rules.scheduling.evidence import (
    NodeNames,
    Witness,
    node_witnesses,
    only_architecture,
    patch_witnesses,
    patched_place,
    place_pod,
    release_values,
    scheduling_holders,
    states_architecture,
)


class State(Enum):
    """What is known of a cluster's architectures."""

    MIXED = "nodes of several architectures"
    CONVENTION = "no node facts, but at least half of the workloads name an architecture"
    MINORITY = "no node facts, and fewer than half of the workloads name an architecture"
    SINGLE = "nodes of one architecture"
    UNKNOWN = "nothing tells"


class Placed(NamedTuple):
    """A workload and the architectures that it may be placed on."""

    pod: PodTemplate
    placement: Placement


@dataclass
class Cluster:
    """The workloads of one scope and what bears on them."""

    scope: str
    declared: frozenset[str] = frozenset()
    placed: list[Placed] = field(default_factory=list)
    """Every workload."""
    free: list[PodTemplate] = field(default_factory=list)
    """Workloads that any architecture will do for."""
    bound: int = 0
    """How many workloads are bound to architectures."""
    bound_releases: int = 0
    """How many releases, whose pods are the chart's business, name an architecture; and how many do not."""
    loose_releases: int = 0
    nodes: list[Witness] = field(default_factory=list)
    selected: list[Witness] = field(default_factory=list)
    default: str | None = None
    """What most images are said to be built for."""
    unsure: bool = False
    """Whether there are nodes of which nothing tells the architecture."""

    @property
    def architectures(self) -> frozenset[str]:
        """The architectures that are declared, or else proved."""
        return self.declared or frozenset(witness.architecture for witness in (*self.nodes, *self.selected))

    @property
    def state(self) -> State:
        """How much is known; a declaration outweighs what files suggest."""
        mixed = len(self.architectures) > 1
        if self.declared:
            return State.MIXED if mixed else State.SINGLE
        if len({witness.architecture for witness in self.nodes}) > 1:
            return State.MIXED
        if self.nodes and not mixed and not self.unsure:
            return State.SINGLE
        bound, everything = self.share
        few = 2 * bound < everything or not bound
        if few and (bound or self.selected):
            return State.MINORITY
        if mixed:
            return State.MIXED
        return State.UNKNOWN if few else State.CONVENTION

    @property
    def share(self) -> tuple[int, int]:
        """How many are bound, of how many: of the workloads if half of them are, else of workloads and releases.

        What a chart does of its own accord is not known, so releases without a word on it do not outvote workloads.
        """
        workloads = self.bound + len(self.free)
        if self.bound and 2 * self.bound >= workloads:
            return self.bound, workloads
        return self.bound + self.bound_releases, workloads + self.bound_releases + self.loose_releases

    @property
    def usual(self) -> str | None:
        """The architecture to bind to: the declared default, or what most witnesses name; None if none is first."""
        if self.default is not None:
            return self.default
        counts = Counter(witness.architecture for witness in (*self.selected, *self.nodes)).most_common(2)
        tied = len(counts) == 2 and counts[0][1] == counts[1][1]
        return counts[0][0] if counts and not tied else None

    def reachable(self, pod: PodTemplate) -> frozenset[str]:
        """The architectures whose nodes do not all keep the pod away by taints."""
        open_nodes = {witness.architecture for witness in self.nodes if tolerates(pod.spec.value, witness.taints)}
        tainted = {witness.architecture for witness in self.nodes} - open_nodes
        return self.architectures - tainted


@once_per_project
def clusters_of(project: Project) -> list[Cluster]:
    """The clusters of a project by scope with all of their workloads, put together once for all rules."""
    surveyor = _Surveyor(project)
    for obj in project.all_objects:
        surveyor.cluster(obj.scope)
    from_values = list(release_pods(project))
    for pod in (*project.pods, *from_values):
        surveyor.add(pod)
    for scope, values in release_values(project, {pod.release for pod in from_values}):
        _add_release(values, surveyor.cluster(scope))
    for witness in patch_witnesses(project):
        surveyor.cluster(witness.scope).selected.append(witness)
    _share(surveyor.clusters.values())
    return [surveyor.clusters[scope] for scope in sorted(surveyor.clusters)]


class _Surveyor:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.clusters: dict[str, Cluster] = {}

    def cluster(self, scope: str) -> Cluster:
        if scope not in self.clusters:
            inventory = self.project.inventory(scope)
            unsure = None in inventory.node_architectures.values()
            found = Cluster(
                scope,
                inventory.declared,
                nodes=node_witnesses(inventory),
                default=self.project.settings.default_arch,
                unsure=unsure,
            )
            self.clusters[scope] = found
        return self.clusters[scope]

    def add(self, pod: PodTemplate) -> None:
        cluster = self.cluster(pod.obj.scope)
        placed = place_pod(self.project, pod, GOARCH, NodeNames(self.project.inventory(cluster.scope)))
        cluster.placed.append(Placed(pod, placed))
        architecture = only_architecture(placed)
        if placed.constrained(GOARCH) or states_architecture(pod.spec.value):
            # One DaemonSet per architecture is how projects ship for any cluster: it says nothing of this one.
            if pod.kind == "DaemonSet":
                return
            cluster.bound += not pod.partial or id(pod.spec.document) not in self._for_others
            if architecture:
                cluster.selected.append(Witness(architecture, cluster.scope, _first_place(pod, placed)))
        elif placed.certain and not self._exempt(pod):
            cluster.free.append(pod)
        elif not isinstance(pod, ReleasePod) and not pod.partial and (patched := self._patched(pod)):
            cluster.bound += 1
            cluster.selected.append(Witness(patched[0], cluster.scope, patched[1]))

    @cached_property
    def _for_others(self) -> frozenset[int]:
        """The documents that are patches for the objects that a target names: they are no workloads of their own."""
        members = self.project.kustomizations if self.project.has_kustomizations() else ()
        patches = (patch for member in members for patch in member.patches if not patch.target.exact)
        return frozenset(id(patch.content.document) for patch in patches)

    def _patched(self, pod: PodTemplate) -> tuple[str, Field] | None:
        return patched_place(self.project, pod) if self.project.has_kustomizations() else None

    def _exempt(self, pod: PodTemplate) -> bool:
        has_image = any(container.image.value for container in pod.containers)
        return pod.partial or not has_image or may_be_bound(self.project, pod)


def may_be_bound(project: Project, pod: PodTemplate) -> bool:
    """Whether a kustomization of the tree may bind a workload to nodes."""
    if isinstance(pod, ReleasePod):  # what a patch may set in values is unknown there
        return False
    here = pod.spec.path[len(pod.obj.root.path) :]
    return any(project.may_be_patched(pod.obj, *here, name) for name in ("nodeSelector", "affinity", "nodeName"))


def _first_place(pod: PodTemplate, placed: Placement) -> Field:
    return next((at for path in placed.places if (at := pod.spec.get(*path)).exists), pod.spec)


def _add_release(values: Field | None, cluster: Cluster) -> None:
    found = [] if values is None else list(_release_witnesses(values, cluster.scope))
    cluster.selected += found
    if found:
        cluster.bound_releases += 1
    else:
        cluster.loose_releases += 1


def _release_witnesses(values: Field, scope: str) -> Iterator[Witness]:
    for holder in scheduling_holders(values):
        placed = placement(holder.value, GOARCH)
        if architecture := only_architecture(placed):
            yield Witness(architecture, scope, holder.get(*placed.places[0]))


def _share(clusters: Collection[Cluster]) -> None:
    """Hand every cluster what the workloads of the scopes that may be part of it select."""
    selected = [(cluster.scope, witness) for cluster in clusters for witness in cluster.selected]
    for cluster in clusters:
        cluster.selected += [
            witness for scope, witness in selected if scope != cluster.scope and same_cluster(scope, cluster.scope)
        ]
