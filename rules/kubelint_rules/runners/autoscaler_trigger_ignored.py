"""Rule: autoscaler-trigger-ignored."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import Skipped, Verdict
from kubelint.manifests import Field, Project
from kubelint_rules.runners.autoscalers import KIND, SKIPPED, PlacedAutoscaler, placed_autoscalers


class AutoscalerTriggerIgnored(ProjectRule):
    """A HorizontalRunnerAutoscaler has triggers that never scale anything.

    ## What it does
    Looks at `scaleUpTriggers` of HorizontalRunnerAutoscalers: more than one, one without `githubEvent`, or one
    whose `githubEvent` does not say `workflowJob`. An empty `workflowJob: {}` is what is meant to be written; a
    bare `workflowJob:` is null, and the API server drops it.

    ## Why it matters
    For each `workflow_job` event ARC's webhook server looks for an autoscaler with exactly one trigger that names
    `githubEvent.workflowJob`, and passes all others over without any error. Queued jobs then start no runners.

    ## Example
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 0
      maxReplicas: 5
      scaleUpTriggers:
        - githubEvent: {}
          duration: 10m
    ```

    ## Use instead
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 0
      maxReplicas: 5
      scaleUpTriggers:
        - githubEvent:
            workflowJob: {}
          duration: 10m
    ```

    ## When to ignore
    Under a version of ARC that still scaled on `checkRun`, `pullRequest` and `push`.

    ## References
    - actions-runner-controller: `controllers/actions.summerwind.net/horizontal_runner_autoscaler_webhook.go`,
      `getJobScaleTarget`
    """

    meta = RuleMeta(
        id="autoscaler-trigger-ignored",
        summary="an autoscaler's triggers are passed over",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
    )
    marks = (KIND,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every autoscaler whose triggers ARC passes over."""
        for placed in placed_autoscalers(project):
            skipped = placed.model.skipped
            if skipped is not None:
                yield self._found(placed, skipped)

    def _found(self, placed: PlacedAutoscaler, skipped: Skipped) -> Finding:
        finding = self.finding(
            f"`{placed.obj.display}` has {SKIPPED[skipped]}: `workflow_job` events pass it over",
            at=_place(placed, skipped),
            note=_left(placed),
        )
        if placed.targets:
            finding = finding.label(placed.targets[0].name, "these runners are not scaled up for queued jobs")
        if skipped is Skipped.SEVERAL_TRIGGERS:
            return finding.help("keep one trigger with `githubEvent: {workflowJob: {}}`")
        return finding.help("write `githubEvent: {workflowJob: {}}`")


def _place(placed: PlacedAutoscaler, skipped: Skipped) -> Field:
    triggers = placed.obj.field("spec", "scaleUpTriggers")
    if skipped is Skipped.SEVERAL_TRIGGERS:
        return triggers
    event = triggers.get(0, "githubEvent")
    return event if event.exists else triggers.get(0)


def _left(placed: PlacedAutoscaler) -> str:
    """What still scales the runners."""
    metrics = {placed.model.queue_metric, placed.model.busy_metric}
    if Verdict.YES in metrics:
        return "queued jobs start no runners; only the `metrics` do"
    rest = ", and without `metrics` nothing else does" if metrics == {Verdict.NO} else ""
    return f"queued jobs start no runners{rest}"
