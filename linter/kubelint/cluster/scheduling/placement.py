"""Which architectures the scheduler may place a pod on, when little is known of the nodes.

Follows the NodeAffinity plugin (kubernetes ``pkg/scheduler/framework/plugins/nodeaffinity``): ``nodeSelector`` AND
required node affinity; the terms of the affinity are ORed, the expressions of a term ANDed; preferred affinity never
constrains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import NamedTuple

from kubelint.cluster.architectures import ARCH_LABELS
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.scheduling.requirements import (
    HOSTNAME_LABEL,
    NAME_FIELD,
    REQUIRED,
    Path,
    Requirement,
    node_affinity,
    required_affinity,
    required_terms,
    selector_requirements,
)

_NEUTRAL_LABELS = frozenset({"kubernetes.io/os", "beta.kubernetes.io/os"})
_VENDORS = {"intel": "amd64", "genuineintel": "amd64", "authenticamd": "amd64", "amd": "amd64"}
_NFD_VENDOR = "feature.node.kubernetes.io/cpu-model.vendor_id"


class Placement(NamedTuple):
    """Where a pod may run.

    ``possible``: the candidate architectures that are not ruled out.  ``certain``: False if something
    narrows the choice further in a way that files do not tell (a custom label, a device, template text).
    ``places``: paths in the pod spec of what narrows it.
    """

    possible: frozenset[str]
    certain: bool = True
    places: tuple[Path, ...] = ()

    def __and__(self, other: Placement) -> Placement:
        return Placement(self.possible & other.possible, self.certain and other.certain, self.places + other.places)

    def __or__(self, other: Placement) -> Placement:
        return Placement(self.possible | other.possible, self.certain and other.certain, self.places + other.places)

    def constrained(self, candidates: Iterable[str]) -> bool | None:
        """True: some candidate is ruled out; False: any candidate will do; None: files do not tell."""
        if self.possible != frozenset(candidates):
            return True
        return False if self.certain else None


def placement(spec: object, candidates: Iterable[str], nodes: Mapping[str, str | None] | None = None) -> Placement:
    """The placement of a pod spec among ``candidates`` (GOARCH names); ``nodes`` gives architectures by node name."""
    every = frozenset(candidates)
    known = nodes or {}
    pod = as_mapping(spec)
    parts = [_one(requirement, every, known) for requirement in selector_requirements(pod)]
    parts += [_node_name(pod, every, known), _affinity(pod, every, known), *_hardware(pod, every)]
    return reduce(Placement.__and__, parts, Placement(every))


def _affinity(pod: Mapping[str, object], every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    prefix, affinity = node_affinity(pod)
    _, required = required_affinity(pod)
    holders = (pod.get("nodeSelector"), pod.get("affinity"), affinity, required)
    if any(isinstance(holder, str) for holder in holders):
        return Placement(every, certain=False, places=(prefix,))
    if not isinstance(required, Mapping):
        return Placement(every)
    terms = [_term(term, every, nodes) for term in required_terms(pod)]
    if not terms:
        return Placement(every, certain=False, places=((*prefix, REQUIRED),))
    return reduce(Placement.__or__, terms)


def _term(requirements: list[Requirement], every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    if not requirements:
        return Placement(frozenset())
    return reduce(Placement.__and__, (_one(requirement, every, nodes) for requirement in requirements))


def _one(requirement: Requirement, every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    key, places = requirement.key, (requirement.path,)
    texts = [value for value in requirement.values if isinstance(value, str)]
    if requirement.unknown or len(texts) != len(requirement.values):
        return Placement(every, certain=False, places=places)
    if key in ARCH_LABELS:
        return _by_operator(requirement, every, frozenset(texts))
    if key == HOSTNAME_LABEL or (requirement.field and key == NAME_FIELD):
        return _by_host(requirement, every, texts, nodes)
    if key == _NFD_VENDOR and requirement.operator == "In":
        return _by_vendor(texts, every, places)
    if key in _NEUTRAL_LABELS:
        return Placement(every)
    return Placement(every, certain=False, places=places)


def _by_operator(requirement: Requirement, every: frozenset[str], values: frozenset[str]) -> Placement:
    places = (requirement.path,)
    match requirement.operator:
        case "In":
            return Placement(every & values, places=places)
        case "NotIn":
            return Placement(every - values, places=places)
        case "Exists":
            return Placement(every)
    return Placement(every, certain=False, places=places)


def _by_host(
    requirement: Requirement, every: frozenset[str], names: list[str], nodes: Mapping[str, str | None]
) -> Placement:
    places = (requirement.path,)
    if requirement.operator == "In":
        return _of_nodes([nodes.get(name) for name in names], every, places)
    if requirement.operator != "NotIn":
        return Placement(every, certain=requirement.operator == "Exists", places=places)
    left = {architecture for name, architecture in nodes.items() if name not in names}
    return Placement(every, certain=None not in left and every <= left, places=places)


def _of_nodes(architectures: list[str | None], every: frozenset[str], places: tuple[Path, ...]) -> Placement:
    if None in architectures:
        return Placement(every, certain=False, places=places)
    return Placement(every & {name for name in architectures if name}, places=places)


def _by_vendor(vendors: list[str], every: frozenset[str], places: tuple[Path, ...]) -> Placement:
    known = [_VENDORS.get(vendor.lower()) for vendor in vendors]
    return _of_nodes(known, every, places)


def _node_name(pod: Mapping[str, object], every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    name = pod.get("nodeName")
    if not name:
        return Placement(every)
    return _of_nodes([nodes.get(str(name))], every, (("nodeName",),))


def _hardware(pod: Mapping[str, object], every: frozenset[str]) -> Iterator[Placement]:
    """What binds a pod to machines of some sort without naming an architecture."""
    for path in hardware_places(pod):
        yield Placement(every, certain=False, places=(path,))


def hardware_places(spec: object) -> Iterator[Path]:
    """What of a pod spec asks for something of its node that no label tells: a device, a runtime, another pod."""
    pod = as_mapping(spec)
    for key in ("runtimeClassName", "resourceClaims"):
        if pod.get(key):
            yield (key,)
    pod_affinity = as_mapping(as_mapping(pod.get("affinity")).get("podAffinity"))
    if pod_affinity.get(REQUIRED):
        yield ("affinity", "podAffinity", REQUIRED)
    for group in ("containers", "initContainers"):
        for index, container in enumerate(as_list(pod.get(group))):
            yield from _devices(as_mapping(container), (group, index))


def _devices(container: Mapping[str, object], prefix: Path) -> Iterator[Path]:
    resources = as_mapping(container.get("resources"))
    for part in ("limits", "requests"):
        for name in as_mapping(resources.get(part)):
            if "/" in name and not name.startswith("kubernetes.io/"):
                yield (*prefix, "resources", part, name)
