"""Which self-hosted runner GitHub gives a job to.

GitHub sends a job to a runner that has *all* of its labels, whatever their case, and that is in the runner group that
the job names (GitHub docs, "Using self-hosted runners in a workflow"). Nothing fails if there is none: the job is
queued for 24 hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kubelint.cluster.runners.pool import RunnerPool
from kubelint.cluster.runners.wildcards import may_become
from kubelint.cluster.verdicts import Verdict

_GROUP_PREFIX = re.compile(r"^(?:org|organization|ent|enterprise)/")


def registered(pool: RunnerPool, label: str) -> Verdict:
    """Does a runner of the pool carry `label` on GitHub? Case never matters.

    GitHub docs, "Using labels with self-hosted runners"; actions/runner `ConfigurationManager.cs`.
    """
    wanted = label.lower()
    if wanted in pool.known:
        return Verdict.YES
    if pool.open or wanted in pool.possible or any(may_become(text, wanted) for text in pool.templates):
        return Verdict.UNKNOWN
    return Verdict.NO


def in_group(pool: RunnerPool, group: str | None) -> Verdict:
    """Is the pool in the group that a job names? One that names none starts in `Default`; people may move it.

    GitHub docs, "Managing access to self-hosted runners using groups": `org/` and `ent/` tell groups of one name apart.
    """
    if group is None:
        return Verdict.YES
    wanted = _GROUP_PREFIX.sub("", group.lower())
    own = "default" if pool.group is None else pool.group.lower()
    if wanted == own:
        return Verdict.YES
    return Verdict.UNKNOWN if pool.group is None or may_become(own, wanted) else Verdict.NO


def serves(pool: RunnerPool, labels: Sequence[str], group: str | None = None) -> Verdict:
    """May GitHub give a job with these `runs-on` labels (and group) to a runner of the pool?

    GitHub docs, "Using self-hosted runners in a workflow": a runner has to have all of the labels.
    """
    return Verdict.every((*(registered(pool, label) for label in labels), in_group(pool, group)))


def missing_labels(pool: RunnerPool, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that runners of the pool certainly lack, as the job writes them.

    GitHub docs, "Using self-hosted runners in a workflow": each of them alone keeps the job waiting.
    """
    return tuple(label for label in labels if registered(pool, label) is Verdict.NO)


def nearest_pool(pools: Iterable[RunnerPool], labels: Sequence[str]) -> RunnerPool | None:
    """The pool that lacks fewest of the labels and certainly has most; the first of equals.

    By the labels of GitHub docs, "Using labels with self-hosted runners"; the group does not count.
    """

    def distance(pool: RunnerPool) -> tuple[int, int]:
        verdicts = [registered(pool, label) for label in labels]
        return verdicts.count(Verdict.NO), -verdicts.count(Verdict.YES)

    return min(pools, key=distance, default=None)
