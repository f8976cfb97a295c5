"""Who holds what: subjects, bindings, and what cannot be known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import pytest
from effort import grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.rbac import (
    Authorizer,
    PolicyRule,
    Request,
    Subject,
    Verdict,
    applies_to,
    service_account_of,
    service_account_user,
    validate,
    with_implied_groups,
)

Manifest = Mapping[str, object]
GROUP = "rbac.authorization.k8s.io"
ACCOUNT = service_account_user("ci", "deployer")


def rule(verbs: str, group: str, resources: str, **more: object) -> Manifest:
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split(), **more}


def role(name: str, *rules: object, namespace: str = "") -> Manifest:
    kind = "Role" if namespace else "ClusterRole"
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, "rules": list(rules)}


def binding(ref: str, *subjects: object, namespace: object = "") -> Manifest:
    """A binding without a name; `ref` is Kind/name, a subject is a mapping or Kind:name."""
    kind, _, name = ref.partition("/")
    listed = [
        dict(zip(("kind", "name"), entry.split(":", 1), strict=True)) if isinstance(entry, str) else entry
        for entry in subjects
    ]
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"namespace": namespace},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
        "subjects": listed,
    }


def account(name: str, namespace: object = None) -> Manifest:
    return {"kind": "ServiceAccount", "name": name, **({} if namespace is None else {"namespace": namespace})}


@pytest.mark.parametrize(
    ("subjects", "user", "groups", "namespace", "applies"),
    [
        ("User:ann", "ann", "", "", True),
        ("User:bob User:ann", "ann", "", "", True),
        ("User:bob User:ann", "eve", "", "", False),
        ("User:bob Group:ops", "eve", "ops", "", True),
        ("User:bob Group:ops", "eve", "dev ops", "app", True),
        ("User:ops", "eve", "ops", "", False),
        ("Group:eve", "eve", "ops", "", False),
        ("User:*", "eve", "", "app", False),
        ("Group:*", "eve", "ops", "app", False),
        ("Group:system:authenticated", "eve", "system:authenticated", "app", True),
        ("Group:system:authenticated Group:system:unauthenticated", "nobody", "system:unauthenticated", "", True),
        ("", "eve", "ops", "app", False),
    ],
)
def test_who_a_binding_applies_to(subjects: str, user: str, groups: str, namespace: str, applies: bool) -> None:
    listed = [Subject(*text.split(":", 1)) for text in subjects.split()]
    assert applies_to(listed, user, groups.split(), namespace) is applies
    assert applies_to(iter(listed), user, iter(groups.split()), namespace) is applies


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ("system:serviceaccount:ci:deployer", ("ci", "deployer")),
        ("system:serviceaccount:ci:", None),
        ("system:serviceaccount::deployer", None),
        ("system:serviceaccount:ci:a:b", None),
        ("system:serviceaccounts:ci:deployer", None),
        ("serviceaccount:ci:deployer", None),
        ("", None),
    ],
)
def test_the_account_behind_a_user(user: str, account: tuple[str, str] | None) -> None:
    assert service_account_of(user) == account


@pytest.mark.parametrize(
    ("user", "given", "all_groups"),
    [
        (ACCOUNT, "", "system:serviceaccounts system:serviceaccounts:ci system:authenticated"),
        (ACCOUNT, "x", "system:serviceaccounts system:serviceaccounts:ci x system:authenticated"),
        (ACCOUNT, "system:authenticated", "system:serviceaccounts system:serviceaccounts:ci system:authenticated"),
        (ACCOUNT, "system:serviceaccounts:ci", "system:serviceaccounts system:serviceaccounts:ci system:authenticated"),
        ("jane", "", ""),
        ("jane", "ops", "ops"),
    ],
)
def test_implied_groups(user: str, given: str, all_groups: str) -> None:
    assert with_implied_groups(user, iter(given.split())) == tuple(all_groups.split())


# The authorizer: one cluster a case, and what it lets through.

ANYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "nonResourceURLs": ["*"]}


@pytest.mark.parametrize(
    ("user", "groups", "request_", "allowed"),
    [
        ("ann", "", Request("read", "", "Books", namespace="north"), True),
        ("ann", "other", Request("watch", "", "Shelves", namespace="north"), True),
        ("eve", "keepers", Request("watch", "", "Shelves", namespace="north"), True),
        ("eve", "other keepers", Request("watch", "", "Shelves", namespace="north"), True),
        ("eve", "other", Request("watch", "", "Shelves", namespace="north"), False),
        ("ann", "", Request("READ", "", "Books", namespace="south"), False),
        ("ann", "keepers", Request("READ", "", "Books", namespace="south"), False),
        ("ann", "keepers", Request("READ", "", "Houses"), False),
        ("ann", "keepers", Request("get", path="/metrics"), False),
    ],
)
def test_a_cluster_role_bound_in_a_namespace(user: str, groups: str, request_: Request, allowed: bool) -> None:
    authorizer = Authorizer(
        [role("all", ANYTHING), binding("ClusterRole/all", "User:ann", "Group:keepers", namespace="north")]
    )
    assert authorizer.allows(user, groups.split(), request_) is (Verdict.ALLOWED if allowed else Verdict.DENIED)


@pytest.mark.parametrize(
    ("who", "verb", "path", "allowed"),
    [
        ("reader", "get", "/books", True),
        ("reader", "watch", "/books", False),
        ("reader", "get", "/books/1", False),
        ("writer", "get", "/books", True),
        ("writer", "watch", "/books", True),
        ("writer", "get", "/book", False),
        ("walker", "get", "/books/1", True),
        ("walker", "get", "/books/1/page", True),
        ("walker", "get", "/books", False),
        ("walker", "get", "/book/1", False),
    ],
)
def test_urls(who: str, verb: str, path: str, allowed: bool) -> None:
    rules = {"reader": ("get", "/books"), "writer": ("*", "/books"), "walker": ("get", "/books/*")}
    objects: list[Manifest] = []
    for name, (verbs, url) in rules.items():
        objects.append(role(name, {"verbs": [verbs], "apiGroups": [""], "resources": [""], "nonResourceURLs": [url]}))
        objects.append(binding(f"ClusterRole/{name}", f"User:{name}", f"Group:{name}s"))
    authorizer = Authorizer(objects)
    expected = Verdict.ALLOWED if allowed else Verdict.DENIED
    assert authorizer.allows(who, (), Request(verb, path=path)) is expected
    assert authorizer.allows("", (f"{who}s",), Request(verb, path=path)) is expected


@pytest.mark.parametrize(
    ("resources", "resource", "subresource", "allowed"),
    [
        ("pods", "pods", "", True),
        ("pods", "pods", "status", False),
        ("pods/status */scale", "pods", "status", True),
        ("pods/status */scale", "pods", "scale", True),
        ("pods/status */scale", "anything", "scale", True),
        ("pods/status */scale", "pods", "", False),
    ],
)
def test_subresources(resources: str, resource: str, subresource: str, allowed: bool) -> None:
    objects = [role("r", rule("*", "*", resources)), binding("ClusterRole/r", "User:ann", namespace="north")]
    request = Request("get", "", resource, subresource, namespace="north")
    assert Authorizer(objects).allows("ann", (), request) is (Verdict.ALLOWED if allowed else Verdict.DENIED)


# Effective rules, in order: those of the whole cluster, then those of the namespace.

READS = PolicyRule(("GET",), ("v1",), ("books",))
LISTS = PolicyRule(("LIST",), ("v1",), ("shelves",))
OWNS = PolicyRule(("*",), ("*",), ("*",))
LIBRARY = [
    role("reader", rule("GET", "v1", "books"), rule("LIST", "v1", "shelves"), namespace="north"),
    role("cluster-admin", rule("*", "*", "*")),
    role("unused", rule("PUT", "v1", "houses")),
    binding("Role/reader", "User:ann", "Group:friends", namespace="north"),
    binding("ClusterRole/cluster-admin", "User:boss", "Group:bosses"),
]


@pytest.mark.parametrize(
    ("user", "groups", "namespace", "rules"),
    [
        ("ann", (), "north", [READS, LISTS]),
        ("eve", ("friends",), "north", [READS, LISTS]),
        ("ann", ("friends",), "north", [READS, LISTS]),  # two subjects of one binding count once
        ("ann", (), "south", []),
        ("ann", (), "", []),
        ("ann", ("bosses",), "", [OWNS]),
        ("ann", ("bosses",), "north", [OWNS, READS, LISTS]),
        ("", (), "", []),
        ("", (), "north", []),
    ],
)
def test_effective_rules(user: str, groups: tuple[str, ...], namespace: str, rules: list[PolicyRule]) -> None:
    found = Authorizer(LIBRARY).rules_for(user, groups, namespace)
    assert found.rules == rules
    assert found.unknown == []


def test_two_bindings_to_one_role_grant_it_twice() -> None:
    objects = [*LIBRARY, binding("Role/reader", "User:ann", namespace="north")]
    assert Authorizer(objects).rules_for("ann", (), "north").rules == [READS, LISTS] * 2


def test_where_the_rules_come_from() -> None:
    authorizer = Authorizer(LIBRARY)
    held = authorizer.holdings("ann", ("bosses",), "north")
    assert [(entry.binding, entry.role) for entry in held] == [(LIBRARY[4], LIBRARY[1]), (LIBRARY[3], LIBRARY[0])]
    flat = [rule for entry in held for rule in entry.granted.rules]
    assert flat == authorizer.rules_for("ann", ("bosses",), "north").rules
    ghost = Authorizer([binding("ClusterRole/ghost", "User:ann")]).holdings("ann")
    assert ghost[0].role is None
    assert ghost[0].granted.unknown == ("ClusterRole ghost is not in the tree",)


@pytest.mark.parametrize(
    ("subject", "namespace", "allowed"),
    [
        (account("deployer", "ci"), "app", True),
        (account("deployer", "ci"), "", True),
        (account("deployer"), "ci", True),
        (account("deployer", ""), "ci", True),
        (account("deployer"), "app", False),
        (account("deployer"), "", False),
        (account("deployer", "other"), "ci", False),
        ("User:system:serviceaccount:ci:deployer", "app", True),
        ("Group:system:serviceaccounts", "app", True),
        ("Group:system:serviceaccounts:ci", "app", True),
        ("Group:system:serviceaccounts:app", "app", False),
        ("Group:system:authenticated", "app", True),
        ("Group:system:unauthenticated", "app", False),
        ("User:deployer", "app", False),
        ({"kind": "serviceaccount", "name": "deployer", "namespace": "ci"}, "app", False),
    ],
)
def test_an_account(subject: object, namespace: str, allowed: bool) -> None:
    objects = [role("r", rule("get", "", "pods")), binding("ClusterRole/r", subject, namespace=namespace)]
    request = Request("get", "", "pods", namespace=namespace)
    assert Authorizer(objects).allows(ACCOUNT, (), request) is (Verdict.ALLOWED if allowed else Verdict.DENIED)


def test_anybody_else_is_only_in_the_groups_given() -> None:
    objects = [role("r", rule("get", "", "pods")), binding("ClusterRole/r", "Group:system:authenticated")]
    request = Request("get", "", "pods")
    assert Authorizer(objects).allows("jane", (), request) is Verdict.DENIED
    assert Authorizer(objects).allows("jane", ("system:authenticated",), request) is Verdict.ALLOWED


def test_groups_may_come_one_by_one() -> None:
    objects = [role("r", rule("get", "", "pods")), binding("ClusterRole/r", "Group:ops")]
    authorizer = Authorizer(iter(objects))
    assert authorizer.rules_for("jane", iter(["dev", "ops"])).rules
    assert authorizer.allows("jane", iter(["dev", "ops"]), Request("get", "", "pods")) is Verdict.ALLOWED
    decision = authorizer.may_write_role("jane", iter(["dev", "ops"]), role("new", rule("list", "", "pods")))
    assert '(groups=["dev" "ops"])' in decision.message


def test_masters_may_do_anything_whatever_the_roles_say() -> None:
    objects = [role("cluster-admin"), {"kind": "ClusterRoleBinding", "metadata": {"name": "cluster-admin"}}]
    assert Authorizer(objects).allows("root", ("system:masters",), Request("get", "", "pods")) is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("names", "request_", "allowed"),
    [
        # A POST to a collection has no name; with one, it is the second check of an update or apply.
        (["a"], Request("create", "", "limitranges", namespace="app"), False),
        (["a"], Request("create", "", "limitranges", name="a", namespace="app"), True),
        (["a"], Request("create", "", "limitranges", name="b", namespace="app"), False),
        (["a"], Request("list", "", "limitranges", namespace="app"), False),
        (["a"], Request("list", "", "limitranges", name="a", namespace="app"), True),
        (["a"], Request("deletecollection", "", "limitranges", namespace="app"), False),
        ([], Request("create", "", "limitranges", name="a", namespace="app"), True),
        ([""], Request("list", "", "limitranges", namespace="app"), True),
        (["*"], Request("get", "", "limitranges", name="a", namespace="app"), False),
    ],
)
def test_names(names: list[str], request_: Request, allowed: bool) -> None:
    rules = rule("get list create update deletecollection", "", "limitranges", resourceNames=names)
    objects = [role("r", rules, namespace="app"), binding("Role/r", "User:ann", namespace="app")]
    assert Authorizer(objects).allows("ann", (), request_) is (Verdict.ALLOWED if allowed else Verdict.DENIED)


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_to_change_is_not_to_create(verb: str) -> None:
    objects = [role("r", rule(verb, "", "limitranges")), binding("ClusterRole/r", "User:ann", namespace="app")]
    authorizer = Authorizer(objects)
    request = Request(verb, "", "limitranges", name="a", namespace="app")
    assert authorizer.allows("ann", (), request) is Verdict.ALLOWED
    created = Request("create", "", "limitranges", name="a", namespace="app")
    assert authorizer.allows("ann", (), created) is Verdict.DENIED


def test_a_role_of_the_namespace_may_read_the_namespace_itself() -> None:
    objects = [role("r", rule("get list", "", "namespaces"), namespace="app")]
    objects.append(binding("Role/r", "User:ann", namespace="app"))
    authorizer = Authorizer(objects)
    assert authorizer.allows("ann", (), Request("get", "", "namespaces", "", "app", "app")) is Verdict.ALLOWED
    assert authorizer.allows("ann", (), Request("list", "", "namespaces")) is Verdict.DENIED


# What cannot be known.

READER = role("reader", rule("get", "", "pods"))
PODS = Request("get", "", "pods", namespace="app")


@pytest.mark.parametrize(
    ("bound", "verdict"),
    [
        (binding("ClusterRole/ghost", account("deployer", "ci")), Verdict.UNKNOWN),
        (binding("ClusterRole/ghost", account("other", "ci")), Verdict.DENIED),
        (binding("ClusterRole/ghost", account("deployer", "ci"), namespace="elsewhere"), Verdict.DENIED),
        (binding("ClusterRole/${ROLE}", account("deployer", "ci")), Verdict.UNKNOWN),
        (binding("Role/reader", account("deployer", "ci"), namespace="app"), Verdict.UNKNOWN),
        # The API server rejects these bindings: they grant nothing.
        (binding("Role/reader", account("deployer", "ci")), Verdict.DENIED),
        (binding("Group/reader", account("deployer", "ci")), Verdict.DENIED),
        (binding("${KIND}/reader", account("deployer", "ci")), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", account("deployer", "ci"), namespace="${NS}"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", account("other", "ci"), namespace="${NS}"), Verdict.DENIED),
        (binding("ClusterRole/reader", account("deployer"), namespace="${NS}"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", account("other"), namespace="${NS}"), Verdict.DENIED),
        (binding("ClusterRole/reader", "Group:ops", namespace="${NS}"), Verdict.DENIED),
        (binding("ClusterRole/reader", "Group:system:serviceaccounts:ci", namespace="${NS}"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", "Robot:x", namespace="${NS}"), Verdict.DENIED),
        (binding("ClusterRole/reader", account("${NAME}", "ci")), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", account("${NAME}", "other")), Verdict.DENIED),
        (binding("ClusterRole/reader", account("${NAME}"), namespace="app"), Verdict.DENIED),
        (binding("ClusterRole/reader", account("deployer", "${NS}")), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", account("other", "${NS}")), Verdict.DENIED),
        (binding("ClusterRole/reader", account("${NAME}", "${NS}")), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", "User:${NAME}"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", "Group:${NAME}"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", "${KIND}:x"), Verdict.UNKNOWN),
        (binding("ClusterRole/reader", "Robot:${NAME}"), Verdict.DENIED),
        (binding("ClusterRole/reader", account("${NAME}", "ci"), namespace="elsewhere"), Verdict.DENIED),
        ({**binding("ClusterRole/reader"), "subjects": "{{ .Values.subjects }}"}, Verdict.UNKNOWN),
        ({**binding("ClusterRole/reader"), "subjects": ["{{ .Values.subject }}"]}, Verdict.UNKNOWN),
        ({**binding("ClusterRole/reader", account("deployer", "ci")), "roleRef": None}, Verdict.UNKNOWN),
    ],
)
def test_unknown_is_not_denied(bound: Manifest, verdict: Verdict) -> None:
    authorizer = Authorizer([READER, bound])
    assert authorizer.allows(ACCOUNT, (), PODS) is verdict
    assert bool(authorizer.rules_for(ACCOUNT, (), "app").unknown) is (verdict is Verdict.UNKNOWN)


def test_what_is_known_is_enough() -> None:
    objects = [READER, binding("ClusterRole/reader", account("deployer", "ci"))]
    objects.append(binding("ClusterRole/ghost", account("deployer", "ci")))
    found = Authorizer(objects)
    assert found.allows(ACCOUNT, (), PODS) is Verdict.ALLOWED
    assert found.rules_for(ACCOUNT).unknown == ["ClusterRole ghost is not in the tree"]


def test_a_request_that_is_template_text() -> None:
    named = rule("get", "", "secrets", resourceNames=["a"])
    objects = [
        role("r", named),
        binding("ClusterRole/r", "User:ann"),
        binding("ClusterRole/r", "User:bob", namespace="x"),
    ]
    authorizer = Authorizer(objects)
    assert authorizer.allows("ann", (), Request("get", "", "secrets", name="${NAME}")) is Verdict.UNKNOWN
    assert authorizer.allows("ann", (), Request("list", "", "secrets", name="${NAME}")) is Verdict.DENIED
    assert authorizer.allows("bob", (), Request("get", "", "secrets", name="a", namespace="${NS}")) is Verdict.UNKNOWN
    assert authorizer.allows("ann", (), Request("get", "", "secrets", name="a", namespace="${NS}")) is Verdict.ALLOWED


def test_reasons_are_given_once() -> None:
    objects = [binding("ClusterRole/ghost", account("deployer", "ci")), binding("ClusterRole/ghost", "User:" + ACCOUNT)]
    assert Authorizer(objects).rules_for(ACCOUNT).unknown == ["ClusterRole ghost is not in the tree"]


def test_a_template_of_the_version_is_still_a_role() -> None:
    reader = {**READER, "apiVersion": '{{ include "rbac.apiVersion" . }}'}
    objects = [reader, binding("ClusterRole/reader", account("deployer", "ci"))]
    assert Authorizer(objects).allows(ACCOUNT, (), PODS) is Verdict.ALLOWED


# Bad input.

garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("${X}") | st.just("ClusterRole"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "namespace", "labels", "kind", "verbs", "apiGroups", "resources", "matchLabels"])
            | st.sampled_from(["clusterRoleSelectors", "matchExpressions", "key", "operator", "values", "apiGroup"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
objects_of_any_shape = st.fixed_dictionaries(
    {"kind": st.sampled_from(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"])},
    optional=dict.fromkeys(("metadata", "rules", "aggregationRule", "roleRef", "subjects", "apiVersion"), garbage),
)


@given(st.lists(objects_of_any_shape, max_size=4))
def test_nothing_raises(objects: list[Manifest]) -> None:
    authorizer = Authorizer(objects)
    for user in (ACCOUNT, "jane"):
        authorizer.allows(user, (), PODS)
        authorizer.holdings(user, (), "app")
        for item in objects:
            authorizer.may_write_role(user, (), item)
            authorizer.may_write_binding(user, (), item, "update")
            list(validate(item))


@pytest.mark.parametrize("item", [None, "Role", 3, [], {}, {"kind": None}, {"kind": ["Role"]}, {"kind": "Pod"}])
def test_what_is_no_object_of_ours_is_passed_over(item: object) -> None:
    objects: list[Manifest] = [item, READER, binding("ClusterRole/reader", account("deployer", "ci"))]  # type: ignore[list-item]
    assert Authorizer(objects).allows(ACCOUNT, (), PODS) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "written",
    [
        "get pods",
        ["get pods", None, 3, []],
        [{"verbs": None, "apiGroups": [""], "resources": ["pods"]}],
        [{"verbs": "get", "apiGroups": [""], "resources": ["pods"]}],
        [{"verbs": ["get"], "apiGroups": None, "resources": ["pods"]}],
        [{"verbs": ["get"], "apiGroups": [None], "resources": ["pods"]}],
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]},
        None,
    ],
)
def test_rules_of_odd_types_grant_nothing(written: object) -> None:
    odd = {**READER, "rules": written}
    authorizer = Authorizer([odd, binding("ClusterRole/reader", account("deployer", "ci"))])
    assert authorizer.allows(ACCOUNT, (), PODS) is Verdict.DENIED


def cluster(pairs: int, subjects: int, namespace: str) -> Iterator[Manifest]:
    for number in range(pairs):
        name = f"r-{number}"
        yield role(name, rule("get", "", f"pods things-{number}"))
        yield binding(f"ClusterRole/{name}", account(f"a-{number % subjects}", "ci"), namespace=namespace)


def ask(namespace: str, count: int) -> None:
    authorizer = Authorizer(list(cluster(5 * count // 2, count, namespace)))
    for number in range(count):
        user = service_account_user("ci", f"a-{number}")
        expected = Verdict.UNKNOWN if namespace == "${NS}" else Verdict.ALLOWED
        assert authorizer.allows(user, (), PODS) is expected
        authorizer.rules_for(user, (), "app")


@pytest.mark.parametrize("namespace", ["", "app", "${NS}"])
def test_bindings_take_linear_time(namespace: str) -> None:
    assert grows_linearly(partial(ask, namespace), 200)
