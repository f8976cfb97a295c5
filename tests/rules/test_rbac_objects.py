"""RBAC objects by themselves: what is never flagged, and what else may bring what a binding names."""

import pytest
import yaml
from linting import lint_texts

from kubelint.manifests import ClusterSettings, Document, Project
from kubelint.sources import read_documents
from kubelint_rules.rbac.mismatches import CustomResources
from kubelint_rules.rbac.presence import Presence

OBJECTS = (
    "invalid-rbac-object",
    "rbac-rule-never-matches",
    "resource-names-wildcard",
    "resource-names-without-name",
    "cluster-scoped-resource-in-role",
    "aggregated-rules-overwritten",
    "widens-default-role",
)
MISSING = ("binding-to-missing-role", "binding-to-missing-service-account")
RBAC = "rbac.authorization.k8s.io"


def role(*rules, kind="Role", name="r", labels=None, **spec):
    metadata = {"name": name, **({"namespace": "shop"} if kind == "Role" else {}), "labels": labels or {}}
    fields = ("apiGroups", "resources", "verbs", "resourceNames")
    written = [dict(zip(fields, rule, strict=False)) for rule in rules]
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": written, **spec}


def binding(kind="RoleBinding", role_kind="Role", role_name="web", account="web", namespace="shop", **subject):
    subject = {"kind": "ServiceAccount", "name": account, **subject}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": "b", **({"namespace": namespace} if kind == "RoleBinding" else {})},
        "roleRef": {"kind": role_kind, "name": role_name},
        "subjects": [subject],
    }


def plain(kind, name, namespace=None):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def custom(kind, group, name="x", namespace="shop", **spec):
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, "spec": spec}


def found(*objects, select=OBJECTS, files=None, **settings):
    text = yaml.safe_dump_all(objects)
    report = lint_texts({"rbac.yaml": text, **(files or {})}, select=select, **settings)
    assert not report.crashed
    return [finding.meta.id for finding in report.findings]


NEVER = {
    "a Role's own namespace, read as view does": role([[""], ["namespaces"], ["get", "list", "watch"]]),
    "a role's name with colons and capitals": role([[""], ["pods"], ["get"]], name="Acme:Team:view"),
    "a binding to a name with colons": binding(role_name="acme:team"),
    "constrained impersonation": role(
        [["authentication.k8s.io"], ["users"], ["impersonate:user-info"], ["*"]],
        [[""], ["pods"], ["impersonate-on:user-info:list"]],
        kind="ClusterRole",
    ),
    "cluster-scoped resources in a ClusterRole": role([[""], ["nodes"], ["get"]], kind="ClusterRole"),
    "extensions next to networking": role([["extensions", "networking.k8s.io"], ["ingresses"], ["get"]]),
    "an aggregated role without rules": role(
        kind="ClusterRole", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    ),
    "custom resources for edit": role(
        [["example.com"], ["widgets"], ["*"]],
        kind="ClusterRole",
        labels={f"{RBAC}/aggregate-to-edit": "true", f"{RBAC}/aggregate-to-admin": "true"},
    ),
    "secrets for edit, who has them": role(
        [[""], ["secrets"], ["get"]], kind="ClusterRole", labels={f"{RBAC}/aggregate-to-edit": "true"}
    ),
}


@pytest.mark.parametrize("obj", NEVER.values(), ids=NEVER)
def test_what_is_right_is_not_flagged(obj):
    assert found(obj) == []


@pytest.mark.parametrize("verb", ["create", "deletecollection", "list", "watch"])
@pytest.mark.parametrize("names", ["{{ .Values.names }}", ["${NAME}"], [], ["", "web"], None])
def test_names_that_may_be_none_are_not_flagged(verb, names):
    assert found(role([[""], ["configmaps"], ["get", verb], names])) == []


def test_create_with_names_is_right_for_who_applies_server_side():
    named = role([[""], ["configmaps"], ["get", "create", "patch"], ["web"]])
    assert found(named) == ["resource-names-without-name"]
    script = {"on": "push", "jobs": {"a": {"steps": [{"run": "kubectl apply --server-side -f web.yaml"}]}}}
    assert found(named, files={".github/workflows/deploy.yaml": yaml.safe_dump(script)}) == []


WRONG = [
    ([[""], ["pods"], ["GET"]], "rbac-rule-never-matches"),
    ([["v1"], ["pods"], ["get"]], "rbac-rule-never-matches"),
    ([["apps/v1"], ["deployments"], ["get"]], "rbac-rule-never-matches"),
    ([[""], ["Pods"], ["get"]], "rbac-rule-never-matches"),
    ([[""], ["pods/*"], ["get"]], "rbac-rule-never-matches"),
    ([["apps"], ["cronjobs"], ["get"]], "rbac-rule-never-matches"),
    ([["extensions"], ["ingresses"], ["get"]], "rbac-rule-never-matches"),
    ([[""], ["pods", "secrets"], ["get,list"]], "rbac-rule-never-matches"),
    ([[""], ["configmaps"], ["get"], ["*"]], "resource-names-wildcard"),
    ([[""], ["configmaps"], ["deletecollection"], ["a"]], "resource-names-without-name"),
    ([[""], ["persistentvolumes"], ["get"]], "cluster-scoped-resource-in-role"),
    ([[""], ["namespaces"], ["list", "watch", "create"]], "cluster-scoped-resource-in-role"),
    ([[""], ["pods"], []], "invalid-rbac-object"),
    ([[""], ["pods"], "get"], "invalid-rbac-object"),
    ([[], ["pods"], ["get"]], "invalid-rbac-object"),
]


@pytest.mark.parametrize(("rule", "expected"), WRONG)
def test_what_is_wrong_is_flagged_once(rule, expected):
    assert found(role(rule)) == [expected]


def test_an_old_cluster_serves_old_groups():
    old = role([["extensions"], ["ingresses"], ["get"]])
    for version, expected in (("1.21", []), ("v1.18.3", []), ("1.22", 1), ("1.34", 1), (None, 1)):
        settings = {"cluster": ClusterSettings(kubernetes=version)}
        assert found(old, **settings) == (["rbac-rule-never-matches"] if expected else [])


def test_words_of_custom_resources_come_from_their_definitions():
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget", "shortNames": ["wd"]}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names},
    }
    known = CustomResources(project(crd).objects("CustomResourceDefinition"))
    table = {"Widget": "widgets", "widget/status": "widgets/status", "wd": "widgets", "widgets": None, "other": None}
    assert {word: known.guess(("example.com",), word) for word in table} == table
    assert known.guess(("example.org",), "Widget") is known.guess(("example.com", "apps"), "Widget") is None


# What bindings name

KEPT = (plain("Namespace", "shop"), plain("Service", "web", "shop"))
NAMED = binding()


def missing(*objects, files=None, **settings):
    return found(*objects, select=MISSING, files=files, **settings)


def test_a_namespace_that_is_kept_in_the_tree_lacks_both():
    assert missing(*KEPT, NAMED) == list(MISSING)
    assert missing(*KEPT, NAMED, plain("ServiceAccount", "web", "shop")) == [MISSING[0]]
    assert missing(*KEPT, NAMED, role(name="web")) == [MISSING[1]]
    assert missing(*KEPT, NAMED, role(name="web"), plain("ServiceAccount", "web", "shop")) == []


@pytest.mark.parametrize(
    "objects",
    [
        [NAMED],
        [KEPT[0], NAMED],
        [KEPT[1], NAMED],
        [plain("Namespace", "other"), plain("Service", "web", "other"), NAMED],
        [*KEPT, binding(namespace=None)],
        [*KEPT, binding(namespace="${NAMESPACE}")],
        [*KEPT, binding(role_name="${ROLE}", account="$(ACCOUNT)")],
        [*KEPT, binding(role_kind="ClusterRole", role_name="view", account="default")],
        [*KEPT, binding(role_kind="ClusterRole", role_name="acme-reader", account="default")],
        [*KEPT, binding(role_kind="ClusterRole", role_name="system:acme", account="default")],
        [*KEPT, binding(role_kind="Widget", account="default")],
        [*KEPT, binding(role_kind="ClusterRole", role_name="edit", account="web", namespace="other")],
        [*KEPT, NAMED | {"subjects": [{"kind": "User", "name": "web"}], "roleRef": {"kind": "ClusterRole"}}],
        [*KEPT, NAMED | {"subjects": "{{ .subjects }}", "roleRef": "{{ .roleRef }}"}],
        [*KEPT, NAMED, plain("ServiceAccount", "{{ name }}", "shop"), role(name="${NAME}")],
        [plain("Namespace", "kube-system"), plain("Service", "web", "kube-system"), binding(namespace="kube-system")],
    ],
)
def test_in_doubt_nothing_is_missing(objects):
    assert missing(*objects) == []


def test_another_name_that_was_meant_is_enough():
    assert missing(role(name="pod-reader"), binding(role_name="pod-raeder", account="default")) == [MISSING[0]]
    assert missing(role(name="pod-reader-1"), binding(role_name="pod-reader-2", account="default")) == []
    assert missing(role(name="team-a"), binding(role_name="team-b", account="default")) == []
    assert missing(binding(role_kind="ClusterRole", role_name="cluster-admn", account="default")) == [MISSING[0]]
    other = plain("ServiceAccount", "importer", "other")
    assert missing(other, binding(role_kind="ClusterRole", role_name="view", account="imporetr")) == []


@pytest.mark.parametrize("entry", ["{}/shop/web", "{}/shop/*", "{}/*/web"])
def test_what_is_declared_external_is_not_missing(entry):
    external = tuple(entry.format(kind) for kind in ("Role", "ServiceAccount"))
    assert missing(*KEPT, NAMED, cluster=ClusterSettings(external=external)) == []
    assert missing(*KEPT, NAMED, cluster=ClusterSettings(external=("Role/shop/other",))) == list(MISSING)


def test_a_cluster_role_is_declared_without_a_namespace():
    named = binding(role_kind="ClusterRole", role_name="cluster-admn", account="default")
    assert missing(named, cluster=ClusterSettings(external=("ClusterRole/cluster-admn",))) == []


CHART = {"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "shop"}}}
FLUX = "kustomize.toolkit.fluxcd.io"
BRINGING = {
    "a release into the namespace": custom("HelmRelease", "helm.toolkit.fluxcd.io", chart=CHART),
    "a release that is told of the namespace": custom(
        "HelmRelease", "helm.toolkit.fluxcd.io", namespace="other", chart=CHART, values={"watch": "shop"}
    ),
    "k3s' charts": custom("HelmChart", "helm.cattle.io", chart="web", targetNamespace="shop"),
    "Flux's sources outside": custom(
        "Kustomization", FLUX, path="./deploy", sourceRef={"kind": "OCIRepository", "name": "web"}
    ),
    "Argo CD's sources outside": custom(
        "Application", "argoproj.io", namespace="argocd", source={"path": "deploy", "repoURL": "https://example.com/a"}
    ),
    "Argo CD's sets": custom("ApplicationSet", "argoproj.io", namespace="argocd"),
    "a custom resource in the namespace": custom("Kafka", "kafka.strimzi.io"),
    "a custom resource of the whole cluster": custom("Tenant", "tenants.example.com", namespace=None),
    "a ConfigMap that mentions the name": plain("ConfigMap", "x", "other") | {"data": {"setup.sh": "make web"}},
}
APART = {
    "a release into another namespace": custom(
        "HelmRelease", "helm.toolkit.fluxcd.io", namespace="other", chart={"spec": {"chart": "cache"}}
    ),
    "a custom resource in another namespace": custom("Kafka", "kafka.strimzi.io", namespace="other"),
    "a controller that makes no accounts": custom("ServiceMonitor", "monitoring.coreos.com"),
    "Flux's objects that build the tree": custom(
        "Kustomization", FLUX, path="./", sourceRef={"kind": "GitRepository", "name": "flux-system"}
    ),
}


@pytest.mark.parametrize("obj", BRINGING.values(), ids=BRINGING)
def test_what_may_bring_it_silences(obj):
    assert missing(*KEPT, NAMED, obj) == []


@pytest.mark.parametrize("obj", APART.values(), ids=APART)
def test_what_cannot_bring_it_does_not(obj):
    assert missing(*KEPT, NAMED, obj) == list(MISSING)


def workflow(run):
    return yaml.safe_dump({"on": "push", "jobs": {"a": {"steps": [{"run": run}]}}})


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "resources: [rbac.yaml, 'https://example.com/more.yaml']\n"},
        {"kustomization.yaml": "resources: [rbac.yaml]\nhelmCharts: [{name: web}]\n"},
        {"kustomization.yaml": "resources: [rbac.yaml, missing.yaml]\n"},
        {"kustomization.yaml": "resources: [rbac.yaml, '${MORE}']\n"},
        {"kustomization.yaml": "resources: [rbac.yaml]\ntransformers: [rename.yaml]\n"},
        {
            "kustomization.yaml": "resources: [rbac.yaml]\npatches:\n- target: {kind: RoleBinding}\n  patch: |\n"
            "    - {op: replace, path: /roleRef/name, value: a}\n    - {op: remove, path: /subjects/0}\n"
        },
        {"web/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n"},
        {"values.yaml": "serviceAccounts: {web: {}}\n"},
        {"play.yaml": "- hosts: all\n  tasks:\n  - name: make the account\n    k8s: {name: web, kind: Role}\n"},
        {".github/workflows/a.yaml": workflow("kubectl create serviceaccount web -n shop")},
        {".github/workflows/a.yaml": workflow("kubectl apply -f https://example.com/all.yaml")},
        {".github/workflows/a.yaml": workflow("make manifests | kubectl apply -f -")},
        {".github/workflows/a.yaml": workflow("helm upgrade --install shop acme/shop -n shop")},
    ],
)
def test_files_that_may_bring_it_silence(files):
    assert missing(*KEPT, NAMED, files=files) == []


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "namespace: shop\nresources: [rbac.yaml]\n"},
        {"kustomization.yaml": "resources: [rbac.yaml]\npatches:\n- target: {kind: Service}\n  patch: |\n    - {}\n"},
        {
            "kustomization.yaml": "resources: [rbac.yaml]\n",
            "other/kustomization.yaml": "namespace: other\nresources: ['https://example.com/more.yaml']\n",
        },
        {"values.yaml": "name: webserver\nimage: my-web\n"},
        {".github/workflows/a.yaml": workflow("kubectl apply -f rbac.yaml -n shop")},
        {"overlays/one/more.yaml": "- name: another file\n"},
    ],
)
def test_files_that_cannot_bring_it_do_not(files):
    assert missing(*KEPT, NAMED, files=files) == list(MISSING)


def test_kustomize_moves_and_renames():
    kustomization = {"kustomization.yaml": "namespace: shop\nnamePrefix: blue-\nresources: [rbac.yaml]\n"}
    account, other = plain("ServiceAccount", "web"), role(name="web")
    spaces = [KEPT[0], plain("Service", "web")]
    del other["metadata"]["namespace"]
    assert missing(*spaces, binding(namespace=None), account, other, files=kustomization) == []
    assert missing(*spaces, binding(namespace=None), files=kustomization) == list(MISSING)
    named = binding(namespace=None, role_name="blue-web", account="blue-web")
    assert missing(*spaces, named, account, other, files=kustomization) == []


def test_overlays_complete_shared_folders_and_not_each_other():
    named, account = yaml.safe_dump_all([*KEPT, NAMED]), yaml.safe_dump(plain("ServiceAccount", "web", "shop"))
    for folder, expected in (
        ("overlays/production", [MISSING[0]]),
        ("overlays/staging", list(MISSING)),
        ("clusters/home", [MISSING[0]]),
        ("base", [MISSING[0]]),
    ):
        files = {"overlays/production/rbac.yaml": named, f"{folder}/account.yaml": account}
        report = lint_texts(files, select=MISSING)
        assert [finding.meta.id for finding in report.findings] == expected, folder


def project(*objects):
    text = yaml.safe_dump_all(objects)
    return Project(Document(document) for document in read_documents("rbac.yaml", text).documents)


@pytest.mark.parametrize(("hidden", "expected"), [((), True), (("templates/role.yaml",), False)])
def test_files_that_could_not_be_read_may_hold_it(hidden, expected):
    tree = project(*KEPT, NAMED)
    tree.hidden_files = frozenset(hidden)
    presence = Presence(tree)
    wanted = presence.role_reference(tree.objects("RoleBinding")[0])
    assert presence.is_missing(wanted) is expected


def test_a_source_of_an_odd_shape_does_no_harm():
    odd = {"kind": ["GitRepository"], "name": {"of": "web"}}
    kustomization = custom("Kustomization", "kustomize.toolkit.fluxcd.io", path="./web", sourceRef=odd)
    objects = [plain("Namespace", "shop"), plain("ConfigMap", "web", "shop"), binding(), kustomization]
    assert found(*objects, select=MISSING, files={"web/web.yaml": ""}) == []
