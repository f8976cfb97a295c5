"""k3s and RKE2: HelmChart, and HelmChartConfig, which changes the values of a chart that the distribution brings.

Follows k3s-io/helm-controller `pkg/controllers/chart/chart.go`: the files that it hands to Helm in the order of their
names, and `--set` or `--set-string` for each entry of `set`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubelint.manifests.field import Field
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.assignments import assigned, assignment
from kubelint.manifests.releases.embedded import mapping_of, values_in
from kubelint.manifests.releases.patched import as_given
from kubelint.manifests.releases.references import name_of, namespaces
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.whole_lists import whole_lists
from kubelint.manifests.scopes import same_cluster

if TYPE_CHECKING:
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project
    from kubelint.sources import Path

GROUP = "helm.cattle.io"
_ARCHIVE = re.compile(r"(?P<name>.+?)(?:-(?P<version>v?\d+\.\d+\.\d+.*))?\.(?:tgz|tar\.gz)")
_TYPED = frozenset({"true", "false", "null"})


def k3s_releases(project: Project) -> Iterator[Release]:
    """A release for each HelmChart; for each HelmChartConfig whose HelmChart is not, or not surely, in the tree."""
    reader = _Reader(project)
    yield from (reader.chart_release(obj) for obj in reader.charts)
    for config in reader.configs:
        if config.partial or not any(reader.surely_configures(config, chart) for chart in reader.charts):
            yield reader.config_release(config)


class _Reader:
    def __init__(self, project: Project) -> None:
        self._project = project
        self.charts = project.objects("HelmChart", group=GROUP)
        self.configs = project.objects("HelmChartConfig", group=GROUP)

    def chart_release(self, obj: KubeObject) -> Release:
        configs = [config for config in self.configs if self._configures(config, obj)]
        return Release(
            "HelmChart",
            obj.root,
            self._chart(obj),
            name=name_of(self._project, obj),
            namespace=self._namespace(obj),
            sources=tuple(self._with_set(obj, [*self._configured(configs, obj), *self._own(obj)])),
            obj=obj,
            name_at=obj.field("metadata", "name"),
        )

    def config_release(self, obj: KubeObject) -> Release:
        """What a configuration makes of the chart of its name: one that the distribution brings, or one of the tree
        that other clusters share.
        """
        chart = next((chart for chart in self.charts if self._configures(obj, chart)), None)
        own = [*self._own(obj), *(self._own(chart) if chart is not None else ())]
        ref = self._chart(chart) if chart is not None else _packaged(obj)
        return Release(
            "HelmChartConfig",
            obj.root,
            ref,
            name=name_of(self._project, obj),
            namespace=self._namespace(chart or obj),
            sources=tuple(self._with_set(chart, own) if chart is not None else own),
            obj=obj,
            name_at=obj.field("metadata", "name"),
        )

    def _configures(self, config: KubeObject, chart: KubeObject) -> bool:
        """Whether a configuration may be about a chart: it has its name and namespace."""
        ours, theirs = namespaces(self._project, config), namespaces(self._project, chart)
        return (
            config.name is not None
            and config.name == chart.name
            and not config.partial
            and not chart.partial
            and config.document.repository == chart.document.repository
            and same_cluster(config.scope, chart.scope)
            and not (ours and theirs and ours.isdisjoint(theirs))
        )

    def surely_configures(self, config: KubeObject, chart: KubeObject) -> bool:
        """Whether a configuration is about a chart wherever the chart is installed."""
        return self._configures(config, chart) and len(config.scope) <= len(chart.scope)

    def _configured(self, configs: list[KubeObject], chart: KubeObject) -> list[ValuesSource]:
        if len(configs) == 1 and self.surely_configures(configs[0], chart):
            return self._own(configs[0])
        return [_outside(configs[0].root.get("spec"))] if configs else []

    def _own(self, obj: KubeObject) -> list[ValuesSource]:
        """What an object gives: secrets above `values` above `valuesContent`."""
        found: list[ValuesSource] = []
        secrets = as_given(self._project, obj, "spec", "valuesSecrets")
        if secrets.unknown or secrets.value:
            found.append(_outside(secrets))
        values = mapping_of(as_given(self._project, obj, "spec", "values"))
        if values.exists or values.unknown:
            found.append(ValuesSource("inline", values, obj.field("spec", "values")))
        content = as_given(self._project, obj, "spec", "valuesContent")
        held = unknown_layer(content) if content.unknown and content.value is None else values_in(content)
        if content.exists or content.unknown:
            found.append(ValuesSource("text", held, obj.field("spec", "valuesContent")))
        return found

    def _with_set(self, obj: KubeObject, below: list[ValuesSource]) -> Iterator[ValuesSource]:
        """The sources `below`, and above them what `set` assigns."""
        given = as_given(self._project, obj, "spec", "set")
        if given.unknown or not isinstance(given.value, dict | None):
            yield _outside(given)
        elif given.value:
            fields = whole_lists(_assignments(given), [source.values for source in below])
            yield ValuesSource("assignments", assigned(fields, given), obj.field("spec", "set"))
        yield from below

    def _chart(self, obj: KubeObject) -> ChartRef:
        at = obj.field("spec", "chart")
        text = as_given(self._project, obj, "spec", "chart").text
        if text is None or not as_given(self._project, obj, "spec", "chartContent").absent:
            return ChartRef(None, None, None, None, at)
        version = as_given(self._project, obj, "spec", "version")
        asked = version.text if version.value or version.unknown else None
        folder, _, last = text.rstrip("/").rpartition("/")
        archive = _ARCHIVE.fullmatch(last)
        repository = as_given(self._project, obj, "spec", "repo").text or (folder if "://" in folder else None)
        if archive is None:
            return ChartRef(last or None, repository, asked, None, at)
        return ChartRef(archive["name"], repository, archive["version"], None, at)

    def _namespace(self, obj: KubeObject) -> str | None:
        target = as_given(self._project, obj, "spec", "targetNamespace")
        if obj.kind == "HelmChart" and (target.value or target.unknown):
            return target.text
        found = namespaces(self._project, obj)
        return next(iter(found)) if len(found) == 1 else None


def _packaged(config: KubeObject) -> ChartRef:
    return ChartRef(config.name, None, None, None, config.field("metadata", "name"))


def _assignments(given: Field) -> Iterator[tuple[Path, Field]]:
    """What `set` assigns, in the order of its keys. Numbers and the words for booleans and null are typed; the API
    server takes whole numbers and strings only.
    """
    for key, field in sorted(given.items()):
        value = field.value
        if isinstance(value, str | int) and not isinstance(value, bool):
            typed = not isinstance(value, str) or value.lower() in _TYPED
            yield from assignment(key, value, field, typed=typed)
        else:
            yield from assignment(key, "", unknown_layer(field), typed=False)


def _outside(at: Field) -> ValuesSource:
    return ValuesSource("outside", unknown_layer(at), at)
