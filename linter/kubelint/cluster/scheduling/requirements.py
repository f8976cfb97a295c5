"""What a pod spec demands of the labels and the name of its node.

Follows kubernetes ``staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity``: ``nodeSelector`` AND the
required node affinity, whose terms are ORed and the expressions of a term ANDed; a term without any matches no node.
What a requirement may hold is told by ``staging/src/k8s.io/apimachinery/pkg/labels/selector.go`` (``NewRequirement``);
one that breaks it lets its term match nothing, and the API server refuses new pods with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template
from kubelint.regexes import regex

Path = tuple[str | int, ...]

HOSTNAME_LABEL = "kubernetes.io/hostname"
NAME_FIELD = "metadata.name"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

_OPERATORS = frozenset({"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"})
_NAME = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)"
_KEY = regex(rf"(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_NAME}")
_VALUE = regex(rf"{_NAME}?")
_INTEGER = regex(r"[+-]?[0-9]+")
_INT64 = range(-(2**63), 2**63)


class Requirement(NamedTuple):
    """One demand on a node, as a NodeSelectorRequirement has it; ``path`` leads to the whole entry.

    ``field``: whether ``key`` is a field of the node (``matchFields``) and no label.
    """

    key: str
    operator: str
    values: tuple[object, ...]
    path: Path
    field: bool = False

    @property
    def unknown(self) -> bool:
        """Whether a part of it is template text."""
        return any(map(is_template, (self.key, self.operator, *self.values)))

    @property
    def valid(self) -> bool:
        """Whether Kubernetes takes it; what is template text may turn out so."""
        texts = [value for value in self.values if isinstance(value, str)]
        if len(texts) != len(self.values):
            return False
        known = [text for text in texts if not has_template(text)]
        if self.operator not in _OPERATORS or not _KEY.fullmatch(self.key):
            return has_template(self.operator) or has_template(self.key)
        if self.field:
            return self.key == NAME_FIELD and self.operator in ("In", "NotIn") and len(texts) == 1
        if self.operator in ("Exists", "DoesNotExist"):
            return not texts
        if self.operator in ("Gt", "Lt"):
            return len(texts) == 1 and all(integer(text) is not None for text in known)
        return bool(texts) and all(map(_VALUE.fullmatch, known))


def is_template(value: object) -> bool:
    """Whether template text stands where ``value`` does."""
    return isinstance(value, str) and has_template(value)


def integer(text: object) -> int | None:
    """The number that Go's ``strconv.ParseInt`` reads in a label's value; None where it reads none."""
    if not isinstance(text, str) or len(text) > 32 or _INTEGER.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number in _INT64 else None


def selector_requirements(spec: object) -> Iterator[Requirement]:
    """The requirements of ``nodeSelector``."""
    for key, value in as_mapping(as_mapping(spec).get("nodeSelector")).items():
        yield Requirement(str(key), "In", (value,), ("nodeSelector", key))


def required_terms(spec: object) -> Iterator[list[Requirement]]:
    """The terms of the required node affinity, each with the requirements of its expressions and fields."""
    prefix, required = required_affinity(spec)
    for index, term in enumerate(_entries(as_mapping(required).get("nodeSelectorTerms"))):
        yield list(_term_requirements(term, (*prefix, "nodeSelectorTerms", index)))


def preferred_terms(spec: object) -> Iterator[list[Requirement]]:
    """The terms of the preferred node affinity. They only add to a node's score, and constrain nothing."""
    prefix, affinity = node_affinity(spec)
    for index, entry in enumerate(as_list(as_mapping(affinity).get(PREFERRED))):
        preference = as_mapping(entry).get("preference")
        yield list(_term_requirements(preference, (*prefix, PREFERRED, index, "preference")))


def node_affinity(spec: object) -> tuple[Path, object]:
    """Path and value of the node affinity: ``affinity.nodeAffinity``; CloudNativePG leaves out the outer level."""
    pod = as_mapping(spec)
    affinity = as_mapping(pod.get("affinity"))
    if "nodeAffinity" not in affinity and "nodeAffinity" in pod:
        return ("nodeAffinity",), pod["nodeAffinity"]
    return ("affinity", "nodeAffinity"), affinity.get("nodeAffinity")


def required_affinity(spec: object) -> tuple[Path, object]:
    """Path and value of the required node affinity. Null demands nothing; one without terms is refused."""
    prefix, affinity = node_affinity(spec)
    return (*prefix, REQUIRED), as_mapping(affinity).get(REQUIRED)


def _term_requirements(term: object, prefix: Path) -> Iterator[Requirement]:
    if is_template(term):
        yield Requirement(str(term), str(term), (), prefix)
    for kind in ("matchExpressions", "matchFields"):
        for index, expression in enumerate(_entries(as_mapping(term).get(kind))):
            entry, path = as_mapping(expression), (*prefix, kind, index)
            if is_template(expression):
                entry = {"key": expression, "operator": expression}
            values = tuple(_entries(entry.get("values")))
            key, operator = str(entry.get("key", "")), str(entry.get("operator", ""))
            yield Requirement(key, operator, values, path, field=kind == "matchFields")


def _entries(value: object) -> list[object]:
    """The items of a list; template text in its place counts for one."""
    return [value] if is_template(value) else as_list(value)


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
    by_name = requirement.key == HOSTNAME_LABEL or (requirement.field and requirement.key == NAME_FIELD)
    return set(map(str, requirement.values)) if by_name and requirement.operator == "In" else set()
