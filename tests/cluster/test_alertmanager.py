"""Alertmanager's routing as its documentation tells it: who is told, when nobody is, what another alert silences."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.cluster.alertmanager import holds, inhibited, muted, one_matches, route, routing


def node(receiver=None, *routes, **more):
    found = dict(more)
    if receiver is not None:
        found["receiver"] = receiver
    if routes:
        found["routes"] = list(routes)
    return found


def when(receiver, *lines, **more):
    return node(receiver, matchers=list(lines), **more)


def go_on(receiver, *lines, **more):
    return when(receiver, *lines, **more) | {"continue": True}


WATCHDOG = {"alertname": "Watchdog", "severity": "none"}
CRITICAL = {"alertname": "DiskFull", "severity": "critical", "team": "ops"}
WARNING = {"alertname": "DiskFills", "severity": "warning", "team": "web"}
TREE = node(
    "root",
    when("ops", 'team="ops"') | {"routes": [when("ops-pager", 'severity="critical"')]},
    when(None, 'team="web"') | {"routes": [when("web-chat", 'severity="warning"'), when(None, 'severity="info"')]},
    when("db", 'service=~"mysql|postgres"'),
)


@pytest.mark.parametrize(
    ("root", "labels", "receivers"),
    [
        # the root takes what no child takes
        (node("a"), {}, ["a"]),
        (node("a"), CRITICAL, ["a"]),
        (node("a", when("b", 'x="1"')), {}, ["a"]),
        (node("a", when("b", 'x="1"')), {"x": "2"}, ["a"]),
        (node("a", when("b", 'x="1"')), {"x": "1"}, ["b"]),
        (node("a", when("b", "x=1")), {"x": "1"}, ["b"]),
        # a child without matchers takes everything
        (node("a", node("b")), CRITICAL, ["b"]),
        (node("a", node("b"), node("c")), CRITICAL, ["b"]),
        # the first that matches
        (node("a", when("b", 'x="1"'), when("c", 'x="1"')), {"x": "1"}, ["b"]),
        (node("a", when("b", 'x="2"'), when("c", 'x="1"')), {"x": "1"}, ["c"]),
        (node("a", when("b", 'x="1"'), when("c", 'y="1"')), {"x": "1", "y": "1"}, ["b"]),
        # `continue`
        (node("a", go_on("b", 'x="1"'), when("c", 'x="1"')), {"x": "1"}, ["b", "c"]),
        (node("a", go_on("b", 'x="1"'), when("c", 'x="2"')), {"x": "1"}, ["b"]),
        (node("a", go_on("b", 'x="2"'), when("c", 'x="1"')), {"x": "1"}, ["c"]),
        (node("a", go_on("b"), go_on("c"), node("d"), node("e")), {}, ["b", "c", "d"]),
        (node("a", go_on("b"), go_on("b")), {}, ["b", "b"]),
        (node("a", when("b", 'x="1"') | {"continue": False}, node("c")), {"x": "1"}, ["b"]),
        (node("a", go_on("b", 'x="1"')), {"x": "1"}, ["b"]),
        # `continue` of a child says nothing about its parent's siblings
        (node("a", node("b", go_on("c")), node("d")), {}, ["c"]),
        (node("a", node("b", go_on("c"), node("d")) | {"continue": True}, node("e")), {}, ["c", "d", "e"]),
        # nested routes, inherited receivers
        (TREE, CRITICAL, ["ops-pager"]),
        (TREE, CRITICAL | {"severity": "info"}, ["ops"]),
        (TREE, WARNING, ["web-chat"]),
        (TREE, WARNING | {"severity": "info"}, ["root"]),
        (TREE, WARNING | {"severity": "critical"}, ["root"]),
        (TREE, {"service": "mysql"}, ["db"]),
        (TREE, {"service": "mysql-2"}, ["root"]),
        (TREE, {"team": "ops", "service": "mysql"}, ["ops"]),
        (TREE, {}, ["root"]),
        (node("a", node("", node(None))), {}, ["a"]),
        (node("a", node("b", node(None, node(None)))), {}, ["b"]),
        # a nested route that does not match leaves the alert with its parent, not with the root
        (node("a", when("b", 'x="1"') | {"routes": [when("c", 'y="1"')]}, node("d")), {"x": "1"}, ["b"]),
        (node("a", when("b", 'x="1"') | {"routes": [when("c", 'y="1"')]}, node("d")), {"y": "1"}, ["d"]),
        # operators
        (node("a", when("b", 'x!="1"')), {"x": "1"}, ["a"]),
        (node("a", when("b", 'x!="1"')), {"x": "2"}, ["b"]),
        (node("a", when("b", 'x!="1"')), {}, ["b"]),
        (node("a", when("b", 'x=""')), {}, ["b"]),
        (node("a", when("b", 'x=""')), {"x": "1"}, ["a"]),
        (node("a", when("b", 'x!=""')), {}, ["a"]),
        (node("a", when("b", 'x!=""')), {"x": "1"}, ["b"]),
        (node("a", when("b", 'x!~"1|2"')), {"x": "3"}, ["b"]),
        (node("a", when("b", 'x!~"1|2"')), {"x": "2"}, ["a"]),
        (node("a", when("b", 'x!~".+"')), {}, ["b"]),
        # expressions mean the whole value
        (node("a", when("b", 'x=~"lo"')), {"x": "lorry"}, ["a"]),
        (node("a", when("b", 'x=~"lo.*"')), {"x": "lorry"}, ["b"]),
        (node("a", when("b", 'x=~"a|b"')), {"x": "ab"}, ["a"]),
        (node("a", when("b", 'x=~"^lo.*$"')), {"x": "lorry"}, ["b"]),
        (node("a", when("b", 'x=~".*"')), {}, ["b"]),
        (node("a", when("b", 'x=~".+"')), {}, ["a"]),
        (node("a", when("b", 'x=~"a"')), {"x": "a\n"}, ["a"]),
        # upper and lower case
        (node("a", when("b", "alertname=WatchDog")), WATCHDOG, ["a"]),
        (node("a", when("b", "alertname=Watchdog")), WATCHDOG, ["b"]),
        (node("a", when("b", 'alertname=~"watchdog|Info.*"')), WATCHDOG, ["a"]),
        (node("a", when("b", 'alertname=~"(?i)watchdog"')), WATCHDOG, ["b"]),
        # all matchers of all three kinds count
        (node("a", when("b", 'x="1"', 'y="1"')), {"x": "1"}, ["a"]),
        (node("a", when("b", 'x="1"', 'y="1"')), {"x": "1", "y": "1"}, ["b"]),
        (node("a", when("b", 'x="1",y="1"')), {"x": "1", "y": "2"}, ["a"]),
        (node("a", when("b", '{x="1",y=~"1|2"}')), {"x": "1", "y": "2"}, ["b"]),
        (node("a", node("b", match={"x": "1"})), {"x": "1"}, ["b"]),
        (node("a", node("b", match={"x": "1"})), {"x": "10"}, ["a"]),
        (node("a", node("b", match={"port": 80})), {"port": "80"}, ["b"]),
        (node("a", node("b", match={"x": ""})), {}, ["b"]),
        (node("a", node("b", match_re={"x": "1|2"})), {"x": "2"}, ["b"]),
        (node("a", node("b", match_re={"x": "1|2"})), {"x": "12"}, ["a"]),
        (node("a", node("b", match={"x": "1"}, match_re={"y": "a.*"})), {"x": "1", "y": "b"}, ["a"]),
        (node("a", node("b", match={"x": "1"}, match_re={"y": "a.*"}, matchers=["z=1"])), {"x": "1", "y": "a"}, ["a"]),
        (node("a", when("b", '"zone.name"="north"')), {"zone.name": "north"}, ["b"]),
        # the documentation's own example, in other words
        (
            node(
                "fallback",
                node("db-pager", match_re={"service": "mysql|cassandra"}, group_wait="10s"),
                when("frontend-pager", 'team="frontend"', group_by=["product", "environment"]),
            ),
            {"service": "cassandra", "team": "frontend"},
            ["db-pager"],
        ),
        # what is no route
        (None, {}, []),
        ([], {}, []),
        (node(None), {}, []),
        (node("a", None), {}, ["a"]),
        (node("a") | {"routes": None}, {}, ["a"]),
    ],
)
def test_who_is_told(root, labels, receivers):
    assert route({"route": root}, labels) == receivers


@pytest.mark.parametrize(
    ("root", "labels", "expected"),
    [
        (node("a", when("b", 'x="{{ .Values.x }}"'), node("c")), {"x": "1"}, [("b", False), ("c", False)]),
        (node("a", when("b", 'x="${X}"')), {"x": "1"}, [("b", False), ("a", False)]),
        (node("a", when("b", 'x="${X}"', 'y="1"')), {"x": "1"}, [("a", True)]),
        (node("a", when("${R}", 'x="1"')), {"x": "1"}, [(None, True)]),
        (node("a", when("b", 'x="1"')), {"x": None}, [("b", False), ("a", False)]),
        (node("a", go_on("b", 'x="1"'), when("c", 'y="1"')), {"x": None, "y": "1"}, [("b", False), ("c", True)]),
        (node("a", when("b", 'x=~"\\\\pL"')), {"x": "1"}, [("b", False), ("a", False)]),
        (node("a", when("b", "x=")), {}, [("b", True)]),
        (node("a", when("b", "no matcher")), {}, [("b", False), ("a", False)]),
        (node("a", "{{ .Values.route }}"), {}, [("a", False)]),
        (node("a") | {"routes": "${ROUTES}"}, {}, [("a", False)]),
        (node("a", when("b", 'x="1"') | {"continue": "${C}"}, node("c")), {"x": "1"}, [("b", True), ("c", False)]),
    ],
)
def test_what_is_not_known_is_not_certain(root, labels, expected):
    assert [(taken.receiver, taken.certain) for taken in routing({"route": root}, labels)] == expected


def test_labels_that_prometheus_may_add_are_not_empty_ones():
    config = {"route": node("a", when("b", 'cluster="home"'))}
    assert route(config, WATCHDOG) == ["a"]
    assert [taken.certain for taken in routing(config, WATCHDOG, more_labels=True)] == [False, False]


def test_what_is_inherited_and_what_is_not():
    config = {
        "route": node(
            "a",
            node("b", node(None, group_by=[]), repeat_interval="1h", mute_time_intervals=["nights"]),
            group_by=["alertname"],
            group_wait="10s",
        )
    }
    (taken,) = routing(config, {})
    assert taken.path == (0, 0) and taken.receiver == "b"
    assert (taken.group_by, taken.group_wait, taken.group_interval, taken.repeat_interval) == ((), "10s", "5m", "1h")
    assert taken.mute_time_intervals == ()


LABELS = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["1", "2", "12"]), max_size=3)
LINES = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from("xyz"),
        st.sampled_from(["=", "!=", "=~", "!~"]),
        st.sampled_from(["1", "1|2", ""]),
    ),
    max_size=2,
)
NAMES = st.one_of(st.none(), st.sampled_from("abcde"))
BRANCHES = st.recursive(
    st.builds(lambda name, lines, more: when(name, *lines) | {"continue": more}, NAMES, LINES, st.booleans()),
    lambda inner: st.builds(
        lambda name, lines, more, routes: when(name, *lines) | {"continue": more, "routes": routes},
        NAMES, LINES, st.booleans(), st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


def itself(one, labels):
    """Whether a route's own matchers match, by the words of the documentation."""
    return route({"route": node("no", one | {"receiver": "yes", "routes": []})}, labels) == ["yes"]


def walked(one, path=()):
    yield path, one
    for index, child in enumerate(one.get("routes", [])):
        yield from walked(child, (*path, index))


@given(st.lists(BRANCHES, max_size=4), LABELS)
def test_a_route_that_takes_an_alert_matches_it_all_the_way_down(routes, labels):
    root = node("root", *routes)
    nodes = dict(walked(root))
    for taken in routing({"route": root}, labels):
        for depth in range(1, len(taken.path) + 1):
            assert itself(nodes[taken.path[:depth]], labels)


@given(st.lists(BRANCHES, max_size=4), LABELS)
def test_the_root_takes_what_no_child_takes_and_only_that(routes, labels):
    taken = routing({"route": node("root", *routes)}, labels)
    assert taken
    assert (() in [one.path for one in taken]) is not any(itself(child, labels) for child in routes)


@given(st.lists(BRANCHES, max_size=4), LABELS)
def test_the_next_is_tried_only_after_continue(routes, labels):
    reached = {one.path[0] for one in routing({"route": node("root", *routes)}, labels) if one.path}
    expected = set()
    for index, child in enumerate(routes):
        if itself(child, labels):
            expected.add(index)
            if not child["continue"]:
                break
    assert reached == expected


@given(st.lists(BRANCHES, max_size=3), LABELS)
def test_everything_is_certain_where_all_is_known(routes, labels):
    config = {"route": node("root", *routes)}
    assert all(taken.certain for taken in routing(config, labels))
    assert len(route(config, labels)) == len(routing(config, labels))


def told(one, labels):
    """Who is told, by the words of the documentation alone: slow, and without inheritance by reference."""
    for name, value in one.get("match", {}).items():
        if labels.get(name, "") != value:
            return []
    for name, value in one.get("match_re", {}).items():
        if re.fullmatch(value, labels.get(name, "")) is None:
            return []
    for line in one.get("matchers", []):
        name, op, value = re.fullmatch(r"(\w+)(=~|!~|!=|=)(.*)", line).groups()
        own = labels.get(name, "")
        holds_ = re.fullmatch(value, own) is not None if op.endswith("~") else own == value
        if holds_ is op.startswith("!"):
            return []
    receivers = []
    for child in one.get("routes", []):
        below = told({**child, "receiver": child.get("receiver") or one["receiver"]}, labels)
        receivers += below
        if below and not child.get("continue"):
            break
    return receivers or [one["receiver"]]


PAIRS = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["1", "2", "12", ""]), max_size=2)
NODES = st.recursive(
    st.builds(node, NAMES, match=PAIRS, match_re=PAIRS, matchers=LINES),
    lambda inner: st.builds(
        lambda one, more, routes: one | {"continue": more, "routes": routes},
        st.builds(node, NAMES, match=PAIRS, match_re=PAIRS, matchers=LINES), st.booleans(), st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(NODES, max_size=4), LABELS)
def test_it_agrees_with_the_slow_and_obvious_way(routes, labels):
    root = node("root", *routes)
    assert route({"route": root}, labels) == told(root, labels)


@given(st.lists(NODES, max_size=4), LABELS)
def test_a_child_that_does_not_match_changes_nothing(routes, labels):
    never = when("never", "x=1", "x=2")
    without = route({"route": node("root", *routes)}, labels)
    assert route({"route": node("root", never, *routes, never)}, labels) == without


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("(a+)+$", "a" * 60 + "!", None),
        ("(a|aa)+", "a" * 60, None),
        (".*" * 30, "a" * 60, None),
        ("a?" * 40 + "a" * 40, "a" * 40, None),
        ("(a+)+", "b", None),
        ("(ab)+", "ab" * 30, True),
        ("(Kube|Node).*", "NodeDown", True),
        (".*Kube.*|.*Node.*|.*Disk.*", "MyDiskIsFull", True),
        ("[a-z]+-[a-z]+-[0-9]{1,5}", "a-b-12345", True),
        (".*" * 3, "a" * 60, True),
        ("a?b?c?", "abc", True),
    ],
)
def test_no_expression_takes_long(value, text, expected):
    assert one_matches(("x", "=~", value), {"x": text}) is expected


def test_routes_lie_as_deep_as_they_like():
    deep = when("leaf", 'x="1"')
    for _ in range(200):
        deep = node(None, deep)
    assert route({"route": deep | {"receiver": "root"}}, {"x": "1"}) == ["leaf"]
    assert route({"route": deep | {"receiver": "root"}}, {}) == ["root"]
    for _ in range(5_000):
        deep = node(None, deep)
    assert route({"route": deep}, {"x": "1"}) == []


@pytest.mark.parametrize("odd", [1, "text", ["a"], {"b": 1}, True, 1.5])
@pytest.mark.parametrize("key", ["matchers", "match", "match_re", "routes", "receiver", "group_by", "continue"])
def test_odd_values_do_no_harm(key, odd):
    routing({"route": node("a", node("b") | {key: odd})}, CRITICAL)
    routing({"route": node("a") | {key: odd}}, CRITICAL)
    inhibited({"inhibit_rules": [{f"source_{key}": odd, "equal": odd}], "route": odd}, CRITICAL, [WARNING])


RULES = [
    {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity=~"warning|info"'],
        "equal": ["alertname"],
    },
    {"source_match": {"alertname": "NodeDown"}, "target_match_re": {"alertname": "Pod.*"}, "equal": ["node"]},
    {"source_matchers": ['alertname=~"A|B"'], "target_matchers": ['alertname=~"B|C"']},
]


@pytest.mark.parametrize(
    ("labels", "firing", "expected"),
    [
        ({"alertname": "D", "severity": "warning"}, [{"alertname": "D", "severity": "critical"}], True),
        ({"alertname": "D", "severity": "warning"}, [{"alertname": "E", "severity": "critical"}], False),
        ({"alertname": "D", "severity": "warning"}, [], False),
        ({"alertname": "D", "severity": "critical"}, [{"alertname": "D", "severity": "critical"}], False),
        ({"alertname": "PodDown", "node": "n1"}, [{"alertname": "NodeDown", "node": "n1"}], True),
        ({"alertname": "PodDown", "node": "n1"}, [{"alertname": "NodeDown", "node": "n2"}], False),
        ({"alertname": "PodDown"}, [{"alertname": "NodeDown"}], True),  # both lack it: equal
        ({"alertname": "C"}, [{"alertname": "A"}], True),
        ({"alertname": "C"}, [{"alertname": "B"}], True),
        ({"alertname": "B"}, [{"alertname": "B"}], False),  # matches both sides, and so does what fires
        ({"alertname": "B"}, [{"alertname": "A"}], True),
    ],
)
def test_inhibition(labels, firing, expected):
    assert inhibited({"inhibit_rules": RULES}, labels, firing) is expected


MONDAY = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ({}, True),
        ({"times": [{"start_time": "17:00", "end_time": "18:00"}]}, True),
        ({"times": [{"start_time": "17:30", "end_time": "17:31"}]}, True),
        ({"times": [{"start_time": "16:00", "end_time": "17:30"}]}, False),
        ({"times": [{"start_time": "00:00", "end_time": "24:00"}]}, True),
        ({"weekdays": ["monday"]}, True),
        ({"weekdays": ["tuesday:friday", "sunday"]}, False),
        ({"weekdays": ["Monday:Friday"]}, True),
        ({"days_of_month": ["23"]}, True),
        ({"days_of_month": ["1:5"]}, False),
        ({"days_of_month": ["-8:-1"]}, True),
        ({"days_of_month": ["-7:-1"]}, False),
        ({"months": ["november"]}, True),
        ({"months": ["1:3", "12"]}, False),
        ({"years": ["2025:2027"]}, True),
        ({"years": ["2025"]}, False),
        ({"weekdays": ["monday"], "months": ["may"]}, False),
        ({"location": "Asia/Tokyo", "weekdays": ["tuesday"]}, True),
        ({"times": [{"start_time": "half past"}]}, None),
        ("text", None),
    ],
)
def test_intervals(interval, expected):
    assert holds([interval], MONDAY) is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, False),
        ({"mute_time_intervals": ["mondays"]}, True),
        ({"mute_time_intervals": ["sundays"]}, False),
        ({"mute_time_intervals": ["sundays", "mondays"]}, True),
        ({"active_time_intervals": ["mondays"]}, False),
        ({"active_time_intervals": ["sundays"]}, True),
        ({"active_time_intervals": ["mondays"], "mute_time_intervals": ["mondays"]}, True),
        ({"mute_time_intervals": ["missing"]}, None),
    ],
)
def test_routes_are_mute_and_active(more, expected):
    config = {
        "route": node("a", node("b", **more)),
        "time_intervals": [{"name": "mondays", "time_intervals": [{"weekdays": ["monday"]}]}],
        "mute_time_intervals": [{"name": "sundays", "time_intervals": [{"weekdays": ["sunday"]}]}],
    }
    (taken,) = routing(config, {})
    assert muted(config, taken, MONDAY) is expected


def test_an_expression_that_python_cannot_read_is_not_known():
    assert one_matches(("x", "=~", r"\p{Greek}"), {"x": "a"}) is None
    assert one_matches(("x", "!~", "("), {"x": "a"}) is None
