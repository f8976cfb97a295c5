"""Alerts about backups, and commands that are to restart Longhorn's manager."""

import pytest
from linting import lint_texts, lint_tree

SILENT, AGE, COMMAND = "backup-failure-not-alerted", "backup-alert-on-age-only", "wrong-longhorn-restart-command"
TARGET = (
    "apiVersion: longhorn.io/v1beta2\nkind: BackupTarget\nmetadata: {name: default, namespace: longhorn-system}\n"
    "spec: {backupTargetURL: 'nfs://nas:/b'}\n"
)
STATE, OLD = "longhorn_backup_state == 4", "time() - longhorn_volume_last_backup_at > 129600"
STACK = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: prometheus, namespace: monitoring}\n"
    "spec:\n  chart: {spec: {chart: kube-prometheus-stack, sourceRef: {kind: HelmRepository, name: p}}}\n"
    "  values: {additionalPrometheusRulesMap: {a: {groups: [{name: g, rules: [{alert: A, expr: EXPR}]}]}}}\n"
)
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: longhorn-system}\n"
RESTART = "kubectl -n longhorn-system rollout restart"


def rules(*expressions, kind="PrometheusRule", api="monitoring.coreos.com/v1"):
    written = "".join(f'        - {{alert: A{index}, expr: "{each}"}}\n' for index, each in enumerate(expressions))
    head = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: r, namespace: monitoring}}\n"
    return f"{head}spec:\n  groups:\n    - name: g\n      rules:\n{written}"


def grafana(expression):
    query = f"{{model: {{expr: {expression}}}}}"
    head = "apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaAlertRuleGroup\nmetadata: {name: g}\n"
    return f"{head}spec: {{rules: [{{title: x, data: [{query}]}}]}}\n"


def found(rule, *trees):
    files = {}
    for index, tree in enumerate(trees):
        files |= tree if isinstance(tree, dict) else {f"{index}.yaml": tree}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed, [f.message for f in report.findings]
    return [f for f in report.findings if f.meta.id == rule]


@pytest.mark.parametrize(
    ("trees", "count"),
    [
        ((rules("up == 0"),), 1),
        ((rules("up == 0", kind="VMRule", api="operator.victoriametrics.com/v1beta1"),), 1),
        ((STACK.replace("EXPR", "up == 0"),), 1),
        ((STACK.replace("EXPR", STATE),), 0),
        ((rules("longhorn_volume_robustness == 3"),), 1),
        ((rules("velero_backup_failure_total > 0"),), 1),
        ((), 0),
        ((rules("up == 0").replace("alert: A0", "record: a:b"),), 0),
        ((rules(STATE),), 0),
        ((rules("up == 0", STATE),), 0),
        ((rules(OLD),), 0),
        ((rules("longhorn_backup_target_backup_volume_count == 0"),), 0),
        ((rules("job:backup_failed:count > 0"),), 0),
        ((rules("${EXPRESSION}"),), 0),
        ((rules("up == 0"), grafana(STATE)), 0),
        ((rules("up == 0"), grafana("up == 0")), 1),
        ((rules("up == 0"), 'kind: ConfigMap\ndata: {a.json: \'{"expr": "longhorn_backup_state"}\'}\n'), 1),
        ((rules("up == 0").replace("groups:", "groups: x #"),), 0),
    ],
)
def test_backups_without_an_alert(trees, count):
    assert len(found(SILENT, TARGET, *trees)) == count
    assert not found(SILENT, TARGET.replace("'nfs://nas:/b'", "''"), *trees)


def test_alerts_of_other_clusters():
    assert not found(SILENT, {"clusters/a/t.yaml": TARGET, "clusters/b/r.yaml": rules("up == 0")})
    assert found(SILENT, {"clusters/a/t.yaml": TARGET, "clusters/a/r.yaml": rules("up == 0")})
    assert found(SILENT, {"clusters/a/t.yaml": TARGET, "base/r.yaml": rules("up == 0")})


@pytest.mark.parametrize(
    ("trees", "count"),
    [
        ((rules(OLD),), 1),
        ((rules(OLD, "up == 0"),), 1),
        ((rules(OLD, STATE),), 0),
        ((rules(OLD), rules(STATE)), 0),
        ((rules(OLD, "${EXPRESSION}"),), 0),
        ((rules(OLD), grafana(STATE)), 0),
        ((rules(OLD), grafana("up == 0")), 1),
        ((rules("absent(longhorn_volume_last_backup_at)"),), 0),
        ((rules(f"absent(longhorn_volume_last_backup_at) or {OLD}"),), 1),
        ((rules("up == 0"),), 0),
    ],
)
def test_alerts_on_age_only(trees, count):
    assert len(found(AGE, *trees)) == count


def document(*lines, before="After a rotation:"):
    return {"docs/run.md": f"# Run\n\n{before}\n\n```sh\n{chr(10).join(lines)}\n```\n"}


def play(module, command):
    return {"play.yaml": f"- hosts: all\n  tasks:\n    - name: restart\n      {module}: {command}\n"}


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (document(f"{RESTART} deployment longhorn-manager"), 1),
        (document(f"{RESTART} deployment/longhorn-manager"), 1),
        (document(f"{RESTART} deploy longhorn-manager"), 1),
        (document(f"{RESTART} deployments.apps/longhorn-manager"), 1),
        (document("kubectl rollout restart deploy/longhorn-manager -n longhorn-system"), 1),
        (document("$ kubectl rollout restart deploy/longhorn-manager"), 1),
        (document("sudo k3s kubectl rollout restart deploy/longhorn-manager"), 1),
        (document("kubectl rollout status deployment/longhorn-manager"), 1),
        (document(f"{RESTART} deployment longhorn-ui longhorn-manager"), 1),
        (document(f"{RESTART} deployment/longhorn-ui deployment/longhorn-manager"), 1),
        (document(f"{RESTART} sts/longhorn-manager"), 1),
        (document(f"{RESTART} daemonset/longhorn-manager"), 0),
        (document(f"{RESTART} ds longhorn-manager"), 0),
        (document(f"{RESTART} deployment longhorn-ui"), 0),
        (document(f"# {RESTART} deploy/longhorn-manager"), 0),
        (document(f"{RESTART} deploy/longhorn-manager", before="This is wrong, do not do it:"), 0),
        (document("kubectl delete pod -l app=longhorn-manager"), 0),
        ({"docs/run.md": f"# Run\n\nThen `{RESTART} deployment longhorn-manager`.\n"}, 1),
        ({"rotate.sh": f"#!/bin/sh\n{RESTART} deployment longhorn-manager\n"}, 1),
        ({"rotate.sh": "#!/bin/sh\nkubectl \\\n  rollout restart \\\n  deployment longhorn-manager\n"}, 1),
        ({"rotate.sh": f"#!/bin/sh\n{RESTART} $KIND longhorn-manager\n"}, 0),
        (play("ansible.builtin.command", f"{RESTART} deployment longhorn-manager"), 1),
        (play("ansible.builtin.shell", f"{RESTART} deployment longhorn-manager"), 1),
        (play("ansible.builtin.command", f"{RESTART} daemonset longhorn-manager"), 0),
        (play("ansible.builtin.debug", f"{{msg: {RESTART} deployment longhorn-manager}}"), 0),
        (
            document(f"{RESTART} deploy/longhorn-manager")
            | {"own.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: longhorn-manager}\n"},
            0,
        ),
    ],
)
def test_commands(files, count, tmp_path):
    for path, text in {"namespace.yaml": NAMESPACE, **files}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    report = lint_tree(tmp_path, select=(COMMAND,))
    findings = [f for f in report.findings if f.meta.id == COMMAND]
    assert len(findings) == count and not report.crashed


def test_only_one_resource_is_renamed(tmp_path):
    (tmp_path / "namespace.yaml").write_text(NAMESPACE)
    for words, fixes in (("deployment longhorn-manager", 1), ("deployment longhorn-ui longhorn-manager", 0)):
        (tmp_path / "rotate.sh").write_text(f"#!/bin/sh\n{RESTART} {words}\n")
        (finding,) = (f for f in lint_tree(tmp_path, select=(COMMAND,)).findings if f.meta.id == COMMAND)
        assert len(finding.fixes) == fixes
