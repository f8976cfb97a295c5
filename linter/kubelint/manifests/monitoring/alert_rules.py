"""Groups of alerting and recording rules as Prometheus, VictoriaMetrics and Loki read them.

Follows Prometheus' `model/rulefmt/rulefmt.go`, the operators' `PrometheusRule` and `VMRule`, and vmalert's groups.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from kubelint.cluster.promql import Failure, Query, Selector, parse_query
from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.monitoring.alert_texts import Language, language_of, query_text, template_text
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.releases.release import Release
from kubelint.manifests.scopes import scope_of

Origin = Literal["file", "object", "ConfigMap", "values"]


class AlertRule:
    """One rule: an alert, or a series that is recorded."""

    def __init__(self, group: AlertGroup, field: Field) -> None:
        self.group = group
        self.field = field
        self.alert = field.get("alert")
        self.record = field.get("record")
        self.expr = field.get("expr")
        self.for_ = field.get("for")
        self.keep_firing_for = field.get("keep_firing_for")
        self.labels = field.get("labels")
        self.annotations = field.get("annotations")

    def __repr__(self) -> str:
        return f"<AlertRule {self.name or '?'} in {self.field.document.file}>"

    @property
    def is_alert(self) -> bool:
        """Whether it alerts; else it records, or is neither."""
        return self.alert.exists

    @cached_property
    def name(self) -> str | None:
        """What is alerted or recorded; None where that is absent or unknown."""
        return _name(self.alert if self.alert.exists else self.record)

    @cached_property
    def query(self) -> str | None:
        """The expression as text; None where it is unknown, absent or no expression. A number becomes its text."""
        return query_text(self.expr)

    @cached_property
    def syntax(self) -> Query | Failure | None:
        """The expression's syntax tree, or why there is none; None where it is unknown, or in another language."""
        if self.query is None or self.group.language not in ("promql", "metricsql"):
            return None
        return parse_query(self.query)

    @property
    def promql(self) -> Query | None:
        """The expression's syntax tree, None where there is none."""
        return self.syntax if isinstance(self.syntax, Query) else None

    def part(self, start: int, end: int) -> Field | FieldSlice:
        """Some characters of the expression, to point at; all of it where they are not known (-1)."""
        whole = start < 0 or not isinstance(self.expr.value, str)
        return self.expr if whole else self.expr.slice(start, end)

    def selector(self, selector: Selector) -> Field | FieldSlice:
        """A selector of the expression, to point at."""
        place = self.promql.place(selector) if self.promql else None
        return self.expr if place is None else self.part(place.start, place.end)

    def label(self, name: str) -> Field:
        """The label `name` of what the rule makes: its own, else the group's (Prometheus 3)."""
        own = self.labels.get(name)
        return own if own.exists or own.unknown else self.group.labels.get(name)

    @cached_property
    def label_texts(self) -> dict[str, str | None]:
        """The rule's own labels with Prometheus' templates in them; None where another tool fills in the text."""
        return {name: template_text(field) for name, field in self.labels.items()}

    @cached_property
    def annotation_texts(self) -> dict[str, str | None]:
        """The annotations, as `label_texts`."""
        return {name: template_text(field) for name, field in self.annotations.items()}


class AlertGroup:
    """One group. `owner` is the object or the release that holds it, None for a file of rules."""

    def __init__(
        self,
        field: Field,
        origin: Origin,
        owner: KubeObject | Release | None = None,
        language: Language | None = None,
    ) -> None:
        self.field = field
        self.origin: Origin = origin
        self.owner = owner
        self._language = language
        self.document = field.document
        self.file = field.document.file
        self.labels = field.get("labels")
        self.interval = field.get("interval")
        self.limit = field.get("limit")
        self.query_offset = field.get("query_offset")
        self.partial_response_strategy = field.get("partial_response_strategy")

    def __repr__(self) -> str:
        return f"<AlertGroup {self.name or '?'} in {self.file}>"

    @property
    def name(self) -> str | None:
        """The group's name; None where absent or unknown, or where a chart gives it one."""
        listed = any(isinstance(step, int) for step in self.field.path[-1:])
        return _name(self.field.get("name")) if listed else None

    @cached_property
    def rules(self) -> list[AlertRule]:
        """The rules, those that are mappings."""
        return [AlertRule(self, rule) for rule in self.field.get("rules").elements() if isinstance(rule.value, dict)]

    @property
    def alerts(self) -> list[AlertRule]:
        """The rules that alert."""
        return [rule for rule in self.rules if rule.is_alert]

    @cached_property
    def scope(self) -> str:
        """The cluster or overlay that the group belongs to."""
        return self.owner.scope if self.owner is not None else scope_of(self.file, self.document.repository)

    @property
    def partial(self) -> bool:
        """Whether this is part of a patch: what it leaves out stands elsewhere."""
        return self.owner is not None and self.owner.partial

    @cached_property
    def language(self) -> Language:
        """The language of the queries: what holds the group says it, and the queries themselves do."""
        if self._language == "logql":
            return "logql"
        if (self.field.get("type").text or "prometheus") != "prometheus":  # vmalert asks VictoriaLogs, or Graphite
            return "unknown"
        spoken = {language_of(rule.query) for rule in self.rules if rule.query is not None}
        if self._language == "metricsql":
            return "unknown" if "logql" in spoken else "metricsql"
        return next((language for language in ("logql", "unknown") if language in spoken), "promql")


def _name(field: Field) -> str | None:
    if field.integer is not None:
        return str(field.integer)
    return field.text
