"""The parts of an Alertmanager configuration, in upstream's words and in those of the operators' objects.

Follows Alertmanager's `config/config.go` and the operator's `AlertmanagerConfig` (v1alpha1, v1beta1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.label_matchers import Operator, parse_matchers
from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.monitoring.plain import plain_text, snake

_OPERATORS: dict[str, Operator] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}
_MAX_ROUTES = 20_000
_CONFIGS = re.compile(r"(.+)(?:_configs|Configs)")


class Matcher(NamedTuple):
    """One matcher. `at` is what to point at: its characters in a line, or the field of a mapping."""

    name: str
    op: Operator
    value: str
    field: Field
    at: Field | FieldSlice


class Matchers(NamedTuple):
    """The matchers that are known; the fields that hold others, unknown, and those that cannot be read."""

    known: list[Matcher]
    unknown: list[Field]
    unreadable: list[Field]


class Route:
    """One node of the tree of routes."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def __repr__(self) -> str:
        return f"<Route {self.field.display} in {self.field.document.file}>"

    @property
    def receiver(self) -> Field | None:
        """The receiver's name; None where the route leaves it to the one above."""
        field = self.field.get("receiver")
        return field if field.value is not None or field.unknown else None

    @property
    def continue_(self) -> Field:
        """Whether the routes after this one are tried too (false where absent)."""
        return self.field.get("continue")

    @property
    def group_by(self) -> Field:
        """The labels that alerts are grouped by; absent where the route leaves it to the one above, as all of these."""
        return either(self.field, "group_by")

    @property
    def group_wait(self) -> Field:
        """How long to wait for a group's first alerts."""
        return either(self.field, "group_wait")

    @property
    def group_interval(self) -> Field:
        """How long to wait before telling of new alerts in a group."""
        return either(self.field, "group_interval")

    @property
    def repeat_interval(self) -> Field:
        """How long to wait before telling again."""
        return either(self.field, "repeat_interval")

    @property
    def mute_time_intervals(self) -> Field:
        """When nobody is told."""
        return either(self.field, "mute_time_intervals")

    @property
    def active_time_intervals(self) -> Field:
        """When somebody is told."""
        return either(self.field, "active_time_intervals")

    @cached_property
    def all_matchers(self) -> Matchers:
        """What an alert must match: `match`, `match_re` and `matchers` together."""
        return read_matchers(self.field, "match", "match_re", "matchers")

    @property
    def matchers(self) -> list[Matcher]:
        """The matchers that are known. See `all_matchers` for whether there are others."""
        return self.all_matchers.known

    @cached_property
    def routes(self) -> list[Route]:
        """The routes below, in the order in which they are tried."""
        return [Route(field) for field in self.field.get("routes").elements() if isinstance(field.value, dict)]

    def walk(self) -> Iterator[Route]:
        """This route and all below it, in the order of the file; aliases may make a short file stand for many."""
        stack, count = [self], 0
        while stack and count < _MAX_ROUTES:
            route = stack.pop()
            yield route
            count += 1
            stack.extend(reversed(route.routes))


class Integration(NamedTuple):
    """One way in which a receiver notifies: `webhook`, `slack`, `email`, …"""

    kind: str
    field: Field


class Receiver:
    """Somebody or something that is notified. Without integrations it is nobody.

    `assigned` says that values from elsewhere are put into it.
    """

    def __init__(self, field: Field, assigned: bool = False) -> None:
        self.field = field
        self.assigned = assigned

    def __repr__(self) -> str:
        return f"<Receiver {self.name or '?'} in {self.field.document.file}>"

    @property
    def name(self) -> str | None:
        """The receiver's name, None where absent or unknown."""
        return self.field.get("name").text

    @cached_property
    def integrations(self) -> list[Integration]:
        """How it notifies; empty where it goes nowhere (unless that is unknown)."""
        return [
            Integration(snake(match[1]), item)
            for key, field in self.field.items()
            if (match := _CONFIGS.fullmatch(key))
            for item in field.elements()
            if item.value is not None
        ]

    @property
    def unknown(self) -> bool:
        """Whether there may be integrations that cannot be seen: template text in place of them."""
        return self.assigned or any(
            field.unknown or has_template(key) for key, field in self.field.items() if key != "name"
        )


class InhibitRule:
    """Alerts that match the target stay silent while one that matches the source fires."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.equal = field.get("equal")

    @cached_property
    def source(self) -> Matchers:
        """The matchers of the alert that silences."""
        return read_matchers(self.field, "source_match", "source_match_re", "source_matchers")

    @cached_property
    def target(self) -> Matchers:
        """The matchers of the alerts that are silenced."""
        return read_matchers(self.field, "target_match", "target_match_re", "target_matchers")


class TimeInterval(NamedTuple):
    """A named interval, for routes to be mute or active in."""

    name: str | None
    field: Field


def either(field: Field, name: str) -> Field:
    """The field `name`, in upstream's spelling or in the objects' (`groupWait`); absent ones have the former."""
    found = field.get(name)
    if found.exists or "_" not in name:
        return found
    first, *rest = name.split("_")
    other = field.get(first + "".join(word.capitalize() for word in rest))
    return other if other.exists else found


def read_matchers(field: Field, equal: str, regexp: str, lines: str) -> Matchers:
    """The matchers of a route or an inhibit rule, from the three keys that may hold them."""
    found = Matchers([], [], [])
    if field.unknown:
        found.unknown.append(field)
    for name, op in ((equal, "="), (regexp, "=~")):
        _read_either(either(field, name), _OPERATORS[op], found)
    _read_list(either(field, lines), found)
    return found


def _read_either(field: Field, op: Operator, found: Matchers) -> None:
    """A mapping from names to values, as upstream has it; or a list of matchers, as the objects do."""
    if isinstance(field.value, list):
        _read_list(field, found)
        return
    if field.unknown or (field.value is not None and not isinstance(field.value, dict)):
        (found.unknown if field.unknown else found.unreadable).append(field)
    for name, item in field.items():
        if item.unknown or has_template(name):
            found.unknown.append(item)
        elif isinstance(item.value, dict | list):
            found.unreadable.append(item)
        else:
            found.known.append(Matcher(name, op, plain_text(item.value), item, item))


def _read_list(field: Field, found: Matchers) -> None:
    if isinstance(field.value, list):
        for item in field.elements():
            _read_item(item, found)
    elif field.value is not None or field.unknown:
        _read_item(field, found)


def _read_item(field: Field, found: Matchers) -> None:
    if isinstance(field.value, dict):
        _read_mapping(field, found)
        return
    if field.unknown:
        found.unknown.append(field)
        return
    parsed = parse_matchers(field.text) if field.text is not None else None
    if parsed is None:
        found.unreadable.append(field)
    for name, op, value, start, end in parsed or []:
        found.known.append(Matcher(name, op, value, field, field.slice(start, end)))


def _read_mapping(field: Field, found: Matchers) -> None:
    """`{name, value, matchType}` of the operator's objects; v1alpha1 has `regex` too, for lack of a match type."""
    name, value, kind = field.get("name"), field.get("value"), field.get("matchType")
    op = _OPERATORS.get(str(kind.value)) if kind.value else "=~" if field.get("regex").value is True else "="
    if name.unknown or value.unknown or kind.unknown:
        found.unknown.append(field)
    elif name.text is None or op is None or isinstance(value.value, dict | list):
        found.unreadable.append(field)
    else:
        found.known.append(Matcher(name.text, op, plain_text(value.value), field, field))
