"""What the jobs of a repository ask for, beside the runners that the same repository makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

from kubelint.cluster.runner_labels import NearName, known_elsewhere, near_name, preset
from kubelint.cluster.runners import (
    SELF_HOSTED,
    RunnerPool,
    Verdict,
    in_group,
    nearest_pool,
    registered,
    serves,
    written,
)
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, Project, Workflow, WorkflowJob
from kubelint.manifests.github.runs_on import LabelSet
from kubelint_rules.runners.pools import PlacedPool, placed_pools

_ACTIONLINT_FILES = (".github/actionlint.yaml", ".github/actionlint.yml")
_Request = tuple[tuple[str, ...], str | None]
"""Labels as written, and a group."""
_known: WeakKeyDictionary[Project, list[Site]] = WeakKeyDictionary()
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
        return found[0] if len(found) == 1 else self.job.runs_on


class Site:
    """A repository that makes runners: its pools, what its jobs ask for, and the labels that actionlint is told of.

    Jobs ask for the same few things again and again: what is found out for one request counts for all that are alike.
    """

    def __init__(self, pools: list[PlacedPool], asks: list[Ask], globs: tuple[str, ...] = ()) -> None:
        self.pools = pools
        self.asks = asks
        self.globs = globs
        self._takers: dict[_Request, list[PlacedPool]] = {}
        self._missed: dict[_Request, list[PlacedPool]] = {}
        self._nearest: dict[tuple[str, ...], PlacedPool] = {}
        self._near: dict[str, NearName | None] = {}

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
            found = self._candidates(labels)
            self._takers[request] = [placed for placed in found if serves(placed.pool, *request) is not Verdict.NO]
        return self._takers[request]

    def nearest(self, labels: tuple[str, ...]) -> PlacedPool:
        """The pool that lacks fewest of the labels."""
        if labels not in self._nearest:
            pool = nearest_pool([placed.pool for placed in self.pools], labels)
            self._nearest[labels] = next(placed for placed in self.pools if placed.pool is pool)
        return self._nearest[labels]

    def near(self, label: str) -> NearName | None:
        """The label of some runner that `label` nearly is."""
        if label not in self._near:
            self._near[label] = near_name(label, self.names)
        return self._near[label]

    def elsewhere(self, ask: Ask) -> bool:
        """Whether the job is for runners that this repository does not make."""
        if any(known_elsewhere(text, self.globs) for text in ask.texts):
            return True
        if ask.group and not any(self._names_group(placed.pool, ask.group) for placed in self.pools):
            return True
        windows = "windows" in map(str.lower, ask.texts)
        return windows and all(registered(placed.pool, "windows") is Verdict.NO for placed in self.pools)

    def waiting(self, placed: PlacedPool) -> list[Ask]:
        """The jobs that this pool would take, or may, if its list had `self-hosted`, and that no other pool settles."""
        return self._waiting.get(id(placed), [])

    def waits(self, ask: Ask) -> bool:
        """Whether `self-hosted` in the list of some pool is all that the job lacks."""
        return any(id(placed) in self._omitting for placed in self._missed_by(ask))

    def used(self, placed: PlacedPool) -> bool:
        """Whether a job picks this pool by labels of its own, without `self-hosted`."""
        return id(placed) in self._used

    @cached_property
    def _omitting(self) -> frozenset[int]:
        return frozenset(id(placed) for placed in self.pools if omits_self_hosted(placed.pool))

    @cached_property
    def _waiting(self) -> dict[int, list[Ask]]:
        found: dict[int, list[Ask]] = {}
        for ask in self.asks:
            for placed in self._missed_by(ask):
                found.setdefault(id(placed), []).append(ask)
        return found

    @cached_property
    def _used(self) -> frozenset[int]:
        own = {(ask.texts, ask.group) for ask in self.asks if not ask.self_hosted and not all(map(preset, ask.texts))}
        return frozenset(id(placed) for request in own for placed in self.takers(*request))

    @cached_property
    def _by_label(self) -> dict[str, set[int]]:
        """The positions of the pools whose runners have a label, or may have it; of all that may have any under ""."""
        found: dict[str, set[int]] = {"": set()}
        for position, placed in enumerate(self.pools):
            pool = placed.pool
            for label in ("",) if pool.open or pool.templates else pool.known | pool.possible:
                found.setdefault(label, set()).add(position)
        return found

    def _candidates(self, labels: tuple[str, ...]) -> list[PlacedPool]:
        """The pools that have all of the labels, or may have them, whatever their group."""
        anything = self._by_label[""]
        if not labels:
            return self.pools
        found = sorted((self._by_label.get(label.lower(), set()) for label in labels), key=len)
        return [self.pools[position] for position in sorted(found[0].intersection(*found[1:]) | anything)]

    def _missed_by(self, ask: Ask) -> list[PlacedPool]:
        """The pools that the job would go to if their lists had `self-hosted`, unless another pool settles it."""
        if not ask.self_hosted or (not ask.rest and ask.labels.partial):
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

    @staticmethod
    def _names_group(pool: RunnerPool, group: str) -> bool:
        return pool.group is not None and in_group(pool, group) is not Verdict.NO


def omits_self_hosted(pool: RunnerPool) -> bool:
    """Whether a pool's list certainly leaves out `self-hosted`: its runners lack it, or their start script adds it."""
    if registered(pool, SELF_HOSTED) is Verdict.NO:
        return True
    return pool.kind == "legacy" and bool(pool.labels) and written(pool, SELF_HOSTED) is Verdict.NO


def sites(project: Project) -> list[Site]:
    """The repositories of the project that make runners; those that make none have their runners elsewhere."""
    if project not in _known:
        _known[project] = list(_sites(project))
    return _known[project]


def _sites(project: Project) -> Iterator[Site]:
    pools = placed_pools(project)
    for repository in dict.fromkeys(placed.repository for placed in pools):
        own = [placed for placed in pools if placed.repository == repository]
        workflows = [flow for flow in project.workflows if flow.root.document.repository == repository]
        yield Site(own, list(_asks(workflows)), _actionlint_labels(project, repository))


def _asks(workflows: Iterable[Workflow]) -> Iterator[Ask]:
    for workflow in workflows:
        for job in workflow.jobs:
            if job.runs:
                runner = job.runner()
                yield from (Ask(workflow, job, labels, runner.group) for labels in runner.alternatives if labels.labels)


def _actionlint_labels(project: Project, repository: str) -> tuple[str, ...]:
    files = [f"{repository}/{name}" if repository else name for name in _ACTIONLINT_FILES]
    roots = [document.root for document in project.documents if document.file in files]
    return tuple(label for root in roots for label in root.get("self-hosted-runner", "labels").strings())
