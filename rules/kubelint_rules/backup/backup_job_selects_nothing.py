"""Rule: backup-job-selects-nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.recurring_jobs import DEFAULT_GROUP, SOURCE
from kubelint.manifests import Field, KubeObject, Project
from kubelint_rules.backup.jobs import KIND, backup_jobs, ignored_claims, selected


class BackupJobSelectsNothing(ProjectRule):
    """A recurring backup runs for no volume that the tree knows of.

    ## What it does
    Looks at each `RecurringJob` with the task `backup` or `backup-force-create` whose groups leave out
    `default`, and searches the tree for whatever names it or one of its groups: a label
    `recurring-job.longhorn.io/<job>` or `recurring-job-group.longhorn.io/<group>` anywhere, chart values
    included, or the `recurringJobSelector` of a storage class. Labels and selectors that a template fills in count;
    those of a claim without `recurring-job.longhorn.io/source: enabled` do not, as Longhorn leaves them alone.

    ## Why it matters
    The group `default` covers every volume that has no job of its own. A job outside of it runs on time,
    every time, for the volumes that name it; if none does it succeeds without a single backup.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: RecurringJob
    metadata:
      name: nightly
      namespace: longhorn-system
    spec:
      task: backup
      cron: 0 3 * * *
      groups: []
      retain: 14
      concurrency: 2
    ```

    ## Use instead
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: RecurringJob
    metadata:
      name: nightly
      namespace: longhorn-system
    spec:
      task: backup
      cron: 0 3 * * *
      groups: [default]
      retain: 14
      concurrency: 2
    ```
    Or label the claims, with
    `recurring-job.longhorn.io/source: enabled` and `recurring-job.longhorn.io/nightly: enabled`.

    ## When to ignore
    If volumes were given the job in Longhorn's own interface.

    ## References
    - longhorn-manager `types/types.go`, `LonghornLabelRecurringJobKeyPrefixFmt`; `controller/utils.go`,
      `hasRecurringJobSourceLabel`
    - [Recurring snapshots and backups](https://longhorn.io/docs/latest/snapshots-and-backups/scheduling-backups-and-snapshots/)
    """

    meta = RuleMeta(
        id="backup-job-selects-nothing",
        summary="recurring backup that no volume is part of",
        category=Category.BACKUP,
        severity=Severity.WARNING,
        incident=1,
        since="0.1.0",
    )
    marks = (KIND,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each backup job that nothing selects."""
        for obj in backup_jobs(project):
            groups = _groups(project, obj)
            if obj.name is None or groups is None or DEFAULT_GROUP in groups:
                continue
            if not selected(project, obj.scope).takes(obj.name, groups):
                yield self._finding(obj, groups, ignored_claims(project, obj.scope, obj.name, groups))

    def _finding(self, obj: KubeObject, groups: list[str], ignored: list[KubeObject]) -> Finding:
        at: Field = obj.field("spec", "groups")
        if ignored:
            return self._of_ignored(obj, at, ignored)
        named = f"`{groups[0]}`" if len(groups) == 1 else "its groups"
        what = f"neither the job nor {named} is named by" if groups else "the job is in no group, nor named by"
        return self.finding(
            f"the backups of `{obj.name}` cover no volume: {what} any volume, claim or storage class of the tree",
            at=at if at.exists else obj,
            note="runs for nothing",
        ).help("add the group `default`, or label the claims that it is for")

    def _of_ignored(self, obj: KubeObject, at: Field, claims: list[KubeObject]) -> Finding:
        finding = self.finding(
            f"the backups of `{obj.name}` cover no volume: Longhorn ignores the labels of the claims that name it",
            at=at if at.exists else obj,
            note="runs for nothing",
        )
        for claim in claims[:3]:
            finding = finding.label(claim.field("metadata", "labels").key, f"without `{SOURCE}` they do nothing")
        return finding.help(f"label the claims `{SOURCE}: enabled`, too")


def _groups(project: Project, obj: KubeObject) -> list[str] | None:
    """The groups of a job; None where they are not known."""
    field = obj.field("spec", "groups")
    if obj.partial or field.unknown or project.may_be_patched(obj, "spec", "groups"):
        return None
    if not isinstance(field.value, list | None) or any(item.unknown for item in field.elements()):
        return None
    return field.strings()
