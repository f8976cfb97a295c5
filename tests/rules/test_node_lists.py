"""Which lists of nodes are complete, what they call the nodes, and for which files they speak."""

import pytest
from small_trees import found

ID = "unknown-node-reference"
INI = "[k3s_server]\npi[1:3]\n[k3s_agent]\npi[4:5]\n"
DOMAIN = "[k3s_server]\npi[1:3].example.org\n[k3s_agent]\nw1.example.org\n"


def volume(*names):
    head = "apiVersion: v1\nkind: PersistentVolume\n"
    terms = "{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]}"
    spec = f"spec: {{local: {{path: /x}}, nodeAffinity: {{required: {{nodeSelectorTerms: [{terms}]}}}}}}\n"
    return "---\n".join(f"{head}metadata: {{name: v{n}}}\n{spec % name}" for n, name in enumerate(names))


def talconfig(name, *hosts, more=""):
    nodes = "".join(f"  - {{hostname: {h}, ipAddress: 192.0.2.1, controlPlane: true{more}}}\n" for h in hosts)
    return f"clusterName: {name}\nendpoint: https://x:6443\nnodes:\n{nodes}"


def places(folder, files):
    return found(folder, files, ID)


POOL = (
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: a}\nspec: {template: {spec: {requirements: [%s]}}}\n"
)
ARM = "{key: kubernetes.io/arch, operator: In, values: [arm64]}"
RKE = "nodes: [{address: r1.lan, role: [controlplane, etcd]}, {address: r2.lan, role: [worker]}]\n"
LISTS = [
    ({"hosts.ini": INI}, "pi6", 1),
    ({"hosts.ini": INI}, "pi4", 0),
    ({"hosts.ini": DOMAIN}, "pi4", 1),
    ({"hosts.ini": DOMAIN}, "pi2", 0),
    ({"hosts.ini": DOMAIN}, "pi2.other.org", 0),
    ({"hosts.ini": "[web]\npi1\n"}, "pi6", 0),
    ({"hosts.ini": "[k3s_server]\n192.0.2.[1:3]\n[k3s_agent]\n192.0.2.9\n"}, "pi6", 0),
    ({"hosts.ini": "[k3s_server]\nm1 k3s_node_name=pi1\n[k3s_agent]\nm2 k3s_node_name=pi2\n"}, "pi1", 0),
    ({"hosts.ini": "[k3s_server]\nm1 k3s_node_name=pi1\n[k3s_agent]\nm2 k3s_node_name=pi2\n"}, "pi3", 1),
    ({"hosts.ini": "[k3s_server]\nm1 ansible_host=pi1.lan\n[k3s_agent]\nm2 ansible_host=pi2.lan\n"}, "pi1", 0),
    ({"hosts.ini": INI, "host_vars/pi1.yml": "k3s_node_name: alpha\n"}, "alpha", 0),
    ({"hosts.ini": INI + "[storage]\nnas1\n"}, "nas1", 0),
    ({"hosts.ini": INI + "{{ more }}\n"}, "pi9", 0),
    ({"inventory/hosts.ini": INI, "inventory/cloud.yml": "plugin: community.general.proxmox\nurl: x\n"}, "pi9", 0),
    ({"inventory/a/hosts.ini": INI, "inventory/b/hosts.ini": INI.replace("pi", "box")}, "pi9", 0),
    ({"inventory/sample/hosts.ini": INI}, "pi9", 0),
    ({"hosts.ini": INI, "pool.yaml": POOL % ARM}, "pi9", 0),
    ({"talos/talconfig.yaml": talconfig("home", "t1", "t2")}, "t4", 1),
    ({"talos/talconfig.yaml": talconfig("home", "t1", more=", ignoreHostname: true")}, "t4", 0),
    ({"talos/talconfig.yaml": talconfig("home", "t1", "'${T2}'")}, "t4", 0),
    ({"talos/t1.yaml": "version: v1alpha1\nmachine: {type: controlplane, network: {hostname: t1}}\n"}, "t4", 0),
    ({"node.yaml": "apiVersion: v1\nkind: Node\nmetadata: {name: t1}\n"}, "t4", 0),
    ({"k3d.yaml": "apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 3\n"}, "t4", 0),
    ({"cluster.yml": RKE}, "r9", 1),
    ({"cluster.yml": RKE}, "r2", 0),
    ({"cluster.yml": "nodes: [{address: 192.0.2.1, role: [controlplane, etcd]}]\n"}, "r9", 0),
    ({"cluster.yml": "nodes: [{address: 192.0.2.1, hostname_override: r1, role: [etcd]}]\n"}, "r9", 1),
    ({"cluster.yml": "nodes: [{address: 192.0.2.1, hostname_override: r1, role: [etcd]}]\n"}, "r1", 0),
    ({"kubelint.yaml": "cluster:\n  nodes:\n    a1: {}\n"}, "b1", 1),
    ({"kubelint.yaml": "cluster:\n  nodes: {}\n"}, "b1", 0),
]  # fmt: skip


@pytest.mark.parametrize(("files", "name", "number"), LISTS)
def test_which_names_are_missing(files, name, number, tmp_path):
    assert places(tmp_path, {**files, "volume.yaml": volume(name)}) == [f"{ID} error"] * number


def test_lists_in_folders_side_by_side_speak_for_their_own(tmp_path):
    files = {
        f"kubernetes/{name}/talos/talconfig.yaml": talconfig(name, f"{name}1", f"{name}2") for name in ("main", "edge")
    }
    files |= {f"kubernetes/{name}/apps/a.yaml": volume("main1", "edge1", f"{name}2") for name in ("main", "edge")}
    assert places(tmp_path, files) == [f"{ID} error"] * 2
