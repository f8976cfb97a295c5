"""Whatever stands in the files of hosts, no rule fails on it, and nothing is made of what cannot be."""

import pytest
from small_trees import found

INVENTORY = "[k3s_server]\ns[1:3]\n[k3s_agent]\nw1\n"
REBOOT = "- hosts: {}\n  tasks: [{{reboot: }}]\n"
AT_ONCE = "control-plane-changed-at-once error"


def every(folder, files):
    return found(folder, files, "nodes", "controlplane")


CIRCLES = {
    "playbooks": {
        "a.yml": "- import_playbook: b.yml\n",
        "b.yml": "- import_playbook: a.yml\n- import_playbook: b.yml\n",
    },
    "tasks": {
        "a.yml": "- hosts: all\n  tasks: [{import_tasks: t.yml}]\n",
        "t.yml": "- import_tasks: t.yml\n- reboot:\n",
    },
    "plays as tasks": {"a.yml": "- hosts: all\n  tasks: [{import_tasks: a.yml}, {reboot: }]\n"},
    "roles": {
        "a.yml": "- hosts: all\n  roles: [x]\n",
        "roles/x/tasks/main.yml": "- import_role: {name: y}\n- reboot:\n",
        "roles/y/tasks/main.yml": "- import_role: {name: x}\n",
        "roles/y/meta/main.yml": "dependencies: [x, y]\n",
    },
    "handlers": {
        "a.yml": "- hosts: all\n  tasks: [{reboot: , notify: h}]\n"
        "  handlers: [{name: h, command: netplan apply, notify: h}]\n"
    },
}


@pytest.mark.parametrize("name", CIRCLES)
def test_circles(name, tmp_path):
    expected = [] if name == "playbooks" else [AT_ONCE]
    assert every(tmp_path, {"hosts.ini": INVENTORY, **CIRCLES[name]}) == expected


def test_groups_in_a_circle(tmp_path):
    text = f"{INVENTORY}[k3s_server:children]\nk3s_server\nother\n[other:children]\nk3s_server\n"
    assert every(tmp_path, {"hosts.ini": text, "a.yml": REBOOT.format("all")}) == [AT_ONCE]


LARGE = [
    ("[k3s_server]\ns[1:1000000]\n[k3s_agent]\nw1\n", []),
    ("[k3s_server]\ns[1:1000000:1][1:1000000]\n[k3s_agent]\nw1\n", []),
    ("[k3s_server]\ns[999999999:1]\n[k3s_agent]\nw1\n", []),
    (INVENTORY + "w[1:1000000]\n", []),
    (INVENTORY + "".join(f"w{n}\n" for n in range(50_000)), []),
    (INVENTORY + "".join(f"w{n}\n" for n in range(10_000)), [AT_ONCE]),
]


@pytest.mark.parametrize(("text", "expected"), LARGE)
def test_large_inventories(text, expected, tmp_path):
    """Who keeps more hosts than anybody does has written something else: what is not known is not reported."""
    assert every(tmp_path, {"hosts.ini": text, "a.yml": REBOOT.format("all")}) == expected


def test_a_large_inventory_in_yaml(tmp_path):
    hosts = "".join(f"        w{n}:\n" for n in range(50_000))
    text = f"k3s_cluster:\n  children:\n    server: {{hosts: {{s1: , s2: , s3: }}}}\n    agent:\n      hosts:\n{hosts}"
    assert every(tmp_path, {"hosts.yml": text, "a.yml": REBOOT.format("server")}) in ([], [AT_ONCE])


PLAYBOOKS = [
    "hosts: all\ntasks: [{reboot: }]\n",
    "{a: {hosts: all}}\n",
    "[]\n",
    "- hosts: 5\n  tasks: [{reboot: }]\n",
    "- hosts: [5, all]\n  tasks: [{reboot: }]\n",
    "- hosts: {all: true}\n  tasks: [{reboot: }]\n",
    "- hosts: null\n  tasks: [{reboot: }]\n",
    "- hosts: all\n  tasks: {reboot: }\n",
    "- hosts: all\n  tasks: text\n  roles: 5\n  handlers: {a: b}\n  vars: [1]\n  vars_files: {a: b}\n",
    "- hosts: all\n  serial: {a: 1}\n  tasks: [{reboot: }]\n",
    "- hosts: all\n  serial: [[1]]\n  tasks: [{reboot: }]\n",
    "- hosts: '~('\n  tasks: [{reboot: }]\n",
    "- hosts: '~(a+)+$'\n  tasks: [{reboot: }]\n",
    "- hosts: 'all[99999999999999]'\n  tasks: [{reboot: }]\n",
    "- hosts: '!&:,'\n  tasks: [{script: }, {script: [1]}, {service: {name: [1], state: {a: b}}}]\n",
    "- hosts: all\n  tasks: [{service: {name: '{{ item }}', state: restarted}, loop: {a: b}}]\n",
    "- hosts: all\n  tasks: [{service: {name: '{{ item.a }}', state: restarted}, loop: [1, [k3s], {a: [k3s]}]}]\n",
    "- hosts: all\n  tags: {never: 1}\n  throttle: {a: b}\n  run_once: []\n  tasks: [{debug: }]\n",
    "- import_playbook: [a]\n- import_playbook: {a: b}\n- import_playbook:\n",
]


@pytest.mark.parametrize("text", PLAYBOOKS)
def test_plays_that_are_none(text, tmp_path):
    assert every(tmp_path, {"hosts.ini": INVENTORY, "a.yml": text, "galaxy.yml": "- a\n"}) == []
    assert every(tmp_path, {"b.yml": REBOOT.format("all")}) == [AT_ONCE]


SERVERS = [
    {"config.yaml": "cluster-init: true\ntls-san: [x]\n", "config.yaml.d/a.yaml": "- a\n- b\n"},
    {"config.yaml": "cluster-init: true\ntls-san: [x]\n", "config.yaml.d/a.yaml": "text\n"},
    {"config.yaml": "cluster-init: true\ntls-san: [x]\n", "config.yaml.d/a.yaml": "a: [\n"},
    {"config.yaml": "- a\n", "config.yaml.d/a.yaml": "cluster-init: true\n"},
    {"config.yaml": "text\n"},
    {"config.yaml": "{cluster-init: {a: b}, server: [1], etcd-s3-config-secret: [x], etcd-s3-bucket: {a: b}}\n"},
    {"config.yaml": "cluster-init: -1\nnode-ip: 5\ntls-san: {a: b}\netcd-disable-snapshots: -1\n"},
]


@pytest.mark.parametrize("files", SERVERS)
def test_server_configurations(files, tmp_path):
    assert every(tmp_path, {f"hosts/s1/etc/rancher/k3s/{name}": text for name, text in files.items()}) == []


OTHERS = [
    "version: v1alpha1\nmachine: {type: controlplane, network: {hostname: a}}\n---\n[\n",
    "version: v1alpha1\nmachine: [1]\n---\nkind: HostnameConfig\nhostname: [a]\n---\n- 1\n",
    "machine: {type: [controlplane], network: {hostname: {a: b}, interfaces: {a: b}}, nodeLabels: [1]}\n",
    "clusterName: 5\nendpoint: [x]\nnodes: [{hostname: 5, ipAddress: [1], controlPlane: 'yes'}]\n",
    "clusterName: a\nendpoint: x\nnodes: {a: b}\n",
    "nodes: [{address: [1], role: [etcd]}, {address: 5, role: [etcd, {a: b}]}, {address: a, role: etcd}]\n",
    "nodes: [{address: [1], role: [etcd, worker]}]\nservices: [1]\n",
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd: {external: {endpoints: {a: b}}}\n",
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd: {external: {endpoints: [1, [2]]}}\n",
    "apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: -1\nagents: 99999999999999999999\n",
    "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: {role: control-plane}\n",
    "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nmetadata: {name: a}\nspec: {concurrency: -5, cordon: true}\n",
    "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nmetadata: {name: [a]}\nspec: [1]\n",
    "write_files: {path: /etc/rancher/k3s/config.yaml}\nruncmd: text\nbootcmd: [[[k3s]], {k3s: server}, 5]\n",
    "storage: {files: [{path: /etc/rancher/k3s/config.yaml, contents: {inline: [1]}}]}\n",
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_files(text, tmp_path):
    assert every(tmp_path, {"some/file.yaml": text}) == []
