"""Which architectures the scheduler may place a pod on.

Follows the NodeAffinity plugin (kubernetes ``pkg/scheduler/framework/plugins/nodeaffinity`` and
``staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity``): ``nodeSelector`` AND required node
affinity; the terms of the affinity are ORed, the expressions of a term ANDed; preferred affinity never
constrains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import NamedTuple

from kubelint.cluster.architectures import ARCH_LABELS
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]

HOSTNAME_LABEL = "kubernetes.io/hostname"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
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


class Requirement(NamedTuple):
    """One demand on a node, as a NodeSelectorRequirement has it; ``path`` leads to the whole entry."""

    key: str
    operator: str
    values: tuple[object, ...]
    path: Path
    field: bool = False


def placement(spec: object, candidates: Iterable[str], nodes: Mapping[str, str | None] | None = None) -> Placement:
    """The placement of a pod spec among ``candidates`` (GOARCH names); ``nodes`` gives architectures by node name."""
    every = frozenset(candidates)
    known = nodes or {}
    pod = as_mapping(spec)
    parts = [_one(requirement, every, known) for requirement in selector_requirements(pod)]
    parts += [_node_name(pod, every, known), _affinity(pod, every, known), *_hardware(pod, every)]
    return reduce(Placement.__and__, parts, Placement(every))


def selector_requirements(spec: object) -> Iterator[Requirement]:
    """The requirements of ``nodeSelector``."""
    for key, value in as_mapping(as_mapping(spec).get("nodeSelector")).items():
        path: Path = ("nodeSelector", key)
        yield Requirement(key, "In", (value,), path)


def required_terms(spec: object) -> Iterator[list[Requirement]]:
    """The terms of the required node affinity, each with the requirements of its expressions and fields."""
    prefix, required = _required(spec)
    for index, term in enumerate(as_list(as_mapping(required).get("nodeSelectorTerms"))):
        yield list(_term_requirements(term, (*prefix, "nodeSelectorTerms", index)))


def node_affinity(spec: object) -> tuple[Path, object]:
    """Path and value of the node affinity: ``affinity.nodeAffinity``; CloudNativePG leaves out the outer level."""
    pod = as_mapping(spec)
    affinity = as_mapping(pod.get("affinity"))
    if "nodeAffinity" not in affinity and "nodeAffinity" in pod:
        return ("nodeAffinity",), pod["nodeAffinity"]
    return ("affinity", "nodeAffinity"), affinity.get("nodeAffinity")


def pinned_host(spec: object) -> tuple[str, Path] | None:
    """The one node that a pod spec asks for by name and the path of what asks; None if none, or not known."""
    pod = as_mapping(spec)
    if isinstance(name := pod.get("nodeName"), str) and name:
        return None if has_template(name) else (name, ("nodeName",))
    for requirement in selector_requirements(pod):
        if names := _hosts(requirement):
            return _only(names, requirement.path)
    terms = [_term_hosts(term) for term in required_terms(pod)]
    if not terms or any(names is None for names, _ in terms):
        return None
    return _only(set().union(*(names or () for names, _ in terms)), terms[0][1])


def _only(names: set[str], path: Path) -> tuple[str, Path] | None:
    name = next(iter(names), "")
    return (name, path) if len(names) == 1 and not has_template(name) else None


def _term_hosts(term: list[Requirement]) -> tuple[set[str] | None, Path]:
    named = [(names, requirement.path) for requirement in term if (names := _hosts(requirement))]
    if not named:
        return None, ()
    return set.intersection(*(names for names, _ in named)), named[0][1]


def _hosts(requirement: Requirement) -> set[str]:
    by_name = requirement.key == HOSTNAME_LABEL or (requirement.field and requirement.key == "metadata.name")
    return set(map(str, requirement.values)) if by_name and requirement.operator == "In" else set()


def _required(spec: object) -> tuple[Path, object]:
    prefix, affinity = node_affinity(spec)
    return (*prefix, _REQUIRED), as_mapping(affinity).get(_REQUIRED)


def _term_requirements(term: object, prefix: Path) -> Iterator[Requirement]:
    for kind in ("matchExpressions", "matchFields"):
        for index, expression in enumerate(as_list(as_mapping(term).get(kind))):
            entry, path = as_mapping(expression), (*prefix, kind, index)
            values = tuple(as_list(entry.get("values")))
            key, operator = str(entry.get("key", "")), str(entry.get("operator", ""))
            yield Requirement(key, operator, values, path, field=kind == "matchFields")


def _affinity(pod: Mapping[str, object], every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    prefix, affinity = node_affinity(pod)
    _, required = _required(pod)
    holders = (pod.get("nodeSelector"), pod.get("affinity"), affinity, required)
    if any(isinstance(holder, str) for holder in holders):
        return Placement(every, certain=False, places=(prefix,))
    if not isinstance(required, Mapping):
        return Placement(every)
    terms = [_term(term, every, nodes) for term in required_terms(pod)]
    if not terms:
        return Placement(every, certain=False, places=((*prefix, _REQUIRED),))
    return reduce(Placement.__or__, terms)


def _term(requirements: list[Requirement], every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    if not requirements:
        return Placement(frozenset())
    return reduce(Placement.__and__, (_one(requirement, every, nodes) for requirement in requirements))


def _one(requirement: Requirement, every: frozenset[str], nodes: Mapping[str, str | None]) -> Placement:
    key, places = requirement.key, (requirement.path,)
    texts = [value for value in requirement.values if isinstance(value, str)]
    if has_template(key) or len(texts) != len(requirement.values) or any(map(has_template, texts)):
        return Placement(every, certain=False, places=places)
    if key in ARCH_LABELS:
        return _by_operator(requirement, every, frozenset(texts))
    if key == HOSTNAME_LABEL or (requirement.field and key == "metadata.name"):
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
    for path in _hardware_places(pod):
        yield Placement(every, certain=False, places=(path,))


def _hardware_places(pod: Mapping[str, object]) -> Iterator[Path]:
    for key in ("runtimeClassName", "resourceClaims"):
        if pod.get(key):
            yield (key,)
    pod_affinity = as_mapping(as_mapping(pod.get("affinity")).get("podAffinity"))
    if pod_affinity.get(_REQUIRED):
        yield ("affinity", "podAffinity", _REQUIRED)
    for group in ("containers", "initContainers"):
        for index, container in enumerate(as_list(pod.get(group))):
            yield from _devices(as_mapping(container), (group, index))


def _devices(container: Mapping[str, object], prefix: Path) -> Iterator[Path]:
    resources = as_mapping(container.get("resources"))
    for part in ("limits", "requests"):
        for name in as_mapping(resources.get(part)):
            if "/" in name and not name.startswith("kubernetes.io/"):
                yield (*prefix, "resources", part, name)
