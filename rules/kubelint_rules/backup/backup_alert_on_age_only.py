"""Rule: backup-alert-on-age-only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.backup.alerts import LAST, STATE, alerts, asked_elsewhere, asks

_ABSENT = re.compile(rf"absent(?:_over_time)?\s*\(\s*{LAST}\b")


class BackupAlertOnAgeOnly(ProjectRule):
    """An alert tells how old the last backup is, and none that a backup failed.

    ## What it does
    Finds clusters with an alert on `longhorn_volume_last_backup_at` and none on `longhorn_backup_state`. It speaks
    once for each cluster.

    ## Why it matters
    The age of the last good backup passes its limit a day or two after backups began to fail. The failure
    itself is known within minutes: its state is 4.

    ## Example
    ```yaml
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata:
      name: backups
      namespace: monitoring
    spec:
      groups:
        - name: backups
          rules:
            - alert: VolumeBackupTooOld
              expr: time() - longhorn_volume_last_backup_at > 129600
              for: 15m
              labels: {severity: warning}
              annotations: {summary: A volume has had no backup for 36 hours}
    ```

    ## Use instead
    ```yaml
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
    ```

    ## When to ignore
    If the limit is close to the time between two backups.

    ## References
    - longhorn-manager `metrics_collector/backup_collector.go`
    - [Longhorn metrics](https://longhorn.io/docs/latest/monitoring/metrics/)
    """

    meta = RuleMeta(
        id="backup-alert-on-age-only",
        summary="alert on the age of backups, none on their failure",
        category=Category.BACKUP,
        severity=Severity.INFO,
        incident=1,
        since="0.1.0",
    )
    marks = (LAST,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for the first alert on age of each cluster."""
        if asked_elsewhere(project, STATE):
            return
        told: set[str] = set()
        for group in project.alert_groups:
            if group.scope in told or group.partial:
                continue
            old = next((rule for rule in group.alerts if _asks_for_age(rule)), None)
            if old is None or any(rule.expr.unknown or asks(rule, STATE) for rule in alerts(project, group.scope)):
                continue
            told.add(group.scope)
            yield self.finding(
                f"the alert `{old.name or '?'}` tells a backup's age, and no alert tells that a backup failed",
                at=old.expr,
                note="fires only once the limit is over",
            ).help(f"add an alert on `{STATE} == 4`")


def _asks_for_age(rule: AlertRule) -> bool:
    """Whether an alert compares the time of the last backup, and does not only ask whether it is told."""
    return asks(rule, LAST) and LAST in _ABSENT.sub("", str(rule.expr.value))
