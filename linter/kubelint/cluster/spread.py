"""How a workload's pods are spread over nodes.

Follows the scheduler's InterPodAffinity and PodTopologySpread plugins (kubernetes
``pkg/scheduler/framework/plugins``): a term acts on the pods that its selector matches, so a term that does
not match the workload's own pods spreads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

HOST_KEYS = frozenset({"kubernetes.io/hostname"})
ZONE_KEYS = frozenset({"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"})


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NAME_KEYS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app", "name")

Path = tuple[str | int, ...]


class DeadTerm(NamedTuple):
    """A term that does not act on the pods that carry it: where it stands in the pod spec, and its selector."""

    path: Path
    selector: object
    is_constraint: bool
    """Whether it is a topology spread constraint; else it is pod anti-affinity."""


class Spread(StrEnum):
    """``hard``: never two on a node; ``soft``: apart if there is room; ``none``: neither; ``unknown``: a template."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"
    UNKNOWN = "unknown"


_STRENGTH = (Spread.HARD, Spread.SOFT, Spread.UNKNOWN, Spread.NONE)


def spread(spec: object, labels: Mapping[str, object], namespace: str | None = None) -> Spread:
    """The strongest spreading over nodes that ``spec`` (a pod spec) asks for pods that carry ``labels``.

    Spreading over zones counts as soft: different zones are different nodes, but one zone may hold them all. So does a
    constraint with a ``maxSkew`` above 1, which lets as many pods onto one node while another has none. ``namespace``
    is where the pods are, None if unknown.
    """
    found = {*_anti_affinity(spec, labels, namespace), *_topology(spec, labels)}
    return next((strength for strength in _STRENGTH if strength in found), Spread.NONE)


def kept_together(spec: object, labels: Mapping[str, object], namespace: str | None = None) -> bool | None:
    """Does required pod affinity bind all pods with ``labels`` to one node?  None where template text decides.

    Source: kubernetes ``pkg/scheduler/framework/plugins/interpodaffinity/filtering.go``: the first pod of those that a
    term matches may go anywhere, the others follow it.
    """
    affinity = as_mapping(spec).get("affinity")
    together = as_mapping(affinity).get("podAffinity")
    required = as_mapping(together).get(_REQUIRED)
    if any(map(_is_template, (affinity, together, required))):
        return None
    answers = [_binds(as_mapping(term), labels, namespace) for term in as_list(required)]
    return True if True in answers else None if None in answers else False


def _binds(term: Mapping[str, object], labels: Mapping[str, object], namespace: str | None) -> bool | None:
    key = str(term.get("topologyKey", ""))
    answers = (None if has_template(key) else key in HOST_KEYS, _acts_on(term, labels, namespace))
    return False if False in answers else None if None in answers else True


def _acts_on(term: Mapping[str, object], labels: Mapping[str, object], namespace: str | None) -> bool | None:
    """Does a term of pod affinity act on pods with ``labels`` in ``namespace``, which carry it?"""
    if any(isinstance(key, str) and key in labels for key in as_list(term.get("mismatchLabelKeys"))):
        return False
    answers = (selector_matches(term.get("labelSelector"), labels), _reaches(term, namespace))
    return False if False in answers else None if None in answers else True


def _reaches(term: Mapping[str, object], namespace: str | None) -> bool | None:
    """Does a term reach the namespace of the pods that carry it?  It does where it names none."""
    names, selector = as_list(term.get("namespaces")), term.get("namespaceSelector")
    if selector == {} or (not names and selector is None):
        return True
    if namespace is not None and namespace in names:
        return True
    open_list = namespace is None or selector is not None or any(map(_is_template, names))
    return None if open_list else False


def dead_terms(spec: object, labels: Mapping[str, object], name: str | None) -> Iterator[DeadTerm]:
    """The terms of ``spec`` that surely should spread pods with ``labels``, of a workload ``name``, and do not.

    A topology spread constraint is there for the pods that carry it. Anti-affinity may keep clear of other pods, so
    it is dead only where its selector names this workload, under a key or a value that the pods do not have.
    """
    pod = as_mapping(spec)
    for index, constraint in enumerate(as_list(pod.get("topologySpreadConstraints"))):
        entry = as_mapping(constraint)
        selector = entry.get("labelSelector")
        complete = entry.get("topologyKey") and not (selector is None and entry.get("matchLabelKeys"))
        if complete and not isinstance(selector, list) and selector_matches(selector, labels) is False:
            yield DeadTerm(("topologySpreadConstraints", index, "labelSelector"), selector, is_constraint=True)
    for path, term in _anti_affinity_terms(as_mapping(pod.get("affinity")).get("podAntiAffinity")):
        elsewhere = term.get("namespaces") or term.get("namespaceSelector") is not None
        if not elsewhere and _means(term.get("labelSelector"), labels, name):
            place = ("affinity", "podAntiAffinity", *path, "labelSelector")
            yield DeadTerm(place, term.get("labelSelector"), is_constraint=False)


def _means(selector: object, labels: Mapping[str, object], name: str | None) -> bool:
    """Whether ``selector`` misses pods with ``labels`` but names their workload in every part that misses them."""
    if selector_matches(selector, labels) is not False:
        return False
    body = as_mapping(selector)
    wanted = [(str(key), [value]) for key, value in as_mapping(body.get("matchLabels")).items()]
    for expression in map(as_mapping, as_list(body.get("matchExpressions"))):
        if expression.get("operator") == "In":
            wanted.append((str(expression.get("key")), as_list(expression.get("values"))))
        elif _expression_matches(expression, labels) is not True:
            return False
    own = {str(labels[key]).lower() for key in _NAME_KEYS if key in labels} | {(name or "").lower()} - {""}
    missing = [(key, values) for key, values in wanted if _label_is(labels, key, values) is not True]
    return bool(missing) and all(
        key in _NAME_KEYS and len(values) == 1 and str(values[0]).lower() in own for key, values in missing
    )


def _anti_affinity_terms(anti: object) -> Iterator[tuple[Path, Mapping[str, object]]]:
    for index, term in enumerate(as_list(as_mapping(anti).get(_REQUIRED))):
        yield (_REQUIRED, index), as_mapping(term)
    for index, weighted in enumerate(as_list(as_mapping(anti).get(_PREFERRED))):
        yield (_PREFERRED, index, "podAffinityTerm"), as_mapping(as_mapping(weighted).get("podAffinityTerm"))


def selector_matches(selector: object, labels: Mapping[str, object]) -> bool | None:
    """Does a LabelSelector match?  Null matches nothing, empty everything.  None: template text decides.

    Source: apimachinery ``pkg/apis/meta/v1/helpers.go`` (``LabelSelectorAsSelector``).
    """
    if _is_template(selector):
        return None
    if not isinstance(selector, Mapping):
        return False
    wanted = as_mapping(selector.get("matchLabels"))
    answers: list[bool | None] = [_label_is(labels, str(key), [value]) for key, value in wanted.items()]
    answers += [_expression_matches(expression, labels) for expression in as_list(selector.get("matchExpressions"))]
    if False in answers:
        return False
    return None if None in answers else True


def _expression_matches(expression: object, labels: Mapping[str, object]) -> bool | None:
    entry = as_mapping(expression)
    key, values = str(entry.get("key", "")), as_list(entry.get("values"))
    match entry.get("operator"):
        case "In":
            return _label_is(labels, key, values)
        case "NotIn":
            held = _label_is(labels, key, values)
            return None if held is None else not held
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return None


def _label_is(labels: Mapping[str, object], key: str, values: list[object]) -> bool | None:
    texts = [str(value) for value in values]
    if has_template(key) or any(map(has_template, texts)):
        return None
    if key not in labels:
        return None if any(has_template(label) for label in labels) else False
    held = str(labels[key])
    return None if has_template(held) else held in texts


def _anti_affinity(spec: object, labels: Mapping[str, object], namespace: str | None) -> Iterator[Spread]:
    affinity = as_mapping(spec).get("affinity")
    anti = as_mapping(affinity).get("podAntiAffinity")
    if _is_template(affinity) or _is_template(anti):
        yield Spread.UNKNOWN
        return
    for path, term in _anti_affinity_terms(anti):
        strength = Spread.HARD if path[0] == _REQUIRED else Spread.SOFT
        yield _over_nodes(term, _acts_on(term, labels, namespace), strength)


def _topology(spec: object, labels: Mapping[str, object]) -> Iterator[Spread]:
    constraints = as_mapping(spec).get("topologySpreadConstraints")
    if _is_template(constraints):
        yield Spread.UNKNOWN
    for constraint in as_list(constraints):
        entry = as_mapping(constraint)
        skew = entry.get("maxSkew", 1)
        strict = not isinstance(skew, int) or skew <= 1
        hard = entry.get("whenUnsatisfiable") == "DoNotSchedule" and strict
        yield _over_nodes(
            entry, selector_matches(entry.get("labelSelector"), labels), Spread.HARD if hard else Spread.SOFT
        )


def _over_nodes(term: Mapping[str, object], acts: bool | None, strength: Spread) -> Spread:
    """How a term spreads that ``acts`` on the pods."""
    key = str(term.get("topologyKey", ""))
    if has_template(key) and acts is not False:
        return Spread.UNKNOWN
    if acts is False or key not in HOST_KEYS | ZONE_KEYS:
        return Spread.NONE
    if acts is None:
        return Spread.UNKNOWN
    return strength if key in HOST_KEYS else Spread.SOFT


def _is_template(value: object) -> bool:
    return isinstance(value, str) and has_template(value)
