"""What the jobs of a repository ask for, beside the runners that the same repository makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kubelint.cluster.runner_labels import known_elsewhere, preset
from kubelint.cluster.runners import SELF_HOSTED, RunnerPool, Verdict, in_group, registered, serves, written
from kubelint.manifests import Field, Project, Workflow, WorkflowJob
from kubelint.manifests.github.runs_on import LabelSet
from kubelint_rules.runners.pools import PlacedPool, placed_pools

_ACTIONLINT_FILES = (".github/actionlint.yaml", ".github/actionlint.yml")


@dataclass(frozen=True)
class Ask:
    """One way in which a job asks for a runner."""

    workflow: Workflow
    job: WorkflowJob
    labels: LabelSet
    group: str | None

    @property
    def texts(self) -> tuple[str, ...]:
        """The labels as written."""
        return self.labels.texts

    @property
    def self_hosted(self) -> bool:
        """Whether the job asks for `self-hosted`."""
        return SELF_HOSTED in map(str.lower, self.texts)

    @property
    def rest(self) -> tuple[str, ...]:
        """The labels without `self-hosted`."""
        return tuple(text for text in self.texts if text.lower() != SELF_HOSTED)

    def place(self, label: str | None = None) -> Field:
        """Where `label` is written, or the whole request."""
        found = [one.field for one in self.labels.labels if label is None or one.text == label]
        return found[0] if len(found) == 1 else self.job.runs_on


@dataclass(frozen=True)
class Site:
    """A repository that makes runners: its pools, what its jobs ask for, and the labels that actionlint is told of."""

    pools: list[PlacedPool]
    asks: list[Ask]
    globs: tuple[str, ...] = field(default=())

    @cached_property
    def names(self) -> list[str]:
        """Every label that some runner certainly has."""
        pools = [placed.pool for placed in self.pools]
        texts = [text for pool in pools for text in (*pool.effective_labels, *sorted(pool.certain))]
        return [text for text in dict.fromkeys(texts) if any(registered(pool, text) is Verdict.YES for pool in pools)]

    def served(self, ask: Ask) -> bool:
        """Whether some runner takes the job, or may."""
        return any(serves(placed.pool, ask.texts, ask.group) is not Verdict.NO for placed in self.pools)

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
        return [ask for ask in self.asks if self._waits(ask, placed) and not self._settled(ask, placed)]

    def waits(self, ask: Ask) -> bool:
        """Whether `self-hosted` in the list of some pool is all that the job lacks."""
        omitting = [placed for placed in self.pools if omits_self_hosted(placed.pool)]
        return any(self._waits(ask, placed) and not self._settled(ask, placed) for placed in omitting)

    def used(self, placed: PlacedPool) -> bool:
        """Whether a job picks this pool by labels of its own, without `self-hosted`."""
        own = [ask for ask in self.asks if not ask.self_hosted and not all(map(preset, ask.texts))]
        return any(serves(placed.pool, ask.texts, ask.group) is not Verdict.NO for ask in own)

    def _waits(self, ask: Ask, placed: PlacedPool) -> bool:
        if not ask.self_hosted:
            return False
        if not ask.rest:
            alone = placed.pool.kind == "legacy" or len(self.pools) == 1
            return alone and not ask.labels.partial
        return serves(placed.pool, ask.rest, ask.group) is not Verdict.NO

    def _settled(self, ask: Ask, placed: PlacedPool) -> bool:
        others = [other.pool for other in self.pools if other is not placed and not omits_self_hosted(other.pool)]
        return any(serves(other, ask.texts, ask.group) is not Verdict.NO for other in others)

    @staticmethod
    def _names_group(pool: RunnerPool, group: str) -> bool:
        return pool.group is not None and in_group(pool, group) is not Verdict.NO


def omits_self_hosted(pool: RunnerPool) -> bool:
    """Whether a pool's list certainly leaves out `self-hosted`: its runners lack it, or their start script adds it."""
    if registered(pool, SELF_HOSTED) is Verdict.NO:
        return True
    return pool.kind == "legacy" and bool(pool.labels) and written(pool, SELF_HOSTED) is Verdict.NO


def sites(project: Project) -> Iterator[Site]:
    """The repositories of the project that make runners; those that make none have their runners elsewhere."""
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
