"""Rule: unserved-runs-on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runner_labels import NearName, preset, split_list
from kubelint.cluster.runners import Verdict, missing_labels, registered, serves
from kubelint.cluster.templates import has_template
from kubelint.manifests import Project
from kubelint_rules.runners.jobs import Ask, Site, sites
from kubelint_rules.runners.pools import MARKS, PlacedPool

Near = tuple[str, NearName]
"""A label that no runner has, and the name that it is near to."""


class UnservedRunsOn(ProjectRule):
    """A job asks for labels that no runner of the repository has all of.

    ## What it does
    Compares the `runs-on` of every job with the runners that the same repository makes: RunnerDeployments
    and their kin, runner scale sets, and releases of the chart `gha-runner-scale-set`. It reports jobs that
    ask for `self-hosted`, or for a label which is, or nearly is, one of those runners', if no runner has all
    of the job's labels. A near name without `self-hosted` is an error: nothing else could have been meant.

    Labels of GitHub's own runners and of hosting companies, labels in `.github/actionlint.yaml`,
    expressions other than a written-out `matrix`, and groups that no runner here names are left alone. So is
    a repository that makes no runner: its runners are somewhere else.

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
    `.github/actionlint.yaml`, which actionlint reads too.

    ## Options
    `arc-only`: every runner of these workflows is made in this repository, so that any label which is
    neither known nor nearly known is remarked on as well. Default: false.

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
        """`arc-only`: every runner of these workflows is made in this repository."""

        arc_only: bool = False

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every request that no runner of its repository can meet."""
        for site in sites(project):
            for ask in site.asks:
                if not self._concerns_others(site, ask):
                    yield from self._check_ask(site, ask)

    @staticmethod
    def _concerns_others(site: Site, ask: Ask) -> bool:
        """Whether the job is served, cannot be judged, or is for other runners or another rule to judge."""
        listed_in_string = any(len(split_list(text)) > 1 for text in ask.texts)
        return ask.labels.partial or listed_in_string or site.served(ask) or site.elsewhere(ask) or site.waits(ask)

    def _check_ask(self, site: Site, ask: Ask) -> Iterator[Finding]:
        nearest = _nearest(site, ask)
        if _served_by_newer_chart(nearest, ask):
            yield self._old_chart(nearest, ask)
            return
        missing = missing_labels(nearest.pool, ask.texts)
        near = _near(site, missing)
        severity = self._severity(site, ask, near)
        if severity is None:
            return
        finding = self.finding(
            f"no runner in this repository has {_all_of(ask.texts)}: the job waits in the queue for up to 24 hours",
            at=ask.place(missing[0] if len(missing) == 1 else None),
            note=_note(near),
            severity=severity,
        )
        yield _with_nearest(finding, site, nearest, missing, near).help(_help(ask, near, nearest))

    def _severity(self, site: Site, ask: Ask, near: Near | None) -> Severity | None:
        same = any(text.lower() in site.lower_names and not preset(text) for text in ask.texts)
        if near and near[1].typo and not ask.self_hosted:
            return Severity.ERROR
        if near or same or ask.self_hosted:
            return Severity.WARNING
        return Severity.INFO if self.options.arc_only else None

    def _old_chart(self, placed: PlacedPool, ask: Ask) -> Finding:
        return (
            self.finding(
                f"chart {placed.version} registers `{placed.pool.name}` under its name only: a job that asks for "
                f"{_all_of(ask.texts)} waits in the queue for up to 24 hours",
                at=ask.place(),
                severity=Severity.ERROR,
            )
            .label(placed.labels, "these labels are ignored before chart version 0.14.0")
            .help(f"ask for `{placed.pool.name}` alone, or move the chart gha-runner-scale-set to 0.14.0 or later")
        )


def _nearest(site: Site, ask: Ask) -> PlacedPool:
    """The pool that lacks least; one that only its chart's age keeps from serving comes first."""
    newer = [placed for placed in site.pools if _served_by_newer_chart(placed, ask)]
    if newer:
        return newer[0]
    return site.nearest(ask.texts)


def _served_by_newer_chart(placed: PlacedPool, ask: Ask) -> bool:
    pool = placed.pool
    if pool.labels_take_effect:
        return False
    return serves(replace(pool, labels_take_effect=True), ask.texts, ask.group) is not Verdict.NO


def _near(site: Site, missing: tuple[str, ...]) -> Near | None:
    """The first missing label that is nearly a known one, with what it is near to; a slip goes before a likeness."""
    found = [(label, near) for label in missing if not preset(label) and (near := site.near(label))]
    return min(found, key=lambda pair: not pair[1].typo, default=None)


def _with_nearest(
    finding: Finding, site: Site, nearest: PlacedPool, missing: tuple[str, ...], near: Near | None
) -> Finding:
    """The finding with a label at the runner that was meant, or that lacks least."""
    owners = [placed for placed in site.pools if near and registered(placed.pool, near[1].name) is Verdict.YES]
    if near and owners:
        named = owners[0].pool.name.lower() == near[1].name.lower()
        place = owners[0].name if named and owners[0].pool.kind == "scale_set" else owners[0].place
        return finding.label(place, f"`{owners[0].title}` answers to `{near[1].name}`")
    lacks = f"lacks {_list(missing)}" if missing else "is in another group"
    return finding.label(nearest.place, f"nearest runner: `{nearest.title}` {lacks}")


def _all_of(labels: tuple[str, ...]) -> str:
    return f"all of {_list(labels)}" if len(labels) > 1 else f"the label {_list(labels)}"


def _list(labels: tuple[str, ...]) -> str:
    return ", ".join(f"`{label}`" for label in labels)


def _note(near: Near | None) -> str:
    if near is None:
        return "no runner takes this job"
    label, meant = near
    return f"did you mean `{meant.name}`?" if meant.typo else f"`{meant.name}` looks like `{label}`"


def _help(ask: Ask, near: Near | None, nearest: PlacedPool) -> str:
    elsewhere = "if the runner is made elsewhere, name its labels in `.github/actionlint.yaml`"
    if near:
        alone = " alone" if len(ask.texts) > 1 and near[1].name == nearest.pool.name else ""
        other = "" if near[1].typo else f", or give a runner the label `{near[0]}`"
        return f"ask for `{near[1].name}`{alone}{other}; {elsewhere}"
    if nearest.pool.kind == "scale_set":
        name = "the set's name" if has_template(nearest.pool.name) else f"`{nearest.pool.name}`"
        return f"ask for {name} alone, or add the labels to the scale set; {elsewhere}"
    return f"give a runner all of these labels; {elsewhere}"
