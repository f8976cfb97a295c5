"""Rule: autoscaler-label-case."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import QUEUE_METRIC, SELF_HOSTED, Verdict, undeclared, written
from kubelint.manifests import Field, Project
from kubelint.manifests.runners import PlacedPool
from kubelint_rules.runners.autoscalers import PlacedAutoscaler, unnoticed
from kubelint_rules.runners.jobs import Ask


class AutoscalerLabelCase(ProjectRule):
    """A job writes a label in another case than the runner, and the runner's autoscaler compares exactly.

    ## What it does
    Looks at runners that a HorizontalRunnerAutoscaler scales by jobs, and reports labels of jobs that differ
    from the runner's in case only, where that keeps the autoscaler from noticing the job: with the metric
    `TotalNumberOfQueuedAndInProgressWorkflowRuns` any label, and with every way of scaling `self-hosted` itself.

    ## Why it matters
    To GitHub `GPU` and `gpu` are one label. The metric compares letter by letter, and so do all
    autoscalers of ARC when they skip `self-hosted`. The job is queued, a runner would take it, and no
    runner is started for it.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      template:
        spec:
          repository: example-org/website
          labels: [self-hosted, build]
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 1
      maxReplicas: 5
      metrics:
        - type: TotalNumberOfQueuedAndInProgressWorkflowRuns
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, Build]
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
          repository: example-org/website
          labels: [self-hosted, build]
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 1
      maxReplicas: 5
      metrics:
        - type: TotalNumberOfQueuedAndInProgressWorkflowRuns
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
    When the jobs are meant for runners of another repository.

    ## Fix safety
    Safe: GitHub takes a label in any case.

    ## References
    - actions-runner-controller: `controllers/actions.summerwind.net/autoscaling.go`,
      `horizontal_runner_autoscaler_webhook.go`
    - [Using labels with self-hosted runners](https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/apply-labels)
    """

    meta = RuleMeta(
        id="autoscaler-label-case",
        summary="an autoscaler overlooks a job whose label is written in another case",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
        fixable=True,
    )
    marks = ("HorizontalRunnerAutoscaler",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every label of a job that differs in case from what the autoscaler looks for."""
        said: set[tuple[str, str, str]] = set()
        for case in unnoticed(project):
            for ask in case.asks:
                for label in _in_another_case(case.pool, case.scaler, ask):
                    place = (ask.workflow.file, ask.job.id, label)
                    if place not in said:
                        said.add(place)
                        yield self._found(case.pool, case.scaler, ask, label)

    def _found(self, pool: PlacedPool, scaler: PlacedAutoscaler, ask: Ask, label: str) -> Finding:
        wanted, spelt = _as_wanted(pool, label)
        finding = self.finding(
            f"`{scaler.obj.display}` overlooks job `{ask.job.id}`: `{label}` is not `{wanted}` to it",
            at=ask.place(label),
            note="GitHub sees no difference, so the job is queued for a runner that nothing starts",
        )
        if spelt is not None:
            finding = finding.label(spelt, f"`{pool.title}` writes `{wanted}`")
        by_letter = f"`{QUEUE_METRIC}` compares letter by letter"
        way = "skips `self-hosted` in this spelling only" if label.lower() == SELF_HOSTED else by_letter
        return finding.label(scaler.way.key, way).help(f"write `{wanted}` in `runs-on`").fix(_fix(ask, label, wanted))


def _in_another_case(pool: PlacedPool, scaler: PlacedAutoscaler, ask: Ask) -> tuple[str, ...]:
    """The labels that only their case keeps from being known; none where the list lacks a label altogether."""
    absent = [label for label in undeclared(pool.pool, ask.texts) if label.lower() != SELF_HOSTED]
    if absent:
        return ()
    fold = scaler.model.queue_metric is not Verdict.YES
    return undeclared(pool.pool, ask.texts, fold=fold)


def _as_wanted(pool: PlacedPool, label: str) -> tuple[str, Field | None]:
    """How the autoscaler wants the label to be written, and where the runner's list says so."""
    if label.lower() == SELF_HOSTED and written(pool.pool, SELF_HOSTED) is not Verdict.YES:
        return SELF_HOSTED, None
    for field in pool.labels.elements():
        if field.text is not None and field.text.lower() == label.lower():
            return (SELF_HOSTED if label.lower() == SELF_HOSTED else field.text), field
    return label.lower(), None


def _fix(ask: Ask, label: str, wanted: str) -> Fix | None:
    field = ask.place(label)
    stands = field.document.root.get(*field.path)
    if stands.text != label or field.characters is not None:
        return None
    return Fix.safe(f"write `{wanted}`", field.replace(wanted))
