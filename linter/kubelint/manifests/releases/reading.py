"""Finds the releases of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.releases.release import Release

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_HERE = "kubelint.manifests.releases"


class _Reader(NamedTuple):
    """A wrapper's reader: its module and function, and whether a project holds anything for it, cheaply told."""

    module: str
    function: str
    concerns: Callable[[Project], bool]


def _kinds(*kinds: str) -> Callable[[Project], bool]:
    return lambda project: any(project.objects(kind) for kind in kinds)


def _named(word: str) -> Callable[[Project], bool]:
    """Whether `word` stands in the path of a file."""
    return lambda project: any(word in file for file in project.files)


def _keys(key: str) -> Callable[[Project], bool]:
    """Whether a document has `key` at its root."""
    return lambda project: any(
        isinstance(document.source.value, dict) and key in document.source.value for document in project.documents
    )


def _runs(word: str) -> Callable[[Project], bool]:
    """Whether a workflow or an action says `word`."""
    return lambda project: (
        any(word in workflow.document.text for workflow in project.workflows)
        or any(word in action.document.text for action in project.actions)
    )


_READERS = (
    _Reader("flux", "flux_releases", _kinds("HelmRelease")),
    _Reader("k3s", "k3s_releases", _kinds("HelmChart", "HelmChartConfig")),
    _Reader("argo", "argo_releases", _kinds("Application", "ApplicationSet")),
    _Reader("helmfile", "helmfile_releases", _named("helmfile")),
    _Reader("helm_charts", "helm_chart_releases", _keys("helmCharts")),
    _Reader("commands", "command_releases", _runs("helm ")),
)


def read_releases(project: Project) -> list[Release]:
    """Every release of `project`, in the order of the files."""
    found = [release for reader in _READERS if reader.concerns(project) for release in _read(reader, project)]
    if _named("Chart.yaml")(project):
        from kubelint.manifests.releases.charts import chart_releases

        found += chart_releases(project, found)
    order = {file: position for position, file in enumerate(project.files)} if found else {}
    return sorted(found, key=lambda release: (order.get(release.file, len(order)), release.document.index))


def _read(reader: _Reader, project: Project) -> Iterator[Release]:
    function = getattr(import_module(f"{_HERE}.{reader.module}"), reader.function)
    releases: Iterator[Release] = function(project)
    return releases
