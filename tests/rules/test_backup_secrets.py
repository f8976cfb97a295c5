"""The Secret that a backup target names: its keys, the space around its values, where it is."""

import base64

import pytest
from backup_trees import KUSTOMIZATION, NEW, TARGET, block, external, flux, obj, sealed, secret
from linting import lint_texts

INCOMPLETE, SPACE, PLACE = "backup-secret-incomplete", "backup-secret-whitespace", "backup-secret-in-wrong-namespace"
BOTH = "AWS_ACCESS_KEY_ID: a, AWS_SECRET_ACCESS_KEY: b"
ENCODED = {text: base64.b64encode(text.encode()).decode() for text in ("k", "k\n", " k")}
FETCHED = "dataFrom: [{extract: {key: longhorn}}]"
COPIED = "reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'"


def found(rule, *trees):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f.severity.value for f in report.findings if f.meta.id == rule]


def on(store):
    return TARGET.replace("s3://cellar@eu/", store)


def generated(**fields):
    entry = ", ".join(f"{key}: {value}" for key, value in fields.items())
    text = (
        f"{KUSTOMIZATION}namespace: longhorn-system\nresources: [t.yaml]\nsecretGenerator: [{{name: keys, {entry}}}]\n"
    )
    return {"a/kustomization.yaml": text, "a/t.yaml": TARGET}


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (secret(BOTH), 0),
        (block("|", "abc"), 1),
        (block("|-", "abc"), 0),
        (block(">", "abc"), 1),
        (block(">-", "abc"), 0),
        (block("|+", "abc\n"), 1),
        (block("|", "${KEY}"), 1),
        (block("|-", "${KEY}"), 0),
        (block("|", "{{ key }}"), 1),
        (block("|", "{{- key -}}"), 0),
        (block("|", "{% if a %}{{ key }}{%- endif %}"), 0),
        (block("|", "https://nas.lan", "AWS_ENDPOINTS"), 1),
        (block("|", "certificate", "AWS_CERT"), 0),
        (block("|", "anything", "NOTES"), 0),
        (secret("AWS_ACCESS_KEY_ID: '${KEY}', AWS_SECRET_ACCESS_KEY: ' b'"), 1),
        (secret("AWS_ACCESS_KEY_ID: 'ENC[AES256_GCM,data:x] ', AWS_SECRET_ACCESS_KEY: 'ENC[x]'"), 0),
        (block("|", "https://nas.lan", "AWS_ENDPOINTS").replace(": b\n", ": ENC[x]\n"), 1),
        (secret("AWS_ACCESS_KEY_ID: 7, AWS_SECRET_ACCESS_KEY: [a]"), 0),
        (secret("AWS_ACCESS_KEY_ID: 'a '", name="others"), 0),
        (secret("AWS_ACCESS_KEY_ID: 'a '", namespace="shop"), 0),
        (obj("Secret", f"data: {{AWS_ACCESS_KEY_ID: {ENCODED['k']}}}"), 0),
        (obj("Secret", f"data: {{AWS_ACCESS_KEY_ID: '{ENCODED[chr(107) + chr(10)]}'}}"), 1),
        (obj("Secret", f"data: {{AWS_ACCESS_KEY_ID: '{ENCODED[' k']}'}}"), 1),
        (obj("Secret", f"data:\n  AWS_ACCESS_KEY_ID: |\n    {ENCODED['k']}"), 0),
        (obj("Secret", f"data: {{A: {ENCODED[' k']}, AWS_CERT: '{ENCODED[chr(107) + chr(10)]}'}}"), 0),
        (obj("Secret", f"data: {{AWS_ACCESS_KEY_ID: {ENCODED[' k']}}}\nstringData: {{AWS_ACCESS_KEY_ID: k}}"), 0),
        (external("target: {template: {data: {AWS_ENDPOINTS: 'https://nas '}}}"), 1),
        (external('target: {template: {data: {AWS_ACCESS_KEY_ID: "{{ .id }}\\n"}}}'), 1),
        (external('target: {template: {data: {AWS_ACCESS_KEY_ID: "{{ .id -}}\\n"}}}'), 0),
        (generated(literals="['AWS_ACCESS_KEY_ID=a ']"), 1),
        (generated(literals="['AWS_ACCESS_KEY_ID=a']"), 0),
    ],
)
def test_space_around_a_value(tree, count):
    assert (
        found(SPACE, tree if isinstance(tree, dict) else {"secret.yaml": tree, "target.yaml": TARGET})
        == ["error"] * count
    )


def test_the_store_that_reads_no_secret():
    assert found(SPACE, on("nfs://nas:/b"), block("|", "abc")) == []
    assert found(SPACE, on("s3://a@b/"), block("|", "abc")) == ["error"]


@pytest.mark.parametrize(
    ("tree", "severities"),
    [
        (secret(BOTH), []),
        (secret("AWS_IAM_ROLE_ARN: arn"), []),
        (secret(""), ["error"]),
        (obj("Secret", "data:"), ["error"]),
        (obj("Secret", "data: [a]"), []),
        (obj("Secret", "stringData: ENC[x]"), []),
        (secret("AWS_ACCESS_KEY_ID: a"), ["error"]),
        (secret("AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: b"), ["error"]),
        (secret("AWS_ACCESS_KEY_ID: '${ID}', AWS_SECRET_ACCESS_KEY: b"), []),
        (secret("AWS_IAM_ROLE_ARN: '', AWS_ACCESS_KEY_ID: a, AWS_SECRET_ACCESS_KEY: b"), []),
        (secret(f"{BOTH}, AWS_ENDPOINT: c"), ["warning"]),
        (secret(f"{BOTH}, AWS_ENDPOINT: c, AWS_ENDPOINTS: c"), []),
        (secret(f"{BOTH}, AWS_REGION: c, BUCKET: d"), []),
        (secret("aws_access_key_id: a, aws_secret_access_key: b"), ["error", "error"]),
        (secret("access_key: a, secret_key: b"), ["error", "error"]),
        (secret("AWS_ACCESS_KEY_ID: 'ENC[x]', AWS_SECRET_ACCESS_KEY: 'ENC[x]'"), []),
        (secret("AWS_ACCESS_KEY_ID: 'ENC[x]'"), ["error"]),
        (secret("", annotations="reflector.v1.k8s.emberstack.com/reflects: storage/keys"), []),
        (secret("", annotations="replicator.v1.mittwald.de/replicate-from: storage/keys"), []),
        (secret("", annotations="owner: storage"), ["error"]),
        (sealed("encryptedData: {AWS_ACCESS_KEY_ID: x, AWS_SECRET_ACCESS_KEY: y}"), []),
        (sealed("encryptedData: {AWS_ACCESS_KEY_ID: x}"), ["error"]),
        (sealed("encryptedData: {AWS_ACCESS_KEY_ID: x}, template: {data: {AWS_SECRET_ACCESS_KEY: '{{ .a }}'}}"), []),
        (sealed("encryptedData: ~"), ["error"]),
        (external("data: [{secretKey: AWS_ACCESS_KEY_ID}, {secretKey: AWS_SECRET_ACCESS_KEY}]"), []),
        (external("data: [{secretKey: AWS_ACCESS_KEY_ID}]"), ["error"]),
        (external("data: [{secretKey: AWS_ACCESS_KEY_ID}]").replace("/v1", "/v1beta1"), ["error"]),
        (external("data: [{secretKey: AWS_ACCESS_KEY_ID}], target: {creationPolicy: Merge}"), []),
        (external("data: [{secretKey: AWS_ACCESS_KEY_ID}], target: {creationPolicy: Orphan}"), ["error"]),
        (external(FETCHED), []),
        (external(f"data: [{{secretKey: AWS_ACCESS_KEY}}], {FETCHED}"), []),
        (external(f"{FETCHED}, target: {{template: {{data: {{AWS_ACCESS_KEY_ID: '{{{{ .a }}}}'}}}}}}"), ["error"]),
        (external(f"{FETCHED}, target: {{template: {{mergePolicy: Merge, data: {{AWS_ACCESS_KEY_ID: a}}}}}}"), []),
        (external("target: {template: {templateFrom: [{configMap: {name: t}}]}}"), []),
        (obj("ClusterExternalSecret", "spec: {externalSecretSpec: {data: [{secretKey: A}]}}"), ["error"]),
        (generated(literals="[AWS_ACCESS_KEY_ID=a]"), ["error"]),
        (generated(literals="[AWS_ACCESS_KEY_ID=a, AWS_SECRET_ACCESS_KEY=b]"), []),
        (generated(envs="[keys.env]"), []),
    ],
)
def test_keys(tree, severities):
    assert (
        found(INCOMPLETE, tree if isinstance(tree, dict) else {"secret.yaml": tree, "target.yaml": TARGET})
        == severities
    )


@pytest.mark.parametrize(
    ("store", "keys", "severities"),
    [
        ("cifs://nas/b", "CIFS_USERNAME: a, CIFS_PASSWORD: b", []),
        ("cifs://nas/b", "CIFS_USERNAME: a", ["error"]),
        ("cifs://nas/b", "CIFS_USER: a, CIFS_PASSWORD: b", ["error"]),
        ("azblob://c@core.windows.net/", "AZBLOB_ACCOUNT_NAME: a, AZBLOB_ACCOUNT_KEY: b", []),
        ("azblob://c@core.windows.net/", "AZBLOB_ACCOUNT_NAME: a", ["error"]),
        ("nfs://nas:/b", "anything: a", []),
        ("${URL}", "anything: a", []),
    ],
)
def test_keys_of_other_stores(store, keys, severities):
    assert found(INCOMPLETE, on(store), secret(keys)) == severities


def test_several_that_fill_one_secret():
    part = external("data: [{secretKey: AWS_SECRET_ACCESS_KEY}], target: {creationPolicy: Merge}")
    assert found(INCOMPLETE, TARGET, secret("AWS_ACCESS_KEY_ID: a"), part) == []
    elsewhere = external("data: [{secretKey: AWS_SECRET_ACCESS_KEY}]", namespace="shop")
    assert found(INCOMPLETE, TARGET, secret("AWS_ACCESS_KEY_ID: a"), elsewhere) == ["error"]


@pytest.mark.parametrize(
    ("tree", "severities"),
    [
        (secret(BOTH), []),
        (secret(BOTH, namespace="default"), ["error"]),
        (secret(BOTH, namespace="'${NAMESPACE}'"), []),
        (secret(BOTH, namespace="default", annotations=COPIED), []),
        (secret(BOTH, name="other"), ["info"]),
        (sealed("encryptedData: {}", namespace="default"), ["error"]),
        (external(FETCHED), []),
        (external(FETCHED, namespace="default"), ["error"]),
        (external(FETCHED, namespace="default", annotations=COPIED), []),
        (external("target: {template: {data: {a: b}}}", namespace="default", annotations=COPIED), ["error"]),
        (external(f"target: {{template: {{metadata: {{annotations: {{{COPIED}}}}}}}}}", namespace="default"), []),
        (external(f"target: {{name: keys}}, {FETCHED}", name="other"), []),
        (external(f"target: {{name: other}}, {FETCHED}"), ["info"]),
        (external(f"target: {{creationPolicy: None}}, {FETCHED}"), ["info"]),
        (obj("ClusterExternalSecret", "spec: {externalSecretSpec: {target: {name: keys}}}", namespace="x"), []),
    ],
)
def test_namespaces(tree, severities):
    assert found(PLACE, TARGET, tree) == severities


@pytest.mark.parametrize(
    ("values", "namespace", "severities"),
    [
        (NEW, "longhorn-system", []),
        (NEW, "disks", ["error"]),
        (f"{{namespaceOverride: disks, {NEW}}}", "disks", []),
        (f"{{namespaceOverride: disks, {NEW}}}", "longhorn-system", ["error"]),
        (f"{{namespaceOverride: '', {NEW}}}", "longhorn-system", []),
        (f"{{namespaceOverride: '${{NAMESPACE}}', {NEW}}}", "disks", []),
    ],
)
def test_the_namespace_of_the_chart(values, namespace, severities):
    assert found(PLACE, flux("1.9.0", values), secret(BOTH, namespace=namespace)) == severities
    moved = flux("1.9.0", NEW, extra="  targetNamespace: disks\n")
    assert found(PLACE, moved, secret(BOTH, namespace="disks")) == []


def test_namespaces_that_a_kustomization_gives():
    moved = f"{KUSTOMIZATION}namespace: longhorn-system\nresources: [all.yaml]\n"
    both = f"{TARGET}---\n{secret(BOTH, namespace='default')}"
    assert found(PLACE, {"a/kustomization.yaml": moved, "a/all.yaml": both}) == []
    away = f"{KUSTOMIZATION}namespace: backups\nresources: [s.yaml]\n"
    assert found(PLACE, {"a/kustomization.yaml": away, "a/s.yaml": secret(BOTH), "t.yaml": TARGET}) == ["error"]
