"""The runner pools of a project, each with its place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runner_releases import TEXT_VALUES, ChartSource, chart_sources, pools_of
from kubelint.cluster.runners import UNRESOLVED, Path, RunnerPool
from kubelint.manifests import Document, Field, KubeObject, Project

NEEDED = frozenset(
    {
        "workflow",
        "Runner",
        "RunnerDeployment",
        "RunnerReplicaSet",
        "RunnerSet",
        "AutoscalingRunnerSet",
        "HelmRelease",
        "HelmChart",
        "Application",
        "ApplicationSet",
    }
)
"""What a tree must hold of for a rule about runners to have anything to find."""

_COMMON_LABELS = "--common-runner-labels"
_LOOSE_MARKS = ("githubConfigUrl", "runnerScaleSetName", "gha-runner-scale-set")


@dataclass(frozen=True)
class PlacedPool:
    """A runner pool, the field that its manifest starts at, and what people call it."""

    pool: RunnerPool
    root: Field
    title: str

    @property
    def repository(self) -> str:
        """The repository that the manifest belongs to."""
        return self.root.document.repository

    @property
    def labels(self) -> Field:
        """The list of labels, be it there or not."""
        return _walk(self.root, self.pool.labels_path)

    @property
    def name(self) -> Field:
        """What names the pool: for a scale set the label that jobs ask for."""
        return _walk(self.root, self.pool.name_path)

    @property
    def place(self) -> Field:
        """The list of labels if there is one, else the name."""
        return self.labels if self.labels.exists else self.name


def placed_pools(project: Project) -> list[PlacedPool]:
    """Every runner pool of the project, in the order of its files; patches are parts of others and make none."""
    sources = chart_sources(as_mapping(obj.root.value) for obj in project.objects(("HelmChart", "OCIRepository")))
    found = [placed for obj in project.all_objects for placed in _of_object(project, obj, sources)]
    found += [placed for document in project.documents for placed in _of_loose_document(document)]
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


def _of_object(project: Project, obj: KubeObject, sources: Mapping[str, ChartSource]) -> Iterator[PlacedPool]:
    if obj.partial:
        return
    for pool in pools_of(_with_values(obj.root, obj.kind), sources):
        title = obj.display if obj.name else f"{obj.kind} {pool.name}"
        yield PlacedPool(_as_patched(project, obj, pool), obj.root, title)


def _of_loose_document(document: Document) -> Iterator[PlacedPool]:
    """Values files, helmfiles, kustomizations without a kind."""
    root = document.root.value
    if not isinstance(root, dict) or "kind" in root or not any(mark in document.text for mark in _LOOSE_MARKS):
        return
    for pool in pools_of(root):
        shown = f"{pool.resource} {document.file}" if pool.name == UNRESOLVED else f"{pool.resource} {pool.name}"
        yield PlacedPool(pool, document.root, shown)


def _as_patched(project: Project, obj: KubeObject, pool: RunnerPool) -> RunnerPool:
    """The pool as far as it is known: what a kustomize patch of the tree may set is not."""
    if project.may_be_patched(obj, *pool.labels_path):
        pool = replace(pool, open=True)
    if pool.kind == "scale_set" and project.may_be_patched(obj, *_own_name(pool)):
        pool = replace(pool, name=UNRESOLVED)
    return pool


def _own_name(pool: RunnerPool) -> Path:
    """Where a name that wins over the release's is, or would be, written."""
    if pool.labels_path[-2:] == ("scaleset", "labels"):
        return (*pool.labels_path[:-1], "name")
    return (*pool.labels_path[:-1], "runnerScaleSetName")


def _with_values(root: Field, kind: str) -> Mapping[str, object]:
    """The manifest with values that are written as text read in their place."""
    manifest = as_mapping(root.value)
    for path in TEXT_VALUES.get(kind, ()):
        inner = root.get(*path).embedded()
        if len(inner) == 1 and isinstance(inner[0].value, dict):
            manifest = as_mapping(_with(manifest, path, inner[0].value))
    return manifest


def _with(value: object, path: Path, new: object) -> object:
    if not path:
        return new
    return {**as_mapping(value), str(path[0]): _with(as_mapping(value).get(str(path[0])), path[1:], new)}


def _walk(field: Field, path: Path) -> Field:
    for step in path:
        inner = field.embedded() if isinstance(field.value, str) else []
        field = (inner[0] if inner else field).get(step)
    return field
