"""Service accounts as bindings and pods name them in the end; the table is what `kustomize build` prints."""

from __future__ import annotations

import pytest
from deploying import project

from kubelint.manifests.access import access_to
from kubelint.manifests.subjects import LATER, subjects_in

ACCOUNTS = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: a, namespace: system}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: b}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: c, namespace: shop}
---
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deploy, namespace: other}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [SUBJECT]
"""
BASE = {"base/kustomization.yaml": "resources: [all.yaml]"}
MOVED = {**BASE, "top/kustomization.yaml": "namespace: shop\nnamePrefix: p-\nresources: [../base]"}
RENAMED = {**BASE, "top/kustomization.yaml": "namePrefix: p-\nresources: [../base]"}
TWICE = {**MOVED, "higher/kustomization.yaml": "namespace: top\nnameSuffix: -x\nresources: [../top]"}
TWO = {
    **BASE,
    "overlays/dev/kustomization.yaml": "namespace: dev\nnamePrefix: dev-\nresources: [../../base]",
    "overlays/prod/kustomization.yaml": "namespace: prod\nnamePrefix: prod-\nresources: [../../base]",
}
OPAQUE = {**BASE, "top/kustomization.yaml": "transformers: [t.yaml]\nresources: [../base]"}


def named(files: dict[str, str], subject: str, accounts: str = ACCOUNTS) -> list[str]:
    """The subjects of a binding in `base/`, as `namespace/name`."""
    made = project({**files, "base/all.yaml": accounts + BINDING.replace("SUBJECT", subject)})
    found = [subject for obj in made.objects("RoleBinding") for subject in subjects_in(made).of(obj)]
    values = [subject.value for subject in found]
    return [f"{value.get('namespace', '')}/{value['name']}" for value in values if isinstance(value, dict)]


def account(name: str, namespace: str = "") -> str:
    return f"{{kind: ServiceAccount, name: {name}{f', namespace: {namespace}' if namespace else ''}}}"


@pytest.mark.parametrize(
    ("files", "subject", "ends"),
    [
        ({}, account("a", "system"), ["system/a"]),
        (BASE, account("a", "system"), ["system/a"]),
        (BASE, account("a"), ["/a"]),
        (MOVED, account("a", "system"), ["shop/p-a"]),
        (MOVED, account("a"), ["shop/p-a"]),
        (MOVED, account("a", "wrong"), ["wrong/a"]),
        (MOVED, account("b"), ["shop/p-b"]),
        (MOVED, account("b", "default"), ["shop/p-b"]),
        (MOVED, account("b", "system"), ["system/b"]),
        (MOVED, account("c", "shop"), ["shop/p-c"]),
        (MOVED, account("default", "system"), ["shop/default"]),
        (MOVED, account("default"), ["shop/default"]),
        (MOVED, account("nobody"), ["/nobody"]),
        (MOVED, account("nobody", "shop"), ["shop/nobody"]),
        (MOVED, "{kind: User, name: a}", ["/a"]),
        (RENAMED, account("a", "system"), ["system/p-a"]),
        (RENAMED, account("a"), ["system/p-a"]),
        (RENAMED, account("a", "wrong"), ["wrong/a"]),
        (RENAMED, account("default"), ["/default"]),
        (TWICE, account("a", "system"), ["top/p-a-x"]),
        (TWICE, account("default"), ["top/default"]),
        (TWO, account("a", "system"), ["dev/dev-a", "prod/prod-a"]),
        (OPAQUE, account("a", "system"), [f"system/{LATER}"]),
        (MOVED, account("'${NAME}'", "system"), ["system/${NAME}"]),
        (MOVED, account("a", "'${NS}'"), ["${NS}/a"]),
    ],
)
def test_a_subject_follows_its_account(files: dict[str, str], subject: str, ends: list[str]) -> None:
    assert named(files, subject) == ends


def test_of_two_accounts_of_a_name_the_namespace_tells() -> None:
    both = ACCOUNTS + "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: shop}\n---\n"
    assert named(MOVED, account("a", "system"), both) == ["shop/p-a"]
    assert named(MOVED, account("a"), both) == ["/a"]


def test_an_account_that_is_built_elsewhere_keeps_its_name() -> None:
    assert named({**MOVED, "else.yaml": ACCOUNTS}, account("a", "system"), "") == ["system/a"]


@pytest.mark.parametrize("text", ["3", "null", "[a]", "{kind: [ServiceAccount], name: {}}", "{kind: ServiceAccount}"])
def test_what_is_no_subject_stays(text: str) -> None:
    made = project({**MOVED, "base/all.yaml": ACCOUNTS + BINDING.replace("SUBJECT", text)})
    (binding,) = made.objects("RoleBinding")
    assert [subject.value for subject in subjects_in(made).of(binding)] == binding.field("subjects").value


POD = "apiVersion: VERSION\nkind: KIND\nmetadata: {name: web}\nspec: {template: {spec: {serviceAccountName: b}}}\n"


@pytest.mark.parametrize(
    ("files", "version", "kind", "names"),
    [
        (BASE, "apps/v1", "Deployment", {"b"}),
        (MOVED, "apps/v1", "Deployment", {"p-b"}),
        (MOVED, "batch/v1", "Job", {"p-b"}),
        (TWO, "apps/v1", "DaemonSet", {"dev-b", "prod-b"}),
        (MOVED, "actions.summerwind.dev/v1alpha1", "RunnerDeployment", {"b"}),
        (OPAQUE, "apps/v1", "Deployment", set()),
    ],
)
def test_pods_follow_their_account(files: dict[str, str], version: str, kind: str, names: set[str]) -> None:
    made = project({**files, "base/all.yaml": ACCOUNTS + POD.replace("VERSION", version).replace("KIND", kind)})
    (obj,) = made.objects(kind)
    assert subjects_in(made).accounts(obj, "b") == names


def test_grants_are_to_the_account_as_it_ends_up() -> None:
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: view}\nrules: []\n---"
    text = role + ACCOUNTS + BINDING.replace("SUBJECT", account("b", "default"))
    (grant,) = access_to(project({**MOVED, "base/all.yaml": text})).grants
    assert (str(grant.identity), grant.namespace) == ("ServiceAccount shop/p-b", "shop")
    assert access_to(project({**OPAQUE, "base/all.yaml": text})).grants == []
