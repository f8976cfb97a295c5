"""Believable pipelines whose commands once were not read, or read as what they are not."""

import pytest
from access_trees import ABOUT_ACCESS, RUNNER, bound, core, obj, reported, role, rule, runner, workflow, written
from linting import lint_texts, lint_tree

APPLY, FOLLOW, WAIT = "deployer-cannot-apply", "deployer-cannot-watch-rollout", "deployer-cannot-wait"
STORE = core("secrets", "get list create update delete")
WEB = rule("deployments", "get list watch create update patch delete", groups=["apps"])
HELM = "helm upgrade --install web ./chart -n shop --wait"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:{{ .Values.tag }}"}]
"""


def held(*rules):
    """A runner whose account holds a role in `shop`."""
    return [runner(), role("deployer", *rules, namespace="shop"), bound("deployer", RUNNER, namespace="shop")]


def rendered(tmp_path, tree):
    """What the rules say of a tree whose charts are rendered."""
    for name, text in written(tree).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    report = lint_tree(tmp_path, select=ABOUT_ACCESS)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [(finding.meta.id, str(finding.severity)) for finding in report.findings]


def charted(template, values="tag: latest\n"):
    """A chart of one template."""
    files = {"chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "chart/templates/web.yaml": template}
    return {**files, "chart/values.yaml": values} if values else files


UNKNOWN_VALUES = (
    "--set tag=${{ github.sha }}",
    "--set tag=$GITHUB_SHA",
    '--set "tag=${GITHUB_SHA::7}"',
    "--set-string tag=$(git rev-parse HEAD)",
    "-f values/${{ inputs.stage }}.yaml",
)


@pytest.mark.parametrize("values", UNKNOWN_VALUES)
def test_values_that_the_pipeline_fills_in(tmp_path, values):
    tree = [*held(WEB, STORE), charted(DEPLOYMENT), workflow(f"{HELM} {values}")]
    assert rendered(tmp_path, tree) == [(WAIT, "error")]


@pytest.mark.parametrize(
    "template",
    [
        "{{- if .Values.tag }}" + DEPLOYMENT + "{{- end }}\n",
        DEPLOYMENT.replace("  name: web\nspec", "  name: web\n  namespace: {{ .Values.place | quote }}\nspec"),
        DEPLOYMENT.replace("kind: Deployment", 'kind: {{ .Values.kind | default "Deployment" }}'),
    ],
)  # fmt: skip
def test_what_other_values_may_leave_out_or_move(tmp_path, template):
    tree = [*held(rule("deployments", "get", groups=["apps"]), STORE), charted(template)]
    assert rendered(tmp_path, [*tree, workflow(f"{HELM} --set tag=$TAG")]) == []


def test_a_name_that_values_may_change(tmp_path):
    named = DEPLOYMENT.replace("  name: web\nspec", "  name: {{ .Values.name | default .Release.Name }}\nspec")
    one = rule("deployments", "get patch update delete", names=["shop"], groups=["apps"])
    rest = rule("deployments replicasets", "create list watch", groups=["apps"])
    tree = [charted(named), workflow(f"{HELM} --set name=$NAME")]
    assert rendered(tmp_path, [*held(one, rest, STORE), *tree]) == []


def test_a_name_that_values_may_change_where_no_name_is_allowed(tmp_path):
    named = DEPLOYMENT.replace("  name: web\nspec", "  name: {{ .Values.name | default .Release.Name }}\nspec")
    rest = rule("deployments replicasets", "get create list watch delete", groups=["apps"])
    tree = [charted(named), workflow(f"{HELM} --set name=$NAME")]
    assert rendered(tmp_path, [*held(rest, STORE), *tree]) == [(APPLY, "error")]


def test_a_chart_without_values(tmp_path):
    plain = DEPLOYMENT.replace("{{ .Values.tag }}", "1")
    tree = [*held(WEB, STORE), charted(plain, values=""), workflow(HELM)]
    assert rendered(tmp_path, tree) == [(WAIT, "error")]


def test_values_that_git_ignores_are_not_known(tmp_path):
    optional = "{{- if .Values.tag }}" + DEPLOYMENT + "{{- end }}\n"
    files = {**charted(optional, values=""), ".gitignore": "chart/values.yaml\n"}
    assert rendered(tmp_path, [*held(rule("deployments", "get", groups=["apps"]), STORE), files, workflow(HELM)]) == []


@pytest.mark.parametrize("call", ["bash scripts/deploy.sh prod", "./scripts/deploy.sh"])
def test_a_script_that_alone_names_the_program(tmp_path, call):
    script = {"scripts/deploy.sh": "#!/usr/bin/env bash\nset -eu\nkubectl apply -f deploy/ -n shop\n"}
    objects = {"deploy/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop}\n"}
    tree = [*held(core("configmaps", "get")), script, objects, workflow(call)]
    assert rendered(tmp_path, tree) == [(APPLY, "error")]


@pytest.mark.parametrize("run", ["kubectl auth reconcile -f x.yaml", "kubectl get pods -n shop"])
def test_who_keeps_no_releases_does_not_run_helm(run):
    assert reported([*held(WEB), workflow(run)]) == []


def test_who_keeps_no_releases_may_follow_rollouts():
    writes = rule("deployments configmaps", "get create patch", groups=["apps", ""])
    tree = written([*held(writes), workflow("kubectl get pods -n shop")])
    (finding,) = lint_texts(tree, select=ABOUT_ACCESS).findings
    assert "`kubectl rollout status` hangs" in finding.message and "elm" not in finding.message


def tenant(kind, **spec):
    """A Kustomization of Flux whose account may do everything in its own namespace."""
    flux = obj(
        "Kustomization",
        "kustomize.toolkit.fluxcd.io/v1",
        "team",
        "team",
        spec={
            "serviceAccountName": "team",
            "path": "./team",
            "sourceRef": {"kind": "GitRepository", "name": "x"},
            **spec,
        },
    )
    files = {
        "team/x.yaml": f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nrules: []\n"
    }
    return [flux, bound("ClusterRole/cluster-admin", "team/team", namespace="team"), files]


@pytest.mark.parametrize(("kind", "count"), [("ClusterRole", 1), ("Role", 0)])
def test_a_tenant_of_flux_and_what_is_in_no_namespace(kind, count):
    found = reported(tenant(kind), select=("flux-account-cannot-reconcile",))
    assert found == [("flux-account-cannot-reconcile", "error")] * count


def test_a_tenant_of_flux_that_is_bound_in_the_whole_cluster_too():
    tree = [*tenant("ClusterRole"), bound("ClusterRole/cluster-admin", "team/team", name="all")]
    assert reported(tree, select=("flux-account-cannot-reconcile",)) == []


@pytest.mark.parametrize("run", ["kubectl wait pod -l app=web -n shop", "kubectl wait pods --all -n shop"])
def test_waiting_without_watch_for_what_is_found_by_listing(run):
    tree = [*held(core("pods", "get list")), workflow(f"{run} --for=condition=ready --timeout=1m")]
    assert reported(tree) == [(FOLLOW, "error")]
    one = core("pods", "watch", names=["web"])
    assert (FOLLOW, "error") not in reported([*held(core("pods", "get list"), one), *tree[3:]])


def test_the_name_of_a_namespace_that_is_not_known():
    """A role inside of a namespace lets the namespace be read."""
    tree = {"deploy/place.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: '${PLACE}'}\n"}
    run = "kubectl apply --server-side -f deploy/ -n shop"
    assert reported([*held(core("configmaps", "get")), tree, workflow(run)], select=(APPLY,)) == []


@pytest.mark.parametrize(
    "run",
    [
        "helm upgrade --install web x/web -n shop --help",
        "kubectl apply -f deploy/ --help",
        "sudo helm upgrade --install web x/web -n shop",
        "sudo -u root bash -c 'helm upgrade --install web x/web -n shop'",
        "env -i PATH=/bin helm upgrade --install web x/web -n shop",
        "export KUBERNETES_SERVICE_HOST=10.0.0.1\nhelm upgrade --install web x/web -n shop",
    ],
)
def test_what_does_not_deploy_as_the_account(run):
    assert reported([*held(core("configmaps", "get")), workflow(run)]) == []


@pytest.mark.parametrize("program", ["helm", "helm3", "helm4", "sudo -E helm", "sudo --preserve-env helm4"])
def test_programs_that_deploy_as_the_account(program):
    tree = [*held(core("configmaps", "get")), workflow(f"{program} upgrade --install web x/web -n shop")]
    assert reported(tree) == [("deployer-cannot-store-release", "error")]


@pytest.mark.parametrize(("program", "count"), [("helm3", 0), ("helm4", 1)])
def test_the_version_in_the_name_of_the_program(tmp_path, program, count):
    listed = rule("replicasets", "list", groups=["apps"])
    writes = rule("deployments", "get create update patch delete", groups=["apps"])
    tree = [*held(writes, listed, STORE), charted(DEPLOYMENT), workflow(HELM.replace("helm", program))]
    assert rendered(tmp_path, tree) == [(WAIT, "error")] * count


@pytest.mark.parametrize(
    ("run", "verbs", "count"),
    [
        ("kubectl replace -f deploy/ -n shop", "get patch create", 1),
        ("kubectl replace -f deploy/ -n shop", "update", 0),
        ("kubectl set image deployment/web web=registry.example.com/web:$TAG -n shop", "get", 1),
        ("kubectl set image deployment/web web=registry.example.com/web:$TAG -n shop", "get patch", 0),
        ("kubectl set image --local -f deploy/web.yaml web=x -o yaml", "list", 0),
        ("kubectl scale deployment/web --replicas=$COUNT -n shop", "get patch", 1),
        ("kubectl scale deployment $NAME --replicas=2 -n shop", "get", 1),
    ],
)
def test_other_verbs_of_kubectl(run, verbs, count):
    files = {"deploy/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"}
    tree = [*held(rule("deployments", verbs, groups=["apps"])), files, workflow(run)]
    assert reported(tree, select=(APPLY,)) == [(APPLY, "error")] * count


def test_scaling_with_the_right_to_scale():
    rights = rule("deployments", "get", groups=["apps"]), rule("deployments/scale", "patch", groups=["apps"])
    assert reported([*held(*rights), workflow("kubectl scale deploy/web --replicas=0 -n shop")]) == []


@pytest.mark.parametrize(
    ("option", "says"), [("--timeout 0", "with `--timeout 0` never ends"), ("", "without `--timeout` never ends")]
)
def test_how_a_rollout_never_ends(option, says):
    run = f"kubectl rollout status deployment/web -n shop {option}"
    report = lint_texts(written([*held(rule("deployments", "get", groups=["apps"])), workflow(run)]), select=(FOLLOW,))
    assert [says in finding.message for finding in report.findings] == [True]


def test_one_object_is_told_of_once(tmp_path):
    """Whoever may not list ReplicaSets is told so, and not that the Deployment can't be watched if Helm 4 runs."""
    writes = rule("deployments", "get create update patch delete", groups=["apps"])
    assert rendered(tmp_path, [*held(writes, STORE), charted(DEPLOYMENT), workflow(HELM)]) == [(WAIT, "error")]
