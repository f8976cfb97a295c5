"""What one rule allows, and what covers what: facts read off the API server's source, and laws that follow."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.rbac import (
    PolicyRule,
    Request,
    Subject,
    applies_to,
    compact,
    covers,
    non_resource_url_covers,
    rule_allows,
    service_account_user,
)

RBAC = "rbac.authorization.k8s.io"


def rule(verbs: str, groups: str = "", resources: str = "", names: str = "", urls: str = "") -> PolicyRule:
    """A rule from words; the core group is written `core`."""
    api_groups = tuple("" if group == "core" else group for group in groups.split())
    return PolicyRule(
        tuple(verbs.split()), api_groups, tuple(resources.split()), tuple(names.split()), tuple(urls.split())
    )


@pytest.mark.parametrize(
    ("held", "request_", "allowed"),
    [
        (rule("get", "core", "pods"), Request("get", "", "pods"), True),
        (rule("get", "core", "pods"), Request("list", "", "pods"), False),
        (rule("GET", "core", "pods"), Request("get", "", "pods"), False),
        (rule("*", "core", "pods"), Request("frobnicate", "", "pods"), True),
        (rule("get", "apps/v1", "deployments"), Request("get", "apps", "deployments"), False),
        (rule("get", "v1", "pods"), Request("get", "", "pods"), False),
        (rule("get", "*", "pods"), Request("get", "metrics.k8s.io", "pods"), True),
        (rule("get", "core", "pods"), Request("get", "", "pods", "log"), False),
        (rule("get", "core", "pods/log"), Request("get", "", "pods", "log"), True),
        (rule("get", "core", "pods/*"), Request("get", "", "pods", "log"), False),
        (rule("get", "core", "*/log"), Request("get", "", "pods", "log"), True),
        (rule("get", "core", "*/log"), Request("get", "", "pods"), False),
        (rule("get", "core", "*/*"), Request("get", "", "pods", "log"), False),
        (rule("get", "core", "*"), Request("get", "", "pods", "log"), True),
        (rule("get", "core", "*/proxy/x"), Request("get", "", "nodes", "proxy/x"), True),
        (rule("get", "core", "pod"), Request("get", "", "pods"), False),
        (rule("get", "core", "secrets", "a"), Request("get", "", "secrets", name="a"), True),
        (rule("get", "core", "secrets", "a"), Request("get", "", "secrets", name="b"), False),
        (rule("get", "core", "secrets", "*"), Request("get", "", "secrets", name="b"), False),
        (rule("create", "core", "secrets", "a"), Request("create", "", "secrets"), False),
        (PolicyRule(("list",), ("",), ("secrets",), ("",)), Request("list", "", "secrets"), True),
        (rule("get", urls="/healthz"), Request("get", path="/healthz"), True),
        (rule("get", urls="/healthz/*"), Request("get", path="/healthz"), False),
        (rule("get", urls="*"), Request("get", path="/anything"), True),
        (rule("get", urls="/api*"), Request("get", path="/apis/apps"), True),
        (rule("*", "*", "*"), Request("get", path="/healthz"), False),
        (rule("get", urls="*"), Request("get", "", "pods"), False),
    ],
)
def test_rule_allows(held: PolicyRule, request_: Request, allowed: bool) -> None:
    assert rule_allows(held, request_) is allowed


@pytest.mark.parametrize(
    ("owner", "servant", "covered"),
    [
        ([rule("get", "core", "pods")], [rule("get", "core", "pods")], True),
        ([rule("*", "*", "*")], [rule("*", "*", "*"), rule("get", "core", "pods", "a")], True),
        ([rule("*", "*", "*")], [rule("get", urls="/healthz")], False),
        ([rule("get list", "core", "pods")], [rule("*", "core", "pods")], False),
        (
            [rule("get list watch create update patch delete deletecollection", "core", "configmaps")],
            [rule("*", "core", "configmaps")],
            False,
        ),
        # Owner rules are not added up for one grant, but each grant may be covered by another rule.
        (
            [rule("get", "core", "pods"), rule("list", "core", "pods")],
            [rule("get list", "core", "pods")],
            True,
        ),
        ([rule("get", "core", "pods"), rule("get", "apps", "*")], [rule("get", "core apps", "pods")], True),
        ([rule("get", "extensions", "deployments")], [rule("get", "apps", "deployments")], False),
        ([rule("get", "apps", "deployments")], [rule("get", "apps", "deployments/scale")], False),
        ([rule("get", "apps", "deployments/scale")], [rule("get", "apps", "deployments")], False),
        ([rule("get", "apps", "*/scale")], [rule("get", "apps", "deployments/scale")], True),
        ([rule("get", "apps", "*")], [rule("get", "apps", "deployments/scale */x")], True),
        ([rule("get", "core", "*/*")], [rule("get", "core", "pods/*")], True),
        ([rule("get", "core", "pods/*")], [rule("get", "core", "pods/log")], False),
        ([rule("get", "core", "secrets", "a")], [rule("get", "core", "secrets")], False),
        ([rule("get", "core", "secrets")], [rule("get", "core", "secrets", "a b")], True),
        (
            [rule("get", "core", "secrets", "a"), rule("get", "core", "secrets", "b")],
            [rule("get", "core", "secrets", "a b")],
            True,
        ),
        ([rule("get", "core", "secrets", "*")], [rule("get", "core", "secrets", "a")], False),
        ([rule("get", urls="/api/*")], [rule("get", urls="/api/v1")], True),
        ([rule("get", urls="/api/*")], [rule("get", urls="/api")], False),
        ([], [], True),
        ([], [PolicyRule((), ("",), ("pods",))], True),
        ([], [PolicyRule(("get",), (), ("pods",))], True),
    ],
)
def test_covers(owner: list[PolicyRule], servant: list[PolicyRule], covered: bool) -> None:
    assert covers(owner, servant).covered is covered


def test_what_is_not_covered_is_returned_broken_down() -> None:
    owner = [rule("get", "core", "pods")]
    asked = [rule("get list", "core", "pods secrets", "a"), rule("get post", urls="/x")]
    assert covers(owner, asked).uncovered == [
        rule("list", "core", "pods", "a"),
        rule("get", "core", "secrets", "a"),
        rule("list", "core", "secrets", "a"),
        rule("get", urls="/x"),
        rule("post", urls="/x"),
    ]


@pytest.mark.parametrize(
    ("owner", "requested", "covered"),
    [
        ("/api", "/api", True),
        ("/api", "/api/", False),
        ("/api/*", "/api/v1", True),
        ("/api/*/*", "/api/v1", False),
        ("/api/**", "/api/v1", True),
        ("*", "/", True),
        ("/*/x", "/a/x", False),
        ("/*/x/*", "/a/x", False),
        ("/apis", "/api", False),
        ("/api/v1", "/api", False),
        ("/api*", "/api", True),
        ("/api/*", "/api/", True),
        ("", "/api", False),
    ],
)
def test_non_resource_urls(owner: str, requested: str, covered: bool) -> None:
    assert non_resource_url_covers(owner, requested) is covered


def test_compact_joins_verbs_of_simple_rules_only() -> None:
    urls = rule("get", urls="/x")
    two = rule("get", "core apps", "pods")
    rules = [
        rule("create", "apps", "deployments"),
        urls,
        rule("delete", "apps", "deployments"),
        rule("get", "core", "secrets", "a"),
        two,
        rule("list", "core", "secrets", "a"),
        rule("get", "core", "secrets"),
    ]
    assert compact(rules) == [
        urls,
        two,
        rule("create delete", "apps", "deployments"),
        rule("get list", "core", "secrets", "a"),
        rule("get", "core", "secrets"),
    ]


def test_a_rule_reads_like_the_api_servers_message() -> None:
    assert str(rule("create delete", "apps", "deployments")) == (
        '{APIGroups:["apps"], Resources:["deployments"], Verbs:["create" "delete"]}'
    )
    assert str(rule("get", urls="/x")) == '{NonResourceURLs:["/x"], Verbs:["get"]}'


@pytest.mark.parametrize(
    "garbage", [None, "rules", 3, [], {"verbs": "get"}, {"verbs": [1, None, "get"]}, {"verbs": {}}]
)
def test_garbage_never_raises(garbage: object) -> None:
    read = PolicyRule.from_manifest(garbage)
    assert set(read.texts()) <= {"get"}


@pytest.mark.parametrize("names", ["a", ["a", 1], [None], [1], [["a"]], {"a": "b"}, True, 3, "{{ .Values.names }}"])
def test_names_that_cannot_be_read_are_not_all_names(names: object) -> None:
    written = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": names}
    read = PolicyRule.from_manifest(written)
    assert not rule_allows(read, Request("get", "", "secrets", name="a"))
    assert covers([], [read]).covered
    assert not covers([read], [rule("get", "core", "secrets", "a")]).covered


@pytest.mark.parametrize("names", [None, [], (), ""])
def test_no_names_are_all_names(names: object) -> None:
    written = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": names}
    assert rule_allows(PolicyRule.from_manifest(written), Request("get", "", "secrets", name="a"))


def test_lists_are_made_tuples() -> None:
    listed = PolicyRule(["get"], [""], ["pods"], ["a"], ["/x"])  # type: ignore[arg-type]
    assert listed == PolicyRule(("get",), ("",), ("pods",), ("a",), ("/x",))
    assert len({listed, PolicyRule(("get",), ("",), ("pods",), ("a",), ("/x",))}) == 1
    assert listed.verbs == ("get",)


@pytest.mark.parametrize(
    ("subject", "user", "groups", "namespace", "applies"),
    [
        (Subject("User", "jane"), "jane", [], "", True),
        (Subject("User", "*"), "jane", [], "", False),
        (Subject("Group", "dev"), "jane", ["dev"], "", True),
        (Subject("Group", "jane"), "jane", [], "", False),
        (Subject("ServiceAccount", "ci", "build"), "system:serviceaccount:build:ci", [], "", True),
        (Subject("ServiceAccount", "ci"), "system:serviceaccount:build:ci", [], "build", True),
        (Subject("ServiceAccount", "ci"), "system:serviceaccount:build:ci", [], "", False),
        (Subject("ServiceAccount", "ci", "other"), "system:serviceaccount:build:ci", [], "build", False),
        (Subject("User", "system:serviceaccount:build:ci"), "system:serviceaccount:build:ci", [], "", True),
        (Subject("Robot", "jane"), "jane", ["jane"], "", False),
    ],
)
def test_applies_to(subject: Subject, user: str, groups: list[str], namespace: str, applies: bool) -> None:
    assert applies_to([subject], user, groups, namespace) is applies


def test_service_account_user() -> None:
    assert service_account_user("build", "ci") == "system:serviceaccount:build:ci"


@pytest.mark.parametrize(
    ("owner", "servant", "uncovered"),
    [
        # Several owner rules may share the work, each taking whole grants.
        (
            [
                rule("drain", "farm", "ponds"),
                rule("drain", "farm", "wells"),
                rule("fill", "farm", "wells ponds"),
            ],
            [rule("drain fill", "farm", "wells ponds")],
            [],
        ),
        ([rule("drain fill", "farm mill", "wells ponds")], [rule("fill", "mill", "ponds")], []),
        (
            [rule("drain fill", "farm", "wells ponds"), rule("drain", "farm", "lakes")],
            [rule("drain fill", "farm", "wells ponds lakes")],
            [rule("fill", "farm", "lakes")],
        ),
        # A star is covered by a star alone, in every field.
        ([rule("get", "farm", "wells")], [rule("get", "*", "wells")], [rule("get", "*", "wells")]),
        ([rule("get", "*", "wells")], [rule("get", "* farm", "wells")], []),
        ([rule("get list", "farm", "wells")], [rule("*", "farm", "wells")], [rule("*", "farm", "wells")]),
        ([rule("*", "farm", "wells")], [rule("* get", "farm", "wells")], []),
        ([rule("get", "farm", "wells ponds")], [rule("get", "farm", "*")], [rule("get", "farm", "*")]),
        ([rule("get", "farm", "*")], [rule("get", "farm", "* wells */lid")], []),
        # `*/lid` covers that part of every resource, and itself, but no resource and no other part.
        ([rule("get", "farm", "*/lid")], [rule("get", "farm", "wells/lid */lid")], []),
        ([rule("get", "farm", "*/lid")], [rule("get", "farm", "wells")], [rule("get", "farm", "wells")]),
        ([rule("get", "farm", "*/lid")], [rule("get", "farm", "wells/rope")], [rule("get", "farm", "wells/rope")]),
        ([rule("get", "farm", "*/lid")], [rule("get", "farm", "wells/lid/x")], [rule("get", "farm", "wells/lid/x")]),
        ([rule("get", "farm", "*/lid/x")], [rule("get", "farm", "wells/lid/x")], []),
        ([rule("get", "farm", "wells/lid")], [rule("get", "farm", "*/lid")], [rule("get", "farm", "*/lid")]),
        # Names: a rule without any is about all of them.
        ([rule("get", "farm", "wells")], [rule("get", "farm", "wells", "a b")], []),
        ([rule("get", "farm", "wells", "a b")], [rule("get", "farm", "wells")], [rule("get", "farm", "wells")]),
        (
            [rule("get", "farm", "wells", "a")],
            [rule("get", "farm", "wells", "b a")],
            [rule("get", "farm", "wells", "b")],
        ),
        (
            [PolicyRule(("get",), ("farm",), ("wells",), ("",))],
            [rule("get", "farm", "wells")],
            [rule("get", "farm", "wells")],
        ),
        # URLs: nothing but a star at the end is a wildcard, and one at a time is covered.
        ([rule("*", urls="*")], [rule("*", urls="/ a /b/*")], []),
        ([rule("*", urls="/api/*")], [rule("get", urls="/api /api/x")], [rule("get", urls="/api")]),
        ([rule("get", urls="/api")], [rule("get", urls="/api/*")], [rule("get", urls="/api/*")]),
        ([rule("get", urls="/api/x")], [rule("get", urls="*")], [rule("get", urls="*")]),
        # Resources and URLs in one rule are two things.
        ([rule("get", "farm", "wells", urls="/x")], [rule("get", "farm", "wells", urls="/x")], []),
        ([rule("get", "farm", "wells")], [rule("get", "farm", "wells", urls="/x")], [rule("get", urls="/x")]),
        ([rule("get", "farm", "wells", "a", "/x")], [rule("get", urls="/x")], [rule("get", urls="/x")]),
        # What is asked twice is answered twice.
        ([], [rule("get get", "farm", "wells"), rule("get", "farm", "wells")], [rule("get", "farm", "wells")] * 3),
        # A rule without verbs, or without groups, asks for nothing.
        ([], [PolicyRule((), ("farm",), ("wells",), (), ("/x",))], []),
        ([], [PolicyRule(("get",), ("farm",))], []),
    ],
)
def test_what_is_left_over(owner: list[PolicyRule], servant: list[PolicyRule], uncovered: list[PolicyRule]) -> None:
    coverage = covers(owner, servant)
    assert coverage.uncovered == uncovered
    assert coverage.covered is (not uncovered)


@pytest.mark.parametrize(
    ("resources", "resource", "subresource", "matches"),
    [
        ("*", "wells", "", True),
        ("nothing *", "wells", "", True),
        ("wells/lid", "wells", "lid", True),
        ("wells/lid", "wells", "", False),
        ("*/lid", "wells", "lid", True),
        ("wells/rope */lid", "wells", "lid/hinge", False),
        ("*/lid/hinge", "wells", "lid/hinge", True),
        ("/", "wells", "lid/hinge", False),
        ("*/", "wells", "lid/hinge", False),
        ("*old/lid", "wells", "lid", False),
        ("ponds/lid", "wells", "lid", False),
        ("lid", "wells", "lid", False),
        ("wells/*", "wells", "lid", False),
    ],
)
def test_resources_of_a_rule(resources: str, resource: str, subresource: str, matches: bool) -> None:
    request = Request("get", "farm", resource, subresource)
    assert rule_allows(rule("get", "farm", resources), request) is matches


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", '"plain"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\nb\a", '"a\\nb\\a"'),
        ("\x01\x7f", '"\\x01\\x7f"'),
        ("\u00a0\u200b", '"\\u00a0\\u200b"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("\u00fc\u2603", '"\u00fc\u2603"'),
    ],
)
def test_names_are_quoted_as_the_api_server_does(text: str, shown: str) -> None:
    assert str(PolicyRule((text,))) == f"{{Verbs:[{shown}]}}"


def test_compact_keeps_verbs_in_order_and_repeated() -> None:
    rules = [rule("list", "farm", "wells"), rule("get list", "farm", "wells")]
    assert compact(rules) == [rule("list get list", "farm", "wells")]
    assert rules[0].verbs == ("list",)


def test_compact_tells_no_name_from_an_empty_one() -> None:
    unnamed, empty = rule("get", "farm", "wells"), PolicyRule(("get",), ("farm",), ("wells",), ("",))
    assert compact([unnamed, empty]) == [unnamed, empty]


@pytest.mark.parametrize(
    "odd",
    [
        rule("get", "farm mill", "wells"),
        rule("get", "farm", "wells ponds"),
        rule("get", "farm", "wells", "a b"),
        rule("get", "farm", "wells", urls="/x"),
        rule("get", urls="/x"),
        PolicyRule(("get",), ("farm",)),
        PolicyRule(("get",), (), ("wells",)),
        PolicyRule(()),
    ],
)
def test_compact_leaves_alone_what_is_not_simple(odd: PolicyRule) -> None:
    assert compact([odd, odd]) == [odd, odd]


def test_compact_joins_into_a_rule_without_verbs() -> None:
    assert compact([PolicyRule((), ("farm",), ("wells",))]) == [PolicyRule((), ("farm",), ("wells",))]
    joined = compact([PolicyRule((), ("farm",), ("wells",)), rule("get", "farm", "wells")])
    assert joined == [rule("get", "farm", "wells")]


def test_a_million_names() -> None:
    names = tuple(f"a{number}" for number in range(1_000_000))
    many = PolicyRule(("get",), ("",), ("secrets",), names)
    for number in range(1_000):
        assert rule_allows(many, Request("get", "", "secrets", name=names[-number - 1]))
    assert covers([many], [many]).covered
    assert covers([many], [rule("get", "core", "secrets", "b")]).uncovered == [rule("get", "core", "secrets", "b")]


words = st.lists(st.sampled_from(["a", "b", "*"]), max_size=2).map(tuple)
names = st.lists(st.sampled_from(["a", "b", ""]), max_size=2).map(tuple)
resource_words = st.lists(st.sampled_from(["a", "a/s", "b/s", "*/s", "*"]), max_size=2).map(tuple)
url_words = st.lists(st.sampled_from(["/a", "/a/*", "/a/b", "*"]), max_size=2).map(tuple)
resource_rules = st.builds(PolicyRule, words, words, resource_words, names)
url_rules = st.builds(PolicyRule, words, st.just(()), st.just(()), st.just(()), url_words)
rule_lists = st.lists(resource_rules | url_rules, max_size=4)
odd_rules = st.builds(PolicyRule, words, words, resource_words, names, url_words)
requests = st.builds(
    Request,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "s"]),
    st.sampled_from(["", "a", "b"]),
) | st.builds(Request, st.sampled_from(["a", "b"]), path=st.sampled_from(["/a", "/a/", "/a/b", "/c"]))


def broken_down(rules: list[PolicyRule]) -> list[PolicyRule]:
    """Single grants, the plain way."""
    grants: list[PolicyRule] = []
    for each in rules:
        for group, resource, verb in product(each.api_groups, each.resources, each.verbs):
            about = (verb,), (group,), (resource,)
            grants += [PolicyRule(*about, (name,)) for name in each.resource_names] or [PolicyRule(*about)]
        grants += [
            PolicyRule((verb,), non_resource_urls=(url,)) for url in each.non_resource_urls for verb in each.verbs
        ]
    return grants


def takes_in(owner: PolicyRule, grant: PolicyRule) -> bool:
    """Whether a rule covers a grant, the plain way."""
    fields = [(owner.verbs, grant.verbs), (owner.api_groups, grant.api_groups)]
    resources = [
        resource in owner.resources or ("/" in resource and "*/" + resource.split("/", 1)[1] in owner.resources)
        for resource in grant.resources
    ]
    urls = [
        any(non_resource_url_covers(held, url) for held in owner.non_resource_urls) for url in grant.non_resource_urls
    ]
    return (
        all("*" in held or set(asked) <= set(held) for held, asked in fields)
        and ("*" in owner.resources or all(resources))
        and all(urls)
        and (
            not owner.resource_names
            or (bool(grant.resource_names) and set(grant.resource_names) <= set(owner.resource_names))
        )
    )


@given(st.lists(odd_rules, max_size=4), st.lists(odd_rules, max_size=3))
def test_covers_agrees_with_the_plain_way(owner: list[PolicyRule], servant: list[PolicyRule]) -> None:
    wanted = [grant for grant in broken_down(servant) if not any(takes_in(held, grant) for held in owner)]
    assert covers(owner, servant).uncovered == wanted


@given(rule_lists, rule_lists, requests)
def test_who_covers_is_allowed_as_much(owner: list[PolicyRule], servant: list[PolicyRule], request_: Request) -> None:
    if covers(owner, servant).covered and any(rule_allows(each, request_) for each in servant):
        assert any(rule_allows(each, request_) for each in owner)


@given(rule_lists)
def test_covers_is_reflexive(rules: list[PolicyRule]) -> None:
    assert covers(rules, rules).covered


@given(rule_lists, rule_lists, rule_lists)
def test_covers_is_transitive(first: list[PolicyRule], second: list[PolicyRule], third: list[PolicyRule]) -> None:
    if covers(first, second).covered and covers(second, third).covered:
        assert covers(first, third).covered


@given(rule_lists, rule_lists, resource_rules | url_rules)
def test_one_more_rule_never_takes_coverage_away(
    owner: list[PolicyRule], servant: list[PolicyRule], more: PolicyRule
) -> None:
    before = covers(owner, servant).uncovered
    after = covers([*owner, more], servant).uncovered
    assert set(after) <= set(before)


@given(rule_lists)
def test_compact_covers_and_is_covered(rules: list[PolicyRule]) -> None:
    joined = compact(rules)
    assert covers(joined, rules).covered
    assert covers(rules, joined).covered


@given(rule_lists, rule_lists)
def test_the_uncovered_part_is_what_is_needed(owner: list[PolicyRule], servant: list[PolicyRule]) -> None:
    missing = covers(owner, servant).uncovered
    assert covers([*owner, *missing], servant).covered
