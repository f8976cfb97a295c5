"""Rule: backup-secret-in-wrong-namespace."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.secret_sources import SecretSource
from kubelint_rules.backup.credentials import is_within_reach, targets_with_secret
from kubelint_rules.backup.targets import MARKS, Target


class BackupSecretInWrongNamespace(ProjectRule):
    """The Secret that a backup target names is not where Longhorn looks for it.

    ## What it does
    Takes the Secret that each backup target names and looks for everything in the tree that makes a Secret of
    that name: a `Secret`, a `SealedSecret`, an `ExternalSecret` (`target.name` counts), a `secretGenerator`
    and others, in the namespace that kustomizations leave it in. It is an error if all of them end up
    in other namespaces than Longhorn's, and an info if the tree makes none. Secrets that reflector, replicator or kubed
    copy around count everywhere; so does what may end up in several namespaces.

    ## Why it matters
    Longhorn reads the Secret in its own namespace only. A Secret beside the application, or in `default`,
    is not found: the target is unavailable and no backup is written.

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
      namespace: storage
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      data:
        - secretKey: AWS_ACCESS_KEY_ID
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
    If a program that kubelint does not know copies the Secret.

    ## References
    - longhorn-manager `datastore/kubernetes.go`, `GetSecretRO`: the namespace is Longhorn's
    - [Setting a backup target](https://longhorn.io/docs/latest/snapshots-and-backups/backup-and-restore/set-backup-target/)
    """

    meta = RuleMeta(
        id="backup-secret-in-wrong-namespace",
        summary="Secret of a backup target is not in Longhorn's namespace",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each target whose Secret is elsewhere, or nowhere in the tree."""
        for target, name, sources in targets_with_secret(project):
            if not sources:
                yield self._nowhere(target, name)
            elif target.namespace is not None and not any(is_within_reach(target, each) for each in sources):
                yield self._elsewhere(target, name, sources)

    def _elsewhere(self, target: Target, name: str, sources: list[SecretSource]) -> Finding:
        finding = self.finding(
            f"Longhorn looks for the Secret `{name}` in `{target.namespace}`, and it is in {_places(sources)}",
            at=target.secret,
            note="no backup can be written",
            severity=target.error,
        )
        for source in sources[:3]:
            finding = finding.label(source.at, f"in `{min(source.namespaces)}`")
        return finding.help(f"create the Secret in `{target.namespace}`")

    def _nowhere(self, target: Target, name: str) -> Finding:
        where = f"`{target.namespace}`" if target.namespace else "Longhorn's namespace"
        return self.finding(
            f"nothing in the tree makes the Secret `{name}` that this backup target needs",
            at=target.secret,
            note=f"must exist in {where}",
            severity=Severity.INFO,
        ).help(f"see that it is created in {where}, by whatever restores the cluster")


def _places(sources: list[SecretSource]) -> str:
    return " and ".join(f"`{name}`" for name in sorted({name for each in sources for name in each.namespaces}))
