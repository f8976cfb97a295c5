"""What the alerts of a tree ask about Longhorn's backups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.manifests import Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertRule

STATE, LAST = "longhorn_backup_state", "longhorn_volume_last_backup_at"
_WORDS = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_METRIC = "longhorn_backup"
_TEMPLATE = re.compile(r"(?:\{\{.*\}\}|\$\{.*\})", re.DOTALL)


def alerts(project: Project, scope: str) -> Iterator[AlertRule]:
    """The alerts of a cluster that Prometheus or VictoriaMetrics evaluates; those of patches aside."""
    for group in project.alert_groups:
        if same_cluster(group.scope, scope) and group.language != "logql":
            yield from (rule for rule in group.alerts if rule.expr.exists)


def asks(rule: AlertRule, metric: str) -> bool:
    """Whether the expression of an alert names `metric`, itself or through the name of a recorded series."""
    expression = rule.expr.value
    return isinstance(expression, str) and metric in _WORDS.findall(expression)


def asks_about_backups(rule: AlertRule) -> bool:
    """Whether an alert may be about backups of volumes: by a metric of Longhorn's, or a series recorded from one."""
    expression = rule.expr.value
    if not isinstance(expression, str):
        return rule.expr.unknown
    if rule.query is None and ("backup" in expression.lower() or _TEMPLATE.fullmatch(expression.strip())):
        return True
    if any(word in (STATE, LAST) or word.startswith(_METRIC) for word in _WORDS.findall(expression)):
        return True
    return any("backup" in word and ":" in word for word in _WORDS.findall(expression))


def asked_elsewhere(project: Project, *metrics: str) -> bool:
    """Whether something else than rules of Prometheus, such as an alert of Grafana, asks for one of `metrics`."""
    texts = (document.text for document in project.documents)
    return any(any(metric in text for metric in metrics) and _alerts_in_grafana(text) for text in texts)


def _alerts_in_grafana(text: str) -> bool:
    return "GrafanaAlertRuleGroup" in text or ("noDataState" in text and "execErrState" in text)
