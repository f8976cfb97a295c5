"""An Alertmanager configuration in the shape of upstream's YAML, from the operators' objects too.

Follows the operator's `pkg/alertmanager/amcfg.go`, and VictoriaMetrics' operator, which does likewise.
"""

from __future__ import annotations

import re
from typing import Any

from kubelint.cluster.label_matchers import write_matcher

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """`groupWait` as upstream's configuration writes it: `group_wait`."""
    return _CAMEL.sub("_", name).lower() if _CAMEL.search(name) else name


def plain_text(value: Any) -> str:
    """A scalar as Alertmanager's own reader has it: text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain_route(value: dict[str, Any]) -> dict[str, Any]:
    """The route as upstream writes it; aliases share."""
    return _plain_route(value, {})


def _plain_route(value: dict[str, Any], done: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if id(value) not in done:
        plain = {snake(key): item for key, item in value.items()}
        done[id(value)] = plain
        if "matchers" in plain:
            plain["matchers"] = _plain_matchers(plain["matchers"])
        if isinstance(plain.get("routes"), list):
            plain["routes"] = [_plain_route(item, done) for item in plain["routes"] if isinstance(item, dict)]
    return done[id(value)]


def _plain_matchers(matchers: Any) -> Any:
    if not isinstance(matchers, list):
        return [matchers] if isinstance(matchers, str) else matchers
    return [_plain_matcher(item) if isinstance(item, dict) else item for item in matchers]


def _plain_matcher(item: dict[str, Any]) -> str:
    op = item.get("matchType") or ("=~" if item.get("regex") is True else "=")
    return write_matcher(plain_text(item.get("name")), str(op), plain_text(item.get("value")))


def plain_receiver(value: dict[str, Any]) -> dict[str, Any]:
    """The receiver as upstream writes it: the keys of its integrations too, not what stands below them."""
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(item, list):
            item = [{snake(k): v for k, v in one.items()} if isinstance(one, dict) else one for one in item]
        plain[snake(key)] = item
    return plain


def plain_inhibit_rule(value: dict[str, Any]) -> dict[str, Any]:
    """The inhibit rule as upstream writes it."""
    plain: dict[str, Any] = {}
    for key, item in value.items():
        name = snake(key)
        if name in ("source_match", "target_match") and isinstance(item, list):
            name += "ers"
        plain[name] = _plain_matchers(item) if name.endswith("_matchers") else item
    return plain


def plain_interval(value: Any) -> Any:
    """A time interval as upstream writes it, all of it: `startTime` is `start_time`, a range of days is `1:7`."""
    if isinstance(value, list):
        return [plain_interval(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and value.keys() <= {"start", "end"}:
        return ":".join(str(value[key]) for key in ("start", "end") if value.get(key) is not None)
    return {snake(key): plain_interval(item) for key, item in value.items()}


def with_prefix(plain: dict[str, Any], prefix: str) -> dict[str, Any]:
    """What the operators make of an object's configuration: its receivers and intervals under names of their own."""
    own = dict(plain)
    if "route" in plain:
        own["route"] = _prefixed_route(plain["route"], prefix, {})
    for key in ("receivers", "time_intervals"):
        if key in plain:
            own[key] = [{**one, "name": f"{prefix}{one.get('name')}"} for one in plain[key]]
    return own


def _prefixed_route(route: dict[str, Any], prefix: str, done: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if id(route) not in done:
        own = done[id(route)] = dict(route)
        if isinstance(own.get("receiver"), str) and own["receiver"]:
            own["receiver"] = prefix + own["receiver"]
        for key in ("mute_time_intervals", "active_time_intervals"):
            if isinstance(own.get(key), list):
                own[key] = [f"{prefix}{name}" for name in own[key]]
        if "routes" in own:
            own["routes"] = [_prefixed_route(one, prefix, done) for one in own["routes"] if isinstance(one, dict)]
    return done[id(route)]


def within_namespace(plain: dict[str, Any], namespace: str) -> dict[str, Any]:
    """What the operators add to an object's configuration among others: it is for alerts of its namespace, and those
    after it are tried too.
    """
    own = dict(plain)
    matcher = write_matcher("namespace", "=", namespace)
    if "route" in plain:
        own["route"] = {**plain["route"], "continue": True, "matchers": _and(plain["route"].get("matchers"), matcher)}
    if "inhibit_rules" in plain:
        sides = ("source_matchers", "target_matchers")
        own["inhibit_rules"] = [
            {**rule, **{side: _and(rule.get(side), matcher) for side in sides}} for rule in plain["inhibit_rules"]
        ]
    return own


def _and(matchers: Any, matcher: str) -> list[Any]:
    found = matchers if isinstance(matchers, list) else []
    return found if matcher in found else [*found, matcher]
