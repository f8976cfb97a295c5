"""The chart directories of the tree, and the releases that they are: a chart with its own values, and what it needs.

Follows Helm's `pkg/chart/v2/loader`, `pkg/chart/v2/util/dependencies.go`: values of a dependency stand under its alias
or name, conditions and tags switch it off, and a directory in `charts/` is a dependency whether listed or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename, dirname
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.value_files import file_values, tree_path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_DEEPEST = 8
_MOST = 256
"""Releases that one release may stand for; what is more are charts that need each other in ever new ways."""


class Dependency(NamedTuple):
    """What a chart depends on. `folder` is where it stands, if it is a directory of the tree."""

    field: Field
    """The entry of the list; the other chart's root for a directory in `charts/` that no list names."""
    name: str | None
    alias: str | None
    version: str | None
    repository: str | None
    condition: str | None
    tags: tuple[str, ...]
    folder: str | None

    @property
    def key(self) -> str | None:
        """The key of its values in those of the chart."""
        return self.alias or self.name

    def enabled(self, values: Field, topmost: Field) -> bool | None:
        """Whether it is installed, given the chart's values and those of the release; None where that is unknown."""
        for path in (self.condition or "").split(","):
            condition = values.get(*path.strip().split("."))
            if condition.unknown:
                return None
            if condition.boolean is not None:
                return condition.boolean
        tags = [topmost.get("tags", tag) for tag in self.tags]
        set_tags = [tag.boolean for tag in tags if tag.boolean is not None]
        if any(tag.unknown for tag in tags) and True not in set_tags:
            return None
        return not set_tags or True in set_tags


class Chart:
    """A directory with a `Chart.yaml`."""

    def __init__(self, project: Project, root: Field) -> None:
        self._project = project
        self.root = root
        """The root of `Chart.yaml`."""
        self.folder = dirname(root.document.file)
        self.repository = root.document.repository
        self.name = root.get("name").text
        self.version = root.get("version").text
        self.is_library = root.get("type").text == "library"

    def __repr__(self) -> str:
        return f"<Chart {self.name} in {self.folder or '.'}>"

    @property
    def parent(self) -> str | None:
        """The folder of the chart whose `charts/` this stands in; None where it stands for itself."""
        above = dirname(self.folder)
        return dirname(above) if basename(above) == "charts" and dirname(above) in self._project.charts else None

    @property
    def at(self) -> Field:
        """The field that names the chart."""
        return self.root.get("name")

    def defaults(self, at: Field) -> list[ValuesSource]:
        """The chart's own values as a source that the field `at` brings in; none without a `values.yaml`, unless git
        ignores one that may be there all the same.
        """
        path = self._file("values.yaml")
        if path not in self._project.files and not self._may_hide(path):
            return []
        found = file_values(self._project, self.repository, path, at, "defaults")
        return [found] if found is not None else []

    def _may_hide(self, path: str) -> bool:
        project = self._project
        return path in project.hidden_files or project.gitignores.ignored(path)

    @property
    def values(self) -> Field | None:
        """The root of `values.yaml`; None without one."""
        documents = self._project.files.get(self._file("values.yaml"))
        return documents[0].root if documents else None

    @property
    def ci(self) -> list[Field]:
        """The roots of `ci/*-values.yaml`, with which the chart is tested."""
        return [self._project.files[file][0].root for file in self._project.charts.tests.get(self._file("ci"), ())]

    @cached_property
    def dependencies(self) -> list[Dependency]:
        """What the chart lists, in `requirements.yaml` as of old too, and what stands in `charts/` besides."""
        listed = [self._dependency(field) for field in self._listed() if isinstance(field.value, dict)]
        folders = {dependency.folder for dependency in listed}
        unlisted = [
            Dependency(chart.root, chart.name, None, chart.version, None, None, (), chart.folder)
            for name, chart in sorted(self._vendored.items())
            if chart.folder not in folders and not any(dependency.name == name for dependency in listed)
        ]
        return [*listed, *unlisted]

    def _listed(self) -> Iterator[Field]:
        yield from self.root.get("dependencies").elements()
        for document in self._project.files.get(self._file("requirements.yaml"), [])[:1]:
            yield from document.root.get("dependencies").elements()

    def _dependency(self, field: Field) -> Dependency:
        name, repository = field.get("name").text, field.get("repository").text
        return Dependency(
            field,
            name,
            field.get("alias").text,
            field.get("version").text,
            repository,
            field.get("condition").text,
            tuple(field.get("tags").strings()),
            self._folder(name, repository),
        )

    def _folder(self, name: str | None, repository: str | None) -> str | None:
        if repository is not None and repository.startswith("file://"):
            path = tree_path(self.repository, self.folder, repository.removeprefix("file://"))
            return path if path in self._project.charts else None
        vendored = self._vendored.get(name or "")
        return vendored.folder if vendored else None

    @cached_property
    def _vendored(self) -> dict[str, Chart]:
        """The charts of `charts/` by their names."""
        below = self._project.charts.below.get(self._file("charts"), ())
        return {chart.name: chart for chart in below if chart.name}

    def _file(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name


class Charts(dict[str, Chart]):
    """The charts of a tree by their folders."""

    def __init__(self, project: Project) -> None:
        super().__init__((chart.folder, chart) for chart in read_charts(project))
        self._project = project

    @cached_property
    def below(self) -> dict[str, list[Chart]]:
        """The charts that stand directly in a folder."""
        found: dict[str, list[Chart]] = {}
        for folder, chart in self.items():
            found.setdefault(dirname(folder), []).append(chart)
        return found

    @cached_property
    def tests(self) -> dict[str, list[str]]:
        """The files `ci/*-values.yaml`, sorted, by their folder."""
        found: dict[str, list[str]] = {}
        for file in sorted(file for file in self._project.files if file.endswith("-values.yaml")):
            if basename(dirname(file)) == "ci":
                found.setdefault(dirname(file), []).append(file)
        return found


def read_charts(project: Project) -> list[Chart]:
    """Every directory with a `Chart.yaml` that holds a mapping, in the order of the files."""
    return [
        Chart(project, documents[0].root)
        for file, documents in project.files.items()
        if basename(file) == "Chart.yaml" and isinstance(documents[0].root.value, dict)
    ]


def local_chart(project: Project, repository: str, folder: str | None) -> Chart | None:
    """The chart in `folder`, a path from the root of the tree, where it belongs to `repository`."""
    chart = project.charts.get(folder) if folder is not None else None
    return chart if chart is not None and chart.repository == repository else None


def chart_releases(project: Project, releases: Iterable[Release] = ()) -> Iterator[Release]:
    """What the charts of the tree install: the dependencies of those that `releases` use, then those that none uses.

    A chart that is a dependency of another or that a release installs gives no release of its own, nor does a library.
    """
    reached: set[str | None] = set()
    for release in tuple(releases):  # the caller may be adding to the same list what this yields
        if release.chart.folder in project.charts:
            reached.add(release.chart.folder)
            for found in dependency_releases(project, release):
                reached.add(found.chart.folder)
                yield found
    needed = {dependency.folder for chart in project.charts.values() for dependency in chart.dependencies}
    for chart in sorted(project.charts.values(), key=lambda chart: chart.folder in needed):
        if chart.folder in reached or chart.is_library or chart.parent is not None:
            continue
        release = _own_release(chart)
        reached.add(chart.folder)
        yield release
        for found in dependency_releases(project, release):
            reached.add(found.chart.folder)
            yield found


def _own_release(chart: Chart) -> Release:
    ref = ChartRef(chart.name, None, chart.version, chart.folder, chart.at)
    sources = tuple(chart.defaults(chart.root))
    return Release("chart", chart.root, ref, name=None, namespace=None, sources=sources)


def dependency_releases(project: Project, release: Release) -> Iterator[Release]:
    """A release for each dependency of the chart of `release`, and of theirs, with the values that reach it."""
    pending: list[tuple[Release, tuple[str | None, ...]]] = [(release, (release.chart.folder,))]
    found = 0
    while pending and found < _MOST:
        parent, trail = pending.pop(0)
        chart = local_chart(project, _repository(project, parent), parent.chart.folder)
        for dependency in chart.dependencies if chart else ():
            if dependency.key is None or dependency.enabled(parent.values, release.values) is False:
                continue
            below = _dependency_release(project, release, parent, dependency)
            found += 1
            yield below
            if dependency.folder is not None and dependency.folder not in trail and len(trail) < _DEEPEST:
                pending.append((below, (*trail, dependency.folder)))


def _repository(project: Project, release: Release) -> str:
    folder = release.chart.folder
    chart = project.charts.get(folder) if folder is not None else None
    return chart.repository if chart else release.document.repository


def _dependency_release(project: Project, release: Release, parent: Release, dependency: Dependency) -> Release:
    at = dependency.field.get("name")
    ref = ChartRef(dependency.name, dependency.repository, dependency.version, dependency.folder, at)
    sources = _seen_through(parent.sources, dependency.key or "")
    chart = project.charts.get(dependency.folder) if dependency.folder is not None else None
    if chart is not None:
        sources += chart.defaults(at)
    root = dependency.field if release.wrapper == "chart" else release.root
    return Release(
        "dependency",
        root,
        ref,
        name=release.name,
        namespace=release.namespace,
        sources=tuple(sources),
        obj=release.obj,
        name_at=None if release.wrapper == "chart" else release.name_at,
    )


def _seen_through(sources: Iterable[ValuesSource], key: str) -> list[ValuesSource]:
    """What the values below `key` are made of, as far down as one source is not replaced by another."""
    seen: list[ValuesSource] = []
    for source in sources:
        values = source.values.get(key)
        if not values.exists and not values.unknown:
            continue
        if not isinstance(values.value, dict) and not (values.unknown and values.value is None):
            return [*seen, source._replace(values=values)] if values.unknown or not seen else seen
        seen.append(source._replace(values=values))
    return seen
