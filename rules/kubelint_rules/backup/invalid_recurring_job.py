"""Rule: invalid-recurring-job."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.recurring_jobs import JobProblem, is_name, job_problems
from kubelint.manifests import KubeObject, Project
from kubelint_rules.backup.jobs import KIND


class InvalidRecurringJob(ProjectRule):
    """A recurring job of Longhorn is refused, or will never run.

    ## What it does
    Checks the `RecurringJob` objects of `longhorn.io` as its webhook and the API server do: the name, the task, the
    schedule (five fields as Go's cron library reads them, days of the week from 0 to 6; `@daily` and `@every 6h` are
    fine), the types of the fields, the parameters of backups, how many copies are kept. A schedule that
    names a day that never comes is found too. What Longhorn takes and changes, such as `retain: 0`, is a
    warning, and so is more than 100 copies, which a setting may allow.

    ## Why it matters
    A GitOps controller reports the refused object and goes on with the rest, or with nothing after it. The volumes have
    no backups from then on.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: RecurringJob
    metadata:
      name: weekly
      namespace: longhorn-system
    spec:
      task: backup
      cron: 0 3 * * 7
      groups: [default]
      retain: 8
      concurrency: 2
    ```

    ## Use instead
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: RecurringJob
    metadata:
      name: weekly
      namespace: longhorn-system
    spec:
      task: backup
      cron: 0 3 * * 0
      groups: [default]
      retain: 8
      concurrency: 2
    ```

    ## When to ignore
    If a newer Longhorn than kubelint knows has a task or parameter of that name.

    ## References
    - longhorn-manager `datastore/longhorn.go`, `ValidateRecurringJob`;
      `webhook/resources/recurringjob/validator.go` and `mutator.go`
    - robfig/cron `parser.go`, `ParseStandard`
    """

    meta = RuleMeta(
        id="invalid-recurring-job",
        summary="recurring job that Longhorn refuses or never runs",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
    )
    marks = (KIND,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each thing that is wrong with a job."""
        for obj in project.objects(KIND, group="longhorn.io"):
            spec = obj.field("spec")
            if obj.partial or spec.unknown or spec.get("").unknown:
                continue
            if (problem_of_name := _name_problem(obj)) is not None:
                yield self._named(obj, problem_of_name)
            for problem in job_problems(spec.value):
                if not project.may_be_patched(obj, "spec", *problem.path):
                    yield self._finding(obj, problem)

    def _named(self, obj: KubeObject, problem: str) -> Finding:
        at = obj.field("metadata", "name")
        return self.finding(problem, at=at, note="the job is refused").help("give it a name of two characters or more")

    def _finding(self, obj: KubeObject, problem: JobProblem) -> Finding:
        at = obj.field("spec", *problem.path)
        is_key = problem.path[0] == "parameters" and len(problem.path) > 1
        help_text = _TYPE if problem.typed else _HELP.get(problem.path[0], _TYPE)
        return self.finding(
            f"the recurring job `{obj.name or '?'}` {problem.text}",
            at=at.key if is_key else at if at.exists else obj.field("spec"),
            note=_note(problem),
            severity=None if problem.certain else Severity.WARNING,
        ).help(help_text)


def _name_problem(obj: KubeObject) -> str | None:
    name = obj.field("metadata", "name")
    if name.unknown or not obj.field("metadata", "generateName").absent:
        return None
    if name.value in (None, ""):
        return "the recurring job has no name"
    return None if is_name(str(name.value)) else f"the name `{name.value}` is none that Longhorn takes"


def _note(problem: JobProblem) -> str:
    if problem.text.endswith("never comes"):
        return "never runs"
    return "the job is refused" if problem.certain else "not what is written"


_TYPE = "give it the type that the CustomResourceDefinition asks for"
_HELP = {
    "task": "use one of Longhorn's tasks, such as `backup` or `snapshot`",
    "cron": "write five fields, minute first, or a word such as `@daily`",
    "retain": "keep between 1 and 100",
    "parameters": "remove it; backups know `full-backup-interval`, system backups `volume-backup-policy`",
}
