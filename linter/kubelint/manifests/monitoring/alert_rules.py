"""Groups of alerting and recording rules as Prometheus, VictoriaMetrics and Loki read them, wherever they stand.

Follows Prometheus' `model/rulefmt/rulefmt.go`, the operators' `PrometheusRule` and `VMRule`, and vmalert's groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any, Literal

from kubelint.cluster.promql import Failure, Query, Selector, parse_query
from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.monitoring.alert_texts import Language, language_of, query_text, template_text
from kubelint.manifests.monitoring.searching import find_mappings
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.releases.release import Release
from kubelint.manifests.scopes import scope_of
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

__all__ = ["AlertGroup", "AlertRule", "Language", "read_alert_groups", "template_text"]

Origin = Literal["file", "object", "ConfigMap", "values"]

_LANGUAGES: dict[tuple[str, str], Language | None] = {
    ("PrometheusRule", "monitoring.coreos.com"): None,
    ("PrometheusRule", "monitoring.rhobs"): None,
    ("Rules", "monitoring.googleapis.com"): None,
    ("ClusterRules", "monitoring.googleapis.com"): None,
    ("GlobalRules", "monitoring.googleapis.com"): None,
    ("VMRule", "operator.victoriametrics.com"): "metricsql",
    ("AlertingRule", "loki.grafana.com"): "logql",
    ("RecordingRule", "loki.grafana.com"): "logql",
}
"""The kinds that hold `spec.groups`, with the language that the kind settles."""
_FILE_KEYS = frozenset({"groups", "namespace"})
_GROUP_KEYS = frozenset(
    {
        "name", "interval", "query_offset", "limit", "labels", "rules", "partial_response_strategy", "concurrency",
        "tenant", "type", "params", "headers", "notifier_headers", "evaluation_delay", "extra_filter_labels",
        "eval_offset", "eval_delay", "eval_alignment", "debug",
    }
)  # fmt: skip
_GROUPS_TEXT = re.compile(r"(?:^|[\s{,])[\"']?groups[\"']?\s*:")
_METRICSQL_PATH = re.compile(r"(?:^|[/_.-])(?:vmalert|vmrules?|victoria-?metrics)(?=[/_.-])", re.IGNORECASE)


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

    @property
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


def read_alert_groups(project: Project) -> list[AlertGroup]:
    """Every group of rules in `project`: files of rules, objects, ConfigMaps, values of releases.

    What two releases share is listed once, under the first.
    """
    found: dict[tuple[str, int, Path], AlertGroup] = {}
    for group in (*_in_files(project), *_in_objects(project), *_in_values(project)):
        found.setdefault((group.file, group.document.index, group.field.path), group)
    return list(found.values())


def _in_files(project: Project) -> Iterator[AlertGroup]:
    logs: set[str] | None = None
    for document in project.documents:
        if not is_rule_file(document.source.value):
            continue
        logs = _log_rules(project) if logs is None else logs
        for group in _groups(document.root.get("groups")):
            yield AlertGroup(group, "file", None, _file_language(document, logs))


def is_rule_file(value: Any) -> bool:
    """Whether a document is a file of rules: `groups` and no kind, with a rule in it or with no other key."""
    if not isinstance(value, dict) or not isinstance(value.get("groups"), list):
        return False
    groups = [group for group in value["groups"] if isinstance(group, dict)]
    if "kind" in value or "apiVersion" in value or not groups:
        return False
    if any(_has_rules(group) for group in groups):
        return True
    return value.keys() <= _FILE_KEYS and all(
        "rules" in group and not group["rules"] and group.keys() <= _GROUP_KEYS for group in groups
    )


def _has_rules(value: dict[str, Any]) -> bool:
    """Whether a mapping is a group: a list of `rules`, one of which has an expression and says what for."""
    rules = value.get("rules")
    if not isinstance(rules, list):
        return False
    return any(isinstance(rule, dict) and "expr" in rule and ("alert" in rule or "record" in rule) for rule in rules)


def _groups(groups: Field) -> Iterator[Field]:
    return (group for group in groups.elements() if isinstance(group.value, dict))


def _file_language(document: Document, logs: set[str]) -> Language | None:
    if document.file in logs:
        return "logql"
    return "metricsql" if _METRICSQL_PATH.search(document.file) else None


def _log_rules(project: Project) -> set[str]:
    """The files that kustomizations make into ConfigMaps for Loki's ruler, known by their label."""
    found: set[str] = set()
    for document in project.documents:
        generators = document.root.get("configMapGenerator")
        if not generators.exists:
            continue
        shared = document.root.get("generatorOptions", "labels", "loki_rule").exists
        for generator in generators.elements():
            if shared or generator.get("options", "labels", "loki_rule").exists:
                names = (name.rpartition("=")[2] for name in generator.get("files").strings())
                found.update(normpath(join(dirname(document.file), name)) for name in names)
    return found


def _in_objects(project: Project) -> Iterator[AlertGroup]:
    for (kind, group), language in _LANGUAGES.items():
        for obj in project.objects(kind, group):
            for field in _groups(obj.field("spec", "groups")):
                yield AlertGroup(field, "object", obj, language)
    for obj in project.objects("ConfigMap", ""):
        language = "logql" if "loki_rule" in obj.labels else None
        for _, text in obj.field("data").items():
            for root in _rule_texts(text):
                for field in _groups(root.get("groups")):
                    yield AlertGroup(field, "ConfigMap", obj, language)


def _rule_texts(text: Field) -> Iterator[Field]:
    if isinstance(text.value, str) and _may_hold_groups(text.value):
        yield from (root for root in text.embedded() if is_rule_file(root.value))


def _may_hold_rules(text: str) -> bool:
    return "rules" in text and "expr" in text


def _may_hold_groups(text: str) -> bool:
    return _may_hold_rules(text) and _GROUPS_TEXT.search(text) is not None


def _in_values(project: Project) -> Iterator[AlertGroup]:
    for release in project.releases:
        if not any(_may_hold_rules(source.values.document.text) for source in release.sources):
            continue
        chart = release.chart.name or ""
        for field in find_mappings(release.values, _is_group, _may_hold_groups):
            yield AlertGroup(field, "values", release, _chart_language(chart, field.path))


def _is_group(_: Path, mapping: dict[str, Any]) -> bool:
    """Whether a mapping among values is a group that the chart makes use of."""
    return _has_rules(mapping) and mapping.get("enabled") is not False


def _chart_language(chart: str, path: Path) -> Language | None:
    if chart.startswith(("victoria-", "vm")):
        return "metricsql"
    return "logql" if chart.startswith("loki") and "ruler" in path else None


def _name(field: Field) -> str | None:
    if field.integer is not None:
        return str(field.integer)
    return field.text
