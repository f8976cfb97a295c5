"""Facts about which terms spread pods, and which do nothing for them."""

from __future__ import annotations

from typing import Any

import pytest

from kubelint.cluster.spread import Spread, dead_terms, kept_together, spread

LABELS = {"app.kubernetes.io/name": "shop", "component": "web"}
HOST = "kubernetes.io/hostname"


def constraint(selector: Any, **more: Any) -> dict[str, Any]:
    return {"topologySpreadConstraints": [{"topologyKey": HOST, "labelSelector": selector, **more}]}


def anti(selector: Any, **more: Any) -> dict[str, Any]:
    term = {"topologyKey": HOST, "labelSelector": selector, **more}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def labels(**wanted: str) -> dict[str, Any]:
    return {"matchLabels": {key.replace("__", "/").replace("_", "."): value for key, value in wanted.items()}}


NAME = {"matchLabels": {"app.kubernetes.io/name": "shop"}}


@pytest.mark.parametrize(
    ("spec", "dead"),
    [
        (constraint(NAME), False),
        (constraint({}), False),
        (constraint(labels(app="shop")), True),
        (constraint(labels(component="db")), True),
        (constraint(None), True),
        (constraint(None, matchLabelKeys=["pod-template-hash"]), False),
        (constraint(labels(app="${APP}")), False),
        (constraint("{{ .Values.selector }}"), False),
        (constraint([]), False),
        ({"topologySpreadConstraints": [{}]}, False),
        ({"topologySpreadConstraints": "${CONSTRAINTS}"}, False),
        (anti(NAME), False),
        (anti(labels(app="shop")), True),
        (anti(labels(app="Shop")), True),
        (anti(labels(app="shop-web")), True),  # the workload's own name
        (anti({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]}), True),
        (anti({"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop", "bar"]}]}), False),
        (anti({"matchExpressions": [{"key": "app", "operator": "Exists"}]}), False),
        (anti(labels(app="database")), False),
        (anti(labels(component="db")), False),
        (anti({"matchLabels": {"app": "shop", "component": "db"}}), False),
        (anti({"matchLabels": {"app": "shop", "component": "web"}}), True),
        (anti(labels(app="shop"), namespaces=["other"]), False),
        (anti(labels(app="shop"), namespaceSelector={}), False),
        (anti(None), False),
        ({"affinity": {"podAntiAffinity": "${ANTI}"}}, False),
        ({"affinity": []}, False),
        (None, False),
    ],
)
def test_dead_terms(spec: Any, dead: bool) -> None:
    assert bool(list(dead_terms(spec, LABELS, "shop-web"))) is dead


def test_a_dead_term_says_where_its_selector_is() -> None:
    found = next(dead_terms(anti(labels(app="shop")), LABELS, None))
    path = ("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution", 0, "labelSelector")
    assert found == (path, labels(app="shop"), False)
    assert next(dead_terms(constraint(None), LABELS, None)).path == ("topologySpreadConstraints", 0, "labelSelector")


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        (anti(NAME), Spread.HARD),
        (anti(labels(app="shop")), Spread.NONE),
        (constraint(NAME), Spread.SOFT),
        (constraint(NAME, whenUnsatisfiable="DoNotSchedule"), Spread.HARD),
        (constraint(labels(app="${APP}")), Spread.UNKNOWN),
    ],
)
def test_spread(spec: Any, answer: Spread) -> None:
    assert spread(spec, {**LABELS, **({"${KEY}": "x"} if answer is Spread.UNKNOWN else {})}) is answer


ELSEWHERE = {"matchLabels": {"team": "shop"}}
REACH = [
    (anti(NAME, namespaces=["shop"]), Spread.HARD),
    (anti(NAME, namespaces=["other"]), Spread.NONE),
    (anti(NAME, namespaces=["${NAMESPACE}"]), Spread.UNKNOWN),
    (anti(NAME, namespaces=[]), Spread.HARD),
    (anti(NAME, namespaceSelector={}), Spread.HARD),
    (anti(NAME, namespaceSelector=ELSEWHERE), Spread.UNKNOWN),
    (anti(NAME, namespaceSelector=ELSEWHERE, namespaces=["shop"]), Spread.HARD),
    (anti(NAME, matchLabelKeys=["component"]), Spread.HARD),
    (anti(NAME, mismatchLabelKeys=["component"]), Spread.NONE),
    (anti(NAME, mismatchLabelKeys=["tenant"]), Spread.HARD),
]


@pytest.mark.parametrize(("spec", "answer"), REACH)
def test_a_term_acts_in_its_namespaces(spec: Any, answer: Spread) -> None:
    assert spread(spec, LABELS, "shop") is answer


def test_where_the_namespace_is_unknown_a_list_of_them_is_too() -> None:
    assert spread(anti(NAME, namespaces=["shop"]), LABELS) is Spread.UNKNOWN
    assert spread(anti(NAME), LABELS) is Spread.HARD


def affinity(selector: Any, **more: Any) -> dict[str, Any]:
    term = {"topologyKey": HOST, "labelSelector": selector, **more}
    return {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


TOGETHER = [
    ({}, False),
    (affinity(NAME), True),
    (affinity(labels(app="cache")), False),
    (affinity(labels(component="web")), True),
    (affinity(labels(component="${COMPONENT}")), None),
    (affinity(NAME, topologyKey="topology.kubernetes.io/zone"), False),
    (affinity(NAME, topologyKey="${KEY}"), None),
    (affinity(NAME, namespaces=["other"]), False),
    (affinity(None), False),
    (anti(NAME), False),
    ({"affinity": "${AFFINITY}"}, None),
    ({"affinity": {"podAffinity": "${AFFINITY}"}}, None),
    ({"affinity": {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{}]}}}, False),
    ({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": 3}}}, False),
    (None, False),
]


@pytest.mark.parametrize(("spec", "answer"), TOGETHER)
def test_kept_together(spec: Any, answer: bool | None) -> None:
    assert kept_together(spec, LABELS, "shop") is answer
