"""Releases that kustomize inflates: `helmCharts` of a kustomization.

Follows kustomize's `plugin/builtin/helmchartinflationgenerator` and `api/types/helmchartargs.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.releases.charts import local_chart
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.value_files import file_values, inline_values, known, tree_path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_FILES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})


def helm_chart_releases(project: Project) -> Iterator[Release]:
    """A release for each entry of `helmCharts`, in the order of the files."""
    for document in project.documents:
        if basename(document.file) in _FILES:
            for entry in document.root.get("helmCharts").elements():
                if isinstance(entry.value, dict):
                    yield _release(project, document, entry)


def _release(project: Project, document: Document, entry: Field) -> Release:
    folder = dirname(document.file)
    name, version, repository = entry.get("name"), entry.get("version"), entry.get("repo")
    home = document.root.get("helmGlobals", "chartHome")
    chart_folder = _chart_folder(document, home, entry)
    chart = local_chart(project, document.repository, chart_folder)
    sources = _sources(project, document, folder, entry)
    if chart is not None:
        sources += chart.defaults(name)
    ref = ChartRef(name.text, repository.text, version.text, chart.folder if chart else None, name)
    release_name = entry.get("releaseName") if not entry.get("nameTemplate").exists else entry.get("nameTemplate")
    namespace = entry.get("namespace") if entry.get("namespace").exists else document.root.get("namespace")
    return Release(
        "helmCharts",
        entry,
        ref,
        name=release_name.text,
        namespace=namespace.text,
        sources=tuple(sources),
        name_at=release_name,
    )


def _chart_folder(document: Document, home: Field, entry: Field) -> str | None:
    """Where the chart would stand if it is part of the tree: fetched ones lie in a folder with their version."""
    name, version = entry.get("name").text, entry.get("version").text
    if name is None or home.unknown:
        return None
    above = home.text or "charts"
    if version is not None and entry.get("repo").exists:
        above = join(above, f"{name}-{version}")
    return tree_path(document.repository, dirname(document.file), join(above, name))


def _sources(project: Project, document: Document, folder: str, entry: Field) -> list[ValuesSource]:
    inline = inline_values(entry.get("valuesInline"))
    named = [entry.get("valuesFile"), *entry.get("additionalValuesFiles").elements()]
    files = [
        file_values(project, document.repository, tree_path(document.repository, folder, field.text or "/"), field)
        for field in reversed(named)
        if field.exists
    ]
    found = known(files)
    merge = entry.get("valuesMerge").text or "override"
    if merge == "replace" and inline:
        return inline
    return [*found[:1], *inline, *found[1:]] if merge == "merge" else [*inline, *found]
