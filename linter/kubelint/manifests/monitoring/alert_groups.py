"""Where groups of rules stand: in files of their own, in objects, in ConfigMaps, in the values of releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.monitoring.alert_rules import AlertGroup
from kubelint.manifests.monitoring.alert_texts import Language
from kubelint.manifests.monitoring.searching import find_mappings
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

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
