"""Who holds which role where a tree describes several clusters, or one role twice."""

from __future__ import annotations

import pytest
from deploying import project
from effort import calls

from kubelint.manifests.access import Identity, access_to, written_rules

ACCOUNT = Identity("ServiceAccount", "ci", "shop")
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ci}
subjects: [{kind: ServiceAccount, name: ci, namespace: shop}]
"""


def role(verbs: str) -> str:
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: ci, namespace: shop}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [{verbs}]}}]
"""


@pytest.mark.parametrize(
    ("files", "roles"),
    [
        ({"role.yaml": role("get")}, ["role.yaml"]),
        ({"a/role.yaml": role("get"), "b/role.yaml": role("get")}, ["a/role.yaml"]),
        ({"a/role.yaml": role("get"), "b/role.yaml": role("get, list")}, []),
        ({"a/role.yaml": role("get"), "overlays/x/role.yaml": role("list")}, []),
        ({"r.yaml": role("get"), "b/role.yaml": role("get, list")}, ["r.yaml"]),
        ({"all.yaml": role("get") + "---" + BINDING, "r.yaml": role("list")}, ["all.yaml"]),
        ({}, []),
    ],
)
def test_a_role_that_is_written_several_times(files: dict[str, str], roles: list[str]) -> None:
    access = access_to(project({"binding.yaml": BINDING, **files}))
    assert [grant.role.file for grant in access.grants_of(ACCOUNT)] == roles


def test_overlays_have_their_own() -> None:
    files = {
        f"overlays/{name}/{kind}.yaml": text for name in "ab" for kind, text in (("b", BINDING), ("r", role(name)))
    }
    access = access_to(project(files))
    found = [(grant.binding.scope, grant.role.scope) for grant in access.grants_of(ACCOUNT)]
    assert found == [("overlays/a", "overlays/a"), ("overlays/b", "overlays/b")]


def test_a_binding_that_all_overlays_share_means_none_in_particular() -> None:
    files = {"base/b.yaml": BINDING, "overlays/a/r.yaml": role("get"), "overlays/b/r.yaml": role("list")}
    assert access_to(project(files)).grants_of(ACCOUNT) == []


def test_what_differs_is_not_certain() -> None:
    files = {"b.yaml": BINDING, "a/r.yaml": role("get"), "c/r.yaml": role("list")}
    rules = access_to(project(files)).authorizer("").rules_for(ACCOUNT.user, ACCOUNT.groups, "shop")
    assert rules.unknown


def test_the_field_that_names_an_account_is_pointed_at() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccount: ci
  containers: [{name: main, image: bitnami/kubectl}]
"""
    use = access_to(project({"pod.yaml": text})).deployer_use(ACCOUNT)
    assert use is not None and use.at.path == ("spec", "serviceAccount")


def names(count: int) -> str:
    listed = ", ".join(f"name-{number}" for number in range(count))
    return role("get").replace("verbs: [get]", f"verbs: [get], resourceNames: [{listed}]")


def test_rules_are_read_once_however_many_names_they_hold() -> None:
    (obj,) = project({"role.yaml": names(2000)}).objects("Role")
    assert calls(lambda: written_rules(obj)) < 15 * 2000
    assert calls(lambda: written_rules(obj)) < 20
    (entry,) = written_rules(obj)
    assert entry.known and len(entry.rule.resource_names) == 2000


@pytest.mark.parametrize("text", ["'${NAME}'", "'{{ .Values.name }}'", "[]"])
def test_a_name_that_is_a_template_is_not_known(text: str) -> None:
    (obj,) = project({"role.yaml": names(2).replace("name-1", text)}).objects("Role")
    (entry,) = written_rules(obj)
    assert entry.known is (text == "[]")
