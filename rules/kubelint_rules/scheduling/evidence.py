"""What the files of a cluster tell about the architectures of its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.architectures import ARCH_LABEL, ARCH_LABELS, GOARCH
from kubelint.cluster.scheduling import Placement, placement, required_terms, selector_requirements
from kubelint.manifests import Field, KubeObject, PodTemplate, Project
from kubelint.manifests.scopes import scope_of

_NAMESPACE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"

# What every label that names an architecture has in its name.
_MARKS = (ARCH_LABEL, "cpu-model")

VALUES_KINDS = frozenset({"HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet"})
NODE_KINDS = frozenset({"Node", "NodePool", "Provisioner"})


class Witness(NamedTuple):
    """A place that proves that nodes of an architecture exist; `taints` keep pods off them."""

    architecture: str
    scope: str
    at: Field
    taints: tuple[dict[str, object], ...] = ()


def node_witnesses(project: Project) -> Iterator[Witness]:
    """What `Node` objects and Karpenter's node pools prove."""
    for obj in project.objects("Node", group=""):
        yield from _node(obj)
    for obj in project.objects(("NodePool", "Provisioner"), group="karpenter.sh"):
        yield from _node_pool(obj)


def _node(obj: KubeObject) -> Iterator[Witness]:
    fields = (
        obj.field("metadata", "labels", ARCH_LABEL),
        obj.field("status", "nodeInfo", "architecture"),
    )
    at = next((field for field in fields if field.text in GOARCH), None)
    if at is not None and at.text:
        yield Witness(at.text, obj.scope, at, _taints(obj.field("spec", "taints")))


def _node_pool(obj: KubeObject) -> Iterator[Witness]:
    spec = obj.field("spec") if obj.kind == "Provisioner" else obj.field("spec", "template", "spec")
    for requirement in spec.get("requirements").elements():
        values = requirement.get("values")
        if requirement.get("key").text == ARCH_LABEL and requirement.get("operator").text == "In":
            for value in values.elements():
                if value.text in GOARCH:
                    yield Witness(str(value.text), obj.scope, value, _taints(spec.get("taints")))


def _taints(field: Field) -> tuple[dict[str, object], ...]:
    return tuple(taint.value for taint in field.elements() if isinstance(taint.value, dict))


def only_architecture(placed: Placement) -> str | None:
    """The architecture that a placement over all of GOARCH leaves, if it is one."""
    return next(iter(placed.possible)) if len(placed.possible) == 1 else None


def place_pod(
    project: Project, pod: PodTemplate, candidates: frozenset[str], nodes: dict[str, str | None]
) -> Placement:
    """Where a pod may be placed: its own spec, what surrounds it (`outer`), and its namespace's node selector."""
    placed = placement(pod.spec.value, candidates, nodes)
    if pod.outer is not None:
        placed &= placement(_scheduling_of(pod.outer), candidates, nodes)
    return placed & _namespace_placement(project, pod.obj, candidates, nodes)


def _scheduling_of(field: Field) -> dict[str, object]:
    return {key: field.get(key).value for key in ("nodeSelector", "affinity")}


def _namespace_placement(
    project: Project, obj: KubeObject, candidates: frozenset[str], nodes: dict[str, str | None]
) -> Placement:
    """The PodNodeSelector admission plugin adds the selector that a namespace's annotation holds."""
    for namespace in project.find("Namespace", obj.namespace) if obj.namespace else ():
        if text := namespace.annotations.get(_NAMESPACE_SELECTOR):
            pairs = (pair.partition("=") for pair in text.split(","))
            selector = {key.strip(): value.strip() for key, _, value in pairs}
            return placement({"nodeSelector": selector}, candidates, nodes)
    return Placement(candidates)


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


def values_of(obj: KubeObject) -> Iterator[Field]:
    """The chart values that an object carries inline, if they may say anything of architectures."""
    if not any(mark in obj.document.text for mark in _MARKS):
        return
    spec = obj.field("spec")
    yield from _inline(spec.get("values"))
    yield from _inline(spec.get("valuesContent"))
    sources = [spec.get("source"), *spec.get("sources").elements()]
    template = spec.get("template", "spec")
    sources += [template.get("source"), *template.get("sources").elements()]
    for source in sources:
        yield from _inline(source.get("helm", "values"))
        yield from _inline(source.get("helm", "valuesObject"))


def _inline(field: Field) -> Iterator[Field]:
    if isinstance(field.value, dict):
        yield field
    yield from field.embedded()


def scheduling_holders(field: Field) -> Iterator[Field]:
    """The mappings at and below a field that have a `nodeSelector` or an `affinity`: the pods' part of chart values."""
    if isinstance(field.value, dict) and ("nodeSelector" in field.value or "affinity" in field.value):
        yield field
    for _, inner in field.items():
        yield from scheduling_holders(inner)
    for inner in field.elements():
        yield from scheduling_holders(inner)
