"""Releases of helmfile: `helmfile.yaml`, `helmfile.d/*.yaml` and the files that those name.

Follows helmfile's `pkg/state/state.go`: values in their order, then decrypted files, then `set` and `setString`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import TYPE_CHECKING

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.layered import placed, unknown_layer
from kubelint.manifests.releases.assignments import assigned, assignment, typed_value
from kubelint.manifests.releases.charts import Chart, local_chart
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.value_files import file_values, inline_values, outside, tree_path
from kubelint.manifests.releases.whole_lists import whole_lists
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_NAME = re.compile(r"(?:^|/)helmfile[^/]*(?:/|\.ya?ml$)")
_FILLED_IN = ("valuesTemplate", "setTemplate", "setStringTemplate", "env")
"""What helmfile fills in itself, with environments and their values."""


def helmfile_releases(project: Project) -> Iterator[Release]:
    """A release for each entry of `releases` that is not switched off, in the order of the files."""
    for file in _helmfiles(project):
        yield from _Helmfile(project, file).releases()


def _helmfiles(project: Project) -> list[str]:
    """The files that are helmfiles by their names or because one of those names them."""
    found = dict.fromkeys(file for file in project.files if _NAME.search(file) and _is_helmfile(project, file))
    pending = list(found)
    for file in pending:
        for pattern in _named(project, file):
            for other in project.files:
                if other not in found and fnmatchcase(other, pattern) and _is_helmfile(project, other):
                    found[other] = None
                    pending.append(other)
    return [file for file in project.files if file in found] if found else []


def _is_helmfile(project: Project, file: str) -> bool:
    roots = [document.root for document in project.files[file]]
    return any(
        (root.get("releases").exists or root.get("helmfiles").exists) and not root.get("apiVersion").exists
        for root in roots
    )


def _named(project: Project, file: str) -> Iterator[str]:
    """The paths and patterns of the helmfiles that `file` names."""
    for document in project.files[file]:
        for entry in document.root.get("helmfiles").elements():
            text = entry.text or entry.get("path").text
            path = tree_path(document.repository, dirname(file), text) if text else None
            if path:
                yield path


class _Helmfile:
    """One file of releases; its documents add to each other."""

    def __init__(self, project: Project, file: str) -> None:
        self.project = project
        self.file = file
        self.folder = dirname(file)
        self.documents = project.files[file]

    @property
    def only_templates(self) -> bool:
        """Whether every command gets `--include-crds`, which `helm upgrade` refuses: nothing is installed from here."""
        return any(
            "--include-crds" in document.root.get("helmDefaults", "args").strings() for document in self.documents
        )

    def releases(self) -> Iterator[Release]:
        if self.only_templates:
            return
        for document in self.documents:
            default = document.root.get("defaultInherit").exists
            for entry in document.root.get("releases").elements():
                inherits = default or entry.get("inherit").exists
                named = entry.get("chart").exists or (inherits and entry.get("name").exists)
                if named and entry.get("installed").boolean is not False:
                    yield self.release(document, entry, inherits)

    def release(self, document: Document, entry: Field, inherits: bool) -> Release:
        chart = self.local(document, entry)
        sources = [*self.sources(document, entry)]
        if inherits:
            sources.append(outside(entry.get("inherit")))
        if chart is not None:
            sources += chart.defaults(entry.get("chart"))
        ref = self.chart(entry, chart)
        namespace = self.namespace(entry)
        name = entry.get("name")
        return Release(
            "helmfile",
            entry,
            ref,
            name=name.text,
            namespace=namespace,
            sources=tuple(sources),
            name_at=name,
        )

    def namespace(self, entry: Field) -> str | None:
        overrides = [document.root.get("namespace") for document in self.documents]
        given = [field for field in overrides if field.exists]
        return (given[-1] if given else entry.get("namespace")).text

    def local(self, document: Document, entry: Field) -> Chart | None:
        text = entry.get("chart").text
        path = tree_path(document.repository, self.folder, text) if text else None
        return local_chart(self.project, document.repository, path)

    def chart(self, entry: Field, chart: Chart | None) -> ChartRef:
        at = entry.get("chart")
        version, text = entry.get("version").text, at.text
        if chart is not None:
            return ChartRef(chart.name, None, chart.version, chart.folder, at)
        if text is None or text.startswith((".", "/")) or "::" in text:
            return ChartRef(None, None, version, None, at)
        before, _, name = text.rstrip("/").rpartition("/")
        repository = before if "://" in before else self.repository(before)
        if name.endswith(".tgz"):
            return ChartRef(None, repository, version, None, at)
        return ChartRef(name or None, repository, version, None, at)

    def repository(self, name: str) -> str | None:
        """The address of the repository that is called `name`."""
        for document in self.documents:
            for entry in document.root.get("repositories").elements():
                url = entry.get("url").text
                if entry.get("name").text == name and url:
                    return f"oci://{url.removeprefix('oci://')}" if entry.get("oci").boolean else url
        return None

    def sources(self, document: Document, entry: Field) -> Iterator[ValuesSource]:
        """The layers of values, highest precedence first."""
        for key in _FILLED_IN:
            if entry.get(key).exists:
                yield outside(entry.get(key))
        for key in ("set", "setString"):
            if entry.get(key).unknown:
                yield outside(entry.get(key))
        below = list(self.values(document, entry.get("values")))
        fields = [*_assignments(entry.get("set"), True), *_assignments(entry.get("setString"), False)]
        if fields:
            fields = whole_lists(fields, [layer.values for layer in below])
            at = entry.get("set") if entry.get("set").exists else entry.get("setString")
            yield ValuesSource("assignments", assigned(fields, at), at)
        secrets = entry.get("secrets")
        if secrets.unknown or secrets.value:
            yield outside(secrets)
        yield from below

    def values(self, document: Document, values: Field) -> Iterator[ValuesSource]:
        if values.unknown or not isinstance(values.value, list | None):
            yield outside(values)
        for field in reversed(list(values.elements())):
            if isinstance(field.value, str):
                text = field.text or "/"
                path = tree_path(document.repository, self.folder, text) if not text.endswith(".gotmpl") else None
                found = file_values(self.project, document.repository, path, field)
                yield from [found] if found is not None else []
            else:
                yield from inline_values(field)


def _assignments(entries: Field, typed: bool) -> Iterator[tuple[Path, Field]]:
    """What `set` or `setString` assigns. Braces and commas are escaped: lists are given as `values`."""
    for entry in entries.elements():
        name, at = entry.get("name").value, entry.get("value")
        if entry.get("values").exists or entry.get("file").exists:
            many = entry.get("values")
            known = isinstance(many.value, list) and not entry.get("file").exists
            texts = [str(item) for item in many.value] if known else []
            listed = placed(many, [typed_value(text) for text in texts] if typed else texts)
            found = assignment(name, "", many, typed=False)
            yield from ((path, listed if known else unknown_layer(many)) for path, _ in found)
            continue
        value = at.value
        if isinstance(value, str):
            value = value.replace("{", "\\{").replace("}", "\\}") if not at.unknown else value
        found = assignment(name, value if value is not None else "", at, typed=typed)
        secret = isinstance(value, str) and value.startswith("ref+")
        yield from ((path, unknown_layer(at) if secret else field) for path, field in found)
