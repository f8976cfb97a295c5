"""The runner pools of a project, each with its places in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runners import (
    FIRST_CHART,
    LEGACY_GROUP,
    RUNNERS_CHART,
    UNRESOLVED,
    VERSION_LABEL,
    Controller,
    RunnerPool,
    legacy_pool,
    scale_set_pool,
)
from kubelint.manifests.field import Field
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.releases import Release
from kubelint.manifests.runners.releases import (
    VALUES_MARKS,
    ReleasedSet,
    controllers,
    loose_sets,
    released_pools,
    released_sets,
)

MARKS = (
    "actions.summerwind.dev",
    "actions.github.com",
    "gha-runner-scale-set",
    FIRST_CHART,
    RUNNERS_CHART,
    *VALUES_MARKS,
)
"""One of these stands in some file of every tree that makes runners."""

_KINDS = frozenset({"AutoscalingRunnerSet", "Runner", "RunnerDeployment", "RunnerReplicaSet", "RunnerSet"})
_SHOWN = {"helmfile": "helmfile release", "helmCharts": "helm chart", "dependency": "chart"}


@dataclass(frozen=True)
class PlacedPool:
    """A runner pool and its places.

    `labels`: the list of labels, be it there or not. `name`: what names the pool, for a scale set the label that jobs
    ask for. `title`: what people call it. `version`: what is asked of its chart, as written. `obj`, `released`: what
    makes it.
    """

    pool: RunnerPool
    title: str
    repository: str
    labels: Field
    name: Field
    version: str | None = None
    obj: KubeObject | None = None
    released: ReleasedSet | None = None

    @property
    def place(self) -> Field:
        """The list of labels if there is one, else the name."""
        return self.labels if self.labels.exists else self.name

    @property
    def is_listed(self) -> bool:
        """Whether the labels are a YAML list in a file, and not part of a command or an assignment."""
        here = self.labels.document.root
        for step in self.labels.path:
            inner = [] if isinstance(step, str | int) else here.embedded()
            here = here.get(step) if isinstance(step, str | int) or not inner else inner[step.document]
        return isinstance(here.value, list) and here.value == self.labels.value


@once_per_project
def placed_pools(project: Project) -> list[PlacedPool]:
    """Every runner pool of the project, in the order of its files; patches are parts of others and make none.

    Found out once for a project.
    """
    return _read(project) if _holds_runners(project) else []


def _holds_runners(project: Project) -> bool:
    texts = {document.file: document.text for document in project.documents}
    return any(mark in text for text in (*texts.values(), *(file.text for file in project.texts)) for mark in MARKS)


def _read(project: Project) -> list[PlacedPool]:
    objects = project.objects(_KINDS)
    controller = _controller(project) if any(obj.group == LEGACY_GROUP for obj in objects) else Controller()
    found = [placed for obj in objects for placed in _of_object(project, obj, controller)]
    found += [_of_release(released) for released in released_sets(project)]
    found += [_of_runners(release, pool) for release, pool in released_pools(project)]
    found += [_of_values(model.pool(), values) for model, values in loose_sets(project)]
    order = {document: position for position, document in enumerate(project.documents)}
    found.sort(key=lambda placed: order.get(placed.name.document, len(order)))
    return found


def _controller(project: Project) -> Controller:
    """What is said to legacy runners by whichever controller makes them."""
    found = list(controllers(project))
    images = {each.runner_image for each in found}
    labels = frozenset[str]().union(*(each.common_labels for each in found))
    return Controller(next(iter(images)) if len(images) == 1 else UNRESOLVED if images else None, labels)


def _of_object(project: Project, obj: KubeObject, controller: Controller) -> Iterator[PlacedPool]:
    manifest = as_mapping(obj.root.value)
    pool = None if obj.partial else legacy_pool(manifest, controller) or scale_set_pool(manifest)
    if pool is not None:
        title = obj.display if obj.name else f"{obj.kind} {pool.name}"
        labels, name = obj.field(*pool.labels_path), obj.field(*pool.name_path)
        version = obj.labels.get(VERSION_LABEL) if pool.kind == "scale_set" else None
        yield PlacedPool(_as_patched(project, obj, pool), title, obj.document.repository, labels, name, version, obj)


def _as_patched(project: Project, obj: KubeObject, pool: RunnerPool) -> RunnerPool:
    """The pool as far as it is known: what a kustomize patch of the tree may set is not."""
    if project.may_be_patched(obj, *pool.labels_path):
        pool = replace(pool, open=True)
    if pool.kind == "scale_set" and project.may_be_patched(obj, "spec", "runnerScaleSetName"):
        pool = replace(pool, name=UNRESOLVED)
    return pool


def _of_release(released: ReleasedSet) -> PlacedPool:
    release, values, pool = released.release, released.values, released.model.pool()
    named_by = values.get(*pool.name_path) if pool.name_path else release.name_at
    labels = values.get(*pool.labels_path)
    title, version = _title(release, pool), release.chart.version
    return PlacedPool(pool, title, release.document.repository, labels, named_by, version, released=released)


def _of_runners(release: Release, pool: RunnerPool) -> PlacedPool:
    labels = release.values.get(*pool.labels_path)
    return PlacedPool(pool, _title(release, pool), release.document.repository, labels, release.name_at)


def _title(release: Release, pool: RunnerPool) -> str:
    if release.obj is not None and release.obj.name:
        return release.obj.display
    word = release.obj.kind if release.obj is not None else _SHOWN.get(release.wrapper, release.wrapper)
    return f"{word} {release.file if pool.name == UNRESOLVED else pool.name}"


def _of_values(pool: RunnerPool, values: Field) -> PlacedPool:
    file = values.document.file
    title = f"values {file if pool.name == UNRESOLVED else pool.name}"
    name = values.get(*pool.name_path) if pool.name_path else values.get("githubConfigUrl")
    return PlacedPool(pool, title, values.document.repository, values.get(*pool.labels_path), name)
