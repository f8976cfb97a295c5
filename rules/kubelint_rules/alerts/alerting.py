"""What the rules about alerts share: which alerts there are, and how to point into their expressions."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Fix
from kubelint.cluster.promql import Query, Selector
from kubelint.manifests import Project
from kubelint.manifests.field import Excerpt
from kubelint.manifests.monitoring.alert_rules import AlertRule

RULES = ("expr:", "expr :", 'expr"', "expr'", 'expr\\"')
"""The key without which no file holds an alert, as YAML and JSON write it, JSON in a string too."""
ROUTES = ("receivers", "alertmanager.y", "defaultRules")
"""The words without which no file holds Alertmanager's configuration."""


def alerts(project: Project, *, whole: bool = False) -> Iterator[AlertRule]:
    """Every alert; `whole`: those only of which all is known to be seen, so that something can be missing."""
    for group in project.alert_groups:
        if not (whole and group.partial):
            yield from group.alerts


def queries(project: Project) -> Iterator[tuple[AlertRule, Query]]:
    """Every alert whose expression is PromQL, with its tree."""
    for alert in alerts(project):
        query = alert.promql
        if query is not None:
            yield alert, query


def shown(alert: AlertRule) -> str:
    """The alert's name, to put between backticks."""
    name = alert.name or "?"
    return name if len(name) <= 80 and name.isprintable() and "`" not in name else "?"


def severity_of(alert: AlertRule) -> str | None:
    """The alert's severity; None where there is none, or none that is known."""
    return alert.label("severity").text


def is_quiet(alert: AlertRule) -> bool:
    """Whether nobody is woken by it."""
    return (severity_of(alert) or "") in ("info", "none", "debug", "notification")


def instantaneous(alert: AlertRule) -> bool:
    """Whether it fires as soon as its expression has a result."""
    return all(field.absent for field in (alert.for_, alert.keep_firing_for)) and not alert.field.unknown


def renamed(alert: AlertRule, selector: Selector, name: str, title: str) -> Fix | None:
    """A fix that gives a selector's metric another name."""
    query = alert.promql
    place = query.place(selector) if query else None
    if query is None or place is None or not place.name:
        return None
    return rewritten(alert, place.start, place.start + len(place.name), name, title)


def rewritten(alert: AlertRule, start: int, end: int, text: str, title: str) -> Fix | None:
    """A fix that puts `text` in place of some characters of the expression."""
    query, field = alert.promql, alert.expr
    if query is None or not isinstance(field.value, str) or field.value != query.text:
        return None
    part = Excerpt(field.document, field.path, query.text[start:end], (start, end))
    return Fix.unsafe(title, part.replace(text))
