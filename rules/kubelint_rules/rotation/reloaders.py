"""Where stakater's Reloader runs, and what it watches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.reloader import DOMAIN
from kubelint.cluster.templates import has_template
from kubelint.manifests import Document, Field, Project, once_per_project, same_cluster
from kubelint.manifests.releases import Release

_IMAGE = re.compile(r"(?:^|/)reloader(?:[:@]|$)", re.IGNORECASE)
_SOURCE = re.compile(r"stakater/reloader|stakater\.github\.io", re.IGNORECASE)
_NARROWING = (
    "ignoreSecrets", "ignoreNamespaces", "namespaceSelector", "resourceLabelSelector", "custom_annotations",
    "webhookUrl",
)  # fmt: skip
_ALL = re.compile(r"--auto-reload-all(?!=false)")
_ROLLOUTS = re.compile(r"--is-argo-rollouts(?!=false)", re.IGNORECASE)
_TOLD = re.compile(
    r"--(?:resources-to-ignore|namespace|resource-label|ignored-|webhook-url|[a-z-]*annotation)|" + _ALL.pattern
)
"""Arguments that make it restart everything, or watch less than everything."""
_MUTATING = frozenset(
    {"ClusterPolicy", "Policy", "MutatingPolicy", "MutatingAdmissionPolicy", "Kustomization", "Component"}
)


class Reloader(NamedTuple):
    """One Reloader. `plain` says that it watches everything, and restarts what carries its annotations only."""

    scope: str
    namespace: str | None
    """The only namespace that it watches; None for all."""
    plain: bool
    rollouts: bool
    """Whether it restarts Argo's Rollouts, too, or may."""


def reloaders(project: Project, scope: str) -> list[Reloader]:
    """The Reloaders that may run in the cluster of `scope`."""
    return [found for found in _all(project) if same_cluster(found.scope, scope)]


@once_per_project
def _all(project: Project) -> list[Reloader]:
    return [*_released(project), *_applied(project)]


def may_be_installed(project: Project, scope: str) -> bool:
    """Whether Reloader is part of the tree, or is fetched from elsewhere by something in it."""
    return bool(reloaders(project, scope)) or any(_SOURCE.search(each.text) for each in project.documents)


@once_per_project
def are_annotated_later(project: Project) -> bool:
    """Whether a policy or a kustomization hands out Reloader's annotations."""
    for document in project.documents:
        if DOMAIN in document.text and (_annotates(document) or "commonAnnotations" in document.text):
            return True
    return False


def _annotates(document: Document) -> bool:
    named = document.file.rpartition("/")[2].startswith("kustomization.")
    return named or document.root.get("kind").text in _MUTATING


def _released(project: Project) -> Iterator[Reloader]:
    for release in project.releases:
        named = release.chart.name == "reloader" or (release.chart.name is None and release.name == "reloader")
        if named and not release.partial and release.wrapper not in ("chart", "dependency"):
            yield _of_release(release)


def _of_release(release: Release) -> Reloader:
    values = release.values.get("reloader")
    everywhere = values.get("watchGlobally")
    plain = not any(map(_is_set, (values.get("autoReloadAll"), *(values.get(key) for key in _NARROWING))))
    plain = plain and not everywhere.unknown and not _holds(values.get("deployment"), _ALL)
    namespace = release.namespace if everywhere.boolean is False else None
    return Reloader(release.scope, namespace, plain, _is_set(values.get("isArgoRollouts")))


def _is_set(field: Field) -> bool:
    return field.unknown or (bool(field.value) and field.value != "false")


def _holds(field: Field, words: re.Pattern[str]) -> bool:
    text = str(field.value)
    return field.unknown or has_template(text) or words.search(text) is not None


def _applied(project: Project) -> Iterator[Reloader]:
    for obj in project.objects("Deployment", group="apps"):
        if obj.partial or obj.document.rendering:
            continue
        for container in obj.field("spec", "template", "spec", "containers").elements():
            image = container.get("image").value
            if isinstance(image, str) and _IMAGE.search(image):
                plain, rollouts = not _is_told(container, _TOLD), _is_told(container, _ROLLOUTS)
                yield Reloader(obj.scope, _only_namespace(container), plain, rollouts)


def _only_namespace(container: Field) -> str | None:
    for entry in container.get("env").elements():
        if entry.get("name").value == "KUBERNETES_NAMESPACE":
            return entry.get("value").text or ""
    return None


def _is_told(container: Field, words: re.Pattern[str]) -> bool:
    return any(_holds(container.get(key), words) for key in ("args", "command"))
