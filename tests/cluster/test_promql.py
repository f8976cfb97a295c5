"""PromQL: trees, places, which way a metric moves a comparison, what Prometheus refuses, what would kill a parser."""

import pytest
from effort import grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.promql import Failure, Query, parse_query, selectors
from kubelint.cluster.promql.durations import duration_seconds
from kubelint.cluster.promql.meaning import conditions, fires_when, is_constant, looks_back, named
from kubelint.cluster.promql.tokens import depth_of, tokens_of


def parsed(text):
    query = parse_query(text)
    assert isinstance(query, Query), query
    return query


def placed(text):
    query = parsed(text)
    return [text[place.start : place.end] for one in query.selectors if (place := query.place(one))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", ["up"]),
        ("up == 0", ["up"]),
        ('up{job="a"} == 0', ['up{job="a"}']),
        ('up { job = "a" , } offset 5m', ['up { job = "a" , }']),
        ("rate(a[5m]) / rate(b[5m] offset 1h) > 0.5", ["a", "b"]),
        ("sum by (job) (a) / on (job) group_left (team) b", ["a", "b"]),
        ("sum(a) BY (job) / ON (job) GROUP_LEFT() count(b) without (x)", ["a", "b"]),
        ("topk by (a) (5, b)", ["b"]),
        ("count_values('version', build_info)", ["build_info"]),
        ("quantile(0.9, a) unless on(x) b or c and d", ["a", "b", "c", "d"]),
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", ["a_bucket"]),
        ("max_over_time(a[1h:5m]) > bool 1", ["a"]),
        ("a @ end() > b @ 1609746000", ["a", "b"]),
        ("a offset -5m + b offset 1w", ["a", "b"]),
        ('{__name__="a", b="c"}', ['{__name__="a", b="c"}']),
        ('{"http.requests", job="x"} > 1', ['{"http.requests", job="x"}']),
        ("a{b='(', c=\"}\", d=`,`}", ["a{b='(', c=\"}\", d=`,`}"]),
        ("# up\na # b\n> # c\n1", ["a"]),
        ("sum > 1", ["sum"]),
        ("offset > 1", ["offset"]),
        ("a + inf - NaN", ["a"]),
        ("by + on{x='y'}", None),
        ("vector(1)", []),
        ("label_replace(a, 'x', '$1', 'y', '(.*)')", ["a"]),
        ("é", None),
    ],
)
def test_selectors_are_found_where_they_stand(text, expected):
    if expected is None:
        parse_query(text)
    else:
        assert placed(text) == expected


def test_matchers_are_found_where_they_stand():
    text = 'sum(rate(a{x="1", y!~"2|3"}[5m])) by (z)'
    query = parsed(text)
    (selector,) = query.selectors
    assert [matcher[:3] for matcher in selector.matchers] == [("x", "=", "1"), ("y", "!~", "2|3")]
    places = [query.place_of_test(selector, matcher) for matcher in selector.matchers]
    assert [text[start:end] for start, end in places] == ['x="1"', 'y!~"2|3"']
    assert selector.range == 300.0 and not selector.offset and selector.tests("x")[0].value == "1"


def test_the_tree_is_plain():
    root = parsed("sum without (a) ((-b) / on (c) d offset 1m) > bool -2").root
    assert (root.op, root.returns_bool, root.right.value) == (">", True, -2.0)
    assert (root.left.labels, root.left.without, root.left.operand.on) == (("a",), True, ("c",))
    assert root.left.operand.left.operand.name == "b" and root.left.operand.right.offset


HIGH, LOW, NEITHER = "high", "low", None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m > 5", HIGH),
        ("m >= 5", HIGH),
        ("5 < m", HIGH),
        ("m < 5", LOW),
        ("5 > m", LOW),
        ("m == 5", NEITHER),
        ("m != 5", NEITHER),
        ("m / t * 100 > 90", HIGH),
        ("m / t < 0.1", LOW),
        ("(t - m) / t > 0.9", LOW),
        ("1 - m / t > 0.9", LOW),
        ("(1 - m / t) * 100 < 5", HIGH),
        ("t - m < 5", HIGH),
        ("-m > -5", LOW),
        ("m * -1 < 5", HIGH),
        ("m / -2 > 1", LOW),
        ("t / m > 5", LOW),
        ("m > t", HIGH),
        ("t > m", LOW),
        ("m > t * 0.9", HIGH),
        ("t * 0.1 > m", LOW),
        ("sum(m) / sum(t) > 0.5", HIGH),
        ("avg by (x) (avg_over_time(m[5m])) < 1", LOW),
        ("max_over_time(m[1h:5m]) > 1", HIGH),
        ("count(m) > 5", NEITHER),
        ("absent(m) > 0", NEITHER),
        ("m - m > 5", NEITHER),
        ("m % 2 > 1", NEITHER),
        ("t > 5", NEITHER),
        ("m > bool 5", NEITHER),
        ("(m > bool 5) == 1", HIGH),
        ("(m > bool 5) == 0", LOW),
        ("(m > bool 5) != 1", LOW),
        ("1 == (m < bool 5)", LOW),
        ("(m > bool 5) > 0", HIGH),
        ("(m > bool 5) < 1", LOW),
        ("(m > bool 5) >= 0", NEITHER),
        ("(m > bool 5) > 1", NEITHER),
        ("(5 < bool m) > 0", HIGH),
        ("sum(m > bool 5) > 3", NEITHER),
        ("max_over_time((m > 5)[5m:1m])", HIGH),
        ("count_over_time((m < 5)[5m:1m]) > 3", LOW),
        ("label_replace(m > 5, 'a', 'b', 'c', 'd')", HIGH),
        ("absent(m > 5)", NEITHER),
        ("vector(scalar(m > 5))", NEITHER),
        ("m / t > 0.9 and t > 5", HIGH),
        ("t > 5 and m / t > 0.9", HIGH),
        ("t > 5 unless m > 5", NEITHER),
        ("m > 5 unless t > 5", HIGH),
        ("sum(m > 5) > 3", HIGH),
        ("(m and t) > 5", HIGH),
        ("round(m, 2) > 5", HIGH),
        ("clamp_max(m / t, 1) > 0.5", HIGH),
    ],
)
def test_which_way_a_metric_moves_it(text, expected):
    found = {fires_when(one, named("m")) for one in conditions(parsed(text).root)}
    assert (found - {None} or {None}) == {expected}


@pytest.mark.parametrize(
    ("text", "back", "constant"),
    [
        ("a > 1", False, False),
        ("rate(a[5m]) > 1", True, False),
        ("max_over_time((a / b)[5m:1m]) > 1", True, False),
        ("a offset 1d > 1", True, False),
        ("vector(1)", False, True),
        ("1", False, True),
        ("vector(time()) > 1", False, False),
        ("vector(time())", False, False),
    ],
)
def test_moments_and_constants(text, back, constant):
    query = parsed(text)
    assert (looks_back(query.nodes), is_constant(query)) == (back, constant)


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("(a > 1", "invalid", "("),
        ("a) > 1", "invalid", ")"),
        ("rate(a[5m) > 1", "invalid", ")"),
        ("rat(a[5m]) > 1", "invalid", "rat"),
        ("rate(a) > 1", "invalid", None),
        ("a > > 1", "invalid", None),
        ("a{x=y}", "invalid", None),
        ("rate(a[5 m])", "invalid", None),
        ("", "invalid", None),
        ("rate(a[5m] anchored)", "unknown", None),
        ("rate(a[5m] smoothed)", "unknown", None),
        ("rate(a[$__rate_interval])", "unknown", None),
        ("rate(a[5m * 2])", "unknown", None),
        ("a > 1_000", "unknown", None),
        ("a default 0", "unknown", None),
        ("rate(a[]) keep_metric_names", "unknown", None),
        ("a > 1Ki", "unknown", None),
        ("a if b", "unknown", None),
        ("brand_new(a)", "unknown", None),
        ("rollup_rate(a[5m])", "unknown", None),
        ('a{x=~"\\\\Qa\\\\E("}', "unknown", None),
    ],
)
def test_what_prometheus_refuses_and_what_only_the_library_does(text, kind, at):
    failure = parse_query(text)
    assert isinstance(failure, Failure) and failure.kind == kind, failure
    assert (text[failure.start : failure.end] if failure.start >= 0 else None) == at


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + "a" + ")" * 1_000,
        "(" * 100_000 + "a" + ")" * 100_000,
        "sum(" * 20_000 + "a" + ")" * 20_000,
        "-" * 100_000 + "a",
        "a + " * 30_000 + "a",
        "a or " * 30_000 + "a",
        "a ^ " * 30_000 + "a",
        "a\nUNLESS\n" * 30_000 + "a",
        "{" * 100_000,
        "a[" * 50_000,
        "a{x!=" * 50_000,
        '# "\r' + "(" * 50_000 + '"',
        "a # '\n or " + "a or " * 30_000 + "'",
        '"\\' * 50_000,
        "'\\" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_what_would_overflow_the_parsers_stack_is_not_handed_to_it(text):
    assert isinstance(parse_query(text), Failure)


def test_long_queries_are_read():
    long = 'a{x=~"' + "|".join(f"host-{number}" for number in range(12_000)) + '"} > 1'
    assert len(long) > 100_000
    assert isinstance(parse_query(long), Query)
    assert isinstance(parse_query("a" * 100_000), Query)
    assert isinstance(parse_query('a{x="' + "(" * 100_000 + '"}'), Query)
    assert isinstance(parse_query("x" * 2_000_000), Failure)


def test_places_are_found_in_one_pass():
    assert grows_linearly(lambda size: depth_of(tokens_of("a{b='c'} " * size)), 2_000)


@given(st.text(alphabet="ab{}()[]\"'`=~!<>+-*/^%, \n#0159.msdofset", max_size=40))
def test_nothing_kills_it(text):
    found = parse_query(text)
    assert isinstance(found, Query | Failure)
    if isinstance(found, Query):
        assert selectors(found.root) == found.selectors
        for selector in found.selectors:
            place = found.place(selector)
            if place is not None and place.name:
                assert text[place.start :].startswith(selector.name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("1d", 86400.0),
        ("1w", 604800.0),
        ("1y", 31536000.0),
        ("1y2w3d4h5m6s7ms", 31536000 + 2 * 604800 + 3 * 86400 + 4 * 3600 + 5 * 60 + 6.007),
        ("100ms", 0.1),
        ("0", 0.0),
        ("0s", 0.0),
        (0, 0.0),
        ("90", None),
        (90, None),
        (True, None),
        (False, None),
        ("5 m", None),
        ("1.5h", None),
        ("1m1h", None),
        ("5M", None),
        ("-5m", None),
        ("", None),
        (None, None),
        ([], None),
        ("٥m", None),
    ],
)
def test_durations(text, expected):
    assert duration_seconds(text) == (expected if expected is None else pytest.approx(expected))
