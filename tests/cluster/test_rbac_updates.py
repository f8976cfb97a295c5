"""Writing over a role or binding that is there: what changes nothing that matters is nobody's to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kubelint.cluster.rbac import Authorizer, Verdict

Manifest = Mapping[str, Any]
GROUP = "rbac.authorization.k8s.io"
OWNED = {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "1"}]}
PLACE = {"name": "keeper", "namespace": "zoo", "labels": {"part-of": "zoo"}, "uid": "7"}
ROLE: Manifest = {
    "apiVersion": f"{GROUP}/v1",
    "kind": "Role",
    "metadata": PLACE,
    "rules": [{"verbs": ["feed"], "apiGroups": ["zoo.example"], "resources": ["lions", "apes"]}],
}
CLUSTER_ROLE: Manifest = {**ROLE, "kind": "ClusterRole", "metadata": {**PLACE, "namespace": ""}}
BINDING: Manifest = {
    "apiVersion": f"{GROUP}/v1",
    "kind": "RoleBinding",
    "metadata": PLACE,
    "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "keeper"},
    "subjects": [{"apiGroup": GROUP, "kind": "User", "name": "ann"}],
}
CLUSTER_BINDING: Manifest = {
    **BINDING,
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "keeper"},
    "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "keeper"},
}
EVERYTHING = [ROLE, CLUSTER_ROLE, BINDING, CLUSTER_BINDING]
every_kind = pytest.mark.parametrize("obj", EVERYTHING, ids=[obj["kind"] for obj in EVERYTHING])


def labelled(obj: Manifest, **fields: object) -> Manifest:
    return {**obj, "metadata": {**obj["metadata"], **fields}}


def verdict(new: Manifest, verb: str, user: str = "eve", there: Sequence[Manifest] = EVERYTHING) -> Verdict:
    authorizer = Authorizer(there)
    judge = authorizer.may_write_binding if new["kind"].endswith("Binding") else authorizer.may_write_role
    return judge(user, (), new, verb).verdict


@every_kind
@pytest.mark.parametrize(
    "fields",
    [
        OWNED,
        {"finalizers": ["zoo.example/closing"]},
        {"selfLink": "/apis/zoo"},
        {"managedFields": [{"manager": "kubectl"}]},
        {**OWNED, "finalizers": ["zoo.example/closing"]},
        {"finalizers": None, "annotations": {}},
    ],
)
def test_bookkeeping_of_garbage_collection_may_be_written_by_anybody(obj: Manifest, fields: Manifest) -> None:
    new = labelled(obj, **fields)
    assert verdict(new, "update") is Verdict.ALLOWED
    assert verdict(new, "patch", there=[labelled(other, finalizers=["x"]) for other in EVERYTHING]) is Verdict.ALLOWED
    assert verdict(new, "create") is Verdict.DENIED


@every_kind
def test_an_update_may_change_nothing(obj: Manifest) -> None:
    assert verdict(obj, "update") is Verdict.ALLOWED
    assert verdict({**obj, "apiVersion": f"{GROUP}/v1beta1"}, "update") is Verdict.ALLOWED


@every_kind
@pytest.mark.parametrize("verb", ["create", "patch", "apply"])
def test_what_is_in_the_tree_stands_for_what_it_will_be_changed_to(obj: Manifest, verb: str) -> None:
    assert verdict(obj, verb) is Verdict.DENIED


@every_kind
@pytest.mark.parametrize("verb", ["update", "patch", "apply"])
@pytest.mark.parametrize("fields", [{"labels": {"part-of": "park"}}, {"annotations": {"note": "x"}}, {"uid": "8"}])
def test_other_metadata_has_the_whole_object_judged(obj: Manifest, fields: Manifest, verb: str) -> None:
    assert verdict(labelled(obj, **OWNED, **fields), verb) is Verdict.DENIED


@pytest.mark.parametrize("verb", ["update", "patch", "apply"])
def test_so_has_even_a_rule_less(verb: str) -> None:
    fewer = {**ROLE, "rules": [{**ROLE["rules"][0], "resources": ["lions"]}]}
    assert verdict(fewer, verb) is Verdict.DENIED
    assert verdict(fewer, verb, user="ann") is Verdict.ALLOWED
    assert verdict({**ROLE, "rules": []}, verb) is Verdict.ALLOWED


def test_so_has_a_subject_more_or_less() -> None:
    assert verdict({**BINDING, "subjects": []}, "update") is Verdict.DENIED
    other = {"kind": "User", "name": "bob"}
    assert verdict({**BINDING, "subjects": [*BINDING["subjects"], other]}, "update") is Verdict.DENIED


def test_groups_that_the_api_server_fills_in_are_no_change() -> None:
    plain = {**BINDING, "roleRef": {"kind": "Role", "name": "keeper"}, "subjects": [{"kind": "User", "name": "ann"}]}
    assert verdict(plain, "update") is Verdict.ALLOWED
    assert verdict(BINDING, "update", there=[ROLE, plain]) is Verdict.ALLOWED


@every_kind
def test_an_update_of_what_is_not_there_is_a_create(obj: Manifest) -> None:
    there = [other for other in EVERYTHING if other["kind"] != obj["kind"]]
    assert verdict(obj, "update", there=there) is Verdict.DENIED
    elsewhere = {**obj, "metadata": {**obj["metadata"], "name": "other"}}
    assert verdict(elsewhere, "update") is Verdict.DENIED


def test_an_aggregation_rule_is_content() -> None:
    gathers = {"clusterRoleSelectors": [{"matchLabels": {"part-of": "zoo"}}]}
    there = [{**CLUSTER_ROLE, "rules": [], "aggregationRule": gathers}]
    assert verdict(labelled(there[0], **OWNED), "update", there=there) is Verdict.ALLOWED
    assert verdict({**CLUSTER_ROLE, "rules": []}, "update", there=there) is Verdict.DENIED
    assert verdict(there[0], "update", there=[{**CLUSTER_ROLE, "rules": []}]) is Verdict.DENIED


def test_a_cluster_as_a_run_finds_it() -> None:
    before = Authorizer(EVERYTHING)
    after = before.amended([{**ROLE, "rules": []}], without=[BINDING])
    assert after.may_write_role("eve", (), {**ROLE, "rules": []}, "update").verdict is Verdict.ALLOWED
    assert after.may_write_role("eve", (), ROLE, "update").verdict is Verdict.DENIED
    assert before.may_write_role("eve", (), ROLE, "update").verdict is Verdict.ALLOWED
    whole = {**BINDING, "roleRef": {"kind": "ClusterRole", "name": "keeper"}}
    assert after.may_write_binding("eve", (), whole, "update").verdict is Verdict.DENIED


@pytest.mark.parametrize("name", ["", None, 3])
def test_what_has_no_name_is_not_there(name: object) -> None:
    unnamed = labelled(ROLE, name=name)
    assert verdict(unnamed, "update", there=[unnamed]) is Verdict.DENIED


def test_a_kind_that_is_no_role_cannot_be_bound() -> None:
    odd = {**BINDING, "roleRef": {"apiGroup": GROUP, "kind": "Group", "name": "keeper"}}
    decision = Authorizer(EVERYTHING).may_write_binding("ann", (), odd)
    assert (decision.verdict, decision.missing) == (Verdict.DENIED, [])
    assert decision.message == 'unsupported role reference kind: "Group"'
