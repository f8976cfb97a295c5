"""What reads a Secret for as long as its pods live, what makes the Secret rotate, and what restarts the reader."""

import pytest
from linting import lint_texts
from rotation_trees import (
    AUTO,
    KUSTOMIZATION,
    MOUNTS,
    READS,
    SECRET_AUTO,
    SECRET_RELOAD,
    app,
    external,
    made,
    mounting,
    release,
    reloader,
    workload,
)

RULE, SUBPATH = "secret-consumer-not-reloaded", "secret-mounted-by-subpath"
ON = f"{{{AUTO}: 'true'}}"
MATCHED = "reloader.stakater.com/match: 'true'"
IGNORED = "reloader.stakater.com/ignore: 'true'"
SEARCHING = workload(own="{reloader.stakater.com/search: 'true'}")
SECRET = "{secretName: db}"
PROJECTED = "projected: {sources: [{secret: {name: db}}]}"
KEY = "{secretKeyRef: {name: db, key: a}}"


def found(*trees, rule=RULE):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f for f in report.findings if f.meta.id == rule]


def keeping(entry, kind="secret"):
    """A release of app-template that mounts the Secret."""
    return app(container="", rest=f", persistence: {{c: {{type: {kind}, name: db, {entry}}}}}")


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (workload(), 1),
        (workload(kind="StatefulSet"), 1),
        (workload(kind="DaemonSet"), 1),
        (workload(kind="Rollout"), 1),
        (workload(kind="Job"), 0),
        (workload(own="{helm.sh/hook: pre-install}"), 0),
        (
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: w, namespace: shop}}\nspec: {{containers: [{{{READS}}}]}}\n",
            0,
        ),
        (workload(f"env: [{{name: A, valueFrom: {KEY}}}]"), 1),
        (workload("env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a, optional: true}}}]"), 1),
        (workload("env: [{name: A, value: db}]"), 0),
        (workload("envFrom: [{configMapRef: {name: db}}]"), 0),
        (workload("envFrom: [{secretRef: {name: '${NAME}'}}]"), 0),
        (workload("command: [a]", rest=f", initContainers: [{{name: i, image: 'a/b:1', {READS}}}]"), 1),
        (mounting(f"secret: {SECRET}"), 1),
        (mounting(f"secret: {SECRET}").replace("subPath: a", "subPathExpr: $(A)"), 1),
        (mounting(f"secret: {SECRET}").replace(", subPath: a", ""), 0),
        (mounting(f"secret: {SECRET}").replace("subPath: a", "subPath: ''"), 0),
        (mounting(PROJECTED), 1),
        (mounting(PROJECTED).replace(", subPath: a", ""), 0),
        (mounting("configMap: {name: db}"), 0),
        (workload(f"{MOUNTS}, {READS}", rest=f", volumes: [{{name: v, secret: {SECRET}}}]"), 1),
        (workload(namespace="other"), 0),
    ],
)
def test_readers(tree, count):
    assert len(found(reloader(), external(), tree)) == count
    assert not found(external(), tree)


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (made("SealedSecret", "encryptedData: {a: b}"), 1),
        (made("SealedSecret", "encryptedData: {a: b}, template: {immutable: true}"), 0),
        (made("Certificate", "secretName: db", name="c"), 1),
        (made("VaultStaticSecret", "destination: {name: db}", name="v"), 1),
        (made("VaultDynamicSecret", "destination: {name: db}", name="v"), 1),
        (made("SecretProviderClass", "secretObjects: [{secretName: db, data: [{key: a}]}]", name="c"), 1),
        (made("OnePasswordItem", "itemPath: a"), 1),
        (made("InfisicalSecret", "managedSecretReference: {secretName: db}", name="i"), 1),
        (made("ClusterExternalSecret", "externalSecretSpec: {dataFrom: []}"), 1),
        (external("target: {name: db}, dataFrom: []", name="other"), 1),
        (external("target: {creationPolicy: None}, dataFrom: []"), 0),
        (external("target: {immutable: true}, dataFrom: []"), 0),
        (external("refreshInterval: '0', dataFrom: []"), 0),
        (external("refreshPolicy: CreatedOnce, dataFrom: []"), 0),
        (external(namespace="other"), 0),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: b}\n", 0),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: 'ENC[x]'}\n", 0),
    ],
)
def test_what_rotates(tree, count):
    assert len(found(reloader(), tree, workload())) == count


@pytest.mark.parametrize(
    ("own", "pod", "count"),
    [
        ("", "", 1),
        ("~", "", 1),
        (ON, "", 0),
        (f"{{{SECRET_AUTO}: 'true'}}", "", 0),
        ("{configmap.reloader.stakater.com/auto: 'true'}", "", 1),
        (f"{{{AUTO}: 'T'}}", "", 0),
        (f"{{{AUTO}: 'yes'}}", "", 1),
        (f"{{{AUTO}: 'false'}}", "", 0),
        (f"{{{AUTO}: '${{AUTO}}'}}", "", 0),
        ("'${ANNOTATIONS}'", "", 0),
        ("", ON, 0),
        (f"{{{AUTO}: 'false'}}", ON, 0),
        (f"{{{SECRET_RELOAD}: other}}", ON, 1),
        ("{configmap.reloader.stakater.com/reload: other}", ON, 0),
        (f"{{{SECRET_RELOAD}: 'other,db'}}", "", 0),
        (f"{{{SECRET_RELOAD}: 'd.*'}}", "", 0),
        (f"{{{SECRET_RELOAD}: d}}", "", 1),
        ("{secrets.reloader.stakater.com/reload: db}", "", 1),
        (f"{{{AUTO}: 'true', secrets.exclude.reloader.stakater.com/reload: db}}", "", 0),
        ("{secrets.exclude.reloader.stakater.com/reload: db}", "", 0),
        ("{secrets.exclude.reloader.stakater.com/reload: other}", "", 1),
        ("{wave.pusher.com/update-on-config-change: 'true'}", "", 0),
        ("{wave.pusher.com/update-on-config-change: 'false'}", "", 1),
        ("", "{vault.hashicorp.com/agent-inject: 'true'}", 0),
        ("", "{vault.hashicorp.com/agent-inject: 'true', vault.hashicorp.com/agent-pre-populate-only: 'true'}", 1),
        ("{operator.1password.io/auto-restart: 'true'}", "", 0),
        ("{secrets.doppler.com/reload: 'true'}", "", 0),
        ("{secrets.infisical.com/auto-reload: 'true'}", "", 0),
        ("", "{checksum/secret: abc}", 1),
    ],
)
def test_annotations(own, pod, count):
    assert len(found(reloader(), external(), workload(own=own, pod=pod))) == count


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (external(), 1),
        (external(annotations=MATCHED), 0),
        (external("target: {template: {data: {a: b}}}", annotations=MATCHED), 1),
        (external(f"target: {{template: {{metadata: {{annotations: {{{MATCHED}}}}}}}}}"), 0),
        (made("SealedSecret", f"template: {{metadata: {{annotations: {{{MATCHED}}}}}}}"), 0),
        (made("SealedSecret", "encryptedData: {a: b}", annotations=MATCHED), 1),
        (made("Certificate", f"secretName: db, secretTemplate: {{annotations: {{{MATCHED}}}}}", name="c"), 0),
        (made("Certificate", "secretName: db", name="c"), 1),
        (made("VaultStaticSecret", f"destination: {{name: db, annotations: {{{MATCHED}}}}}", name="v"), 0),
        (made("SecretProviderClass", f"secretObjects: [{{secretName: db, annotations: {{{MATCHED}}}}}]", name="c"), 0),
    ],
)
def test_what_a_search_finds(tree, count):
    assert len(found(reloader(), tree, SEARCHING)) == count


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (external(annotations="owner: shop"), 1),
        (external(annotations=IGNORED), 0),
        (external(f"target: {{template: {{metadata: {{annotations: {{{IGNORED}}}}}}}}}"), 0),
        (external("target: {template: {data: {a: b}}}", annotations=IGNORED), 1),
    ],
)
def test_what_reloader_is_to_ignore(tree, count):
    assert len(found(reloader(), tree, workload())) == count


@pytest.mark.parametrize(
    ("targets", "count"),
    [
        ("[{kind: Deployment, name: web}]", 0),
        ("[{kind: Deployment, name: other}]", 1),
        ("[{kind: StatefulSet, name: web}]", 1),
        ("[]", 1),
    ],
)
def test_what_vault_restarts(targets, count):
    tree = made("VaultStaticSecret", f"destination: {{name: db}}, rolloutRestartTargets: {targets}", name="v")
    assert len(found(reloader(), tree, workload())) == count


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (app(), 1),
        (app(container="envFrom: [{secretRef: {identifier: db}}]"), 0),
        (app(container="envFrom: [{secret: db}]"), 1),
        (app(container="envFrom: [{secret: db}]", rest=", secrets: {db: {stringData: {a: b}}}"), 0),
        (app(container="envFrom: [{secret: db}]", rest=", secrets: '${SECRETS}'"), 0),
        (app(container=f"env: {{A: {{valueFrom: {KEY}}}}}"), 1),
        (app(container=f"env: {{A: {KEY}}}"), 1),
        (app(container="env: {A: {valueFrom: {secretKeyRef: {identifier: db, key: a}}}}"), 0),
        (app(f"annotations: {ON}, "), 0),
        (app(f"pod: {{annotations: {ON}}}, "), 0),
        (app(rest=f", defaultPodOptions: {{annotations: {ON}}}"), 0),
        (app(rest=f", global: {{annotations: {ON}}}"), 0),
        (app(rest=", defaultPodOptions: {annotations: {a: b}}"), 1),
        (app("type: cronjob, "), 0),
        (app("type: statefulset, "), 1),
        (app("enabled: false, "), 0),
        (app(f"initContainers: {{i: {{{READS}}}}}, ", container=""), 1),
        (keeping("globalMounts: [{subPath: a}]"), 1),
        (keeping("globalMounts: [{path: /a}]"), 0),
        (keeping("globalMounts: [{subPath: a}]", kind="configMap"), 0),
        (keeping("enabled: false, globalMounts: [{subPath: a}]"), 0),
        (keeping("enabled: true, globalMounts: [{subPath: a}]"), 1),
        (keeping("advancedMounts: {web: {app: [{subPath: a}]}}"), 1),
        (keeping("advancedMounts: {other: {app: [{subPath: a}]}}"), 0),
        (app(extra=f", commonMetadata: {{annotations: {ON}}}"), 0),
        (app(extra=", commonMetadata: {annotations: '${ANNOTATIONS}'}"), 0),
        (app(extra=", commonMetadata: {annotations: {a: b}}"), 1),
        (app(extra=f", postRenderers: [{{kustomize: {{patches: [{{patch: {{annotations: {ON}}}}}]}}}}]"), 0),
        (app(extra=", postRenderers: [{kustomize: {images: [{name: a}]}}]"), 1),
        (app(extra=", valuesFrom: [{kind: ConfigMap, name: outside}]"), 0),
        (release(f"{{{READS}}}", "shop", "web", "shop"), 1),
        (release(f"{{{READS}, podAnnotations: {ON}}}", "shop", "web", "shop"), 0),
        (release(f"{{{READS}, deploymentAnnotations: {ON}}}", "shop", "web", "shop"), 0),
        (release(f"{{{READS}, podAnnotations: {{a: b}}}}", "shop", "web", "shop"), 1),
        (release(f"{{migrationJob: {{{READS}}}}}", "shop", "web", "shop"), 0),
    ],
)  # fmt: skip
def test_charts(tree, count):
    assert len(found(reloader(), external(), tree)) == count


def test_a_name_made_of_the_release():
    named = app(container="envFrom: [{secretRef: {name: '{{ .Release.Name }}-db'}}]")
    assert len(found(reloader(), external(name="web-db"), named)) == 1
    assert not found(reloader(), external(name="other-db"), named)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("namespace: shop\n", 1),
        (f"namespace: shop\ncommonAnnotations: {ON}\n", 0),
        ("namespace: shop\npatches: [{path: p.yaml}]\n", 0),
        ("namespace: shop\nsecretGenerator: [{name: db, literals: [a=b]}]\n", 0),
    ],
)
def test_kustomizations(lines, count):
    patch = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, annotations: {ON}}}\n"
    tree = {
        "k/kustomization.yaml": f"{KUSTOMIZATION}resources: [w.yaml, e.yaml]\n{lines}",
        "k/w.yaml": workload(namespace="a"),
        "k/e.yaml": external(namespace="b"),
    }
    assert len(found(reloader(), tree | ({"k/p.yaml": patch} if "p.yaml" in lines else {}))) == count


@pytest.mark.parametrize(
    "tree",
    [
        f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {{name: p}}\nspec: {{a: {{+({AUTO}): 'true'}}}}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x, namespace: argocd}\n"
        f"spec: {{source: {{repoURL: x, path: a, kustomize: {{commonAnnotations: {ON}}}}}}}\n",
    ],
)
def test_what_annotates_everything(tree):
    assert found(reloader(), external(), workload())
    assert not found(reloader(), external(), workload(), tree)


@pytest.mark.parametrize(
    ("trees", "count"),
    [
        ((mounting(f"secret: {SECRET}"),), 1),
        ((mounting("secret: {secretName: db, optional: true}"),), 1),
        ((mounting(f"secret: {SECRET}").replace("subPath: a", "subPath: ''"),), 0),
        ((mounting("configMap: {name: db}"),), 0),
        ((mounting(f"secret: {SECRET}").replace("kind: Deployment", "kind: Job"),), 0),
        ((mounting(f"secret: {SECRET}"), "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nimmutable: true\n"), 0),
        ((mounting(f"secret: {SECRET}"), reloader("{autoReloadAll: true}")), 0),
        ((mounting(f"secret: {SECRET}"), reloader()), 1),
        ((mounting(f"secret: {SECRET}"), reloader(), external()), 0),  # the other rule speaks of it
        ((mounting(f"secret: {SECRET}").replace("shop}", f"shop, annotations: {ON}}}"), reloader()), 0),
    ],
)
def test_single_paths(trees, count):
    assert len(found(*trees, rule=SUBPATH)) == count
