"""Rule: runner-scope-ambiguous."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.runners import CONFIG_PATHS, LEGACY_GROUP, SCOPES, scopes_written
from kubelint.manifests import KubeObject, Project


class RunnerScopeAmbiguous(ProjectRule):
    """A runner does not say, or says more than once, where it is to be registered.

    ## What it does
    Counts `repository`, `organization` and `enterprise` of Runners, RunnerReplicaSets, RunnerDeployments and
    RunnerSets. Exactly one has to be set; an empty string counts as not set. Values that a template or a
    kustomize patch fills in are left alone.

    ## Why it matters
    ARC refuses such runners: its admission webhook does, or no runner is ever registered. Jobs that wait for
    them stay queued.

    ## Example
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
          repository: example-org/website
    ```

    ## Use instead
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
    ```

    ## When to ignore
    Never, unless something that kubelint does not see completes the manifest.

    ## References
    - actions-runner-controller: `apis/actions.summerwind.net/v1alpha1/runner_types.go`, `validateRepository`
    """

    meta = RuleMeta(
        id="runner-scope-ambiguous",
        summary="a runner does not name exactly one repository, organization or enterprise",
        category=Category.RUNNERS,
        severity=Severity.ERROR,
        incident=2,
        since="0.1.0",
    )
    needs = frozenset(CONFIG_PATHS)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every runner object that sets none of the three, or more than one."""
        for obj in project.objects(CONFIG_PATHS, group=LEGACY_GROUP):
            if not obj.partial:
                yield from self._check_runner(project, obj)

    def _check_runner(self, project: Project, obj: KubeObject) -> Iterator[Finding]:
        path = CONFIG_PATHS[obj.kind]
        config = obj.field(*path)
        written, perhaps = scopes_written(config.value)
        patched = any(project.may_be_patched(obj, *path, key) for key in SCOPES)
        if len(written) > 1 and not patched:
            finding = self.finding(
                f"`{obj.display}` sets {named(written)}: ARC refuses it, and no runner is registered",
                at=config.get(written[1]).key,
                note="only one of them may be set",
            ).label(config.get(written[0]).key, "the other one")
            yield finding.help(f"keep one of {named(written)}")
        elif not written and not perhaps and not patched and not config.unknown:
            yield self.finding(
                f"`{obj.display}` names no {', '.join(SCOPES[:-1])} or {SCOPES[-1]}: ARC refuses it, "
                "and no runner is registered",
                at=config.get("repository"),
            ).help("set `repository`, `organization` or `enterprise`")
