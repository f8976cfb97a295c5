"""Copies of objects that tools leave in annotations, as JSON, and the credentials in them.

Follows kubectl `pkg/util/apply.go` (`LastAppliedConfigAnnotation`) and kapp `pkg/kapp/resources`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kubelint.manifests import Field
from kubelint.manifests.field import FieldSlice
from kubelint.manifests.texts import TextSlice

from .credentials import credentials_in
from .keyed import credential_under
from .literals import literals_in
from .named_values import named_values
from .secret_objects import secret_values, views
from .variables import variables_in

COPIES = ("kubectl.kubernetes.io/last-applied-configuration", "kapp.k14s.io/original")
"""The annotations."""
_DEEPEST = 3


def objects_in(root: Field, depth: int = 0) -> Iterator[Field]:
    """The roots of the objects in a document: itself, or the items of a list."""
    if isinstance(root.get("metadata").value, dict):
        yield root
    if depth < _DEEPEST and isinstance(root.get("items").value, list):
        for item in root.get("items").elements():
            yield from objects_in(item, depth + 1)


def credentials_in_copy(copy: Field, depth: int = 0) -> list[str]:
    """The paths, within the copied object, of the credentials that `copy` holds and no other rule finds in its text."""
    return [
        found.display.rpartition(" › ")[2]
        for root in copy.embedded()
        for obj in objects_in(root)
        for found in _credentials_of(obj, depth)
    ]


def _credentials_of(obj: Field, depth: int) -> Iterator[Field]:
    kind = obj.get("kind").value
    yield from _IN_KINDS[kind](obj) if isinstance(kind, str) and kind in _IN_KINDS else _in_variables(obj)
    for name in COPIES if depth < _DEEPEST else ():
        inner = obj.get("metadata", "annotations", name)
        if isinstance(inner.value, str) and credentials_in_copy(inner, depth + 1):
            yield inner


def _in_secret(obj: Field) -> Iterator[Field]:
    """The entries with credentials, but for those that the annotation's text shows, in clear or in base64."""
    for value in secret_values(obj):
        proven = not credentials_in(str(value.field.value)) and any(map(credentials_in, views(value)))
        if proven or literals_in(value):
            yield value.field


def _in_config_map(obj: Field) -> Iterator[Field]:
    for found in named_values(obj.get("data")):
        if not isinstance(found.at, TextSlice):
            yield found.at.field if isinstance(found.at, FieldSlice) else found.at


def _in_variables(obj: Field) -> Iterator[Field]:
    for variable in variables_in(obj):
        if credential_under(variable.name, variable.value) is not None:
            yield variable.field


_IN_KINDS: dict[str, Callable[[Field], Iterator[Field]]] = {"Secret": _in_secret, "ConfigMap": _in_config_map}
