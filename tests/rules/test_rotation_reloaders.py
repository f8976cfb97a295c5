"""Reloader: how it is installed, what it is told, which of its annotations count; ExternalSecrets that stand still."""

import pytest
from linting import lint_texts
from rotation_trees import AUTO, KUSTOMIZATION, SECRET_RELOAD, app, external, made, release, reloader, workload

RULE, UNKNOWN, MISSING = "secret-consumer-not-reloaded", "unknown-reloader-annotation", "reloader-not-installed"
STILL = "external-secret-never-refreshes"
WRONG = "secrets.reloader.stakater.com/reload"
OCI = (
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: reloader, namespace: kube-system}\n"
    "spec: {url: 'oci://registry.example/charts/reloader', ref: {tag: 2.2.0}}\n---\n"
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: reloader, namespace: kube-system}\n"
    "spec: {chartRef: {kind: OCIRepository, name: reloader}}\n"
)


def found(*trees, rule=RULE):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f for f in report.findings if f.meta.id == rule]


def deployed(image="ghcr.io/stakater/reloader:v1.4.0", container=""):
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: reloader, namespace: kube-system}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: r, image: '{image}'{container}}}]}}}}}}\n"
    )


def argo(parameters=""):
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: reloader, namespace: argocd}\n"
        "spec:\n  destination: {namespace: r, server: 'https://kubernetes.default.svc'}\n"
        "  source:\n    chart: reloader\n    repoURL: https://charts.example\n    targetRevision: 2.2.0\n"
        f"    helm: {{parameters: [{parameters}]}}\n"
    )


def k3s():
    return (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: reloader, namespace: kube-system}\n"
        "spec: {chart: reloader, repo: 'https://charts.example', targetNamespace: r}\n"
    )


@pytest.mark.parametrize(
    ("tree", "speaks"),
    [
        (reloader(), True),
        (OCI, True),
        (argo(), True),
        (argo("{name: reloader.autoReloadAll, value: 'true'}"), False),
        (k3s(), True),
        (deployed(), True),
        (deployed("registry.example/reloader@sha256:00"), True),
        (deployed(container=", args: [--auto-reload-all=true]"), False),
        (deployed(container=", args: [--auto-reload-all]"), False),
        (deployed(container=", args: [--auto-reload-all=false]"), True),
        (deployed(container=", args: [--log-format=json]"), True),
        (deployed(container=", args: [--resources-to-ignore=secrets]"), False),
        (deployed(container=", args: ['${ARGS}']"), False),
        (deployed(container=", env: [{name: KUBERNETES_NAMESPACE, value: shop}]"), True),
        (deployed(container=", env: [{name: KUBERNETES_NAMESPACE, value: other}]"), False),
        (deployed("quay.io/prometheus-operator/prometheus-config-reloader:v1"), False),
        ("", False),
    ],
)
def test_installations(tree, speaks):
    assert bool(found(tree, external(), workload())) is speaks


@pytest.mark.parametrize(
    ("flags", "speaks"),
    [
        ("{resourceLabelSelector: '', ignoreNamespaces: '', custom_annotations: {}, ignoreSecrets: false}", True),
        ("{isArgoRollouts: true, reloadOnCreate: true, logFormat: json}", True),
        ("{autoReloadAll: 'true'}", False),
        ("{ignoreSecrets: true}", False),
        ("{namespaceSelector: a=b}", False),
        ("{resourceLabelSelector: a=b}", False),
        ("{custom_annotations: {auto: example.org/reload}}", False),
        ("{webhookUrl: 'https://hooks.example'}", False),
    ],
)
def test_flags(flags, speaks):
    assert bool(found(reloader(flags), external(), workload())) is speaks


@pytest.mark.parametrize(("namespace", "speaks"), [("kube-system", False), ("shop", True)])
def test_one_namespace_only(namespace, speaks):
    tree = release("{reloader: {watchGlobally: false}}", namespace=namespace)
    assert bool(found(tree, external(), workload())) is speaks


@pytest.mark.parametrize(
    ("tree", "seen"),
    [
        (reloader(), False),
        (reloader("{isArgoRollouts: true}"), True),
        (reloader("{isArgoRollouts: '${ROLLOUTS}'}"), True),
        (deployed(), False),
        (deployed(container=", args: [--is-Argo-Rollouts=true]"), True),
        (deployed(container=", args: [--is-Argo-Rollouts=false]"), False),
    ],
)
def test_rollouts_have_to_be_seen(tree, seen):
    (finding,) = found(tree, external(), workload(kind="Rollout"))
    assert ("isArgoRollouts" in finding.help_text) is not seen
    (finding,) = found(tree, external(), workload())
    assert "isArgoRollouts" not in finding.help_text


def test_another_cluster_has_its_own():
    trees = {"clusters/a/r.yaml": reloader(), "clusters/b/w.yaml": f"{external()}---\n{workload()}"}
    assert not found(trees)
    assert found(trees | {"clusters/b/r.yaml": reloader()})


@pytest.mark.parametrize(
    ("annotations", "count"),
    [
        ("{reloader.stakater.com/reload: db}", 1),
        (f"{{{WRONG}: db}}", 1),
        ("{configmaps.reloader.stakater.com/reload: db}", 1),
        ("{config.reloader.stakater.com/reload: db}", 1),
        ("{secret.exclude.reloader.stakater.com/reload: db}", 1),
        ("{reloader.stakater.com/auto-reload: 'true'}", 1),
        (f"{{{AUTO}: true}}", 1),
        (f"{{{AUTO}: 'yes'}}", 1),
        ("{reloader.stakater.com/search: 'True'}", 1),
        (f"{{{AUTO}: 'true'}}", 0),
        (f"{{{AUTO}: 'false'}}", 0),
        (f"{{{SECRET_RELOAD}: ''}}", 0),
        ("{secretproviderclass.reloader.stakater.com/auto: 'true'}", 0),
        ("{secretproviderclasses.exclude.reloader.stakater.com/reload: a}", 0),
        ("{reloader.stakater.com/rollout-strategy: restart}", 0),
        ("{deployment.reloader.stakater.com/pause-period: 5m}", 0),
        ("{reloader.stakater.com/last-reloaded-from: x}", 0),
        ("{stakater.com/reload: db}", 0),
        ("{'${KIND}.reloader.stakater.com/reload': db}", 0),
    ],
)
def test_annotations(annotations, count):
    assert len(found(workload(own=annotations), rule=UNKNOWN)) == count
    assert len(found(workload(pod=annotations), rule=UNKNOWN)) == count
    assert len(found(app(f"annotations: {annotations}, "), rule=UNKNOWN)) == count


def test_annotations_of_a_patch():
    patch = f"|\n      kind: Deployment\n      metadata:\n        name: x\n        annotations:\n          {WRONG}: a\n"
    text = f"{KUSTOMIZATION}patches:\n  - target: {{kind: Deployment}}\n    patch: {patch}"
    assert len(found({"kustomization.yaml": text}, rule=UNKNOWN)) == 1
    assert not found({"kustomization.yaml": text.replace("secrets.", "secret.")}, rule=UNKNOWN)


@pytest.mark.parametrize(
    ("annotations", "trees", "count"),
    [
        (f"{{{AUTO}: 'true'}}", (), 1),
        (f"{{{AUTO}: 'false'}}", (), 0),
        (f"{{{WRONG}: a}}", (), 0),
        (f"{{{AUTO}: 'true'}}", (reloader(),), 0),
        (f"{{{AUTO}: 'true'}}", (deployed(),), 0),
        (f"{{{AUTO}: 'true'}}", ("kind: A\nurl: https://stakater.github.io/stakater-charts\n",), 0),
        (f"{{{AUTO}: 'true'}}", (app(container="image: {repository: ghcr.io/stakater/reloader}"),), 0),
        (f"{{{AUTO}: 'true'}}", ({"clusters/a/r.yaml": reloader()},), 0),
    ],
)
def test_annotations_that_nothing_reads(annotations, trees, count):
    assert len(found(workload(own=annotations), *trees, rule=MISSING)) == count


@pytest.mark.parametrize(
    ("interval", "count"),
    [
        ("'0'", 1),
        ("0", 1),
        ("0s", 1),
        ("0m", 1),
        ("0h0m0s", 1),
        ("0.0s", 1),
        ("1h", 0),
        ("10s", 0),
        ("1h0m0s", 0),
        ("0h1m", 0),
        ("'${INTERVAL}'", 0),
        ("''", 0),
        ("~", 0),
        ("never", 0),
    ],
)
def test_intervals(interval, count):
    assert len(found(external(f"refreshInterval: {interval}, dataFrom: []"), rule=STILL)) == count


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (external("refreshPolicy: CreatedOnce, refreshInterval: 1h"), 1),
        (external("refreshPolicy: OnChange, refreshInterval: '0'"), 0),
        (external("refreshInterval: '0', target: {immutable: true}"), 0),
        (external("refreshInterval: '0', target: {creationPolicy: Orphan}"), 0),
        (external("refreshInterval: '0', dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}]"), 0),
        (made("ClusterExternalSecret", "externalSecretSpec: {refreshInterval: '0'}"), 1),
        (made("ClusterExternalSecret", "refreshTime: 0s, externalSecretSpec: {refreshInterval: 1h}"), 0),
    ],
)
def test_what_is_never_fetched_again(tree, count):
    assert len(found(tree, rule=STILL)) == count
