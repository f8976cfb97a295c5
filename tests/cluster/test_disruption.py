"""Facts about what PodDisruptionBudgets let evictions do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.disruption import allows_eviction, budget_selects, deciding_key


@pytest.mark.parametrize(
    ("spec", "replicas", "answer"),
    [
        ({"minAvailable": 1}, 2, True),
        ({"minAvailable": 2}, 2, False),
        ({"minAvailable": 3}, 2, False),
        ({"minAvailable": 1}, 1, False),
        ({"minAvailable": 0}, 1, True),
        ({"minAvailable": "50%"}, 2, True),
        ({"minAvailable": "51%"}, 2, False),
        ({"minAvailable": "100%"}, 9, False),
        ({"minAvailable": "0%"}, 9, True),
        ({"minAvailable": "99%"}, 100, True),
        ({"minAvailable": "99%"}, 99, False),
        ({"maxUnavailable": 0}, 5, False),
        ({"maxUnavailable": 1}, 5, True),
        ({"maxUnavailable": "0%"}, 5, False),
        ({"maxUnavailable": "1%"}, 5, True),
        ({"maxUnavailable": 1, "minAvailable": 5}, 5, True),
        ({}, 2, True),
        ({"minAvailable": None}, 2, True),
        ({"minAvailable": 5}, 0, True),
        ({"minAvailable": 2}, None, None),
        ({"minAvailable": "60%"}, None, None),
        ({"minAvailable": "100%"}, None, False),
        ({"minAvailable": 0}, None, True),
        ({"maxUnavailable": 0}, None, False),
        ({"maxUnavailable": "0%"}, None, False),
        ({"maxUnavailable": 1}, None, True),
        ({"maxUnavailable": "10%"}, None, None),
        ({"minAvailable": "${MIN}"}, 2, None),
        ({"maxUnavailable": "{{ .Values.max }}"}, 2, None),
        ({"maxUnavailable": "some"}, 2, None),
        ({"maxUnavailable": True}, 2, None),
        ("${SPEC}", 2, True),
    ],
)
def test_allows_eviction(spec: Any, replicas: int | None, answer: bool | None) -> None:
    assert allows_eviction(spec, replicas) is answer


@given(st.integers(0, 100), st.integers(1, 500))
def test_percentages_round_up(share: int, replicas: int) -> None:
    kept = next(count for count in range(replicas + 1) if count * 100 >= share * replicas)
    assert allows_eviction({"minAvailable": f"{share}%"}, replicas) is (kept < replicas)
    assert allows_eviction({"maxUnavailable": f"{share}%"}, replicas) is (share > 0)


def test_deciding_key() -> None:
    assert deciding_key({"maxUnavailable": 0, "minAvailable": 1}) == "maxUnavailable"
    assert deciding_key({"minAvailable": 1}) == "minAvailable"


DNS = {"k8s-app": "kube-dns"}


@pytest.mark.parametrize(
    ("version", "selector", "answer"),
    [
        ("policy/v1", {"matchLabels": DNS}, True),
        ("policy/v1", {"matchLabels": {"k8s-app": "coredns"}}, False),
        ("policy/v1", {}, True),
        ("policy/v1beta1", {}, False),
        ("policy/v1", None, False),
        ("policy/v1", {"matchLabels": {"k8s-app": "${APP}"}}, None),
        ("policy/v1", {"matchExpressions": [{"key": "k8s-app", "operator": "Exists"}]}, True),
    ],
)
def test_budget_selects(version: str, selector: Any, answer: bool | None) -> None:
    assert budget_selects({"apiVersion": version, "spec": {"selector": selector}}, DNS) is answer


@pytest.mark.parametrize(
    ("budget", "replicas", "answer"),
    [
        ({"maxUnavailable": -1}, 2, None),
        ({"minAvailable": -1}, 2, None),
        ({"minAvailable": 1}, -1, None),
        ({"maxUnavailable": 0}, -1, None),
    ],
)
def test_what_the_api_server_refuses_tells_nothing(budget: Any, replicas: int, answer: bool | None) -> None:
    assert allows_eviction(budget, replicas) is answer
