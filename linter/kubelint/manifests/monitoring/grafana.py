"""Grafana's own alerts: a query, what is asked of its result, and for how long.

Follows Grafana's file provisioning (`apiVersion: 1`, `groups[].rules[].data[]`) and the operator's
`GrafanaAlertRuleGroup`. Server-side expressions are followed from the condition to the one query that they are about:
thresholds, reductions, comparisons with a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelint.cluster.promql import Binary, Expression, Failure, Number, Query, parse_query
from kubelint.manifests.field import Field
from kubelint.manifests.monitoring.alert_rules import AlertGroup, AlertRule
from kubelint.manifests.monitoring.alert_texts import Language, language_of
from kubelint.manifests.monitoring.searching import find_mappings
from kubelint.manifests.releases.release import Release
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_EVALUATORS = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "eq": "==", "ne": "!="}
_MATH = re.compile(r"\s*\$\{?(\w+)\}?\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*")
_KEEPING = frozenset({"last", "mean", "min", "max", "median", "sum"})
"""Reductions whose result is high where the query's is."""
_MAX_STEPS = 8


class _Asked(NamedTuple):
    """The query that an alert is about, and what is asked of its result (None: that it has one)."""

    expr: Field
    op: str | None = None
    number: float = 0.0


class GrafanaAlert(AlertRule):
    """An alert of Grafana's: `expr` is the query, `syntax` the query together with what is asked of its result."""

    def __init__(self, group: AlertGroup, field: Field) -> None:
        super().__init__(group, field)
        self.alert = field.get("title")
        self._asked = _asked(field, field.get("condition"))
        self.expr = self._asked.expr if self._asked else field.get("data", 0, "model", "expr")

    @cached_property
    def syntax(self) -> Query | Failure | None:
        """The tree; None where the query is in another language, or what is asked of it is not known."""
        if self._asked is None or self.query is None or language_of(self.query) != "promql":
            return None
        found = parse_query(self.query)
        if isinstance(found, Failure) or self._asked.op is None:
            return found
        root: Expression = Binary(self._asked.op, found.root, Number(self._asked.number))
        return Query(found.text, root)


class GrafanaGroup(AlertGroup):
    """A group of Grafana's alerts."""

    @cached_property
    def language(self) -> Language:
        """Unknown: each alert may ask another data source."""
        return "unknown"

    @cached_property
    def rules(self) -> list[AlertRule]:
        """The alerts, those that are mappings."""
        return [GrafanaAlert(self, rule) for rule in self.field.get("rules").elements() if isinstance(rule.value, dict)]


def read_grafana_groups(project: Project) -> list[AlertGroup]:
    """Every group of Grafana's alerts: in files and ConfigMaps for provisioning, objects, values of releases."""
    found: dict[tuple[str, int, Path], AlertGroup] = {}
    for group in (*_in_documents(project), *_in_objects(project), *_in_values(project)):
        found.setdefault((group.file, group.document.index, group.field.path), group)
    return list(found.values())


def _in_documents(project: Project) -> Iterator[AlertGroup]:
    for document in project.documents:
        value = document.source.value
        if isinstance(value, dict) and isinstance(value.get("groups"), list) and "kind" not in value:
            for field in _groups(document.root):
                yield GrafanaGroup(field, "file")


def _in_objects(project: Project) -> Iterator[AlertGroup]:
    for obj in project.objects("GrafanaAlertRuleGroup", "grafana.integreatly.org"):
        if _is_group(obj.field("spec").value):
            yield GrafanaGroup(obj.field("spec"), "object", obj)
    for obj in project.objects("ConfigMap", ""):
        for _, text in obj.field("data").items():
            for root in text.embedded() if isinstance(text.value, str) and _may_hold_alerts(text.value) else ():
                for field in _groups(root):
                    yield GrafanaGroup(field, "ConfigMap", obj)


def _in_values(project: Project) -> Iterator[AlertGroup]:
    for release in project.releases:
        if any(_may_hold_alerts(source.values.document.text) for source in release.sources):
            yield from _in_release(release)


def _in_release(release: Release) -> Iterator[AlertGroup]:
    for field in find_mappings(release.values, lambda _, mapping: _is_group(mapping), _may_hold_alerts):
        yield GrafanaGroup(field, "values", release)


def _groups(root: Field) -> Iterator[Field]:
    return (group for group in root.get("groups").elements() if _is_group(group.value))


def _is_group(value: Any) -> bool:
    rules = value.get("rules") if isinstance(value, dict) else None
    return isinstance(rules, list) and any(
        isinstance(rule, dict) and isinstance(rule.get("data"), list) and "title" in rule for rule in rules
    )


def _may_hold_alerts(text: str) -> bool:
    return "rules" in text and "model" in text and "condition" in text and "refId" in text


def _asked(alert: Field, condition: Field) -> _Asked | None:
    """What the condition asks of which query; None where it is more than one query, or more than a threshold."""
    data = {
        str(query.get("refId").text): query
        for query in alert.get("data").elements()
        if not query.unknown and query.get("refId").text is not None
    }
    name, asked = condition.text, _Asked(condition)
    for _ in range(_MAX_STEPS):
        query = data.get(name or "")
        if query is None:
            return None
        model = query.get("model")
        if model.get("expr").exists:
            return asked._replace(expr=model.get("expr"))
        step = _step(model)
        if step is None or (step.op is not None and asked.op is not None):
            return None
        name = step.name
        asked = asked if step.op is None else asked._replace(op=step.op, number=step.number)
    return None


class _Step(NamedTuple):
    """A server-side expression: what it is about, and what it asks."""

    name: str | None
    op: str | None = None
    number: float = 0.0


def _step(model: Field) -> _Step | None:
    kind, expression = model.get("type").text, model.get("expression").text
    if kind == "reduce":
        return _Step(expression) if model.get("reducer").text in _KEEPING else None
    if kind == "math":
        match = _MATH.fullmatch(expression or "")
        return _Step(match[1], match[2], float(match[3])) if match else None
    conditions = list(model.get("conditions").elements())
    if kind not in ("threshold", "classic_conditions") or len(conditions) != 1:
        return None
    (condition,) = conditions
    evaluator = condition.get("evaluator")
    op, number = _EVALUATORS.get(str(evaluator.get("type").text)), evaluator.get("params", 0).value
    if op is None or isinstance(number, bool) or not isinstance(number, int | float):
        return None
    if kind == "threshold":
        return _Step(expression, op, float(number))
    if condition.get("reducer", "type").text not in _KEEPING | {"avg"}:
        return None
    return _Step(condition.get("query", "params", 0).text, op, float(number))
