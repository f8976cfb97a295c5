"""Rotation: what is annotated where, what is offered, and what crashes nothing."""

import pytest
from linting import lint_texts

RELOADER = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: reloader, namespace: kube-system}\n"
    "spec: {chart: {spec: {chart: reloader, sourceRef: {kind: HelmRepository, name: stakater}}}, values: VALUES}\n"
)
SECRET = (
    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\n"
    "spec: {refreshInterval: 1h, dataFrom: [{extract: {key: db}}]}\n"
)
WEB = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shopANNOTATIONS}\n"
    "spec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
    "    spec: {containers: [{name: web, image: a/b:1, envFrom: [{secretRef: {name: db}}]}]}\n"
)
APP = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\n"
    "spec:\n  chart: {spec: {chart: app-template, version: 4.4.0, sourceRef: {kind: HelmRepository, name: bjw-s}}}\n"
    "  values:\n    controllers:\n      web: {containers: {app: {ENV}}}\n"
)
RULE = "secret-consumer-not-reloaded"


def found(*texts, rule=RULE):
    files = {f"{index}.yaml": text for index, text in enumerate(texts)}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [finding for finding in report.findings if finding.meta.id == rule]


def reloader(values="{}"):
    return RELOADER.replace("VALUES", values)


def web(annotations=""):
    return WEB.replace("ANNOTATIONS", f", annotations: {annotations}" if annotations else "")


@pytest.mark.parametrize(
    ("annotations", "edit"),
    [
        ("", ("insert", "annotations", '{secret.reloader.stakater.com/auto: "true"}')),
        ("{owner: shop}", ("insert", "secret.reloader.stakater.com/auto", '"true"')),
        ("{}", ("insert", "secret.reloader.stakater.com/auto", '"true"')),
        ('{reloader.stakater.com/search: "true"}', None),
    ],
)
def test_the_annotation_is_offered(annotations, edit):
    (finding,) = found(reloader(), SECRET, web(annotations))
    edits = [(each.action, each.key, each.text) for fix in finding.fixes for each in fix.edits]
    assert edits == ([edit] if edit else [])


@pytest.mark.parametrize(
    ("values", "speaks"),
    [
        ("{}", True),
        ("{reloader: {}}", True),
        ("{reloader: {watchGlobally: true, autoReloadAll: false}}", True),
        ("{reloader: {autoReloadAll: true}}", False),
        ("{reloader: {autoReloadAll: '${ALL}'}}", False),
        ("{reloader: {watchGlobally: false}}", False),
        ("{reloader: {ignoreSecrets: true}}", False),
        ("{reloader: {ignoreNamespaces: shop}}", False),
        ("{reloader: {custom_annotations: {auto: example.org/auto}}}", False),
        ("{reloader: {deployment: {containers: [{args: [--auto-reload-all]}]}}}", False),
        ("${VALUES}", False),
    ],
)
def test_what_reloader_is_told(values, speaks):
    assert bool(found(reloader(values), SECRET, web())) is speaks


@pytest.mark.parametrize(
    ("env", "speaks"),
    [
        ("envFrom: [{secretRef: {name: db}}]", True),
        ("envFrom: [{secretRef: {name: '{{ .Release.Name }}'}}]", False),
        ("env: {PASSWORD: {valueFrom: {secretKeyRef: {name: db, key: a}}}}", True),
        ("env: {PASSWORD: {secretKeyRef: {name: db, key: a}}}", True),
        ("env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: a}}}]", True),
        ("env: {PASSWORD: db}", False),
        ("enabled: false, envFrom: [{secretRef: {name: db}}]", False),
        ("env: [~, 3, [], {valueFrom: 3}], envFrom: {a: b}", False),
        ("envFrom: [{secretRef: {name: [db]}}, {secretRef: db}, 4]", False),
    ],
)
def test_app_template(env, speaks):
    assert bool(found(reloader(), SECRET, APP.replace("ENV", env))) is speaks


@pytest.mark.parametrize(
    ("values", "speaks"),
    [
        ("env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}]", True),
        ("server: {extraEnvVars: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}]}", True),
        ("extraEnvFrom: [{secretRef: {name: db}}]", True),
        ("auth: {secretRef: {name: db}}", False),
        ("existingSecret: db", False),
        ("cronjob: {env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}]}", False),
        ("podAnnotations: {reloader.stakater.com/auto: 'true'}, extraEnvFrom: [{secretRef: {name: db}}]", False),
        ("podAnnotations: '${A}', extraEnvFrom: [{secretRef: {name: db}}]", False),
    ],
)
def test_any_chart(values, speaks):
    text = APP.replace("app-template", "shop").partition("  values:")[0] + f"  values: {{{values}}}\n"
    assert bool(found(reloader(), SECRET, text)) is speaks


@pytest.mark.parametrize("annotations", ["[]", "text", "7", "~", "{a: [1]}", "{reloader.stakater.com/auto: [1]}"])
@pytest.mark.parametrize("rule", ["rotation"])
def test_annotations_of_every_wrong_sort(annotations, rule):
    found(reloader(), SECRET, web(annotations), rule=rule)


@pytest.mark.parametrize("spec", ["~", "[]", "text", "{target: 3}", "{target: {name: [a]}, data: {a: b}}"])
def test_secrets_of_every_wrong_sort(spec):
    for kind in ("ExternalSecret", "ClusterExternalSecret"):
        head = f"apiVersion: external-secrets.io/v1\nkind: {kind}\nmetadata: {{name: db, namespace: shop}}\n"
        found(reloader(), f"{head}spec: {spec}\n", web(), rule="rotation")


def test_embedded_values_are_read():
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\n"
        "spec:\n  destination: {namespace: shop, server: https://kubernetes.default.svc}\n"
        "  source:\n    chart: web\n    repoURL: https://charts.example.org\n    targetRevision: 1.0.0\n"
        "    helm:\n      values: |\n        podAnnotations:\n          secrets.reloader.stakater.com/reload: db\n"
    )
    (finding,) = found(text, rule="unknown-reloader-annotation")
    assert (finding.place.start.line, finding.place.start.column) == (13, 11)
