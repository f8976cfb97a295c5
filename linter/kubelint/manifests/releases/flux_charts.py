"""The charts that Flux installs: from a Helm repository, a git repository or bucket, an OCI registry.

Follows fluxcd/source-controller `api/v1/helmchart_types.go` and `api/v1/ocirepository_types.go`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.references import namespaces
from kubelint.manifests.releases.release import ChartRef, ValuesSource
from kubelint.manifests.releases.value_files import file_values, tree_path
from kubelint.manifests.scopes import same_cluster
from kubelint.sources import Step

if TYPE_CHECKING:
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project

_SOURCES = "source.toolkit.fluxcd.io"
_TREES = frozenset({"GitRepository", "Bucket"})

_Value = TypeVar("_Value")
Defaults = tuple[ValuesSource, ...]
"""What lies below all values that are given: those that a chart of the tree has by itself."""


class FluxCharts:
    """Resolves the charts of a project's HelmReleases. Where several sources may be meant, what all say counts."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def chart_of(self, obj: KubeObject) -> tuple[ChartRef, Defaults]:
        """The chart of a HelmRelease."""
        ref = as_given(self._project, obj, "spec", "chartRef")
        if ref.absent:
            return self._template(obj, ("spec", "chart", "spec"))
        kind, name = ref.get("kind").text, ref.get("name").text
        if kind == "HelmChart" and name is not None:
            return self._helm_chart(self._find(kind, name, ref, obj), ref)
        sources = self._find(kind, name, ref, obj) if kind == "OCIRepository" and name is not None else []
        addresses = {self._text(source, "spec", "url") for source in sources}
        address = _only(addresses)
        name = _last(address)
        repository = address.rstrip("/").rpartition("/")[0] if address else None
        version = _only({self._tag(source) for source in sources})
        return ChartRef(name, repository, version, None, ref.get("name")), ()

    def _helm_chart(self, charts: list[KubeObject], ref: Field) -> tuple[ChartRef, Defaults]:
        found = [self._template(chart, ("spec",)) for chart in charts]
        one = _only({(chart.name, chart.repository, chart.version, chart.folder) for chart, _ in found})
        if one is None:
            return ChartRef(None, None, None, None, ref.get("name")), ()
        return ChartRef(*one, ref.get("name")), found[0][1]

    def _template(self, obj: KubeObject, steps: tuple[Step, ...]) -> tuple[ChartRef, Defaults]:
        """The chart that a HelmRelease's template, or a HelmChart, describes at `steps`."""
        at = obj.field(*steps, "chart")
        text = as_given(self._project, obj, *steps, "chart").text
        ref = as_given(self._project, obj, *steps, "sourceRef")
        if text is None:
            return ChartRef(None, None, None, None, at), ()
        if ref.get("kind").text in _TREES:
            return self._in_tree(obj, steps, text, at)
        sources = self._find(ref.get("kind").text, ref.get("name").text, ref, obj)
        address = _only({self._text(source, "spec", "url") for source in sources})
        version = self._text(obj, *steps, "version")
        return ChartRef(_last(text), address, version, None, at), self._replaced_defaults(obj, steps)

    def _in_tree(self, obj: KubeObject, steps: tuple[Step, ...], path: str, at: Field) -> tuple[ChartRef, Defaults]:
        """A chart in a directory of a source, which may be this repository: then the directory is here."""
        repository = obj.document.repository
        folder = tree_path(repository, repository, path.lstrip("/"))
        documents = self._project.files.get(f"{folder}/Chart.yaml" if folder else "Chart.yaml", [])
        if folder is None or not documents or documents[0].repository != repository:
            return ChartRef(_last(path.rstrip("./")), None, None, None, at), self._replaced_defaults(obj, steps)
        root = documents[0].root
        name, version = root.get("name").text, root.get("version").text
        return ChartRef(name, None, version, folder, at), self._defaults(obj, steps, folder)

    def _defaults(self, obj: KubeObject, steps: tuple[Step, ...], folder: str) -> Defaults:
        """The chart's `values.yaml`; or the files that take its place, whose paths start at the repository's root."""
        repository = obj.document.repository
        named = obj.field(*steps, "valuesFiles")
        if named.absent:
            path = f"{folder}/values.yaml" if folder else "values.yaml"
            if path not in self._project.files:
                return ()
            found = [file_values(self._project, repository, path, obj.field(*steps, "chart"), "defaults")]
        else:
            found = [self._named(repository, item) for item in named.elements()][::-1]
        return tuple(source for source in found if source is not None)

    def _named(self, repository: str, item: Field) -> ValuesSource | None:
        path = tree_path(repository, repository, item.text.lstrip("/")) if item.text else None
        return file_values(self._project, repository, path, item, "defaults")

    def _replaced_defaults(self, obj: KubeObject, steps: tuple[Step, ...]) -> Defaults:
        """Where the release picks other values files of a chart that is not here, its defaults are not the usual."""
        for key in ("valuesFiles", "valuesFile"):
            field = as_given(self._project, obj, *steps, key)
            if not field.absent and field.value != []:
                return (ValuesSource("outside", unknown_layer(field), field),)
        return ()

    def _find(self, kind: str | None, name: str | None, ref: Field, owner: KubeObject) -> list[KubeObject]:
        """The sources that may be meant; those beside `owner` before others."""
        if kind is None or name is None or ref.get("namespace").unknown:
            return []
        wanted = ref.get("namespace").text
        home = frozenset({wanted}) if wanted else namespaces(self._project, owner)
        found = [
            obj
            for obj in self._project.find(kind, name)
            if obj.group == _SOURCES and not obj.partial and self._reachable(obj, owner, home)
        ]
        folder = posixpath.dirname(owner.file)
        near = [obj for obj in found if obj.file == owner.file]
        return near or [obj for obj in found if posixpath.dirname(obj.file) == folder] or found

    def _reachable(self, obj: KubeObject, owner: KubeObject, home: frozenset[str]) -> bool:
        theirs = namespaces(self._project, obj)
        return (
            obj.document.repository == owner.document.repository
            and same_cluster(obj.scope, owner.scope)
            and not (home and theirs and home.isdisjoint(theirs))
        )

    def _text(self, obj: KubeObject, *steps: Step) -> str | None:
        return as_given(self._project, obj, *steps).text

    def _tag(self, source: KubeObject) -> str | None:
        """The version that an OCIRepository asks for: a range goes before a tag."""
        ref = as_given(self._project, source, "spec", "ref")
        asked = ref.get("semver")
        return ref.get("tag").text if asked.absent else asked.text


def _only(values: Iterable[_Value | None]) -> _Value | None:
    """The one value that there is; None where there are several or none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _last(address: str | None) -> str | None:
    """The last step of an address or path."""
    return address.rstrip("/").rpartition("/")[2] or None if address else None
