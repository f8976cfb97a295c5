"""What the files of a cluster tell about the architectures of its nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kubelint.cluster.architectures import ARCH_LABEL, ARCH_LABELS, GOARCH
from kubelint.cluster.scheduling import (
    NAMESPACE_SELECTOR,
    REQUIRED,
    Path,
    Placement,
    namespace_selector,
    placement,
    required_terms,
    selector_requirements,
)
from kubelint.manifests import Field, PodTemplate, Project, same_cluster
from kubelint.manifests.hosts import At
from kubelint.manifests.hosts.inventory import Inventory
from kubelint.manifests.layered import merged
from kubelint.manifests.releases import Release
from kubelint.manifests.scopes import scope_of

# What every label that names an architecture has in its name.
_MARKS = (ARCH_LABEL, "cpu-model")

# The values that a chart comes with are for any cluster.
_OF_CHARTS = frozenset({"chart", "dependency"})

VALUES_KINDS = frozenset({"HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet"})
NODE_KINDS = frozenset({"Node", "NodePool", "Provisioner"})
OUTER_KINDS = frozenset({"Namespace", "RuntimeClass"})


class Witness(NamedTuple):
    """A place that proves that nodes of an architecture exist; `taints` keep pods off them."""

    architecture: str
    scope: str
    at: At
    taints: tuple[dict[str, object], ...] = ()


def node_witnesses(inventory: Inventory) -> list[Witness]:
    """What the inventory of a cluster proves: its nodes, and the pools that nodes come from."""
    return [
        Witness(proof.architecture, inventory.scope, proof.at, proof.taints)
        for proof in inventory.proofs
        if proof.architecture in inventory.architectures
    ]


def only_architecture(placed: Placement) -> str | None:
    """The architecture that a placement over all of GOARCH leaves, if it is one."""
    return next(iter(placed.possible)) if len(placed.possible) == 1 else None


def place_pod(
    project: Project, pod: PodTemplate, candidates: frozenset[str], nodes: Mapping[str, str | None]
) -> Placement:
    """Where a pod may be placed: its own spec, what surrounds it (`outer`), its namespace's node selector, and that of
    its runtime class.
    """
    placed = placement(pod.spec.value, candidates, nodes)
    for _, selector in outer_selectors(project, pod):
        placed &= placement(selector, candidates, nodes)
    return placed


def outer_selectors(project: Project, pod: PodTemplate) -> Iterator[tuple[Field, dict[str, object]]]:
    """What binds a pod to nodes outside of its own spec: where that is written, and as a pod spec would have it."""
    if pod.outer is not None:
        yield pod.outer, {key: pod.outer.get(key).value for key in ("nodeSelector", "affinity")}
    if pod.kind == "UnitedDeployment":
        yield from _subsets(pod.obj.field("spec", "topology", "subsets"))
    for namespace in project.find("Namespace", pod.namespace) if pod.namespace else ():
        annotated = namespace_selector(namespace.root.value)
        if annotated and same_cluster(namespace.scope, pod.obj.scope):
            yield namespace.field("metadata", "annotations", NAMESPACE_SELECTOR), {"nodeSelector": annotated}
            break
    name = pod.spec.get("runtimeClassName").text
    for runtime_class in project.find("RuntimeClass", name) if name else ():
        selector = runtime_class.field("scheduling", "nodeSelector")
        if selector.value is not None and same_cluster(runtime_class.scope, pod.obj.scope):
            yield selector, {"nodeSelector": selector.value}
            break


def _subsets(subsets: Field) -> Iterator[tuple[Field, dict[str, object]]]:
    """Each pod of a UnitedDeployment belongs to one of its subsets, whose term it gets (OpenKruise
    `pkg/controller/uniteddeployment/adapter`).
    """
    terms = [subset.get("nodeSelectorTerm").value for subset in subsets.elements()]
    if terms and None not in terms:
        yield subsets, {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}}


class NodeNames(Mapping[str, str | None]):
    """The architectures of nodes by name, with or without the domain that files leave out."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._known = inventory.node_architectures

    def __getitem__(self, name: str) -> str | None:
        if name in self._known:
            return self._known[name]
        found = self._inventory.architecture(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def states_architecture(spec: object) -> bool:
    """Does a pod spec say which architectures it is for, even if that is all the cluster has?"""
    if any(requirement.key in ARCH_LABELS for requirement in selector_requirements(spec)):
        return True
    terms = list(required_terms(spec))
    return bool(terms) and all(
        any(part.key in ARCH_LABELS and part.operator in ("In", "NotIn") for part in term) for term in terms
    )


def patch_witnesses(project: Project) -> Iterator[Witness]:
    """What JSON patches of kustomizations bind workloads to."""
    for document in project.documents:
        operations = document.root.elements() if ARCH_LABEL in document.text else ()
        for operation in operations:
            name = str(operation.get("path").value).rpartition("/")[2]
            if name in ("affinity", "nodeSelector"):
                placed = placement({name: operation.get("value").value}, GOARCH)
                if architecture := only_architecture(placed):
                    scope = scope_of(document.file, document.repository)
                    yield Witness(architecture, scope, operation.get("value", *placed.places[0][1:]))


def patched_place(project: Project, pod: PodTemplate) -> tuple[str, Field] | None:
    """The one architecture that a patch binds a workload to, and where the patch says so.

    A patch that is a file of its own for this very object is left out: it is read as a part of the object.
    """
    here = pod.spec.path[len(pod.obj.root.path) :]
    for name, last in (("nodeSelector", (ARCH_LABEL,)), ("affinity", ())):
        steps = (*here, name, *last)
        for patch in project.kustomizations.setting_patches(pod.obj, *steps):
            if patch.target.exact and patch.content.document.file != pod.obj.file and not patch.content.path:
                continue
            for given, depth in patch.gives(steps):
                placed, at = _given(given, steps, depth, name)
                if architecture := only_architecture(placed):
                    return architecture, at
    return None


def _given(given: Field, steps: Path, depth: int, name: str) -> tuple[Placement, Field]:
    """Where a patch places pods that puts `given` at the first `depth` of `steps`, and the field that does."""
    at = given.get(*steps[depth:])
    value = {ARCH_LABEL: at.value} if name == "nodeSelector" else at.value
    placed = placement({name: value}, GOARCH)
    return placed, at if name == "nodeSelector" or not placed.places else at.get(*placed.places[0][1:])


def release_values(project: Project, seen: Collection[Release]) -> Iterator[tuple[str, Field | None]]:
    """Each release that is part of a cluster, but for those whose pods are `seen`: its scope, and the values given to
    it if they may say anything of architectures.
    """
    for release in project.releases:
        if release.wrapper in _OF_CHARTS or release.partial or release in seen:
            continue
        layers = [source.values for source in release.sources if source.form not in ("defaults", "outside")]
        told = any(mark in layer.document.text for layer in layers for mark in _MARKS)
        yield release.scope, merged(layers) if told else None


def scheduling_holders(field: Field) -> Iterator[Field]:
    """The mappings at and below a field that have a `nodeSelector` or an `affinity`: the pods' part of chart values."""
    if isinstance(field.value, dict) and ("nodeSelector" in field.value or "affinity" in field.value):
        yield field
    for _, inner in field.items():
        yield from scheduling_holders(inner)
    for inner in field.elements():
        yield from scheduling_holders(inner)
