"""Fields of RBAC objects whose type the API server cannot read: it refuses the object before it validates it.

Follows the types of kubernetes `staging/src/k8s.io/api/rbac/v1/types.go`.  Null is as good as absent everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.cluster.rbac import Rejection
from kubelint.manifests import Field, KubeObject

_RULE = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
_SUBJECT = ("kind", "name", "namespace", "apiGroup")
_ROLE_REF = ("kind", "name", "apiGroup")


def misshapen(obj: KubeObject) -> Iterator[Rejection]:
    """What is of another type than the API server expects, paths from the object's root."""
    start = len(obj.root.path)
    for field, message in _fields(obj):
        yield Rejection(tuple(field.path[start:]), message)  # type: ignore[arg-type]


def _fields(obj: KubeObject) -> Iterator[tuple[Field, str]]:
    yield from _labels(obj.field("metadata", "labels"))
    if obj.kind in ("Role", "ClusterRole"):
        yield from _entries(obj.field("rules"), "a list of rules", lists=_RULE)
        if obj.kind == "ClusterRole":
            yield from _aggregation(obj.field("aggregationRule"))
    else:
        yield from _mapping(obj.field("roleRef"), "a mapping", texts=_ROLE_REF)
        yield from _entries(obj.field("subjects"), "a list of subjects", texts=_SUBJECT)


def _aggregation(field: Field) -> Iterator[tuple[Field, str]]:
    yield from _mapping(field, "a mapping")
    selectors = field.get("clusterRoleSelectors")
    yield from _entries(selectors, "a list of label selectors")
    for selector in selectors.elements():
        yield from _mapping(selector.get("matchLabels"), "a mapping")
        yield from _labels(selector.get("matchLabels"))
        yield from _entries(
            selector.get("matchExpressions"), "a list of requirements", texts=("key", "operator"), lists=("values",)
        )


def _labels(field: Field) -> Iterator[tuple[Field, str]]:
    for _, value in field.items():
        if isinstance(value.value, bool | int | float):
            yield value, "a label is a string: quote it"


def _entries(
    field: Field, wanted: str, *, texts: Iterable[str] = (), lists: Iterable[str] = ()
) -> Iterator[tuple[Field, str]]:
    if _is_other(field, list):
        yield field, f"must be {wanted}"
    for entry in field.elements():
        yield from _mapping(entry, "a mapping", texts=texts, lists=lists)


def _mapping(
    field: Field, wanted: str, *, texts: Iterable[str] = (), lists: Iterable[str] = ()
) -> Iterator[tuple[Field, str]]:
    if _is_other(field, dict):
        yield field, f"must be {wanted}"
    for key in texts:
        if _is_other(field.get(key), str):
            yield field.get(key), "must be a string"
    for key in lists:
        value = field.get(key)
        if _is_other(value, list):
            yield value, "must be a list of strings"
        for element in value.elements():
            if _is_other(element, str):
                yield element, "must be a string"


def _is_other(field: Field, wanted: type) -> bool:
    """Whether there is a value, surely, and of another type."""
    return field.value is not None and not field.unknown and not isinstance(field.value, wanted)
