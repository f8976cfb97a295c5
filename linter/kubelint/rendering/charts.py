"""Which charts of a project are to be rendered, and with which values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.rendering.engines import RELEASE_NAME
from kubelint.sources.scalars import TaggedText

if TYPE_CHECKING:
    from kubelint.manifests import Project
    from kubelint.manifests.releases import Release

_CI_VALUES = re.compile(r"(?:(.*)/)?ci/[^/]*-values\.ya?ml")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,51}[a-z0-9])?")
_DEEPEST = 64


class Chart(NamedTuple):
    """A chart in the tree. `folder` is its directory (`.` for the root), `dependencies` whom its Chart.yaml asks for,
    each with the field that does.
    """

    folder: str
    dependencies: tuple[tuple[str, Field], ...]

    def path(self, inner: str) -> str:
        """The path, from the root, of something in the chart."""
        return inner if self.folder == "." else f"{self.folder}/{inner}"


class Plan(NamedTuple):
    """One rendering. `origin` is the file that gives the values; `belongs_to` the one whose cluster it is for; `label`
    tells it from the others of its chart, empty for the chart's own values.
    """

    chart: Chart
    origin: str
    values: str = ""
    name: str = RELEASE_NAME
    namespace: str = "default"
    belongs_to: str = ""
    label: str = ""
    problem: str = ""
    """Why it cannot be rendered, where that is known before."""


def find_charts(project: Project) -> list[Chart]:
    """The charts of the tree that are installed on their own: no libraries, none that lie in another's `charts/`."""
    roots = {dirname(file) or "." for file in project.files if basename(file) == "Chart.yaml"}
    charts = []
    for folder in sorted(roots):
        chart = Chart(folder, ())
        documents = project.files[chart.path("Chart.yaml")]
        root = documents[0].root if documents else None
        if root is None or root.get("type").value == "library" or _is_part(folder, roots):
            continue
        charts.append(Chart(folder, tuple(_dependencies(project, chart, root))))
    return charts


def plans(project: Project, charts: list[Chart]) -> Iterator[Plan]:
    """The renderings of the charts: with their own values, with each of `ci/*-values.yaml`, for each release."""
    releases: dict[str, list[Release]] = {}
    for release in project.releases:
        if release.chart.folder is not None and release.wrapper not in ("chart", "dependency") and not release.partial:
            releases.setdefault(release.chart.folder.strip("/") or ".", []).append(release)
    trials: dict[str, list[str]] = {}
    for file in sorted(project.files):
        if match := _CI_VALUES.fullmatch(file):
            trials.setdefault(match.group(1) or ".", []).append(file)
    for chart in charts:
        yield Plan(chart, chart.path("values.yaml"))
        for file in trials.get(chart.folder, []):
            yield Plan(chart, file, project.files[file][0].text, label=f"with ci/{basename(file)}")
        for release in releases.get(chart.folder, []):
            yield plan_for(chart, release)


def plan_for(chart: Chart, release: Release) -> Plan:
    """The rendering of a chart for a release."""
    values = release.values
    name, namespace = release.name or RELEASE_NAME, release.namespace or "default"
    plan = Plan(chart, release.file, belongs_to=release.file, label=f"for {release.display}")
    if getattr(values, "hidden", False) or values.unknown or not _is_known(values.value):
        return plan._replace(problem="its values are not all known")
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(namespace):
        return plan._replace(problem="its name or namespace is not known")
    given = values.value if isinstance(values.value, dict) else {}
    return plan._replace(values=json.dumps(given, default=str), name=name, namespace=namespace)


def _is_known(value: Any, depth: int = 0) -> bool:
    """Whether no part of `value` is for somebody else to fill in."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(_is_known(key, depth + 1) and _is_known(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_known(item, depth + 1) for item in value)
    return not isinstance(value, str) or not (isinstance(value, TaggedText) or has_template(value))


def _is_part(folder: str, roots: set[str]) -> bool:
    """Whether the chart in `folder` lies in the `charts/` of another."""
    steps = folder.split("/")
    return any(step == "charts" and ("/".join(steps[:index]) or ".") in roots for index, step in enumerate(steps[:-1]))


def _dependencies(project: Project, chart: Chart, root: Field) -> Iterator[tuple[str, Field]]:
    """The dependencies of a chart, those of Helm 2's `requirements.yaml` too."""
    entries = list(root.get("dependencies").elements())
    for document in project.files.get(chart.path("requirements.yaml"), []):
        entries += document.root.get("dependencies").elements()
    for entry in entries:
        name = entry.get("name").text
        if name is not None:
            yield name, entry
