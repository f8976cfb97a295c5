"""Rule: backup-failure-not-alerted."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.backup.alerts import LAST, STATE, alerts, asked_elsewhere, asks_about_backups
from kubelint_rules.backup.targets import MARKS, Target, backup_targets


class BackupFailureNotAlerted(ProjectRule):
    """Volumes are backed up, alerts are written, and none of them says when a backup fails.

    ## What it does
    Speaks where a cluster of the tree has a backup target of Longhorn and alerts of its own, and no alert asks for
    `longhorn_backup_state`, `longhorn_volume_last_backup_at` or another metric about backups. Recorded
    series with `backup` in their name count, and so do alerts of Grafana.

    ## Why it matters
    Backups fail silently: a credential is rotated, a bucket is full, a certificate ends. Volumes stay
    healthy and nothing turns red. Neither the rules that come with kube-prometheus-stack nor Longhorn's own
    examples ask for it.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: nfs://nas.lan:/backups
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata:
      name: storage
      namespace: monitoring
    spec:
      groups:
        - name: storage
          rules:
            - alert: VolumeAlmostFull
              expr: kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1
              for: 15m
              labels: {severity: warning}
              annotations: {summary: A volume is almost full}
    ```

    ## Use instead
    Ask for a failure and for age: a failed backup is forgotten after a day (`failed-backup-ttl`), and age
    alone says nothing until the limit is over.
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: nfs://nas.lan:/backups
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata:
      name: backups
      namespace: monitoring
    spec:
      groups:
        - name: backups
          rules:
            - alert: VolumeBackupFailed
              expr: longhorn_backup_state == 4
              for: 5m
              labels: {severity: critical}
              annotations: {summary: A backup of a volume failed}
            - alert: VolumeBackupTooOld
              expr: time() - longhorn_volume_last_backup_at > 129600
              for: 15m
              labels: {severity: warning}
              annotations: {summary: A volume has had no backup for 36 hours}
            - alert: VolumeBackupsUnseen
              expr: absent(longhorn_volume_last_backup_at)
              for: 1h
              labels: {severity: warning}
              annotations: {summary: Nothing is known about backups}
    ```
    After the credentials of the target change, make a backup and see that it completes. If it fails still,
    restart the manager, which is a DaemonSet:
    `kubectl -n longhorn-system rollout restart daemonset/longhorn-manager`.

    ## When to ignore
    If something outside of the tree watches the backups, such as the store they are written to.

    ## References
    - longhorn-manager `metrics_collector/backup_collector.go`, `volume_collector.go`
    - [Longhorn metrics](https://longhorn.io/docs/latest/monitoring/metrics/)
    """

    meta = RuleMeta(
        id="backup-failure-not-alerted",
        summary="no alert when backups of volumes fail",
        category=Category.BACKUP,
        severity=Severity.WARNING,
        incident=1,
        since="0.1.0",
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for the first target of each cluster with alerts about other things."""
        if asked_elsewhere(project, STATE, LAST):
            return
        told: set[str] = set()
        for target in backup_targets(project):
            if target.scope in told or target.url.document.rendering:
                continue
            told.add(target.scope)
            yield from self._of(project, target)

    def _of(self, project: Project, target: Target) -> Iterator[Finding]:
        rules = list(alerts(project, target.scope))
        if not rules or any(map(asks_about_backups, rules)):
            return
        finding = self.finding(
            f"no alert says when backups fail, {_others(len(rules))}",
            at=target.url,
            note="backups may fail here for days unseen",
        )
        yield finding.label(rules[0].alert, "alerts are written here").help(
            "alert on `longhorn_backup_state == 4` and on the age of `longhorn_volume_last_backup_at`"
        )


def _others(count: int) -> str:
    return "and the one of this cluster asks for something else" if count == 1 else f"and {count} ask for other things"
