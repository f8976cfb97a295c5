"""Flux HelmReleases, v2beta1 to v2: which chart they install, under which name, where, and with which values.

Follows fluxcd/helm-controller `api/v2/helmrelease_types.go`, `internal/release/name.go` and fluxcd/pkg
`chartutil/values.go`: references in their order, each above the one before, then the inline values.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.assignments import assigned, read_assignments
from kubelint.manifests.releases.embedded import mapping_of
from kubelint.manifests.releases.flux_charts import FluxCharts
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.references import Content, References, name_of, namespaces
from kubelint.manifests.releases.release import Release, ValuesSource
from kubelint.manifests.releases.whole_lists import whole_lists

if TYPE_CHECKING:
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project
    from kubelint.sources import Path

GROUP = "helm.toolkit.fluxcd.io"
_LONGEST = 53
_HASH = 12


def flux_releases(project: Project) -> Iterator[Release]:
    """A release for each HelmRelease of `project`."""
    reader = _Reader(project)
    for obj in project.objects("HelmRelease", group=GROUP):
        yield reader.release(obj)


def shortened(name: str) -> str:
    """A release name that is longer than Helm takes, as the controller shortens it: its start and a hash of it all."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _HASH - 1]}-{sha256(name.encode()).hexdigest()[:_HASH]}"


class _Reader:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._references = References(project)
        self._charts = FluxCharts(project)

    def release(self, obj: KubeObject) -> Release:
        chart, defaults = self._charts.chart_of(obj)
        return Release(
            "HelmRelease",
            obj.root,
            chart,
            name=self._name(obj),
            namespace=self._namespace(obj),
            sources=(*self._sources(obj), *defaults),
            obj=obj,
            name_at=given if (given := obj.field("spec", "releaseName")).value else obj.field("metadata", "name"),
        )

    def _name(self, obj: KubeObject) -> str | None:
        given = as_given(self._project, obj, "spec", "releaseName")
        if given.value or given.unknown:
            return given.text and shortened(given.text)
        target = as_given(self._project, obj, "spec", "targetNamespace")
        name = name_of(self._project, obj)
        if name is None or target.unknown:
            return None
        return shortened(f"{target.text}-{name}" if target.text else name)

    def _namespace(self, obj: KubeObject) -> str | None:
        target = as_given(self._project, obj, "spec", "targetNamespace")
        if target.value or target.unknown:
            return target.text
        found = namespaces(self._project, obj)
        return next(iter(found)) if len(found) == 1 else None

    def _sources(self, obj: KubeObject) -> Iterator[ValuesSource]:
        """Highest precedence first. What a reference with a `targetPath` does to an inline value differs between
        versions of the controller: where both set a path, it is unknown.
        """
        inline = mapping_of(as_given(self._project, obj, "spec", "values"))
        above: list[ValuesSource] = []
        below: list[ValuesSource] = []
        for entry in obj.field("spec", "valuesFrom").elements():
            if entry.get("targetPath").absent:
                below += self._referred(obj, entry)
            else:
                source, is_contested = self._targeted(obj, entry, inline)
                (above if is_contested else below).append(source)
        if self._may_be_targeted(obj):
            yield _outside(obj.field("spec", "valuesFrom"))
        yield from reversed(above)
        if inline.exists or inline.unknown:
            yield ValuesSource("inline", inline, obj.field("spec", "values"))
        if self._has_more_references(obj):
            yield _outside(obj.field("spec", "valuesFrom"))
        yield from reversed(below)

    def _has_more_references(self, obj: KubeObject) -> bool:
        """Whether `valuesFrom` is not all that the release refers to: a patch adds to it, a template fills it in."""
        references = as_given(self._project, obj, "spec", "valuesFrom")
        return references.unknown or not isinstance(references.value, list | None)

    def _may_be_targeted(self, obj: KubeObject) -> bool:
        """Whether a patch adds a reference that sets a path, above the inline values."""
        if obj.partial or not self._project.may_be_patched(obj, "spec", "valuesFrom"):
            return False
        patches = self._project.kustomizations.setting_patches(obj, "spec", "valuesFrom")
        return any("targetPath" in str(patch.content.value) for patch in patches)

    def _referred(self, obj: KubeObject, entry: Field) -> list[ValuesSource]:
        """The values of one reference; none where the tree says that an optional one is not there."""
        content = self._content(obj, entry)
        if content is not None:
            exists = content.values.exists or content.values.unknown
            return [ValuesSource(content.form, content.values, entry)] if exists else []
        return [] if entry.get("optional").boolean else [_outside(entry)]

    def _content(self, obj: KubeObject, entry: Field) -> Content | None:
        name, key = entry.get("name").text, entry.get("valuesKey")
        if entry.get("kind").text != "ConfigMap" or name is None or key.unknown:
            return Content("outside", unknown_layer(entry), None)
        return self._references.config_map(obj, name, key.text or "values.yaml", entry)

    def _targeted(self, obj: KubeObject, entry: Field, inline: Field) -> tuple[ValuesSource, bool]:
        """What a reference to a single value sets, and whether the inline values may hold something there too."""
        target, content = entry.get("targetPath").text, self._content(obj, entry)
        fields = _assignments(target, content, entry)
        fields = whole_lists(fields, [inline])
        contested = any(path and not inline.get(*path).absent for path, _ in fields)
        if contested:
            fields = [(path, unknown_layer(entry)) for path, _ in fields]
        form = content.form if content is not None else "outside"
        return ValuesSource(form, assigned(fields, entry), entry), contested


def _assignments(target: str | None, content: Content | None, entry: Field) -> list[tuple[Path, Field]]:
    if target is None:
        return [((), unknown_layer(entry))]
    text = content.text if content is not None else None
    if text is None:
        found = read_assignments(f"{target}=x")
        return [(each.path, unknown_layer(entry)) for each in found] or [((), unknown_layer(entry))]
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    held = read_assignments(f"{target}={text.strip(text[0]) if quoted else text}", strings=quoted)
    return [(each.path, Field(entry.document, entry.path, each.value, True)) for each in held]


def _outside(at: Field) -> ValuesSource:
    return ValuesSource("outside", unknown_layer(at), at)
