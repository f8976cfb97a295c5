"""Rule: backup-target-without-credentials."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.backup_targets import missing_keys, needs_credentials
from kubelint.manifests import Project
from kubelint_rules.backup.targets import MARKS, Target, backup_targets, is_given

_NAMES = {"s3": "S3", "cifs": "CIFS", "azblob": "Azure Blob Storage"}


class BackupTargetWithoutCredentials(ProjectRule):
    """A backup target needs a Secret to log in with, and names none.

    ## What it does
    Checks each backup target (a `BackupTarget`, the chart's `defaultBackupStore`, before Longhorn 1.8
    `defaultSettings` and `Setting` objects) whose address begins with `s3://`, `cifs://` or `azblob://` for
    the name of a Secret. NFS needs none. A name that a template, a patch or values from elsewhere may supply
    counts. Where the version is not known, so that Longhorn may not read the target at all, it is a warning.

    ## Why it matters
    Longhorn asks for a Secret for these stores whatever the node may do by itself, so no backup is ever
    written: the target is unavailable, and volumes and workloads run on as if nothing were wrong. For a role
    of AWS the Secret holds `AWS_IAM_ROLE_ARN`.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: s3://volumes@eu-central-1/
      pollInterval: 5m0s
    ```

    ## Use instead
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: s3://volumes@eu-central-1/
      credentialSecret: backup-credentials
      pollInterval: 5m0s
    ```

    ## When to ignore
    If somebody sets the Secret in Longhorn's own interface, and nothing applies this object again.

    ## References
    - longhorn-manager `datastore/longhorn.go`, `GetCredentialFromSecret`; `types/types.go`,
      `BackupStoreRequireCredential`
    - [Setting a backup target](https://longhorn.io/docs/latest/snapshots-and-backups/backup-and-restore/set-backup-target/)
    """

    meta = RuleMeta(
        id="backup-target-without-credentials",
        summary="backup target names no Secret to log in with",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each target without a Secret that its store needs."""
        for target in backup_targets(project):
            if needs_credentials(target.store) and _names_none(target):
                yield self._finding(target)

    def _finding(self, target: Target) -> Finding:
        store = _NAMES.get(target.store or "", "")
        keys = " and ".join(f"`{key}`" for key in missing_keys(target.store, ()))
        return self.finding(
            f"the backup target is on {store}, and no Secret to log in with is named",
            at=target.url,
            note="no backup can be written there",
            severity=target.error,
        ).help(f"name a Secret in Longhorn's namespace that holds {keys}")


def _names_none(target: Target) -> bool:
    """Whether no Secret is named. Of a `Setting` that is not in the tree nothing is known for sure."""
    return target.whole if target.secret.absent else not is_given(target.secret) and not target.secret.unknown
