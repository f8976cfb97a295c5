"""The pods that chart values define outright: those of charts that hand pod options on as they are.

Follows bjw-s-labs/helm-charts, `charts/library/common/templates/lib/pod/_getOption.tpl` and
`lib/controller/_enabled_controllers.tpl`; for app-template before 2.0, `lib/controller/_pod.tpl`; and
actions/actions-runner-controller, `charts/gha-runner-scale-set/templates/autoscalingrunnerset.yaml`. What other charts
make of their values is their templates' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Edit, Field
from kubelint.manifests.layered import Assigned, Layered, merged, placed, unknown_layer
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.pods import PodTemplate
from kubelint.manifests.releases.release import Release
from kubelint.manifests.releases.versions import Versions

if TYPE_CHECKING:
    from kubelint.manifests.project import Project
    from kubelint.sources import Path

_WRAPPERS = frozenset({"HelmRelease", "HelmChart", "Application", "ApplicationSet"})
"""A HelmChartConfig is a part of what its HelmChart is given."""
_KINDS = {"statefulset": "StatefulSet", "daemonset": "DaemonSet", "cronjob": "CronJob", "job": "Job"}
_METADATA = frozenset({"labels", "annotations"})
_SCHEDULING = ("nodeSelector", "affinity", "tolerations", "runtimeClassName", "resourceClaims")


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
    """One pod that a release's values define. Its spec is as Kubernetes has it, each value where it was written."""

    def __init__(self, release: Release, obj: KubeObject, shape: _Shape, *, alone: bool) -> None:
        super().__init__(obj, shape.spec, shape.metadata)
        self.release = release
        self._shape = shape
        self._alone = alone

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
        return self.obj.display if self._alone else f"{self.obj.display}, controller {self._shape.name}"

    @cached_property
    def partial(self) -> bool:
        """Whether parts of the pod are unknown: its existence, its images, or what places it on nodes."""
        return super().partial or self._shape.doubtful or any(map(_is_open, map(self.spec.get, _SCHEDULING)))

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
    """The edit that puts `label: value` into the mapping at `path` below the mapping `holder`, made where missing."""
    for depth, step in enumerate(path):
        inner = holder.get(step)
        if not isinstance(inner.value, dict):
            text = f"{{{label}: {value}}}"
            for outer in reversed(path[depth + 1 :]):
                text = f"{{{outer}: {text}}}"
            return inner.replace(text) if inner.exists else holder.insert(str(step), text)
        holder = inner
    return holder.insert(label, value)


def release_pods(project: Project) -> Iterator[ReleasePod]:
    """The pods that the values of the project's releases define; none for releases that no object stands for."""
    for release in project.releases:
        yield from pods_of(release)


def pods_of(release: Release) -> list[ReleasePod]:
    """The pods that the values of a release define."""
    obj, read = release.obj, _READERS.get(release.chart.name or "")
    if obj is None or read is None or release.wrapper not in _WRAPPERS:
        return []
    if release.partial or release.chart.folder is not None:
        return []
    shapes = list(read(release))
    return [ReleasePod(release, obj, shape, alone=len(shapes) == 1) for shape in shapes]


def _app_template(release: Release) -> Iterator[_Shape]:
    values = release.values
    modern = Versions.parse(release.chart.version).is_at_least("2.0.0")
    controllers = values.get("controllers")
    if modern is not True and controllers.absent:
        yield from _first_app_template(values)
    elif modern is not False:
        found = [
            (name, field) for name, field in controllers.items() if isinstance(field.value, dict) and _is_on(field)
        ]
        for name, field in found:
            yield _Controller(values, name, field, alone=len(found) == 1).shape()


class _Controller:
    """A controller of app-template. Its pod takes every option from itself, or else from the default for all pods."""

    def __init__(self, values: Field, name: str, field: Field, *, alone: bool) -> None:
        self.name = name
        self.field = field
        self.default = values.get("defaultPodOptions")
        self.strategy = values.get("defaultPodOptionsStrategy")
        self.alone = alone

    def shape(self) -> _Shape:
        own = self.field.get("pod")
        keys = dict.fromkeys([*_SCHEDULING, *(key for key, _ in (*own.items(), *self.default.items()))])
        fields = [((key,), self.option(key)) for key in keys if key not in _METADATA]
        fields += self.containers("initContainers")
        fields += self.containers("containers")
        return _Shape(
            self.name,
            _kind(self.field),
            Assigned(fields, self.field),
            merged([own, self.default]),
            self.selector(),
            doubtful=self.field.get("enabled").unknown,
        )

    def option(self, name: str) -> Field:
        """An option as the chart takes it. Versions differ in what an empty mapping does to the default."""
        own, default = self.field.get("pod", name), self.default.get(name)
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
        return self.alone and isinstance(self.default.value, dict) and not isinstance(self.field.get("pod").value, dict)

    def selector(self) -> tuple[Field, Path] | None:
        """Where this pod's node selector is, or may be added to without a change to another pod's."""
        if self.field.get("pod", "nodeSelector").value or self.strategy.text == "merge":
            return self.field, ("pod", "nodeSelector")
        if self.default.get("nodeSelector").value and not self.alone:
            return None
        if self.default.get("nodeSelector").value or self.prefers_default:
            return self.default, ("nodeSelector",)
        return self.field, ("pod", "nodeSelector")

    def containers(self, key: str) -> Iterator[tuple[Path, Field]]:
        """The containers of a mapping as a list, each with its name and its image as text."""
        holder, fallback = self.field.get(key), self.field.get("defaultContainerOptions", "image")
        found = [(name, field) for name, field in holder.items() if isinstance(field.value, dict) and _is_on(field)]
        for index, (name, field) in enumerate(found):
            parts: list[tuple[Path, Field]] = [((part,), inner) for part, inner in field.items()]
            parts.append((("name",), placed(field, name)))
            image = field.get("image")
            parts.append((("image",), _image(fallback if image.absent else image)))
            yield (key, index), Assigned(parts, field)


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


def _first_app_template(values: Field) -> Iterator[_Shape]:
    """app-template before 2.0: one controller, whose pod options stand at the root of the values."""
    image, controller = values.get("image"), values.get("controller")
    if not isinstance(image.get("repository").value, str) or not _is_on(controller):
        return
    main: list[tuple[Path, Field]] = [(("name",), placed(image, "main")), (("image",), _image(image))]
    main.append((("resources",), values.get("resources")))
    others = [*values.get("sidecars").items(), *values.get("additionalContainers").items()]
    containers = [Assigned(main, image), *(field for _, field in others)]
    fields: list[tuple[Path, Field]] = [((option,), values.get(option)) for option in _SCHEDULING]
    fields += [(("containers", index), field) for index, field in enumerate(containers)]
    inits = enumerate(field for _, field in values.get("initContainers").items())
    fields += [(("initContainers", index), field) for index, field in inits]
    doubtful = controller.get("enabled").unknown
    spec = Assigned(fields, image)
    yield _Shape("main", _kind(controller), spec, values, (values, ("nodeSelector",)), doubtful)


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
    return field.get("enabled").value is not False


def _is_open(field: Field) -> bool:
    """Whether more may be set there than is known."""
    return field.unknown or (isinstance(field, Layered) and field.hidden)


def _is_assigned(field: Field) -> bool:
    layers = field.layers if isinstance(field, Layered) else (field,)
    return any(isinstance(layer, Assigned) for layer in layers)
