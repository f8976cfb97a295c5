"""Updates that change nothing that matters: those may be made of a role or binding by whoever holds none of it.

Follows kubernetes `pkg/registry/rbac/helpers.go: IsOnlyMutatingGCFields`, over manifests after the defaults of
`pkg/apis/rbac/v1/defaults.go`: what is empty is as good as absent.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubelint.cluster.rbac.reading import Manifest, as_mapping, kind_of
from kubelint.cluster.rbac.rules import RBAC_GROUP

_BOOKKEEPING = ("ownerReferences", "finalizers", "selfLink", "managedFields")
_DEPTH = 16
_CONTENT = ("rules", "aggregationRule", "roleRef", "subjects")


def is_same(new: Manifest, old: Manifest) -> bool:
    """Whether two manifests stand for one object."""
    return _content(new) == _content(old)


def only_keeps_books(new: Manifest, old: Manifest) -> bool:
    """Whether an object differs from what it was in nothing but the fields that garbage collection writes."""
    return _content(new, leave_out=_BOOKKEEPING) == _content(old, leave_out=_BOOKKEEPING)


def _content(item: Manifest, leave_out: tuple[str, ...] = ()) -> object:
    metadata = {key: value for key, value in as_mapping(item.get("metadata")).items() if key not in leave_out}
    return kind_of(item), _settled({"metadata": metadata, **{key: item.get(key) for key in _CONTENT}})


def _settled(value: object, depth: int = _DEPTH) -> object:
    """The value without what is empty, or filled in where it is absent; what is too deep for one equals nothing."""
    if not isinstance(value, list | Mapping):
        return value
    if depth == 0:
        return object()
    if isinstance(value, list):
        return [_settled(entry, depth - 1) for entry in value]
    kept = [(key, entry) for key, entry in value.items() if (key, entry) != ("apiGroup", RBAC_GROUP)]
    settled = {key: _settled(entry, depth - 1) for key, entry in kept}
    return {key: entry for key, entry in settled.items() if entry is not None and entry not in ("", [], {})}
