"""Who may write which role and which binding: nobody gives what they do not hold, unless they may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kubelint.cluster.rbac import Authorizer, Decision, PolicyRule, Request, Verdict, service_account_user

Manifest = Mapping[str, object]
GROUP = "rbac.authorization.k8s.io"
ALLOWED, DENIED, UNKNOWN = Verdict.ALLOWED, Verdict.DENIED, Verdict.UNKNOWN
SAILS = {"verbs": ["set"], "apiGroups": ["sea.example"], "resources": ["sails"]}
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
EVERY_URL = {"verbs": ["*"], "nonResourceURLs": ["*"]}


def may(verb: str, resource: str, *names: str, group: str = GROUP) -> Manifest:
    """A right on roles or bindings."""
    named = {"resourceNames": list(names)} if names else {}
    return {"verbs": [verb], "apiGroups": [group], "resources": [resource], **named}


def role(name: str, *rules: Manifest, namespace: str = "", **more: object) -> Manifest:
    kind = "Role" if namespace else "ClusterRole"
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, "rules": list(rules), **more}


def binding(ref: str, user: str, namespace: str = "", name: str = "new") -> Manifest:
    kind, _, bound = ref.partition("/")
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"kind": kind, "name": bound},
        "subjects": [{"kind": "User", "name": user}],
    }


def crew(*rules: Manifest, namespace: str = "") -> list[Manifest]:
    """Ann holds the rules, in the whole cluster or in a namespace, by way of a ClusterRole."""
    return [role("held", *rules), binding("ClusterRole/held", "ann", namespace, "held")]


NEW_ROLE = role("new", SAILS, namespace="port")
NEW_CLUSTER_ROLE = role("new", SAILS)


def decide(objects: list[Manifest], obj: Manifest, verb: str = "create", groups: tuple[str, ...] = ()) -> Decision:
    authorizer = Authorizer(objects)
    judge = authorizer.may_write_binding if str(obj["kind"]).endswith("Binding") else authorizer.may_write_role
    return judge("ann", groups, obj, verb)


# Roles: the four ways to be allowed, and the ways to fail.


@pytest.mark.parametrize(
    ("objects", "groups", "verdict"),
    [
        ([], ("system:masters",), ALLOWED),
        ([], (), DENIED),
        (crew(may("escalate", "clusterroles")), (), ALLOWED),
        (crew(SAILS), (), ALLOWED),
        (crew(EVERYTHING), (), ALLOWED),
        (crew(may("escalate", "roles")), (), DENIED),
        (crew(may("bind", "clusterroles")), (), DENIED),
        (crew(may("escalate", "clusterrolebindings")), (), DENIED),
        (crew(may("escalate", "clusterroles", group="")), (), DENIED),
        (crew(may("escalate", "clusterroles", group="*")), (), ALLOWED),
        (crew(may("*", "clusterroles")), (), ALLOWED),
        # What counts in a namespace only is worth nothing for the whole cluster.
        (crew(may("escalate", "clusterroles"), namespace="port"), (), DENIED),
        (crew(SAILS, namespace="port"), (), DENIED),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update", "patch", "apply"])
def test_writing_a_cluster_role(objects: list[Manifest], groups: tuple[str, ...], verdict: Verdict, verb: str) -> None:
    assert decide(objects, NEW_CLUSTER_ROLE, verb, groups).verdict is verdict


@pytest.mark.parametrize(
    ("objects", "verdict"),
    [
        (crew(may("escalate", "roles")), ALLOWED),
        (crew(may("escalate", "roles"), namespace="port"), ALLOWED),
        (crew(may("escalate", "roles"), namespace="sea"), DENIED),
        (crew(may("escalate", "clusterroles")), DENIED),
        (crew(SAILS), ALLOWED),
        (crew(SAILS, namespace="port"), ALLOWED),
        (crew(SAILS, namespace="sea"), DENIED),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update", "patch", "apply"])
def test_writing_a_role(objects: list[Manifest], verdict: Verdict, verb: str) -> None:
    assert decide(objects, NEW_ROLE, verb).verdict is verdict


@pytest.mark.parametrize(
    ("name", "verb", "verdict"),
    [
        ("new", "create", DENIED),  # a POST has no name yet
        ("new", "update", ALLOWED),  # even of a role that is not there: the name is in the URL
        ("new", "patch", ALLOWED),
        ("new", "apply", ALLOWED),
        ("old", "update", DENIED),
        ("old", "create", DENIED),
        ("", "create", ALLOWED),
    ],
)
def test_escalate_for_one_name(name: str, verb: str, verdict: Verdict) -> None:
    right = {**may("escalate", "clusterroles"), "resourceNames": [name]}
    assert decide(crew(right), NEW_CLUSTER_ROLE, verb).verdict is verdict


def test_create_on_update_asks_the_plain_verb_with_the_name() -> None:
    authorizer = Authorizer(crew(may("create", "clusterroles", "new"), may("update", "clusterroles")))
    ask = Request("create", GROUP, "clusterroles")
    assert authorizer.allows("ann", (), ask) is DENIED
    assert authorizer.allows("ann", (), Request("create", GROUP, "clusterroles", name="new")) is ALLOWED


def test_an_update_is_judged_whole() -> None:
    objects = [*crew(SAILS, may("update", "clusterroles")), role("new", SAILS, EVERYTHING)]
    labels = {"metadata": {"name": "new", "labels": {"of": "sea"}}}
    assert decide(objects, {**role("new", SAILS, EVERYTHING), **labels}, "update").verdict is DENIED
    assert decide(objects, role("new", EVERYTHING), "update").verdict is DENIED
    assert decide(objects, role("new", SAILS), "update").verdict is ALLOWED


@pytest.mark.parametrize("rules", [[], [{"verbs": [], "apiGroups": [""], "resources": ["secrets"]}]])
def test_a_role_that_grants_nothing_may_be_written_by_anybody(rules: list[Manifest]) -> None:
    assert decide([], role("new", *rules)).verdict is ALLOWED
    assert decide([], role("new", *rules, namespace="port")).verdict is ALLOWED


# Aggregated roles.

SUM: dict[str, Any] = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ([SAILS], DENIED),
        ([EVERYTHING], ALLOWED),  # `*` holds `escalate`
        ([may("escalate", "clusterroles")], ALLOWED),
        ([{**EVERYTHING, "verbs": ["get"]}, EVERY_URL], DENIED),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_role_that_aggregates_needs_full_authority(held: list[Manifest], verdict: Verdict, verb: str) -> None:
    decision = decide(crew(*held), role("new", **SUM), verb)
    assert decision.verdict is verdict
    if verdict is DENIED:
        assert decision.message == (
            'clusterroles.rbac.authorization.k8s.io "new" is forbidden: '
            "must have cluster-admin privileges to use the aggregationRule"
        )
        assert PolicyRule(("*",), ("*",), ("*",)) in decision.missing


def test_its_written_rules_are_asked_for_first() -> None:
    decision = decide(crew(SAILS), role("new", SAILS, EVERYTHING, **SUM))
    assert "not currently held" in decision.message


@pytest.mark.parametrize(
    ("obj", "verb", "verdict"),
    [
        (role("sum", SAILS), "update", DENIED),
        (role("sum", SAILS), "apply", DENIED),
        (role("sum", SAILS), "create", ALLOWED),  # it can't be there
        (role("view", SAILS), "patch", DENIED),
        (role("cluster-admin", SAILS), "patch", ALLOWED),
        (role("sum", SAILS, namespace="port"), "update", ALLOWED),
    ],
)
def test_so_does_writing_over_one(obj: Manifest, verb: str, verdict: Verdict) -> None:
    assert decide([*crew(SAILS), role("sum", **SUM)], obj, verb).verdict is verdict


def test_a_rule_without_selectors_needs_nothing() -> None:
    assert decide([], role("new", aggregationRule={"clusterRoleSelectors": []})).verdict is ALLOWED


# Bindings.

SAILOR, PORT_SAILOR = role("sailor", SAILS), role("sailor", SAILS, namespace="port")


@pytest.mark.parametrize(
    ("objects", "obj", "verdict"),
    [
        # `bind` is asked on the role that is bound, where the binding is.
        (crew(may("bind", "clusterroles")), binding("ClusterRole/sailor", "bob"), ALLOWED),
        (crew(may("bind", "clusterroles")), binding("ClusterRole/sailor", "bob", "port"), ALLOWED),
        (crew(may("bind", "clusterroles")), binding("Role/sailor", "bob", "port"), DENIED),
        (crew(may("bind", "roles")), binding("Role/sailor", "bob", "port"), ALLOWED),
        (crew(may("bind", "roles")), binding("ClusterRole/sailor", "bob", "port"), DENIED),
        (
            crew(may("bind", "clusterroles"), namespace="port"),
            binding("ClusterRole/sailor", "bob", "port"),
            ALLOWED,
        ),
        (crew(may("bind", "clusterroles"), namespace="port"), binding("ClusterRole/sailor", "bob"), DENIED),
        (
            crew(may("bind", "clusterroles"), namespace="sea"),
            binding("ClusterRole/sailor", "bob", "port"),
            DENIED,
        ),
        # Its names are those of the role, on create too.
        (crew(may("bind", "clusterroles", "sailor")), binding("ClusterRole/sailor", "bob", "port"), ALLOWED),
        (crew(may("bind", "clusterroles", "new")), binding("ClusterRole/sailor", "bob", "port"), DENIED),
        (crew(may("bind", "clusterroles", "*")), binding("ClusterRole/sailor", "bob", "port"), DENIED),
        # On anything else it is nothing.
        (crew(may("bind", "rolebindings")), binding("ClusterRole/sailor", "bob", "port"), DENIED),
        (crew(may("bind", "clusterroles", group="")), binding("ClusterRole/sailor", "bob"), DENIED),
        (crew(may("escalate", "clusterroles")), binding("ClusterRole/sailor", "bob"), DENIED),
        (crew(may("*", "clusterroles")), binding("ClusterRole/sailor", "bob"), ALLOWED),
        # Holding what the role grants is as good.
        (crew(SAILS), binding("ClusterRole/sailor", "bob"), ALLOWED),
        (crew(SAILS), binding("Role/sailor", "bob", "port"), ALLOWED),
        (crew(SAILS, namespace="port"), binding("ClusterRole/sailor", "bob", "port"), ALLOWED),
        (crew(SAILS, namespace="port"), binding("ClusterRole/sailor", "bob", "sea"), DENIED),
        (crew(SAILS, namespace="port"), binding("ClusterRole/sailor", "bob"), DENIED),
        ([], binding("ClusterRole/sailor", "bob"), DENIED),
        # The roles that every cluster has.
        (crew(EVERYTHING), binding("ClusterRole/cluster-admin", "bob"), ALLOWED),  # by `bind`, not by holding it
        (crew({**EVERYTHING, "verbs": ["get"]}), binding("ClusterRole/view", "bob", "port"), DENIED),
        (
            crew({**EVERYTHING, "verbs": ["get", "list", "watch"]}),
            binding("ClusterRole/view", "bob", "port"),
            ALLOWED,
        ),
        ([binding("ClusterRole/admin", "ann", "port", "x")], binding("ClusterRole/edit", "bob", "port"), ALLOWED),
        ([binding("ClusterRole/edit", "ann", "port", "x")], binding("ClusterRole/admin", "bob", "port"), DENIED),
        # A role that is not there yet can be bound with `bind` only; it may be outside the tree.
        (crew(may("bind", "clusterroles")), binding("ClusterRole/ghost", "bob"), ALLOWED),
        (crew(SAILS), binding("ClusterRole/ghost", "bob"), UNKNOWN),
        (crew(SAILS), binding("Role/sailor", "bob", "sea"), UNKNOWN),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update", "patch", "apply"])
def test_writing_a_binding(objects: list[Manifest], obj: Manifest, verdict: Verdict, verb: str) -> None:
    assert decide([*objects, SAILOR, PORT_SAILOR], obj, verb).verdict is verdict


def test_masters_may_bind_what_is_not_there() -> None:
    assert decide([], binding("ClusterRole/ghost", "bob"), groups=("system:masters",)).verdict is ALLOWED


def test_the_group_of_the_reference_is_filled_in_but_not_changed() -> None:
    objects = [*crew(may("bind", "clusterroles")), SAILOR]
    obj = dict(binding("ClusterRole/sailor", "bob"))
    assert (
        decide(objects, {**obj, "roleRef": {"kind": "ClusterRole", "name": "sailor", "apiGroup": ""}}).verdict
        is ALLOWED
    )
    other = {"kind": "ClusterRole", "name": "sailor", "apiGroup": "sea.example"}
    assert decide(objects, {**obj, "roleRef": other}).verdict is DENIED


def test_rights_may_come_from_several_bindings_and_groups() -> None:
    wind = {"verbs": ["feel"], "apiGroups": ["sea.example"], "resources": ["wind"]}
    everybody = {**binding("ClusterRole/wind", "x", "port", "wind")}
    everybody["subjects"] = [{"kind": "Group", "name": "system:serviceaccounts:port"}]
    account = service_account_user("port", "ann")
    objects = [role("wind", wind), everybody, SAILOR, binding("ClusterRole/sailor", account, name="sailor")]
    both = role("both", SAILS, wind)
    authorizer = Authorizer([*objects, both])
    assert authorizer.may_write_binding(account, (), binding("ClusterRole/both", "bob", "port")).verdict is ALLOWED
    assert authorizer.may_write_binding(account, (), binding("ClusterRole/both", "bob", "sea")).verdict is DENIED


# A harbour, end to end: the plain verb, then the check.


@pytest.mark.parametrize(
    ("user", "namespace", "ref", "allowed"),
    [
        ("clerk", "port", "ClusterRole/sailor", False),
        ("clerk", "port", "ClusterRole/clerk", True),
        ("sailing-clerk", "port", "ClusterRole/sailor", True),
        ("sailing-clerk", "port", "ClusterRole/admiral", False),
        ("port-clerk", "port", "ClusterRole/sailor", True),
        ("port-clerk", "sea", "ClusterRole/sailor", False),
        ("notary", "port", "ClusterRole/admiral", True),
        ("admiral", "sea", "ClusterRole/admiral", True),
        ("passenger", "port", "ClusterRole/sailor", False),
        ("sailor", "port", "ClusterRole/sailor", False),
    ],
)
def test_a_harbour(user: str, namespace: str, ref: str, allowed: bool) -> None:
    objects = [
        role("clerk", may("create", "rolebindings")),
        role("notary", may("bind", "clusterroles")),
        role("admiral", EVERYTHING),
        SAILOR,
        binding("ClusterRole/clerk", "clerk", name="1"),
        binding("ClusterRole/clerk", "sailing-clerk", name="2"),
        binding("ClusterRole/sailor", "sailing-clerk", name="3"),
        binding("ClusterRole/clerk", "port-clerk", "port", "4"),
        binding("ClusterRole/sailor", "port-clerk", name="5"),
        binding("ClusterRole/clerk", "notary", name="6"),
        binding("ClusterRole/notary", "notary", name="7"),
        binding("ClusterRole/admiral", "admiral", name="8"),
        binding("ClusterRole/sailor", "sailor", name="9"),
    ]
    authorizer = Authorizer(objects)
    create = authorizer.allows(user, (), Request("create", GROUP, "rolebindings", namespace=namespace))
    check = authorizer.may_write_binding(user, (), binding(ref, "x", namespace))
    assert (create is ALLOWED and check.verdict is ALLOWED) is allowed


# What it says.


def test_a_refusal_lists_what_is_missing_once_and_sorted() -> None:
    many = {
        "verbs": ["list", "get", "get"],
        "apiGroups": ["b", "a"],
        "resources": ["x"],
        "resourceNames": ["n", "m"],
    }
    url = {"verbs": ["get"], "nonResourceURLs": ["/logs"]}
    decision = decide(crew(SAILS), role("new", many, SAILS, url, many), groups=("crew", 'the "old"'))
    assert decision.message.splitlines() == [
        'clusterroles.rbac.authorization.k8s.io "new" is forbidden: user "ann" (groups=["crew" "the \\"old\\""]) '
        "is attempting to grant RBAC permissions not currently held:",
        '{APIGroups:["a"], Resources:["x"], ResourceNames:["m"], Verbs:["list" "get" "get" "list" "get" "get"]}',
        '{APIGroups:["a"], Resources:["x"], ResourceNames:["n"], Verbs:["list" "get" "get" "list" "get" "get"]}',
        '{APIGroups:["b"], Resources:["x"], ResourceNames:["m"], Verbs:["list" "get" "get" "list" "get" "get"]}',
        '{APIGroups:["b"], Resources:["x"], ResourceNames:["n"], Verbs:["list" "get" "get" "list" "get" "get"]}',
        '{NonResourceURLs:["/logs"], Verbs:["get"]}',
    ]
    assert PolicyRule(("get",), non_resource_urls=("/logs",)) in decision.missing


def test_a_refused_binding_is_named() -> None:
    decision = decide([SAILOR], binding("ClusterRole/sailor", "bob", "port", "crew"))
    assert decision.missing == [PolicyRule(("set",), ("sea.example",), ("sails",))]
    assert decision.message == (
        'rolebindings.rbac.authorization.k8s.io "crew" is forbidden: user "ann" (groups=[]) is attempting to grant '
        "RBAC permissions not currently held:\n"
        '{APIGroups:["sea.example"], Resources:["sails"], Verbs:["set"]}'
    )


def test_a_generated_name_is_not_in_the_refusal() -> None:
    unnamed = {**binding("ClusterRole/sailor", "bob", "port"), "metadata": {"generateName": "x-", "namespace": "port"}}
    assert decide([SAILOR], unnamed).message.startswith("rolebindings.rbac.authorization.k8s.io is forbidden: user ")


def test_the_groups_of_an_account_are_in_the_refusal() -> None:
    decision = Authorizer([]).may_write_role(service_account_user("ci", "ann"), (), NEW_ROLE)
    shown = '(groups=["system:serviceaccounts" "system:serviceaccounts:ci" "system:authenticated"])'
    assert f'user "system:serviceaccount:ci:ann" {shown} is attempting' in decision.message


# What cannot be known is not refused.


@pytest.mark.parametrize(
    ("objects", "obj"),
    [
        (crew(SAILS), role("new", {**SAILS, "resources": ["${THINGS}"]})),
        (crew(SAILS), {**role("new"), "rules": "{{ .Values.rules }}"}),
        (crew({**SAILS, "resources": ["${THINGS}"]}), NEW_CLUSTER_ROLE),
        ([binding("ClusterRole/ghost", "ann")], NEW_CLUSTER_ROLE),
        ([], role("new", SAILS, namespace="${NS}")),
        ([], {**NEW_ROLE, "metadata": {"name": "new"}}),
        ([], {**binding("ClusterRole/view", "bob", "port"), "metadata": {"name": "new"}}),
        (crew(may("bind", "clusterroles", "${ROLE}")), binding("ClusterRole/view", "bob")),
        (crew(may("bind", "clusterroles", "view")), binding("ClusterRole/${ROLE}", "bob")),
        (crew(may("escalate", "clusterroles", "x")), role("${NAME}", SAILS)),
        ([role("sum", **SUM)], binding("ClusterRole/sum", "bob")),
        ([role("twice", SAILS), role("twice")], binding("ClusterRole/twice", "bob")),
    ],
)
def test_unknown(objects: list[Manifest], obj: Manifest) -> None:
    decision = decide(objects, obj, "update")
    assert decision.verdict is UNKNOWN
    assert decision.message
    assert "is forbidden" not in decision.message


def test_an_account_that_holds_enough_is_not_kept_waiting_by_what_is_unknown() -> None:
    objects = [*crew(SAILS), binding("ClusterRole/ghost", "ann", name="ghost")]
    assert decide(objects, NEW_CLUSTER_ROLE) == Decision(ALLOWED)
