"""What the jobs of a repository ask for, beside the runners that the same repository makes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kubelint.cluster.runners import (
    SELF_HOSTED,
    NearName,
    PoolIndex,
    RunnerPool,
    Verdict,
    in_group,
    known_elsewhere,
    near_name,
    preset,
    registered,
    written,
)
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, Project, Workflow, WorkflowJob, once_per_project
from kubelint.manifests.github.reusable import ReusableWorkflows
from kubelint.manifests.github.runs_on import LabelSet
from kubelint.manifests.runners import PlacedPool, placed_pools

_ACTIONLINT_FILES = (".github/actionlint.yaml", ".github/actionlint.yml")
_Request = tuple[tuple[str, ...], str | None]
"""Labels as written, and a group."""
_Alike = tuple[tuple[str, ...], str | None, bool]
"""Labels as written, a group, and whether there may be more labels."""
"""The sites of a project, found out once for all rules."""


@dataclass(frozen=True)
class Ask:
    """One way in which a job asks for a runner."""

    workflow: Workflow
    job: WorkflowJob
    labels: LabelSet
    group: str | None

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The labels as written."""
        return self.labels.texts

    @cached_property
    def self_hosted(self) -> bool:
        """Whether the job asks for `self-hosted`."""
        return SELF_HOSTED in map(str.lower, self.texts)

    @cached_property
    def rest(self) -> tuple[str, ...]:
        """The labels without `self-hosted`."""
        return tuple(text for text in self.texts if text.lower() != SELF_HOSTED)

    def place(self, label: str | None = None) -> Field:
        """Where `label` is written, or the whole request."""
        found = [one.field for one in self.labels.labels if label is None or one.text == label]
        places = {(field.document.file, field.path) for field in found}
        return found[0] if len(places) == 1 else self.job.runs_on


class Site:
    """A repository that makes runners: its pools, what its jobs ask for, and the labels that actionlint is told of.

    Jobs ask for the same few things again and again: what is found out for one request counts for all that are alike.
    """

    def __init__(
        self,
        pools: list[PlacedPool],
        asks: list[Ask],
        globs: tuple[str, ...] = (),
        workflows: Sequence[Workflow] = (),
    ) -> None:
        self.pools = pools
        self.asks = asks
        self.globs = globs
        self.workflows = workflows
        self.index = PoolIndex([placed.pool for placed in pools])
        self._takers: dict[_Request, list[PlacedPool]] = {}
        self._missed: dict[_Request, list[PlacedPool]] = {}
        self._near: dict[str, NearName | None] = {}
        self._groups: dict[str, bool] = {}
        self._lists: dict[tuple[_Alike, ...], list[Ask]] = {}

    @cached_property
    def names(self) -> list[str]:
        """Every label that some runner certainly has."""
        pools = [placed.pool for placed in self.pools]
        texts = [text for pool in pools for text in (*pool.effective_labels, *sorted(pool.certain))]
        return [text for text in dict.fromkeys(texts) if not has_template(text)]

    @cached_property
    def lower_names(self) -> frozenset[str]:
        """The same in lower case."""
        return frozenset(map(str.lower, self.names))

    def served(self, ask: Ask) -> bool:
        """Whether some runner takes the job, or may."""
        return bool(self.takers(ask.texts, ask.group))

    def takers(self, labels: tuple[str, ...], group: str | None) -> list[PlacedPool]:
        """The pools that take a job with these labels, or may."""
        request = (labels, group)
        if request not in self._takers:
            found = self.index.takers(*request)
            self._takers[request] = [self.pools[position] for position in sorted(found.surely | found.perhaps)]
        return self._takers[request]

    def nearest(self, labels: tuple[str, ...]) -> PlacedPool:
        """The pool that lacks fewest of the labels."""
        return self.pools[self.index.nearest(labels) or 0]

    def near(self, label: str) -> NearName | None:
        """The label of some runner that `label` nearly is."""
        if label not in self._near:
            self._near[label] = near_name(label, self.names)
        return self._near[label]

    def elsewhere(self, ask: Ask) -> bool:
        """Whether the job is for runners that this repository does not make."""
        if any(known_elsewhere(text, self.globs) for text in ask.texts) or self.in_foreign_group(ask):
            return True
        return "windows" in map(str.lower, ask.texts) and not any(self.index.carriers("windows"))

    def in_foreign_group(self, ask: Ask) -> bool:
        """Whether the job asks for a group of runners that none of the repository's is known to be in."""
        return bool(ask.group) and not self._names_group(ask.group or "")

    def named_so(self, label: str) -> PlacedPool | None:
        """The runners whose object or release has that name, if no runner may have it for a label."""
        return None if any(self.index.carriers(label)) else self._by_object_name.get(label.lower())

    def waiting(self, placed: PlacedPool) -> list[Ask]:
        """The jobs that this pool would take, or may, if its list had `self-hosted`, and that no other pool settles."""
        return self._alike(self._waiting.get(id(placed), ()))

    def waits(self, ask: Ask) -> bool:
        """Whether `self-hosted` in the list of some pool is all that the job lacks."""
        return any(id(placed) in self._omitting for placed in self._missed_by(ask))

    def used(self, placed: PlacedPool) -> bool:
        """Whether a job picks this pool by labels of its own, without `self-hosted`."""
        return id(placed) in self._used

    @cached_property
    def _by_object_name(self) -> dict[str, PlacedPool]:
        found: dict[str, PlacedPool] = {}
        for placed in self.pools:
            for name in filter(None, _names(placed)):
                found.setdefault(name.lower(), placed)
        return found

    @cached_property
    def _omitting(self) -> frozenset[int]:
        return frozenset(id(placed) for placed in self.pools if omits_self_hosted(placed.pool))

    @cached_property
    def _waiting(self) -> dict[int, tuple[_Alike, ...]]:
        """What is asked for by those that wait for a pool."""
        found: dict[int, list[_Alike]] = {}
        for alike, asks in self.by_request.items():
            for placed in self._missed_by(asks[0]):
                found.setdefault(id(placed), []).append(alike)
        return {pool: tuple(requests) for pool, requests in found.items()}

    @cached_property
    def by_request(self) -> dict[_Alike, list[Ask]]:
        """The jobs by what they ask for: what holds for one of a list holds for all of it."""
        found: dict[_Alike, list[Ask]] = {}
        for ask in self.asks:
            found.setdefault((ask.texts, ask.group, ask.labels.partial), []).append(ask)
        return found

    def _alike(self, requests: tuple[_Alike, ...]) -> list[Ask]:
        """The jobs that ask for one of these; the same list for all pools that the same jobs wait for."""
        if requests not in self._lists:
            chosen = {id(ask) for request in requests for ask in self.by_request[request]}
            self._lists[requests] = [ask for ask in self.asks if id(ask) in chosen]
        return self._lists[requests]

    @cached_property
    def _used(self) -> frozenset[int]:
        own = {(ask.texts, ask.group) for ask in self.asks if not ask.self_hosted and not all(map(preset, ask.texts))}
        return frozenset(id(placed) for request in own for placed in self.takers(*request))

    def _missed_by(self, ask: Ask) -> list[PlacedPool]:
        """The pools that the job would go to if their lists had `self-hosted`, unless another pool settles it."""
        if not ask.self_hosted or (not ask.rest and ask.labels.partial) or self.in_foreign_group(ask):
            return []
        request = (ask.texts, ask.group)
        if request not in self._missed:
            self._missed[request] = [placed for placed in self._meant(ask) if not self._settled(ask, placed)]
        return self._missed[request]

    def _meant(self, ask: Ask) -> list[PlacedPool]:
        if ask.rest:
            return self.takers(ask.rest, ask.group)
        return [placed for placed in self.pools if placed.pool.kind == "legacy" or len(self.pools) == 1]

    def _settled(self, ask: Ask, placed: PlacedPool) -> bool:
        others = self.takers(ask.texts, ask.group)
        return any(other is not placed and id(other) not in self._omitting for other in others)

    def _names_group(self, group: str) -> bool:
        """Whether some pool names a group that may be this one."""
        if group not in self._groups:
            named = {placed.pool.group: placed.pool for placed in self.pools if placed.pool.group is not None}
            self._groups[group] = any(in_group(pool, group) is not Verdict.NO for pool in named.values())
        return self._groups[group]


def omits_self_hosted(pool: RunnerPool) -> bool:
    """Whether a pool's list certainly leaves out `self-hosted`: its runners lack it, or their start script adds it."""
    if registered(pool, SELF_HOSTED) is Verdict.NO:
        return True
    if pool.kind != "legacy" or SELF_HOSTED in map(str.lower, pool.effective_labels):
        return False
    return bool(pool.labels) and written(pool, SELF_HOSTED) is Verdict.NO


def _names(placed: PlacedPool) -> set[str | None]:
    """What people call the runners: by the object or release that makes them."""
    release = placed.released.release if placed.released is not None else None
    own = placed.obj or (release and release.obj)
    return {own.name if own else None, release.name if release else None}


@once_per_project
def sites(project: Project) -> list[Site]:
    """The repositories of the project that make runners; those that make none have their runners elsewhere."""
    return list(_sites(project))


def _sites(project: Project) -> Iterator[Site]:
    found: dict[str, list[PlacedPool]] = {}
    for placed in placed_pools(project):
        found.setdefault(placed.repository, []).append(placed)
    workflows: dict[str, list[Workflow]] = {}
    for flow in project.workflows if found else ():
        workflows.setdefault(flow.root.document.repository, []).append(flow)
    for repository, own in found.items():
        flows = workflows.get(repository, [])
        yield Site(own, list(_asks(flows)), _actionlint_labels(project, repository), flows)


def _asks(workflows: Collection[Workflow]) -> Iterator[Ask]:
    reusable = ReusableWorkflows(workflows)
    for workflow in workflows:
        for job in workflow.jobs:
            for runner in reusable.runners(job) if job.runs else ():
                yield from (Ask(workflow, job, labels, runner.group) for labels in runner.alternatives if labels.labels)


def _actionlint_labels(project: Project, repository: str) -> tuple[str, ...]:
    files = [f"{repository}/{name}" if repository else name for name in _ACTIONLINT_FILES]
    roots = [document.root for document in project.documents if document.file in files]
    return tuple(label for root in roots for label in root.get("self-hosted-runner", "labels").strings())
