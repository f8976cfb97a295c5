"""ARC's autoscalers for legacy runners: which jobs they notice, and so which jobs ever get a runner started.

Follows `controllers/actions.summerwind.net` of actions/actions-runner-controller. Only labels *written* in the manifest
of the target count there: those that the runner adds by itself (`linux`, `x64`) are not known to an autoscaler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.runners.matching import serves
from kubelint.cluster.runners.pool import SELF_HOSTED, RunnerPool
from kubelint.cluster.runners.reading import LEGACY_GROUP, at, group_of, is_template, text_at
from kubelint.cluster.runners.wildcards import may_become
from kubelint.cluster.templates import has_template
from kubelint.cluster.verdicts import Verdict

QUEUE_METRIC = "TotalNumberOfQueuedAndInProgressWorkflowRuns"
BUSY_METRIC = "PercentageRunnersBusy"
DEFAULT_TARGET = "RunnerDeployment"
TARGETS = frozenset({DEFAULT_TARGET, "RunnerSet"})
_MOST_METRICS = 2
_DEFAULT_REPLICAS = 1


class Skipped(StrEnum):
    """Why the webhook passes an autoscaler over (`horizontal_runner_autoscaler_webhook.go`, `getJobScaleTarget`)."""

    SEVERAL_TRIGGERS = "it has more than one trigger"
    NO_EVENT = "its trigger names no `githubEvent`"
    OTHER_EVENT = "its trigger does not name `workflowJob`"


class Outcome(StrEnum):
    """What becomes of a job.

    `IDLE_ONLY`: a runner that is there takes it, but no autoscaler starts one for it. `WAITS`: no runner takes it.
    """

    RUNS = "runs"
    IDLE_ONLY = "idle only"
    WAITS = "waits"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Autoscaler:
    """A HorizontalRunnerAutoscaler.

    `target_kind`: a default filled in. `target_name`: None where it is absent or template text; `names_target`: whether
    anything is written there. `min_replicas`: None where it is unknown; `scheduled`: times may raise or lower it.
    `webhook`: does a `workflow_job` event reach it, and if surely not, why (`skipped`; None without any trigger)?
    `queue_metric` and `busy_metric`: does it look at queued jobs, at busy runners?
    """

    name: str | None
    target_kind: str | None
    target_name: str | None
    names_target: bool
    min_replicas: int | None
    scheduled: bool
    webhook: Verdict
    skipped: Skipped | None
    queue_metric: Verdict
    busy_metric: Verdict

    @property
    def looks_at_jobs(self) -> bool:
        """Whether it surely decides by the labels of jobs."""
        return Verdict.YES in (self.webhook, self.queue_metric)

    @property
    def may_be_empty(self) -> bool:
        """Whether, as far as is written, it keeps no runner while nothing is noticed."""
        return self.min_replicas == 0 and not self.scheduled


def autoscaler(manifest: Mapping[str, object]) -> Autoscaler | None:
    """The model of a HorizontalRunnerAutoscaler; None for anything else.

    `horizontalrunnerautoscaler_types.go`; `horizontalrunnerautoscaler_controller.go`, `getMinReplicas`.
    """
    if group_of(manifest) != LEGACY_GROUP or manifest.get("kind") != "HorizontalRunnerAutoscaler":
        return None
    spec = manifest.get("spec")
    hidden = is_template(spec)
    webhook, skipped = _webhook(at(spec, "scaleUpTriggers"))
    metrics = at(spec, "metrics")
    target_name = text_at(spec, "scaleTargetRef", "name")
    kind = text_at(spec, "scaleTargetRef", "kind") or DEFAULT_TARGET
    hidden_target = hidden or is_template(at(spec, "scaleTargetRef"))
    return Autoscaler(
        name=text_at(manifest, "metadata", "name"),
        target_kind=None if hidden_target or has_template(kind) else kind,
        target_name=None if target_name is None or has_template(target_name) else target_name,
        names_target=hidden_target or target_name is not None,
        min_replicas=None if hidden else _min_replicas(at(spec, "minReplicas")),
        scheduled=bool(at(spec, "scheduledOverrides")),
        webhook=Verdict.UNKNOWN if hidden else webhook,
        skipped=None if hidden else skipped,
        queue_metric=Verdict.UNKNOWN if hidden else _counts(metrics, QUEUE_METRIC),
        busy_metric=Verdict.UNKNOWN if hidden else _counts(metrics, BUSY_METRIC),
    )


def webhook_matches(pool: RunnerPool, labels: Iterable[str]) -> Verdict:
    """Does ARC's webhook autoscaler scale this pool up for a job? Only labels *written* in the manifest count.

    `horizontal_runner_autoscaler_webhook.go`, `getJobScaleTarget`: exactly `self-hosted` is skipped, every other label
    must be written, in any case. Labels that the runner adds by itself (`linux`, `x64`) are not known there.
    """
    return _autoscaler_matches(pool, labels, fold=True)


def queue_metric_matches(pool: RunnerPool, labels: Iterable[str]) -> Verdict:
    """Does the metric `TotalNumberOfQueuedAndInProgressWorkflowRuns` count a job for this pool? As the webhook, but
    case matters.

    `autoscaling.go`, `listWorkflowJobs`.
    """
    return _autoscaler_matches(pool, labels, fold=False)


def notices(scaler: Autoscaler, pool: RunnerPool, labels: Sequence[str]) -> Verdict:
    """Does the autoscaler start a runner of its target, the pool, for a job with these labels?

    By the webhook or by the queue; `PercentageRunnersBusy` knows nothing of jobs.
    `horizontal_runner_autoscaler_webhook.go`; `autoscaling.go`, `suggestDesiredReplicas`.
    """
    by_webhook = Verdict.every((scaler.webhook, webhook_matches(pool, labels)))
    by_queue = Verdict.every((scaler.queue_metric, queue_metric_matches(pool, labels)))
    return Verdict.some((by_webhook, by_queue))


def starts(scaler: Autoscaler, pool: RunnerPool, labels: Sequence[str]) -> Verdict:
    """Is a runner of the pool there, or started, for a job that waits for one with these labels?

    An autoscaler that knows nothing of jobs keeps `minReplicas` runners, and of none `PercentageRunnersBusy` makes
    none (`autoscaling.go`, `suggestReplicasByPercentageRunnersBusy`).
    """
    if scaler.looks_at_jobs:
        return notices(scaler, pool, labels)
    blind = scaler.may_be_empty and {scaler.webhook, scaler.queue_metric} == {Verdict.NO}
    return Verdict.NO if blind else Verdict.YES


def outcome(
    pool: RunnerPool, labels: Sequence[str], group: str | None = None, scaler: Autoscaler | None = None
) -> Outcome:
    """What becomes of a job that only this pool could take, scaled by `scaler` if by any.

    GitHub's answer comes first (`serves`); a label that a runner perhaps adds by itself does not count as written.
    """
    served = serves(pool, labels, group)
    if served is Verdict.NO:
        return Outcome.WAITS
    started = Verdict.YES if scaler is None else starts(scaler, pool, labels)
    if started is Verdict.NO:
        return Outcome.IDLE_ONLY
    return Outcome.RUNS if served is started is Verdict.YES else Outcome.UNKNOWN


def undeclared(pool: RunnerPool, labels: Iterable[str], *, fold: bool = True) -> tuple[str, ...]:
    """The labels of a job that autoscalers look for in the pool's own list and surely do not find.

    `horizontal_runner_autoscaler_webhook.go`, `getJobScaleTarget` with `fold`; `autoscaling.go`, `listWorkflowJobs`
    without.
    """
    return tuple(label for label in labels if label != SELF_HOSTED and written(pool, label, fold=fold) is Verdict.NO)


def written(pool: RunnerPool, label: str, *, fold: bool = True) -> Verdict:
    """Does `label` stand in the manifest's own list? With `fold` in any case.

    That list is all that `getJobScaleTarget` and `scaleTargetFromRD` read (`controllers/actions.summerwind.net`).
    """
    known = [text for text in pool.labels if not has_template(text)]
    if label in known or (fold and label.lower() in {text.lower() for text in known}):
        return Verdict.YES
    return Verdict.UNKNOWN if pool.open or any(may_become(text, label.lower()) for text in pool.labels) else Verdict.NO


def _autoscaler_matches(pool: RunnerPool, labels: Iterable[str], *, fold: bool) -> Verdict:
    return Verdict.every(written(pool, label, fold=fold) for label in labels if label != SELF_HOSTED)


def _webhook(triggers: object) -> tuple[Verdict, Skipped | None]:
    """Whether `workflow_job` events reach an autoscaler with these `scaleUpTriggers`, or why they do not."""
    if is_template(triggers):
        return Verdict.UNKNOWN, None
    entries = as_list(triggers)
    if len(entries) != 1:
        return Verdict.NO, Skipped.SEVERAL_TRIGGERS if entries else None
    event = at(entries[0], "githubEvent")
    if is_template(entries[0]) or is_template(event) or is_template(at(event, "workflowJob")):
        return Verdict.UNKNOWN, None
    if event is None:
        return Verdict.NO, Skipped.NO_EVENT
    if at(event, "workflowJob") is None:
        return Verdict.NO, Skipped.OTHER_EVENT
    return Verdict.YES, None


def _counts(metrics: object, wanted: str) -> Verdict:
    """Whether a metric is asked: the first always, a second one where the first says nothing."""
    if is_template(metrics):
        return Verdict.UNKNOWN
    types = list(_metric_types(metrics))
    if len(types) > _MOST_METRICS:
        return Verdict.NO
    if wanted in types:
        return Verdict.YES
    return Verdict.UNKNOWN if any(is_template(name) for name in types) else Verdict.NO


def _metric_types(metrics: object) -> Iterator[str]:
    for entry in as_list(metrics):
        kind = entry if is_template(entry) else as_mapping(entry).get("type")
        yield kind if isinstance(kind, str) else ""


def _min_replicas(value: object) -> int | None:
    if value is None:
        return _DEFAULT_REPLICAS
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else _DEFAULT_REPLICAS
