"""What commands apply: files, folders, kustomizations, text in scripts, pipes, ConfigMaps in containers, helmfiles."""

from __future__ import annotations

import pytest
from deploying import FLOW, flow, of_flow, project, runs, who

from kubelint.cluster.helm import Helm, Wait
from kubelint.manifests import Document, Project
from kubelint.manifests.deployers import DeployerRun, deployers
from kubelint.sources import read_documents

WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
DB = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n"
FILES = {
    "k8s/web.yaml": WEB,
    "k8s/db.yaml": DB,
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": WEB,
    "prod/kustomization.yaml": "namePrefix: prod-\nnamespace: shop\nresources: [../base]\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/templates/web.yaml": WEB,
}


def kinds(run: DeployerRun) -> list[str]:
    assert len(run.deployed.objects) == len(run.deployed.manifests)
    return sorted(manifest["kind"] for manifest in run.deployed.manifests)


HEREDOC = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nEOF"


@pytest.mark.parametrize(
    ("text", "found", "complete"),
    [
        (f"kubectl apply -f - <<EOF\n{HEREDOC}", ["Service"], True),
        (f"kubectl apply -f - <<'EOF'\n{HEREDOC}", ["Service"], True),
        (f"kubectl apply -n shop -f - <<EOF\n{HEREDOC}", ["Service"], True),
        (f"cat <<EOF | kubectl apply -f -\n{HEREDOC}", ["Service"], True),
        (f"cat <<'EOF' | kubectl apply -f -\n{HEREDOC}", ["Service"], True),
        (f"cat <<EOF | envsubst | kubectl apply -f -\n{HEREDOC}", [], False),
        (f"kubectl apply -f - <<EOF\n---\n{WEB}---\n{HEREDOC}", ["Deployment", "Service"], True),
        (f"kubectl apply -f - <<EOF\n$EXTRA\n{HEREDOC}", [], False),
        (f"kubectl apply -f - <<EOF\n`date`\n{HEREDOC}", [], False),
        ("kubectl apply -f - <<EOF\nkind: $KIND\nEOF", [], False),
        ("kubectl apply -f - <<EOF\n{{{\nEOF", [], False),
        ("cat k8s/web.yaml | kubectl apply -f -", ["Deployment"], True),
        ("cat k8s/web.yaml k8s/db.yaml | kubectl apply -f -", ["Deployment", "StatefulSet"], True),
        ("envsubst < k8s/web.yaml | kubectl apply -f -", ["Deployment"], True),
        ("sed s/a/b/ k8s/web.yaml | kubectl apply -f -", [], False),
        ("kubectl create namespace x --dry-run=client -o yaml | kubectl apply -f -", [], False),
        ("curl https://example.net | kubectl apply -f -", [], False),
        ("kubectl get pods\nkubectl apply -f -", [], False),
        ("kubectl apply -f k8s/web.yaml,k8s/db.yaml", ["Deployment", "StatefulSet"], True),
        ("kubectl apply -f k8s", ["Deployment", "StatefulSet"], True),
        ("kubectl apply -f k8s/none.yaml", [], False),
        ("kubectl rollout status -f k8s/web.yaml", ["Deployment"], True),
        ("kubectl wait --for=condition=Available -f k8s/web.yaml", ["Deployment"], True),
        ("kubectl delete -f k8s/web.yaml", ["Deployment"], True),
        ("kustomize build base | kubectl apply -f -", ["Deployment"], False),
        ("kubectl kustomize base | kubectl apply -f -", ["Deployment"], False),
        ("kubectl apply -k base", ["Deployment"], False),
        ("helm template web ./chart | kubectl apply -f -", ["Deployment"], False),
        ("helm template web x/web | kubectl apply -f -", [], False),
    ],
)
def test_what_kubectl_is_given(text: str, found: list[str], complete: bool) -> None:
    (run,) = of_flow(flow(text), FILES)
    assert (kinds(run), run.deployed.complete) == (found, complete)


def test_scripts_hold_text_as_well() -> None:
    (run,) = of_flow(flow("./apply.sh"), {"apply.sh": f"kubectl apply -f - <<EOF\n{HEREDOC}\n"})
    assert kinds(run) == ["Service"]


def test_what_the_shell_fills_in_is_unknown() -> None:
    text = 'kubectl apply -f - <<EOF\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: "$NS"}\nEOF'
    (run,) = of_flow(flow(text))
    assert run.deployed.manifests[0]["metadata"]["namespace"] == "${NS}"
    (run,) = of_flow(flow(f"- run: |\n{'    ' + text.replace(chr(10), chr(10) + '    ')}\n  env: {{NS: shop}}"))
    assert run.deployed.manifests[0]["metadata"]["namespace"] == "shop"


def test_kustomizations_name_and_place_objects() -> None:
    (run,) = of_flow(flow("kubectl apply -k prod"), FILES)
    assert run.deployed.manifests[0]["metadata"] == {"name": "prod-web", "namespace": "shop"}
    (run,) = of_flow(flow("kubectl apply -k base"), FILES)
    assert run.deployed.manifests[0]["metadata"] == {"name": "web"}


def test_what_kustomize_built_is_all() -> None:
    sources = [read_documents(name, text) for name, text in {**FILES, FLOW: flow("kubectl apply -k prod")}.items()]
    built = read_documents("prod/kustomization.yaml#1", WEB + "---\n" + DB)
    documents = [Document(document) for source in (*sources, built) for document in source.documents]
    for document in documents:
        if "#" in document.file:
            document.belongs_to = "prod/kustomization.yaml"
    (run,) = deployers(Project(documents))
    assert (kinds(run), run.deployed.complete) == (["Deployment", "StatefulSet"], True)


POD = """
apiVersion: batch/v1
kind: Job
metadata: {name: apply, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: applier
      containers:
        - name: main
          image: bitnami/kubectl
          command: [kubectl, apply, -f, PATH]
          volumeMounts: [{name: files, mountPath: /manifests}]
      volumes: [{name: files, configMap: {name: files}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files, namespace: shop}
data:
  web.yaml: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
  db.json: '{"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}}'
  notes.txt: nothing
"""


@pytest.mark.parametrize(
    ("path", "old", "new", "found"),
    [
        ("/manifests", "", "", ["Deployment", "StatefulSet"]),
        ("/manifests/", "", "", ["Deployment", "StatefulSet"]),
        ("/manifests/web.yaml", "", "", ["Deployment"]),
        ("/manifests/none.yaml", "", "", []),
        ("/elsewhere", "", "", []),
        (
            "web.yaml",
            "image: bitnami/kubectl",
            "image: bitnami/kubectl\n          workingDir: /manifests",
            ["Deployment"],
        ),
        ("/manifests", "{name: files}}]", "{name: files, items: [{key: web.yaml, path: a.yaml}]}}]", ["Deployment"]),
        ("/m/a.yaml", "mountPath: /manifests", "mountPath: /m/a.yaml, subPath: web.yaml", ["Deployment"]),
        ("/manifests", "configMap: {name: files}", "emptyDir: {}", []),
        ("/manifests", "{name: files, namespace: shop}", "{name: files, namespace: other}", []),
        ("/manifests", "{name: files}}]", "{name: '${FILES}'}}]", []),
    ],
)
def test_what_config_maps_put_into_containers(path: str, old: str, new: str, found: list[str]) -> None:
    text = POD.replace("PATH", path)
    (run,) = runs({"job.yaml": text.replace(old, new) if old else text})
    assert str(run.who.identity) == "ServiceAccount shop/applier"
    assert (kinds(run), run.deployed.complete) == (found, bool(found))
    assert all(obj is not None and obj.file == "job.yaml" for obj in run.deployed.objects)


def test_config_maps_that_are_patched_or_there_twice() -> None:
    files = {
        "job.yaml": POD.replace("PATH", "/manifests"),
        "kustomization.yaml": "resources: [job.yaml]\npatches: [{path: more.yaml}]\n",
        "more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: files, namespace: shop}\ndata: {a.yaml: x}\n",
    }
    assert kinds(runs(files)[0]) == []
    twice = POD.replace("PATH", "/manifests") + "---" + POD.partition("---")[2]
    assert kinds(runs({"job.yaml": twice})[0]) == []


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("helm, upgrade, web, ./chart", ["Deployment"]),
        ("helm, upgrade, web, /chart", []),
        ("helm, upgrade, web, ../chart", []),
        ("kubectl, apply, -f, k8s/web.yaml", ["Deployment"]),
        ("kubectl, apply, -f, /k8s/web.yaml", []),
        ("kubectl, apply, -k, prod", ["Deployment"]),
        ("kubectl, apply, -k, /prod", []),
        ("sh, -c, 'cd /src && kubectl apply -f k8s/web.yaml'", ["Deployment"]),
    ],
)
def test_a_relative_path_in_a_container_is_one_of_the_repository(command: str, found: list[str]) -> None:
    (run,) = runs({"job.yaml": POD.replace("kubectl, apply, -f, PATH", command), **FILES})
    assert kinds(run) == found


HELMFILE = """
helmDefaults: {wait: true, createNamespace: false}
releases:
  - {name: web, namespace: shop, chart: ./chart}
  - {name: db, chart: x/db, wait: false, atomic: true, createNamespace: true}
  - {name: off, namespace: shop, chart: x/off, installed: false}
  - {name: maybe, namespace: shop, chart: x/maybe, condition: maybe.enabled}
"""


@pytest.mark.parametrize(
    "command", ["helmfile sync", "helmfile apply --wait-for-jobs", "helmfile -f helmfile.yaml sync"]
)
def test_helmfiles(command: str) -> None:
    web, db = of_flow(flow(command), {**FILES, "helmfile.yaml": HELMFILE})
    assert web.command == Helm(action="upgrade", install=True, wait=Wait.DEFAULT)
    assert db.command == Helm(action="upgrade", install=True, atomic=True, create_namespace=True)
    assert (web.namespace, db.namespace) == ("shop", "ci")
    assert (kinds(web), kinds(db)) == (["Deployment"], [])


def test_helmfile_makes_namespaces_unless_told() -> None:
    (run,) = of_flow(flow("helmfile sync"), {"helmfile.yaml": "releases: [{name: a, namespace: b, chart: x/a}]\n"})
    assert run.command == Helm(action="upgrade", install=True, create_namespace=True)


@pytest.mark.parametrize(
    "command",
    [
        "helmfile diff",
        "helmfile template",
        "helmfile sync -l name=web",
        "helmfile -f other.yaml sync",
        "helmfile -f $FILE sync",
        "cd $DIR; helmfile sync",
    ],
)
def test_helmfile_commands_that_tell_nothing(command: str) -> None:
    assert of_flow(flow(command), {"helmfile.yaml": HELMFILE}) == []


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (HELMFILE.replace("{wait: true", "{kubeContext: prod, wait: true"), "helmfile sync"),
        (HELMFILE.replace("name: web,", "name: web, kubeContext: prod,"), "helmfile sync"),
        (HELMFILE, "helmfile --kube-context prod sync"),
        (HELMFILE, "helmfile sync --kubeconfig k"),
    ],
)
def test_helmfiles_with_credentials_of_their_own(text: str, command: str) -> None:
    assert who(of_flow(flow(command), {"helmfile.yaml": text}))[0] == "None"


def test_several_releases_of_one_chart() -> None:
    files = {**FILES, FLOW: flow("helm upgrade a ./chart", "helm upgrade b ./chart")}
    sources = [read_documents(name, text) for name, text in files.items()]
    sources += [read_documents("chart/templates/web.yaml#2", WEB), read_documents("chart/templates/web.yaml#3", WEB)]
    documents = [Document(document) for source in sources for document in source.documents]
    for document in documents:
        if "#" in document.file:
            document.rendering, document.belongs_to = document.file[-1], FLOW
    found = deployers(Project(documents))
    assert [(kinds(run), run.deployed.complete) for run in found] == [(["Deployment"], True)] * 2
    other = Document(read_documents("chart/templates/db.yaml#3", DB).documents[0])
    other.rendering, other.belongs_to = "3", FLOW
    found = deployers(Project([*documents, other]))
    assert [(kinds(run), run.deployed.complete) for run in found] == [(["Deployment"], False)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "kubectl apply -f",
        "kubectl apply -k",
        "helmfile",
        "helmfile -f",
        "| kubectl apply -f -",
        "kubectl apply -f - <<EOF",
    ],
)
def test_odd_commands(text: str) -> None:
    assert all(not run.deployed.complete for run in of_flow(flow(text)))


def test_odd_mounts() -> None:
    for old, new in (
        ("volumeMounts: [{name: files, mountPath: /manifests}]", "volumeMounts: [3, {}]"),
        ("volumes: [", "volumes: [3, {}, "),
    ):
        assert len(runs({"job.yaml": POD.replace("PATH", "/manifests").replace(old, new)})) == 1
    assert project({}).releases == []
