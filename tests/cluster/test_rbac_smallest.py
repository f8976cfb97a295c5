"""The fewest rights that are worth some rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.rbac import PolicyRule, covers
from kubelint.cluster.rbac.smallest import smallest


def rule(text: str) -> PolicyRule:
    """`get,list apps deployments web`: verbs, groups (`-` for core), resources, names; `get /metrics`."""
    verbs, *rest = text.split()
    if rest[0].startswith("/"):
        return PolicyRule(tuple(verbs.split(",")), non_resource_urls=tuple(rest[0].split(",")))
    groups = tuple("" if group == "-" else group for group in rest[0].split(","))
    names = tuple(rest[2].split(",")) if len(rest) > 2 else ()
    return PolicyRule(tuple(verbs.split(",")), groups, tuple(rest[1].split(",")), names)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("get - pods; list - pods; get - pods", "get,list - pods"),
        ("delete - pods; get - pods; create - pods", "get,create,delete - pods"),
        ("get - pods; get - services", "get - pods,services"),
        ("get apps deployments; get - pods", "get - pods; get apps deployments"),
        ("get apps,batch *", "get apps *; get batch *"),
        ("get - pods a; get - pods b; list - pods a", "get,list - pods a; get - pods b"),
        ("get - pods a; get - services a", "get - pods,services a"),
        ("get - pods a; get - services b", "get - pods a; get - services b"),
        ("get - pods a; get - pods", "get - pods"),
        ("* - pods; get - pods; get - pods a", "* - pods"),
        ("get - *; get - pods; get - pods/log", "get - *"),
        ("get - */log; get - pods/log; get - pods", "get - */log,pods"),
        ("get * pods; get - pods a", "get * pods"),
        ("get - pods; escalate - pods; bind - pods", "get,bind,escalate - pods"),
        ("get /metrics; get /*; post /metrics", "get /*; post /metrics"),
        ("get /a*; get /a**", "get /a**"),
        ("get - pods; get /metrics", "get - pods; get /metrics"),
    ],
)
def test_smallest(given: str, expected: str) -> None:
    rules = [rule(text) for text in given.split(";") if text]
    assert smallest(rules) == [rule(text) for text in expected.split(";") if text]


@pytest.mark.parametrize(
    ("wanted", "held", "expected"),
    [
        ("get,list - pods", "get - pods", "list - pods"),
        ("get - pods a", "get - pods", ""),
        ("get - pods", "get - pods a", "get - pods"),
        ("get,list - pods", "* * *", ""),
    ],
)
def test_what_is_held_is_left_out(wanted: str, held: str, expected: str) -> None:
    assert smallest([rule(wanted)], [rule(held)]) == [rule(text) for text in expected.split(";") if text]


def test_many_names() -> None:
    names = tuple(f"n{number}" for number in range(20_000))
    assert smallest([PolicyRule(("get", "list"), ("",), ("pods",), names)])[0].resource_names == tuple(sorted(names))


def _some(words: Sequence[str], least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), min_size=least, max_size=3).map(tuple)


RULES = st.lists(
    st.builds(
        PolicyRule,
        _some(["get", "list", "create", "bind", "*"]),
        _some(["", "apps", "*"]),
        _some(["pods", "pods/log", "services", "*/log", "*"]),
        st.one_of(st.just(()), _some(["a", "b"])),
    )
    | st.builds(PolicyRule, _some(["get", "post", "*"]), non_resource_urls=_some(["/a", "/a/b", "/a*", "/a/*", "*"])),
    max_size=6,
)


@given(RULES, RULES)
def test_it_is_worth_what_it_was_made_of(wanted: list[PolicyRule], held: list[PolicyRule]) -> None:
    found = smallest(wanted, held)
    assert covers([*found, *held], wanted).covered
    assert covers(wanted, found).covered


@given(RULES, RULES)
def test_nothing_of_it_can_be_left_out(wanted: list[PolicyRule], held: list[PolicyRule]) -> None:
    found = smallest(wanted, held)
    for index, entry in enumerate(found):
        for less in _less(entry):
            rest = [*found[:index], less, *found[index + 1 :], *held]
            assert not covers(rest, wanted).covered


def _less(entry: PolicyRule) -> list[PolicyRule]:
    """The rule without one of its verbs, resources or names."""
    fields = ("verbs", "api_groups", "resources", "resource_names", "non_resource_urls")
    found = []
    for field in fields:
        values = getattr(entry, field)
        for value in values:
            rest = tuple(other for other in values if other != value)
            if rest or field != "resource_names":
                found.append(replace(entry, **{field: rest}))
    return found


@given(RULES)
def test_it_does_not_get_smaller(wanted: list[PolicyRule]) -> None:
    assert smallest(smallest(wanted)) == smallest(wanted)
