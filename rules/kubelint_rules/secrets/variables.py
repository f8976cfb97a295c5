"""Environment variables, wherever objects write them: `env` of containers, of custom resources, of patches."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.manifests import Field, KubeObject
from kubelint.manifests.field import FieldSlice

_ENV = re.compile(r"env(?:s|vars?|variables?|ironment|ironmentvars?|ironmentvariables?)?$")
_PATCHES = ("patches", "patchesJson6902")
_VALUES = {
    "HelmRelease": ("values", "valuesFrom"),
    "HelmChart": ("valuesContent", "set"),
    "HelmChartConfig": ("valuesContent",),
    "Application": ("helm",),
    "ApplicationSet": ("helm",),
}
"""Where kinds keep the values of charts, which are read as such."""


class Variable(NamedTuple):
    """One variable: its name, its value, where that is written, and the entry of a list that both are fields of."""

    name: str
    value: str
    at: Field | FieldSlice
    entry: Field | None = None

    @property
    def field(self) -> Field:
        """The string that holds the value."""
        return self.at.field if isinstance(self.at, FieldSlice) else self.at


def variables_of(obj: KubeObject) -> Iterator[Variable]:
    """The variables that an object gives literal values."""
    yield from variables_in(obj.root, _VALUES.get(obj.kind, ()))
    if obj.kind in ("Kustomization", "Component"):
        yield from _in_env(obj.field("spec", "postBuild", "substitute"))
        for field in _inline_patches(obj.root):
            yield from _patched(field)


def variables_in(root: Field, skipped: tuple[str, ...] = ()) -> Iterator[Variable]:
    """The variables below `root` that have literal values; what stands under one of the keys `skipped` is left out."""
    for field in _env_fields(root, skipped):
        yield from _in_env(field)


def _env_fields(root: Field, skipped: tuple[str, ...]) -> Iterator[Field]:
    """The fields below `root` whose key says that they hold variables. The walk is over plain values: it sees all."""
    for path in _paths(root.value, (), set(), frozenset(skipped)):
        yield root.get(*path)


def _paths(value: Any, path: tuple[Any, ...], seen: set[int], skipped: frozenset[str]) -> Iterator[tuple[Any, ...]]:
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    seen.add(id(value))
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        if not isinstance(item, dict | list) or step in skipped:
            continue
        if isinstance(step, str) and _is_env(step):
            yield (*path, step)
        else:
            yield from _paths(item, (*path, step), seen, skipped)


def _is_env(key: str) -> bool:
    lowered = key.lower()
    return "env" in lowered and _ENV.search(lowered.replace("_", "").replace("-", "")) is not None


def _in_env(field: Field) -> Iterator[Variable]:
    """`- name: K, value: V`, `- K=V`, `K: V`, `K: {value: V}`."""
    for entry in field.elements():
        if entry.text is not None:
            name, _, text = entry.text.partition("=")
            yield Variable(name, text, entry.slice(len(name) + 1, len(entry.text)))
        yield from _in_entry(entry)
    for key, item in field.items():
        value = item.get("value") if isinstance(item.value, dict) else item
        if type(value.value) is str:
            yield Variable(key, value.value, value)


def _in_entry(entry: Field) -> Iterator[Variable]:
    name, value = entry.get("name").text, entry.get("value")
    if name and type(value.value) is str:
        yield Variable(name, value.value, value, entry)


def _inline_patches(root: Field) -> Iterator[Field]:
    for key in _PATCHES:
        for entry in root.get(key).elements():
            yield from entry.get("patch").embedded()
    for entry in root.get("patchesStrategicMerge").elements():
        yield from entry.embedded() if "\n" in str(entry.value) else ()


def _patched(patch: Field) -> Iterator[Variable]:
    """The variables of a patch: of a part of an object, or of operations whose `path` leads to some."""
    yield from variables_in(patch)
    for operation in patch.elements():
        steps = (operation.get("path").text or "").split("/")
        if any(map(_is_env, steps[-2:])):
            yield from _in_entry(operation.get("value"))
