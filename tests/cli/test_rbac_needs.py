"""`kubelint rbac needs`: what a deployment takes, what somebody lacks of it, and the smallest roles for that."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from linting import lint_tree

from kubelint.checks import Severity
from kubelint.cli.main import run
from kubelint.cluster.rbac import validate

KUSTOMIZE = shutil.which("kustomize") or shutil.which("kubectl")
ROOT = Path(__file__).parents[2]
RUNNER = "ServiceAccount/ci/runner"
CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{more}}}\n---\n"
WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: load, namespace: shop}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
"""
TEMPLATES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data: {a: {{ .Values.a | quote }}}
{{- if .Values.job }}
---
apiVersion: batch/v1
kind: Job
metadata: {name: load, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {spec: {restartPolicy: Never, containers: []}}}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web}]
"""
SHOP = {
    "charts/shop/Chart.yaml": CHART,
    "charts/shop/values.yaml": "a: one\njob: false\n",
    "charts/shop/templates/all.yaml": TEMPLATES,
}
HOLDS = """\
apiVersion: v1
kind: ServiceAccount
metadata: {{name: runner, namespace: ci}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: deploy-shop, namespace: shop}}
rules: {rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: deploy-shop, namespace: shop}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {role}}}
subjects: [{{kind: ServiceAccount, name: runner, namespace: ci}}]
"""


def holds(rules, role="deploy-shop"):
    return HOLDS.format(rules=rules, role=role)


def rule(verbs, resources, group=""):
    return f'{{apiGroups: ["{group}"], resources: [{resources}], verbs: [{verbs}]}}'


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    (tmp_path / ".git").mkdir()

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def needs(capsys):
    def ask(*arguments):
        code = run(["rbac", "needs", *arguments])
        captured = capsys.readouterr()
        assert code != 2, captured.err
        return code, captured.out, captured.err

    return ask


@pytest.fixture
def granted(needs):
    """The rules of the printed roles, by namespace."""

    def ask(*arguments):
        documents = list(yaml.safe_load_all(needs(*arguments, "--format", "yaml")[1]))
        assert not [rejection for document in documents if document for rejection in validate(document)]
        return {
            document["metadata"].get("namespace", ""): [shown(entry) for entry in document["rules"]]
            for document in documents
            if document and document["kind"] in ("Role", "ClusterRole")
        }

    return ask


def shown(entry):
    names = f" {','.join(entry['resourceNames'])}" if "resourceNames" in entry else ""
    return f"{','.join(entry['verbs'])} {','.join(entry['resources'])}{names}"


def refused(capsys, *arguments):
    assert run(["rbac", "needs", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


APPLIED = {
    "": ["create persistentvolumes", "get,patch persistentvolumes disk"],
    "shop": ["create deployments", "get,patch deployments web", "create jobs", "get,patch jobs load"],
}


def test_manifests_are_applied(tree, granted):
    tree({"deploy/all.yaml": WORKLOADS})
    assert granted("deploy") == granted("deploy/all.yaml") == APPLIED


def test_waiting_for_manifests_follows_rollouts_and_jobs(tree, granted, needs):
    tree({"deploy/all.yaml": WORKLOADS})
    waiting = ["create deployments", "get,list,watch,patch deployments web"]
    assert granted("deploy", "--wait")["shop"] == [*waiting, "create jobs", "get,list,watch,patch jobs load"]
    text = needs("deploy", "--wait")[1]
    assert "hangs for ever" in text and "hangs until the timeout" in text


def test_server_side_and_flux(tree, granted):
    tree({"deploy/all.yaml": CONFIG.format(name="a", more=", namespace: shop")})
    assert granted("deploy", "--server-side") == {"shop": ["create configmaps", "patch configmaps a"]}
    assert granted("deploy", "--flux") == {"shop": ["create configmaps", "get,patch,delete configmaps a"]}


@pytest.mark.parametrize(("arguments", "namespace", "noted"), [([], "default", True), (["-n", "shop"], "shop", False)])
def test_a_namespace_that_nothing_names_is_assumed(tree, granted, needs, arguments, namespace, noted):
    tree({"a.yaml": CONFIG.format(name="a", more="")})
    assert set(granted("a.yaml", *arguments)) == {namespace}
    assert ("is assumed" in needs("a.yaml", *arguments)[2]) is noted


def test_charts_and_patches_are_not_applied(tree, granted, needs):
    patch = "resources: [all.yaml]\npatches: [{path: patch.yaml}]\n"
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    tree({**SHOP, "base/all.yaml": WORKLOADS, "base/kustomization.yaml": head + patch, "base/patch.yaml": WORKLOADS})
    assert granted(".") == APPLIED
    told = needs(".")[2]
    assert "charts/shop is a chart, which is left out" in told
    assert "base/kustomization.yaml is not built" in told


KUSTOMIZED = {
    "base/all.yaml": CONFIG.format(name="a", more="") + CONFIG.format(name="b", more=", namespace: elsewhere"),
    "base/kustomization.yaml": "resources: [all.yaml]\nconfigMapGenerator: [{name: made}]\n",
    "prod/kustomization.yaml": "resources: [../base]\nnamespace: shop\nnamePrefix: prod-\n"
    "configMapGenerator: [{name: fixed, options: {disableNameSuffixHash: true}}]\n"
    "secretGenerator: [{name: key}]\n",
}
IN_PROD = ["get,create,patch configmaps", "get,create,patch secrets"]


def test_a_kustomization_is_read_where_no_program_builds_it(tree, granted):
    tree({**KUSTOMIZED, "prod/kustomization.yaml": KUSTOMIZED["prod/kustomization.yaml"].split("secretGen")[0]})
    assert granted("base")["elsewhere"] == ["create configmaps", "get,patch configmaps b"]
    assert granted("prod") == {"shop": ["get,create,patch configmaps"]}
    only = {**KUSTOMIZED, "base/kustomization.yaml": "resources: [all.yaml]\n"}
    tree(only)
    assert granted("prod")["shop"][:2] == ["create configmaps", "get,patch configmaps prod-a,prod-b,prod-fixed"]
    assert granted("prod/kustomization.yaml")["shop"][2:] == ["get,create,patch secrets"]


@pytest.mark.skipif(KUSTOMIZE is None, reason="nothing builds kustomizations")
def test_a_kustomization_is_built_with_its_patches(tree, granted, monkeypatch):
    gone = "patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, $patch: delete}'}]\n"
    tree({**KUSTOMIZED, "prod/kustomization.yaml": KUSTOMIZED["prod/kustomization.yaml"] + gone})
    tree({"base/kustomization.yaml": "resources: [all.yaml]\n"})
    monkeypatch.setenv("PATH", str(Path(KUSTOMIZE).parent))
    assert granted("prod")["shop"] == [
        "create configmaps",
        "get,patch configmaps prod-b,prod-fixed",
        "get,create,patch secrets",
    ]


CHARTED = [
    "create configmaps",
    "get,patch,delete configmaps shop",
    "get,list pods",
    "get,list,create,update,delete secrets",
    "bind clusterroles view",
    "get,patch,delete rolebindings view,web",
    "create rolebindings,roles",
    "get,patch,delete roles web",
]


@pytest.mark.parametrize("helm", [[], ["--helm", "3"], ["--helm", "4"]])
def test_a_chart_is_upgraded_or_installed(tree, granted, helm):
    tree(SHOP)
    found = granted("charts/shop", "-n", "shop", *helm)
    assert found == granted("charts/shop/Chart.yaml", "-n", "shop", *helm)
    assert found == {"shop": CHARTED}


def test_the_release_of_the_tree_counts(tree, granted, needs):
    tree(
        {
            **SHOP,
            ".github/workflows/a.yaml": "on: push\njobs: {a: {runs-on: x, steps: "
            "[{run: 'helm upgrade web charts/shop -n prod --set job=true'}]}}\n",
        }
    )
    found = granted("charts/shop")
    assert set(found) == {"prod"}
    assert "get,patch,delete configmaps web" in found["prod"]
    assert any("jobs load" in entry for entry in found["prod"])
    assert "rendered for" in needs("charts/shop")[2]
    assert "get,patch,delete configmaps other" in granted("charts/shop", "--release", "other", "-n", "shop")["shop"]


def test_what_only_one_helm_asks_is_marked(tree, needs):
    tree(SHOP)
    text = needs("charts/shop", "-n", "shop", "--wait")[1]
    assert "list, watch  refused  Helm 4 watches every object of the chart [Helm 4 only]" in text
    assert "[Helm" not in needs("charts/shop", "-n", "shop", "--wait", "--helm", "4")[1]


def test_more_options_of_a_chart(tree, granted, needs):
    tree(
        {
            **SHOP,
            "charts/shop/crds/a.yaml": "apiVersion: apiextensions.k8s.io/v1\n"
            "kind: CustomResourceDefinition\nmetadata: {name: as}\n",
        }
    )
    found = granted("charts/shop", "-n", "shop", "--create-namespace", "--helm", "3")
    assert found[""] == ["create namespaces", "create customresourcedefinitions", "get customresourcedefinitions as"]
    assert "has to be there before" in needs("charts/shop", "-n", "shop", "--create-namespace", "--format", "yaml")[1]
    assert "a HelmRelease of charts/shop in shop" in needs("charts/shop", "-n", "shop", "--flux")[1]
    assert "--atomic" in needs("charts/shop", "-n", "shop", "--atomic")[1]


MISSING = [
    (holds("[]"), 1),
    (holds(f"[{rule('get, create, patch', 'configmaps')}]"), 0),
    (holds(f"[{rule('get, create', 'configmaps')}]"), 1),
    (holds('["${RULE}"]'), 3),
    (holds("[]", "elsewhere"), 3),
    (holds("[]").replace("runner", "stranger"), 3),
]


@pytest.mark.parametrize(("rbac", "code"), MISSING)
def test_what_is_missing(tree, needs, rbac, code):
    tree({"rbac.yaml": rbac, "deploy/a.yaml": CONFIG.format(name="a", more=", namespace: shop")})
    found, text, _ = needs("deploy", "--as", RUNNER)
    assert found == code
    assert text.partition(":")[0] == {0: "yes", 1: "no", 3: "unknown"}[code]
    assert needs("deploy")[0] == 0


def test_only_what_is_missing_is_told(tree, needs, granted):
    tree({"rbac.yaml": holds(f"[{rule('get, create', 'configmaps')}]")})
    tree({"deploy/a.yaml": CONFIG.format(name="a", more=", namespace: shop")})
    text = needs("deploy", "--as", RUNNER)[1]
    assert "lacks 1 of the 3 rights" in text and "patch" in text and "create" not in text
    assert granted("deploy", "--as", RUNNER) == {"shop": ["patch configmaps a"]}


def test_a_resource_that_no_file_tells_is_not_missing(tree, needs):
    tree(
        {
            "a.yaml": "apiVersion: example.org/v1\nkind: Crew\nmetadata: {name: a, namespace: shop}\n",
            "b.yaml": holds("[]"),
        }
    )
    code, text, _ = needs("a.yaml", "--as", RUNNER)
    assert code == 3
    assert "no file tells the resource of the kind Crew" in text
    assert "# Not known, and left out: get, create, patch crews.example.org" in needs("a.yaml", "--format", "yaml")[1]
    tree({"crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n"
          "spec: {group: example.org, scope: Namespaced, names: {plural: crewen, kind: Crew}}\n"})  # fmt: skip
    assert needs("a.yaml", "--as", RUNNER)[0] == 1


@pytest.mark.parametrize("arguments", [["--helm", "3"], ["--helm", "4", "--wait"], ["--atomic"], ["--flux"]])
def test_what_is_printed_is_enough_and_in_order(tree, tmp_path, needs, arguments):
    tree({**SHOP, "rbac.yaml": holds("[]")})
    arguments = ["charts/shop", "-n", "shop", *arguments]
    code, text, _ = needs(*arguments, "--as", RUNNER, "--format", "yaml")
    assert code == 1
    tree({"more.yaml": text})
    code, text, _ = needs(*arguments, "--as", RUNNER, "--format", "yaml")
    assert (code, list(yaml.safe_load_all(text))) == (0, [])
    report = lint_tree(tmp_path)
    found = [finding for finding in report.findings if finding.place.path == "more.yaml"]
    assert not [finding for finding in found if finding.severity is not Severity.INFO]


def test_a_new_role_does_not_replace_another(tree, needs):
    tree({**SHOP, "rbac.yaml": holds("[]")})
    _, text, _ = needs("charts/shop", "-n", "shop", "--as", RUNNER, "--format", "yaml")
    assert {item["metadata"]["name"] for item in yaml.safe_load_all(text)} == {"deploy-shop-2"}


def test_an_account_is_made_where_none_is_named(tree, needs):
    tree({"deploy/all.yaml": WORKLOADS})
    documents = list(yaml.safe_load_all(needs("deploy", "--format", "yaml")[1]))
    assert documents[0] == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "deployer", "namespace": "shop"},
    }
    assert [item["kind"] for item in documents[1:]] == ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
    assert {str(item["subjects"]) for item in documents if "subjects" in item} == {
        "[{'kind': 'ServiceAccount', 'name': 'deployer', 'namespace': 'shop'}]"
    }


def test_clusters_answer_for_themselves(tree, needs, granted):
    tree({"deploy/a.yaml": CONFIG.format(name="a", more=", namespace: shop")})
    tree({"clusters/home/rbac.yaml": holds(f"[{rule('get, create, patch', 'configmaps')}]")})
    tree({"clusters/edge/rbac.yaml": holds(f"[{rule('get', 'configmaps')}]")})
    code, text, _ = needs("deploy", "--as", RUNNER)
    assert code == 3
    assert "cluster: clusters/edge\nno: " in text and "cluster: clusters/home\nyes: " in text
    assert granted("deploy", "--as", RUNNER) == {"shop": ["create configmaps", "patch configmaps a"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deploy", "--helm", "3"], "goes with a chart"),
        (["deploy", "--release", "web"], "goes with a chart"),
        (["deploy", "--namespace", "No"], "no name for a namespace"),
        (["deploy", "--group", "a"], "--group goes with --as"),
        (["deploy", "--as", "nobody"], "names no subject"),
        (["deploy", "--as", RUNNER], "no role and no binding was found, so that nothing is known of who may do what; "),
        (["empty"], "holds no Kubernetes object"),
        (["nowhere"], "no such file or directory"),
        (["charts/shop", "--server-side"], "goes with manifests"),
        (["charts/shop", "--render", "never"], "has to be rendered"),
        (["charts/shop", "--release", "No!"], "no name for a release"),
        (["charts/shop", "--flux", "--helm", "4"], "exclude each other"),
        (["charts/shop/charts/part"], "is not installed on its own"),
        (["charts/broken"], "charts/broken/Chart.yaml: not rendered"),
    ],
)
def test_bad_input_gives_one_line(tree, capsys, arguments, words):
    files = {name: text for name, text in SHOP.items() if "templates" not in name}
    chart = {name.replace("charts/shop", "charts/shop/charts/part"): text for name, text in files.items()}
    broken = {"charts/broken/Chart.yaml": CHART, "charts/broken/templates/a.yaml": "{{ fail `no` }}\n"}
    tree({**files, **chart, **broken, "deploy/all.yaml": WORKLOADS, "empty/a.yaml": "a: 1\n"})
    assert words in refused(capsys, *arguments)


def test_no_helm_is_said_in_one_line(tree, capsys, monkeypatch):
    monkeypatch.setattr("kubelint.rendering.tree.find_engine", lambda: None)
    tree(SHOP)
    assert "no engine to render charts" in refused(capsys, "charts/shop", "-n", "shop")


@pytest.mark.parametrize(
    "arguments", [["explain", RUNNER], ["can-i", RUNNER, "get", "pods"], ["needs", "deploy", "--as", RUNNER]]
)
def test_a_renderer_that_crashes_is_said_and_what_is_written_counts(tree, capsys, monkeypatch, arguments):
    monkeypatch.setattr("kubelint.rendering.tree.render_charts", lambda *_: {}["secret"])
    tree({**SHOP, "deploy/all.yaml": WORKLOADS, "rbac.yaml": holds("[]")})
    assert run(["rbac", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("kubelint: the renderer crashed: KeyError at test_rbac_needs.py:")
    assert captured.err.count("\n") == 1 and "secret" not in captured.err
    assert captured.out


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain", [RUNNER]),
        ("explain", ["Group/system:masters"]),
        ("can-i", [RUNNER, "get", "configmaps", "-n", "shop"]),
        ("can-i", [RUNNER, "get", "/metrics"]),
        ("needs", ["charts/shop", "-n", "shop"]),
        ("needs", ["charts/shop", "-n", "shop", "--as", RUNNER]),
        ("needs", ["deploy", "--as", "User/jo"]),
        ("needs", ["deploy", "--wait", "--as", RUNNER]),
    ],
)
def test_json_is_as_its_schema_says(tree, capsys, name, arguments):
    schema = json.loads((ROOT / "docs" / f"rbac-{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    files = {"deploy/all.yaml": WORKLOADS, "rbac.yaml": holds(f"[{rule('get', 'configmaps, crews')}]")}
    tree({**SHOP, **files, "deploy/b.yaml": "apiVersion: example.org/v1\nkind: Crew\nmetadata: {name: a}\n"})
    assert run(["rbac", name, *arguments, "--format", "json"]) != 2
    data = json.loads(capsys.readouterr().out)
    assert not [error.message for error in Draft202012Validator(schema).iter_errors(data)]
    assert list(Draft202012Validator(schema).iter_errors({**data, "extra": 1}))


def test_the_schemas_are_closed():
    def objects(schema):
        if isinstance(schema, dict):
            yield from [schema] if "properties" in schema else []
            schema = list(schema.values())
        for value in schema if isinstance(schema, list) else ():
            yield from objects(value)

    for path in (ROOT / "docs").glob("rbac-*.schema.json"):
        for schema in objects(json.loads(path.read_text(encoding="utf-8"))):
            assert schema["additionalProperties"] is False
            assert sorted(schema["required"]) == sorted(schema["properties"])


@pytest.mark.parametrize(
    "text",
    ["apiVersion: v1\nkind: [a]\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: [a]\n", "apiVersion: v1\nkind: Role\n"
     "metadata: {name: 7}\nrules: {a: b}\n", "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nroleRef: 7\n"
     "metadata: {name: '\\x1b[31m', annotations: 1}\nsubjects: 3\n"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["text", "json", "yaml"])
def test_objects_of_no_shape_are_survived(tree, needs, text, form):
    tree({"deploy/a.yaml": text, "deploy/b.yaml": WORKLOADS})
    assert "\x1b" not in needs("deploy", "--format", form)[1]


AGGREGATE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
rules: []
"""


@pytest.mark.parametrize(
    ("options", "rights"),
    [
        ([], ["create,escalate clusterroles", "get,patch clusterroles all"]),
        (["--server-side"], ["create clusterroles", "patch,escalate clusterroles all"]),
    ],
)
def test_escalate_is_given_where_nothing_less_works_and_is_explained(tree, granted, needs, options, rights):
    tree({"a.yaml": AGGREGATE})
    found = granted("a.yaml", *options)[""]
    assert sorted(found) == sorted(rights)
    assert "Nothing less" in needs("a.yaml", *options, "--format", "yaml")[1].replace("\n# ", " ")
    tree({"b.yaml": CONFIG.format(name="a", more=", namespace: shop")})
    assert "escalate" not in needs("b.yaml", "--format", "yaml")[1]


@pytest.mark.parametrize("render", ["auto", "never"])
def test_a_kustomization_of_which_nothing_is_known(tree, capsys, render):
    tree({"base/all.yaml": WORKLOADS, "base/kustomization.yaml": "resources: [all.yaml]\n"})
    tree({"prod/kustomization.yaml": "resources: [../base, ../more]\n", "none/kustomization.yaml": "namePrefix: a-\n"})
    assert run(["rbac", "needs", "prod", "--root", "prod", "--render", render]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert "`../base` and 1 more are not in the tree; name a folder that holds it all with --root" in captured.err
    assert run(["rbac", "needs", "none", "--render", render]) == 2
    assert "builds no Kubernetes object" in capsys.readouterr().err


def test_what_a_kustomization_includes_from_elsewhere_is_told(tree, needs):
    tree({"base/all.yaml": WORKLOADS, "base/kustomization.yaml": "resources: [all.yaml, ../../more]\n"})
    code, out, told = needs("base", "--render", "never")
    assert code == 0 and "deployments.apps" in out
    assert "includes `../../more`, which is not in the tree" in told
