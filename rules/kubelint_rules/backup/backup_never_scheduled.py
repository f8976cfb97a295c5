"""Rule: backup-never-scheduled."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.backup.jobs import may_be_scheduled
from kubelint_rules.backup.targets import MARKS, backup_targets


class BackupNeverScheduled(ProjectRule):
    """There is a place for backups, and nothing in the tree makes one.

    ## What it does
    Says so where the tree declares a backup target of Longhorn and holds no recurring job that backs up, no storage
    class or volume that names a job, and no schedule of Velero, VolSync, K8up, CloudNativePG or
    another program that backs volumes up. It speaks once for each cluster.

    ## Why it matters
    A backup target by itself stays empty. That nothing was ever written there is found out on the day that
    something must be restored.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: nfs://nas.lan:/backups
    ```

    ## Use instead
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: nfs://nas.lan:/backups
    ---
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

    ## When to ignore
    If the jobs were made in Longhorn's own interface, and you know how to make them again.

    ## References
    - [Recurring snapshots and backups](https://longhorn.io/docs/latest/snapshots-and-backups/scheduling-backups-and-snapshots/)
    """

    meta = RuleMeta(
        id="backup-never-scheduled",
        summary="backup target without anything that makes backups",
        category=Category.BACKUP,
        severity=Severity.INFO,
        incident=1,
        since="0.1.0",
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for the first target of each cluster without a schedule."""
        told: set[str] = set()
        for target in backup_targets(project):
            if target.scope not in told and not may_be_scheduled(project, target.scope):
                told.add(target.scope)
                yield self.finding(
                    "nothing in the tree makes backups to this target on a schedule",
                    at=target.url,
                    note="stays empty unless jobs were made by hand",
                ).help("add a `RecurringJob` with `task: backup` for the group `default`")
