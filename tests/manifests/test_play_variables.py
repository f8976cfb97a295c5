"""Variables that plays give: whose they are, and which of several wins."""

import pytest
from host_trees import place, tree

from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory

INVENTORY = """\
k3s_cluster:
  children:
    server: {hosts: {s1: {}, s2: {}, s3: {}}}
    agent: {hosts: {w1: {}}}
"""
TAINT = (
    "k3s_server_config:\n  node-taint: ['node-role.kubernetes.io/control-plane:NoSchedule']\n  flannel-backend: none\n"
)


def nodes(files):
    (found,) = tree(files).hosts.ansible_nodes
    return found


def backends(files, host="s1"):
    return [config.text("flannel-backend") for config in nodes(files).configs(host)]


INCLUDES = [
    'include_vars: "vars/cluster.yml"',
    "include_vars: cluster.yml",
    "include_vars: {file: cluster.yml}",
    "ansible.builtin.include_vars:\n        file: vars/cluster.yml",
]


@pytest.mark.parametrize("include", INCLUDES)
def test_files_that_tasks_include(include):
    files = {
        "hosts.yml": INVENTORY,
        "site.yml": f"- hosts: k3s_cluster\n  pre_tasks:\n    - {include}\n",
        "vars/cluster.yml": TAINT,
    }
    assert backends(files) == ["none"] and backends(files, "w1") == []
    project = tree(files)
    server, worker = project.inventory().nodes["s1"], project.inventory().nodes["w1"]
    assert [place(project, taint.at) for taint in server.taints] == [
        "vars/cluster.yml:2:16 'node-role.kubernetes.io/control-plane:NoSchedule'"
    ]
    assert worker.taints == []


def role(part, backend):
    return {f"roles/k3s/{part}/main.yml": f"k3s_server: {{flannel-backend: {backend}, embedded-registry: true}}\n"}


PLAY = """\
- hosts: server
  {}
  roles: [k3s]
  tasks:
    - debug:
    {}
"""
TASKS = {"roles/k3s/tasks/main.yml": "- debug:\n"}
SETTING = "k3s_server: {{flannel-backend: {}, embedded-registry: true}}"
RANKS = [
    ({}, "", "", "default"),
    ({"group_vars/server.yml": SETTING.format("inventory")}, "", "", "inventory"),
    ({}, f"vars: {{{SETTING.format('play')}}}", "", "play"),
    ({"more.yml": SETTING.format("file")}, f"vars_files: [more.yml]\n  vars: {{{SETTING.format('play')}}}", "", "file"),
    (role("vars", "role") | {"more.yml": SETTING.format("file")}, "vars_files: [more.yml]", "", "role"),
    (role("vars", "role") | {"vars/x.yml": SETTING.format("task")}, "", "- include_vars: x.yml", "task"),
    ({"vars/x.yml": SETTING.format("task")}, "", "- {include_vars: x.yml, when: second}", "default"),
    ({}, "", "- include_vars: '{{ x }}.yml'", "default"),
    ({}, "", "- include_vars: nowhere.yml", "default"),
]


@pytest.mark.parametrize(("files", "head", "task", "wins"), RANKS)
def test_which_wins(files, head, task, wins):
    base = {"hosts.yml": INVENTORY, "site.yml": PLAY.format(head, task), **TASKS, **role("defaults", "default")}
    assert backends(base | files) == [wins]


def test_hosts_of_other_plays_get_nothing():
    files = {
        "hosts.yml": INVENTORY,
        "site.yml": "- hosts: s1\n  vars_files: [x.yml]\n- hosts: '{{ who }}'\n  vars_files: [x.yml]\n- hosts: w1\n",
        "x.yml": TAINT,
    }
    assert backends(files) == ["none"] and backends(files, "s2") == []


def test_another_repository_gives_nothing():
    files = {"hosts.yml": INVENTORY, "one/site.yml": "- hosts: all\n  vars_files: [x.yml]\n", "one/x.yml": TAINT}
    (found,) = tree(files, repositories=["one"]).hosts.ansible_nodes
    assert found.configs("s1") == []


def test_variables_named_after_the_other_part_are_not_for_a_host():
    both = (
        "k3s_server: {flannel-backend: none, node-label: [a=server]}\nk3s_agent: {node-label: [a=agent], node-ip: x}\n"
    )
    files = {"hosts.yml": INVENTORY, "group_vars/all.yml": both}
    machines = {machine.node_name: dict(machine.labels) for machine in nodes(files).machines()}
    labels = {name: found["a"].value for name, found in machines.items()}
    assert labels == {"s1": "server", "s2": "server", "s3": "server", "w1": "agent"}


def test_circles_of_roles_and_includes_end():
    files = {
        "hosts.yml": INVENTORY,
        "site.yml": "- hosts: all\n  vars_files: [site.yml, x.yml, x.yml]\n  roles: [a]\n- import_playbook: site.yml\n",
        "x.yml": TAINT,
        "roles/a/meta/main.yml": "dependencies: [a, b]\n",
        "roles/b/meta/main.yml": "dependencies: [a]\n",
        "roles/b/tasks/main.yml": "- include_vars: main.yml\n- import_role: {name: a}\n",
        "roles/b/vars/main.yml": TAINT.replace("none", "vxlan"),
    }
    assert backends(files) == ["vxlan"]


def test_an_inventory_without_plays_costs_nothing_more():
    assert isinstance(nodes({"hosts.yml": INVENTORY}).inventory, AnsibleInventory)
