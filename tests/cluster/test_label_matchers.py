"""Matchers as Alertmanager reads them, and Go's expressions as Python does."""

import re
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.backtracking import tries
from kubelint.cluster.go_regexp import compile_go
from kubelint.cluster.label_matchers import parse_matchers, write_matcher


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('alertname="Watchdog"', [("alertname", "=", "Watchdog")]),
        ("alertname=Watchdog", [("alertname", "=", "Watchdog")]),
        ('severity =~ "a|b"', [("severity", "=~", "a|b")]),
        ("  severity  !~  a|b  ", [("severity", "!~", "a|b")]),
        ('team!="x"', [("team", "!=", "x")]),
        ('{ team = "x", ns=~"y,z" , }', [("team", "=", "x"), ("ns", "=~", "y,z")]),
        ("a=b,c!=d", [("a", "=", "b"), ("c", "!=", "d")]),
        ('a="say \\"hi\\", then\\ngo \\d\\\\"', [("a", "=", 'say "hi", then\ngo \\d\\')]),
        ("a=", [("a", "=", "")]),
        ('a=""', [("a", "=", "")]),
        ("a=b c", [("a", "=", "b c")]),
        ("a=b=c", [("a", "=", "b=c")]),
        ('"foo.bar"="baz"', [("foo.bar", "=", "baz")]),
        ("foo.bar=baz", [("foo.bar", "=", "baz")]),
        ('{"température"=~"\\u00e9+", b=c}', [("température", "=~", "é+"), ("b", "=", "c")]),
        ("", []),
        ("{}", []),
        ("alertname", None),
        ('a="b', None),
        ('a=b"c', None),
        ('a="b" c', None),
        ("a==b,,c=d", None),
        ("=b", None),
        ("{foo.bar=baz", None),
        ('foo.bar="\\q"', None),
        ("a~b", None),
    ],
)
def test_matchers(text, expected):
    found = parse_matchers(text)
    assert (found if found is None else [matcher[:3] for matcher in found]) == expected
    for matcher in found or []:
        assert parse_matchers(text[matcher.start : matcher.end]) == [
            matcher._replace(start=0, end=matcher.end - matcher.start)
        ]


@given(st.text(min_size=1, max_size=12), st.sampled_from(["=", "!=", "=~", "!~"]), st.text(max_size=12))
def test_what_is_written_reads_back(name, op, value):
    found = parse_matchers(write_matcher(name, op, value))
    assert found is not None
    assert [matcher[:3] for matcher in found] == [(name, op, value)]


@given(st.text(alphabet="ab=\"\\,{}!~ \n'`é.", max_size=20))
def test_any_text_reads_without_error(text):
    for matcher in parse_matchers(text) or []:
        assert 0 <= matcher.start < matcher.end <= len(text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"secrets/.*\.ya?ml$", "apps/secrets/a.yaml", True),
        (r"\.sops\.ya?ml\z", "a.sops.yaml", True),
        (r"^(data|stringData)$", "stringData", True),
        (r"((?i)(pass|key|^data$))", "API_KEY", True),
        (r"(?i)secret|token", "TOKEN", True),
        (r"(?i:a)b", "AB", False),
        (r"(?s-i)a.b", "a\nb", True),
        (r"(?L)a", "a", None),
        (r"a++b", "aab", None),
        (r"[*+]+", "+", True),
        (r"a(?i)b", "aB", None),
        (r"[^)(?i)]x", "ax", True),
        (r"\d", "٣", False),
        (r"(?P<a>b)c", "bc", True),
        (r"\Qa\E", "a", None),
        (r"\pL", "a", None),
        (r"[[:alpha:]]", "a", None),
        (r"(?!x)a", "a", None),
        (r"(?=x)a", "a", None),
        (r"(?<!x)a", "a", None),
        (r"(a)\1", "aa", None),
        (r"(", "a", None),
        (r"a)", "a", None),
        (r"*a", "a", None),
        (r"[[a]", "[", True),
        (r"(" * 500 + "a" + ")" * 500, "a", None),
        (r"", "a", True),
        (r"^a{,5}$", "aaa", False),
        (r"^a{,5}$", "a{,5}", True),
        (r"^a{2,5}$", "aaa", True),
        (r"^a{x}$", "a{x}", True),
        (r"(?P<n>a)(?P=n)", "aa", None),
        (r"(?P>n)", "aa", None),
        (r"a\Z", "a", None),
        (r"a\z", "a\n", False),
        (r"^a$", "a", True),
        (r"a**", "a", None),
        (r"a{2}{3}", "aaaaaa", None),
        (r"(?U)a+", "a", None),
        (r"\x{41}", "A", None),
        (r"\x41", "A", True),
        (r"a|*", "a", None),
        (r"[]a]", "]", True),
        (r"é.", "éa", True),
    ],
)
def test_expressions_of_go(pattern, text, expected):
    compiled = compile_go(pattern)
    found = None if compiled is None else compiled.search(text) is not None
    assert found is expected or (len(pattern) > 500 and found)


@given(st.text(alphabet=r"ab()[]\?i:.*+|^$zQ-{}1,", max_size=16))
def test_any_expression_is_read_or_refused(pattern):
    compiled = compile_go(pattern)
    assert compiled is None or isinstance(compiled, re.Pattern)
    assert tries(pattern, 10) >= 1


@pytest.mark.parametrize(
    ("pattern", "length", "expected"),
    [
        ("abc", 10, 1),
        ("a|b|c", 10, 3),
        ("(a|b)(c|d)", 10, 4),
        ("a?b?", 10, 4),
        ("a{3}", 10, 1),
        ("a{2,5}", 10, 4),
        ("(a|b){1}", 10, 2),
        (".*", 9, 10),
        ("a{2,}", 9, 10),
        (".*a.*", 9, 50),
        (".*a.*|.*b.*", 9, 100),
        ("[*+?(|]+", 9, 10),
        (r"\(\*\|", 9, 1),
        (r"\x{41}*", 9, 10),
        ("(?:ab)*", 9, 10),
        ("(a+)+", 9, inf),
        ("(a|a)*", 9, inf),
        ("(a?){2,9}", 9, inf),
        ("((a{1,3}))*", 9, inf),
    ],
)
def test_how_often_a_backtracking_matcher_may_try(pattern, length, expected):
    assert tries(pattern, length) == expected


LINES = ["a=x" + " " * 50_000 + "x", '"é"=b,' * 20_000, 'a="' + "\\" * 50_000, "=" * 50_000, "{" * 50_000]
PATTERNS = ["[" * 50_000, "(" * 50_000, "[\\" * 30_000, "\\x{" * 30_000, "(?P<a" * 20_000, "a{1," * 20_000]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:8])
def test_long_lines_are_read_in_one_pass(line):  # or this takes minutes
    parse_matchers(line)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern[:8])
def test_long_expressions_are_read_in_one_pass(pattern):  # or this takes minutes
    compile_go(pattern)
    assert tries(pattern, 10) >= 1
