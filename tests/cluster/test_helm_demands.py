"""What a deployer must be allowed in all, and the smallest roles that allow it."""

from __future__ import annotations

from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.cluster.helm import (
    Command,
    Demand,
    FluxKustomization,
    FluxRelease,
    Helm,
    Kubectl,
    Wait,
    account_manifest,
    demands,
    granted,
    needs,
    role_manifests,
    role_writes,
)
from kubelint.cluster.rbac import Authorizer, Subject, Verdict, covers, service_account_user, validate

USER = service_account_user("ci", "runner")
SUBJECT = Subject("ServiceAccount", "runner", "ci")
APPLY = Kubectl(action="apply")
SSA = Kubectl(action="apply", server_side=True)
HELM3, HELM4, HELM = (Helm(action="upgrade", install=True, version=version) for version in (3, 4, None))
RBAC = "rbac.authorization.k8s.io/v1"


def obj(kind: str, name: str = "x", version: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


def role(
    name: str = "web", kind: str = "Role", verbs: str = "get", resources: str = "pods", **more: Any
) -> dict[str, Any]:
    rules = [{"apiGroups": [""], "resources": resources.split(","), "verbs": verbs.split(",")}]
    return obj(kind, name, RBAC, **{"rules": rules, **more})


def binding(to: str = "web", kind: str = "Role", own: str = "RoleBinding", name: str = "web") -> dict[str, Any]:
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to}
    return obj(own, name, RBAC, roleRef=ref, subjects=[])


AGGREGATE = role("all", "ClusterRole", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})


def asked(
    command: Command, objects: list[dict[str, Any]], held: list[dict[str, Any]] | None = None, in_order: bool = False
) -> list[Demand]:
    """What the command demands of an account that holds the roles `held`."""
    found, writes = needs(command, objects, "shop"), role_writes(command, objects, "shop")
    roles = [write.manifest for write in writes if write.manifest["kind"] in ("Role", "ClusterRole")]
    unique = {(item["kind"], str(item["metadata"])): item for item in roles}
    return demands(found, writes, Authorizer([*unique.values(), *(held or [])]), USER, in_order=in_order)


def shown(found: list[Demand]) -> dict[str, list[str]]:
    """The granted rules as people read them, by namespace."""
    return {
        namespace: [
            f"{','.join(rule.verbs)} {','.join(rule.resources)}"
            + (f" {','.join(rule.resource_names)}" if rule.resource_names else "")
            for rule in rules
        ]
        for namespace, rules in granted(found).items()
    }


GRANTED = [
    # Requests with a name are limited to it, `create` never.
    (APPLY, [obj("ConfigMap")], {"shop": ["create configmaps", "get,patch configmaps x"]}),
    (SSA, [obj("ConfigMap")], {"shop": ["create configmaps", "patch configmaps x"]}),
    (
        APPLY,
        [obj("ConfigMap"), obj("Secret")],
        {"shop": ["create configmaps,secrets", "get,patch configmaps,secrets x"]},
    ),
    (APPLY, [obj("ConfigMap"), obj("ConfigMap", "y")], {"shop": ["create configmaps", "get,patch configmaps x,y"]}),
    (APPLY, [obj("ConfigMap", "${NAME}")], {"shop": ["get,create,patch configmaps"]}),
    (APPLY, [obj("Widget", version="example.org/v1")], {}),
    (
        Kubectl(action="rollout status"),
        [obj("Deployment", "web", "apps/v1")],
        {"shop": ["get,list,watch deployments web"]},
    ),
    # What lives in no namespace takes a ClusterRole; so does a namespace, which may not be there yet.
    (APPLY, [obj("PersistentVolume")], {"": ["create persistentvolumes", "get,patch persistentvolumes x"]}),
    (APPLY, [obj("Namespace", "shop")], {"": ["create namespaces", "get,patch namespaces shop"]}),
    # Helm keeps releases in Secrets, and finds them by listing.
    (HELM3, [], {"shop": ["get,list,create,update,delete secrets"]}),
    (
        HELM4,
        [obj("ConfigMap")],
        {"shop": ["create configmaps", "get,patch,delete configmaps x", "get,list,create,update,delete secrets"]},
    ),
    # Roles: their rules; bindings: `bind`, unless the rules are held already.
    (SSA, [role()], {"shop": ["get pods", "create roles", "patch roles web"]}),
    (
        SSA,
        [role(), binding()],
        {"shop": ["get pods", "create rolebindings,roles", "patch rolebindings,roles web"]},
    ),
    (
        SSA,
        [binding("view", "ClusterRole")],
        {"shop": ["bind clusterroles view", "create rolebindings", "patch rolebindings web"]},
    ),
    (SSA, [binding("other")], {"shop": ["create rolebindings", "patch rolebindings web", "bind roles other"]}),
    (
        SSA,
        [binding("cluster-admin", "ClusterRole", "ClusterRoleBinding")],
        {"": ["create clusterrolebindings", "patch clusterrolebindings web", "bind clusterroles cluster-admin"]},
    ),
    # What is held in the whole cluster is held in a namespace, too.
    (
        SSA,
        [role("web", "ClusterRole"), binding("web", "ClusterRole"), role("own")],
        {
            "": ["get pods", "create clusterroles", "patch clusterroles web"],
            "shop": ["patch rolebindings web", "create rolebindings,roles", "patch roles own"],
        },
    ),
    (SSA, [role(verbs="bind", resources="roles")], {"shop": ["bind roles", "create roles", "patch roles web"]}),
    # `escalate` only for what aggregates; limited to its name where requests have one.
    (SSA, [AGGREGATE], {"": ["create clusterroles", "patch,escalate clusterroles all"]}),
    (HELM3, [AGGREGATE], {"": ["create,escalate clusterroles", "get,patch,delete clusterroles all"]}),
    (
        HELM3,
        [role("web", "ClusterRole"), AGGREGATE],
        {"": ["create,escalate clusterroles", "get,patch,delete clusterroles all,web"]},
    ),
    (SSA, [role(verbs="${VERBS}")], {"shop": ["create roles", "patch roles web"]}),
]


@pytest.mark.parametrize(("command", "objects", "expected"), GRANTED)
def test_what_is_granted(command: Command, objects: list[dict[str, Any]], expected: dict[str, list[str]]) -> None:
    found = shown(asked(command, objects))
    stored = ["get,list,create,update,delete secrets"] if command in (HELM3, HELM4) and "" in expected else []
    found["shop"] = [text for text in found.get("shop", []) if text not in stored]
    assert {namespace: rules for namespace, rules in found.items() if rules} == expected


def holding(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {**role("held", "ClusterRole"), "rules": list(rules)},
        {**binding("held", "ClusterRole", "ClusterRoleBinding"), "subjects": [{"kind": "User", "name": USER}]},
    ]


def grant(verbs: str, resources: str, group: str = "", names: str = "") -> dict[str, Any]:
    named = {"resourceNames": names.split(",")} if names else {}
    return {"apiGroups": [group], "resources": resources.split(","), "verbs": verbs.split(","), **named}


ROLES_GROUP = "rbac.authorization.k8s.io"
ANY_ROLE = grant("create,patch", "roles,rolebindings,clusterroles", ROLES_GROUP)


@pytest.mark.parametrize(
    ("objects", "held", "expected"),
    [
        ([obj("ConfigMap")], [grant("patch", "configmaps")], {"shop": ["create configmaps"]}),
        ([obj("ConfigMap")], [grant("patch,create", "configmaps")], {}),
        ([obj("ConfigMap")], [grant("patch,create", "configmaps", names="x")], {}),
        ([role()], [ANY_ROLE], {"shop": ["get pods"]}),
        ([role()], [ANY_ROLE, grant("get", "pods")], {}),
        ([role()], [ANY_ROLE, grant("escalate", "roles", ROLES_GROUP)], {}),
        ([role()], [ANY_ROLE, grant("escalate", "roles", ROLES_GROUP, "web")], {}),
        ([role(), binding()], [ANY_ROLE, grant("escalate", "roles", ROLES_GROUP)], {"shop": ["bind roles web"]}),
        ([binding("view", "ClusterRole")], [ANY_ROLE, grant("bind", "clusterroles", ROLES_GROUP, "view")], {}),
        ([binding("view", "ClusterRole")], [ANY_ROLE], {"shop": ["bind clusterroles view"]}),
        ([AGGREGATE], [ANY_ROLE, grant("escalate", "clusterroles", ROLES_GROUP)], {}),
    ],
)
def test_what_is_held_is_not_granted_again(
    objects: list[dict[str, Any]], held: list[dict[str, Any]], expected: dict[str, list[str]]
) -> None:
    found = asked(SSA, objects, holding(*held))
    assert shown(found) == expected


def test_what_is_not_known_is_not_missing() -> None:
    found = asked(APPLY, [obj("Widget", version="example.org/v1"), obj("ConfigMap", "${NAME}")])
    assert {demand.verdict for demand in found if demand.need.unknown} == {Verdict.UNKNOWN}
    assert [demand.need.request.verb for demand in found if not demand.need.unknown] == ["create"]
    assert [demand.lacking for demand in found if demand.need.request.resource == "widgets"] == [False] * 3
    assert all(demand.lacking for demand in found if demand.need.request.resource == "configmaps")


def test_a_role_from_elsewhere_may_be_held_by_who_holds_something_unknown() -> None:
    elsewhere = {
        **binding("elsewhere", "ClusterRole", "ClusterRoleBinding"),
        "subjects": [{"kind": "User", "name": USER}],
    }
    assert {demand.verdict for demand in asked(SSA, [role(), binding()], [elsewhere])} == {Verdict.UNKNOWN}


@pytest.mark.parametrize(("in_order", "expected"), [(False, []), (True, ["web"])])
def test_a_role_that_is_not_there_yet_takes_bind(in_order: bool, expected: list[str]) -> None:
    found = asked(APPLY, [binding(), role()], in_order=in_order)
    assert [demand.need.request.name for demand in found if demand.need.request.verb == "bind"] == expected
    assert not [demand for demand in asked(APPLY, [role(), binding()], in_order=True) if demand.rule.verbs == ("bind",)]


def test_why_a_right_is_held() -> None:
    found = [demand for demand in asked(HELM, [role()]) if demand.held]
    assert [(demand.need.request.verb, demand.need.helm, demand.need.about) for demand in found] == [
        ("get", None, (0,))
    ]
    assert found[0].need.why == "who writes Role shop/web has to hold its rules"


KINDS = {
    "ConfigMap": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Namespace": "v1",
    "Job": "batch/v1",
    "PersistentVolume": "v1",
}
PLAIN = st.builds(
    lambda kind, name: obj(kind, name, KINDS[kind]), st.sampled_from(sorted(KINDS)), st.sampled_from("ab")
)
HOOKS = st.sampled_from(["pre-install", "post-upgrade", "test"]).map(
    lambda event: {
        **obj("Job", "hook", "batch/v1"),
        "metadata": {"name": "hook", "annotations": {"helm.sh/hook": event}},
    }
)
VERBS = st.sampled_from(["get", "get,list", "create", "*"])
ROLES = st.builds(
    role,
    st.sampled_from("ab"),
    st.sampled_from(["Role", "ClusterRole"]),
    VERBS,
    st.sampled_from(["pods", "configmaps,pods/log", "*"]),
)
BINDINGS = st.builds(binding, st.sampled_from("ab"), st.just("Role"), name=st.sampled_from("ab")) | st.builds(
    binding,
    st.sampled_from(["a", "b", "view", "cluster-admin"]),
    st.just("ClusterRole"),
    st.sampled_from(["RoleBinding", "ClusterRoleBinding"]),
    st.sampled_from("ab"),
)
RELEASES = st.lists(
    PLAIN | HOOKS | ROLES | BINDINGS | st.just(AGGREGATE),
    max_size=5,
    unique_by=lambda it: str(it["metadata"]) + it["kind"],
)
COMMANDS = st.sampled_from(
    [
        APPLY,
        SSA,
        Kubectl(action="rollout status"),
        FluxKustomization(prune=True, wait=True),
        FluxRelease(create_namespace=True, storage_namespace="flux"),
        *(
            Helm(action="upgrade", install=True, version=version, wait=wait, atomic=atomic, create_namespace=atomic)
            for version, wait, atomic in product((3, 4, None), (Wait.NONE, Wait.DEFAULT), (False, True))
        ),
    ]
)


def is_short_of_something(command: Command, objects: list[dict[str, Any]], held: list[dict[str, Any]]) -> bool:
    """Whether something is demanded that is not held where it has to be: what is about a namespace not inside of it."""
    found = asked(command, objects, held)
    everywhere = Authorizer(held).rules_for(USER, (), "").rules
    return any(
        demand.verdict is not Verdict.ALLOWED
        or (not demand.namespace and not demand.held and not covers(everywhere, [demand.rule]).covered)
        for demand in found
    )


@settings(deadline=None, max_examples=150)
@given(COMMANDS, RELEASES)
def test_what_is_granted_is_enough(command: Command, objects: list[dict[str, Any]]) -> None:
    roles = role_manifests(granted(asked(command, objects)), SUBJECT, "deploy")
    assert not [rejection for item in roles for rejection in validate(item)]
    assert not is_short_of_something(command, objects, roles)


@settings(deadline=None, max_examples=60)
@given(COMMANDS, RELEASES)
def test_no_verb_of_it_can_be_left_out(command: Command, objects: list[dict[str, Any]]) -> None:
    roles = role_manifests(granted(asked(command, objects)), SUBJECT, "deploy")
    for position, item in enumerate(roles):
        for index, entry in enumerate(item.get("rules", ())):
            for verb in entry["verbs"]:
                less = deepcopy(roles)
                less[position]["rules"][index]["verbs"].remove(verb)
                assert is_short_of_something(command, objects, less), (verb, entry)


def test_the_manifests() -> None:
    rules = granted(asked(APPLY, [obj("ConfigMap"), obj("PersistentVolume")]))
    found = role_manifests(rules, Subject("Group", "deployers"), "deploy")
    assert [item["kind"] for item in found] == ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
    assert found[3]["subjects"] == [{"apiGroup": ROLES_GROUP, "kind": "Group", "name": "deployers"}]
    assert [item["metadata"].get("namespace") for item in found] == [None, None, "shop", "shop"]
    assert account_manifest("shop", "deployer")["metadata"] == {"name": "deployer", "namespace": "shop"}
