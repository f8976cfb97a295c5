"""Which changes move several members of a control plane: each trap beside a change of its kind that is found."""

import pytest
from control_plane_trees import (
    BARE,
    CONFIG,
    HOSTS,
    LONG,
    NEW,
    advertised,
    etcd,
    inventory,
    k0s,
    k3s,
    kubeadm,
    kubelet,
    nodes,
    own,
    patches,
    rke,
    servers,
    talconfig,
    talos,
    two_kubeadms,
    two_networks,
)
from host_trees import place, tree
from hypothesis import given
from hypothesis import strategies as st

from kubelint_rules.controlplane.control_plane_network_change import ControlPlaneNetworkChange


def found(before, now):
    """What the rule says of a change: each message, with the places that it points at."""
    then, here = tree(before), tree(now)
    findings = ControlPlaneNetworkChange().check(then, here)
    return [
        (finding.message, [place(here, at) for at in (finding.location, *(label.location for label in finding.labels))])
        for finding in findings
    ]


def moved(before, now):
    """How many members moved in each cluster that is reported."""
    return [int(message.split()[0]) for message, _ in found(before, now)]


FOUND = {
    "inventory": (inventory(*servers()), inventory(*NEW), 3),
    "two of three": (inventory(*servers()), inventory(*NEW[:2], servers()[2]), 2),
    "two of five": (
        inventory(*servers(names="abcde")),
        inventory(*servers("10.1.0", names="ab"), *servers(names="abcde")[2:]),
        2,
    ),
    "a member more": (inventory(*servers()), inventory(*NEW, "s-4 ansible_host=10.1.0.14"), 3),
    "a member less": (inventory(*servers()), inventory(*NEW[:2]), 2),
    "another order": (inventory(*servers()), inventory(*NEW[::-1]), 3),
    "another file": (inventory(*servers()), inventory(*NEW, path="inventory/home/hosts.ini"), 3),
    "full names": (inventory(*servers()), inventory(*(line.replace("10.0", "10.1") for line in LONG)), 3),
    "node_ip": (inventory(*servers(variable="node_ip")), inventory(*servers("10.1.0", variable="node_ip")), 3),
    "ip of Kubespray": (
        {"hosts.yml": BARE.replace("masters", "kube_control_plane").replace("{}", "{ip: 10.0.0.1}", 1)}
        | own(lambda n: f"ip: 10.0.0.{n}\naccess_ip: 10.0.0.{n}"),
        {"hosts.yml": BARE.replace("masters", "kube_control_plane")}
        | own(lambda n: f"ip: 10.1.0.{n}\naccess_ip: 10.1.0.{n}"),
        3,
    ),
    "login only": (inventory(*servers()), inventory(*NEW, variables="[server:vars]\nuser=a\n"), 3),
    "named by addresses": (
        inventory("10.0.0.11", "10.0.0.12", "10.0.0.13"),
        inventory("10.0.0.11", "10.1.0.12", "10.1.0.13"),
        2,
    ),
    "VLAN": (
        {"hosts.yml": BARE, "group_vars/masters.yml": "vlan_id: 16\n"},
        {"hosts.yml": BARE, "group_vars/masters.yml": "vlan_id: 20\n"},
        3,
    ),
    "followed": (
        {"hosts.yml": BARE, "group_vars/all.yml": "node_ip: '{{ lan_ip }}'\n"} | own(lambda n: f"lan_ip: 10.0.0.{n}"),
        {"hosts.yml": BARE, "group_vars/all.yml": "node_ip: '{{ lan_ip }}'\n"} | own(lambda n: f"lan_ip: 10.1.0.{n}"),
        3,
    ),
    "flags in a variable": (
        {"hosts.yml": BARE} | own(lambda n: f"k3s_server_config: {{node-ip: 10.0.0.{n}, tls-san: [a], disable: [b]}}"),
        {"hosts.yml": BARE} | own(lambda n: f"k3s_server_config: {{node-ip: 10.1.0.{n}, tls-san: [a], disable: [b]}}"),
        3,
    ),
    "node-ip": (k3s(lambda n: f"node-ip: 10.0.0.{n}"), k3s(lambda n: f"node-ip: 10.1.0.{n}"), 3),
    "one of two addresses": (
        k3s(lambda n: f"node-ip: 10.0.0.{n},fd00::{n}"),
        k3s(lambda n: f"node-ip: 10.0.0.{n},fd01::{n}"),
        3,
    ),
    "external": (k3s(lambda n: f"node-external-ip: 192.0.2.{n}"), k3s(lambda n: f"node-external-ip: 192.0.2.9{n}"), 3),
    "flannel-iface": (k3s(lambda n: "flannel-iface: eth0"), k3s(lambda n: "flannel-iface: eth1"), 3),
    "beside a template": (
        k3s(lambda n: f"node-ip: 10.0.0.{n}\nnode-external-ip: '{{{{ wan }}}}'"),
        k3s(lambda n: f"node-ip: 10.1.0.{n}\nnode-external-ip: '{{{{ wan }}}}'"),
        3,
    ),
    "RKE2": (
        k3s(lambda n: f"node-ip: 10.0.0.{n}", path=CONFIG.replace("k3s", "rke2")),
        k3s(lambda n: f"node-ip: 10.1.0.{n}", path=CONFIG.replace("k3s", "rke2")),
        3,
    ),
    "talhelper": (talconfig(lambda n: f"ipAddress: 10.0.0.{n}"), talconfig(lambda n: f"ipAddress: 10.1.0.{n}"), 3),
    "talhelper's interface": (
        talconfig(lambda n: f"networkInterfaces: [{{interface: eth0, addresses: [10.0.0.{n}/24]}}]"),
        talconfig(lambda n: f"networkInterfaces: [{{interface: eth1, addresses: [10.0.0.{n}/24]}}]"),
        3,
    ),
    "talhelper's endpoint": (
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.0.0.10:6443\n"),
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.1.0.10:6443\n"),
        3,
    ),
    "Talos' addresses": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}"),
        talos(lambda n: f"{{interface: eth0, addresses: [10.1.0.{n}/24]}}"),
        3,
    ),
    "Talos' VLAN": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}"),
        talos(lambda n: f"{{interface: eth0, vlans: [{{vlanId: 20, addresses: [10.0.0.{n}/24]}}]}}"),
        3,
    ),
    "Talos' other VLAN": (
        talos(lambda n: "{interface: eth0, vlans: [{vlanId: 16, dhcp: true}]}"),
        talos(lambda n: "{interface: eth0, vlans: [{vlanId: 20, dhcp: true}]}"),
        3,
    ),
    "Talos' virtual address": (
        talos(lambda n: "{interface: eth0, dhcp: true, vip: {ip: 10.0.0.10}}"),
        talos(lambda n: "{interface: eth0, dhcp: true, vip: {ip: 10.0.0.20}}"),
        3,
    ),
    "Talos' subnets": (
        talos(lambda n: "{interface: eth0, dhcp: true}", cluster="  etcd: {advertisedSubnets: [10.0.0.0/24]}\n"),
        talos(lambda n: "{interface: eth0, dhcp: true}", cluster="  etcd: {advertisedSubnets: [10.1.0.0/24]}\n"),
        3,
    ),
    "Talos' endpoint": (
        talos(lambda n: "{interface: eth0}", cluster="  controlPlane: {endpoint: 'https://10.0.0.10:6443'}\n"),
        talos(lambda n: "{interface: eth0}", cluster="  controlPlane: {endpoint: 'https://10.1.0.10:6443'}\n"),
        3,
    ),
    "Talos' documents": (
        talos(
            lambda n: "{interface: lo}", more="---\nkind: LinkConfig\nname: eth0\naddresses: [{address: 10.0.0.1/24}]\n"
        ),
        talos(
            lambda n: "{interface: lo}",
            more="---\nkind: VLANConfig\nname: v\nvlanID: 20\nparent: eth0\naddresses: [{address: 10.0.0.1/24}]\n",
        ),
        3,
    ),
    "patches named after members": (patches("10.0.0"), patches("10.1.0"), 2),
    "kubeadm": (kubeadm(advertised("10.0.0")), kubeadm(advertised("10.1.0")), 3),
    "kubelet's node-ip": (
        kubeadm(kubelet("10.0.0")),
        kubeadm(kubelet("10.1.0")),
        3,
    ),
    "etcd elsewhere": (
        etcd("10.0.0.1", "10.0.0.2", "10.0.0.3"),
        etcd("10.0.0.1", "10.1.0.2", "10.1.0.3"),
        2,
    ),
    "list of nodes": (nodes("10.0.0"), nodes("10.1.0"), 3),
    "k0sctl": (k0s("10.0.0"), k0s("10.1.0"), 3),
    "RKE": (rke("10.0.0"), rke("10.1.0"), 3),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_moves_several_members(case):
    before, now, number = FOUND[case]
    assert moved(before, now) == [number]
    assert moved(before, before) == moved(now, now) == []
    assert moved({}, now) == moved(before, {}) == []


SILENT = {
    "one member": (inventory(*servers()), inventory(NEW[0], *servers()[1:])),
    "one member and one more": (inventory(*servers()), inventory(NEW[0], *servers()[1:], "s-4 ansible_host=10.1.0.14")),
    "one member and one less": (inventory(*servers()), inventory(NEW[0], servers()[1])),
    "members more": (inventory(servers()[0]), inventory(*servers())),
    "members less": (inventory(*servers()), inventory(servers()[0])),
    "other members": (inventory(*servers()), inventory(*servers("10.1.0", names=("t-1", "t-2", "t-3")))),
    "other names, same addresses": (inventory(*servers()), inventory(*servers(names=("t-1", "t-2", "t-3")))),
    "agents": (
        inventory(*servers()),
        {"hosts.ini": inventory(*servers())["hosts.ini"].replace("10.0.0.9", "10.1.0.9")},
    ),
    "comments and quotes": (
        inventory(*servers()),
        inventory(*(f"# moved\n{line.replace('=', '=' + chr(34))}{chr(34)}  # here" for line in servers()[::-1])),
    ),
    "INI to YAML": (
        inventory(*servers()),
        {"hosts.yml": HOSTS.format("{s-1: {ansible_host: 10.0.0.11}, s-2: {ansible_host: 10.0.0.12}}")},
    ),
    "full names": (inventory(*servers()), inventory(*LONG)),
    "names for addresses": (
        inventory(*servers()),
        inventory(*(f"s-{n} ansible_host=s-{n}.example.org" for n in (1, 2, 3))),
    ),
    "one name for another": (
        inventory(*(f"s-{n} ansible_host=s-{n}" for n in (1, 2, 3))),
        inventory(*(f"s-{n} ansible_host=s-{n}.example.org" for n in (1, 2, 3))),
    ),
    "templates": (inventory(*servers()), inventory(*servers("{{lan}}"))),
    "templates before": (inventory(*servers("{{lan}}")), inventory(*servers())),
    "to files of variables": (
        {"hosts.yml": HOSTS.format("{s-1: {ip: 10.0.0.1}, s-2: {ip: 10.0.0.2}, s-3: {ip: 10.0.0.3}}")},
        {"hosts.yml": BARE} | own(lambda n: f"ip: 10.0.0.{n}"),
    ),
    "from the group to its hosts": (
        {"hosts.yml": BARE, "group_vars/masters.yml": "flannel_iface: eth0\n"},
        {"hosts.yml": BARE} | own(lambda n: "flannel_iface: eth0"),
    ),
    "another variable": (
        {"hosts.yml": BARE} | own(lambda n: f"ip: 10.0.0.{n}"),
        {"hosts.yml": BARE} | own(lambda n: f"node_ip: 10.0.0.{n}"),
    ),
    "a variable less": (
        {"hosts.yml": BARE} | own(lambda n: f"node_ip: 10.0.0.{n}\nansible_host: 10.9.0.{n}"),
        {"hosts.yml": BARE} | own(lambda n: f"ansible_host: 10.9.0.{n}"),
    ),
    "logins elsewhere": (
        {"hosts.yml": BARE} | own(lambda n: f"node_ip: 10.0.0.{n}\nansible_host: 10.9.0.{n}"),
        {"hosts.yml": BARE} | own(lambda n: f"node_ip: 10.0.0.{n}\nansible_host: 10.8.0.{n}"),
    ),
    "logins over an overlay": (inventory(*servers()), inventory(*servers("100.64.0"))),
    "one address for all": (
        {"hosts.yml": BARE, "group_vars/all.yml": "private_ip: 10.0.0.1\n"},
        {"hosts.yml": BARE, "group_vars/all.yml": "private_ip: 10.0.0.2\n"},
    ),
    "a network of their own for storage": (
        {"hosts.yml": BARE} | own(lambda n: f"ip: 10.0.0.{n}\nstorage_ip: 10.7.0.{n}\nstorage_vlan: 30"),
        {"hosts.yml": BARE} | own(lambda n: f"ip: 10.0.0.{n}\nstorage_ip: 10.8.0.{n}\nstorage_vlan: 31"),
    ),
    "a database elsewhere": (
        inventory(*servers(), variables="[all:vars]\nk3s_external_datastore=postgres://db/k3s\n"),
        inventory(*NEW, variables="[all:vars]\nk3s_external_datastore=postgres://db/k3s\n"),
    ),
    "no Kubernetes": (
        {"hosts.ini": "[servers]\na ip=10.0.0.1\nb ip=10.0.0.2\n[clients]\nc\n"},
        {"hosts.ini": "[servers]\na ip=10.1.0.1\nb ip=10.1.0.2\n[clients]\nc\n"},
    ),
    "a sample": (inventory(*servers(), path="sample/hosts.ini"), inventory(*NEW, path="sample/hosts.ini")),
    "two clusters": (
        inventory(*servers(), path="a/hosts.ini") | inventory(*servers(), path="b/hosts.ini"),
        inventory(NEW[0], *servers()[1:], path="a/hosts.ini") | inventory(NEW[0], *servers()[1:], path="b/hosts.ini"),
    ),
    "a copy for another cluster": (
        inventory(*servers(), path="a/hosts.ini"),
        inventory(*servers(), path="a/hosts.ini") | inventory(*NEW, path="b/hosts.ini"),
    ),
    "one address less, one that replaces it": (
        inventory("10.0.0.11", "10.0.0.12", "10.0.0.13"),
        inventory("10.0.0.11", "10.0.0.12", "10.0.0.14"),
    ),
    "addresses in another order": (
        inventory("10.0.0.11", "10.0.0.12", "10.0.0.13"),
        inventory("10.0.0.13", "10.0.0.12", "10.0.0.11"),
    ),
    "names in place of addresses": (inventory("10.0.0.11", "10.0.0.12", "10.0.0.13"), inventory(*servers())),
    "a spelling": (k3s(lambda n: f"node-ip: 'fd00:0:0:0::{n}'"), k3s(lambda n: f"node-ip: 'FD00::{n}'")),
    "addresses in addition": (
        k3s(lambda n: f"node-ip: 10.0.0.{n}"),
        k3s(lambda n: f"node-ip: 10.0.0.{n},fd00::{n}\nflannel-iface: eth0"),
    ),
    "addresses less": (k3s(lambda n: f"node-ip: 10.0.0.{n},fd00::{n}"), k3s(lambda n: f"node-ip: 10.0.0.{n}")),
    "any address": (k3s(lambda n: "bind-address: 0.0.0.0"), k3s(lambda n: f"bind-address: 10.0.0.{n}")),
    "other folders": (
        k3s(lambda n: f"node-ip: 10.0.0.{n}"),
        k3s(lambda n: f"node-ip: 10.0.0.{n}", path="machines/server-{}/etc/rancher/k3s/config.yaml"),
    ),
    "the configuration of the servers": (k3s(lambda n: "disable: [a]"), k3s(lambda n: "disable: [b]\ntls-san: [c]")),
    "workers of talhelper": (
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", worker="    ipAddress: 10.0.0.9\n"),
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", worker="    ipAddress: 10.1.0.9\n"),
    ),
    "a template of talhelper": (
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.0.0.10:6443\n"),
        talconfig(lambda n: f"ipAddress: ${{IP_{n}}}", head="endpoint: https://${VIP}:6443\n"),
    ),
    "a name as the endpoint": (
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.0.0.10:6443\n"),
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://api.example.org:6443\n"),
    ),
    "another port": (
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.0.0.10:6443\n"),
        talconfig(lambda n: f"ipAddress: 10.0.0.{n}", head="endpoint: https://10.0.0.10:7445\n"),
    ),
    "the length of the network": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}"),
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/16]}}"),
    ),
    "routes": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24], routes: [{{gateway: 10.0.0.251}}]}}"),
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24], routes: [{{gateway: 10.0.0.252}}]}}"),
    ),
    "a VLAN more": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}"),
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24], vlans: [{{vlanId: 20, dhcp: true}}]}}"),
    ),
    "a selector for a name": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}"),
        talos(lambda n: f"{{deviceSelector: {{busPath: '0*'}}, addresses: [10.0.0.{n}/24]}}"),
    ),
    "another network of talhelper's": (two_networks("b", "10.7.0"), two_networks("c", "10.8.0")),
    "workers of Talos": (
        talos(lambda n: f"{{interface: eth0, addresses: [10.0.0.{n}/24]}}", kind="worker"),
        talos(lambda n: f"{{interface: eth0, addresses: [10.1.0.{n}/24]}}", kind="worker"),
    ),
    "kubeadm of two clusters": (two_kubeadms("10.0.0"), two_kubeadms("10.1.0")),
}


@pytest.mark.parametrize("case", SILENT)
def test_what_moves_nobody_or_one(case):
    assert found(*SILENT[case]) == []


def test_each_value_is_pointed_at_once():
    [(message, places)] = found(FOUND["VLAN"][0], FOUND["VLAN"][1])
    assert message == "3 of 3 control-plane members change their VLAN at once"
    assert places == ["group_vars/masters.yml:1:10 20"]
    [(message, places)] = found(*FOUND["two of five"][:2])
    assert message == "2 of 5 control-plane members change their address at once"
    assert places == ["hosts.ini:2:16 10.1.0.11", "hosts.ini:3:16 10.1.0.12"]


def effect(before, now):
    [finding] = ControlPlaneNetworkChange().check(tree(before), tree(now))
    return finding.note.partition("; ")[2]


def test_what_comes_of_it():
    assert effect(*FOUND["two of three"][:2]) == "etcd loses its quorum"
    assert effect(*FOUND["two of five"][:2]) == "etcd has no member to spare meanwhile"
    assert effect(*FOUND["Talos' endpoint"][:2]) == "whoever uses the API server loses it"


def test_one_cluster_is_reported_once_however_many_files_list_it():
    before = talconfig(lambda n: f"ipAddress: 10.0.0.{n}") | talos(
        lambda n: f"{{interface: a, addresses: [10.0.0.{n}/8]}}"
    )
    now = talconfig(lambda n: f"ipAddress: 10.1.0.{n}") | talos(
        lambda n: f"{{interface: a, addresses: [10.1.0.{n}/8]}}"
    )
    assert moved(before, now) == [3]
    other = talos(lambda n: f"{{interface: a, addresses: [10.2.0.{n}/8]}}")
    assert moved(before, now | other) == [3, 3]


ODD = st.sampled_from(
    [
        "[]",
        "{}",
        "null",
        "7",
        "true",
        "[[1]]",
        "[{a: 1}]",
        "'10.0.0.1/99'",
        "'10.0.0.1,,'",
        "'[::1'",
        "http://[",
        "'{{ a }}'",
    ]
)


@given(ODD, ODD, ODD)
def test_odd_values_crash_nothing(one, other, third):
    def files(first, second, last):
        return (
            k3s(lambda n: f"node-ip: {first}\nflannel-iface: {second}\nadvertise-address: {last}")
            | talos(
                lambda n: f"{{interface: {first}, addresses: {second}, vlans: {last}, vip: {first}, dhcp: true}}",
                cluster=f"  controlPlane: {{endpoint: {first}}}\n  etcd: {{advertisedSubnets: {second}}}\n",
                more=f"---\nkind: VLANConfig\nname: {first}\nvlanID: {second}\naddresses: {last}\n",
            )
            | talconfig(lambda n: f"ipAddress: {first}\n    networkInterfaces: {second}", head=f"endpoint: {last}\n")
            | kubeadm(lambda n, inside: f"  kubeletExtraArgs: {first}\nlocalAPIEndpoint: {second}\n")
            | {"hosts.yml": BARE}
            | own(lambda n: f"ip: {first}\nvlan: {second}\niface: {last}\nnode_ip: '{{{{ ip }}}}'\nb: '{{{{ b }}}}'")
        )

    found(files(one, other, third), files(third, one, other))
