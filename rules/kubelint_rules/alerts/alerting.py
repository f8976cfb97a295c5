"""What the rules about alerts share: which alerts there are, and how to point into their expressions."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Fix
from kubelint.cluster.promql import Query, Selector
from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.field import Excerpt
from kubelint.manifests.monitoring.alert_rules import AlertGroup, AlertRule

RULES = ("expr:", "expr :", 'expr"', "expr'", 'expr\\"')
"""The key without which no file holds an alert, as YAML and JSON write it, JSON in a string too."""
ROUTES = ("receivers", "alertmanager.y", "defaultRules")
"""The words without which no file holds Alertmanager's configuration."""


def alerts(project: Project, *, whole: bool = False) -> Iterator[AlertRule]:
    """Every alert; `whole`: those only of which all is known to be seen, so that something can be missing."""
    for group in project.alert_groups:
        if not (whole and group.partial):
            yield from settled(project, group)


def measured(project: Project) -> Iterator[AlertRule]:
    """Every alert, those of Grafana too, for rules about what is measured."""
    yield from alerts(project)
    for group in project.grafana_groups:
        yield from settled(project, group)


def queries(project: Project) -> Iterator[tuple[AlertRule, Query]]:
    """Every alert whose expression is PromQL, with its tree."""
    for alert in measured(project):
        query = alert.promql
        if query is not None:
            yield alert, query


def settled(project: Project, group: AlertGroup) -> Iterator[AlertRule]:
    """The alerts of a group that no kustomization changes or removes."""
    owner = group.owner
    if not isinstance(owner, KubeObject) or not project.may_be_patched(owner, *_steps(owner, group.field)):
        yield from group.alerts
        return
    for alert in group.alerts:
        if not project.may_be_patched(owner, *_steps(owner, alert.field)):
            yield alert


def _steps(owner: KubeObject, field: Field) -> list[str | int]:
    """The way from an object's root to a field, as far as a patch may go: texts are changed whole."""
    steps: list[str | int] = []
    for step in field.path[len(owner.root.path) :]:
        if not isinstance(step, str | int):
            break
        steps.append(step)
    return steps


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
