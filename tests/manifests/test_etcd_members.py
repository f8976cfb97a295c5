"""Who the members of etcd are, and what says that they are not known."""

import pytest
from effort import grows_linearly
from host_trees import place, tree


def numbers(files):
    return [(members.origin, members.number) for members in tree(files).hosts.etcd_members]


INI = "[k3s_server]\ns[1:{}]\n[k3s_agent]\nw1\n"
KNOWN = [
    ({"hosts.ini": INI.format(3)}, [("Ansible inventory", 3)]),
    ({"hosts.ini": INI.format(4)}, [("Ansible inventory", 4)]),
    ({"hosts.ini": "[kube_control_plane]\na\nb\n[etcd]\nc\nd\ne\n[kube_node]\nf\n"}, [("Ansible inventory", 3)]),
    ({"hosts.ini": "[etcd]\n[k3s_master]\na\nb\n[k3s_node]\nc\n"}, [("Ansible inventory", 2)]),
    ({"hosts.ini": "[master]\na\n[k3s_master]\na\nb\n[k3s_node]\nc\n"}, [("Ansible inventory", 2)]),
    ({"hosts.ini": "[k3s_master]\na\n[rke2_servers]\nb\n[k3s_node]\nc\n"}, []),
    ({"hosts.ini": "[servers]\na\nb\n[agents]\nc\n"}, []),
    ({"hosts.ini": "[servers]\na\nb\n[agents]\nc\n[all:vars]\nk3s_version=v1.34.1+k3s1\n"}, [("Ansible inventory", 2)]),
    ({"hosts.ini": "[microk8s]\nx\n[k8s_masters]\na\nb\n[k8s_workers]\nc\n"}, []),
    ({"hosts.ini": INI.format(2) + "[all:vars]\nuse_external_database=True\n"}, []),
    ({"hosts.ini": INI.format(2) + "[all:vars]\nuse_external_database=False\n"}, [("Ansible inventory", 2)]),
    ({"hosts.ini": INI.format(2) + "[all:vars]\nk3s_external_datastore={{ dsn }}\n"}, []),
    ({"hosts.ini": INI.format(2), "group_vars/all.yml": "k3s_server: {datastore-endpoint: x, disable: []}\n"}, []),
    ({"hosts.ini": INI.format(2), "group_vars/all.yml": "extra_server_args: --datastore-endpoint=x\n"}, []),
    ({"hosts.ini": INI.format(2), "group_vars/all/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n3136\n"}, []),
    (
        {
            "hosts.ini": INI.format(2),
            "group_vars/all/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n3136\n",
            "group_vars/all/k3s.yml": "k3s_etcd_datastore: true\n",
        },
        [("Ansible inventory", 2)],
    ),
    ({"sample/hosts.ini": INI.format(2)}, []),
    ({"inventory/1-hosts.ini": INI.format(2)}, []),
    ({"inventory/a.ini": INI.format(2), "inventory/b.yml": "plugin: x\n"}, []),
    ({"hosts.ini": "[k3s_server]\na\n{{ b }}\n[k3s_agent]\nc\n"}, []),
    ({"nodes.yaml": "nodes: [{name: a, address: x, controller: true}, {name: b, address: y, controller: true}]\n"},
     [("list of nodes", 2)]),
    ({"nodes.yaml": "nodes: [{name: a, address: x, controller: true}, {name: b, address: y, disk: z}]\n"}, []),
    ({"t/a.yaml": "machine: {type: controlplane, network: {hostname: a}}\n",
      "t/b.yaml": "machine: {type: '{{ x }}', network: {hostname: b}}\n"}, []),
    ({"t/a.yaml": "machine: {type: controlplane, network: {hostname: a}}\n",
      "t/b.yaml": "machine: {type: controlplane}\n---\nkind: HostnameConfig\napiVersion: v1alpha1\nhostname: b\n"},
     [("Talos", 2)]),
    ({"k3d.yaml": "apiVersion: k3d.io/v1alpha5\nkind: Simple\n"}, [("k3d", 1)]),
    ({"k3d.yaml": "apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: many\n"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("files", "found"), KNOWN)
def test_members(files, found):
    assert numbers(files) == found


def test_each_is_shown_where_it_is_named():
    project = tree({"hosts.ini": "[k3s_server]\na\nb\n[k3s_agent]\nc\n"})
    (members,) = project.hosts.etcd_members
    assert place(project, members.at) == "hosts.ini:1:2 k3s_server"
    assert [place(project, at) for at in members.places] == ["hosts.ini:2:1 a", "hosts.ini:3:1 b"]


def test_talconfig_speaks_for_the_machines_it_generates():
    files = {
        "talos/talconfig.yaml": "clusterName: a\nendpoint: x\nnodes: [{hostname: a, controlPlane: true}]\n",
        "talos/clusterconfig/a.yaml": "version: v1alpha1\nmachine: {type: controlplane, network: {hostname: a}}\n",
    }
    assert numbers(files) == [("talconfig", 1)]


def test_large_inventories_take_their_time_only():
    def work(size):
        hosts = "\n".join(f"n{number} node_ip=192.0.2.1" for number in range(size))
        text = f"[k3s_server]\ns1\ns2\n[k3s_agent]\n{hosts}\n[k3s:children]\nk3s_server\nk3s_agent\n"
        play = (
            "- hosts: all\n  vars_files: [x.yml]\n  tasks:\n    - {reboot: , when: \"'k3s_server' in group_names\"}\n"
        )
        project = tree({"hosts.ini": text, "p.yml": play, "x.yml": "k3s_server: {flannel-backend: x, tls-san: [a]}\n"})
        assert project.hosts.etcd_members and project.hosts.server_clusters

    assert grows_linearly(work, 300)


def test_more_hosts_than_anybody_keeps_are_not_known():
    text = "[k3s_server]\n" + "".join(f"s[{n * 1000}:{n * 1000 + 999}]\n" for n in range(50)) + "[k3s_agent]\nw1\n"
    assert numbers({"hosts.ini": text}) == []
