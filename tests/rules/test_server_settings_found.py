"""What servers of k3s and RKE2 are started with, wherever it is written: files, variables, commands, units."""

import pytest
from small_trees import found

SECRET, OFF = "etcd-s3-secret-ignored", "etcd-snapshots-disabled"
DRIFT, TWICE = "server-config-drift", "multiple-cluster-init"
RULES = (SECRET, OFF, DRIFT, TWICE)
SHORT = {SECRET: "secret", OFF: "off", DRIFT: "drift", TWICE: "twice"}
HOME = "hosts/server-1/etc/rancher/k3s/"


def said(folder, files):
    return " ".join(SHORT[each.split()[0]] for each in found(folder, files, *RULES))


def server(text, **drop_ins):
    files = {f"{HOME}config.yaml.d/{name}.yaml": content for name, content in drop_ins.items()}
    return {f"{HOME}config.yaml": text, **files}


NAMED = "cluster-init: true\netcd-s3-config-secret: x\n"
STARTS = "cluster-init: true\n"
MERGED = [
    (server(NAMED, a="etcd-s3-bucket: y\n"), "secret"),
    (server(NAMED + "etcd-s3-retention: 20\n"), "secret"),
    (server(NAMED.replace("x", "'{{ x }}'") + "etcd-s3-bucket: b\n"), "secret"),
    (server(NAMED + "etcd-s3: true\n"), ""),
    (server(NAMED + "etcd-s3-region: us-east-1\n"), ""),
    (server(NAMED + "etcd-s3-bucket: ''\n"), ""),
    (server(NAMED + "etcd-s3-bucket: '{{ b }}'\n"), ""),
    (server(NAMED + "etcd-snapshot-retention: 20\n"), ""),
    (server(STARTS + "etcd-disable-snapshots: false\n", z="etcd-disable-snapshots: true\n"), "off"),
    (server(STARTS + "etcd-disable-snapshots: true\n", z="etcd-disable-snapshots: false\n"), ""),
    (server(STARTS, b="etcd-disable-snapshots: true\n", a="etcd-disable-snapshots: false\n"), "off"),
    (server(STARTS, a="etcd-disable-snapshots: true\n", b="etcd-disable-snapshots: false\n"), ""),
    (server(STARTS + "etcd-disable-snapshots: 'true'\n"), "off"),
    (server(STARTS + "etcd-disable-snapshots: '{{ x }}'\n"), ""),
    (server("tls-san: [x]\netcd-disable-snapshots: true\n"), ""),
    (server("datastore-endpoint: x\netcd-disable-snapshots: true\n"), ""),
    ({"hosts/a/etc/rancher/rke2/config.yaml": "etcd-disable-snapshots: true\ntls-san: [x]\n"}, "off"),
    (server(STARTS + "---\netcd-disable-snapshots: true\n"), "off"),
]


@pytest.mark.parametrize(("files", "expected"), MERGED)
def test_files_and_their_drop_ins(files, expected, tmp_path):
    assert said(tmp_path, files) == expected


JOINS = "server: https://server-1:6443\ntls-san: [x]\n"
PAIRS = [
    (STARTS + "cluster-cidr: 10.1.0.0/16\n", JOINS + "cluster-cidr: 10.2.0.0/16\n", "drift"),
    (STARTS + "cluster-cidr: 10.1.0.0/16\n", JOINS, "drift"),
    (STARTS + "cluster-cidr: 10.42.0.0/16\n", JOINS, ""),
    (STARTS + "cluster-cidr: '{{ cidr }}'\n", JOINS + "cluster-cidr: 10.2.0.0/16\n", ""),
    (STARTS + "disable: [a, b]\n", JOINS + "disable: b,a\n", ""),
    (STARTS + "disable: [a]\n", JOINS + "disable: [a, b]\n", "drift"),
    (STARTS + "secrets-encryption: true\n", JOINS, "drift"),
    (STARTS + "disable-network-policy: true\n", JOINS + "disable-network-policy: 'true'\n", ""),
    (STARTS + "node-ip: 192.0.2.1\nnode-name: a\n", JOINS + "node-ip: 192.0.2.2\nnode-name: b\n", ""),
    (STARTS + "tls-san: [x]\n", STARTS + "tls-san: [x]\n", "twice"),
    (STARTS, STARTS + JOINS, ""),
    (STARTS, "cluster-init: false\ntls-san: [x]\n", ""),
    (STARTS, "cluster-init: \"{{ inventory_hostname == groups['m'][0] }}\"\ntls-san: [x]\n", ""),
]


@pytest.mark.parametrize(("one", "two", "expected"), PAIRS)
def test_servers_of_one_cluster(one, two, expected, tmp_path):
    files = {f"hosts/server-{n}/etc/rancher/k3s/config.yaml": text for n, text in ((1, one), (2, two))}
    assert said(tmp_path, files) == expected


@pytest.mark.parametrize(("key", "expected"), [("disable+", ""), ("disable", "drift")])
def test_a_plus_adds_to_what_was_set_before(key, expected, tmp_path):
    two = {"hosts/server-2/etc/rancher/k3s/config.yaml": JOINS + "disable: [a, b]\n"}
    assert said(tmp_path, server(STARTS + "disable: [a]\n", x=f"{key}: [b]\n") | two) == expected


HOSTS = "[k3s_server]\ns1\ns2\ns3\n[k3s_agent]\nw\n"
ARGUMENTS = "--cluster-init --etcd-disable-snapshots"
VARIABLES = [
    ({"group_vars/all.yml": f"extra_server_args: {ARGUMENTS}\n"}, "off"),
    ({"group_vars/all.yml": f"k3s_server_args: [{ARGUMENTS.replace(' ', ', ')}]\n"}, "off"),
    ({"group_vars/all.yml": "k3s_server: {tls-san: [a], etcd-disable-snapshots: true}\n"}, "off"),
    ({"group_vars/all.yml": "k3s_server: {tls-san: [a], cluster-init: true}\n"}, ""),
    ({f"host_vars/s{n}.yml": "k3s_server: {tls-san: [a], cluster-init: true}\n" for n in (1, 2)}, "twice"),
    ({f"host_vars/s{n}.yml": f"k3s_server: {{tls-san: [a], cluster-cidr: 10.{n}.0.0/16}}\n" for n in (1, 2, 3)},
     "drift drift"),
    ({"hosts.ini": f'{HOSTS}[all:vars]\nextra_server_args="{ARGUMENTS}"\n'}, "off"),
    ({"hosts.ini": f"{HOSTS}[all:vars]\nextra_agent_args='{ARGUMENTS}'\n"}, ""),
    ({"hosts.ini": f"{HOSTS}[all:vars]\nnotes='{ARGUMENTS}'\n"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), VARIABLES)
def test_variables(files, expected, tmp_path):
    assert said(tmp_path, {"hosts.ini": HOSTS, **files}) == expected


INSTALL = "curl -sfL https://get.k3s.io | "
SCRIPTS = [
    (f"{INSTALL}INSTALL_K3S_EXEC='server {ARGUMENTS}' sh -", "off"),
    (f"export INSTALL_K3S_EXEC='server {ARGUMENTS}'\n{INSTALL}sh -", "off"),
    (f"INSTALL_K3S_EXEC='server {ARGUMENTS}'\n{INSTALL}sh -", "off"),
    (f"{INSTALL}K3S_TOKEN=x INSTALL_K3S_EXEC='{ARGUMENTS}' sh -", "off"),
    (f"{INSTALL}sh -s - server {ARGUMENTS}", "off"),
    (f"{INSTALL}sudo sh -s - {ARGUMENTS}", "off"),
    (f"{INSTALL}K3S_CLUSTER_INIT=true sh -s - --etcd-disable-snapshots", "off"),
    (f"{INSTALL}K3S_URL=https://a:6443 INSTALL_K3S_EXEC='server --etcd-disable-snapshots' sh -", "off"),
    (f"k3s server {ARGUMENTS}", "off"),
    ("rke2 server --etcd-disable-snapshots", "off"),
    (f"{INSTALL}INSTALL_K3S_EXEC='server --etcd-s3-config-secret=x --etcd-s3-bucket=y' sh -", "secret"),
    ("k3s server --cluster-init --etcd-s3-config-secret x --etcd-s3-bucket y", "secret"),
    ('k3s server --cluster-init --etcd-s3-config-secret x --etcd-s3-bucket "$BUCKET"', ""),
    (f"{INSTALL}K3S_DATASTORE_ENDPOINT=x INSTALL_K3S_EXEC='server --etcd-disable-snapshots' sh -", ""),
    (f"{INSTALL}INSTALL_K3S_EXEC='server --etcd-disable-snapshots' sh -", ""),
    (f"{INSTALL}INSTALL_K3S_EXEC='agent {ARGUMENTS}' sh -", ""),
    (f"{INSTALL}sh -s - agent {ARGUMENTS}", ""),
    (f"curl https://other.example | sh -s - {ARGUMENTS}", ""),
    (f"echo k3s server {ARGUMENTS}", ""),
    (f"# k3s server {ARGUMENTS}", ""),
    (f"{INSTALL}K3S_URL=https://a:6443 sh -", ""),
]


@pytest.mark.parametrize(("text", "expected"), SCRIPTS)
def test_scripts(text, expected, tmp_path):
    assert said(tmp_path, {"install.sh": f"#!/bin/sh\n{text}\n"}) == expected


def written(path="/etc/rancher/k3s/config.yaml", text="etcd-disable-snapshots: true", more=""):
    return f"  - path: {path}\n{more}    content: |\n      cluster-init: true\n      {text}\n"


BUTANE = """\
variant: fcos
version: 1.5.0
storage:
  files:
    - path: /etc/rancher/k3s/config.yaml
      contents: {inline: "cluster-init: true\\netcd-disable-snapshots: true\\n"}
"""
DROP_IN = written("/etc/rancher/k3s/config.yaml.d/x.yaml", "etcd-disable-snapshots: false")
CLOUD_INIT = [
    (f"write_files:\n{written()}", "off"),
    (f"write_files:\n{written('/etc/rancher/rke2/config.yaml')}", "off"),
    (f"write_files:\n{DROP_IN}{written()}", ""),
    (f"write_files:\n{written('/etc/other/config.yaml')}", ""),
    (f"write_files:\n{written(more='    encoding: b64' + chr(10))}", ""),
    ("write_files: [1, {path: /etc/rancher/k3s/config.yaml, content: [1]}, {path: [a], content: b}]\n", ""),
    (f"runcmd:\n  - {INSTALL}INSTALL_K3S_EXEC=\"server {ARGUMENTS}\" sh -\n", "off"),
    (f"runcmd:\n  - [k3s, server, {ARGUMENTS.replace(' ', ', ')}]\n", "off"),
    (f"runcmd:\n  - [k3s, agent, {ARGUMENTS.replace(' ', ', ')}]\n", ""),
    ("runcmd: {k3s: server}\n", ""),
    (BUTANE, "off"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CLOUD_INIT)
def test_cloud_init_and_butane(text, expected, tmp_path):
    assert said(tmp_path, {"cloud-init/server.yaml": text}) == expected


def test_servers_that_cloud_init_sets_up_are_compared(tmp_path):
    one, two = written(text="cluster-cidr: 10.1.0.0/16"), written(text="cluster-cidr: 10.2.0.0/16")
    files = {"cloud-init/pi1.yaml": f"write_files:\n{one}", "cloud-init/pi2.yaml": f"write_files:\n{two}"}
    assert said(tmp_path, files) == "twice drift"


TASKS = [
    (f"shell: {INSTALL}INSTALL_K3S_EXEC='server {ARGUMENTS}' sh -", "off"),
    (f"shell: {INSTALL}sh -\n      environment: {{INSTALL_K3S_EXEC: 'server {ARGUMENTS}'}}", "off"),
    (f"shell: {INSTALL}sh -\n      environment: {{INSTALL_K3S_EXEC: 'agent {ARGUMENTS}'}}", ""),
    (f"shell: {INSTALL}sh -\n      environment: '{{{{ env }}}}'", ""),
    (f"command: k3s server {ARGUMENTS}", "off"),
    ("copy:\n        dest: /etc/rancher/k3s/config.yaml\n        content: |\n          cluster-init: true\n"
     "          etcd-disable-snapshots: true", "off"),
    ("copy:\n        dest: /etc/rancher/k3s/config.yaml\n        src: config.yaml", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TASKS)
def test_tasks(text, expected, tmp_path):
    assert said(tmp_path, {"play.yml": f"- hosts: all\n  tasks:\n    - {text}\n"}) == expected


UNIT = "[Service]\nExecStart={} \\\n    server \\\n    '--cluster-init' \\\n    {} \\\n\n[Install]\n"
UNITS = [
    (UNIT.format("/usr/local/bin/k3s", "--etcd-disable-snapshots"), "off"),
    (UNIT.format("-/usr/local/bin/k3s", "'--etcd-disable-snapshots=true'"), "off"),
    (UNIT.format("/usr/local/bin/k3s", "--etcd-disable-snapshots").replace(" server ", " agent "), ""),
    (UNIT.format("/usr/local/bin/other", "--etcd-disable-snapshots"), ""),
    ("ExecStart=\nExecStart=k3s\nExecStart='k3s server\n", ""),
]


@pytest.mark.parametrize(("text", "expected"), UNITS)
def test_units(text, expected, tmp_path):
    assert said(tmp_path, {"systemd/k3s.service": text}) == expected
