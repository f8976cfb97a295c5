"""Plays and their tasks: sections, blocks, roles, imported files, and what cannot be found."""

import pytest
from host_trees import place, tree

SITE = """\
- import_playbook: other.yml
- name: Upgrade
  hosts: [k3s, "!nas"]
  serial: 1
  pre_tasks:
    - name: ask
      pause: {seconds: 1}
  roles:
    - base
    - {role: k3s/server, when: true}
    - ns.collection.role
  tasks:
    - name: group
      throttle: 1
      block:
        - name: first
          ansible.builtin.command: netplan apply
        - import_tasks: tasks/reboot.yml
      rescue:
        - debug: msg="it broke"
    - include_tasks: "{{ inventory_hostname }}.yml"
    - include_tasks: {file: nowhere.yml}
    - import_role: {name: base, tasks_from: extra}
  handlers:
    - name: restart
      service: name=k3s state="restarted"
"""
FILES = {
    "ansible/site.yml": SITE,
    "ansible/other.yml": "- hosts: localhost\n  tasks:\n    - local_action: shell reboot now\n    - with_items: [a]\n",
    "ansible/tasks/reboot.yml": "- name: again\n  reboot:\n- import_tasks: reboot.yml\n",
    "ansible/roles/base/tasks/main.yml": "- name: base\n  apt: {upgrade: dist}\n- include_tasks: more.yml\n",
    "ansible/roles/base/tasks/more.yml": "- name: more\n  copy:\n  throttle: 2\n",
    "ansible/roles/base/tasks/extra.yaml": "- name: extra\n  action: {module: systemd_service, name: k3s}\n",
    "ansible/roles/base/handlers/main.yml": "- name: handler of base\n  meta: flush_handlers\n",
    "ansible/roles/k3s/server/meta/main.yml": "dependencies: [base, {role: k3s/server}]\n",
    "ansible/roles/k3s/server/tasks/main.yml": "- name: server\n  template: {dest: /etc/x}\n",
}


def test_plays_and_their_patterns():
    project = tree(FILES)
    plays = project.hosts.plays
    assert [(play.file, play.name, play.patterns) for play in plays] == [
        ("ansible/site.yml", "Upgrade", ["k3s", "!nas"]),
        ("ansible/other.yml", None, ["localhost"]),
    ]
    assert place(project, plays[0].root.get("serial")) == "ansible/site.yml:4:11 1"


def test_tasks_in_the_order_that_they_run():
    play = tree(FILES).hosts.plays[0]
    assert [(task.section, task.name or task.module) for task in play.tasks] == [
        ("pre_tasks", "ask"),
        ("roles", "base"),
        ("roles", "include_tasks"),
        ("roles", "more"),
        ("roles", "server"),
        ("tasks", "first"),
        ("tasks", "import_tasks"),
        ("tasks", "again"),
        ("tasks", "import_tasks"),
        ("tasks", "debug"),
        ("tasks", "include_tasks"),
        ("tasks", "include_tasks"),
        ("tasks", "import_role"),
        ("tasks", "extra"),
        ("handlers", "handler of base"),
        ("handlers", "restart"),
    ]
    assert [field.name for field in play.unresolved] == ["2", "1", "2"]


def test_modules_arguments_and_keywords():
    project = tree(FILES)
    tasks = {task.name: task for task in project.hosts.plays[0].tasks}
    assert tasks["first"].module == "command" and tasks["first"].free_form == "netplan apply"
    assert tasks["first"].keyword("throttle").integer == 1 and tasks["again"].keyword("throttle").integer == 1
    assert tasks["more"].keyword("throttle").integer == 2 and tasks["base"].keyword("throttle").absent
    assert tasks["extra"].module == "systemd_service" and tasks["extra"].argument("name") == "k3s"
    restart = tasks["restart"]
    assert (restart.module, restart.argument("name"), restart.argument("state")) == ("service", "k3s", "restarted")
    assert place(project, tasks["again"].root.get("reboot").key) == "ansible/tasks/reboot.yml:2:3 reboot"
    local, loop = project.hosts.plays[1].tasks
    assert (local.module, local.free_form, loop.module, loop.free_form) == ("shell", "reboot now", None, None)


def test_includes_hand_down_only_what_they_apply():
    files = {
        "p.yml": "- hosts: a\n  tasks:\n    - include_tasks: {file: t.yml}\n      throttle: 1\n      run_once: true\n",
        "t.yml": "- reboot:\n",
    }
    (_, reboot) = tree(files).hosts.plays[0].tasks
    assert reboot.keyword("throttle").absent and reboot.keyword("run_once").absent


ODD = [
    "- hosts: a\n  tasks: {a: 1}\n  roles: text\n  handlers: 3\n",
    "- hosts: {a: 1}\n  tasks: [1, text, [], {}, null, {block: text}, {block: [[]]}]\n",
    "- hosts:\n  roles: [1, {}, {role: 7}, {role: '{{ x }}'}, null, /etc/x, ../../../x]\n",
    "- hosts: [1, a]\n  tasks:\n    - include_tasks:\n    - import_role: text\n    - action:\n    - local_action: 5\n",
    "- hosts: ''\n",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_plays(text):
    (play,) = tree({"p.yml": text}).hosts.plays
    assert isinstance(play.tasks, list) and play.patterns in (None, ["a"])


@pytest.mark.parametrize("text", ["- a\n- hosts: b\n", "hosts: a\n", "- name: task\n  command: x\n", "[]\n"])
def test_lists_that_are_no_plays(text):
    assert tree({"p.yml": text}).hosts.plays == []


def test_circles_end():
    files = {
        "p.yml": "- hosts: a\n  roles: [one]\n  tasks:\n    - include_tasks: x.yml\n",
        "x.yml": "- include_tasks: y.yml\n",
        "y.yml": "- include_tasks: x.yml\n- include_tasks: x.yml\n",
        "roles/one/tasks/main.yml": "- import_role: {name: two}\n",
        "roles/two/tasks/main.yml": "- import_role: {name: one}\n- command: a\n",
    }
    assert [task.module for task in tree(files).hosts.plays[0].tasks].count("command") == 1


def test_blocks_that_multiply_end_soon():
    lines = ["- hosts: a", "  vars:", "    l0: &l0 []"]
    lines += [f"    l{n}: &l{n} [{{block: *l{n - 1}}}, {{block: *l{n - 1}}}]" for n in range(1, 38)]
    for play in tree({"p.yml": "\n".join([*lines, "  tasks: *l37"])}).hosts.plays:
        assert len(play.tasks) <= 20_000


def test_roles_of_another_repository_are_not_run():
    files = {"one/p.yml": "- hosts: a\n  roles: [base]\n", "roles/base/tasks/main.yml": "- command: a\n"}
    (play,) = tree(files, repositories=["one"]).hosts.plays
    assert play.tasks == [] and len(play.unresolved) == 1
