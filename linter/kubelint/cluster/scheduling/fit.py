"""Whether a pod can run on a node, and on which of many.

Follows kubernetes ``pkg/scheduler/framework/plugins`` as ``nodes`` says. YES means that nothing keeps the pod away:
neither labels nor name nor taints. Room, ports, volumes and other pods are not looked at; what asks for a device, a
runtime or the company of another pod makes the answer UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from typing import NamedTuple

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.scheduling.masks import NONE, Mask
from kubelint.cluster.scheduling.nodes import Node, Nodes
from kubelint.cluster.scheduling.placement import Placement, hardware_places
from kubelint.cluster.scheduling.requirements import (
    Path,
    Requirement,
    is_template,
    node_affinity,
    required_affinity,
    required_terms,
    selector_requirements,
)
from kubelint.cluster.scheduling.tainted import TaintIndex
from kubelint.cluster.scheduling.taints import read_tolerations, untolerated
from kubelint.cluster.verdicts import Verdict

_OS_LABEL = "kubernetes.io/os"


class Fit(NamedTuple):
    """An answer, why it is not YES, and the path in the pod spec of what decides."""

    verdict: Verdict
    reason: str = ""
    path: Path = ()


class Demand(NamedTuple):
    """One thing that a pod demands of its node, and the nodes that meet it."""

    met: Mask
    path: Path
    says: Callable[[], str]


def can_run_on(pod: object, node: Node | Mapping[str, object]) -> Verdict:
    """Can a pod with the spec ``pod`` run on ``node``, which is a Node object or what is known of one?"""
    return fit(pod, node).verdict


def fit(pod: object, node: Node | Mapping[str, object]) -> Fit:
    """As `can_run_on`, with the reason: the first demand that is not met, else the first that may not be."""
    doubt = Fit(Verdict.YES)
    for demand in demands(pod, Nodes((node,))):
        if not demand.met.maybe:
            return Fit(Verdict.NO, demand.says(), demand.path)
        if not demand.met.surely and doubt.verdict is Verdict.YES:
            doubt = Fit(Verdict.UNKNOWN, demand.says(), demand.path)
    return doubt


def nodes_for(pod: object, nodes: Nodes) -> Mask:
    """The nodes that a pod with the spec ``pod`` can run on; what is known of them is ``nodes[mask.maybe]``."""
    return reduce(Mask.__and__, (demand.met for demand in demands(pod, nodes)), Mask(nodes.every, nodes.every))


def architectures_of(pod: object, nodes: Nodes) -> Placement:
    """The architectures of the nodes that a pod can run on; ``places`` are the demands that not all nodes meet.

    Not ``certain`` where it is unknown whether some node fits, or which architecture one that does has.
    """
    found, places = Mask(nodes.every, nodes.every), []
    for demand in demands(pod, nodes):
        found &= demand.met
        if demand.met.surely != nodes.every:
            places.append(demand.path)
    told = reduce(int.__or__, nodes.architectures.values(), 0)
    possible = frozenset(name for name, mask in nodes.architectures.items() if mask & found.maybe)
    certain = found.surely == found.maybe and not found.maybe & ~told
    return Placement(possible, certain, tuple(places))


def demands(pod: object, nodes: Nodes) -> Iterator[Demand]:
    """Everything that the pod spec demands, each with the nodes that meet it."""
    spec = as_mapping(pod)
    if is_template(pod):
        yield Demand(Mask(0, nodes.every), (), lambda: "the pod is template text")
    bound = bool(spec.get("nodeName"))
    if bound:
        yield _by_name(spec.get("nodeName"), nodes)
    yield from _by_selector(spec, nodes)
    yield from _by_affinity(spec, nodes)
    yield from _by_system(spec, nodes)
    yield _by_taints(spec, nodes, nodes.bound if bound else nodes.scheduled)
    for path in hardware_places(spec):
        yield Demand(Mask(0, nodes.every), path, partial(_asks_for, path))


def _by_name(name: object, nodes: Nodes) -> Demand:
    met = nodes.named(name) if isinstance(name, str) else NONE
    return Demand(met, ("nodeName",), lambda: f"`nodeName` is `{name}`")


def _by_selector(spec: Mapping[str, object], nodes: Nodes) -> Iterator[Demand]:
    selector = spec.get("nodeSelector")
    if selector is not None and not isinstance(selector, Mapping):
        yield _misshapen(selector, ("nodeSelector",), nodes)
    for requirement in selector_requirements(spec):
        yield Demand(nodes.meeting(requirement), requirement.path, partial(_selects, requirement))


def _asks_for(path: Path) -> str:
    return f"`{path[-1]}` is asked for"


def _selects(requirement: Requirement) -> str:
    return f"`nodeSelector` asks for `{requirement.key}={requirement.values[0]}`"


def _by_affinity(spec: Mapping[str, object], nodes: Nodes) -> Iterator[Demand]:
    path, required = required_affinity(spec)
    holders = ((path[:-2], spec.get("affinity")), (path[:-1], node_affinity(spec)[1]), (path, required))
    for place, holder in holders:
        if place and holder is not None and not isinstance(holder, Mapping):
            yield _misshapen(holder, place, nodes)
    if isinstance(required, Mapping):
        met = reduce(Mask.__or__, (_term(term, nodes) for term in required_terms(spec)), NONE)
        yield Demand(met, path, lambda: "no term of the required node affinity matches")


def _term(requirements: list[Requirement], nodes: Nodes) -> Mask:
    return reduce(Mask.__and__, map(nodes.meeting, requirements)) if requirements else NONE


def _misshapen(value: object, path: Path, nodes: Nodes) -> Demand:
    if is_template(value):
        return Demand(Mask(0, nodes.every), path, lambda: f"`{path[-1]}` is template text")
    return Demand(NONE, path, lambda: f"`{path[-1]}` is no mapping, so that no pod is made")


def _by_system(spec: Mapping[str, object], nodes: Nodes) -> Iterator[Demand]:
    """The kubelet refuses pods of another operating system than its own."""
    name = as_mapping(spec.get("os")).get("name")
    if isinstance(name, str):
        asked = Requirement(_OS_LABEL, "In", (name,), ("os", "name"))
        untold = nodes.meeting(asked._replace(operator="DoesNotExist", values=()))
        met = nodes.meeting(asked)
        yield Demand(Mask(met.surely, met.maybe | untold.maybe), asked.path, lambda: f"it is for `{name}`")


def _by_taints(spec: Mapping[str, object], nodes: Nodes, index: TaintIndex) -> Demand:
    tolerations = read_tolerations(spec)

    def says() -> str:
        carried = {taint for node in nodes.nodes for taint in node.taints}
        kept_away = sorted({str(taint) for taint, _ in untolerated(tolerations, carried, index.effects)})
        return f"`{kept_away[0]}` is not tolerated" if kept_away else ""

    return Demand(index.left(tolerations), ("tolerations",), says)
