"""Which inventory a play is judged by, how bad it is, and what may stand around servers' settings."""

import pytest
from linting import FIXTURES, copied, ids, lint_tree

INVENTORY = "[k3s_server]\ns[1:{}]\n\n[k3s_agent]\nw1\n"
REBOOT = "- name: Kernel\n  hosts: k3s_server\n  tasks:\n    - ansible.builtin.reboot:\n"
RESTART = "- hosts: k3s_server\n  tasks:\n    - service: {name: k3s, state: restarted}\n"
AT_ONCE = "control-plane-changed-at-once"


def lint(folder, files, **settings):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return lint_tree(folder, **settings)


CASES = [
    ({"hosts.ini": INVENTORY.format(3), "reboot.yml": REBOOT}, "error"),
    ({"hosts.ini": INVENTORY.format(3), "restart.yml": RESTART}, "warning"),
    ({"hosts.ini": INVENTORY.format(1), "reboot.yml": REBOOT}, None),
    ({"inventory/sample/hosts.ini": INVENTORY.format(3), "reboot.yml": REBOOT}, "error"),
    ({"molecule/x/sample/hosts.ini": INVENTORY.format(3), "examples/reboot.yml": REBOOT}, None),
    (
        {
            "inventory/sample/hosts.ini": INVENTORY.format(3),
            "inventory/home/hosts.ini": INVENTORY.format(1),
            "reboot.yml": REBOOT,
        },
        None,
    ),
    ({"hosts.ini": INVENTORY.format(3), "playbooks/k3s-bootstrap.yml": REBOOT}, None),
    ({"hosts.ini": INVENTORY.format(3), "a.yml": REBOOT.replace("Kernel", "Install updates")}, "error"),
    ({"hosts.ini": INVENTORY.format(3), "a.yml": REBOOT.replace("Kernel", "Install")}, None),
    ({"hosts.ini": INVENTORY.format(3), "a.yml": "- import_playbook: a.yml\n" + REBOOT}, "error"),
    ({"hosts.ini": "[servers]\na\nb\nc\n[agents]\nd\n", "a.yml": REBOOT.replace("k3s_server", "servers")}, None),
]


THREE = {"hosts.ini": INVENTORY.format(3)}
ROLE = {"roles/r/tasks/main.yml": "- reboot:\n"}
CASES += [
    (THREE | {"a.yml": "- hosts: k3s_server\n  serial: 1\n  tasks: [{reboot: }]\n"}, None),
    (THREE | {"a.yml": "- hosts: k3s_agent\n  tasks: [{reboot: }]\n"}, None),
    (THREE | {"a.yml": "- hosts: k3s_server\n  roles: [{role: r, throttle: 1}]\n"} | ROLE, None),
    (THREE | {"a.yml": "- hosts: k3s_server\n  roles: [{role: r, throttle: 2}]\n"} | ROLE, "error"),
    (THREE | {"a.yml": "- hosts: k3s_server\n  tasks: [{import_role: {name: r}, throttle: 1}]\n"} | ROLE, None),
    (THREE | {"a.yml": "- hosts: k3s_server\n  tasks: [{include_role: {name: r}, throttle: 1}]\n"} | ROLE, "error"),
    (THREE | {"a.yml": "- hosts: all\n  tasks: [{include_role: {name: r, apply: {throttle: 1}}}]\n"} | ROLE, None),
    (THREE | {"a.yml": "- hosts: '{{ ansible_limit | default(omit) }}'\n  tasks: [{reboot: }]\n"}, None),
    (THREE | {"a.yml": "- hosts: all\n  tasks: [{group_by: {key: x}}]\n- hosts: x\n  tasks: [{reboot: }]\n"}, None),
    ({"hosts.ini": INVENTORY.format(5), "a.yml": "- hosts: k3s_server\n  serial: 2\n  tasks: [{reboot: }]\n"}, None),
    ({"hosts.ini": INVENTORY.format(5), "a.yml": "- hosts: k3s_server\n  serial: 3\n  tasks: [{reboot: }]\n"}, "error"),
    (
        {"inventory/1-a.ini": "[k3s_server]\ns[1:3]\n", "inventory/2-b.ini": "[k3s_agent]\nw1\n", "a.yml": REBOOT},
        "error",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "severity"), CASES)
def test_how_bad_a_play_is(files, severity, tmp_path):
    report = lint(tmp_path, files, select=(AT_ONCE,))
    assert [str(finding.severity) for finding in report.findings] == ([severity] if severity else [])


def test_the_inventory_that_shows_most_harm_counts_and_then_the_nearest(tmp_path):
    files = {
        "a/hosts.ini": INVENTORY.format(2) + "[all:vars]\nuse_external_database=True\n",
        "b/hosts.ini": INVENTORY.format(3),
        "c/hosts.ini": INVENTORY.format(5),
        "c/reboot.yml": REBOOT,
    }
    (finding,) = lint(tmp_path, files, select=(AT_ONCE,)).findings
    assert "5 of 5" in finding.message
    files["c/hosts.ini"] = INVENTORY.format(1)
    (finding,) = lint(tmp_path, files, select=(AT_ONCE,)).findings
    assert "3 of 3" in finding.message


def test_members_decide_about_plans(tmp_path):
    plan = """\
apiVersion: upgrade.cattle.io/v1
kind: Plan
metadata: {name: all, namespace: x}
spec: {concurrency: 2, cordon: true, upgrade: {image: rancher/k3s-upgrade}, version: v1.34.1+k3s1}
"""
    for number, found in ((3, 1), (5, 0), (1, 0)):
        report = lint(tmp_path, {"hosts.ini": INVENTORY.format(number), "plan.yaml": plan}, select=("controlplane",))
        assert ids(report).count("concurrent-control-plane-upgrade") == found


ODD = [
    "etcd-s3-config-secret: [a]\netcd-s3-bucket: {b: 1}\ncluster-init: [true]\nserver: 7\ntls-san: {a: b}\n",
    "etcd-disable-snapshots: [true, false]\ncluster-init: null\ncluster-cidr: [[1]]\ndisable: {a: 1}\n",
    "etcd-disable-snapshots+: true\ncluster-init: 'yes'\nnode-ip: [null, 1]\ntoken: 5\n",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_settings(text, tmp_path):
    files = {f"hosts/s{number}/etc/rancher/k3s/config.yaml": text for number in (1, 2, 3)}
    files |= {"hosts.ini": INVENTORY.format(3), "group_vars/all.yml": "k3s_server:\n  " + text.replace("\n", "\n  ")}
    assert not lint(tmp_path, files, select=("controlplane",)).crashed


def test_a_token_is_never_in_a_message(tmp_path):
    token = "K10" + "ab12" * 12
    files = {
        f"hosts/s{number}/etc/rancher/k3s/config.yaml": f"cluster-init: true\ntoken: {token}\nagent-token: x{number}\n"
        for number in (1, 2)
    }
    report = lint(tmp_path, files, select=("controlplane",))
    assert "multiple-cluster-init" in ids(report)
    assert not any(token in f"{finding.message} {finding.note} {finding.help_text}" for finding in report.findings)


OFF = "etcd-snapshots-disabled"
INCIDENTS = [
    ("k3s-config", "even-etcd-members", "hosts/server-1/etc/rancher/k3s/config.yaml", "cluster-init: true"),
    ("k3s-config", OFF, "hosts/server-1/etc/rancher/k3s/config.yaml", "etcd-disable-snapshots: true"),
    ("k3s-config", OFF, "hosts/server-2/etc/rancher/k3s/config.yaml", "etcd-disable-snapshots: true"),
    ("kured-values", "concurrent-reboots", "kured.yaml", "concurrency: 2"),
    ("talos", "even-etcd-members", "talos/talconfig.yaml", "nodes:"),
    ("upgrade-plan", "concurrent-control-plane-upgrade", "plan.yaml", "concurrency: 2"),
    ("upgrade-plan-kustomize", "concurrent-control-plane-upgrade", "upgrade/plan.yaml", "concurrency: 2"),
    ("vlan-migration-ansible", AT_ONCE, "vlan.yml", "hosts: k3s_cluster"),
    ("vlan-migration-ansible-role", AT_ONCE, "network.yml", "hosts: rke2_servers"),
]  # fmt: skip


@pytest.mark.parametrize("variant", sorted({variant for variant, *_ in INCIDENTS}))
def test_the_incident_is_reported_on_the_line_that_is_wrong(variant, tmp_path):
    root = copied(FIXTURES / "incidents" / f"05-{variant}" / "before", tmp_path)
    found = [
        (variant, each.meta.id, each.place.path, line(root, each))
        for each in lint_tree(root, select=("controlplane",)).findings
        if each.severity != "info"
    ]
    assert sorted(found) == sorted(expected for expected in INCIDENTS if expected[0] == variant)


def line(root, finding):
    return (root / finding.place.path).read_text().splitlines()[finding.place.start.line - 1].strip()
