"""Values as an object gives them, less what a kustomize patch may make of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.sources import Path, Step

if TYPE_CHECKING:
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project


class Patchable(Field):
    """A mapping of an object in which everything that a patch may set is unknown. Its mappings stay mappings."""

    __slots__ = ("_known", "_obj", "_plain", "_project", "_steps")

    def __init__(self, project: Project, obj: KubeObject, steps: Path, field: Field) -> None:
        self._project = project
        self._obj = obj
        self._steps = steps
        self._plain = field
        self._known: dict[str, Any] | None = None
        super().__init__(field.document, field.path, None, field.exists, field.unknown)

    @property
    def value(self) -> Any:
        """The mapping as far as it is known."""
        if self._known is None:
            self._known = {key: field.value for key, field in self.items()}
        return self._known

    @value.setter
    def value(self, value: Any) -> None:
        """Nothing: what is written and the patches say it."""

    def _child(self, step: Step) -> Field:
        child, steps = self._plain.get(step), (*self._steps, step)
        if child.unknown or not self._project.may_be_patched(self._obj, *steps):
            return child
        if isinstance(child.value, dict):
            return Patchable(self._project, self._obj, steps, child)
        return unknown_layer(child)

    def items(self) -> Iterator[tuple[str, Field]]:
        """The keys that are written, with their fields."""
        for key, _ in self._plain.items():
            yield key, self._child(key)


def as_given(project: Project, obj: KubeObject, *steps: Step) -> Field:
    """The field at `steps` of `obj`, with what a patch may set unknown. What a patch itself says is known."""
    field = obj.field(*steps)
    if obj.partial or field.unknown or not project.may_be_patched(obj, *steps):
        return field
    return Patchable(project, obj, steps, field) if isinstance(field.value, dict) else unknown_layer(field)
