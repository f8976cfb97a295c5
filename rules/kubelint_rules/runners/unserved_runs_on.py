"""Rule: unserved-runs-on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import (
    declared_for_actionlint,
    missing_labels,
    preset,
    split_list,
)
from kubelint.manifests import Project
from kubelint.manifests.runners import MARKS, PlacedPool
from kubelint_rules.runners.advice import (
    Near,
    all_of,
    help_for,
    listed,
    nearest_to,
    note_on,
    served_by_newer_chart,
    with_caller,
    with_nearest,
)
from kubelint_rules.runners.jobs import Ask, Site, sites


class UnservedRunsOn(ProjectRule):
    """A job asks for labels that no runner of the repository has all of.

    ## What it does
    Compares the `runs-on` of every job with the runners that the same repository makes: RunnerDeployments
    and their kin, runner scale sets, and releases of the chart `gha-runner-scale-set`. It reports jobs that no
    runner has all labels of, if they ask for `self-hosted`, for a label which is, or nearly is, one of those
    runners', or for the name of an object or release whose runners have other labels. A near name without
    `self-hosted` is an error: nothing else could have been meant.

    Labels may come from a written-out `matrix`, from what callers in this repository hand to a reusable
    workflow, from the defaults and choices of a run started by hand, and from JSON that is written out. Of any
    other expression nothing is known; the labels beside it are reported only if one is surely misspelt.

    Labels of GitHub's own runners and of hosting companies, labels in `.github/actionlint.yaml`, and groups
    that no runner here names are left alone. So is a repository that makes no runner: its runners are
    somewhere else.

    ## Why it matters
    GitHub accepts any label. A job that no runner can take is not refused; it stays "Queued" for up to
    24 hours, together with everything that needs it, and is then cancelled.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: arc-builders, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: arc-bulders
        steps:
          - run: make
    ```

    ## Use instead
    ```yaml title="runners.yaml"
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: arc-builders, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: arc-builders
        steps:
          - run: make
    ```

    ## When to ignore
    When the runner is made elsewhere: name its labels under `self-hosted-runner.labels` in
    `.github/actionlint.yaml`, which actionlint reads too, or in `known-labels`.

    ## Options
    `arc-only`: every runner of these workflows is made in this repository, so that any label which is
    neither known nor nearly known is remarked on as well. Default: false.

    `known-labels`: labels of runners that are made elsewhere, such as GitHub's larger runners. Patterns as in
    `.github/actionlint.yaml`: `*`, `?` and `[a-z]`, in the case that is written. Default: none.

    ## References
    - [Using self-hosted runners in a workflow](https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow)
    - [actionlint configuration](https://github.com/rhysd/actionlint/blob/main/docs/config.md)
    - actions-runner-controller: `controllers/actions.github.com/autoscalingrunnerset_controller.go`
    """

    meta = RuleMeta(
        id="unserved-runs-on",
        summary="no runner has all labels that a job asks for",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
    )
    marks = MARKS

    @dataclass(frozen=True)
    class Options:
        """`arc-only`: all runners of these workflows are made here. `known-labels`: patterns of labels elsewhere."""

        arc_only: bool = False
        known_labels: tuple[str, ...] = ()

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every request that no runner of its repository can meet."""
        for site in sites(project):
            for ask in site.asks:
                if not self._concerns_others(site, ask):
                    yield from self._check_ask(site, ask)

    def _concerns_others(self, site: Site, ask: Ask) -> bool:
        """Whether the job is served, or is for other runners or another rule to judge."""
        listed_in_string = any(len(split_list(text)) > 1 for text in ask.texts)
        declared = any(declared_for_actionlint(text, self.options.known_labels) for text in ask.texts)
        elsewhere = declared or _has_unknown_group(ask) or site.elsewhere(ask)
        return listed_in_string or elsewhere or site.served(ask) or site.waits(ask)

    def _check_ask(self, site: Site, ask: Ask) -> Iterator[Finding]:
        nearest = nearest_to(site, ask)
        if served_by_newer_chart(nearest, ask) and not ask.labels.partial:
            yield self._old_chart(nearest, ask)
            return
        missing = missing_labels(nearest.pool, ask.texts)
        near = _near(site, missing)
        namesake = None if near and near[1].typo else _namesake(site, missing)
        if namesake is not None:
            yield self._no_label(ask, *namesake)
            return
        severity = self._severity(site, ask, near)
        if severity is None:
            return
        where = "in this repository" if missing else f"in group `{ask.group}`"
        finding = self.finding(
            f"no runner {where} has {all_of(ask.texts)}: the job waits in the queue for up to 24 hours",
            at=ask.place(missing[0] if len(missing) == 1 else None),
            note=note_on(near, nearest, missing),
            severity=severity,
        )
        finding = with_nearest(finding, site, ask, missing, near)
        yield with_caller(finding, ask).help(help_for(site, ask, near, nearest))

    def _severity(self, site: Site, ask: Ask, near: Near | None) -> Severity | None:
        if ask.labels.partial:
            return Severity.WARNING if near and near[1].typo else None
        same = any(text.lower() in site.lower_names and not preset(text) for text in ask.texts)
        if near and near[1].typo and not ask.self_hosted:
            return Severity.ERROR
        if near or same or ask.self_hosted:
            return Severity.WARNING
        return Severity.INFO if self.options.arc_only else None

    def _no_label(self, ask: Ask, label: str, placed: PlacedPool) -> Finding:
        """The finding for a job that asks for the name of an object whose name is no label."""
        pool = placed.pool
        has = listed(tuple(dict.fromkeys((*pool.effective_labels, *sorted(pool.certain))))) or "no labels of their own"
        finding = self.finding(
            f"`{label}` is the name of `{placed.title}`, not a label of its runners: "
            "the job waits in the queue for up to 24 hours",
            at=ask.place(label),
            note="no runner takes this job",
        ).label(placed.place, f"its runners have {has}")
        remedy = f"ask for `{pool.name}`" if pool.kind == "scale_set" else "ask for labels of these runners"
        return with_caller(finding, ask).help(f"{remedy}, or give them the label `{label}`")

    def _old_chart(self, placed: PlacedPool, ask: Ask) -> Finding:
        return (
            self.finding(
                f"chart {placed.version} registers `{placed.pool.name}` under its name only: a job that asks for "
                f"{all_of(ask.texts)} waits in the queue for up to 24 hours",
                at=ask.place(),
                severity=Severity.ERROR,
            )
            .label(placed.labels, "these labels are ignored before chart version 0.14.0")
            .help(f"ask for `{placed.pool.name}` alone, or move the chart gha-runner-scale-set to 0.14.0 or later")
        )


def _has_unknown_group(ask: Ask) -> bool:
    return ask.group is None and ask.job.runs_on.get("group").exists


def _near(site: Site, missing: tuple[str, ...]) -> Near | None:
    """The first missing label that is nearly a known one, with what it is near to; a slip goes before a likeness."""
    found = [(label, near) for label in missing if not preset(label) and (near := site.near(label))]
    return min(found, key=lambda pair: not pair[1].typo, default=None)


def _namesake(site: Site, missing: tuple[str, ...]) -> tuple[str, PlacedPool] | None:
    """The first missing label that is a runner object's name, with the object."""
    found = ((label, site.named_so(label)) for label in missing if not preset(label))
    return next(((label, placed) for label, placed in found if placed is not None), None)
