"""The model against the obvious way, over made-up rules, roles and bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rbac_reference as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kubelint.cluster.rbac import (
    Authorizer,
    PolicyRule,
    Request,
    Subject,
    Verdict,
    applies_to,
    compact,
    covers,
    non_resource_url_covers,
    rule_allows,
    with_implied_groups,
)

Manifest = Mapping[str, Any]
GROUP = "rbac.authorization.k8s.io"


def some(*texts: str, at_most: int = 2) -> SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(texts), max_size=at_most).map(tuple)


# Rules: small alphabets, so that they meet; every field may be empty, and resources and URLs stand in one rule.

VERBS = ("*", "get", "create", "GET", "")
RESOURCES = ("*", "pods", "pods/log", "*/log", "pods/*", "*/*", "pods/log/x", "*/log/x", "*/", "/", "")
URLS = ("*", "/", "/a", "/a/", "/a*", "/a/*", "/a/*/*", "/a/**", "/a/*/b", "/a/b", "**", "")
rules = st.builds(
    PolicyRule, some(*VERBS), some("", "*", "apps"), some(*RESOURCES), some("a", "b", "*", ""), some(*URLS)
)
simple_rules = st.builds(
    PolicyRule, some(*VERBS), st.sampled_from([("",), ("apps",)]), st.sampled_from([("pods",), ("*",)]), some("a", "b")
)
rule_lists = st.lists(rules | simple_rules, max_size=4)
requests = st.builds(
    Request,
    st.sampled_from(["get", "create", "bind"]),
    st.sampled_from(["", "apps", "*"]),
    st.sampled_from(["pods", "*", ""]),
    st.sampled_from(["", "log", "log/x", "*"]),
    st.sampled_from(["", "a", "c"]),
) | st.builds(Request, st.sampled_from(["get", "create"]), path=st.sampled_from([url for url in URLS if url]))


@given(st.sampled_from(URLS) | st.text("/a*", max_size=5), st.sampled_from(URLS) | st.text("/a*", max_size=5))
def test_urls(owner: str, url: str) -> None:
    assert non_resource_url_covers(owner, url) is reference.url_takes_in(owner, url)


@given(rules, requests)
def test_one_rule_and_one_request(rule: PolicyRule, request_: Request) -> None:
    assert rule_allows(rule, request_) is reference.lets_through(rule, request_)


@given(rule_lists, rule_lists)
def test_covers(owner: list[PolicyRule], servant: list[PolicyRule]) -> None:
    coverage = covers(owner, servant)
    assert coverage.uncovered == reference.uncovered(owner, servant)
    assert coverage.covered is (not coverage.uncovered)


@given(rule_lists, rule_lists)
def test_what_is_not_covered_covers_itself(owner: list[PolicyRule], servant: list[PolicyRule]) -> None:
    left = covers(owner, servant).uncovered
    assert covers(left, left).covered
    assert covers(owner, left).uncovered == left


@given(rule_lists)
def test_compact(given_rules: list[PolicyRule]) -> None:
    assert compact(given_rules) == reference.joined(given_rules)


@given(rule_lists, rule_lists)
def test_compact_of_what_is_missing(owner: list[PolicyRule], servant: list[PolicyRule]) -> None:
    missing = compact(covers(owner, servant).uncovered)
    assert missing == reference.joined(reference.uncovered(owner, servant))
    assert sorted({str(rule) for rule in missing}) == reference.described(reference.uncovered(owner, servant))


# Subjects.

ACCOUNT = "system:serviceaccount:a:x"
USERS = ("ann", "", ACCOUNT, "system:serviceaccount:b:x", ACCOUNT + ":y", "system:serviceaccount:a:", "x", "*")
GROUPS = ("ops", "ann", "system:authenticated", "system:serviceaccounts", "system:serviceaccounts:a", "*")
users = st.sampled_from(USERS)
group_lists = some(*GROUPS)
subjects = st.builds(
    Subject,
    st.sampled_from(["User", "Group", "ServiceAccount", "Robot", "user", ""]),
    st.sampled_from([*USERS, *GROUPS, "x:y", "y"]),
    st.sampled_from(["", "", "a", "b", "a:x"]),
)


@given(st.lists(subjects, max_size=3), users, group_lists, st.sampled_from(["", "a", "b", "a:x"]))
def test_subjects(listed: list[Subject], user: str, groups: tuple[str, ...], namespace: str) -> None:
    expected = any(reference.is_meant(subject, user, groups, namespace) for subject in listed)
    assert applies_to(listed, user, groups, namespace) is expected


@given(users, group_lists)
def test_implied_groups(user: str, groups: tuple[str, ...]) -> None:
    assert list(with_implied_groups(user, groups)) == reference.all_groups(user, groups)


# Clusters: a few roles and bindings, some with the names of built-in ones, some bound to nothing.


def texts(*values: str) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


named = st.one_of(st.just({}), st.builds(lambda names: {"resourceNames": names}, texts("r", "s", "cluster-admin")))
written_rules = st.one_of(
    st.builds(
        lambda verbs, groups, resources, names: {"verbs": verbs, "apiGroups": groups, "resources": resources, **names},
        texts("*", "get", "create"),
        texts("", "*"),
        texts("*", "pods", "pods/log", "*/log"),
        named,
    ),
    st.builds(
        lambda verb, resources, names: {"verbs": [verb], "apiGroups": [GROUP], "resources": resources, **names},
        st.sampled_from(["*", "bind", "escalate", "update"]),
        texts("roles", "clusterroles", "rolebindings", "*"),
        named,
    ),
    st.builds(lambda verbs, urls: {"verbs": verbs, "nonResourceURLs": urls}, texts("*", "get"), texts("*", "/a*")),
)
ROLE_NAMES = ("r", "s", "cluster-admin", "system:discovery")
places = st.sampled_from([("ClusterRole", ""), ("Role", "a"), ("Role", "b")])
binding_places = st.sampled_from([("ClusterRoleBinding", ""), ("RoleBinding", "a"), ("RoleBinding", "b")])


def metadata(name: str, namespace: str, **more: object) -> dict[str, object]:
    return {"name": name, **({"namespace": namespace} if namespace else {}), **more}


def role(place: tuple[str, str], name: str, contents: list[Manifest]) -> Manifest:
    return {"kind": place[0], "metadata": metadata(name, place[1]), "rules": contents}


def binding(place: tuple[str, str], name: str, ref: tuple[str, str], listed: list[Subject]) -> Manifest:
    entries = [{"kind": one.kind, "name": one.name, "namespace": one.namespace} for one in listed]
    refers = {"apiGroup": GROUP, "kind": ref[0] if place[1] else "ClusterRole", "name": ref[1]}
    return {"kind": place[0], "metadata": metadata(name, place[1]), "roleRef": refers, "subjects": entries}


#: An aggregated role and what goes into it: to write over the former takes full authority.
SUM: tuple[Manifest, ...] = (
    {
        "kind": "ClusterRole",
        "metadata": {"name": "sum"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "sum"}}]},
    },
    {
        "kind": "ClusterRole",
        "metadata": {"name": "part", "labels": {"into": "sum"}},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    },
)
roles = st.builds(role, places, st.sampled_from(ROLE_NAMES), st.lists(written_rules, max_size=3))
references = st.tuples(
    st.sampled_from(["Role", "ClusterRole"]), st.sampled_from([*ROLE_NAMES, "view", "sum", "nowhere"])
)
binding_names = st.sampled_from(["x", "y", "z", "cluster-admin"])
bindings = st.builds(binding, binding_places, binding_names, references, st.lists(subjects, min_size=1, max_size=2))
clusters = st.lists(roles | bindings, max_size=7, unique_by=reference.identity).map(lambda objects: [*objects, *SUM])
asked = st.one_of(
    st.builds(
        Request,
        st.sampled_from(["get", "create", "update", "bind", "escalate"]),
        st.sampled_from(["", GROUP]),
        st.sampled_from(["pods", "roles", "clusterroles"]),
        st.sampled_from(["", "log"]),
        st.sampled_from(["", "r"]),
        st.sampled_from(["", "a", "b"]),
    ),
    st.builds(Request, st.sampled_from(["get", "post"]), path=st.sampled_from(["/a", "/ab", "/version"])),
)
#: Two subjects that are meant often, so that the interesting half of the cases is not rare.
often = st.sampled_from([Subject("User", "ann"), Subject("ServiceAccount", "x", "a"), Subject("Group", "ops")])
busy_bindings = st.builds(binding, binding_places, binding_names, references, st.lists(often, min_size=1, max_size=2))
busy_clusters = st.lists(roles | busy_bindings, max_size=6, unique_by=reference.identity).map(
    lambda objects: [*objects, *SUM]
)


@settings(deadline=None)
@given(clusters | busy_clusters, users, group_lists, st.sampled_from(["", "a", "b"]))
def test_effective_rules(objects: list[Manifest], user: str, groups: tuple[str, ...], namespace: str) -> None:
    cluster = reference.Cluster(objects)
    found = Authorizer(iter(objects)).rules_for(user, iter(groups), namespace)
    assert found.rules == cluster.held(user, groups, namespace)
    assert found.unknown == list(dict.fromkeys(cluster.missing))


@settings(deadline=None)
@given(clusters | busy_clusters, users, some(*GROUPS, "system:masters"), asked)
def test_the_authorizer(objects: list[Manifest], user: str, groups: tuple[str, ...], request_: Request) -> None:
    cluster = reference.Cluster(objects)
    expected = Verdict.ALLOWED if cluster.allows(user, groups, request_) else Verdict.DENIED
    if expected is Verdict.DENIED and cluster.missing:
        expected = Verdict.UNKNOWN
    assert Authorizer(objects).allows(user, groups, request_) is expected


def changed(obj: Manifest, change: Manifest) -> Manifest:
    """An object with other metadata, or other contents."""
    merged = {**obj, **change, "metadata": {**obj["metadata"], **change.get("metadata", {})}}
    return {key: value for key, value in merged.items() if value is not None}


CHANGES: tuple[Manifest, ...] = (
    {},
    {"metadata": {"ownerReferences": [{"kind": "Pod", "name": "p", "uid": "1"}]}},
    {"metadata": {"finalizers": ["example.com/f"]}},
    {"metadata": {"labels": {"part": "1"}}},
    {"metadata": {"finalizers": ["example.com/f"], "annotations": {"note": "1"}}},
    {"rules": []},
    {"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]},
    {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"part": "none"}}]}},
    {"aggregationRule": None},
)
verbs = st.sampled_from(["create", "update", "patch", "apply"])


#: What makes the difference to who writes roles and bindings.
writer_rules = st.one_of(
    st.builds(
        lambda verb, resource, names: {"verbs": [verb], "apiGroups": [GROUP], "resources": [resource], **names},
        st.sampled_from(["escalate", "bind"]),
        st.sampled_from(["roles", "clusterroles"]),
        st.sampled_from([{}, {"resourceNames": ["r"]}, {"resourceNames": ["sum"]}]),
    ),
    st.just({"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "*/log"]}),
    st.just({"verbs": ["get", "create"], "apiGroups": ["*"], "resources": ["*"]}),
)


@st.composite
def writes(draw: st.DrawFn, new: SearchStrategy[Manifest], kinds: tuple[str, ...]) -> tuple[list[Manifest], Manifest]:
    """A cluster, and an object to write into it: a new one, or one that is there, changed in some way."""
    held = role(("ClusterRole", ""), "held", draw(st.lists(writer_rules, max_size=2)))
    place = draw(st.sampled_from([("ClusterRoleBinding", ""), ("RoleBinding", "a")]))
    holds = binding(
        place, "held", ("ClusterRole", "held"), [Subject("User", "ann"), Subject("ServiceAccount", "x", "a")]
    )
    objects = [*draw(busy_clusters), held, holds]
    there = [obj for obj in objects if obj["kind"] in kinds]
    obj = draw(new | st.sampled_from([*there, *(SUM[:1] * len(there) if "ClusterRole" in kinds else ())]))
    change = draw(st.sampled_from(CHANGES))
    fits = all(key == "metadata" or key in obj or obj["kind"] == "ClusterRole" for key in change)
    return objects, changed(obj, change) if fits else obj


@settings(deadline=None)
@given(
    writes(roles, ("Role", "ClusterRole")),
    st.sampled_from(["ann", ACCOUNT]),
    some("ops", "system:masters", at_most=1),
    verbs,
)
def test_writing_roles(write: tuple[list[Manifest], Manifest], user: str, groups: tuple[str, ...], verb: str) -> None:
    objects, obj = write
    cluster = reference.Cluster(objects)
    lacking = cluster.lacks_for_role(user, groups, obj, verb)
    decision = Authorizer(objects).may_write_role(user, groups, obj, verb)
    if not lacking:
        assert decision.verdict is Verdict.ALLOWED
        return
    assert decision.verdict is (Verdict.UNKNOWN if cluster.missing else Verdict.DENIED)
    assert decision.missing == reference.joined(lacking)
    if decision.verdict is Verdict.DENIED:
        own = reference.uncovered(cluster.held(user, groups, reference.identity(obj)[1]), reference.written(obj))
        if own:
            assert decision.message.splitlines()[1:] == reference.described(own)
        else:
            assert decision.message.endswith(": must have cluster-admin privileges to use the aggregationRule")


@settings(deadline=None)
@given(
    writes(busy_bindings, ("RoleBinding", "ClusterRoleBinding")),
    st.sampled_from(["ann", ACCOUNT]),
    some("ops", "system:masters", at_most=1),
    verbs,
)
def test_writing_bindings(
    write: tuple[list[Manifest], Manifest], user: str, groups: tuple[str, ...], verb: str
) -> None:
    objects, obj = write
    cluster = reference.Cluster(objects)
    lacking = cluster.lacks_for_binding(user, groups, obj, verb)
    decision = Authorizer(objects).may_write_binding(user, groups, obj, verb)
    if lacking == []:
        assert decision.verdict is Verdict.ALLOWED
        return
    assert decision.verdict is (Verdict.UNKNOWN if cluster.missing else Verdict.DENIED)
    assert decision.missing == reference.joined(lacking or [])
    if decision.verdict is Verdict.DENIED:
        assert decision.message.splitlines()[1:] == reference.described(lacking or [])


# Aggregation, until nothing changes any more.

label_maps = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
selectors: SearchStrategy[Manifest] = st.one_of(
    st.just({}), st.builds(lambda wanted: {"matchLabels": wanted}, label_maps)
)
cluster_roles = st.builds(
    lambda name, labels, contents, picks: {
        "kind": "ClusterRole",
        "metadata": {"name": name, "labels": labels},
        "rules": contents,
        **({"aggregationRule": {"clusterRoleSelectors": picks}} if picks else {}),
    },
    st.sampled_from("pqrstu"),
    label_maps,
    st.lists(written_rules, max_size=2),
    st.lists(selectors, max_size=2),
)


@settings(deadline=None)
@given(st.lists(cluster_roles, max_size=6, unique_by=reference.identity))
def test_aggregation(objects: list[Manifest]) -> None:
    settled = reference.settled_rules(reference.whole_cluster(objects))
    authorizer = Authorizer(objects)
    for (kind, namespace, name), expected in settled.items():
        found = authorizer.role_rules(kind, name, namespace).rules
        assert set(found) == set(expected)
        assert len(found) == len(expected)
