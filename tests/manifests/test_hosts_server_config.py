"""k3s and RKE2 configuration: files, drop-ins, variables, arguments."""

import pytest
from host_trees import place, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.manifests.hosts.server_config import arguments
from kubelint.manifests.shell.passages import passage_of_field

MAIN = "cluster-init: true\ntls-san: [a.example.org]\nnode-label: [x=1]\nwrite-kubeconfig-mode: 644\n"


def test_drop_ins_replace_or_add_in_the_order_of_their_names():
    project = tree(
        {
            "hosts/pi1/etc/rancher/k3s/config.yaml.d/20-more.yaml": "tls-san+: [c.example.org]\nnode-label: [y=2]\n",
            "hosts/pi1/etc/rancher/k3s/config.yaml.d/10-more.yaml": "tls-san+: [b.example.org]\n",
            "hosts/pi1/etc/rancher/k3s/config.yaml": MAIN,
            "hosts/pi2/etc/rancher/rke2/config.yaml": 'server: https://pi1:9345\ntoken: "{{ token }}"\n',
        }
    )
    first, second = project.hosts.server_configs
    assert (first.name, first.form, second.name) == ("k3s", "file", "rke2")
    assert [place(project, value.at) for value in first.values("tls-san")] == [
        "hosts/pi1/etc/rancher/k3s/config.yaml:2:11 a.example.org",
        "hosts/pi1/etc/rancher/k3s/config.yaml.d/10-more.yaml:1:12 b.example.org",
        "hosts/pi1/etc/rancher/k3s/config.yaml.d/20-more.yaml:1:12 c.example.org",
    ]
    assert [value.text for value in first.values("node-label")] == ["y=2"]
    assert first.enabled("cluster-init") is True and first.enabled("etcd-disable-snapshots") is None
    assert first.is_server and second.is_server is None
    assert second.get("token")[0].unknown and second.text("token") is None
    assert second.text("server") == "https://pi1:9345"


CONTENT = [
    ("any/server.yaml", MAIN, True),
    ("any/agent.yml", "server: https://a:6443\ntoken: x\nnode-label: [a=b]\n", True),
    ("any/values.yaml", "server: a\ntoken: b\n", False),
    ("any/values.yaml", "cluster-init: true\nimage: {tag: 1}\ntls-san: []\n", False),
    ("any/values.yaml", "tls-san: []\na: 1\nb: 2\nc: 3\ncluster-init: true\nd: 4\n", False),
    ("any/x.yaml", "apiVersion: v1\nkind: X\ntls-san: []\ncluster-init: true\n", False),
    ("rancher/k3s/config.yaml", "debug: true\n", True),
    ("rancher/k3s/config.yaml", "- a\n", False),
    ("gatus/config.yaml", "endpoints: []\n", False),
]


@pytest.mark.parametrize(("name", "text", "ours"), CONTENT)
def test_recognised_by_path_or_content(name, text, ours):
    assert bool(tree({name: text}).hosts.server_configs) is ours


VARIABLES = {
    "group_vars/servers.yml": """\
k3s_server:
  flannel-backend: none
  disable: [traefik]
server_config_yaml: |
  etcd-expose-metrics: true
  tls-san:
    - a.example.org
extra_server_args: >-
  --node-taint=a=b:NoSchedule --disable traefik
  --tls-san {{ vip | default("x") }} --secrets-encryption
rke2_server_options:
  - "node-label: x=1"
  - "etcd-snapshot-retention: 9"
  - "tls-san: b.example.org"
k3s_version: v1.34.1+k3s1
other: {flannel-backend: none}
"""
}


def test_variables():
    project = tree(VARIABLES)
    found = {config.name: config for config in project.hosts.server_configs}
    assert list(found) == ["k3s_server", "server_config_yaml", "extra_server_args", "rke2_server_options"]
    assert {config.owner.owner for config in found.values()} == {"servers"}
    (san,) = found["server_config_yaml"].values("tls-san")
    assert place(project, san.at) == "group_vars/servers.yml:7:7 a.example.org"
    arguments = found["extra_server_args"]
    assert [(setting.flag, setting.value) for setting in arguments.settings] == [
        ("node-taint", "a=b:NoSchedule"),
        ("disable", "traefik"),
        ("tls-san", '{{ vip | default("x") }}'),
        ("secrets-encryption", True),
    ]
    assert place(project, arguments.get("node-taint")[0].at) == "group_vars/servers.yml:9:16 a=b:NoSchedule"
    assert place(project, arguments.get("disable")[0].at) == "group_vars/servers.yml:9:41 traefik"
    assert arguments.get("tls-san")[0].unknown and arguments.text("tls-san") is None
    options = found["rke2_server_options"]
    assert options.text("etcd-snapshot-retention") == "9"
    assert place(project, options.get("etcd-snapshot-retention")[0].at) == "group_vars/servers.yml:13:31 9"


@settings(deadline=None)
@given(st.text(alphabet="- =\"'{}a$\n", max_size=60))
def test_arguments_never_raise(text):
    (document,) = tree({"a.json": "{}"}).documents
    field = type(document.root)(document, ("a",), text)
    for setting in arguments(passage_of_field(field)):
        assert 0 <= setting.at.start <= setting.at.end <= len(text)


ODD = ["k3s_server_config: [1, {a: 2}, null]\n", "k3s_server_config: 5\n", "extra_server_args: [--a]\n", "- list\n"]


@pytest.mark.parametrize("text", ODD)
def test_odd_variables(text):
    assert tree({"group_vars/all.yml": text}).hosts.server_configs == []
