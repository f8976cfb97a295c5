"""Pod templates and their containers, whichever kind holds them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject, string_map
from kubelint.manifests.pod_shapes import Shape, reach, shapes_of
from kubelint.sources import Step

Role = Literal["container", "init", "ephemeral"]

_LISTS: tuple[tuple[str, Role], ...] = (
    ("initContainers", "init"),
    ("containers", "container"),
    ("ephemeralContainers", "ephemeral"),
)
_ARGO_LISTS: tuple[tuple[str, Role], ...] = (
    ("initContainers", "init"),
    ("containerSet.containers", "container"),
    ("sidecars", "container"),
)
_NEEDS_SELECTOR = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


class Container:
    """One container of a pod template; native sidecars count as `init`, where they are written."""

    def __init__(self, pod: PodTemplate, field: Field, role: Role, name: str | None = None) -> None:
        self.pod = pod
        self.field = field
        self.role: Role = role
        self.name = name or field.get("name").text or ""

    def __repr__(self) -> str:
        return f"<Container {self.name} of {self.pod!r}>"

    @property
    def image(self) -> Field:
        """The image reference."""
        return self.field.get("image")

    def get(self, *steps: Step) -> Field:
        """The field that `steps` lead to from the container."""
        return self.field.get(*steps)


class PodTemplate:
    """One pod spec of an object. The scheduling fields of `outer` hold for it too (Argo's workflow level)."""

    def __init__(
        self,
        obj: KubeObject,
        spec: Field,
        metadata: Field,
        form: str = "pod",
        outer: Field | None = None,
        image: Field | None = None,
    ) -> None:
        self.obj = obj
        self.spec = spec
        self.metadata = metadata
        self.outer = outer
        self._form = form
        self._image = image

    def __repr__(self) -> str:
        return f"<PodTemplate {self.obj.display} {self.spec.display}>"

    @property
    def kind(self) -> str:
        """The kind of the workload that makes the pods."""
        return self.obj.kind

    @property
    def namespace(self) -> str | None:
        """Where the pods run, as written; None where absent or unknown."""
        return self.obj.namespace

    @property
    def display(self) -> str:
        """`Deployment shop/web`, as people speak of the workload."""
        return self.obj.display

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels that the pods get, those that are strings."""
        return string_map(self.metadata.get("labels").value)

    @cached_property
    def containers(self) -> list[Container]:
        """The containers of every role, in the order they start; none for kinds whose operator supplies them."""
        return list(_containers(self, self._form))

    @cached_property
    def images(self) -> list[Field]:
        """The images of its containers; where an operator supplies those, the one that the object names."""
        own = [self._image] if self._image is not None and self._image.exists else []
        return own or [container.image for container in self.containers]

    @cached_property
    def partial(self) -> bool:
        """Whether parts of the pod stand elsewhere: a patch, template text, a kind whose operator supplies the rest.

        What a partial template leaves out is unknown, not missing.
        """
        obj = self.obj
        if obj.partial or self.spec.unknown or not any(container.image.value for container in self.containers):
            return True
        needs_selector = obj.group == "apps" and obj.kind in _NEEDS_SELECTOR
        return needs_selector and not obj.field("spec", "selector").exists


def pod_templates(obj: KubeObject) -> Iterator[PodTemplate]:
    """The pod templates of an object; none for kinds that make no pods."""
    for shape in shapes_of(obj.group, obj.kind) or _guess(obj):
        outer = next(reach(obj.root, shape.outer), None) if shape.outer else None
        for holder in reach(obj.root, shape.holder):
            spec = holder.get(shape.spec) if shape.spec else holder
            if spec.exists:
                image = obj.field(*shape.image.split(".")) if shape.image else None
                yield PodTemplate(obj, spec, holder.get(shape.metadata), shape.form, outer, image)


def _guess(obj: KubeObject) -> tuple[Shape, ...]:
    """Most operators copy the shape of a Deployment: believe it where containers stand there."""
    containers = obj.field("spec", "template", "spec", "containers").value
    known = isinstance(containers, list) and obj.kind != "CustomResourceDefinition"
    return (Shape("spec.template"),) if known else ()


def _containers(pod: PodTemplate, form: str) -> Iterator[Container]:
    if form == "bare":
        return
    if form == "runner":
        yield Container(pod, pod.spec, "container", "runner")
    for path, role in _ARGO_LISTS if form == "argo" else _LISTS:
        for field in reach(pod.spec, f"{path}[]"):
            yield Container(pod, field, role)
    for single in ("container", "script") if form == "argo" else ():
        if (field := pod.spec.get(single)).exists:
            yield Container(pod, field, "container", field.get("name").text or "main")
