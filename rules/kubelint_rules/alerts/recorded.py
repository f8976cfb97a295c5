"""Recorded series, and the rules of the tree that record them."""

from __future__ import annotations

from kubelint.cluster.promql import Query, Selector
from kubelint.manifests import Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertRule


class Recorded:
    """The series that the tree records."""

    def __init__(self, project: Project) -> None:
        self._rules: dict[str, list[AlertRule]] = {}
        for group in project.alert_groups:
            for rule in group.rules:
                if rule.record.exists and rule.name is not None:
                    self._rules.setdefault(rule.name, []).append(rule)

    def by(self, alert: AlertRule, selector: Selector) -> tuple[AlertRule, Query] | None:
        """The one rule that records a selector's series in the alert's cluster, and its tree; None where there is none,
        or several do.
        """
        found = [
            rule
            for rule in self._rules.get(selector.name or "", ())
            if same_cluster(rule.group.scope, alert.group.scope)
        ]
        query = found[0].promql if len(found) == 1 else None
        return None if query is None else (found[0], query)
