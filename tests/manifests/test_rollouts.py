"""What plays take away together: which tasks interrupt, on which hosts they run, in which batches."""

import pytest
from host_trees import place, tree

from kubelint.manifests.hosts.rollouts import read_outages

INVENTORY = """\
k3s_cluster:
  children:
    server: {hosts: {s1: {first: true}, s2: {first: false}, s3: {first: false}}}
    agent: {hosts: {w1: {}, w2: {}}}
    boards: {hosts: {s1: {}, s2: {}, w1: {}}}
"""


def outages(play, files=()):
    project = tree({"hosts.yml": INVENTORY, "play.yml": play, **dict(files)})
    (nodes,) = project.hosts.ansible_nodes
    found = [outage for each in project.hosts.plays for outage in read_outages(each, nodes)]
    return project, found


def task(text, head=""):
    return f"- hosts: k3s_cluster\n{head}  tasks:\n    - {text}\n"


INTERRUPTIONS = [
    ("reboot:", "reboot"),
    ("ansible.builtin.reboot: {reboot_timeout: 5}", "reboot"),
    ("action: reboot", "reboot"),
    ("local_action: reboot", None),
    ("command: reboot", "reboot"),
    ("command: {cmd: /sbin/shutdown -r +1}", "reboot"),
    ("command: shutdown -hr now", "reboot"),
    ("command: shutdown --reboot", "reboot"),
    ("command: shutdown -h now", None),
    ("command: shutdown -c", None),
    ("command: {argv: [systemctl, reboot]}", "reboot"),
    ("command:\n      args: {cmd: systemctl reboot}", "reboot"),
    ("shell: sleep 5 && sudo reboot &", "reboot"),
    ("shell: echo reboot", None),
    ("shell: ssh other reboot", None),
    ("shell: '{{ restart_command }}'", None),
    ("command: netplan apply", "network"),
    ("command: netplan generate", None),
    ("raw: ifdown eth0; ifup eth0", "network"),
    ("command: ip addr flush dev eth0", "network"),
    ("command: ip a show", None),
    ("command: ip link set dev eth0 down", "network"),
    ("command: ip link set eth0 mtu 9000", None),
    ("command: ip link delete cilium_host", None),
    ("command: nmcli con up cluster", "network"),
    ("command: nmcli con show", None),
    ("command: nmcli device reapply eth0", "network"),
    ("command: networkctl reload", "network"),
    ("community.general.nmcli: {conn_name: a, state: present}", "network"),
    ("community.general.nmcli: {conn_name: a}", None),
    ("systemd: name=systemd-networkd state=restarted", "network"),
    ("service: {name: NetworkManager, state: restarted}", "network"),
    ("service: {name: networking, state: started}", None),
    ("command: service networking restart", "network"),
    ("command: systemctl restart --now k3s", "restart"),
    ("systemd_service: {name: rke2-server.service, state: restarted}", "restart"),
    ("systemd_service: {name: k3s@server, state: restarted}", "restart"),
    ("systemd_service: {name: etcd, state: restarted}", "restart"),
    ("systemd_service: {name: k3s-agent, state: restarted}", None),
    ("systemd_service: {name: kubelet, state: restarted}", None),
    ("systemd_service: {name: k3s, state: '{{ state }}'}", None),
    ("systemd_service: {name: k3s, state: stopped}", None),
    ("command: /usr/local/bin/k3s-killall.sh", None),
    ("copy: {src: a, dest: /etc/netplan/a.yaml}", None),
    ("debug: msg=reboot", None),
]


@pytest.mark.parametrize(("text", "kind"), INTERRUPTIONS)
def test_what_interrupts(text, kind):
    assert {outage.interruption.kind for outage in outages(task(text))[1]} == ({kind} if kind else set())


def test_what_stops_and_starts_again():
    parts = ["command: k3s-killall.sh", "service: {name: rke2-server, state: stopped}", "command: systemctl start k3s"]
    play = "- hosts: server\n  tasks:\n" + "".join(f"    - {part}\n" for part in parts)
    assert [(o.interruption.kind, o.interruption.unit) for o in outages(play)[1]] == [("stop", "k3s")]


WHERE = [
    ("", "s1 s2 s3"),
    ("when: \"'boards' in group_names\"", "s1 s2"),
    ("when: \"'boards' not in group_names\"", ""),
    ("when: inventory_hostname in groups['boards']", "s1 s2"),
    ("when: inventory_hostname in groups.boards", "s1 s2"),
    ("when: inventory_hostname not in groups['server']", ""),
    ("when: inventory_hostname == groups['server'][0]", ""),
    ("when: inventory_hostname != groups['server'] | first", "s2 s3"),
    ("when: inventory_hostname != 's1'", "s2 s3"),
    ("when: first", ""),
    ("when: not first | bool", "s2 s3"),
    ("when: [not first, due.stat.exists]", "s2 s3"),
    ("when: due.stat.exists and not first", "s2 s3"),
    ("when: due.stat.exists", "s1 s2 s3"),
    ("when: (due.stat.exists)", "s1 s2 s3"),
    ("when: due.stat.exists or forced", "s1 s2 s3"),
    ("when: first or inventory_hostname == 'x'", ""),
    ("when: k3s_control_node", ""),
    ("when: ansible_play_hosts | length > 1", ""),
    ("when: false", ""),
    ("when: true", "s1 s2 s3"),
    ("when:", "s1 s2 s3"),
    ("when: {a: 1}", ""),
    ("when: ['{{ x }}', true]", "s1 s2 s3"),
    ("throttle: 1", ""),
    ("throttle: '2'", "s1 s2"),
    ("throttle: 0", "s1 s2 s3"),
    ("throttle: '{{ many }}'", ""),
    ("run_once: true", ""),
    ("run_once: false", "s1 s2 s3"),
    ("delegate_to: other", ""),
    ("tags: [never]", ""),
]


@pytest.mark.parametrize(("words", "hosts"), WHERE)
def test_where_a_task_runs(words, hosts):
    found = outages(task(f"reboot:\n      {words}"))[1]
    assert " ".join(sorted(found[0].hosts) if found else []) == hosts


HEADS = [
    ("serial: 1", ""),
    ("serial: 2", "s1 s2"),
    ("serial: 40%", "s1 s2"),
    ("serial: [1, 2]", "s2 s3"),
    ("serial: 2\n  order: shuffle", ""),
    ("order: shuffle", "s1 s2 s3"),
    ("serial: '{{ x }}'", ""),
    ("connection: local", ""),
    ("strategy: free", "s1 s2 s3"),
]


@pytest.mark.parametrize(("head", "hosts"), HEADS)
def test_batches_of_a_play(head, hosts):
    found = outages(task("reboot:", f"  {head}\n"))[1]
    assert " ".join(sorted(found[0].hosts) if found else []) == hosts


PATTERNS = [("s1", 0), ("s1,s2", 2), ("server:!s3", 2), ("server[1:]", 2), ("all", 3), ("agent", 0), ("'{{ x }}'", 0)]


@pytest.mark.parametrize(("pattern", "number"), PATTERNS)
def test_hosts_of_a_play(pattern, number):
    found = outages(f"- hosts: {pattern}\n  tasks: [{{reboot: }}]\n")[1]
    assert (len(found[0].hosts) if found else 0) == number


def test_conditions_of_what_surrounds_a_task_hold_for_it():
    files = {"tasks.yml": "- reboot:\n", "roles/r/tasks/main.yml": "- reboot:\n"}
    play = """\
- hosts: server
  roles: [{role: r, when: first}]
  tasks:
    - include_tasks: tasks.yml
      when: first
    - when: not first
      block:
        - import_tasks: tasks.yml
"""
    assert [outage.hosts for outage in outages(play, files)[1]] == [("s2", "s3")]


HANDLERS = [
    ("notify: Restart", "s1 s2 s3"),
    ("notify: [Other, restart topic]", "s1 s2 s3"),
    ("notify: Restart\n      when: not first", "s2 s3"),
    ("notify: Other", ""),
    ("notify: '{{ x }}'", ""),
    ("when: true", ""),
]


@pytest.mark.parametrize(("words", "hosts"), HANDLERS)
def test_handlers_run_where_they_are_notified(words, hosts):
    head = "  handlers:\n    - {name: Restart, listen: restart topic, service: {name: k3s, state: restarted}}\n"
    found = outages(task(f"copy:\n      {words}", head))[1]
    assert " ".join(sorted(found[0].hosts) if found else []) == hosts


def test_places():
    project, found = outages(task("shell: |\n        apt upgrade\n        systemctl restart k3s\n"))
    assert [place(project, outage.interruption.at) for outage in found] == ["play.yml:5:9 systemctl restart k3s"]


def test_a_group_of_etcd_names_the_members():
    files = {
        "play.yml": "- hosts: kube_control_plane\n  tasks: [{reboot: }]\n- hosts: etcd\n  tasks: [{reboot: }]\n",
        "hosts.ini": "[kube_control_plane]\na\nb\n[etcd]\nc\nd\ne\n[kube_node]\nf\n",
    }
    project = tree(files)
    (nodes,) = project.hosts.ansible_nodes
    assert [len(outage.hosts) for play in project.hosts.plays for outage in read_outages(play, nodes)] == [3]
