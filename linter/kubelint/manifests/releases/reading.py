"""Finds the releases of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.kinds import WORKLOADS
from kubelint.manifests.releases.release import Release
from kubelint.regexes import regex
from kubelint.sources.text_files import TextKind

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_HELM = regex(r"\bhelm[\s\"',\]]")
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


def _runs_helm(project: Project) -> bool:
    """Whether a workflow or an action says `helm`, or may call a script that does, or a pod's command does."""
    documents = [flow.document for flow in project.workflows] + [action.document for action in project.actions]
    texts = [document.text for document in documents]
    if any("helm " in text for text in texts):
        return True
    calls = any(".sh" in text or ".bash" in text for text in texts)
    if calls and any(file.kind is TextKind.SHELL and "helm " in file.text for file in project.texts):
        return True
    return any(_HELM.search(text) for text in {obj.document.text for obj in project.objects(WORKLOADS)})


_READERS = (
    _Reader("flux", "flux_releases", _kinds("HelmRelease")),
    _Reader("k3s", "k3s_releases", _kinds("HelmChart", "HelmChartConfig")),
    _Reader("argo", "argo_releases", _kinds("Application", "ApplicationSet")),
    _Reader("helmfile", "helmfile_releases", _named("helmfile")),
    _Reader("helm_charts", "helm_chart_releases", _keys("helmCharts")),
    _Reader("commands", "command_releases", _runs_helm),
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
