"""Which alerts silence which. Follows Alertmanager's `inhibit/inhibit.go`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubelint.cluster.alertmanager.routing import Labels, all_match, route_tests


def inhibited(config: Mapping[str, Any], labels: Labels, firing: Iterable[Labels]) -> bool:
    """Whether an alert with `labels` is surely silent while those `firing` (itself may be among them) fire.

    An alert that matches both sides of a rule is not silenced by another of which the same is true.
    """
    rules = config.get("inhibit_rules")
    others = list(firing)
    return any(
        _silences(rule, labels, others)
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, Mapping)
    )


def _silences(rule: Mapping[str, Any], labels: Labels, firing: list[Labels]) -> bool:
    source, target = route_tests(rule, "source_"), route_tests(rule, "target_")
    if source.unknown or target.unknown or all_match(target.known, labels) is not True:
        return False
    both = all_match(source.known, labels) is True
    names = rule.get("equal")
    equal = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return any(
        all_match(source.known, other) is True
        and all(labels.get(name, "") == other.get(name, "") is not None for name in equal)
        and not (both and all_match(target.known, other) is True)
        for other in firing
    )
