"""Which routes take an alert. Follows Alertmanager's `dispatch/route.go` and `pkg/labels/matcher.go`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kubelint.cluster.backtracking import tries
from kubelint.cluster.go_regexp import compile_go
from kubelint.cluster.label_matchers import parse_matchers
from kubelint.cluster.templates import has_template

Labels = Mapping[str, str | None]
"""An alert's labels; None for one whose value is not known."""
Test = tuple[str, str, str]
"""A matcher: name, operator, value."""

DEFAULTS: Mapping[str, Any] = {
    "group_by": (), "group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h",
}  # fmt: skip
"""What holds where no route up to the root says anything else."""
MAX_DEPTH = 400
"""How deep routes may lie in one another; what lies deeper is taken for not known."""
_MAX_TRIES = 200_000
"""How long to look for a match; what may take longer is taken for not known."""


class Taken(NamedTuple):
    """A route that takes the alert.

    `receiver` is None where none is named, or a template names it; `path` are the steps from the root; `certain` is
    False where something that is not known decides. The rest is what holds there, inherited or own; intervals are
    never inherited.
    """

    receiver: str | None
    path: tuple[int, ...]
    certain: bool
    group_by: tuple[str, ...]
    group_wait: Any
    group_interval: Any
    repeat_interval: Any
    mute_time_intervals: tuple[str, ...]
    active_time_intervals: tuple[str, ...]


def route(config: Mapping[str, Any], labels: Labels) -> list[str]:
    """The receivers that are told of an alert with `labels`, in order; one that several routes name stands there as
    often. Labels that are not named are empty. Empty where the configuration has no route.
    """
    return [taken.receiver for taken in routing(config, labels) if taken.certain and taken.receiver is not None]


def routing(config: Mapping[str, Any], labels: Labels, *, more_labels: bool = False) -> list[Taken]:
    """The routes that take an alert with `labels`, those that may take it too. `more_labels`: the alert may carry
    others, such as what Prometheus adds outside.
    """
    root = config.get("route")
    if not isinstance(root, Mapping):
        return []
    return _Walk(labels, more_labels).take(root, (), {**DEFAULTS, "receiver": None}, True)


class _Walk:
    def __init__(self, labels: Labels, more_labels: bool) -> None:
        self._labels = labels
        self._more = more_labels

    def take(
        self, node: Mapping[str, Any], path: tuple[int, ...], above: Mapping[str, Any], certain: bool
    ) -> list[Taken]:
        """The routes at and below `node`, which the alert has reached, that take it."""
        options = _inherited(node, above)
        children = node.get("routes")
        below = children if isinstance(children, list) and len(path) < MAX_DEPTH else []
        sure = certain and (not children or bool(below))
        taken: list[Taken] = []
        left = True
        for index, child in enumerate(below):
            matched = self._matches(child)
            if matched is False:
                continue
            more = child.get("continue") if isinstance(child, Mapping) else None
            if isinstance(child, Mapping):
                taken += self.take(child, (*path, index), options, sure and matched is True)
            if matched and not more:
                return taken
            left = left and matched is None
            sure = sure and (more is True if matched is None else isinstance(more, bool))
        return [*taken, _taken(node, path, options, sure and not taken)] if left else taken

    def _matches(self, child: Any) -> bool | None:
        if not isinstance(child, Mapping):
            return None if child else False
        tests = route_tests(child)
        answer = all_match(tests.known, self._labels, more_labels=self._more)
        return None if answer and tests.unknown else answer


class RouteTests(NamedTuple):
    """What an alert must match; `unknown` where there is more that cannot be read."""

    known: list[Test]
    unknown: bool


def route_tests(node: Mapping[str, Any], prefix: str = "") -> RouteTests:
    """The matchers of a route, or of one side of an inhibit rule (`source_`, `target_`)."""
    found: list[Test] = []
    unknown = False
    for key, op in ((f"{prefix}match", "="), (f"{prefix}match_re", "=~")):
        pairs = node.get(key)
        unknown |= not isinstance(pairs, Mapping | None)
        for name, value in pairs.items() if isinstance(pairs, Mapping) else ():
            found.append((str(name), op, _text(value)))
    lines = node.get(f"{prefix}matchers")
    unknown |= not isinstance(lines, list | str | None)
    for line in [lines] if isinstance(lines, str) else lines if isinstance(lines, list) else ():
        parsed = parse_matchers(line) if isinstance(line, str) and not has_template(line) else None
        unknown |= parsed is None
        found += [(one.name, one.op, one.value) for one in parsed or ()]
    known = [test for test in found if not has_template(test[0]) and not has_template(test[2])]
    return RouteTests(known, unknown or len(known) < len(found))


def all_match(tests: Iterable[Test], labels: Labels, *, more_labels: bool = False) -> bool | None:
    """Whether an alert matches all of `tests`; None where that is not known. None at all match anything."""
    answers = {one_matches(test, labels, more_labels=more_labels) for test in tests}
    return False if False in answers else None if None in answers else True


def one_matches(test: Test, labels: Labels, *, more_labels: bool = False) -> bool | None:
    """Whether an alert matches one test: an absent label is an empty one, and an expression means the whole value.

    None where a label or an expression is not known, and for expressions that take too long: Alertmanager's matcher
    needs linear time, ours does not.
    """
    name, op, value = test
    own = labels.get(name, None if more_labels else "")
    if own is None:
        return None
    if op in ("=", "!="):
        return (own == value) is (op == "=")
    pattern = compile_go(f"^(?:{value})$") if tries(value, len(own)) <= _MAX_TRIES else None
    if pattern is None:
        return None
    return (pattern.search(own) is not None and not _newline_slack(own, value)) is (op == "=~")


def _newline_slack(own: str, value: str) -> bool:
    """Python's `$` also stands before a newline that ends the text, Go's does not."""
    return own.endswith("\n") and (bare := compile_go(f"^(?:{value})\\z")) is not None and bare.search(own) is None


def _inherited(node: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: node[key] for key in above if node.get(key) not in (None, "")}
    if "group_by" in own:
        own["group_by"] = _strings(own["group_by"])
    return {**above, **own}


def _taken(node: Mapping[str, Any], path: tuple[int, ...], options: Mapping[str, Any], certain: bool) -> Taken:
    receiver = options["receiver"]
    known = isinstance(receiver, str) and not has_template(receiver)
    return Taken(
        receiver if known else None,
        path,
        certain,
        options["group_by"],
        options["group_wait"],
        options["group_interval"],
        options["repeat_interval"],
        _strings(node.get("mute_time_intervals")),
        _strings(node.get("active_time_intervals")),
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
