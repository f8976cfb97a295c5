"""Releases of Argo CD: Applications and ApplicationSets, with one source or several.

Follows `reposerver/repository/repository.go` (helmTemplate), `util/helm/cmd.go` and
`pkg/apis/application/v1alpha1/values.go` of argo-cd. Parameters win over `valuesObject`, which replaces `values`; both
win over `valueFiles`, of which later ones win.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.releases.assignments import assigned, assignment
from kubelint.manifests.releases.charts import Chart, local_chart
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.value_files import file_values, in_tree, inline_values, known, outside, tree_path
from kubelint.manifests.releases.whole_lists import whole_lists
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

GROUP = "argoproj.io"
_GLOB = re.compile(r"[*?\[]")
_VARIABLE = re.compile(r"\$\w|\$\{")
_SOURCE_WORDS = re.compile(r"\b(?:sources?|helm|values\w*|parameters|chart|spec)\b")
_PLACE_WORDS = re.compile(r"\b(?:destination|namespace|spec)\b")


def argo_releases(project: Project) -> Iterator[Release]:
    """A release for each source of an Application or ApplicationSet that is a chart, in the order of the objects."""
    for obj in project.objects(("Application", "ApplicationSet"), GROUP):
        yield from _Application(project, obj).releases()


def application_sources(project: Project, obj: KubeObject) -> list[Field]:
    """The sources of an Application or ApplicationSet, as far as no patch sets them."""
    return _Application(project, obj).sources()


class _Application:
    """An Application, or the one that an ApplicationSet makes many of."""

    def __init__(self, project: Project, obj: KubeObject) -> None:
        self.project = project
        self.obj = obj
        self.repository = obj.document.repository
        self.path: Path = ("spec", "template") if obj.kind == "ApplicationSet" else ()
        self.patch = obj.field("spec", "templatePatch")
        self.root = obj.field(*self.path)

    def sources(self) -> list[Field]:
        """The sources; where there are several, the single one is not looked at. What a patch may set is unknown."""
        several = self.root.get("spec", "sources")
        found = [*several.elements()] or [self.root.get("spec", "source")]
        start = len(self.obj.root.path)
        given = [as_given(self.project, self.obj, *field.path[start:]) for field in found]
        return [field for field in given if isinstance(field.value, dict)]

    def releases(self) -> Iterator[Release]:
        for source in self.sources():
            chart = self.local(source)
            if chart is not None or _is_chart(source):
                yield self.release(source, chart)

    def local(self, source: Field) -> Chart | None:
        """The chart of the tree that the source's path leads to."""
        path = source.get("path").text
        if path is None or source.get("chart").exists or _is_registry(source):
            return None
        return local_chart(self.project, self.repository, tree_path(self.repository, self.repository, path.strip("/")))

    def release(self, source: Field, chart: Chart | None) -> Release:
        helm = source.get("helm")
        below = [*_values(helm), *self.files(source, helm, chart)]
        layers = [*self.patched(), *self.parameters(helm, [layer.values for layer in below]), *below]
        if chart is not None:
            layers += chart.defaults(source.get("path"))
        return Release(
            "ApplicationSet" if self.path else "Application",
            self.obj.root,
            self.chart(source, chart),
            name=self.name(helm).text,
            namespace=self.namespace(helm),
            sources=tuple(layers),
            obj=self.obj,
            name_at=self.name(helm),
        )

    def chart(self, source: Field, chart: Chart | None) -> ChartRef:
        named, repository = source.get("chart"), source.get("repoURL")
        version = source.get("targetRevision").text
        if chart is not None:
            return ChartRef(chart.name, None, chart.version, chart.folder, source.get("path"))
        if named.exists:
            name = (named.text or "").rstrip("/").rpartition("/")[2] or None
            return ChartRef(name, repository.text, version, None, named)
        if _is_registry(source):
            name = (repository.text or "").rstrip("/").rpartition("/")[2] or None
            return ChartRef(name, repository.text, version, None, repository)
        return ChartRef(None, repository.text, None, None, source.get("path"))

    def name(self, helm: Field) -> Field:
        named = helm.get("releaseName")
        return named if named.value is not None or named.unknown else self.root.get("metadata", "name")

    def namespace(self, helm: Field) -> str | None:
        if self.patch.exists and _PLACE_WORDS.search(str(self.patch.value)):
            return None
        own = helm.get("namespace")
        return (own if own.exists else self.root.get("spec", "destination", "namespace")).text

    def patched(self) -> list[ValuesSource]:
        """What a template's patch or a generator may put in place of the values."""
        if self.patch.exists and _SOURCE_WORDS.search(str(self.patch.value)):
            return [outside(self.patch)]
        for generator in self.obj.field("spec", "generators").elements() if self.path else ():
            for _, inner in generator.items():
                if inner.get("template", "spec").exists:
                    return [outside(inner.get("template"))]
        return []

    def parameters(self, helm: Field, below: list[Field]) -> list[ValuesSource]:
        """The layer of the parameters; those that are forced to be strings win, and files win over them."""
        found: dict[bool, list[tuple[Path, Field]]] = {True: [], False: []}
        for parameter in helm.get("parameters").elements():
            typed = parameter.get("forceString").value is not True
            value = parameter.get("value")
            given = value.value if value.value is not None else ""
            found[typed] += assignment(parameter.get("name").value, given, value, typed=typed, expanded=True)
        files: list[tuple[Path, Field]] = []
        for parameter in helm.get("fileParameters").elements():
            at = parameter.get("path")
            files += [
                (path, unknown_layer(at))
                for path, _ in assignment(parameter.get("name").value, "", at, typed=False, expanded=True)
            ]
        fields = whole_lists([*found[True], *found[False], *files], below)
        at = helm.get("parameters") if found[True] or found[False] else helm.get("fileParameters")
        layers = [ValuesSource("assignments", assigned(fields, at), at)] if fields else []
        unread = [helm.get(step) for step in ("parameters", "fileParameters") if helm.get(step).unknown]
        return [*map(outside, unread), *layers]

    def files(self, source: Field, helm: Field, chart: Chart | None) -> list[ValuesSource]:
        """The layers of `valueFiles`, the last one first."""
        named = helm.get("valueFiles")
        if named.unknown:
            return [outside(named)]
        lenient = helm.get("ignoreMissingValueFiles").boolean is True
        return [
            layer for field in reversed(list(named.elements())) for layer in self.file(source, field, chart, lenient)
        ]

    def file(self, source: Field, field: Field, chart: Chart | None, lenient: bool) -> list[ValuesSource]:
        path = self.file_path(source, field, chart)
        if path is None:
            return [outside(field)]
        if _GLOB.search(path):
            return self.matching(path, field)
        if lenient and path.endswith((".yaml", ".yml")) and not in_tree(self.project, self.repository, path):
            return []
        return known([file_values(self.project, self.repository, path, field)])

    def matching(self, pattern: str, field: Field) -> list[ValuesSource]:
        """The layers of the files that a pattern names, the last one first; unknown where the tree holds none."""
        start = _GLOB.split(pattern, maxsplit=1)[0]
        compiled, depth = re.compile(translate(pattern)), pattern.count("/")
        files = [
            file
            for file in self.project.files
            if file.startswith(start) and file.count("/") == depth and compiled.match(file)
        ]
        if not files or "**" in pattern:
            return [outside(field)]
        return known([file_values(self.project, self.repository, file, field) for file in sorted(files, reverse=True)])

    def file_path(self, source: Field, field: Field, chart: Chart | None) -> str | None:
        """Where the values file would stand in the tree; None where it is elsewhere."""
        text = field.text
        if text is None:
            return None
        first, _, rest = text.partition("/")
        if first.startswith("$"):
            return None if _VARIABLE.search(rest) else self.referred(first[1:], rest)
        if _VARIABLE.search(text):
            return None
        if text.startswith("/"):
            return tree_path(self.repository, self.repository, text.strip("/")) if chart else None
        return tree_path(self.repository, chart.folder, text) if chart else None

    def referred(self, name: str, path: str) -> str | None:
        """`path` in the source that is called `name`, if that may be this tree: one that holds the file."""
        named = [source for source in self.sources() if source.get("ref").value == name]
        if not named or named[0].get("chart").exists:
            return None
        found = tree_path(self.repository, self.repository, path)
        return found if _GLOB.search(path) or in_tree(self.project, self.repository, found) else None


def _values(helm: Field) -> list[ValuesSource]:
    """The layer of `valuesObject`, or of `values` where there is none."""
    given = helm.get("valuesObject")
    if given.value is None and not given.unknown:
        given = helm.get("values")
    return inline_values(given)


def _is_registry(source: Field) -> bool:
    return (source.get("repoURL").text or "").startswith("oci://")


def _is_chart(source: Field) -> bool:
    """Whether a source that is no chart of the tree is one elsewhere."""
    if source.get("chart").exists:
        return True
    helm = source.get("helm")
    if isinstance(helm.value, dict) and helm.value:
        return True
    return _is_registry(source) and source.get("path").value in (None, ".", "") and not source.get("ref").exists
