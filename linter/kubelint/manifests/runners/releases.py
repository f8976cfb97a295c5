"""The runner scale sets that the releases of a project install, and those that loose files of values are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runners import (
    CONTROLLER_CHART,
    EXPERIMENTAL_CHART,
    EXPERIMENTAL_KEYS,
    FIRST_CHART,
    FIRST_CHART_WITH_LABELS,
    PLAIN_KEYS,
    RUNNERS_CHART,
    UNRESOLVED,
    Controller,
    RunnerPool,
    ScaleSetRelease,
    chart_name,
    controller_of_arguments,
    controller_of_values,
    is_scale_set_chart,
    released_runners,
    scale_sets_in,
)
from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.project import Project
from kubelint.manifests.releases import ChartRef, Release
from kubelint.manifests.releases.versions import Versions

VALUES_MARKS = ("githubConfigUrl", "runnerScaleSetName", "scaleset")
"""One of these stands in the values of every scale set whose chart does not tell that it is one."""

CONTROLLER_CHARTS = frozenset(
    {
        *(CONTROLLER_CHART, "gha-runner-scale-set-controller", "gha-runner-scale-set-controller-experimental"),
        "actions-runner-controller-2",
    }
)
"""The charts of ARC that make no runners. The last is what the second was called before 0.3.0."""

_CONTROLLER_OPTIONS = ("runner-image", "common-runner-labels")
_RUNNERS_KEYS = ("runnerLabels", "group", "image", "nodeSelector", "env")


@dataclass(frozen=True)
class ReleasedSet:
    """A scale set as a release makes it: what the model reads of it, and the values, each where it was written."""

    release: Release
    model: ScaleSetRelease
    values: Field


def released_sets(project: Project) -> Iterator[ReleasedSet]:
    """The scale sets of the project's releases; patches are parts of others and make none."""
    for release in project.releases:
        if not release.partial:
            for values in _values_of_sets(project, release):
                yield ReleasedSet(release, _model(project, release, values), values)


def loose_sets(project: Project) -> Iterator[tuple[ScaleSetRelease, Field]]:
    """The scale sets of files of values that no release of the tree is known to use, with their values."""
    texts = {document.text for document in project.documents}
    marked = {text for text in texts if _has_marks(text)}
    files = [document for document in project.documents if document.text in marked]
    used = {source.values.document for release in project.releases for source in release.sources} if files else ()
    for document in files:
        root = as_mapping(document.root.value)
        for path in scale_sets_in(root) if document not in used and "kind" not in root else ():
            values = document.root.get(*path)
            yield ScaleSetRelease(_plain_values(values, experimental=False), resource="values"), values


def released_pools(project: Project) -> Iterator[tuple[Release, RunnerPool]]:
    """The legacy runners that releases of ARC's example chart `actions-runner` make."""
    for release in project.releases:
        if not release.partial and chart_name(release.chart.name or release.chart.at.text) == RUNNERS_CHART:
            values = {key: plain(release.values.get(key)) for key in _RUNNERS_KEYS}
            yield release, released_runners(values, release.name or UNRESOLVED)


def controllers(project: Project) -> Iterator[Controller]:
    """What the legacy controllers of the project are told: by the values of their chart, by their arguments."""
    for release in project.releases:
        if chart_name(release.chart.name or release.chart.at.text) == CONTROLLER_CHART:
            yield controller_of_values({"image": plain(release.values.get("image"))})
    for pod in project.pods:
        for container in pod.containers:
            arguments = container.get("args").strings()
            if any(argument.lstrip("-").startswith(_CONTROLLER_OPTIONS) for argument in arguments):
                yield controller_of_arguments(arguments)


def _values_of_sets(project: Project, release: Release) -> list[Field]:
    """The values of the chart itself, or those that a chart of another name hands to it as a part of its own."""
    if _is_scale_set(release.chart):
        return [release.values]
    controls = chart_name(release.chart.name or release.chart.at.text) in CONTROLLER_CHARTS
    if controls or not any(_has_marks(source.values.document.text) for source in release.sources):
        return []
    chart = project.charts.get(release.chart.folder) if release.chart.folder is not None else None
    read = {dependency.key for dependency in chart.dependencies} if chart is not None else set()
    found = scale_sets_in(as_mapping(release.values.value))
    return [release.values.get(*path) for path in found if not path or path[0] not in read]


def _has_marks(text: str) -> bool:
    return any(mark in text for mark in VALUES_MARKS)


def _is_scale_set(chart: ChartRef) -> bool:
    """Whether the chart is that of scale sets; one that is not in the tree may be judged by what refers to it."""
    return is_scale_set_chart(chart.name or chart.at.text)


def _model(project: Project, release: Release, values: Field) -> ScaleSetRelease:
    chart = release.chart
    name = chart_name(chart.name or chart.at.text)
    from_git = chart.name is None and chart.at.name == "path"
    return ScaleSetRelease(
        _plain_values(values, experimental=name == EXPERIMENTAL_CHART, open_defaults=from_git),
        _name(project, release),
        release.obj.kind if release.obj is not None else release.wrapper,
        takes_labels=name != FIRST_CHART and not (is_scale_set_chart(name) and is_too_old(chart.version)),
    )


def is_too_old(version: str | None) -> bool:
    """Whether a chart of that version, or of any in that range, surely knows no labels; of a pre-release who knows."""
    asked = Versions.parse(version)
    return asked.is_at_least(FIRST_CHART_WITH_LABELS) is False and "-" not in (asked.exact or "")


def _name(project: Project, release: Release) -> str:
    """The release's name. Of one that is partly template text what is written counts, if nothing is put around it."""
    if release.name is not None:
        return release.name
    written = release.name_at
    if not isinstance(written.value, str) or not has_template(written.value) or written is release.chart.at:
        return UNRESOLVED
    return UNRESOLVED if release.obj is not None and _may_be_renamed(project, release) else written.value


def _may_be_renamed(project: Project, release: Release) -> bool:
    obj = release.obj
    if obj is None or (obj.kind == "HelmRelease" and not obj.field("spec", "targetNamespace").absent):
        return True
    steps = release.name_at.path[len(obj.root.path) :]
    return project.may_be_patched(obj, *steps)


def _plain_values(values: Field, *, experimental: bool, open_defaults: bool = False) -> dict[str, object]:
    """The values that the model reads, with `UNRESOLVED` for what is not known."""
    is_experimental = experimental or isinstance(values.get("scaleset").value, dict)
    keys = EXPERIMENTAL_KEYS if is_experimental else PLAIN_KEYS
    found: dict[str, object] = {"scaleset": {}} if is_experimental else {}
    for path in (*keys, *([PLAIN_KEYS.name] if is_experimental else [])):
        inner = found
        for step in path[:-1]:
            inner = inner.setdefault(step, {})  # type: ignore[assignment]
        inner[path[-1]] = plain(values.get(*path), is_open=open_defaults)
    return found


def plain(field: Field, *, is_open: bool = False) -> object:
    """The value of a field as models take it: `UNRESOLVED` for what is unknown; where `is_open`, for what is absent."""
    value = field.value
    if field.unknown:
        return value if isinstance(value, str) and has_template(value) else UNRESOLVED
    if isinstance(value, list):
        return [plain(item) for item in field.elements()]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in field.items()}
    return UNRESOLVED if is_open and not field.exists else value
