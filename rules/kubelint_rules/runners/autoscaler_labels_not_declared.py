"""Rule: autoscaler-labels-not-declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.runners import CONFIG_PATHS, SELF_HOSTED, Verdict, undeclared
from kubelint.manifests import Edit, Project
from kubelint.manifests.runners import PlacedPool
from kubelint_rules.runners.autoscalers import Unnoticed, unnoticed
from kubelint_rules.runners.jobs import Ask

_SHOWN = 4


class AutoscalerLabelsNotDeclared(ProjectRule):
    """Jobs ask for labels that a runner adds by itself and its autoscaler does not know.

    ## What it does
    Looks at RunnerDeployments and RunnerSets that a HorizontalRunnerAutoscaler scales by jobs: by `workflow_job`
    events, or by the metric `TotalNumberOfQueuedAndInProgressWorkflowRuns`. It reports the labels of jobs, most often
    `linux` and `x64`, that GitHub finds on such a runner and that its list does not say. Jobs that other
    runners take, or that another autoscaler notices, are left alone.

    ## Why it matters
    A runner registers `self-hosted`, its operating system and its architecture by itself, so GitHub would give
    it the job. ARC's autoscalers read the manifest: they skip `self-hosted`, and every other label of the job has to be
    in the list. If one is not, the job starts no runner. It runs if a runner happens to be idle; with
    `minReplicas: 0` there is none, and the job stays queued for 24 hours and is then cancelled.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
          labels: [self-hosted, build]
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 0
      maxReplicas: 5
      scaleUpTriggers:
        - githubEvent: {workflowJob: {}}
          duration: 10m
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, linux, build]
        steps:
          - run: make
    ```

    ## Use instead
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
          labels: [self-hosted, build, linux]
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 0
      maxReplicas: 5
      scaleUpTriggers:
        - githubEvent: {workflowJob: {}}
          duration: 10m
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, linux, build]
        steps:
          - run: make
    ```

    ## When to ignore
    When the jobs are meant for runners of another repository, which notice them.

    ## Fix safety
    Safe for labels that the runner surely has already. An architecture that nothing pins is added by an unsafe
    fix: on a node of another architecture the label would be a lie.

    ## References
    - actions-runner-controller: `controllers/actions.summerwind.net/horizontal_runner_autoscaler_webhook.go`,
      `autoscaling.go`, `docs/using-arc-runners-in-a-workflow.md`
    - [Using labels with self-hosted runners](https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/apply-labels)
    """

    meta = RuleMeta(
        id="autoscaler-labels-not-declared",
        summary="an autoscaler does not know labels that jobs ask for",
        category=Category.RUNNERS,
        severity=Severity.ERROR,
        incident=2,
        since="0.1.0",
        fixable=True,
    )
    marks = ("HorizontalRunnerAutoscaler",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every pool of runners and autoscaler, with the labels that are to be written."""
        for case in unnoticed(project):
            asks = [ask for ask in case.asks if _missing(case, ask)]
            if asks:
                yield self._found(case, asks)

    def _found(self, case: Unnoticed, asks: list[Ask]) -> Finding:
        pool, scaler = case.pool, case.scaler
        missing = _different(label for ask in asks for label in _missing(case, ask))
        empty = scaler.model.may_be_empty
        jobs = len({(ask.workflow.file, ask.job.id) for ask in asks})
        asked = f"{jobs} {'job asks' if jobs == 1 else 'jobs ask'} for"
        finding = self.finding(
            f"the runner labels of `{pool.title}` do not say {named(missing)}, which {asked}: "
            f"`{scaler.obj.display}` starts no runner for {'it' if jobs == 1 else 'them'}",
            at=pool.labels,
            note=_note(empty),
            severity=None if empty else Severity.WARNING,
        ).label(scaler.way.key, "compares with the written labels only")
        for ask in asks[:_SHOWN]:
            finding = finding.label(ask.place(), f"job `{ask.job.id}` waits for {named(_missing(case, ask))}")
        return finding.help(f"add {named(missing)} to the runner's labels").fix(_fix(pool, missing))


def _missing(case: Unnoticed, ask: Ask) -> tuple[str, ...]:
    """The labels that are not written in any case; how `self-hosted` is written is another matter.

    The metric wants them as the job writes them.
    """
    exact = case.scaler.model.queue_metric is Verdict.YES
    found = (label for label in undeclared(case.pool.pool, ask.texts) if label.lower() != SELF_HOSTED)
    return _different(label if exact else label.lower() for label in found)


def _different(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels, each in its first spelling."""
    found: dict[str, str] = {}
    for label in labels:
        found.setdefault(label.lower(), label)
    return tuple(found.values())


def _note(empty: bool) -> str:
    if empty:
        return "`minReplicas` is 0, so these jobs wait for up to 24 hours and are then cancelled"
    return "GitHub finds the labels on a runner that is idle, but no further runner is started"


def _fix(placed: PlacedPool, missing: tuple[str, ...]) -> Fix | None:
    edits = _edits(placed, missing)
    if not edits:
        return None
    make = Fix.safe if placed.pool.certain.issuperset(map(str.lower, missing)) else Fix.unsafe
    return make(f"add {named(missing)} to the labels", *edits)


def _edits(placed: PlacedPool, missing: tuple[str, ...]) -> list[Edit]:
    if placed.is_listed:
        return [placed.labels.append(label) for label in missing]
    if placed.obj is None or placed.labels.exists:
        return []
    config = placed.obj.field(*CONFIG_PATHS[placed.pool.resource])
    whole = ", ".join((SELF_HOSTED, *missing))
    return [config.insert("labels", f"[{whole}]")] if isinstance(config.value, dict) else []
