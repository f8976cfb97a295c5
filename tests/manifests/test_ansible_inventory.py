"""Ansible inventories: INI and YAML, ranges, groups, variables and their precedence, patterns of hosts."""

import string

import pytest
from host_trees import place, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.manifests.hosts.host_patterns import match_hosts
from kubelint.manifests.hosts.ini_inventory import split_port
from kubelint.manifests.hosts.ranges import MOST, expand

RANGES = [
    ("web", ["web"]),
    ("web[1:3]", ["web1", "web2", "web3"]),
    ("web[01:20:9]", ["web01", "web10", "web19"]),
    ("web[:2].example.org", ["web0.example.org", "web1.example.org", "web2.example.org"]),
    ("[a:c]x", ["ax", "bx", "cx"]),
    ("[a:e:2]", ["a", "c", "e"]),
    ("[X:Z]", ["X", "Y", "Z"]),
    ("r[1:2]n[1:2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
    ("[a:zz]", None),
    ("[aa:b]", None),
    ("[1:99999999]", None),
    ("[1:99999999999999999999999]", None),
    ("[1:9][1:9][1:9][1:9][1:9]", None),
    ("[f:a]", None),
    ("[3:1]", None),
    ("[01:100]", None),
    ("[1:]", None),
    ("[1]", None),
    ("[1:2:0]", None),
    ("[1:2:x]", None),
    ("[1:2", None),
    ("[1:2:3:4]", None),
    ("[²:3]", None),
]


@pytest.mark.parametrize(("pattern", "names"), RANGES)
def test_ranges(pattern, names):
    assert expand(pattern) == names


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 50), st.integers(0, 5))
def test_number_ranges_agree_with_counting(first, last, step, width):
    first_text, last_text = str(first).zfill(width), str(last).zfill(width)
    expected, number = [], first
    while number <= last:
        expected.append(f"n{str(number).zfill(len(first_text)) if first_text[0] == '0' else number}.x")
        number += step
    padded = first_text[0] == "0" and len(first_text) > 1
    refused = not expected or len(expected) > MOST or (padded and len(first_text) != len(last_text))
    assert expand(f"n[{first_text}:{last_text}:{step}].x") == (None if refused else expected)


@settings(deadline=None)
@given(st.sampled_from(string.ascii_letters), st.sampled_from(string.ascii_letters), st.integers(1, 60))
def test_letter_ranges_agree_with_walking(first, last, step):
    letters = string.ascii_letters
    walked = [letters[at] for at in range(52) if letters.index(first) <= at <= letters.index(last)]
    assert expand(f"[{first}:{last}:{step}]") == (walked[::step] or None)


@settings(deadline=None)
@given(st.text(alphabet="[]:az019-. ", max_size=30))
def test_ranges_never_raise_and_never_explode(text):
    names = expand(text)
    assert names is None or (0 < len(names) <= MOST and not any("[" in name for name in names))


PORTS = [
    ("web", "web", None),
    ("web:2222", "web", 2222),
    ("web[1:3]:22", "web[1:3]", 22),
    ("web[1:3]", "web[1:3]", None),
    ("10.0.0.1:22", "10.0.0.1", 22),
    ("fe80::1:22", "fe80::1:22", None),
    ("[2001:db8::1]:22", "[2001:db8::1]", 22),
]


@pytest.mark.parametrize(("text", "host", "port"), PORTS)
def test_ports(text, host, port):
    assert split_port(text) == (host, port)


INI = """\
# the cluster
bastion ansible_host=203.0.113.9   # the way in
[masters]
pi[1:3].lan ansible_user=pi node_ip="192.0.2.1 x"
[workers]
nuc1 ansible_port=22 labels=['a','b'] ; not a comment
[x86]
nuc1
[k3s:children]
masters
workers
[k3s:vars]
k3s_version = v1.34.1+k3s1
domain=lan
[masters:vars]
domain=masters.lan
"""


def inventory(files):
    project = tree(files)
    (found,) = project.hosts.inventories
    return project, found


def test_ini():
    project, found = inventory({"inventory/home/hosts.ini": INI.replace(" ; not a comment", "")})
    assert list(found.hosts) == ["bastion", "pi1.lan", "pi2.lan", "pi3.lan", "nuc1"]
    assert found.members("k3s") == ["pi1.lan", "pi2.lan", "pi3.lan", "nuc1"]
    assert found.members("ungrouped") == ["bastion"] and found.members("nothing") == []
    assert found.groups_of("pi1.lan") == ["all", "k3s", "masters"]
    shown = {name: (value.value, place(project, value.at)) for name, value in found.variables("pi1.lan").items()}
    assert shown == {
        "k3s_version": ("v1.34.1+k3s1", "inventory/home/hosts.ini:13:15 v1.34.1+k3s1"),
        "domain": ("masters.lan", "inventory/home/hosts.ini:16:8 masters.lan"),
        "ansible_user": ("pi", "inventory/home/hosts.ini:4:26 pi"),
        "node_ip": ("192.0.2.1 x", 'inventory/home/hosts.ini:4:37 "192.0.2.1 x"'),
    }
    assert found.variable("nuc1", "labels").value == ["a", "b"]
    assert found.variable("nuc1", "ansible_port").value == 22
    assert found.variable("bastion", "ansible_host").value == "203.0.113.9"
    assert place(project, found.hosts["pi2.lan"].at) == "inventory/home/hosts.ini:4:1 pi[1:3].lan"


OTHER_INI = [
    "[server]\nhttp_port = 3000\n",
    "[DEFAULT]\nkey: value\n",
    "[a b]\nx\n",
    "no section but words = of an ini file\n",
    "",
    "[only]\n",
    "\x00\n[[[\n",
]


@pytest.mark.parametrize("text", OTHER_INI)
def test_other_ini_files_are_no_inventories(text):
    assert tree({"grafana.ini": text}).hosts.inventories == []


def test_ranges_that_ansible_refuses_are_unknown_hosts():
    _, found = inventory({"hosts.ini": "[k3s]\ngood\nbad[a:zz]\nhuge[1:99999999]\n"})
    assert list(found.hosts) == ["good"] and found.has_unknown("k3s") and found.has_unknown("all")
    assert not found.has_unknown("other") and match_hosts(found, ["k3s"]) is None


def test_many_huge_lines_end_soon():
    _, found = inventory({"hosts.ini": "[k3s]\n" + "".join(f"h{n}x[1:4000]\n" for n in range(5000))})
    assert len(found.hosts) <= 20_000 and found.has_unknown("k3s")


@settings(deadline=None)
@given(st.text(alphabet="[]:=\"'#ab1 \n\\{}", max_size=200))
def test_ini_never_raises(text):
    for found in tree({"hosts.ini": text}).hosts.inventories:
        assert found.hosts or found.unknown


YAML = """\
all:
  vars: {domain: lan}
  hosts:
    nas: {ansible_host: 192.0.2.50}
  children:
    cluster:
      children:
        servers:
          hosts:
            node[1:2]: {arch: arm64}
        agents:
          hosts:
            node3:
              arch: "{{ machine }}"
"""


def test_yaml():
    project, found = inventory({"ansible/inventory.yml": YAML})
    assert list(found.hosts) == ["nas", "node1", "node2", "node3"]
    assert found.members("cluster") == ["node1", "node2", "node3"] and found.members("all") == list(found.hosts)
    assert place(project, found.hosts["node2"].at) == "ansible/inventory.yml:10:13 node[1:2]"
    assert found.variable("node2", "arch").text == "arm64" and found.variable("node2", "domain").text == "lan"
    assert found.variable("node3", "arch").unknown and found.variable("node3", "nothing") is None


NO_YAML_INVENTORY = [
    ("values.yaml", "ingress: {hosts: {a: 1}}\n"),
    ("group_vars/all.yml", "all: {hosts: {a: }}\n"),
    ("inventory.yml", "plugin: aws_ec2\n"),
    ("inventory.yml", "web: {hosts: {a: }, other: 1}\n"),
    ("inventory.yml", "- all: {hosts: {a: }}\n"),
    ("inventory.yml", "all: {hosts: [a, b]}\n"),
    ("inventory.yml", "all: text\n"),
]


@pytest.mark.parametrize(("name", "text"), NO_YAML_INVENTORY)
def test_other_yaml_files_are_no_inventories(name, text):
    assert tree({name: text}).hosts.inventories == []


def test_plain_groups_need_the_name_of_an_inventory():
    text = "web: {hosts: {a: }}\n"
    assert tree({"config.yaml": text}).hosts.inventories == []
    assert [found.file for found in tree({"inventory/hosts.yaml": text}).hosts.inventories] == ["inventory/hosts.yaml"]


def test_aliases_that_multiply_end_soon():
    levels = ["l0: &l0 {children: {x: }}"]
    levels += [f"l{n}: &l{n} {{children: {{a: *l{n - 1}, b: *l{n - 1}}}}}" for n in range(1, 40)]
    assert len(tree({"inventory.yml": "\n".join(levels)}).hosts.inventories) <= 1


PRECEDENCE = {
    "inventory/hosts.ini": "[all:vars]\nv=1\n[web]\nh1\nh2 v=7\n[web:vars]\nv=4\n",
    "inventory/group_vars/all.yml": "v: 2\n",
    "group_vars/all/main.yml": "v: 3\n",
    "inventory/group_vars/web.yml": "v: 5\n",
    "group_vars/web.yml": "v: 6\n",
    "inventory/host_vars/h2.yml": "v: 8\n",
    "host_vars/h2.yml": "v: 9\n",
    "site.yml": "- hosts: all\n",
}


def test_precedence_of_variables():
    """Each file in the order of ansible's documentation outweighs those before."""
    left = dict(PRECEDENCE)
    for name, host, value in [
        ("host_vars/h2.yml", "h2", 9),
        ("inventory/host_vars/h2.yml", "h2", 8),
        ("group_vars/web.yml", "h1", 6),
        ("inventory/group_vars/web.yml", "h1", 5),
    ]:
        assert inventory(left)[1].variable(host, "v").value == value
        del left[name]
    assert inventory(left)[1].variable("h2", "v").value == 7
    left["inventory/hosts.ini"] = "[all:vars]\nv=1\n[web]\nh1\n"
    for name, value in [("group_vars/all/main.yml", 3), ("inventory/group_vars/all.yml", 2)]:
        assert inventory(left)[1].variable("h1", "v").value == value
        del left[name]
    assert inventory(left)[1].variable("h1", "v").value == 1


def test_deeper_groups_outweigh_their_parents():
    text = "[b]\nh\n[a:children]\nb\n[z:children]\na\n[a:vars]\nv=a\n[z:vars]\nv=z\n"
    assert inventory({"hosts.ini": text})[1].variable("h", "v").value == "a"


def test_groups_in_a_circle():
    text = "[a:children]\nb\n[b:children]\na\n[b]\nh\n[a:vars]\nv=1\n"
    _, found = inventory({"hosts.ini": text})
    assert found.members("a") == ["h"] and found.variable("h", "v").value == 1


def test_encrypted_variables_are_hidden():
    files = {"hosts.ini": "[web]\nh\n", "group_vars/web.yml": "$ANSIBLE_VAULT;1.1;AES256\n"}
    assert inventory(files)[1].hidden("h")
    assert not inventory({"hosts.ini": "[web]\nh\n"})[1].hidden("h")


def test_variables_of_another_repository_do_not_count():
    files = {"one/hosts.ini": "[web]\nh\n", "one/a.yaml": "a: 1\n", "site.yml": "- hosts: all\n"}
    files["group_vars/web.yml"] = "v: 1\n"
    (found,) = tree(files, repositories=["one"]).hosts.inventories
    assert found.repository == "one" and found.variable("h", "v") is None


PATTERNS = [
    ("all", ["db1", "n1", "n2", "n3"]),
    ("*", ["db1", "n1", "n2", "n3"]),
    ("masters", ["n1", "n2"]),
    ("masters:workers", ["n1", "n2", "n3"]),
    ("masters,db1", ["db1", "n1", "n2"]),
    ("k3s:!masters", ["n3"]),
    ("k3s:&x86", ["n2", "n3"]),
    ("k3s:&x86:!workers", ["n2"]),
    ("!masters", ["db1", "n3"]),
    ("n*", ["n1", "n2", "n3"]),
    ("~n[12]", ["n1", "n2"]),
    ("~(", None),
    ("~n[--2]+", ["n1", "n2"]),
    ("~(a+)+$", None),
    ("k3s[0]", ["n1"]),
    ("k3s[-1]", ["n3"]),
    ("k3s[1:]", ["n2", "n3"]),
    ("k3s[0:1]", ["n1", "n2"]),
    ("k3s[9]", []),
    ("nothing", []),
    ("localhost", ["localhost"]),
    ("{{ target }}", None),
    ("k3s:!{{ skip }}", None),
    ("ungrouped", ["db1"]),
]


@pytest.mark.parametrize(("pattern", "hosts"), PATTERNS)
def test_patterns(pattern, hosts):
    text = "db1\n[masters]\nn1\nn2\n[workers]\nn3\n[k3s:children]\nmasters\nworkers\n[x86]\nn[2:3]\n"
    assert match_hosts(inventory({"hosts.ini": text})[1], [pattern]) == hosts


@settings(deadline=None)
@given(st.lists(st.text(alphabet="an1*?~[]:!&,.()+ -", min_size=1, max_size=12), max_size=3))
def test_patterns_never_raise(patterns):
    hosts = match_hosts(inventory({"hosts.ini": "[a]\nn1\nn2\n"})[1], patterns)
    assert hosts is None or isinstance(hosts, list)
