"""Where a backup target stands, by Longhorn's version and by what installs it; what else counts as the target."""

import pytest
from backup_trees import (
    NEW,
    OLD,
    TARGET,
    argo,
    chart_dependency,
    flux,
    flux_oci,
    helmfile,
    k3s,
    manager,
    obj,
    workflow,
)
from linting import lint_texts

RULE = "removed-longhorn-setting"
IMAGE = "longhornio/longhorn-manager"
DIGEST = "sha256:" + "0" * 64
URL = "https://github.com/longhorn/charts/releases/download/longhorn-{0}/longhorn-{0}.tgz"
SETTING = obj("Setting", "value: 's3://cellar@eu/'", name="backup-target")
PARAMETERS = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: longhorn, namespace: argocd}\n"
    "spec:\n  destination: {namespace: longhorn-system, server: https://kubernetes.default.svc}\n"
    "  sources:\n    - chart: longhorn\n      repoURL: https://charts.longhorn.io\n      targetRevision: 1.9.0\n"
    "      helm: {parameters: [{name: defaultSettings.backupTarget, value: 'nfs://nas:/b'}]}\n"
)
SET = (
    "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: longhorn, namespace: kube-system}\n"
    "spec:\n  chart: longhorn\n  version: 1.9.0\n  set: {defaultSettings.backupTarget: 'nfs://nas:/b'}\n"
)


def found(*trees, rule=RULE):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f for f in report.findings if f.meta.id == rule]


def severities(*trees, rule=RULE):
    return [finding.severity.value for finding in found(*trees, rule=rule)]


@pytest.mark.parametrize(
    ("tree", "severity"),
    [
        (flux("1.7.3", OLD), None),
        (flux("1.7.x", OLD), None),
        (flux("~1.7.0", OLD), None),
        (flux("1.x", OLD), "warning"),
        (flux("*", OLD), "warning"),
        (flux("${VERSION}", OLD), "warning"),
        (flux("latest", OLD), "warning"),
        (flux(">=1.8.0", OLD), "error"),
        (flux("v1.8.1", OLD), "error"),
        (flux("103.3.1+up1.6.2", OLD), None),
        (flux("106.2.0+up1.8.1", OLD), "error"),
        (flux(">=106", OLD), "warning"),
        (flux_oci("{tag: 1.7.2}", OLD), None),
        (flux_oci("{tag: 1.9.0}", OLD), "error"),
        (flux_oci("{semver: '>=1.8'}", OLD), "error"),
        (flux_oci("{semver: '~1.7'}", OLD), None),
        (flux_oci("{semver: '1.x'}", OLD), "warning"),
        (flux_oci(f"{{digest: '{DIGEST}'}}", OLD), "warning"),
        (flux_oci(f"{{tag: 1.9.0, digest: '{DIGEST}'}}", OLD), "error"),
        (argo("1.7.*", OLD), None),
        (argo("1.9.*", OLD), "error"),
        (argo("main", OLD), "warning"),
        (PARAMETERS, "error"),
        (PARAMETERS.replace("1.9.0", "1.7.0"), None),
        (k3s("1.9.0", OLD), "error"),
        (k3s(None, OLD, URL.format("1.9.0")), "error"),
        (k3s(None, OLD, URL.format("1.7.2")), None),
        (SET, "error"),
        (chart_dependency("1.7.2", OLD), None),
        (chart_dependency("1.9.0", OLD), "error"),
        (chart_dependency("1.9.0", OLD, alias="disks"), "error"),
        (chart_dependency("1.x", OLD), "warning"),
        (helmfile("1.7.2", OLD), None),
        (helmfile("1.9.0", OLD), "error"),
        (helmfile(None, OLD), "warning"),
        (workflow("1.7.2", "--set defaultSettings.backupTarget=nfs://nas:/b"), None),
        (workflow("1.9.0", "--set defaultSettings.backupTarget=nfs://nas:/b"), "error"),
        (workflow(None, "--set defaultSettings.backupTarget=nfs://nas:/b"), "warning"),
        (flux("1.9.0", OLD, chart="other"), None),
    ],
)
def test_versions_of_every_wrapper(tree, severity):
    assert severities(tree) == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("image", "severity"),
    [
        (f"{IMAGE}:v1.7.2", None),
        (f"{IMAGE}:v1.9.0", "error"),
        (f"{IMAGE}:v1.8.1-hotfix-1", "error"),
        (f"registry.example:5000/{IMAGE}:v1.9.0@{DIGEST}", "error"),
        ("rancher/mirrored-longhornio-longhorn-manager:v1.9.0", "error"),
        ("rancher/mirrored-longhornio-longhorn-manager:v1.7.2", None),
        ("registry.example/longhorn-manager:v1.9.0", "error"),
        (f"{IMAGE}:master-head", "warning"),
        (f"{IMAGE}@{DIGEST}", "warning"),
        (IMAGE, "warning"),
        ("registry.example/other:v1.7.2", "warning"),
    ],
)
def test_versions_of_the_manager(image, severity):
    assert severities(manager(image), SETTING) == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("values", "severity"),
    [
        (OLD, "error"),
        ("defaultSettings: {backupTarget: ~, backupTargetCredentialSecret: ~}", None),
        ("defaultSettings: {backupTarget: '~'}", None),
        ("defaultSettings: {backupTarget: 'null'}", None),
        ("defaultSettings: {backupTarget: ''}", None),
        ("defaultSettings: {backupTarget: '${TARGET}'}", "error"),
        ("defaultSettings: {backupstorePollInterval: 300}", "warning"),
        ("defaultSettings: {backupTargetCredentialSecret: keys}", "warning"),
        ("defaultSettings: '${SETTINGS}'", None),
        ("defaultSettings: {defaultReplicaCount: 2} # backupTarget: nfs://nas:/b", None),
        (NEW, None),
        (f"{{{OLD}, {NEW}}}", "info"),
    ],
)
def test_what_is_given(values, severity):
    assert severities(flux("1.9.0", values)) == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        (TARGET, "info"),
        (TARGET.replace("name: default", "name: second"), "error"),
        (TARGET.replace("'s3://cellar@eu/'", "''"), "error"),
        (obj("ConfigMap", "data: {default-resource.yaml: 'backup-target: nfs://nas:/b'}", "longhorn-default-resource"),
         "info"),
    ],
)  # fmt: skip
def test_another_place_that_is_read(other, severity):
    (finding,) = found(flux("1.9.0", OLD), other)
    assert finding.severity.value == severity
    assert [fix.title for fix in finding.fixes] == [
        "remove the old settings" if severity == "info" else "move to `defaultBackupStore`"
    ]
    assert severities(manager(f"{IMAGE}:v1.9.0"), SETTING, other) == [severity]


def test_a_target_of_another_cluster_replaces_nothing():
    trees = {"clusters/a/lh.yaml": flux("1.9.0", OLD), "clusters/b/target.yaml": TARGET}
    assert severities(trees) == ["error"]


def test_keys_that_the_new_place_lacks_are_moved():
    values = f"{{{OLD}, defaultBackupStore: {{backupTarget: 's3://cellar@eu/'}}}}"
    (finding,) = found(flux("1.9.0", values))
    edits = [(edit.action, edit.key, edit.text) for edit in finding.fixes[0].edits]
    assert edits == [("delete", "", ""), ("insert", "backupTargetCredentialSecret", '"keys"')]
    (finding,) = found(flux("1.9.0", f"{{{OLD}, {NEW}}}"))
    assert [edit.action for edit in finding.fixes[0].edits] == ["delete"]


@pytest.mark.parametrize("tree", [PARAMETERS, SET])
def test_an_assignment_is_named_as_a_setting(tree):
    (finding,) = found(tree)
    assert finding.message.startswith("`defaultSettings.backupTarget` is ignored")


@pytest.mark.parametrize(
    ("tree", "severity"),
    [
        (TARGET.replace("credentialSecret: keys", "credentialSecret: ~"), "error"),
        (TARGET.replace("credentialSecret: keys", "credentialSecret: ''"), "error"),
        (TARGET.replace("credentialSecret: keys", "credentialSecret: '${SECRET}'"), None),
        (TARGET.replace("'s3://cellar@eu/', credentialSecret: keys", "'${URL}'"), None),
        (TARGET.replace("s3://cellar@eu/', credentialSecret: keys", "nfs://nas:/b'"), None),
        (TARGET.replace("s3://cellar@eu/', credentialSecret: keys", "cifs://nas/b'"), "error"),
        (TARGET.replace("s3://cellar@eu/', credentialSecret: keys", "azblob://c@core.windows.net/'"), "error"),
        (TARGET.replace("name: default", "name: second").replace(", credentialSecret: keys", ""), "error"),
        (flux("1.9.0", NEW.replace("Secret: keys", "Secret: '~'")), "error"),
        (flux("1.9.0", OLD.replace(", backupTargetCredentialSecret: keys", "")), None),
        (flux("1.7.2", OLD.replace(", backupTargetCredentialSecret: keys", "")), "error"),
        (flux(None, OLD.replace(", backupTargetCredentialSecret: keys", "")), "warning"),
    ],
)
def test_targets_without_a_secret(tree, severity):
    assert severities(tree, rule="backup-target-without-credentials") == ([severity] if severity else [])
