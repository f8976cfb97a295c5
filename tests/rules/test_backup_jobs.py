"""Longhorn's recurring jobs: which are refused, which run for nothing, and what else makes backups."""

import pytest
from backup_trees import KUSTOMIZATION, TARGET, flux, job, manager, obj
from linting import lint_texts

INVALID, NOTHING, NEVER = "invalid-recurring-job", "backup-job-selects-nothing", "backup-never-scheduled"
SOURCE = "recurring-job.longhorn.io/source: enabled"
GROUP = "recurring-job-group.longhorn.io/db: enabled"


def found(rule, *trees):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f.severity.value for f in report.findings if f.meta.id == rule]


def labelled(kind, labels, body="spec: {}"):
    return obj(kind, body, name="data").replace("namespace: longhorn-system", f"namespace: shop, labels: {{{labels}}}")


def claim(*labels):
    return labelled("PersistentVolumeClaim", ", ".join(labels))


def storage_class(parameters):
    return obj("StorageClass", f"parameters: {parameters}", name="fast").replace(", namespace: longhorn-system", "")


@pytest.mark.parametrize(
    ("tree", "severities"),
    [
        (job(), []),
        (job(cron="'@every 6h'"), []),
        (job(cron="'@daily'"), []),
        (job(cron="'CRON_TZ=Europe/Berlin 0 3 * * *'"), []),
        (job(cron="0 3 * JAN-mar mon"), []),
        (job(cron="'${CRON}'"), []),
        (job(cron="'" + "1," * 60_000 + "1 * * * *'"), []),
        (job(cron="'0 0 3 * * *'"), ["error"]),
        (job(cron="0 3 L * *"), ["error"]),
        (job(cron="0 3 * * 7"), ["error"]),
        (job(cron="'@reboot'"), ["error"]),
        (job(cron="5"), ["error"]),
        (job(cron=None), ["error"]),
        (job(task="Backup"), ["error"]),
        (job(task=None), ["error"]),
        (job(task="snapshot-cleanup", retain="0"), []),
        (job(retain="'7'"), ["error"]),
        (job(retain="'${RETAIN}'"), []),
        (job(retain="-1"), ["warning"]),
        (job(retain="101"), ["warning"]),
        (job(retain="1000"), ["error"]),
        (job(groups="default"), ["error"]),
        (job(parameters="{full-backup-interval: '7'}"), []),
        (job(parameters="{full-backup-intervall: '7'}"), ["error"]),
        (job("''"), ["error"]),
        (job("a"), ["error"]),
        (job("ab"), []),
        (job("'${NAME}'"), []),
        (job().replace("name: nightly, ", ""), ["error"]),
        (job().replace("name: nightly", "generateName: nightly-"), []),
        (job().partition("spec:")[0] + "spec: [a]\n", ["error", "error"]),
        (job().partition("spec:")[0] + "spec:\n", ["error", "error"]),
        (job(task="x").replace("longhorn.io", "example.org"), []),
    ],
)
def test_what_is_refused(tree, severities):
    assert found(INVALID, tree) == severities


def test_what_a_patch_sets():
    patch = "[{op: replace, path: /spec/cron, value: 0 3 * * *}]"
    kustomized = (
        f"{KUSTOMIZATION}resources: [j.yaml]\npatches: [{{target: {{kind: RecurringJob}}, patch: '{patch}'}}]\n"
    )
    assert found(INVALID, {"a/kustomization.yaml": kustomized, "a/j.yaml": job(cron="x")}) == []
    assert found(INVALID, {"a/j.yaml": job(cron="x")}) == ["error"]


@pytest.mark.parametrize(
    ("groups", "count"),
    [("[default]", 0), ("[default, db]", 0), (None, 1), ("[]", 1), ("[db]", 1), ("db", 0), ("['${GROUP}']", 0)],
)
def test_groups(groups, count):
    assert found(NOTHING, job(groups=groups)) == ["warning"] * count
    assert found(NOTHING, job(task="snapshot", groups=groups)) == []


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        (claim(SOURCE, GROUP), 0),
        (claim(SOURCE, "recurring-job.longhorn.io/nightly: enabled"), 0),
        (claim(SOURCE, "recurring-job.longhorn.io/weekly: enabled"), 1),
        (claim(SOURCE, "recurring-job.longhorn.io/db: enabled"), 1),
        (claim(SOURCE, "recurring-job-group.longhorn.io/db: disabled"), 1),
        (claim(SOURCE, "recurring-job-group.longhorn.io/db: 'true'"), 1),
        (claim(SOURCE, "recurring-job-group.longhorn.io/db: '${ON}'"), 0),
        (claim(GROUP), 1),
        (claim("recurring-job.longhorn.io/source: enable", GROUP), 1),
        (claim("recurring-job.longhorn.io/source: '${ON}'", GROUP), 0),
        (claim("'${KEY}': enabled", GROUP), 0),
        (labelled("Volume", GROUP), 0),
        (labelled("ConfigMap", "a: b", f"data: {{values: '{GROUP}'}}"), 0),
        (labelled("ClusterPolicy", "a: b", f"spec: {{rules: [{{mutate: {{labels: {{{GROUP}}}}}}}]}}"), 0),
        (
            labelled(
                "ClusterPolicy", "a: b", "spec: {rules: [{labels: {+(recurring-job-group.longhorn.io/db): enabled}}]}"
            ),
            0,
        ),
        ({"values.yaml": f"persistence:\n  labels:\n    {GROUP}\n"}, 0),
        (storage_class('{recurringJobSelector: \'[{"name":"db","isGroup":true}]\'}'), 0),
        (storage_class('{recurringJobSelector: \'[{"name":"nightly"}]\'}'), 0),
        (storage_class('{recurringJobSelector: \'[{"name":"db","isGroup":false}]\'}'), 1),
        (storage_class("{recurringJobSelector: '[{name: db'}"), 0),
        (storage_class("{recurringJobSelector: [{name: db, isGroup: true}]}"), 0),
        (storage_class("{recurringJobSelector: '[]'}"), 1),
        (storage_class("[recurringJobSelector]"), 1),
    ],
)
def test_what_names_a_job(tree, count):
    assert found(NOTHING, job(groups="[db]"), tree) == ["warning"] * count


def test_labels_that_a_kustomization_adds():
    added = f"{KUSTOMIZATION}resources: [c.yaml]\ncommonLabels: {{{SOURCE}}}\n"
    tree = {"a/kustomization.yaml": added, "a/c.yaml": claim(GROUP)}
    assert found(NOTHING, job(groups="[db]"), tree) == []
    patch = "[{op: add, path: /metadata/labels/recurring-job-group.longhorn.io~1db, value: enabled}]"
    patched = f"{KUSTOMIZATION}patches: [{{target: {{kind: PersistentVolumeClaim}}, patch: '{patch}'}}]\n"
    assert found(NOTHING, job(groups="[db]"), {"a/kustomization.yaml": patched}) == []


def test_the_claim_whose_labels_are_ignored_is_shown():
    report = lint_texts({"job.yaml": job(groups="[db]"), "claim.yaml": claim(GROUP)}, select=(NOTHING,))
    (finding,) = (f for f in report.findings if f.meta.id == NOTHING)
    assert [other.place.path for other in finding.related] == ["claim.yaml"]
    assert "ignores the labels" in finding.message and SOURCE in finding.help_text


@pytest.mark.parametrize(
    ("tree", "count"),
    [
        ("", 1),
        (job(), 0),
        (job(task="backup-force-create"), 0),
        (job(task="system-backup"), 0),
        (job(task="snapshot"), 1),
        (job(task="'${TASK}'"), 0),
        (claim(SOURCE, GROUP), 0),
        (claim(SOURCE), 1),
        (storage_class('{recurringJobSelector: \'[{"name":"db","isGroup":true}]\'}'), 0),
        ("apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: a}\n", 0),
        ("apiVersion: k8up.io/v1\nkind: Schedule\nmetadata: {name: a}\n", 0),
        ("apiVersion: example.org/v1\nkind: Schedule\nmetadata: {name: a}\n", 1),
        ("apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: a}\n", 0),
        ("apiVersion: snapscheduler.backube/v1\nkind: SnapshotSchedule\nmetadata: {name: a}\n", 0),
        (flux("7.0.0", "schedules: {daily: {schedule: 0 3 * * *}}", chart="velero"), 0),
        (flux("7.0.0", "schedules: {}", chart="velero"), 1),
        (manager("longhornio/longhorn-manager:v1.7.2"), 0),
    ],
)
def test_what_makes_backups(tree, count):
    assert found(NEVER, TARGET, tree) == ["info"] * count
    assert found(NEVER, TARGET.replace("'s3://cellar@eu/'", "~"), tree) == []
