"""What one rule allows, and what covers what: facts read off the API server's source, and laws that follow."""

from __future__ import annotations

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


words = st.lists(st.sampled_from(["a", "b", "*"]), max_size=2).map(tuple)
resource_words = st.lists(st.sampled_from(["a", "a/s", "*/s", "*"]), max_size=2).map(tuple)
url_words = st.lists(st.sampled_from(["/a", "/a/*", "/a/b", "*"]), max_size=2).map(tuple)
resource_rules = st.builds(PolicyRule, words, words, resource_words, words)
url_rules = st.builds(PolicyRule, words, st.just(()), st.just(()), st.just(()), url_words)
rule_lists = st.lists(resource_rules | url_rules, max_size=4)


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
