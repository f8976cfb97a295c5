"""What a deployer may not create, change or store; how long a pipeline waits; and each case that is to stay silent."""

from __future__ import annotations

import pytest
import yaml
from linting import lint_texts

from kubelint.manifests import ClusterSettings

GROUP = "rbac.authorization.k8s.io"
APPLY, STORE, FLUX = "deployer-cannot-apply", "deployer-cannot-store-release", "flux-account-cannot-reconcile"
ENDLESS = "rollout-status-without-timeout"
RULES = (APPLY, STORE, FLUX, ENDLESS)
STORES = {"secrets": "get list create update delete"}
NOTHING = {"pods": "get"}
EVERYTHING = "get list watch create update patch delete"


def rules(granted, group=""):
    return [
        {"apiGroups": ["apps" if plural in ("deployments", "replicasets") else group], "resources": [plural],
         "verbs": verbs.split()}
        for plural, verbs in granted.items()
    ]  # fmt: skip


def role(granted, namespace="shop", name="deployer", **more):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    listed = granted if isinstance(granted, list) else rules(granted)
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, "rules": listed, **more}


def bound(namespace="shop", name="deployer", kind="Role", subject=None):
    who = subject or {"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": f"{name}-binding", **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
        "subjects": [who],
    }


def obj(kind, version="v1", name="web", namespace: str | None = "shop", **more):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


RUNNER = {
    "apiVersion": "actions.summerwind.dev/v1alpha1",
    "kind": "RunnerDeployment",
    "metadata": {"name": "deployers", "namespace": "ci"},
    "spec": {"template": {"spec": {"organization": "example", "serviceAccountName": "deployer", "labels": ["deploy"]}}},
}


def found(run, *access, objects=(), job=None, files=None, settings=None, runner=RUNNER):
    steps = [{"uses": "actions/checkout@v4"}, {"run": run}]
    workflow = {"on": "push", "jobs": {"deploy": {"runs-on": "deploy", "steps": steps, **(job or {})}}}
    texts = {
        ".github/workflows/deploy.yaml": yaml.safe_dump(workflow),
        "runner.yaml": yaml.safe_dump(runner),
        "access.yaml": yaml.safe_dump_all(access or [role(NOTHING), bound()]),
        **({"deploy/all.yaml": yaml.safe_dump_all(list(objects))} if objects else {}),
        **(files or {}),
    }
    more = {"cluster": settings} if settings else {}
    report = lint_texts(texts, select=RULES, **more)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [(finding.meta.id, str(finding.severity)) for finding in report.findings]


HELM = "helm upgrade --install web oci://registry.example.com/charts/web -n shop"
KUBECTL = "kubectl apply -f deploy/"
CONFIG = obj("ConfigMap", data={"a": "b"})
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/templates/settings.yaml": yaml.safe_dump(obj("ConfigMap", namespace=None, data={"a": "b"})),
}


@pytest.mark.parametrize(
    ("verbs", "severity"),
    [
        ("get list create update delete", None),
        ("*", None),
        ("get create update delete", "error"),
        ("get list update delete", "error"),
        ("get list create delete", "error"),
        ("list create update delete", "warning"),
        ("get list create update", "warning"),
        ("list create update", "warning"),
    ],
)
def test_what_helm_needs_to_keep_a_release(verbs, severity):
    assert found(HELM, role({"secrets": verbs}), bound()) == ([(STORE, severity)] if severity else [])


@pytest.mark.parametrize(
    ("run", "verbs", "severity"),
    [
        (KUBECTL, "get create patch", None),
        (KUBECTL, "create patch", "error"),
        (KUBECTL, "get create", "error"),
        (KUBECTL, "get patch", "warning"),
        (f"{KUBECTL} --server-side", "create patch", None),
        (f"{KUBECTL} --server-side", "get create", "error"),
        ("kubectl create -f deploy/", "create", None),
        ("kubectl create -f deploy/", "get patch", "error"),
        ("kubectl delete -f deploy/ --wait=false", "delete", None),
        ("kubectl delete -f deploy/", "get list watch", "error"),
    ],
)
def test_what_kubectl_needs_to_apply(run, verbs, severity):
    got = found(run, role({"configmaps": verbs}), bound(), objects=[CONFIG])
    assert [one for one in got if one[0] == APPLY] == ([(APPLY, severity)] if severity else [])


@pytest.mark.parametrize(
    ("more", "verbs", "severity"),
    [
        ("", "get create patch delete", None),
        ("", "get create delete", "error"),
        ("", "get create patch", "warning"),
        ("--create-namespace", "get create patch delete", "error"),
    ],
)
def test_what_helm_needs_to_apply(more, verbs, severity):
    command = f"helm upgrade --install web ./chart -n shop {more}"
    got = found(command, role({"configmaps": verbs, **STORES}), bound(), files=CHART)
    assert got == ([(APPLY, severity)] if severity else [])


@pytest.mark.parametrize(
    ("command", "verbs", "severity"),
    [
        ("helm upgrade --install web ./chart -n shop", "get", "warning"),
        ("helm upgrade --install web ./chart -n shop --skip-crds", "get", None),
        ("helm upgrade web ./chart -n shop", "get", None),
        ("helm install web ./chart -n shop", EVERYTHING, None),
    ],
)
def test_what_helm_needs_for_crds(command, verbs, severity):
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "w.example"},
    }
    definer = role(
        [{"apiGroups": ["apiextensions.k8s.io"], "resources": ["*"], "verbs": verbs.split()}], None, "definer"
    )
    access = role({"configmaps": EVERYTHING, **STORES}), bound(), definer, bound(None, "definer", "ClusterRole")
    got = found(command, *access, files={**CHART, "chart/crds/crd.yaml": yaml.safe_dump(crd)})
    assert got == ([(APPLY, severity)] if severity else [])


def test_helm_three_installs_without_patch():
    command, setup = "helm install web ./chart -n shop", {"uses": "azure/setup-helm@v4", "with": {"version": "v3.18.4"}}
    job = {"steps": [setup, {"run": command}]}
    assert not found("", role({"configmaps": "get create", **STORES}), bound(), files=CHART, job=job)


@pytest.mark.parametrize("wait", ["", "--wait", "--wait --atomic"])
def test_waiting_and_events_are_no_part_of_applying(wait):
    """Neither `watch` on ReplicaSets, nor anything on events, nor list and watch on ConfigMaps."""
    granted = {"configmaps": "get create patch delete", **STORES}
    assert not found(f"helm upgrade --install web ./chart -n shop {wait}", role(granted), bound(), files=CHART)


@pytest.mark.parametrize("name", ["edit", "admin", "cluster-admin"])
def test_built_in_roles_are_enough(name):
    both = obj("Deployment", "apps/v1", spec={}), CONFIG
    assert not found(f"{KUBECTL}\n{HELM}", bound(name=name, kind="ClusterRole"), objects=both)


@pytest.mark.parametrize(
    "other",
    [
        obj("ResourceQuota"),
        obj("Role", f"{GROUP}/v1", rules=[]),
        obj("Widget", "example.com/v1"),
    ],
)
def test_edit_is_not_enough_for_everything(other):
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"}},
    }
    access = bound(name="edit", kind="ClusterRole"), crd
    assert (APPLY, "error") in found(KUBECTL, *access, objects=[other])


def test_wildcards_cover():
    granted = [{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]}]
    assert not found(KUBECTL, role(granted), bound(), objects=[obj("Deployment", "apps/v1", spec={})])


@pytest.mark.parametrize(
    ("run", "job"),
    [
        (f"{KUBECTL} --kubeconfig admin.conf\n", {}),
        (KUBECTL, {"env": {"KUBECONFIG": "/etc/deploy/config"}}),
        ("aws eks update-kubeconfig --name shop\n" + KUBECTL, {}),
        (KUBECTL, {"runs-on": "ubuntu-latest"}),
        (KUBECTL, {"container": "registry.example.com/tools:1"}),
    ],
)
def test_who_deploys_is_not_known(run, job):
    assert not found(f"{run}\n{HELM}" if "eks" in run or job else run, objects=[CONFIG], job=job)


@pytest.mark.parametrize(
    "run",
    [
        "helm template web ./chart -n shop",
        "helm upgrade web ./chart -n shop --dry-run=client",
        "helm lint ./chart",
        "helm package ./chart",
        "helm repo add example https://charts.example.com",
        "helm diff upgrade web ./chart -n shop",
        "kubectl apply -f deploy/ --server-side --dry-run=client",
        "kubectl get configmaps -n shop",
    ],
)
def test_commands_that_deploy_nothing(run):
    assert not found(run, objects=[CONFIG], files=CHART)


def test_objects_are_asked_for_where_they_are():
    elsewhere = obj("ConfigMap", namespace="blog", data={})
    access = role({"configmaps": EVERYTHING}), bound(), role(NOTHING, "blog"), bound("blog")
    assert found(KUBECTL, *access, objects=[elsewhere]) == [(APPLY, "error")]
    assert not found("kubectl apply -f deploy/ -n blog", *access, objects=[CONFIG])


def test_rights_from_several_bindings():
    group = {"kind": "Group", "apiGroup": GROUP, "name": "system:serviceaccounts:ci"}
    aggregated = role([], None, "sum", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"part": "of-it"}}]})
    part = role({"configmaps": "patch"}, None, "part")
    part["metadata"]["labels"] = {"part": "of-it"}
    access = [
        role({"configmaps": "get"}), bound(),
        role({"configmaps": "create"}, name="maker"), bound(name="maker", subject=group),
        aggregated, part, bound(None, "sum", "ClusterRole"),
    ]  # fmt: skip
    assert not found(KUBECTL, *access, objects=[CONFIG])
    assert found(KUBECTL, *access[:4], objects=[CONFIG]) == [(APPLY, "error")]


def test_a_cluster_role_through_a_role_binding_counts_in_its_namespace():
    access = role({"configmaps": EVERYTHING}, None), bound("shop", kind="ClusterRole"), bound("blog", "view")
    assert not found(KUBECTL, *access, objects=[CONFIG])


@pytest.mark.parametrize(("driver", "count"), [("sql", 0), ("memory", 0), ("configmap", 1), ("${{ vars.DRIVER }}", 0)])
def test_drivers(driver, count):
    assert len(found(HELM, job={"env": {"HELM_DRIVER": driver}})) == count


@pytest.mark.parametrize(
    "access",
    [
        [bound(name="from-elsewhere", kind="ClusterRole")],
        [role(NOTHING, "blog"), bound("blog")],
        [role(NOTHING), bound(subject={"kind": "ServiceAccount", "name": "other", "namespace": "ci"})],
        [role(NOTHING), bound(), role([{"apiGroups": ["*"], "resources": "${ALL}", "verbs": ["*"]}], name="x"),
         bound(name="x")],
    ],
)  # fmt: skip
def test_an_account_of_which_the_tree_does_not_say_enough(access):
    assert not found(f"{KUBECTL}\n{HELM}", *access, objects=[CONFIG])


@pytest.mark.parametrize("namespace", ['"$NAMESPACE"', "${{ inputs.namespace }}", "{{ namespace }}"])
def test_a_namespace_that_is_not_known(namespace):
    run = f"kubectl apply -f deploy/ -n {namespace}\n{HELM.replace('shop', namespace)}"
    assert not found(run, objects=[obj("ConfigMap", namespace=None, data={})])


def test_a_kind_that_nothing_in_the_tree_defines():
    assert not found(KUBECTL, objects=[obj("Campaign", "example.com/v1")])


def test_the_same_is_said_once():
    run = f"{KUBECTL}\nkubectl apply -f deploy/all.yaml\n{HELM}\n{HELM.replace('web', 'blog')}"
    assert sorted(found(run, objects=[CONFIG])) == [(APPLY, "error"), (STORE, "error")]


def test_a_declared_deployer_is_no_certainty():
    settings = ClusterSettings(deployers=("ServiceAccount/ci/deployer",))
    assert found(HELM, job={"runs-on": "ubuntu-latest"}, settings=settings) == [(STORE, "warning")]


def flux(*access, kind="HelmRelease", **spec):
    version = "helm.toolkit.fluxcd.io/v2" if kind == "HelmRelease" else "kustomize.toolkit.fluxcd.io/v1"
    source = {"sourceRef": {"kind": "HelmRepository", "name": "charts"}}
    own = {"chart": {"spec": {"chart": "web", **source}}} if kind == "HelmRelease" else {"path": "./apps"}
    if kind == "Kustomization":
        own["sourceRef"] = {"kind": "GitRepository", "name": "flux-system"}
    owner = obj(kind, version, spec={"interval": "10m", "serviceAccountName": "deployer", **own, **spec})
    workload = obj("Deployment", "apps/v1", spec={"selector": {}, "template": {}})
    files = {
        "cluster/owner.yaml": yaml.safe_dump_all([owner, *access]),
        "apps/web.yaml": yaml.safe_dump(workload),
        "apps/kustomization.yaml": "resources: [web.yaml]\n",
    }
    report = lint_texts(files, select=RULES)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [(finding.meta.id, str(finding.severity)) for finding in report.findings]


OWN = {"kind": "ServiceAccount", "name": "deployer", "namespace": "shop"}


@pytest.mark.parametrize(
    ("verbs", "severity"),
    [("get list create update delete", None), ("get create update delete", "error"), ("list create update", "warning")],
)
def test_what_flux_needs_for_a_release(verbs, severity):
    assert flux(role({"secrets": verbs}), bound(subject=OWN)) == ([(FLUX, severity)] if severity else [])


@pytest.mark.parametrize(
    ("granted", "spec", "count"),
    [
        ({"deployments": "get create patch"}, {}, 0),
        ({"deployments": "get create"}, {}, 1),
        ({"deployments": "get create patch"}, {"prune": True}, 1),
        ({"deployments": "get create patch"}, {"wait": True}, 1),
        ({"deployments": "get create patch delete", "replicasets": "list"}, {"wait": True, "prune": True}, 0),
    ],
)
def test_what_flux_needs_for_a_kustomization_and_that_it_never_watches(granted, spec, count):
    got = flux(role(granted), bound(subject=OWN), kind="Kustomization", **spec)
    assert got == [(FLUX, "error")] * count


@pytest.mark.parametrize(
    "spec",
    [{"serviceAccountName": None}, {"serviceAccountName": "${ACCOUNT}"}, {"kubeConfig": {"secretRef": {"name": "k"}}}],
)
def test_flux_as_somebody_else(spec):
    assert not flux(role(NOTHING), bound(subject=OWN), **spec)


@pytest.mark.parametrize(
    ("run", "job", "count"),
    [
        ("kubectl rollout status deployment/web", {}, 1),
        ("kubectl -n shop rollout status sts $NAME", {}, 1),
        ("kubectl rollout status deployment/web --timeout=5m", {}, 0),
        ("kubectl rollout status deployment/web --timeout 5m", {}, 0),
        ("kubectl rollout status deployment/web --watch=false", {}, 0),
        ("kubectl rollout status deployment/web -w=false", {}, 0),
        ("kubectl rollout status deployment/web $OPTIONS", {}, 0),
        ("timeout 60 kubectl rollout status deployment/web", {}, 0),
        ("timeout 60 bash -c 'until kubectl rollout status deployment/web; do sleep 1; done'", {}, 0),
        ("timeout 60 bash -c 'sleep 1'; kubectl rollout status deployment/web", {}, 1),
        ("kubectl rollout status $WHAT", {}, 0),
        ("kubectl rollout status $KIND $NAME", {}, 1),
        ("kubectl rollout status deployment/web", {"timeout-minutes": 10}, 0),
        ("kubectl wait --for=condition=Available deployment/web", {}, 0),
        ("kubectl rollout history deployment/web", {}, 0),
    ],
)
def test_how_long_a_pipeline_waits(run, job, count):
    got = found(run, bound(name="edit", kind="ClusterRole"), job={"runs-on": "ubuntu-latest", **job})
    assert got == [(ENDLESS, "info")] * count


def local(*access, source="GitRepository", chart="./chart", conditional=""):
    """A HelmRelease whose chart is a folder of the tree, which nothing renders."""
    ref = {"kind": source, "name": "platform", "namespace": "flux-system"}
    spec = {"interval": "10m", "serviceAccountName": "deployer", "chart": {"spec": {"chart": chart, "sourceRef": ref}}}
    owner = obj("HelmRelease", "helm.toolkit.fluxcd.io/v2", spec=spec)
    git = obj("GitRepository", "source.toolkit.fluxcd.io/v1", "platform", "flux-system", spec={})
    files = {
        **CHART,
        **({"chart/templates/more.yaml": conditional} if conditional else {}),
        "cluster/owner.yaml": yaml.safe_dump_all([owner, git, *access]),
    }
    report = lint_texts(files, select=RULES)
    assert not report.crashed, [finding.message for finding in report.findings]
    return [(finding.meta.id, str(finding.severity)) for finding in report.findings]


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"


@pytest.mark.parametrize(
    ("granted", "given", "count"),
    [
        ({"configmaps": "get create patch delete", **STORES}, {}, 0),
        ({"configmaps": "get create", **STORES}, {}, 1),
        ({**STORES}, {"source": "HelmRepository", "chart": "chart"}, 0),
        ({"configmaps": "get create patch delete", **STORES}, {"conditional": SERVICE}, 1),
        (
            {"configmaps": "get create patch delete", **STORES},
            {"conditional": f"{{{{- if .Values.on }}}}\n{SERVICE}{{{{- end }}}}\n"},
            0,
        ),
    ],
)
def test_what_flux_needs_for_a_chart_of_the_tree_that_is_not_rendered(granted, given, count):
    assert local(role(granted), bound(subject=OWN), **given) == [(FLUX, "error")] * count
