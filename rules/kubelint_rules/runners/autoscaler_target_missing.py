"""Rule: autoscaler-target-missing."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import DEFAULT_TARGET, LEGACY_GROUP, TARGETS, is_typo
from kubelint.manifests import Field, KubeObject, Project, same_cluster
from kubelint_rules.runners.autoscalers import KIND, PlacedAutoscaler, may_meet, may_stand_elsewhere, placed_autoscalers


class AutoscalerTargetMissing(ProjectRule):
    """A HorizontalRunnerAutoscaler scales runners that are not there.

    ## What it does
    Looks for the RunnerDeployment or RunnerSet that `scaleTargetRef` names, in the autoscaler's namespace. A
    reference without `kind` means a RunnerDeployment. Names that a template fills in, and trees of which a part
    is not to be seen (templates of charts, remote kustomizations), are left alone.

    ## Why it matters
    ARC does not complain: an autoscaler whose target does not exist scales nothing, and the runners that were meant
    stay at the number that they have.

    ## Example
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      organization: example-org
      serviceName: builders
      selector: {matchLabels: {app: builders}}
      template:
        metadata: {labels: {app: builders}}
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {name: builders}
      minReplicas: 1
      maxReplicas: 5
    ```

    ## Use instead
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      organization: example-org
      serviceName: builders
      selector: {matchLabels: {app: builders}}
      template:
        metadata: {labels: {app: builders}}
    ---
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: HorizontalRunnerAutoscaler
    metadata: {name: builders, namespace: ci}
    spec:
      scaleTargetRef: {kind: RunnerSet, name: builders}
      minReplicas: 1
      maxReplicas: 5
    ```

    ## When to ignore
    When another repository holds the runners.

    ## References
    - actions-runner-controller: `controllers/actions.summerwind.net/horizontalrunnerautoscaler_controller.go`
    """

    meta = RuleMeta(
        id="autoscaler-target-missing",
        summary="an autoscaler scales runners that are not there",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
    )
    marks = (KIND,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every autoscaler whose target is not in the tree."""
        for placed in placed_autoscalers(project):
            model = placed.model
            if model.target_kind is None or (model.names_target and model.target_name is None):
                continue
            if model.target_name is None:
                yield self._unnamed(placed)
            elif model.target_kind not in TARGETS:
                yield self._unsupported(placed)
            elif not placed.targets and not _may_be_there(project, placed):
                yield self._missing(project, placed)

    def _unnamed(self, placed: PlacedAutoscaler) -> Finding:
        return self.finding(
            f"`{placed.obj.display}` names nothing to scale",
            at=placed.obj.field("spec", "scaleTargetRef", "name"),
            note="ARC leaves such an autoscaler alone",
        ).help("name a RunnerDeployment or RunnerSet in `scaleTargetRef`")

    def _unsupported(self, placed: PlacedAutoscaler) -> Finding:
        return self.finding(
            f"`{placed.obj.display}` is to scale a `{placed.model.target_kind}`, which the API server refuses",
            at=placed.obj.field("spec", "scaleTargetRef", "kind"),
            note="only RunnerDeployment and RunnerSet can be scaled",
        ).help("name a RunnerDeployment or RunnerSet in `scaleTargetRef`")

    def _missing(self, project: Project, placed: PlacedAutoscaler) -> Finding:
        kind, name = placed.model.target_kind or DEFAULT_TARGET, placed.model.target_name
        finding = self.finding(
            f"`{placed.obj.display}` scales {kind} `{name}`, which is not there: nothing is scaled",
            at=placed.obj.field("spec", "scaleTargetRef", "name"),
        )
        meant = _meant(project, placed)
        if meant is None:
            return finding.help(f"create {kind} `{name}`, or name the runners that are to be scaled")
        at, difference, remedy = meant
        return finding.label(at, difference).help(remedy)


def _candidates(project: Project, placed: PlacedAutoscaler) -> list[KubeObject]:
    repository = placed.obj.document.repository
    found = project.objects(TARGETS, group=LEGACY_GROUP)
    return [obj for obj in found if obj.document.repository == repository]


def _may_be_there(project: Project, placed: PlacedAutoscaler) -> bool:
    """Whether some object may turn out to be the target, or the target may stand where the tree does not show it."""
    model = placed.model
    for obj in _candidates(project, placed):
        is_named = model.target_name in project.kustomizations.names(obj) or obj.field("metadata", "name").unknown
        if obj.kind == model.target_kind and is_named and may_meet(project, placed.obj, obj):
            return True
    return may_stand_elsewhere(project, placed.obj)


def _meant(project: Project, placed: PlacedAutoscaler) -> tuple[Field, str, str] | None:
    """Where what was meant stands, what sets it apart, and what to do about it."""
    model, wanted = placed.model, placed.model.target_name or ""
    near = [obj for obj in _candidates(project, placed) if same_cluster(obj.scope, placed.obj.scope)]
    for obj in near:
        at = obj.field("metadata", "name")
        if obj.name == wanted and obj.kind != model.target_kind:
            return at, f"a {obj.kind} has this name", f"write `kind: {obj.kind}` in `scaleTargetRef`"
    for obj in near:
        at = obj.field("metadata", "name")
        if obj.name == wanted:
            return at, "it is in another namespace", "put the autoscaler into the namespace of its runners"
    for obj in near:
        if obj.kind == model.target_kind and obj.name is not None and is_typo(wanted, obj.name):
            return obj.field("metadata", "name"), f"did you mean `{obj.name}`?", f"write `name: {obj.name}`"
    return None
