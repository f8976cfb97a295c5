"""The runner pools of a project, each with its places in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runner_pools import legacy_pool, scale_set_pool
from kubelint.cluster.runners import UNRESOLVED, RunnerPool
from kubelint.manifests import Field, KubeObject, Project
from kubelint_rules.runners.releases import VALUES_MARKS, ReleasedSet, loose_sets, released_sets

MARKS = ("actions.summerwind.dev", "actions.github.com", "gha-runner-scale-set", *VALUES_MARKS)
"""One of these stands in some file of every tree that makes runners."""

_KINDS = frozenset({"AutoscalingRunnerSet", "Runner", "RunnerDeployment", "RunnerReplicaSet", "RunnerSet"})
_COMMON_LABELS = "--common-runner-labels"
_SHOWN = {"helmfile": "helmfile release", "helmCharts": "helm chart", "dependency": "chart"}


@dataclass(frozen=True)
class PlacedPool:
    """A runner pool and its places.

    `labels`: the list of labels, be it there or not. `name`: what names the pool, for a scale set the label that jobs
    ask for. `title`: what people call it. `version`: what is asked of its chart, as written.
    """

    pool: RunnerPool
    title: str
    repository: str
    labels: Field
    name: Field
    version: str | None = None

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


def placed_pools(project: Project) -> list[PlacedPool]:
    """Every runner pool of the project, in the order of its files; patches are parts of others and make none."""
    found = [placed for obj in project.objects(_KINDS) for placed in _of_object(project, obj)]
    found += [_of_release(released) for released in released_sets(project)]
    found += [_of_values(model.pool(), values) for model, values in loose_sets(project)]
    order = {document: position for position, document in enumerate(project.documents)}
    found.sort(key=lambda placed: order.get(placed.name.document, len(order)))
    common = frozenset(_common_labels(project)) if found else frozenset()
    return [_with_common_labels(placed, common) for placed in found] if common else found


def _common_labels(project: Project) -> Iterator[str]:
    """Labels that ARC's controller is told to add to every legacy runner (`--common-runner-labels`)."""
    for pod in project.pods:
        for container in pod.containers:
            for text in container.get("args").strings():
                if text.startswith(f"{_COMMON_LABELS}="):
                    yield from text.partition("=")[2].lower().split(",")


def _with_common_labels(placed: PlacedPool, common: frozenset[str]) -> PlacedPool:
    pool = placed.pool
    return replace(placed, pool=replace(pool, possible=pool.possible | common)) if pool.kind == "legacy" else placed


def _of_object(project: Project, obj: KubeObject) -> Iterator[PlacedPool]:
    manifest = as_mapping(obj.root.value)
    pool = None if obj.partial else legacy_pool(manifest) or scale_set_pool(manifest)
    if pool is not None:
        title = obj.display if obj.name else f"{obj.kind} {pool.name}"
        labels, name = obj.field(*pool.labels_path), obj.field(*pool.name_path)
        yield PlacedPool(_as_patched(project, obj, pool), title, obj.document.repository, labels, name)


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
    return PlacedPool(
        pool, _title(released, pool), release.document.repository, labels, named_by, release.chart.version
    )


def _title(released: ReleasedSet, pool: RunnerPool) -> str:
    release = released.release
    if release.obj is not None and release.obj.name:
        return release.obj.display
    word = release.obj.kind if release.obj is not None else _SHOWN.get(release.wrapper, release.wrapper)
    return f"{word} {release.file if pool.name == UNRESOLVED else pool.name}"


def _of_values(pool: RunnerPool, values: Field) -> PlacedPool:
    file = values.document.file
    title = f"values {file if pool.name == UNRESOLVED else pool.name}"
    name = values.get(*pool.name_path) if pool.name_path else values.get("githubConfigUrl")
    return PlacedPool(pool, title, values.document.repository, values.get(*pool.labels_path), name)
