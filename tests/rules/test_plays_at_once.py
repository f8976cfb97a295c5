"""Plays that take the control plane down at once: each way to choose hosts, to hold back, to name and to nest."""

import pytest
from small_trees import found

ID = "control-plane-changed-at-once"
INVENTORY = """\
[k3s_server]
s[1:3]

[k3s_agent]
w[1:2]

[k3s_cluster:children]
k3s_server
k3s_agent
"""
REBOOT = "    - ansible.builtin.reboot:\n"


def play(head="", tasks=REBOOT, hosts="k3s_cluster", name="Update"):
    return f"- name: {name}\n  hosts: {hosts}\n{head}  tasks:\n{tasks}"


def severity(folder, files):
    said = found(folder, {"hosts.ini": INVENTORY, **files}, ID)
    return said[0].removeprefix(f"{ID} ") if said else None


HOSTS = [
    ("all:!k3s_agent", "error"),
    ("'all,!k3s_server'", None),
    ("[k3s_server, '!s3']", "error"),
    ("[k3s_server, '!s3', '!s2']", None),
    ("'k3s_cluster:&k3s_server'", "error"),
    ("'k3s_cluster:&k3s_agent'", None),
    ("'k3s_server[1:]'", "error"),
    ("'k3s_server[0]'", None),
    ("'s*'", "error"),
    ("'~s[12]'", "error"),
    ("localhost", None),
    ("\"{{ target | default('k3s_cluster') }}\"", "error"),
    ("\"{{ target | default('s1') }}\"", None),
    ("'{{ target }}'", None),
    ("5", None),
    ("", None),
    ("{a: b}", None),
]


@pytest.mark.parametrize(("hosts", "expected"), HOSTS)
def test_hosts(hosts, expected, tmp_path):
    assert severity(tmp_path, {"play.yml": play(hosts=hosts)}) == expected


HEADS = [
    ("become: true\n  gather_facts: false", "error"),
    ("strategy: free\n  any_errors_fatal: true", "error"),
    ("strategy: host_pinned", "error"),
    ("max_fail_percentage: 0", "error"),
    ("serial: 0", "error"),
    ("serial: -1", "error"),
    ("serial: '100%'", "error"),
    ("serial: 67%", "error"),
    ("serial: 30%", None),
    ("serial: [1, 5]", "error"),
    ("serial: [1, '50%']", None),
    ("serial: [1]", None),
    ("serial: '1'", None),
    ("serial: '{{ batch }}'", None),
    ("serial: '{{ batch | default(1) }}'", None),
    ("serial: '{{ batch | default(3) }}'", "error"),
    ("vars: {batch: 1}\n  serial: '{{ batch | default(3) }}'", None),
    ("vars: {batch: 3}\n  serial: '{{ batch }}'", "error"),
    ("vars_prompt: [{name: batch}]\n  serial: '{{ batch | default(3) }}'", None),
    ("serial: 1.5", None),
    ("serial: true", None),
    ("throttle: 1", None),
    ("throttle: 2", "error"),
    ("run_once: true", None),
    ("connection: local", None),
    ("connection: ansible.builtin.local", None),
    ("connection: ssh", "error"),
    ("tags: [never, reboot]", None),
    ("tags: 'reboot,never'", None),
    ("tags: [reboot]", "error"),
]


@pytest.mark.parametrize(("head", "expected"), HEADS)
def test_heads(head, expected, tmp_path):
    assert severity(tmp_path, {"play.yml": play(f"  {head}\n", hosts="k3s_server")}) == expected


TASKS = [
    ("ansible.builtin.reboot:\n      throttle: 1", None),
    ("ansible.builtin.reboot:\n      throttle: 2", "error"),
    ("throttle: 1\n      block:\n        - ansible.builtin.reboot:", None),
    ("tags: [never]\n      block:\n        - reboot:\n          tags: [now]", None),
    ("block:\n        - debug:\n      rescue:\n        - reboot:", "error"),
    ("ansible.builtin.reboot:\n      check_mode: true", None),
    ("reboot:\n      when: ansible_os_family == 'Debian'", "error"),
    ("reboot:\n      when: \"'k3s_agent' in group_names\"", None),
    ("service: {name: k3s, state: restarted}", "warning"),
    ("service: {name: '{{ item }}', state: restarted}\n      loop: [k3s]", "warning"),
    ("service: {name: '{{ item }}', state: restarted}\n      loop: [chrony]", None),
    ("service: {name: '{{ item.unit }}', state: restarted}\n      with_items: [{unit: systemd-networkd}]", "error"),
    ("service: {name: '{{ item }}', state: restarted}\n      loop: '{{ units }}'", None),
    ("service: {name: '{{ unit }}', state: restarted}", None),
    ("script: scripts/vlan.sh --now", "error"),
    ("script: scripts/other.sh", None),
    ("script: nowhere.sh", None),
    ("script:\n        cmd: vlan.sh", "error"),
    ("command: init 6", "error"),
    ("command: init 0", None),
    ("command: systemctl kexec", "error"),
    ("command: netplan --debug apply", "error"),
    ("shell: (sleep 2; reboot) &", "error"),
    ("shell: systemctl stop k3s && systemctl start k3s", "warning"),
    ("apt: {upgrade: dist}", None),
]


@pytest.mark.parametrize(("task", "expected"), TASKS)
def test_tasks(task, expected, tmp_path):
    scripts = {"scripts/vlan.sh": "netplan apply\n", "files/vlan.sh": "netplan apply\n", "scripts/other.sh": "ls\n"}
    assert severity(tmp_path, {"play.yml": play(tasks=f"    - {task}\n"), **scripts}) == expected


NAMES = [
    ("Update packages", "error"),
    ("Change VLAN", "error"),
    ("Unstoppable updates", "error"),
    ("Nonstop", "error"),
    ("Preset kernel options", "error"),
    ("Update installed packages", "error"),
    ("Install the latest security patches", "error"),
    ("Clean the package cache and reboot", "error"),
    ("Deploy new network config", "error"),
    ("Create the storage VLAN", "error"),
    ("Update the website", "error"),
    ("Deploy k3s", None),
    ("Create the cluster", None),
    ("Reset cluster", None),
    ("Reinstall", None),
    ("Install k3s", None),
    ("Uninstall", None),
    ("Bootstrap", None),
    ("Provision", None),
    ("Shutdown all", None),
    ("Stop everything", None),
    ("Tear down", None),
    ("Set up nodes", None),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_names(name, expected, tmp_path):
    assert severity(tmp_path, {"play.yml": play(name=name)}) == expected


FILES = [
    ("configure_static_ip_address.yml", "error"),
    ("install-updates.yml", "error"),
    ("websites.yml", "error"),
    ("install/upgrade.yml", "error"),
    ("playbooks/network/main.yml", "error"),
    ("k3s_reset.yml", None),
    ("site.yml", None),
    ("playbooks/reset/main.yml", None),
]


@pytest.mark.parametrize(("file", "expected"), FILES)
def test_files(file, expected, tmp_path):
    assert severity(tmp_path, {file: play()}) == expected


IMPORTERS = [
    ({"site.yml": "books/nodes.yml"}, "error"),
    ({"weekly.yml": "books/nodes.yml"}, "error"),
    ({"reset.yml": "books/nodes.yml"}, None),
    ({"reset.yml": "books/nodes.yml", "weekly.yml": "books/nodes.yml"}, "error"),
    ({"reset.yml": "books/nodes.yml", "bootstrap.yml": "books/../books/nodes.yml"}, None),
    ({"reset.yml": "{{ book }}"}, "error"),
]


@pytest.mark.parametrize(("importers", "expected"), IMPORTERS)
def test_who_imports_a_play(importers, expected, tmp_path):
    files = {name: f"- import_playbook: '{target}'\n" for name, target in importers.items()}
    assert severity(tmp_path, {"books/nodes.yml": play(name="Nodes"), **files}) == expected


def role(name, text="- ansible.builtin.command: netplan apply\n", part="tasks"):
    return {f"{name}/{part}/main.yml": text}


COLLECTION = "collections/ansible_collections/mine/net"
ROLES = [
    ("roles: [net]", role("roles/net"), "error"),
    ("roles: [net]", role("roles/net", "- command: ls\n"), None),
    ("roles: [net]", role("roles/net", "dependencies: [{role: low}]\n", "meta") | role("roles/low"), "error"),
    ("roles: [mine.net.vlan]", role(f"{COLLECTION}/roles/vlan"), "error"),
    ("roles: [mine.other.vlan]", role(f"{COLLECTION}/roles/vlan"), None),
    ("roles: [mine.net.vlan]", role("roles/vlan") | {"galaxy.yml": "namespace: mine\nname: net\n"}, "error"),
    ("roles: [mine.net.vlan]", role("roles/vlan") | {"galaxy.yml": "namespace: mine\nname: else\n"}, None),
    ("tasks: [{include_role: {name: net, tasks_from: x.yml}}]", {"roles/net/tasks/x.yml": "- reboot:\n"}, "error"),
    ("tasks: [{include_tasks: '{{ item }}', loop: [a.yml]}]", {"a.yml": "- reboot:\n"}, None),
    (
        "roles: [net]",
        role("roles/net", "- include_tasks: sub/a.yml\n")
        | {"roles/net/tasks/sub/a.yml": "- include_tasks: b.yml\n", "roles/net/tasks/sub/b.yml": "- reboot:\n"},
        "error",
    ),
    (
        "roles: [net]",
        role("roles/net", "- copy:\n  notify: 'net : apply'\n")
        | role("roles/net", "- {name: apply, command: netplan apply}\n", "handlers"),
        "error",
    ),
    (
        "roles: [net]",
        role("roles/net", "- copy:\n  notify: 'other : apply'\n")
        | role("roles/net", "- {name: apply, command: netplan apply}\n", "handlers"),
        None,
    ),
]


@pytest.mark.parametrize(("work", "files", "expected"), ROLES)
def test_roles(work, files, expected, tmp_path):
    assert severity(tmp_path, {"play.yml": f"- hosts: k3s_cluster\n  {work}\n", **files}) == expected


HANDLERS = [
    ("- {name: one, command: netplan apply}", "error"),
    ("- {name: two, command: netplan apply}", None),
    ("- {name: x, listen: [one, other], command: netplan apply}", "error"),
    ("- {name: one, throttle: 1, command: netplan apply}", None),
    ("- import_tasks: all.yml", "error"),
    ("- {name: one, command: ls, notify: two}\n    - {name: two, command: netplan apply}", "error"),
]


@pytest.mark.parametrize(("handlers", "expected"), HANDLERS)
def test_handlers(handlers, expected, tmp_path):
    text = play(f"  handlers:\n    {handlers}\n", "    - {copy: {src: a, dest: b}, notify: one}\n")
    files = {"play.yml": text, "all.yml": "- {name: one, command: netplan apply}\n"}
    assert severity(tmp_path, files) == expected
