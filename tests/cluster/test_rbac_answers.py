"""The API server's answer to who may write a role: what it says, and that nobody pays for it who does not read it."""

from __future__ import annotations

from effort import calls

from kubelint.cluster.rbac import RBAC_GROUP, Authorizer, Decision, PolicyRule, Verdict


def role(names: int, **more: object) -> dict[str, object]:
    rule = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [f"n{i}" for i in range(names)],
        "verbs": ["get"],
    }
    return {
        "apiVersion": f"{RBAC_GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "many"},
        "rules": [rule],
        **more,
    }


def decide(names: int, **more: object) -> Decision:
    return Authorizer([]).may_write_role("ann", (), role(names, **more))


def test_it_lists_what_is_missing() -> None:
    decision = decide(2)
    assert decision.verdict is Verdict.DENIED and len(decision.missing) == 2
    first, *rules = decision.message.splitlines()
    assert first.startswith('clusterroles.rbac.authorization.k8s.io "many" is forbidden: user "ann" ')
    assert first.endswith("is attempting to grant RBAC permissions not currently held:")
    assert rules == [str(rule) for rule in decision.missing]


def test_it_lists_nothing_where_no_rule_would_be_enough() -> None:
    decision = decide(0, rules=[], aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})
    assert decision.missing
    assert decision.message.endswith("is forbidden: must have cluster-admin privileges to use the aggregationRule")


def test_only_its_reader_pays_for_it() -> None:
    decision = decide(500)
    assert calls(lambda: decide(500)) < calls(lambda: decide(500).message)
    assert calls(lambda: decision.message) > 500
    assert calls(lambda: decision.message) < 10


def test_other_answers_stay_as_they_are() -> None:
    assert Decision(Verdict.ALLOWED).message == ""
    assert Decision(Verdict.UNKNOWN, [PolicyRule(("get",))], "what nobody knows").message == "what nobody knows"
