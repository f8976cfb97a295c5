"""`kubelint rbac`: who may do what, and the files that say so."""

import json

import pytest

from kubelint.cli.main import run

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{more}}}
rules:
  - apiGroups: ["apps"]
    resources: ["deployments"]
    verbs: ["get", "create"]
---
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{more}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {name}}}
subjects: [{subject}]
---
"""
ACCOUNT = "{kind: ServiceAccount, name: runner, namespace: ci}"
RUNNER = "ServiceAccount/ci/runner"


def role(kind="ClusterRole", name="deploy", more=""):
    return ROLE.format(kind=kind, name=name, more=more)


def binding(kind="ClusterRoleBinding", name="deploy", more="", role="ClusterRole", subject=ACCOUNT):
    return BINDING.format(kind=kind, name=name, more=more, role=role, subject=subject)


EVERYWHERE = role() + binding()
IN_SHOP = role() + binding("RoleBinding", more=", namespace: shop")
NOWHERE = role() + binding("RoleBinding")


KNOWN = binding(name="known", subject="{kind: User, name: jo}") + role(name="known").replace("apps", "")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def can_i(capsys):
    def ask(*arguments):
        code = run(["rbac", "can-i", *arguments])
        captured = capsys.readouterr()
        assert code != 2, captured.err
        return code, captured.out

    return ask


@pytest.fixture
def data(capsys):
    def ask(*arguments):
        code = run(["rbac", *arguments, "--format", "json"])
        captured = capsys.readouterr()
        assert code != 2, captured.err
        return json.loads(captured.out)

    return ask


@pytest.mark.parametrize("subject", [RUNNER, "sa/ci/runner", "system:serviceaccount:ci:runner"])
@pytest.mark.parametrize("resource", ["deployments", "Deployment", "deploy", "deployments.apps", "deployments.v1.apps"])
def test_subjects_and_resources_may_be_written_in_several_ways(tree, can_i, subject, resource):
    tree(rbac=EVERYWHERE)
    assert can_i(subject, "create", resource)[0] == 0


def test_a_user_that_is_a_service_account_is_one(tree, can_i):
    tree(rbac=role() + binding(subject="{kind: Group, name: 'system:serviceaccounts:ci'}"))
    assert can_i("User/system:serviceaccount:ci:runner", "create", "deploy")[0] == 0
    assert can_i("User/runner", "create", "deploy")[0] == 3


@pytest.mark.parametrize(
    ("rbac", "arguments", "code"),
    [
        (EVERYWHERE, [], 0),
        (EVERYWHERE, ["-n", "shop"], 0),
        (IN_SHOP, ["-n", "shop"], 0),
        (IN_SHOP, ["-n", "other"], 1),
        (IN_SHOP, [], 1),
        (NOWHERE, ["-n", "shop"], 3),
        (binding(), [], 3),
        (role() + binding(subject="'${SUBJECT}'"), [], 3),
        (EVERYWHERE.replace('"create"', '"${VERB}"'), [], 3),
        (EVERYWHERE.replace("verbs:", "resourceNames: [web]\n    verbs:"), ["--name", "web"], 0),
        (EVERYWHERE.replace("verbs:", "resourceNames: [web]\n    verbs:"), ["--name", "api"], 1),
    ],
)
def test_yes_no_and_unknown(tree, can_i, rbac, arguments, code):
    tree(rbac=rbac)
    assert can_i(RUNNER, "create", "deployments", *arguments)[0] == code


def test_groups_can_be_added(tree, can_i):
    tree(rbac=role() + binding(subject="{kind: Group, name: deployers}"), known=KNOWN)
    assert can_i("User/jo", "create", "deploy")[0] == 1
    assert can_i("User/jo", "create", "deploy", "--group", "deployers")[0] == 0
    assert can_i("Group/deployers", "create", "deploy")[0] == 0


def test_masters_may_do_anything(tree, can_i):
    tree(rbac=EVERYWHERE)
    code, out = can_i("Group/system:masters", "delete", "nodes")
    assert code == 0
    assert "no rule is asked" in out


def test_nobody_is_in_the_group_of_those_who_logged_in(tree, can_i):
    tree(rbac=role() + binding(subject="{kind: Group, name: 'system:authenticated'}"))
    assert can_i("User/jo", "get", "deploy")[0] == 0
    assert can_i("User/system:anonymous", "get", "deploy")[0] == 1
    assert can_i("Group/system:unauthenticated", "get", "deploy")[0] == 1


@pytest.mark.parametrize(
    "subject", ["User/stranger", "Group/strangers", "ServiceAccount/flux-system/kustomize-controller"]
)
def test_strangers_may_have_their_rights_from_elsewhere(tree, can_i, subject):
    tree(rbac=EVERYWHERE)
    code, out = can_i(subject, "create", "deploy")
    assert code == 3
    assert "nothing in the tree speaks of" in out


def test_an_account_of_the_tree_without_a_binding_is_no_stranger(tree, can_i):
    tree(rbac=EVERYWHERE, account="apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n")
    assert can_i("ServiceAccount/shop/web", "create", "deploy")[0] == 1
    assert can_i("ServiceAccount/shop/default", "create", "deploy")[0] == 1
    assert can_i("ServiceAccount/other/web", "create", "deploy")[0] == 3


def test_where_it_may_is_said(tree, can_i):
    tree(rbac=IN_SHOP)
    assert "it may in shop" in can_i(RUNNER, "create", "deployments")[1]


def test_a_namespace_is_asked_about_within_it(tree, can_i):
    rules = role().replace('"apps"', '""').replace("deployments", "namespaces")
    tree(rbac=rules + binding("RoleBinding", more=", namespace: shop"))
    assert can_i(RUNNER, "get", "ns", "--name", "shop")[0] == 0
    assert can_i(RUNNER, "get", "ns", "--name", "other")[0] == 1


def test_urls_and_subresources(tree, can_i):
    tree(rbac=EVERYWHERE.replace('"deployments"]', '"deployments/scale"]'))
    assert can_i(RUNNER, "get", "/healthz")[0] == 0
    assert can_i(RUNNER, "get", "/metrics")[0] == 1
    assert can_i(RUNNER, "get", "deployments/scale")[0] == 0
    assert can_i(RUNNER, "get", "deployments.apps/scale")[0] == 0
    assert can_i(RUNNER, "get", "deployments")[0] == 1


def test_kinds_that_the_tree_defines(tree, can_i):
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crews.example.org}
spec: {group: example.org, scope: Namespaced, names: {kind: Crew, plural: crews, shortNames: [cr]}}
"""
    tree(rbac=EVERYWHERE.replace('"apps"', '"example.org"').replace("deployments", "crews"), crd=definition)
    for word in ("crews", "Crew", "cr", "crews.example.org", "crew.example.org"):
        assert can_i(RUNNER, "get", word)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["runner", "get", "pods"], "names no subject"),
        (["", "get", "pods"], "names no subject"),
        (["Users/jo", "get", "pods"], "names no subject"),
        (["ServiceAccount/runner", "get", "pods"], "names no service account"),
        (["ServiceAccount/ci/a/b", "get", "pods"], "names no service account"),
        (["ServiceAccount/ci/${X}", "get", "pods"], "template text"),
        ([RUNNER, "", "pods"], "empty verb"),
        ([RUNNER, "get", ""], "names no resource"),
        ([RUNNER, "get", "pdos"], "add its group"),
        ([RUNNER, "get", "pods.apps"], "it is in the core group"),
        ([RUNNER, "get", "pods/web"], "--name"),
        ([RUNNER, "get", "nodes", "-n", "shop"], "live in no namespace"),
        ([RUNNER, "get", "pods", "-n", "A B"], "no name for a namespace"),
        ([RUNNER, "get", "/metrics", "-n", "shop"], "is a URL"),
        ([RUNNER, "get", "pods", "-"], "standard input"),
        ([RUNNER, "get", "pods", "nowhere"], "no such file"),
        ([RUNNER, "get", "pods", "--config", "nowhere"], "no such file"),
        ([RUNNER, "get", "\x1b[31m"], r"\x1b"),
    ],
)
def test_bad_input_gives_one_line(tree, capsys, arguments, words):
    tree(rbac=EVERYWHERE)
    assert run(["rbac", "can-i", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert "\x1b" not in captured.err


@pytest.mark.parametrize("words", [["explain", RUNNER], ["can-i", RUNNER, "get", "pods"]])
def test_a_tree_that_knows_nothing_of_rights_is_no_answer(tree, capsys, words):
    tree(map="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert run(["rbac", *words]) == 2
    assert "nothing is known of who may do what" in capsys.readouterr().err


@pytest.mark.parametrize(
    "rbac",
    [
        EVERYWHERE.replace("rules:\n", "rules: none\nx:\n"),
        EVERYWHERE.replace('["get", "create"]', "null"),
        EVERYWHERE + binding(subject="3, null, [a], {kind: ServiceAccount}, {kind: [User], name: {}}"),
        role(more=", labels: {a: b}")
        + role(name="x").replace("rules:", "aggregationRule: {clusterRoleSelectors: 3}\nrules:"),
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n---\n" + EVERYWHERE,
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: [a]\nroleRef: b\nsubjects: {}\n",
    ],
)
def test_objects_of_no_shape_are_survived(tree, data, rbac):
    tree(rbac=rbac)
    assert data("explain", RUNNER)["answers"]
    assert data("can-i", RUNNER, "get", "pods")["answer"] in ("no", "unknown")


def test_clusters_answer_for_themselves(tree, can_i, data):
    tree(shared=role(), clusters__one__rbac=binding(), clusters__two__rbac=binding(subject="{kind: User, name: jo}"))
    code, out = can_i(RUNNER, "create", "deploy")
    assert code == 3
    assert "cluster: clusters/one\nyes" in out
    assert "cluster: clusters/two\nno" in out
    assert can_i(RUNNER, "create", "deploy", "clusters/one", "--root", ".")[0] == 0
    assert can_i(RUNNER, "create", "deploy", "clusters/two", "--root", ".")[0] == 1
    assert [answer["clusters"] for answer in data("explain", RUNNER)["answers"]] == [["clusters/one"], ["clusters/two"]]


def test_clusters_that_agree_answer_once(tree, data):
    tree(shared=EVERYWHERE, clusters__one__a=IN_SHOP.replace("runner", "other"), clusters__two__a=binding(name="x"))
    [first, second] = data("can-i", "User/jo", "create", "deploy")["answers"] * 2
    assert first == second
    assert first["clusters"] == ["clusters/one", "clusters/two"]


def test_a_kustomization_places_bindings(tree, can_i):
    tree(
        kustomization="namespace: shop\nresources: [rbac.yaml]\n",
        rbac=role() + binding("RoleBinding", more=", namespace: elsewhere"),
    )
    assert can_i(RUNNER, "create", "deploy", "-n", "shop")[0] == 0
    assert can_i(RUNNER, "create", "deploy", "-n", "elsewhere")[0] == 1


def test_a_kustomization_renames_accounts(tree, can_i):
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: ci}\n"
    tree(
        kustomization="namePrefix: eu-\nnamespace: builds\nresources: [rbac.yaml, account.yaml]\n",
        rbac=EVERYWHERE,
        account=account,
    )
    assert can_i("ServiceAccount/builds/eu-runner", "create", "deploy")[0] == 0
    assert can_i(RUNNER, "create", "deploy")[0] == 1


@pytest.mark.parametrize(
    ("target", "path"),
    [("ClusterRole", "/rules/0/verbs"), ("ClusterRoleBinding", "/subjects/0"), ("ClusterRoleBinding", "/roleRef/name")],
)
def test_what_a_patch_sets_is_unknown(tree, can_i, target, path):
    patch = f'[{{"op": "replace", "path": "{path}", "value": "x"}}]'
    tree(
        kustomization=f"resources: [rbac.yaml]\npatches: [{{target: {{kind: {target}}}, patch: '{patch}'}}]\n",
        rbac=EVERYWHERE,
    )
    code, out = can_i(RUNNER, "delete", "deploy")
    assert code == 3
    assert "a kustomization patches" in out


def test_a_no_is_unsure_while_a_template_speaks_of_bindings(tree, can_i):
    hidden = binding().replace("name: deploy", "name: {{ .Release.Name }}") + "{{- if .Values.x }}\n{{- end }}\n"
    tree(
        rbac=EVERYWHERE,
        chart__Chart="apiVersion: v2\nname: c\nversion: 1.0.0\n",
        chart__templates__rb=hidden,
        known=KNOWN,
    )
    assert can_i(RUNNER, "create", "deploy")[0] == 0
    code, out = can_i(RUNNER, "delete", "deploy", "--render", "never")
    assert code == 3
    assert "chart/templates/rb.yaml" in out
    assert can_i("User/jo", "delete", "deploy", "--render", "never")[0] == 1


def test_aggregated_rules_stand_where_they_were_written(tree, data):
    more = ", labels: {rbac.authorization.k8s.io/aggregate-to-edit: 'true'}"
    tree(rbac=role(name="more", more=more).replace("apps", "example.org") + binding(name="edit"))
    witness = data("can-i", RUNNER, "create", "deployments.example.org")["answers"][0]["witness"]
    assert witness["role"]["builtin"]
    assert witness["rules"][0]["aggregatedFrom"] == "more"
    assert (witness["rules"][0]["path"], witness["rules"][0]["line"]) == ("rbac.yaml", 5)


def test_everything_held_is_explained_the_own_first(tree, data):
    tree(rbac=IN_SHOP + binding(name="gone"))
    [answer] = data("explain", RUNNER)["answers"]
    gone, last = (held for held in answer["held"] if not held["binding"]["builtin"])
    assert [held["binding"]["builtin"] for held in answer["held"]] == [False] * 2 + [True] * 4
    assert (gone["binding"]["name"], gone["role"]["known"], gone["rules"]) == ("gone", False, [])
    assert (last["namespace"], last["binding"]["line"], last["rules"][0]["line"]) == ("shop", 11, 5)
    assert answer["unknown"] == ["ClusterRole gone is not in the tree"]


def test_explain_in_one_namespace(tree, data):
    tree(rbac=IN_SHOP)
    for namespace, expected in (("shop", {"", "shop"}), ("other", {""})):
        [answer] = data("explain", RUNNER, "-n", namespace)["answers"]
        assert {held["namespace"] for held in answer["held"]} == expected


def test_text_of_manifests_is_data(tree, capsys):
    tree(rbac=EVERYWHERE.replace("name: deploy", 'name: "de\\e[31m\\nploy"'))
    assert run(["rbac", "explain", RUNNER]) == 0
    assert run(["rbac", "can-i", RUNNER, "create", "deploy"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_an_odd_verb_is_asked_about_and_doubted(tree, capsys):
    tree(rbac=EVERYWHERE)
    assert run(["rbac", "can-i", RUNNER, "crate", "deploy"]) == 1
    assert "did you mean `create`?" in capsys.readouterr().err


def test_bind_is_asked_for_in_the_namespace_of_the_binding(tree, can_i):
    rules = role().replace('"apps"', '"rbac.authorization.k8s.io"').replace("deployments", "clusterroles")
    tree(rbac=rules.replace('"create"', '"bind"') + binding("RoleBinding", more=", namespace: shop"))
    assert can_i(RUNNER, "bind", "clusterroles", "--name", "edit", "-n", "shop")[0] == 0
    assert can_i(RUNNER, "bind", "clusterroles", "--name", "edit")[0] == 1


@pytest.mark.parametrize("transcript", ["rbac-can-i-yes", "rbac-needs-as"])
def test_the_usage_page_shows_what_is_printed(transcript):
    from linting import FIXTURES

    page = (FIXTURES.parents[1] / "docs" / "usage.md").read_text(encoding="utf-8")
    shown = (FIXTURES / "transcripts" / f"{transcript}.txt").read_text(encoding="utf-8")
    assert shown.partition("-- stdout --\n")[2].partition("-- file")[0] in page


@pytest.mark.parametrize("render", ["auto", "never"])
def test_overlays_of_one_base_are_kept_apart(tree, can_i, render):
    patch = "patches: [{target: {kind: Role}, patch: '[{op: remove, path: /rules/0/verbs/1}]'}]\n"
    tree(
        base__rbac=role("Role") + binding("RoleBinding", role="Role"),
        base__kustomization="resources: [rbac.yaml]\n",
        overlays__dev__kustomization="namespace: dev\nresources: [../../base]\n",
        overlays__prod__kustomization=f"namespace: prod\nresources: [../../base]\n{patch}",
    )
    for path, namespace in (("overlays/dev", "dev"), ("overlays/prod", "prod")):
        code, out = can_i(RUNNER, "create", "deploy", "-n", namespace, path, "--root", ".", "--render", render)
        assert out
        assert code != (1 if namespace == "dev" else 0)


def test_a_path_without_files_is_no_answer(tree, tmp_path, capsys):
    tree(rbac=EVERYWHERE)
    (tmp_path / "empty").mkdir()
    assert run(["rbac", "can-i", RUNNER, "get", "deploy", "empty", "--root", "."]) == 2
    assert "the path holds nothing of a cluster" in capsys.readouterr().err


def test_repositories_in_one_tree_answer_for_themselves(tree, tmp_path, data):
    tree(one__rbac=EVERYWHERE, two__rbac=KNOWN)
    for name in ("one", "two"):
        (tmp_path / name / ".github" / "workflows").mkdir(parents=True)
        (tmp_path / name / ".github" / "workflows" / "ci.yaml").write_text("on: push\njobs: {}\n")
    answers = data("can-i", RUNNER, "create", "deploy")["answers"]
    assert {(*answer["clusters"], answer["answer"]) for answer in answers} == {("one", "yes"), ("two", "no")}
