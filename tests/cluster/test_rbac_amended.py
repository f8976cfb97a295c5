"""A cluster with other roles, and without some bindings, beside the one that it is made of."""

from __future__ import annotations

from kubelint.cluster.rbac import Authorizer, PolicyRule, Request, Verdict

USER = "system:serviceaccount:ci:deployer"
READ = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
WRITE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}


def role(name, *rules, labels=None, **more):
    return {"kind": "ClusterRole", "metadata": {"name": name, "labels": labels or {}}, "rules": list(rules), **more}


def binding(name, ref):
    return {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"kind": "ClusterRole", "name": ref},
        "subjects": [{"kind": "User", "name": USER}],
    }


def verbs(cluster):
    return sorted(verb for verb in ("get", "create") if cluster.allows(USER, (), Request(verb, "", "pods")) is ALLOWED)


ALLOWED = Verdict.ALLOWED
CLUSTER = Authorizer([role("reader", READ), binding("reads", "reader"), binding("writes", "writer")])


def test_a_role_is_added_or_replaced():
    assert verbs(CLUSTER) == ["get"]
    assert verbs(CLUSTER.amended([role("writer", WRITE)])) == ["create", "get"]
    assert verbs(CLUSTER.amended([role("reader", WRITE)])) == ["create"]
    assert verbs(CLUSTER) == ["get"]


def test_two_roles_of_one_name_are_one_again():
    twice = Authorizer([role("reader", READ), role("reader", WRITE), binding("reads", "reader")])
    assert twice.rules_for(USER).unknown
    assert not twice.amended([role("reader", READ)]).rules_for(USER).unknown


def test_a_binding_is_left_out():
    without = CLUSTER.amended((), [binding("reads", "anything")])
    assert verbs(without) == []
    assert verbs(without.amended([role("writer", WRITE)])) == ["create"]
    assert verbs(CLUSTER) == ["get"]


def test_a_role_that_is_added_is_aggregated():
    rule = {"clusterRoleSelectors": [{"matchLabels": {"part": "yes"}}]}
    cluster = Authorizer(
        [role("writer", aggregationRule=rule), binding("writes", "writer"), role("p", labels={"part": "yes"})]
    )
    assert verbs(cluster) == []
    assert verbs(cluster.amended([role("part", WRITE, labels={"part": "yes"})])) == ["create"]
    assert cluster.role_rules("ClusterRole", "writer").rules == ()


def test_what_is_written_is_judged_in_it():
    granted = {**binding("more", "reader"), "roleRef": {"kind": "ClusterRole", "name": "new"}}
    assert CLUSTER.may_write_binding(USER, (), granted).verdict is Verdict.UNKNOWN
    decision = CLUSTER.amended([role("new", WRITE)]).may_write_binding(USER, (), granted)
    assert decision.missing == [PolicyRule(("create",), ("",), ("pods",))]
