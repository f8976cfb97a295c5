"""Rule: value-in-alert-labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.monitoring.alert_texts import Action, actions
from kubelint_rules.alerts.alerting import measured, shown

_VALUE = re.compile(r"\$value\b|(?<![\w$)\]])\.Value\b")
_ASKING = re.compile(r"(?:if|else|with|end)\b|/\*")
"""How actions begin that only ask how large the value is, which has few outcomes."""


class ValueInAlertLabels(ProjectRule):
    """An alert carries the measured value in a label, so every change of the value is a new alert.

    ## What it does
    Finds `{{ $value }}` and `{{ .Value }}`, in functions too, in the labels of alerts. Annotations may hold the value,
    and a label may ask for it: `{{ if gt $value 90.0 }}critical{{ else }}warning{{ end }}`.

    ## Why it matters
    Alerts are told apart by their labels. With each evaluation that gives another value the old alert ends and a new
    one starts: `for` begins anew, so that it may never be over, and if it has none, there is a message per
    evaluation, each with an end of its own.

    ## Example
    ```yaml title="rules/disks.yaml"
    groups:
      - name: disks
        rules:
          - alert: DiskAlmostFull
            expr: node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1
            for: 10m
            labels:
              severity: warning
              issue: "only {{ $value }} is left on {{ $labels.mountpoint }}"
            annotations: {summary: "a disk of {{ $labels.instance }} is almost full"}
    ```

    ## Use instead
    ```yaml title="rules/disks.yaml"
    groups:
      - name: disks
        rules:
          - alert: DiskAlmostFull
            expr: node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1
            for: 10m
            labels:
              severity: warning
            annotations:
              summary: "a disk of {{ $labels.instance }} is almost full"
              description: "only {{ $value | humanizePercentage }} is left on {{ $labels.mountpoint }}"
    ```

    ## When to ignore
    Where the value is one of a few states by construction.

    ## References
    - [Prometheus: alerting rules, templating](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating)
    """

    meta = RuleMeta(
        id="value-in-alert-labels",
        summary="alert carries the measured value in a label",
        category=Category.ALERTS,
        severity=Severity.ERROR,
        incident=6,
        since="0.1.0",
    )
    marks = ("$value", ".Value")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each label that holds the value."""
        for alert in measured(project):
            for name, text in alert.label_texts.items():
                written = next((one for one in actions(text or "") if _writes_value(one)), None)
                if written is not None:
                    yield self.finding(
                        f"`{shown(alert)}` has its value in the label `{name}`",
                        at=alert.labels.get(name).slice(written.start, written.end),
                        note="every other value is a new alert, and the end of the one before",
                    ).help("move it to an annotation")


def _writes_value(action: Action) -> bool:
    return _ASKING.match(action.body) is None and _VALUE.search(action.body) is not None
