"""The machines that jobs build images on, and their architecture.

The labels that a job asks for may tell it: those of GitHub's own runners, and `x64` and its kin, which runners give
themselves. Else the runners of the tree that take the job do, by the nodes that their pods are placed on
(actions-runner-controller: builds run in the runner's pod, or in its `dind` sidecar).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.architectures import GOARCH
from kubelint.cluster.runners import PoolIndex
from kubelint.cluster.scheduling import placement
from kubelint.manifests import Field, PodTemplate, Project, WorkflowJob
from kubelint.manifests.github.reusable import ReusableWorkflows
from kubelint.manifests.github.runs_on import LabelSet, RunsOn, read_runs_on
from kubelint.manifests.releases.pods import ReleasePod
from kubelint.manifests.runners import PlacedPool, placed_pools
from kubelint_rules.scheduling.survey import Cluster, Placed, State, clusters_of, may_be_bound

_BUILDX = "docker/setup-buildx-action"
_LOCAL_DRIVERS = frozenset({"docker", "docker-container"})
_LOCAL_HOSTS = re.compile(r"unix://|tcp://(?:localhost|127\.0\.0\.1)(?::|$)")
_ELSEWHERE = re.compile(
    r"\bbuildx\s+create\b[^\n]*(?:--append|--platform|--node|ssh://|tcp://|--driver[= ](?!docker))"
    r"|\bDOCKER_(?:HOST|CONTEXT|DEFAULT_PLATFORM)\b|\bcontext\s+use\b"
)
_VARIABLES = frozenset({"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_DEFAULT_PLATFORM", "BUILDX_BUILDER"})
_HOSTED = re.compile(r"ubuntu-(?:latest|\d\d\.\d\d|slim)(-arm)?")
_LABELS = {"x64": "amd64", "arm64": "arm64", "arm": "arm"}


class Builder(NamedTuple):
    """The architecture of the machine that builds, None where files do not tell; `at` says so beside the labels."""

    architecture: str | None = None
    at: Field | None = None


class Builders:
    """The machines that the jobs of a project build on."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._flows = ReusableWorkflows(project.workflows)
        self._pools: dict[str, tuple[list[PlacedPool], PoolIndex]] = {}
        self._known: dict[int, Builder] = {}

    def of(self, job: WorkflowJob, row: Mapping[str, Field] | None) -> Builder:
        """What a job builds on in one run of its matrix, None for a run of which nothing is known."""
        if builds_elsewhere(job):
            return Builder()
        asked = read_runs_on(job.runs_on, None if row is None else [dict(row)])
        requests = self._flows.runners(job) if asked.unknown else [asked]
        return _same(self._of_request(job, each) for each in requests)

    def _of_request(self, job: WorkflowJob, asked: RunsOn) -> Builder:
        if asked.unknown:
            return Builder()
        return _same(self._of_labels(job, labels, asked.group) for labels in asked.alternatives)

    def _of_labels(self, job: WorkflowJob, labels: LabelSet, group: str | None) -> Builder:
        told = labels_architecture(text.lower() for text in labels.texts)
        if told is not None:
            return Builder(told)
        repository = job.workflow.document.repository
        if repository not in self._pools:
            own = [placed for placed in placed_pools(self._project) if placed.repository == repository]
            self._pools[repository] = own, PoolIndex([placed.pool for placed in own])
        pools, index = self._pools[repository]
        takers = index.takers(labels.texts, group)
        if not takers.surely:
            return Builder()
        return _same(self._of_pool(pools[position]) for position in sorted(takers.surely | takers.perhaps))

    def _of_pool(self, placed: PlacedPool) -> Builder:
        if id(placed) not in self._known:
            self._known[id(placed)] = self._placed_on(placed)
        return self._known[id(placed)]

    def _placed_on(self, placed: PlacedPool) -> Builder:
        """The architecture of the nodes that a pool's pods are placed on, and what places them there."""
        found = self._pods.get(id(placed.obj or (placed.released and placed.released.release)))
        if found is None:
            return _by_values(placed)
        cluster, (pod, possible) = found
        if _is_patched(self._project, pod) or _is_open(pod.spec) or _hands_on(pod.spec):
            return Builder()
        nodes = possible.possible
        if cluster.declared or cluster.state in (State.MIXED, State.SINGLE):
            nodes = nodes & cluster.reachable(pod)
        if len(nodes) != 1:
            return Builder()
        places = (pod.spec.get(*path) for path in possible.places)
        return Builder(next(iter(nodes)), next((field for field in places if field.exists), placed.name))

    @cached_property
    def _pods(self) -> dict[int, tuple[Cluster, Placed]]:
        """The pods of runners by the object or release that makes them."""
        found: dict[int, tuple[Cluster, Placed]] = {}
        for cluster in clusters_of(self._project):
            for each in cluster.placed:
                if "listenerTemplate" not in each.pod.spec.path:
                    found.setdefault(id(_maker(each.pod)), (cluster, each))
        return found


def labels_architecture(labels: Iterable[str]) -> str | None:
    """The architecture that labels tell, lower-case: GitHub's own names, or those that runners give themselves."""
    known = list(labels)
    hosted = _HOSTED.fullmatch(known[0]) if len(known) == 1 else None
    if hosted is not None:
        return "arm64" if hosted[1] else "amd64"
    told = {_LABELS[label] for label in known if label in _LABELS}
    return told.pop() if len(told) == 1 else None


def builds_elsewhere(job: WorkflowJob) -> bool:
    """Whether a job sets up builders that are not its own machine, or may."""
    if not _VARIABLES.isdisjoint(_variables(job)):
        return True
    for step in job.steps:
        if _ELSEWHERE.search(step.field.get("run").text or ""):
            return True
        if step.use is not None and step.use.name == _BUILDX:
            driver = step.inputs.get("driver").value
            remote = any(step.inputs.get(key).value for key in ("endpoint", "append", "platforms"))
            if remote or (driver is not None and driver not in _LOCAL_DRIVERS):
                return True
    return False


def _variables(job: WorkflowJob) -> Collection[str]:
    levels = [job.workflow.env, job.env, *(step.env for step in job.steps)]
    return {name for level in levels for name, _ in level.items()}


def _same(found: Iterable[Builder]) -> Builder:
    """What all of them are; nothing where they differ or one is unknown."""
    known = list(found)
    architectures = {builder.architecture for builder in known}
    return known[0] if len(architectures) == 1 else Builder()


def _maker(pod: PodTemplate) -> object:
    return pod.release if isinstance(pod, ReleasePod) else pod.obj


def _is_patched(project: Project, pod: PodTemplate) -> bool:
    if isinstance(pod, ReleasePod):
        return pod.patched
    return pod.obj.partial or may_be_bound(project, pod)


def _by_values(placed: PlacedPool) -> Builder:
    """What the values of a release say that is of no cluster, as one that a command installs."""
    if placed.released is None:
        return Builder()
    spec = placed.released.values.get("template", "spec")
    possible = placement(spec.value, GOARCH)
    if len(possible.possible) != 1 or _is_open(spec) or _hands_on(spec):
        return Builder()
    return Builder(next(iter(possible.possible)), spec.get(*possible.places[0]))


def _is_open(spec: Field) -> bool:
    """Whether something else may place the pods."""
    return spec.unknown or any(spec.get(key).unknown for key in ("nodeSelector", "affinity", "nodeName"))


def _hands_on(spec: Field) -> bool:
    """Whether the runner's container hands builds to another machine."""
    for container in (spec, *spec.get("containers").elements()):
        for variable in container.get("env").elements():
            name, value = variable.get("name").text, variable.get("value").text or ""
            if name in _VARIABLES and not (name == "DOCKER_HOST" and _LOCAL_HOSTS.match(value)):
                return True
    return False
