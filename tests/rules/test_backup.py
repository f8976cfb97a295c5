"""Backups in every wrapper and version: which rule speaks, at which line, how loudly; and what crashes nothing."""

import base64
import itertools

import pytest
from backup_trees import NEW, OLD, TARGET, argo, flux, k3s, raw
from linting import FIXTURES, copied, lint_texts, lint_tree

BACKUP = ("backup",)
LONG_AGO = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: keys, namespace: {}}}\n"


def found(*texts, rule=None, **settings):
    files = {f"{index}.yaml": text for index, text in enumerate(texts)}
    report = lint_texts(files, select=(rule,) if rule else BACKUP, **settings)
    assert not report.crashed, [f.message for f in report.findings]
    return [(f.meta.id, f.severity.value) for f in report.findings if rule is None or f.meta.id == rule]


WRAPPERS = pytest.mark.parametrize("wrap", [flux, argo, k3s, raw])


@WRAPPERS
@pytest.mark.parametrize(
    ("version", "severity"),
    [("1.7.2", None), ("1.7.3", None), ("1.8.0", "error"), ("1.11.0", "error"), (None, "warning")],
)
def test_the_old_place_by_version(wrap, version, severity):
    rule = "removed-longhorn-setting"
    assert found(wrap(version, OLD), rule=rule) == ([(rule, severity)] if severity else [])
    assert found(wrap(version, NEW), rule=rule) == []


@WRAPPERS
@pytest.mark.parametrize(
    ("version", "values", "severity"),
    [
        ("1.7.2", OLD, "error"),
        ("1.7.2", NEW, None),
        ("1.8.0", NEW, "error"),
        ("1.8.0", OLD, None),
        ("1.11.0", NEW, "error"),
        (None, NEW, "warning"),
        (None, OLD, "warning"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "secret"),
    [
        ("backup-secret-in-wrong-namespace", LONG_AGO.format("default")),
        ("backup-secret-incomplete", LONG_AGO.format("longhorn-system") + "spec: {encryptedData: {KEY: x}}\n"),
        (
            "backup-secret-whitespace",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: longhorn-system}\n"
            "stringData: {AWS_ACCESS_KEY_ID: 'a ', AWS_SECRET_ACCESS_KEY: b}\n",
        ),
    ],
)
def test_the_secret_by_version(wrap, version, values, severity, rule, secret):
    assert found(wrap(version, values), secret, rule=rule) == ([(rule, severity)] if severity else [])


@pytest.mark.parametrize(
    ("incident", "rule", "place"),
    [
        ("01-credential-rotation", "backup-secret-whitespace", ("longhorn/credentials.yaml", 8)),
        ("01-credential-rotation", "backup-failure-not-alerted", ("longhorn/backups.yaml", 7)),
        ("01-credential-rotation", "wrong-longhorn-restart-command", ("docs/rotation.md", 7)),
        ("01-credential-rotation-flux", "removed-longhorn-setting", ("longhorn/release.yaml", 17)),
        ("01-credential-rotation-argo", "backup-secret-in-wrong-namespace", ("longhorn/application.yaml", 19)),
        ("01-credential-rotation-helmchart", "removed-longhorn-setting", ("longhorn/chart.yaml", 12)),
        ("01-credential-rotation-keys", "backup-secret-incomplete", ("longhorn/credentials.yaml", 12)),
        ("01-credential-rotation-unwatched", "backup-failure-not-alerted", ("longhorn/release.yaml", 17)),
        ("01-credential-rotation-consumer", "secret-consumer-not-reloaded", ("shop/web.yaml", 20)),
    ],
)
def test_the_incident_at_the_line_that_is_wrong(incident, rule, place, tmp_path):
    report = lint_tree(copied(FIXTURES / "incidents" / incident / "before", tmp_path), select=(rule,))
    places = [(f.place.path, f.place.start.line) for f in report.findings if f.meta.id == rule]
    assert place in places


def test_the_fix_moves_every_key():
    report = lint_texts({"a.yaml": flux("1.11.0", OLD)}, select=("removed-longhorn-setting",))
    (finding,) = report.findings
    edits = [(edit.action, edit.path[-1], edit.key, edit.text) for edit in finding.fixes[0].edits]
    assert edits == [
        ("delete", "defaultSettings", "", ""),
        (
            "insert",
            "values",
            "defaultBackupStore",
            '{backupTarget: "s3://cellar@eu/", backupTargetCredentialSecret: "keys"}',
        ),
    ]


def test_no_fix_where_values_are_assigned():
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: longhorn, namespace: argocd}\n"
        "spec:\n  destination: {namespace: longhorn-system, server: https://kubernetes.default.svc}\n"
        "  source:\n    chart: longhorn\n    repoURL: https://charts.longhorn.io\n    targetRevision: 1.9.0\n"
        "    helm:\n      parameters: [{name: defaultSettings.backupTarget, value: 'nfs://nas:/b'}]\n"
    )
    report = lint_texts({"a.yaml": text}, select=("removed-longhorn-setting",))
    assert [len(finding.fixes) for finding in report.findings] == [0]


VALUES = [
    "",
    "x",
    "bm90",
    "!!!",
    "null",
    "true",
    "7",
    "[]",
    "{}",
    "[[{}]]",
    "{a: {b: c}}",
    "'\xa0'",
    "${X}",
    "!vault x",
]


@pytest.mark.parametrize(("data", "value"), list(itertools.product(("data", "stringData"), VALUES)))
@pytest.mark.parametrize("as_key", [True, False])
def test_secrets_of_every_wrong_sort(data, value, as_key):
    inner = f"{{AWS_ACCESS_KEY_ID: {value or '~'}}}" if as_key else value or "~"
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: keys, namespace: longhorn-system}}\n{data}: {inner}\n"
    found(TARGET, secret)


def test_what_is_no_base64_has_no_space_around_it():
    head = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: longhorn-system}\ndata: "
    rule = "backup-secret-whitespace"
    encoded = {text: base64.b64encode(text).decode() for text in (b" a", b"\xff ")}
    assert found(TARGET, head + "{AWS_ACCESS_KEY_ID: ' a '}\n", rule=rule) == []
    assert found(TARGET, head + f"{{AWS_ACCESS_KEY_ID: {encoded[b' a']}}}\n", rule=rule) == [(rule, "error")]
    assert found(TARGET, head + f"{{AWS_ACCESS_KEY_ID: {encoded[bytes([255, 32])]}}}\n", rule=rule) == []


@pytest.mark.parametrize(
    "cron", ["", "~", "7", "[]", "{}", "true", "'*'", "'@every'", "'\u2603 * * * *'", "'" + "1," * 9000 + "'"]
)
@pytest.mark.parametrize("groups", ["[]", "default", "[1, ~, {}]", "{a: b}", "~"])
def test_jobs_of_every_wrong_sort(cron, groups):
    text = (
        "apiVersion: longhorn.io/v1beta2\nkind: RecurringJob\nmetadata: {name: nightly}\n"
        f"spec: {{task: backup, cron: {cron or '~'}, groups: {groups}, retain: [], parameters: 3, labels: x}}\n"
    )
    assert found(text, TARGET)


@pytest.mark.parametrize("spec", ["~", "[]", "text", "7", "{}", "{backupTargetURL: []}", "{backupTargetURL: {a: b}}"])
def test_targets_of_every_wrong_sort(spec):
    head = "apiVersion: longhorn.io/v1beta2\nkind: BackupTarget\nmetadata: {name: default}\n"
    found(f"{head}spec: {spec}\n")
    found(TARGET.replace("keys", spec.replace("'", "")))
