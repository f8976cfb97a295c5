"""How each cluster of a tree stands to architectures: what its nodes are, and which workloads care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum

from kubelint.cluster.architectures import GOARCH
from kubelint.cluster.scheduling import Placement, placement
from kubelint.cluster.taints import tolerates
from kubelint.manifests import Field, KubeObject, PodTemplate, Project, same_cluster
from kubelint_rules.scheduling.evidence import (
    VALUES_KINDS,
    Witness,
    node_witnesses,
    only_architecture,
    patch_witnesses,
    place_pod,
    scheduling_holders,
    states_architecture,
    values_of,
)


class State(Enum):
    """What is known of a cluster's architectures."""

    MIXED = "nodes of several architectures"
    CONVENTION = "no node facts, but at least half of the workloads name an architecture"
    MINORITY = "no node facts, and some workloads name an architecture"
    SINGLE = "nodes of one architecture"
    UNKNOWN = "nothing tells"


@dataclass
class Cluster:
    """The workloads of one scope and what bears on them."""

    scope: str
    declared: frozenset[str] = frozenset()
    free: list[PodTemplate] = field(default_factory=list)
    """Workloads that any architecture will do for."""
    bound: int = 0
    """How many workloads are bound to architectures."""
    bound_releases: int = 0
    loose_releases: int = 0
    nodes: list[Witness] = field(default_factory=list)
    selected: list[Witness] = field(default_factory=list)

    @property
    def architectures(self) -> frozenset[str]:
        """The architectures that are declared, or else proved."""
        return self.declared or frozenset(witness.architecture for witness in (*self.nodes, *self.selected))

    @property
    def state(self) -> State:
        """How much is known; a declaration outweighs what files suggest."""
        if self.declared or self.nodes:
            return State.MIXED if len(self.architectures) > 1 else State.SINGLE
        bound, everything = self.share
        if not bound and not self.selected:
            return State.UNKNOWN
        if 2 * bound < everything or not bound:
            return State.MINORITY
        return State.MIXED if len(self.architectures) > 1 else State.CONVENTION

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
        """The architecture that most witnesses name; None if there is none, or no first among them."""
        counts = Counter(witness.architecture for witness in (*self.selected, *self.nodes)).most_common(2)
        tied = len(counts) == 2 and counts[0][1] == counts[1][1]
        return counts[0][0] if counts and not tied else None

    def reachable(self, pod: PodTemplate) -> frozenset[str]:
        """The architectures whose nodes do not all keep the pod away by taints."""
        open_nodes = {witness.architecture for witness in self.nodes if tolerates(pod.spec.value, witness.taints)}
        tainted = {witness.architecture for witness in self.nodes} - open_nodes
        return self.architectures - tainted


def survey(project: Project, trusted: Callable[[str], bool]) -> list[Cluster]:
    """The clusters of a project by scope, without the workloads whose images are all `trusted` to run anywhere."""
    surveyor = _Surveyor(project, trusted)
    clusters = {obj.scope: Cluster(obj.scope, surveyor.declared) for obj in project.all_objects}
    for pod in project.pods:
        surveyor.add(pod, clusters[pod.obj.scope])
    for obj in project.objects(VALUES_KINDS):
        _add_release(obj, clusters[obj.scope])
    for witness in patch_witnesses(project):
        clusters.setdefault(witness.scope, Cluster(witness.scope, surveyor.declared)).selected.append(witness)
    _share(clusters.values(), list(node_witnesses(project)))
    return [clusters[scope] for scope in sorted(clusters)]


class _Surveyor:
    def __init__(self, project: Project, trusted: Callable[[str], bool]) -> None:
        self.project = project
        self.trusted = trusted
        self.nodes = {name: facts.architecture for name, facts in project.settings.nodes.items()}
        known = {name for name in self.nodes.values() if name}
        complete = len(known) > 1 or None not in self.nodes.values()
        self.declared = frozenset(project.settings.architectures or (known if complete else ()))

    def add(self, pod: PodTemplate, cluster: Cluster) -> None:
        placed = place_pod(self.project, pod, GOARCH, self.nodes)
        architecture = only_architecture(placed)
        if placed.constrained(GOARCH) or states_architecture(pod.spec.value):
            # One DaemonSet per architecture is how projects ship for any cluster: it says nothing of this one.
            if pod.obj.kind == "DaemonSet":
                return
            cluster.bound += 1
            if architecture:
                cluster.selected.append(Witness(architecture, cluster.scope, _first_place(pod, placed)))
        elif placed.certain and not self._exempt(pod):
            cluster.free.append(pod)

    def _exempt(self, pod: PodTemplate) -> bool:
        images = [container.image for container in pod.containers if container.image.value]
        if pod.partial or all(image.text is not None and self.trusted(image.text) for image in images):
            return True
        here = pod.spec.path[len(pod.obj.root.path) :]
        fields = ("nodeSelector", "affinity", "nodeName")
        return any(self.project.may_be_patched(pod.obj, *here, name) for name in fields)


def _first_place(pod: PodTemplate, placed: Placement) -> Field:
    return next((at for path in placed.places if (at := pod.spec.get(*path)).exists), pod.spec)


def _add_release(obj: KubeObject, cluster: Cluster) -> None:
    found = list(_release_witnesses(obj))
    cluster.selected += found
    if found:
        cluster.bound_releases += 1
    else:
        cluster.loose_releases += 1


def _release_witnesses(obj: KubeObject) -> Iterator[Witness]:
    for values in values_of(obj):
        for holder in scheduling_holders(values):
            placed = placement(holder.value, GOARCH)
            if architecture := only_architecture(placed):
                yield Witness(architecture, obj.scope, holder.get(*placed.places[0]))


def _share(clusters: Collection[Cluster], nodes: list[Witness]) -> None:
    """Hand every cluster the facts of the scopes that may be part of it."""
    selected = [(cluster.scope, witness) for cluster in clusters for witness in cluster.selected]
    for cluster in clusters:
        cluster.nodes = [witness for witness in nodes if same_cluster(witness.scope, cluster.scope)]
        others = [
            witness for scope, witness in selected if scope != cluster.scope and same_cluster(scope, cluster.scope)
        ]
        cluster.selected += others
