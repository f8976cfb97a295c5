"""Rule: backup-secret-incomplete."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.backup_targets import intended_key, missing_keys
from kubelint.cluster.secret_data import is_ciphertext
from kubelint.manifests import Field, Project
from kubelint.manifests.secret_sources import SecretKey
from kubelint_rules.backup.credentials import Credentials, credentials
from kubelint_rules.backup.targets import MARKS


class BackupSecretIncomplete(ProjectRule):
    """The Secret of a backup target lacks a key that Longhorn reads.

    ## What it does
    Compares the keys of the Secret that a backup target names with those that its store needs:
    `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_IAM_ROLE_ARN`, for S3; `CIFS_USERNAME` and
    `CIFS_PASSWORD`; `AZBLOB_ACCOUNT_NAME` and `AZBLOB_ACCOUNT_KEY`. Keys are read from Secrets, whose values
    may be encrypted by SOPS, from SealedSecrets, from ExternalSecrets (`template.data`, else `data`), from
    generators and SecretProviderClasses. What may bring more keys, such as `dataFrom`, is left alone. A key
    that means the same to other programs, or differs in case or by a letter, is reported where it stands: an
    error if Longhorn cannot log in without it, else a warning.

    ## Why it matters
    Longhorn ignores keys that it does not know without a word. Without a login every backup fails with
    `could not backup to s3, missing […] in the secret`; with `AWS_ENDPOINT` in place of
    `AWS_ENDPOINTS` it asks Amazon for a bucket that stands in your cellar.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: s3://volumes@eu-central-1/
      credentialSecret: backup-credentials
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: backup-credentials
      namespace: longhorn-system
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      data:
        - secretKey: AWS_ACCESS_KEY
          remoteRef: {key: longhorn, property: id}
        - secretKey: AWS_SECRET_ACCESS_KEY
          remoteRef: {key: longhorn, property: secret}
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
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: backup-credentials
      namespace: longhorn-system
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      data:
        - secretKey: AWS_ACCESS_KEY_ID
          remoteRef: {key: longhorn, property: id}
        - secretKey: AWS_SECRET_ACCESS_KEY
          remoteRef: {key: longhorn, property: secret}
    ```

    ## When to ignore
    If something fills in the rest of the Secret in the cluster.

    ## Fix safety
    Renames a near miss whose value is not encrypted: nobody can have meant a key that nothing reads.

    ## References
    - longhorn-manager `engineapi/backups.go`, `getBackupCredentialEnv`; `types/types.go`
    - [Setting a backup target](https://longhorn.io/docs/latest/snapshots-and-backups/backup-and-restore/set-backup-target/)
    """

    meta = RuleMeta(
        id="backup-secret-incomplete",
        summary="Secret of a backup target lacks keys that Longhorn reads",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each near miss, and one for what else is missing."""
        for found in credentials(project):
            if not found.open:
                yield from self._of(found)

    def _of(self, found: Credentials) -> Iterator[Finding]:
        store, source = found.target.store, found.source
        missing = missing_keys(store, found.keys)
        meant: set[str] = set()
        for key in source.keys:
            intended = intended_key(store, key.name)
            if intended is not None and intended not in found.keys | meant:
                meant.add(intended)
                yield self._near_miss(found, key, intended, is_needed=intended in missing)
            elif key.name in missing:
                meant.add(key.name)
                yield self._empty(found, key)
        left = [name for name in missing if name not in meant]
        if left:
            yield self._missing(found, left)

    def _near_miss(self, found: Credentials, key: SecretKey, intended: str, *, is_needed: bool) -> Finding:
        at = key.field if key.field.value == key.name else key.field.key
        finding = self.finding(
            f"Longhorn does not read `{key.name}`, only `{intended}`",
            at=at,
            note="no backup can be written without it" if is_needed else "ignored",
            severity=found.target.error if is_needed else Severity.WARNING,
        )
        finding = finding.label(found.target.secret, "the backup target that reads this Secret")
        return finding.help(f"call it `{intended}`").fix(_rename(found, key, intended))

    def _empty(self, found: Credentials, key: SecretKey) -> Finding:
        finding = self.finding(
            f"`{key.name}` of the Secret `{found.source.name}` is empty, and Longhorn needs it to log in",
            at=key.field,
            note="no backup can be written",
            severity=found.target.error,
        )
        return finding.label(found.target.secret, "the backup target that reads it").help("fill it in")

    def _missing(self, found: Credentials, names: list[str]) -> Finding:
        keys = " and ".join(f"`{name}`" for name in names)
        finding = self.finding(
            f"the Secret `{found.source.name}` has no {keys}, which Longhorn needs to log in",
            at=found.source.at,
            note="no backup can be written",
            severity=found.target.error,
        )
        return finding.label(found.target.secret, "the backup target that reads it").help(f"add {keys} to the Secret")


def _rename(found: Credentials, key: SecretKey, intended: str) -> Fix | None:
    field, obj = key.field, found.source.obj
    if field.value == key.name:
        if obj is not None and obj.field("spec", "target", "template", "data").value:
            return None  # a template that is merged with what is fetched may use it by its name
        return Fix.safe(f"rename to `{intended}`", field.replace(intended))
    if not isinstance(field.value, str) or is_ciphertext(field.value) or field.path[-1:] != (key.name,):
        return None
    holder: Field = field.document.field(field.path[:-1])
    return Fix.safe(f"rename to `{intended}`", field.delete(), holder.insert(intended, json.dumps(field.value)))
