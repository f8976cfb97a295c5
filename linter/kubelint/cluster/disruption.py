"""What a PodDisruptionBudget lets an eviction do, and thereby a drain.

Source: kubernetes ``pkg/controller/disruption/disruption.go`` (``getExpectedPodCount``: percentages of the expected
pods, rounded up, for both fields) and apimachinery ``pkg/util/intstr/intstr.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.spread import selector_matches
from kubelint.cluster.templates import has_template

_PERCENT = re.compile(r"(\d{1,9})%", re.ASCII)


def allows_eviction(budget: object, replicas: int | None) -> bool | None:
    """May one of ``replicas`` healthy pods be evicted under ``budget``, the ``spec`` of a PodDisruptionBudget?

    None where it depends on what is not known: template text, or the number of replicas where that is None.
    """
    spec = as_mapping(budget)
    most, least = spec.get("maxUnavailable"), spec.get("minAvailable")
    if replicas == 0 or (most is None and least is None):
        return True
    if replicas is not None and replicas < 0:
        return None
    if most is not None:
        spared = _scaled(most, replicas)
        return None if spared is None else spared >= 1
    kept = _scaled(least, replicas)
    if kept == 0:
        return True
    if replicas is None:
        return False if _percentage(least) == 100 else None
    return None if kept is None else kept < replicas


def deciding_key(budget: object) -> str:
    """The key of a budget's ``spec`` that counts."""
    return "maxUnavailable" if as_mapping(budget).get("maxUnavailable") is not None else "minAvailable"


def budget_selects(budget: Mapping[str, object], labels: Mapping[str, object]) -> bool | None:
    """Does the PodDisruptionBudget ``budget`` count pods with ``labels``?  None where template text decides.

    An empty selector takes every pod of the namespace, in ``policy/v1beta1`` none.
    """
    selector = as_mapping(budget.get("spec")).get("selector")
    if selector == {} and budget.get("apiVersion") == "policy/v1beta1":
        return False
    return selector_matches(selector, labels)


def _scaled(value: object, replicas: int | None) -> int | None:
    """A number of pods; None where it is neither a number nor a percentage, or a percentage of an unknown number.

    The API server refuses what is negative.
    """
    if type(value) is int:
        return value if value >= 0 else None
    share = _percentage(value)
    if share is None:
        return None
    if replicas is None:
        return 0 if share == 0 else None
    return -(-share * replicas // 100)


def _percentage(value: object) -> int | None:
    if not isinstance(value, str) or has_template(value):
        return None
    match = _PERCENT.fullmatch(value)
    return int(match[1]) if match else None
