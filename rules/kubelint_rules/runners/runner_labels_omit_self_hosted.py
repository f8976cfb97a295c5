"""Rule: runner-labels-omit-self-hosted."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import SELF_HOSTED, Verdict, registered
from kubelint.cluster.templates import has_template
from kubelint.manifests import Project
from kubelint.manifests.runners import MARKS, PlacedPool
from kubelint_rules.runners.jobs import Ask, Site, omits_self_hosted, sites

_SHOWN = 4


class RunnerLabelsOmitSelfHosted(ProjectRule):
    """A runner's own label list leaves out `self-hosted`.

    ## What it does
    Looks for runners of actions-runner-controller (ARC) whose labels are written out without `self-hosted`.
    It is a warning where a workflow of the same repository asks for `self-hosted` and this runner is the one
    that would take the job; elsewhere it is a remark, and none where the jobs pick the runner by labels of its own.

    ## Why it matters
    GitHub gives a job to a runner that has **all** of the job's labels. If none has, nothing fails: the job
    stays "Queued" for up to 24 hours and is then cancelled. What a written list means depends on the kind:

    - A **runner scale set** (`AutoscalingRunnerSet`, chart `gha-runner-scale-set`) is registered under its
      name and the labels of its list, nothing else. It really lacks `self-hosted`.
    - A **RunnerDeployment** and its kin (`actions.summerwind.dev`) hand the list to the runner's start script.
      The stock image lets the runner add `self-hosted`, the operating system and the architecture by itself.
      An entrypoint of your own, or `--no-default-labels`, does not, and then the list is all there is.
    - ARC's **autoscalers** see only the written list. They skip `self-hosted` itself, but not `linux` or
      `x64`: a job that asks for a label which is not written never starts a runner.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
          labels:
            - build
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, build]
        steps:
          - run: make
    ```

    ## Use instead
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
          labels:
            - build
            - self-hosted
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, build]
        steps:
          - run: make
    ```

    ## When to ignore
    When the job is meant for a runner that is defined in another repository, or the runner is meant to be
    reached by its own labels only.

    ## Fix safety
    Safe for the legacy kinds. For a scale set the fix is unsafe: ARC registers labels only when it creates
    the set, so the set has to be created anew, and GitHub Enterprise Server before 3.21 may drop them.

    ## References
    - [Using ARC runners in a workflow](https://docs.github.com/en/actions/how-tos/manage-runners/use-actions-runner-controller/use-arc-in-a-workflow)
    - [Using self-hosted runners in a workflow](https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow)
    - actions-runner-controller: `controllers/actions.github.com/autoscalingrunnerset_controller.go`,
      `controllers/actions.summerwind.net/horizontal_runner_autoscaler_webhook.go`
    - actions/runner: `src/Runner.Listener/Configuration/ConfigurationManager.cs`
    """

    meta = RuleMeta(
        id="runner-labels-omit-self-hosted",
        summary="a runner's label list leaves out `self-hosted`",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every pool whose list leaves out `self-hosted`, with the jobs that wait for it."""
        for site in sites(project):
            for placed in site.pools:
                if omits_self_hosted(placed.pool):
                    yield from self._check_pool(site, placed)

    def _check_pool(self, site: Site, placed: PlacedPool) -> Iterator[Finding]:
        waiting = site.waiting(placed)
        told = bool(placed.pool.labels) and placed.pool.labels_take_effect
        if not waiting and (not told or site.used(placed)):
            return
        finding = self.finding(
            _message(placed, waiting),
            at=placed.place,
            note=_note(placed),
            severity=None if waiting else Severity.INFO,
        ).help(_help(placed))
        for ask in waiting[:_SHOWN]:
            finding = finding.label(ask.place(), f"job `{ask.job.id}` asks for `{SELF_HOSTED}`")
        yield finding.fix(_fix(placed, bool(waiting)))


def _message(placed: PlacedPool, waiting: list[Ask]) -> str:
    jobs = len({(ask.workflow.file, ask.job.id) for ask in waiting})
    asking = f", which {jobs} {'job asks' if jobs == 1 else 'jobs ask'} for" if jobs else ""
    if placed.pool.kind == "legacy":
        return f"the runner labels of `{placed.title}` leave out `{SELF_HOSTED}`{asking}"
    return f"the runner scale set `{placed.title}` has no label `{SELF_HOSTED}`{asking}"


def _note(placed: PlacedPool) -> str:
    pool = placed.pool
    if pool.kind == "scale_set":
        names = ", ".join(f"`{text}`" for text in dict.fromkeys(pool.effective_labels))
        return f"ARC registers these runners as {names} and nothing else"
    match registered(pool, SELF_HOSTED):
        case Verdict.YES:
            return "GitHub serves such jobs all the same, as the runner of the stock image adds the label by itself"
        case Verdict.UNKNOWN:
            return "an image or entrypoint of your own may not add it, and then this list is all that GitHub gets"
    return "`--no-default-labels` is set, so this list is all that GitHub gets"


def _help(placed: PlacedPool) -> str:
    pool = placed.pool
    if pool.kind == "legacy":
        return (
            f"add `{SELF_HOSTED}` to the list, and the operating system and architecture if jobs ask for them: "
            "ARC's autoscalers count only the labels that are written"
        )
    name = "the set's name" if has_template(pool.name) else f"`{pool.name}`"
    instead = f"ask for {name} in `runs-on`"
    if not pool.labels_take_effect:
        return f"{instead}; labels need chart version 0.14.0 or later"
    add = f"add `{SELF_HOSTED}` to `{pool.labels_path[-1]}` and create the set anew"
    return f"{instead}, or {add} (needs ARC 0.14.0; on GitHub Enterprise Server 3.21 too)"


def _fix(placed: PlacedPool, wanted: bool) -> Fix | None:
    pool = placed.pool
    if not pool.labels or not pool.labels_take_effect or not placed.is_listed:
        return None
    title, edit = f"add `{SELF_HOSTED}` to the labels", placed.labels.append(SELF_HOSTED)
    harmless = pool.kind == "legacy" and (wanted or registered(pool, SELF_HOSTED) is Verdict.YES)
    return Fix.safe(title, edit) if harmless else Fix.unsafe(title, edit)
