"""Which self-hosted runner GitHub gives a job to, and which of ARC's autoscalers notice that the job waits.

GitHub sends a job to a runner that has *all* of its labels, whatever their case, and that is in the runner
group that the job names (GitHub docs, "Using self-hosted runners in a workflow").  Nothing fails if there is
none: the job is queued for 24 hours.

What a runner is registered with follows actions-runner-controller (ARC) and actions/runner:

- legacy kinds (``actions.summerwind.dev``): the labels written in the manifest *and* those that ``config.sh``
  adds by itself (``ConfigurationManager.cs``: ``self-hosted``, the operating system, the architecture), unless
  ``--no-default-labels`` is given;
- runner scale sets (``actions.github.com``): the name of the set and its labels, nothing else
  (``autoscalingrunnerset_controller.go``, ``createRunnerScaleSet``); charts before 0.14.0 know only the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Literal

from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]

SELF_HOSTED = "self-hosted"
OPERATING_SYSTEMS = frozenset({"linux", "windows", "macos"})
ARCHITECTURES = frozenset({"x64", "arm", "arm64"})
PLATFORM_LABELS = OPERATING_SYSTEMS | ARCHITECTURES
FIRST_CHART_WITH_LABELS = "0.14.0"
UNRESOLVED = "${?}"
"""A name that files do not tell; as any template text it may turn out to be anything."""

_TEMPLATE_TEXT = re.compile(r"\$?\{\{.*?\}\}|\{%.*?%\}|[$#]\{.*?\}|\$\(.*?\)|\$\[\[.*?\]\]|<%.*?%>|<<.*?>>|<path:.*?>")
_GROUP_PREFIX = re.compile(r"^(?:org|organization|ent|enterprise)/")


class Verdict(StrEnum):
    """An answer of three: ``UNKNOWN`` where the files do not tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @staticmethod
    def every(verdicts: Iterable[Verdict]) -> Verdict:
        """YES if all are, NO if one is; else UNKNOWN."""
        found = set(verdicts)
        if Verdict.NO in found:
            return Verdict.NO
        return Verdict.UNKNOWN if Verdict.UNKNOWN in found else Verdict.YES


@dataclass(frozen=True)
class RunnerPool:
    """Runners that one manifest makes, all alike.

    ``labels``: as written, template text included.  ``has_list``: the manifest has a list of labels, be it empty.
    ``certain`` and ``possible``: lower-case labels that a runner has, or may have, beyond the written ones.
    ``open``: there may be labels that the file does not show (a list made by a template, values kept elsewhere).
    ``labels_take_effect``: False for a scale set of a chart that is too old to know labels.
    ``labels_path`` and ``name_path``: where they stand in the manifest, or would stand.
    """

    kind: Literal["legacy", "scale_set"]
    name: str
    resource: str = ""
    labels: tuple[str, ...] = ()
    has_list: bool = False
    certain: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    open: bool = False
    group: str | None = None
    labels_take_effect: bool = True
    labels_path: Path = field(default=(), compare=False)
    name_path: Path = field(default=(), compare=False)

    @property
    def effective_labels(self) -> tuple[str, ...]:
        """The texts that become labels: for a scale set its name first.  ``config.sh --labels`` splits at commas."""
        if self.kind == "scale_set":
            return (self.name, *self.labels) if self.labels_take_effect else (self.name,)
        return tuple(part.strip() for label in self.labels for part in _split(label) if part.strip())

    @cached_property
    def known(self) -> frozenset[str]:
        """The labels that its runners surely have, lower-case."""
        return self.certain.union(text.lower() for text in self.effective_labels if not has_template(text))

    @cached_property
    def templates(self) -> tuple[str, ...]:
        """The texts among its labels that may turn into others."""
        return tuple(filter(has_template, self.effective_labels))


def registered(pool: RunnerPool, label: str) -> Verdict:
    """Does a runner of the pool carry ``label`` on GitHub?  Case never matters."""
    wanted = label.lower()
    if wanted in pool.known:
        return Verdict.YES
    if pool.open or wanted in pool.possible or any(_may_become(text, wanted) for text in pool.templates):
        return Verdict.UNKNOWN
    return Verdict.NO


def in_group(pool: RunnerPool, group: str | None) -> Verdict:
    """Is the pool in the group that a job names?  One that names none starts in ``Default``; people may move it."""
    if group is None:
        return Verdict.YES
    wanted = _GROUP_PREFIX.sub("", group.lower())
    own = "default" if pool.group is None else pool.group.lower()
    if wanted == own:
        return Verdict.YES
    return Verdict.UNKNOWN if pool.group is None or _may_become(own, wanted) else Verdict.NO


def serves(pool: RunnerPool, labels: Sequence[str], group: str | None = None) -> Verdict:
    """May GitHub give a job with these ``runs-on`` labels (and group) to a runner of the pool?"""
    return Verdict.every((*(registered(pool, label) for label in labels), in_group(pool, group)))


def missing_labels(pool: RunnerPool, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that runners of the pool certainly lack, as the job writes them."""
    return tuple(label for label in labels if registered(pool, label) is Verdict.NO)


def nearest_pool(pools: Iterable[RunnerPool], labels: Sequence[str]) -> RunnerPool | None:
    """The pool that lacks fewest of the labels and certainly has most; the first of equals."""

    def distance(pool: RunnerPool) -> tuple[int, int]:
        verdicts = [registered(pool, label) for label in labels]
        return verdicts.count(Verdict.NO), -verdicts.count(Verdict.YES)

    return min(pools, key=distance, default=None)


def webhook_matches(pool: RunnerPool, labels: Iterable[str]) -> Verdict:
    """Does ARC's webhook autoscaler scale this pool up for a job?  Only labels *written* in the manifest count.

    Source: ``horizontal_runner_autoscaler_webhook.go``, ``getJobScaleTarget``: exactly ``self-hosted`` is
    skipped, every other label must be written, in any case.  Labels that the runner adds by itself (``linux``,
    ``x64``) are not known there.
    """
    return _autoscaler_matches(pool, labels, fold=True)


def queue_metric_matches(pool: RunnerPool, labels: Iterable[str]) -> Verdict:
    """Does the metric ``TotalNumberOfQueuedAndInProgressWorkflowRuns`` count a job for this pool?  As the
    webhook, but case matters.

    Source: ``autoscaling.go``, ``listWorkflowJobs``.
    """
    return _autoscaler_matches(pool, labels, fold=False)


def _autoscaler_matches(pool: RunnerPool, labels: Iterable[str], *, fold: bool) -> Verdict:
    return Verdict.every(written(pool, label, fold=fold) for label in labels if label != SELF_HOSTED)


def written(pool: RunnerPool, label: str, *, fold: bool = True) -> Verdict:
    """Does ``label`` stand in the manifest's own list?  With ``fold`` in any case."""
    known = [text for text in pool.labels if not has_template(text)]
    if label in known or (fold and label.lower() in {text.lower() for text in known}):
        return Verdict.YES
    return Verdict.UNKNOWN if pool.open or any(_may_become(text, label.lower()) for text in pool.labels) else Verdict.NO


def _split(label: str) -> list[str]:
    return [label] if has_template(label) else label.split(",")


def _may_become(text: str, wanted: str) -> bool:
    """Whether template text may turn into ``wanted`` (lower-case): each template in it stands for anything."""
    if not has_template(text):
        return False
    pattern = _pattern(text)
    return pattern is None or pattern.fullmatch(wanted) is not None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str] | None:
    parts = _TEMPLATE_TEXT.split(text)
    if len(parts) == 1:
        return None
    return re.compile(".*".join(re.escape(part.lower()) for part in parts), re.DOTALL)
