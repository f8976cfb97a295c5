"""The HorizontalRunnerAutoscalers of a project, each with the runners that it scales and the jobs that it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import dirname

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runners import Autoscaler, Skipped, Verdict, autoscaler, starts
from kubelint.manifests import Field, KubeObject, Project, same_cluster
from kubelint.manifests.runners import PlacedPool
from kubelint_rules.runners.jobs import Ask, Site, sites

KIND = "HorizontalRunnerAutoscaler"
SKIPPED = {
    Skipped.SEVERAL_TRIGGERS: "more than one trigger",
    Skipped.NO_EVENT: "a trigger without `githubEvent`",
    Skipped.OTHER_EVENT: "a trigger without `githubEvent.workflowJob`",
}
"""What of an autoscaler makes ARC pass it over."""


@dataclass(frozen=True)
class PlacedAutoscaler:
    """An autoscaler, and the runners of the tree that it may scale: several where overlays have the same names."""

    obj: KubeObject
    model: Autoscaler
    targets: tuple[PlacedPool, ...]

    @property
    def way(self) -> Field:
        """What makes it look at the labels of jobs: its trigger, or its metrics."""
        key = "scaleUpTriggers" if self.model.webhook is Verdict.YES else "metrics"
        return self.obj.field("spec", key)


def placed_autoscalers(project: Project) -> list[PlacedAutoscaler]:
    """Every autoscaler of the project; patches are parts of others and make none."""
    pools: dict[tuple[str, str], list[PlacedPool]] = {}
    for site in sites(project):
        for placed in site.pools:
            if placed.obj is not None:
                pools.setdefault((placed.pool.resource, placed.pool.name), []).append(placed)
    found = []
    for obj in project.objects(KIND):
        model = None if obj.partial else autoscaler(as_mapping(obj.root.value))
        if model is not None:
            model = _as_patched(project, obj, model)
            named_so = pools.get((model.target_kind or "", model.target_name or ""), [])
            targets = [placed for placed in named_so if placed.obj is not None and may_meet(project, obj, placed.obj)]
            found.append(PlacedAutoscaler(obj, model, tuple(targets)))
    return found


def may_meet(project: Project, one: KubeObject, other: KubeObject) -> bool:
    """Whether two objects may be in one namespace of one cluster."""
    if not same_cluster(one.scope, other.scope):
        return False
    places, others = project.kustomizations.namespaces(one), project.kustomizations.namespaces(other)
    return not places or not others or not places.isdisjoint(others)


def _as_patched(project: Project, obj: KubeObject, model: Autoscaler) -> Autoscaler:
    """The autoscaler as far as it is known: what a kustomize patch of the tree may set is not."""
    if project.may_be_patched(obj, "spec", "scaleUpTriggers"):
        model = replace(model, webhook=Verdict.UNKNOWN, skipped=None)
    if project.may_be_patched(obj, "spec", "metrics"):
        model = replace(model, queue_metric=Verdict.UNKNOWN, busy_metric=Verdict.UNKNOWN)
    if project.may_be_patched(obj, "spec", "minReplicas"):
        model = replace(model, min_replicas=None)
    if project.may_be_patched(obj, "spec", "scaleTargetRef"):
        model = replace(model, target_name=None, names_target=True)
    return model


@dataclass(frozen=True)
class Unnoticed:
    """Runners that GitHub would give jobs to, an autoscaler of theirs, and the jobs that none starts a runner for."""

    scaler: PlacedAutoscaler
    pool: PlacedPool
    asks: tuple[Ask, ...]


def unnoticed(project: Project) -> Iterator[Unnoticed]:
    """For each autoscaler that looks at jobs the jobs that its runners take and that it surely passes over.

    A job that other runners take at any time, or that another autoscaler may notice, is nobody's trouble.
    """
    scalers = [placed for placed in placed_autoscalers(project) if placed.targets]
    if not any(placed.model.looks_at_jobs for placed in scalers):
        return
    by_pool: dict[int, list[PlacedAutoscaler]] = {}
    for placed in scalers:
        for target in placed.targets:
            by_pool.setdefault(id(target), []).append(placed)
    for site in sites(project):
        yield from _unnoticed_at(site, by_pool)


def _unnoticed_at(site: Site, by_pool: dict[int, list[PlacedAutoscaler]]) -> Iterator[Unnoticed]:
    found: dict[int, list[Ask]] = {}
    for asks in site.by_request.values():
        ask = asks[0]
        takers = site.takers(ask.texts, ask.group)
        if takers and not ask.labels.partial and not any(_starts(taker, by_pool, ask) for taker in takers):
            for taker in takers:
                found.setdefault(id(taker), []).extend(asks)
    for placed in site.pools:
        for scaler in by_pool.get(id(placed), []):
            if id(placed) in found and scaler.model.looks_at_jobs:
                yield Unnoticed(scaler, placed, tuple(found[id(placed)]))


def _starts(pool: PlacedPool, by_pool: dict[int, list[PlacedAutoscaler]], ask: Ask) -> bool:
    """Whether a runner of the pool is there for the job, or may be started for it."""
    scalers = by_pool.get(id(pool), [])
    return not scalers or any(starts(each.model, pool.pool, ask.texts) is not Verdict.NO for each in scalers)


def may_stand_elsewhere(project: Project, obj: KubeObject) -> bool:
    """Whether what an object refers to may be part of what the tree does not show: templates, remote kustomizations."""
    if project.has_kustomizations() and project.kustomizations.is_open(obj.file):
        return True
    folder = dirname(obj.file)
    return any(_concerns_runners(file) or dirname(file) == folder for file in project.hidden_files)


def _concerns_runners(file: str) -> bool:
    return any(word in file.lower() for word in ("runner", "arc", "actions"))
