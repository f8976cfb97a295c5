"""Releases of ARC's chart ``gha-runner-scale-set`` in the wrappers of GitOps tools, and runner pools out of any
manifest.

Read are Flux HelmReleases, Argo CD Applications and ApplicationSets, HelmCharts of the k3s Helm controller,
``helmCharts`` of a kustomization, ``releases`` of a helmfile, and values of the chart in a file of their own.
Where a wrapper keeps values as text, give the mapping that the text holds in its place; text that is left is
taken as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.runner_pools import (
    ScaleSetRelease,
    exact_version,
    flux_release_name,
    legacy_pool,
    scale_set_pool,
    text_at,
)
from kubelint.cluster.runners import UNRESOLVED, Path, RunnerPool, Version

CHARTS = frozenset({"gha-runner-scale-set", "gha-runner-scale-set-experimental"})
TEXT_VALUES: dict[str, tuple[Path, ...]] = {
    "HelmChart": (("spec", "valuesContent"),),
    "Application": (("spec", "source", "helm", "values"),),
    "ApplicationSet": (("spec", "template", "spec", "source", "helm", "values"),),
}
"""Where a wrapper keeps values as text."""


@dataclass(frozen=True)
class ChartSource:
    """What a Flux source (OCIRepository, HelmChart) brings: the chart's address or name, and its version if exact."""

    chart: str
    version: Version | None


def chart_sources(manifests: Iterable[Mapping[str, object]]) -> dict[str, ChartSource]:
    """Flux sources by name.  Where two of one name differ, a scale set wins, and the version is unknown."""
    found: dict[str, ChartSource] = {}
    for manifest in manifests:
        name, source = text_at(manifest, "metadata", "name"), _source(manifest)
        if name and source:
            found[name] = _either(found.get(name, source), source)
    return found


def pools_of(manifest: Mapping[str, object], sources: Mapping[str, ChartSource] | None = None) -> list[RunnerPool]:
    """Every runner pool that a manifest makes; ``sources`` are the Flux sources that its ``chartRef`` may name."""
    own = legacy_pool(manifest) or scale_set_pool(manifest)
    if own:
        return [own]
    return [release.pool() for release in _releases(manifest, sources or {})]


def is_scale_set_chart(reference: object) -> bool:
    """Whether a chart's name, address or path is that of the runner scale set (not that of its controller)."""
    if not isinstance(reference, str):
        return False
    last = reference.rstrip("/").rpartition("/")[2]
    return re.sub(r"(?:[:@].*|-\d+\.\d+\.\d+.*\.tgz)$", "", last) in CHARTS


def _releases(manifest: Mapping[str, object], sources: Mapping[str, ChartSource]) -> Iterator[ScaleSetRelease]:
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    match (group, manifest.get("kind")):
        case ("helm.toolkit.fluxcd.io", "HelmRelease"):
            yield from _flux(manifest, sources)
        case ("helm.cattle.io", "HelmChart"):
            yield from _k3s(manifest)
        case ("argoproj.io", "Application"):
            yield from _argo(manifest, ())
        case ("argoproj.io", "ApplicationSet"):
            yield from _argo(as_mapping(as_mapping(manifest.get("spec")).get("template")), ("spec", "template"))
        case ("kustomize.config.k8s.io", "Kustomization"):
            yield from _kustomize(manifest)
        case ("", None):
            yield from _kustomize(manifest)
            yield from _helmfile(manifest)
            yield from _plain_values(manifest, (), depth=2)


def _flux(manifest: Mapping[str, object], sources: Mapping[str, ChartSource]) -> Iterator[ScaleSetRelease]:
    spec = as_mapping(manifest.get("spec"))
    chart = as_mapping(as_mapping(spec.get("chart")).get("spec"))
    source = _referred(spec, sources) or ChartSource(text_at(chart, "chart") or "", exact_version(chart.get("version")))
    is_one = is_scale_set_chart(source.chart)
    name, name_path = flux_release_name(manifest)
    others = [as_mapping(entry) for entry in as_list(spec.get("valuesFrom"))]
    targets = {str(entry["targetPath"]).partition(".")[0] for entry in others if entry.get("targetPath")}
    for values, path in _values_of_sets(as_mapping(spec.get("values")), is_one):
        yield ScaleSetRelease(
            resource="HelmRelease",
            name=name,
            name_path=name_path,
            values=values,
            values_path=("spec", "values", *path),
            hidden=isinstance(spec.get("values"), str) or any(not entry.get("targetPath") for entry in others),
            overridden=frozenset(targets),
            version=source.version if is_one else None,
        )


def _values_of_sets(values: Mapping[str, object], is_scale_set: bool) -> Iterator[tuple[Mapping[str, object], Path]]:
    """The values of the chart itself, or those that a chart of another name hands to it as a part of its own."""
    if is_scale_set or _marks_a_set(values):
        yield values, ()
        return
    for key, inner in values.items():
        if _marks_a_set(as_mapping(inner)):
            yield as_mapping(inner), (key,)


def _marks_a_set(values: Mapping[str, object]) -> bool:
    return bool(text_at(values, "runnerScaleSetName") or text_at(values, "githubConfigUrl"))


def _k3s(manifest: Mapping[str, object]) -> Iterator[ScaleSetRelease]:
    spec = as_mapping(manifest.get("spec"))
    if not is_scale_set_chart(spec.get("chart")):
        return
    yield ScaleSetRelease(
        resource="HelmChart",
        name=text_at(manifest, "metadata", "name") or UNRESOLVED,
        name_path=("metadata", "name"),
        values=as_mapping(spec.get("valuesContent")),
        values_path=("spec", "valuesContent"),
        hidden=bool(spec.get("valuesSecrets")) or isinstance(spec.get("valuesContent"), str),
        overridden=frozenset(as_mapping(spec.get("set"))),
        version=exact_version(spec.get("version")),
    )


def _argo(application: Mapping[str, object], prefix: Path) -> Iterator[ScaleSetRelease]:
    spec = as_mapping(application.get("spec"))
    places: list[tuple[object, Path]] = [(spec.get("source"), ("spec", "source"))]
    places += [(entry, ("spec", "sources", i)) for i, entry in enumerate(as_list(spec.get("sources")))]
    for source, path in places:
        entry = as_mapping(source)
        if any(is_scale_set_chart(entry.get(key)) for key in ("chart", "repoURL", "path")):
            yield _argo_release(application, entry, prefix, (*prefix, *path))


def _argo_release(
    application: Mapping[str, object], source: Mapping[str, object], prefix: Path, path: Path
) -> ScaleSetRelease:
    helm = as_mapping(source.get("helm"))
    key = "valuesObject" if as_mapping(helm.get("valuesObject")) else "values"
    given = text_at(helm, "releaseName")
    parameters = [str(as_mapping(entry).get("name")) for entry in as_list(helm.get("parameters"))]
    elsewhere = helm.get("valueFiles") or helm.get("fileParameters") or isinstance(helm.get(key), str)
    from_git = "chart" not in source and not str(source.get("repoURL", "")).startswith("oci://")
    return ScaleSetRelease(
        resource="Application",
        name=given or text_at(application, "metadata", "name") or UNRESOLVED,
        name_path=(*path, "helm", "releaseName") if given else (*prefix, "metadata", "name"),
        values=as_mapping(helm.get(key)),
        values_path=(*path, "helm", key),
        hidden=bool(elsewhere) or from_git,
        overridden=frozenset(re.split(r"[.\[]", name)[0] for name in parameters),
        version=None if from_git else exact_version(source.get("targetRevision")),
    )


def _kustomize(manifest: Mapping[str, object]) -> Iterator[ScaleSetRelease]:
    for index, entry in enumerate(as_list(manifest.get("helmCharts"))):
        chart, path = as_mapping(entry), ("helmCharts", index)
        if is_scale_set_chart(chart.get("name")):
            yield ScaleSetRelease(
                resource="Kustomization",
                name=text_at(chart, "releaseName") or UNRESOLVED,
                name_path=(*path, "releaseName"),
                values=as_mapping(chart.get("valuesInline")),
                values_path=(*path, "valuesInline"),
                hidden=bool(chart.get("valuesFile") or chart.get("additionalValuesFiles")),
                version=exact_version(chart.get("version")),
            )


def _helmfile(manifest: Mapping[str, object]) -> Iterator[ScaleSetRelease]:
    for index, entry in enumerate(as_list(manifest.get("releases"))):
        release, path = as_mapping(entry), ("releases", index)
        values = as_list(release.get("values"))
        inline = [position for position, value in enumerate(values) if isinstance(value, Mapping)]
        if is_scale_set_chart(release.get("chart")):
            yield ScaleSetRelease(
                resource="helmfile release",
                name=text_at(release, "name") or UNRESOLVED,
                name_path=(*path, "name"),
                values=as_mapping(values[inline[-1]]) if inline else {},
                values_path=(*path, "values", inline[-1] if inline else 0),
                hidden=len(values) > len(inline) or len(inline) > 1,
                overridden=frozenset(str(as_mapping(item).get("name")) for item in as_list(release.get("set"))),
                version=exact_version(release.get("version")),
            )


def _plain_values(values: Mapping[str, object], path: Path, depth: int) -> Iterator[ScaleSetRelease]:
    """Values of the chart in a file of their own, or under the chart's name or alias in an umbrella chart's."""
    if _marks_a_set(values):
        place = (*path, "githubConfigUrl")
        yield ScaleSetRelease("values", UNRESOLVED, place, values, path)
    elif depth:
        for key, inner in values.items():
            if isinstance(inner, Mapping):
                yield from _plain_values(inner, (*path, key), depth - 1)


def _referred(spec: Mapping[str, object], sources: Mapping[str, ChartSource]) -> ChartSource | None:
    """The source that ``chartRef`` names; one that is not in the tree is judged by its own name."""
    name = text_at(spec, "chartRef", "name")
    if not name or name in sources:
        return sources.get(name or "")
    return ChartSource(name, None) if is_scale_set_chart(name) else None


def _either(one: ChartSource, other: ChartSource) -> ChartSource:
    chart = other.chart if is_scale_set_chart(other.chart) else one.chart
    return ChartSource(chart, one.version if one.version == other.version else None)


def _source(manifest: Mapping[str, object]) -> ChartSource | None:
    spec = as_mapping(manifest.get("spec"))
    if str(manifest.get("apiVersion", "")).partition("/")[0] != "source.toolkit.fluxcd.io":
        return None
    if manifest.get("kind") == "OCIRepository" and (url := text_at(spec, "url")):
        return ChartSource(url, exact_version(text_at(spec, "ref", "tag")))
    if manifest.get("kind") == "HelmChart" and (chart := text_at(spec, "chart")):
        return ChartSource(chart, exact_version(spec.get("version")))
    return None
