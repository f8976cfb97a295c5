"""Backups and rotation under odd input: every value in every place, and very much of everything."""

import pytest
from backup_trees import TARGET, job, obj
from effort import grows_linearly
from linting import lint_texts
from rotation_trees import external, reloader, workload

BOTH = ("backup", "rotation")
VALUES = [
    "", "~", "7", "[]", "{}", "x", "[[{}]]", "{a: {b: [1]}}", "'${X}'", "-1.5", "true", "!vault x", '"\\x00"', ".nan",
    "2026-01-01", "[~, {name: ~}, 3]",
]  # fmt: skip
PLACES = {
    "longhorn.io/v1beta2 BackupTarget": ["spec", "spec.backupTargetURL", "spec.credentialSecret"],
    "longhorn.io/v1beta2 RecurringJob": ["spec", "spec.name", "spec.task", "spec.cron", "spec.groups", "spec.labels",
                                         "spec.retain", "spec.parameters", "spec.concurrency", "spec.retentionPolicy"],
    "longhorn.io/v1beta2 Setting": ["value"],
    "storage.k8s.io/v1 StorageClass": ["parameters", "parameters.recurringJobSelector"],
    "v1 Secret": ["data", "stringData", "immutable", "data.AWS_ACCESS_KEY_ID", "stringData.AWS_ACCESS_KEY_ID"],
    "v1 PersistentVolumeClaim": ["metadata.labels", "metadata.labels.recurring-job~longhorn~io/source"],
    "external-secrets.io/v1 ExternalSecret": ["spec", "spec.refreshInterval", "spec.refreshPolicy", "spec.target",
                                              "spec.target.name", "spec.target.template", "spec.target.template.data",
                                              "spec.target.template.metadata", "spec.data", "spec.dataFrom"],
    "external-secrets.io/v1 ClusterExternalSecret": ["spec", "spec.externalSecretSpec", "spec.externalSecretName"],
    "bitnami.com/v1alpha1 SealedSecret": ["spec", "spec.encryptedData", "spec.template", "spec.template.data"],
    "cert-manager.io/v1 Certificate": ["spec", "spec.secretName", "spec.secretTemplate"],
    "secrets.hashicorp.com/v1beta1 VaultStaticSecret": ["spec", "spec.destination", "spec.rolloutRestartTargets"],
    "secrets-store.csi.x-k8s.io/v1 SecretProviderClass": ["spec", "spec.secretObjects"],
    "apps/v1 Deployment": ["spec", "metadata.annotations", "spec.template", "spec.template.metadata",
                           "spec.template.metadata.annotations", "spec.template.spec", "spec.template.spec.volumes",
                           "spec.template.spec.containers"],
}  # fmt: skip
CHARTS = {
    "longhorn": ["", "defaultSettings", "defaultSettings.backupTarget", "defaultBackupStore", "namespaceOverride",
                 "persistence.recurringJobSelector", "persistence.recurringJobSelector.jobList"],
    "reloader": ["", "reloader", "reloader.autoReloadAll", "reloader.deployment", "reloader.watchGlobally"],
    "app-template": ["", "controllers", "controllers.a", "controllers.a.containers", "controllers.a.containers.b",
                     "controllers.a.containers.b.env", "controllers.a.containers.b.envFrom",
                     "controllers.a.annotations", "secrets", "persistence", "persistence.c", "defaultPodOptions"],
    "velero": ["schedules"],
}  # fmt: skip


def nested(path, value):
    """YAML in flow style that holds `value` at `path`; `~` stands for a dot within a key."""
    for step in reversed([step.replace("~", ".") for step in path.split(".") if step]):
        value = f"{{{step}: {value or '~'}}}"
    return value


def crashed(*texts):
    files = {f"{index}.yaml": text for index, text in enumerate((TARGET, reloader(), workload(), job(), *texts))}
    report = lint_texts(files, select=BOTH)
    return [finding.message for finding in report.findings] if report.crashed else []


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in PLACES.items() for path in paths])
def test_every_value_of_an_object(kind, path):
    api, name = kind.split()
    for value in VALUES:
        top, _, inner = path.partition(".")
        body = f"{top}: {nested(inner, value)}\n"
        meta = "" if top == "metadata" else "metadata: {name: keys, namespace: longhorn-system}\n"
        assert not crashed(f"apiVersion: {api}\nkind: {name}\n{meta}{body}"), value


@pytest.mark.parametrize(("chart", "path"), [(chart, path) for chart, paths in CHARTS.items() for path in paths])
def test_every_value_of_a_chart(chart, path):
    head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: longhorn-system}\n"
    for value in VALUES:
        assert not crashed(f"{head}spec: {{chart: {{spec: {{chart: {chart}}}}}, values: {nested(path, value)}}}\n"), (
            value
        )


@pytest.mark.parametrize("meta", ["~", "[]", "x", "{name: [a]}", "{name: keys, annotations: [a], labels: [b]}",
                                  "{name: keys, annotations: {reflector.v1.k8s.emberstack.com/reflects: 3}}",
                                  "{name: keys, labels: {recurring-job-group.longhorn.io/a: [1]}}"])  # fmt: skip
@pytest.mark.parametrize("kind", list(PLACES))
def test_every_kind_of_metadata(kind, meta):
    api, name = kind.split()
    assert not crashed(f"apiVersion: {api}\nkind: {name}\nmetadata: {meta}\nspec: {{}}\n")


def many(*makers):
    def work(count):
        files = {f"{index}.yaml": "---\n".join(make(index) for make in makers) for index in range(count)}
        report = lint_texts({"r.yaml": reloader(), "t.yaml": TARGET, **files}, select=BOTH)
        assert not report.crashed

    return work


def claim(index, *labels):
    meta = f"labels: {{{', '.join(labels)}}}, namespace: longhorn-system"
    return obj("PersistentVolumeClaim", "spec: {}", f"c{index}").replace("namespace: longhorn-system", meta)


@pytest.mark.parametrize(
    "work",
    [
        many(lambda i: external(name=f"s{i}"), lambda i: workload(f"envFrom: [{{secretRef: {{name: s{i}}}}}]")),
        many(lambda i: external(namespace=f"n{i}"), lambda i: workload(namespace=f"n{i}")),
        many(lambda i: external(name="keys", namespace=f"n{i}"), lambda i: TARGET.replace("default", f"t{i}")),
        many(lambda i: job(f"job{i}", groups=f"[g{i}]"),
             lambda i: claim(i, f"recurring-job-group.longhorn.io/g{i}: enabled")),
        many(lambda i: job(f"job{i}", groups=f"[g{i}]"),
             lambda i: claim(i, "recurring-job.longhorn.io/source: enabled",
                             f"recurring-job-group.longhorn.io/h{i}: enabled")),
    ],
    ids=["secrets", "one name", "targets", "ignored claims", "claims"],
)  # fmt: skip
def test_the_work_grows_with_the_tree(work):
    assert grows_linearly(work, 100)
