"""The roles of a cluster: those it comes with, those of the tree, and those that add up others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import pytest
from effort import grows_linearly

from kubelint.cluster.rbac import Authorizer, PolicyRule, Request, Verdict, builtin_manifests, service_account_user

Manifest = Mapping[str, object]
WIDGETS = "example.com"
ALL = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
READ = ALL[:3]
USER = service_account_user("ci", "deployer")


def entry(word: str) -> Manifest:
    return {"verbs": [word], "apiGroups": [WIDGETS], "resources": ["widgets"]}


def cluster_role(name: str, words: Iterable[str] = (), labels: object = None, selectors: object = None) -> Manifest:
    added = {} if selectors is None else {"aggregationRule": {"clusterRoleSelectors": selectors}}
    return {
        "kind": "ClusterRole",
        "metadata": {"name": name, "labels": labels},
        "rules": [entry(word) for word in words],
        **added,
    }


def by_label(key: str, value: str = "true") -> Manifest:
    return {"matchLabels": {key: value}}


def words_of(objects: list[Manifest], name: str) -> str:
    """The verbs of a role's rules, in order; a word a rule."""
    return " ".join(rule.verbs[0] for rule in Authorizer(objects).role_rules("ClusterRole", name).rules)


def unknown_of(objects: list[Manifest], name: str) -> tuple[str, ...]:
    return Authorizer(objects).role_rules("ClusterRole", name).unknown


def bound(name: str, user: str = USER, namespace: str = "app") -> Manifest:
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": "b", "namespace": namespace},
        "roleRef": {"kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "User", "name": user}],
    }


# Who may do what with the roles of every cluster: view, edit, admin, cluster-admin.
@pytest.mark.parametrize(
    ("group", "resource", "verbs", "holders"),
    [
        ("apps", "deployments", READ, "view edit admin cluster-admin"),
        ("apps", "deployments", ALL[3:], "edit admin cluster-admin"),
        ("batch", "cronjobs", ALL[3:], "edit admin cluster-admin"),
        ("networking.k8s.io", "ingresses", ALL[3:], "edit admin cluster-admin"),
        ("policy", "poddisruptionbudgets", ALL[3:], "edit admin cluster-admin"),
        ("autoscaling", "horizontalpodautoscalers", ALL[3:], "edit admin cluster-admin"),
        ("", "configmaps", READ, "view edit admin cluster-admin"),
        ("", "secrets", ALL, "edit admin cluster-admin"),
        ("", "pods/exec", ["create"], "edit admin cluster-admin"),
        ("", "pods/log", READ, "view edit admin cluster-admin"),
        ("", "pods/eviction", ["create"], "edit admin cluster-admin"),
        ("", "serviceaccounts", ["impersonate"], "edit admin cluster-admin"),
        ("", "serviceaccounts/token", ["create"], "edit admin cluster-admin"),
        ("", "events", READ, "view edit admin cluster-admin"),
        ("", "events", ["create", "patch"], "edit admin cluster-admin"),
        ("events.k8s.io", "events", ["get", "create"], "cluster-admin"),
        ("apps", "controllerrevisions", READ, "view edit admin cluster-admin"),
        ("apps", "controllerrevisions", ["create"], "cluster-admin"),
        ("coordination.k8s.io", "leases", ALL, "edit admin cluster-admin"),
        ("rbac.authorization.k8s.io", "roles", ALL, "admin cluster-admin"),
        ("rbac.authorization.k8s.io", "rolebindings", ALL, "admin cluster-admin"),
        ("rbac.authorization.k8s.io", "roles", ["bind", "escalate"], "cluster-admin"),
        ("authorization.k8s.io", "localsubjectaccessreviews", ["create"], "admin cluster-admin"),
        ("", "endpoints", READ, "view edit admin cluster-admin"),
        ("", "endpoints", ["create", "patch"], "cluster-admin"),
        ("discovery.k8s.io", "endpointslices", ["create"], "cluster-admin"),
        ("", "resourcequotas", READ, "view edit admin cluster-admin"),
        ("", "resourcequotas", ["create"], "cluster-admin"),
        ("", "limitranges", ["update"], "cluster-admin"),
        ("", "namespaces", READ, "view edit admin cluster-admin"),
        ("", "namespaces", ["patch", "delete"], "cluster-admin"),
        ("", "nodes", READ, "cluster-admin"),
        ("apps", "deployments/status", READ, "view edit admin cluster-admin"),
        ("apps", "deployments/status", ["patch"], "cluster-admin"),
        ("apps", "deployments/finalizers", ["update"], "cluster-admin"),
        ("resource.k8s.io", "resourceclaims", ALL[3:], "edit admin cluster-admin"),
        ("metrics.k8s.io", "pods", ["get"], "cluster-admin"),
        (WIDGETS, "widgets", ["get"], "cluster-admin"),
    ],
)
def test_default_roles(group: str, resource: str, verbs: list[str], holders: str) -> None:
    name, _, subresource = resource.partition("/")
    found = set()
    for role in ("view", "edit", "admin", "cluster-admin"):
        authorizer = Authorizer([bound(role)])
        requests = [Request(verb, group, name, subresource, namespace="app") for verb in verbs]
        answers = {authorizer.allows(USER, (), request) for request in requests}
        assert len(answers) == 1
        if answers == {Verdict.ALLOWED}:
            found.add(role)
    assert found == set(holders.split())


@pytest.mark.parametrize(
    ("user", "groups", "request_", "verdict"),
    [
        ("jane", ["system:masters"], Request("drop", WIDGETS, "widgets"), Verdict.ALLOWED),
        ("jane", ["system:authenticated"], Request("get", path="/apis/apps/v1"), Verdict.ALLOWED),
        ("jane", ["system:authenticated"], Request("get", path="/livez"), Verdict.ALLOWED),
        ("jane", ["system:authenticated"], Request("get", path="/metrics"), Verdict.DENIED),
        ("scraper", ["system:monitoring"], Request("get", path="/metrics"), Verdict.ALLOWED),
        ("system:anonymous", ["system:unauthenticated"], Request("get", path="/version"), Verdict.ALLOWED),
        ("system:anonymous", ["system:unauthenticated"], Request("get", path="/api"), Verdict.DENIED),
        (
            "jane",
            ["system:authenticated"],
            Request("create", "authorization.k8s.io", "selfsubjectaccessreviews"),
            Verdict.ALLOWED,
        ),
        (USER, [], Request("get", path="/openapi/v3"), Verdict.ALLOWED),
        (USER, [], Request("get", path="/openid/v1/jwks"), Verdict.ALLOWED),
        ("jane", ["system:authenticated"], Request("get", path="/openid/v1/jwks"), Verdict.DENIED),
        # What the control plane's own accounts hold is not in the catalogue: nobody can say that they may not.
        (service_account_user("kube-system", "job-controller"), [], Request("list", "", "pods"), Verdict.UNKNOWN),
        ("system:kube-scheduler", [], Request("create", "", "pods", "binding"), Verdict.UNKNOWN),
        (service_account_user("ci", "job-controller"), [], Request("list", "", "pods"), Verdict.DENIED),
    ],
)
def test_default_bindings(user: str, groups: list[str], request_: Request, verdict: Verdict) -> None:
    assert Authorizer([]).allows(user, groups, request_) is verdict


def test_a_binding_replaces_the_built_in_one_of_its_name() -> None:
    nobody = {"kind": "ClusterRoleBinding", "metadata": {"name": "system:discovery"}, "subjects": []}
    request = Request("get", path="/openapi/v3")
    assert Authorizer([nobody]).allows("jane", ["system:authenticated"], request) is Verdict.DENIED
    elsewhere = {**nobody, "kind": "RoleBinding", "metadata": {"name": "system:discovery", "namespace": "app"}}
    assert Authorizer([elsewhere]).allows("jane", ["system:authenticated"], request) is Verdict.ALLOWED


def test_a_part_of_a_default_role_can_be_replaced() -> None:
    part = cluster_role("system:aggregate-to-view", ["frob"], {"rbac.authorization.k8s.io/aggregate-to-view": "true"})
    assert words_of([part], "view") == "frob"
    unlabelled = cluster_role("system:aggregate-to-view", ["frob"])
    assert words_of([unlabelled], "view") == ""


def test_every_built_in_name_is_there_once() -> None:
    names = [str((item["kind"], item["metadata"])) for item in builtin_manifests()]
    assert len(names) == len(set(names))


# Aggregation.


def test_selectors_in_order_then_by_name_without_repetition() -> None:
    objects = [
        cluster_role("sum", ["written"], {"b": "true"}, [by_label("b"), by_label("a")]),
        cluster_role("z", ["three", "one"], {"a": "true"}),
        cluster_role("y", ["two"], {"a": "true", "b": "true"}),
        cluster_role("x", ["one"], {"b": "true"}),
        cluster_role("other", ["other"], {"b": "false"}),
    ]
    assert words_of(objects, "sum") == "one two three"
    assert unknown_of(objects, "sum") == ()


def test_a_sum_of_sums_stands_where_its_name_does() -> None:
    objects = [
        cluster_role("top", [], {}, [by_label("top")]),
        cluster_role("m-sum", ["overwritten"], {"top": "true"}, [by_label("deep")]),
        cluster_role("z-part", ["last"], {"top": "true"}),
        cluster_role("a-part", ["first"], {"top": "true"}),
        cluster_role("deep", ["between"], {"deep": "true"}),
    ]
    assert words_of(objects, "top") == "first between last"


@pytest.mark.parametrize(
    ("selectors", "words"),
    [
        ([by_label("a", "TRUE")], ""),
        ([{"matchLabels": {"a": True}}], ""),
        ([{"matchExpressions": [{"key": "a", "operator": "In", "values": ["false", "true"]}]}], "part"),
        ([{"matchExpressions": [{"key": "a", "operator": "in", "values": ["true"]}]}], ""),
        ([{"matchExpressions": [{"key": "a", "operator": "Exists"}]}, "garbage", None], None),
        ([], "written"),
        ("garbage", "written"),
    ],
)
def test_odd_selectors(selectors: object, words: str | None) -> None:
    objects = [
        cluster_role("sum", ["written"], {}, selectors),
        cluster_role("part", ["part"], {"a": "true"}),
    ]
    if words is None:  # a selector that is nothing selects everything, as an empty one does
        assert words_of(objects, "sum").split()[0] == "part"
    else:
        assert words_of(objects, "sum") == words


def test_a_label_that_is_no_text_is_none() -> None:
    objects = [cluster_role("sum", [], {}, [by_label("a")]), cluster_role("part", ["part"], {"a": True})]
    assert words_of(objects, "sum") == ""


def test_what_aggregates_itself_keeps_what_was_written_once() -> None:
    one = cluster_role("one", ["kept"], {"two": "true"}, [by_label("one")])
    two = cluster_role("two", [], {"one": "true"}, [by_label("two")])
    leaf = cluster_role("leaf", ["leaf"], {"two": "true"})
    assert words_of([one, two, leaf], "one") == "leaf"
    assert unknown_of([one, two, leaf], "one") == ("ClusterRole one aggregates what aggregates it",)
    assert unknown_of([{**one, "rules": []}, two, leaf], "one") == ()


def test_a_sum_of_nothing_is_summed_up_elsewhere() -> None:
    empty = cluster_role("sum", ["written"], {"a": "true"}, [by_label("a")])
    assert words_of([empty], "sum") == ""
    assert unknown_of([empty], "sum") == ("no ClusterRole in the tree is aggregated into sum",)
    assert unknown_of([empty, cluster_role("part", [], {"a": "true"})], "sum") == ()


@pytest.mark.parametrize(
    ("labels", "selector", "words", "known"),
    [
        ({"a": "${A}"}, by_label("a"), "sure", False),
        ({"a": "${A}"}, by_label("b"), "", True),
        ({"a": "${A}", "b": "true"}, by_label("b"), "part sure", True),
        ({"${KEY}": "true"}, by_label("a"), "sure", False),
        ({"${KEY}": "true", "a": "false"}, by_label("a"), "sure", True),
        ({"${KEY}": "x", "a": "true"}, by_label("a"), "part sure", True),
        ('{{ include "labels" . }}', by_label("a"), "sure", False),
        ({"a": "true"}, by_label("a", "${A}"), "", False),
        ({"a": "true"}, "{{ .Values.selector }}", "", False),
    ],
)
def test_template_text_in_labels_and_selectors(labels: object, selector: object, words: str, known: bool) -> None:
    objects = [
        cluster_role("sum", [], {}, [selector]),
        cluster_role("part", ["part"], labels),
        cluster_role("sure", ["sure"], {"a": "true", **({"b": "true"} if words.startswith("part") else {})}),
        *([] if words else [cluster_role("b", [], {"b": "true"})]),
    ]
    assert words_of(objects, "sum") == words
    assert (unknown_of(objects, "sum") == ()) is known


def test_a_sum_that_is_template_text() -> None:
    role = {**cluster_role("sum", ["written"]), "aggregationRule": "{{ .Values.rule }}"}
    assert unknown_of([role], "sum")


def test_of_two_roles_with_one_name_the_later_counts_but_not_for_sure() -> None:
    first, second = cluster_role("r", ["one"]), cluster_role("r", ["two"])
    assert words_of([first, second], "r") == "two"
    assert unknown_of([first, second], "r") == ("ClusterRole r is in the tree more than once",)
    assert unknown_of([first, first], "r") == ()


def test_a_role_is_one_of_its_namespace() -> None:
    role = {"kind": "Role", "metadata": {"name": "r", "namespace": "app"}, "rules": [entry("frob")]}
    authorizer = Authorizer([role, cluster_role("r", ["other"])])
    assert authorizer.role_rules("Role", "r", "app").rules == (PolicyRule(("frob",), (WIDGETS,), ("widgets",)),)
    assert authorizer.role_rules("Role", "r", "elsewhere").unknown
    assert authorizer.role_rules("Role", "r").unknown
    assert authorizer.role_rules("ClusterRole", "r", "app").rules[0].verbs == ("other",)


def sum_up(count: int) -> None:
    objects = [cluster_role(f"part-{number}", ["x"], {f"a-{number}": "true"}) for number in range(count)]
    objects += [cluster_role(f"sum-{number}", [], {}, [by_label(f"a-{number}")]) for number in range(count)]
    authorizer = Authorizer(objects)
    assert all(authorizer.role_rules("ClusterRole", f"sum-{number}").rules for number in range(count))


def test_sums_take_linear_time() -> None:
    assert grows_linearly(sum_up, 250)


def test_a_long_chain_of_sums() -> None:
    count = 3_000
    objects = [
        cluster_role(f"sum-{number}", [], {f"a-{number}": "true"}, [by_label(f"a-{number + 1}")])
        for number in range(count)
    ]
    objects.append(cluster_role("end", ["x"], {f"a-{count}": "true"}))
    assert words_of(objects, "sum-0") == "x"


def ask_all_of_a_chain(count: int, *, is_ring: bool) -> None:
    after = {number: (number + 1) % count if is_ring else number + 1 for number in range(count)}
    objects = [
        cluster_role(f"sum-{number}", [], {f"a-{number}": "true"}, [by_label(f"a-{after[number]}")])
        for number in range(count)
    ]
    objects.append(cluster_role("end", ["x"], {f"a-{after[count - 1]}": "true"}))
    authorizer = Authorizer(objects)
    assert all(authorizer.role_rules("ClusterRole", f"sum-{number}").rules for number in range(count))


@pytest.mark.parametrize("is_ring", [False, True])
def test_each_of_a_chain_takes_as_long(is_ring: bool) -> None:
    assert grows_linearly(partial(ask_all_of_a_chain, is_ring=is_ring), 250)


def test_roles_that_all_aggregate_each_other() -> None:
    everything: Manifest = {}
    objects = [cluster_role(f"sum-{number}", [], {}, [everything]) for number in range(200)]
    authorizer = Authorizer([*objects, cluster_role("leaf", ["x"])])
    rules = [authorizer.role_rules("ClusterRole", f"sum-{number}").rules for number in range(200)]
    assert all(PolicyRule(("x",), (WIDGETS,), ("widgets",)) in granted for granted in rules)
    assert len(set(rules)) == 1


def test_only_the_roles_of_a_circle_are_unsure_for_it() -> None:
    above = cluster_role("above", ["lost"], {}, [by_label("a"), by_label("leaf")])
    one = cluster_role("one", ["kept"], {"a": "true"}, [by_label("b")])
    two = cluster_role("two", [], {"b": "true"}, [by_label("a"), by_label("leaf")])
    objects = [above, one, two, cluster_role("leaf", ["x"], {"leaf": "true"})]
    note = ("ClusterRole one aggregates what aggregates it",)
    assert [unknown_of(objects, name) for name in ("above", "one", "two", "leaf")] == [note, note, note, ()]
    assert words_of(objects, "above") == "x"
