"""Where Longhorn runs and in which version, as far as files tell: releases of its chart, and its manager."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.releases.versions import Versions
from kubelint.manifests.scopes import same_cluster

if TYPE_CHECKING:
    from kubelint.manifests.project import Project
    from kubelint.manifests.releases import Release

_MANAGER = re.compile(r"(?:^|[/-])longhorn-manager(?:[:@]|$)")
"""The manager's image, mirrors of it included: `rancher/mirrored-longhornio-longhorn-manager`."""
_RANCHER = re.compile(r"\+up(\d+\.\d+\.\d+[^+]*)")
_MAJOR = re.compile(r"\D*(\d+)")
_NO_CLUSTER = frozenset({"chart", "dependency"})
"""The wrappers that say what may be installed, and not where."""


class Installation(NamedTuple):
    """One Longhorn: its cluster or overlay, its namespace (None: unknown) and what its version may be."""

    scope: str
    namespace: str | None
    versions: Versions


def installations(project: Project, scope: str) -> list[Installation]:
    """The Longhorns that may run in the cluster of `scope`."""
    return [found for found in _all(project) if same_cluster(found.scope, scope)]


@once_per_project
def _all(project: Project) -> list[Installation]:
    return [*_released(project), *_applied(project)]


def is_longhorn(release: Release) -> bool:
    """Whether a release installs Longhorn, or is a part of one that does."""
    return release.chart.name == "longhorn"


def version_of(release: Release) -> Versions:
    """Longhorn's version as the chart's says it; Rancher's own chart names it at the end: `104.2.0+up1.7.2`."""
    text = release.chart.version
    upstream = _RANCHER.search(text or "")
    if upstream:
        return Versions.parse(upstream[1])
    major = _MAJOR.match(text or "")
    return Versions.parse(None if major and len(major[1]) > 2 else text)


def namespace_of(release: Release) -> str | None:
    """The namespace that the chart puts Longhorn in: `namespaceOverride`, else the release's; None where unknown."""
    given = release.values.get("namespaceOverride")
    return given.text if given.unknown or given.value else release.namespace


def is_at_least(project: Project, scope: str, version: str) -> bool | None:
    """Whether every Longhorn of a cluster is of `version` or later; None where they differ or nothing tells."""
    answers = {found.versions.is_at_least(version) for found in installations(project, scope)}
    return answers.pop() if len(answers) == 1 else None


def namespace_in(project: Project, scope: str) -> str | None:
    """The namespace of the one Longhorn of a cluster; None where that is unknown, or where there are several."""
    found = {each.namespace for each in installations(project, scope)}
    return found.pop() if len(found) == 1 else None


def _released(project: Project) -> Iterator[Installation]:
    for release in project.releases:
        if is_longhorn(release) and not release.partial and release.wrapper not in _NO_CLUSTER:
            yield Installation(release.scope, namespace_of(release), version_of(release))


def _applied(project: Project) -> Iterator[Installation]:
    for obj in project.objects("DaemonSet", group="apps"):
        if obj.partial or obj.document.rendering:
            continue
        for container in obj.field("spec", "template", "spec", "containers").elements():
            image = container.get("image").value
            if isinstance(image, str) and _MANAGER.search(image):
                found = project.kustomizations.namespaces(obj)
                namespace = next(iter(found)) if len(found) == 1 else None
                for setting in project.kustomizations.image(obj, image):
                    yield Installation(obj.scope, namespace, Versions.parse(_tag(setting.text)))


def _tag(image: str) -> str | None:
    name, colon, tag = image.partition("@")[0].rpartition(":")
    return tag if colon and name and "/" not in tag else None
