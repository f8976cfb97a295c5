"""The pods that chart values define outright: those of charts that hand pod options on as they are.

Follows bjw-s-labs/helm-charts, `charts/library/common/templates/lib/pod/_getOption.tpl` and
`lib/controller/_enabled_controllers.tpl`; for app-template before 2.0, `lib/controller/_pod.tpl`; and
actions/actions-runner-controller, `charts/gha-runner-scale-set/templates/autoscalingrunnerset.yaml`. What other charts
make of their values is their templates' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Edit, Field
from kubelint.manifests.layered import Assigned, Layered, merged, placed, unknown_layer
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.orders import CONTROLLER
from kubelint.manifests.pods import PodTemplate
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.release import Release

if TYPE_CHECKING:
    from kubelint.manifests.project import Project
    from kubelint.sources import Path, Step

_WRAPPERS = frozenset({"HelmRelease", "HelmChart", "Application", "ApplicationSet", "helmfile"})
"""A HelmChartConfig is a part of what its HelmChart is given, kustomizations go on to patch what their charts make, and
what charts bring and commands do is for any cluster.
"""
_PATCHES = ("jsonPatches", "strategicMergePatches", "transformers")
_KINDS = {"statefulset": "StatefulSet", "daemonset": "DaemonSet", "cronjob": "CronJob", "job": "Job"}
_METADATA = frozenset({"labels", "annotations"})
_PLACING = ("nodeSelector", "affinity")
_SCHEDULING = (*_PLACING, "tolerations", "runtimeClassName", "resourceClaims")


class _Shape(NamedTuple):
    """A pod as a chart's values have it: its spec, put together, and where its node selector may be written."""

    name: str
    kind: str
    spec: Field
    metadata: Field
    selector: tuple[Field, Path] | None
    """A mapping, and the path below it; None where no single place concerns this pod alone."""
    doubtful: bool = False
    """Whether files do not tell if there is such a pod at all."""


class ReleasePod(PodTemplate):
    """One pod that a release's values define. Its spec is as Kubernetes has it, each value where it was written.

    `obj` is the release's object, or what stands for it: the entry of a helmfile.
    """

    def __init__(self, release: Release, shape: _Shape, *, alone: bool, patched: bool = False) -> None:
        obj = release.obj or KubeObject(release.document, release.root, "", release.wrapper)
        super().__init__(obj, shape.spec, shape.metadata)
        self.release = release
        self._shape = shape
        self._alone = alone
        self.patched = patched
        """Whether something changes where the pod is placed once the chart is rendered."""

    @property
    def kind(self) -> str:
        """The kind of the workload that the chart makes."""
        return self._shape.kind

    @property
    def namespace(self) -> str | None:
        """Where the release is installed; None where that is unknown."""
        return self.release.namespace

    @property
    def display(self) -> str:
        """The release, and which of its pods this is where it has several."""
        name = self.release.display
        return name if self._alone else f"{name}, controller {self._shape.name}"

    @cached_property
    def partial(self) -> bool:
        """Whether parts of the pod are unknown: its existence, its images, or what places it on nodes."""
        doubtful = self._shape.doubtful or self.patched
        return super().partial or doubtful or any(map(_is_open, map(self.spec.get, _PLACING)))

    def select(self, label: str, value: str) -> Edit | None:
        """The edit that adds `label: value` to the node selector; None where one edit of the release does not do."""
        if self._shape.selector is None:
            return None
        holder, path = self._shape.selector
        steps = [holder.get(*path[:depth]) for depth in range(len(path) + 1)]
        if not all(step.document is self.release.document and not _is_assigned(step) for step in steps):
            return None
        return added(holder, path, label, value)


def added(holder: Field, path: Path, label: str, value: str) -> Edit:
    """The edit that puts `label: value` into the mapping at `path` below `holder`, what defines pods; made where
    missing.
    """
    for depth, step in enumerate(path):
        inner = holder.get(step)
        if not isinstance(inner.value, dict):
            text = f"{{{label}: {value}}}"
            for outer in reversed(path[depth + 1 :]):
                text = f"{{{outer}: {text}}}"
            return inner.replace(text) if inner.exists else holder.insert(str(step), text, CONTROLLER)
        holder = inner
    return holder.insert(label, value)


def release_pods(project: Project) -> Iterator[ReleasePod]:
    """The pods that the values of the project's releases define."""
    for release in project.releases:
        yield from _pods_of(project, release)


def _pods_of(project: Project, release: Release) -> list[ReleasePod]:
    read = _READERS.get(release.chart.name or "")
    if read is None or release.wrapper not in _WRAPPERS or release.partial or release.chart.folder is not None:
        return []
    shapes = list(read(release))
    patched = bool(shapes) and _is_patched(project, release)
    return [ReleasePod(release, shape, alone=len(shapes) == 1, patched=patched) for shape in shapes]


def _is_patched(project: Project, release: Release) -> bool:
    """Whether something changes where pods are placed once the chart is rendered."""
    fields = [release.root.get(key) for key in _PATCHES]
    if release.wrapper == "HelmRelease" and release.obj is not None:
        fields = [as_given(project, release.obj, "spec", "postRenderers")]
    texts = [str(field.value) for field in fields if field.value is not None]
    return any(field.unknown for field in fields) or any(word in text for text in texts for word in _PLACING)


class _Made(Field):
    """A mapping put together: some fields from here and there, over what else stands at `below`."""

    __slots__ = ("_below", "_fields")

    def __init__(self, fields: dict[str, Field], at: Field, below: Field | None = None) -> None:
        self._fields = fields
        self._below = below
        given = below.value if below is not None and isinstance(below.value, dict) else {}
        super().__init__(at.document, at.path, {**given, **{key: field.value for key, field in fields.items()}})

    def _child(self, step: Step) -> Field:
        if isinstance(step, str) and step in self._fields:
            return self._fields[step]
        return self._below.get(step) if self._below is not None else Field(self.document, self.path, None, False)


def _listed(fields: Iterable[Field], at: Field) -> Field:
    return Assigned([((index,), field) for index, field in enumerate(fields)], at)


def _app_template(release: Release) -> Iterator[_Shape]:
    values = release.values
    controllers = values.get("controllers")
    if controllers.absent:
        yield from _first_app_template(release)
    found = [(name, field) for name, field in controllers.items() if isinstance(field.value, dict) and _is_on(field)]
    for name, field in found:
        yield _Controller(values, name, field, alone=len(found) == 1).shape()


class _Controller:
    """A controller of app-template. Its pod takes every option from itself, or else from the default for all pods."""

    def __init__(self, values: Field, name: str, field: Field, *, alone: bool) -> None:
        self.name = name
        self.field = field
        self.own = field.get("pod")
        self.default = values.get("defaultPodOptions")
        self.strategy = values.get("defaultPodOptionsStrategy")
        self.alone = alone

    def shape(self) -> _Shape:
        written = [holder.value for holder in (self.own, self.default) if isinstance(holder.value, dict)]
        keys = dict.fromkeys([*_PLACING, *(key for mapping in written for key in mapping)])
        fields = {key: self.option(key) for key in keys if key not in _METADATA}
        fields |= {key: self.containers(key) for key in ("initContainers", "containers")}
        return _Shape(
            self.name,
            _kind(self.field),
            _Made(fields, self.field),
            merged([self.own, self.default]),
            self.selector(),
            doubtful=self.field.get("enabled").unknown,
        )

    def option(self, name: str) -> Field:
        """An option as the chart takes it. Versions differ in what an empty mapping does to the default."""
        own, default = self.own.get(name), self.default.get(name)
        if isinstance(own.value, dict) and default.value:
            if self.strategy.text == "merge":
                return merged([own, default])
            return own if own.value and not self.strategy.unknown else unknown_layer(own)
        if own.value or own.unknown or isinstance(own.value, bool):
            return own
        return default if default.value or default.unknown or self.prefers_default else own

    @property
    def prefers_default(self) -> bool:
        """Whether an option that is nowhere as yet is best written for all pods."""
        return self.alone and isinstance(self.default.value, dict) and not isinstance(self.own.value, dict)

    def selector(self) -> tuple[Field, Path] | None:
        """Where this pod's node selector is, or may be added to without a change to another pod's."""
        default = self.default.get("nodeSelector").value
        if self.own.get("nodeSelector").value or self.strategy.text == "merge":
            return self.field, ("pod", "nodeSelector")
        if default and not self.alone:
            return None
        if default or self.prefers_default:
            return self.default, ("nodeSelector",)
        return self.field, ("pod", "nodeSelector")

    def containers(self, key: str) -> Field:
        """The containers of a mapping as a list, each with its name and its image as text."""
        holder = self.field.get(key)
        found = []
        for name, field in holder.items():
            if isinstance(field.value, dict) and _is_on(field):
                image = field.get("image")
                if image.absent:
                    image = self.field.get("defaultContainerOptions", "image")
                made = {"name": placed(field, name), "image": _image(image)}
                found.append(_Made(made, field, field))
        return _listed(found, holder)


def _image(field: Field) -> Field:
    """An image reference as text, at its repository; as it is where it is not a mapping with one."""
    repository, tag, digest = (field.get(key) for key in ("repository", "tag", "digest"))
    if not isinstance(repository.value, str):
        return (
            field if isinstance(field.value, str) or field.unknown else Field(field.document, field.path, None, False)
        )
    text = repository.value
    for mark, part in ((":", tag), ("@", digest)):
        if part.value is not None and part.value != "":
            text += f"{mark}{part.value}"
    unknown = any(part.unknown for part in (repository, tag, digest))
    return Field(repository.document, repository.path, text, True, unknown)


def _first_app_template(release: Release) -> Iterator[_Shape]:
    """app-template before 2.0: one controller, whose pod options stand at the root of the values."""
    from kubelint.manifests.releases.versions import Versions

    values = release.values
    image, controller = values.get("image"), values.get("controller")
    is_one = isinstance(image.get("repository").value, str) and _is_on(controller)
    if not is_one or Versions.parse(release.chart.version).is_at_least("2.0.0"):
        return
    main = _Made({"name": placed(image, "main"), "image": _image(image), "resources": values.get("resources")}, image)
    others = [field for key in ("sidecars", "additionalContainers") for _, field in values.get(key).items()]
    fields = {option: values.get(option) for option in _SCHEDULING}
    fields["containers"] = _listed([main, *others], image)
    fields["initContainers"] = _listed([field for _, field in values.get("initContainers").items()], image)
    doubtful = controller.get("enabled").unknown
    yield _Shape("main", _kind(controller), _Made(fields, image), values, (values, ("nodeSelector",)), doubtful)


def _scale_set(release: Release) -> Iterator[_Shape]:
    """The runner pods of a scale set, whose template the chart copies."""
    template = release.values.get("template")
    spec = template.get("spec")
    if isinstance(spec.value, dict):
        yield _Shape("runner", "AutoscalingRunnerSet", spec, template.get("metadata"), (spec, ("nodeSelector",)))


_READERS: dict[str, Callable[[Release], Iterator[_Shape]]] = {
    "app-template": _app_template,
    "gha-runner-scale-set": _scale_set,
}


def _kind(controller: Field) -> str:
    return _KINDS.get(controller.get("type").text or "", "Deployment")


def _is_on(field: Field) -> bool:
    return not isinstance(field.value, dict) or field.value.get("enabled") is not False


def _is_open(field: Field) -> bool:
    """Whether more may be set there than is known."""
    return field.unknown or (isinstance(field, Layered) and field.hidden)


def _is_assigned(field: Field) -> bool:
    layers = field.layers if isinstance(field, Layered) else (field,)
    return any(isinstance(layer, Assigned) for layer in layers)
