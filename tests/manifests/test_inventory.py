"""What is known of the nodes of a cluster, each fact with its witness; and of which cluster."""

import pytest
from host_trees import place, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.manifests import ClusterSettings, NodeFacts
from kubelint.manifests.hosts.names import node_name, same_node
from kubelint.manifests.hosts.places import is_sample

NAMES = [
    ("pi1", "pi1"),
    ("Pi1.Example.org", "pi1.example.org"),
    ("node-hp-1", "node-hp-1"),
    ("k8s-0", "k8s-0"),
    ("${node}", None),
    ("{{ inventory_hostname }}", None),
    ("__NODE__", None),
    ("HOSTNAME", None),
    ("changeme", None),
    ("CHANGE-ME.example.org", None),
    ("your-node-name", None),
    ("192.0.2.1", None),
    ("2001:db8::1", None),
    ("my_node", None),
    ("-a", None),
    ("", None),
    (7, None),
    (None, None),
    ("localhost", None),
    ("a" * 300, None),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_names_of_nodes(text, name):
    assert node_name(text) == name


SAME = [
    ("pi1", "PI1", True),
    ("pi1", "pi1.example.org", True),
    ("pi1.lan", "pi1.example.org", False),
    ("pi1", "pi10", False),
    ("a.b", "a.b.c", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_same_names(one, other, same):
    assert same_node(one, other) is same and same_node(other, one) is same


LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


@settings(deadline=None)
@given(HOST, HOST)
def test_names_are_one_exactly_if_one_is_short_or_both_are_equal(one, other):
    expected = one == other or (one.split(".")[0] == other.split(".")[0] and (one.count(".") * other.count(".") == 0))
    assert same_node(one, other.upper()) is expected
    assert node_name(one) in (one, None)


@settings(deadline=None)
@given(st.lists(HOST, max_size=6))
def test_every_name_finds_its_node_or_is_ambiguous(names):
    nodes = "---\n".join(f"apiVersion: v1\nkind: Node\nmetadata: {{name: '{name}'}}\n" for name in names)
    inventory = tree({"nodes.yaml": nodes}).inventory()
    for name in filter(node_name, names):
        found = inventory.node(name)
        assert found is None or same_node(found.name, name)
        assert found is not None or "." not in name


SAMPLES = [
    ("inventory/sample/hosts.ini", True),
    ("inventory/hosts.example.ini", True),
    ("examples/talconfig.yaml", True),
    ("nodes.sample.yaml", True),
    ("hosts-example.yml", True),
    ("inventory/home/hosts.ini", False),
    ("nodes.yaml", False),
    ("resample/hosts.ini", False),
]


@pytest.mark.parametrize(("path", "sample"), SAMPLES)
def test_samples(path, sample):
    assert is_sample(path) is sample


NODE = "apiVersion: v1\nkind: Node\nmetadata: {{name: {0}, labels: {{kubernetes.io/arch: {1}, disk: ssd}}}}\n"
K3S = """\
[server]
pi[1:2].example.org ansible_host=192.0.2.11
[agent]
nuc1 arch=x86_64
[k3s_cluster:children]
server
agent
[server:vars]
arch=aarch64
[nas]
nas1
"""


def told(project, inventory):
    """Each node with its architecture's witness, and whether it is of the control plane."""
    return {
        node.name: (
            node.architecture and f"{node.architecture.value} {place(project, node.architecture.at)}",
            node.control_plane and node.control_plane.value,
        )
        for node in inventory.nodes.values()
    }


def test_ansible_inventory():
    project = tree({"ansible/hosts.ini": K3S})
    inventory = project.inventory("clusters/home")
    assert told(project, inventory) == {
        "pi1.example.org": ("arm64 ansible/hosts.ini:9:6 aarch64", True),
        "pi2.example.org": ("arm64 ansible/hosts.ini:9:6 aarch64", True),
        "nuc1": ("amd64 ansible/hosts.ini:4:11 x86_64", False),
    }
    assert inventory.complete and inventory.architectures == {"amd64", "arm64"}
    assert inventory.node("PI1") is inventory.node("pi1.example.org") is not None and inventory.node("nas1") is None
    assert inventory.node_architectures["pi2"] == "arm64"
    assert [(proof.architecture, proof.node) for proof in inventory.proofs] == [
        ("arm64", "pi1.example.org"),
        ("arm64", "pi2.example.org"),
        ("amd64", "nuc1"),
    ]


GROUPS = [
    ("[master]\na\n[node]\nb\n", {"a": True, "b": False}),
    ("[servers]\na\n", {}),
    ("[nodes]\na\n", {}),
    ("[web]\na\n[db]\nb\n", {}),
    ("[kube_control_plane]\na\n[kube_node]\na\nb\n[etcd]\nc\n", {"a": True, "b": False}),
    ("[k3s-cluster]\na\nb\n", {"a": None, "b": None}),
    ("[rke2_servers]\na\n[rke2_agents]\nb\n", {"a": True, "b": False}),
    ("[kubernetes:children]\ncontrollers\nrest\n[controllers]\na\n[rest]\nb\n[control]\nc\n", {"a": True, "b": False}),
]


@pytest.mark.parametrize(("text", "nodes"), GROUPS)
def test_which_hosts_are_nodes(text, nodes):
    project = tree({"hosts.ini": text})
    assert {name: role for name, (_, role) in told(project, project.inventory()).items()} == nodes


INCOMPLETE = [
    "[k3s]\nh[a:zz]\nb\n",
    "[k3s]\n192.0.2.1\nb\n",
    "[k3s]\n{{ node }}\nb\n",
    "[k3s]\nb\nc hostname='{{ x }}'\n",
    "[k3s]\nb\nmy_node\n",
]


@pytest.mark.parametrize("text", INCOMPLETE)
def test_unknown_hosts_leave_the_list_open(text):
    inventory = tree({"hosts.ini": text}).inventory()
    assert list(inventory.nodes) == ["b"] and not inventory.complete


def test_names_told_by_variables():
    files = {"hosts.ini": "[k3s]\n192.0.2.1 hostname=pi7\npi8\n", "group_vars/k3s.yml": CONFIG}
    project = tree(files)
    inventory = project.inventory()
    assert list(inventory.nodes) == ["pi7", "pi8"]
    node = inventory.nodes["pi7"]
    assert [address.value for address in node.addresses] == ["192.0.2.1"]
    assert place(project, node.labels["kubernetes.io/arch"].at) == "group_vars/k3s.yml:3:5 kubernetes.io/arch=arm64"
    assert node.taints[0].value == {"key": "edge", "effect": "NoSchedule"} and inventory.architectures == {"arm64"}


CONFIG = """\
k3s_server:
  node-label:
  - kubernetes.io/arch=arm64
  node-taint: ["edge:NoSchedule"]
  flannel-backend: none
"""


def test_plugins_leave_the_list_open():
    files = {"inventory/hosts.ini": "[k3s]\na\n", "inventory/cloud.yml": "plugin: amazon.aws.aws_ec2\n"}
    assert not tree(files).inventory().complete


def test_samples_tell_nothing():
    files = {"inventory/sample/hosts.ini": K3S, "examples/node.yaml": NODE.format("a", "arm64")}
    inventory = tree(files).inventory()
    assert not inventory.nodes and not inventory.architectures and not inventory.complete


def test_nothing_at_all():
    inventory = tree({"a.yaml": "a: 1\n"}).inventory("clusters/x")
    assert not inventory.nodes and not inventory.complete and inventory.node("a") is None


def test_facts_of_one_node_meet():
    project = tree(
        {
            "a/node.yaml": NODE.format("pi1", "arm64"),
            "hosts.ini": "[k3s]\npi1.example.org ansible_host=192.0.2.1\n",
            "b/etc/rancher/k3s/config.yaml": "node-name: PI1\nnode-taint: [a=b:NoExecute]\n",
        }
    )
    (node,) = project.inventory().nodes.values()
    assert node.name == "pi1.example.org" and place(project, node.at) == "a/node.yaml:3:18 pi1"
    assert node.architecture.value == "arm64" and node.labels["disk"].value == "ssd"
    assert [address.value for address in node.addresses] == ["192.0.2.1"]
    assert [taint.value["key"] for taint in node.taints] == ["a"]
    assert len(project.inventory().proofs) == 1 and project.inventory().complete


def test_declared_nodes_win():
    settings = ClusterSettings(nodes={"PI1": NodeFacts("amd64"), "x": NodeFacts(None)})
    inventory = tree({"hosts.ini": K3S}, settings).inventory()
    assert inventory.architecture("pi1") == "amd64" == inventory.architecture("pi1.example.org")
    assert inventory.complete and inventory.node("x").at is None and inventory.node("nuc1") is not None
    declared = tree({"hosts.ini": K3S}, ClusterSettings(architectures=("arm64",))).inventory()
    assert declared.architectures == {"arm64"} == declared.declared and not declared.proofs[0].taints


def single(host, architecture):
    return f"[k3s]\n{host} arch={architecture}\n"


SEVERAL = {
    "inventory/prod/hosts.ini": single("p1", "amd64"),
    "inventory/lab/hosts.ini": single("l1", "arm64"),
    "clusters/edge/node.yaml": NODE.format("e1", "arm64"),
}
SCOPES = [
    ("", {"p1", "l1", "e1"}, False, set()),
    ("clusters/prod", {"p1"}, True, {"amd64"}),
    ("kubernetes/clusters/lab", {"l1"}, True, {"arm64"}),
    ("clusters/edge", {"p1", "l1", "e1"}, False, {"arm64"}),
    ("other//", set(), False, set()),
]


@pytest.mark.parametrize(("scope", "names", "complete", "architectures"), SCOPES)
def test_several_clusters(scope, names, complete, architectures):
    inventory = tree(SEVERAL).inventory(scope)
    assert (set(inventory.nodes), inventory.complete, inventory.architectures) == (names, complete, architectures)


def test_a_local_cluster_has_nodes_of_its_own():
    local = "apiVersion: k3d.io/v1alpha5\nkind: Simple\nmetadata: {name: dev}\nservers: 1\n"
    project = tree({"hosts.ini": K3S, "k3d.yaml": local})
    assert not project.inventory("clusters/dev").nodes and project.inventory("clusters/home").nodes


POOLS = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: any}
spec:
  template:
    spec:
      taints: [{key: batch, effect: NoSchedule}]
      requirements:
        - {key: kubernetes.io/arch, operator: In, values: [amd64, arm64, aarch64]}
        - {key: kubernetes.io/arch, operator: NotIn, values: [s390x]}
---
apiVersion: cluster.x-k8s.io/v1beta1
kind: MachineDeployment
metadata:
  name: pool
  annotations:
    capacity.cluster-autoscaler.kubernetes.io/labels: zone=a,kubernetes.io/arch=riscv64
    capacity.cluster-autoscaler.kubernetes.io/taints: a=b:NoSchedule
"""


def test_pools_have_architectures_and_no_nodes():
    project = tree({"pools.yaml": POOLS})
    inventory = project.inventory()
    assert not inventory.nodes and not inventory.complete
    assert [(proof.architecture, place(project, proof.at)) for proof in inventory.proofs[:2]] == [
        ("amd64", "pools.yaml:9:60 amd64"),
        ("arm64", "pools.yaml:9:67 arm64"),
    ]
    assert inventory.proofs[2].architecture == "riscv64" and inventory.proofs[2].taints[0]["key"] == "a"


def test_images_and_references_are_no_nodes():
    spec = "{nodeName: stray, containers: [{image: arm64v8/redis}]}"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {spec}\n"
    inventory = tree({"pod.yaml": pod}).inventory()
    assert not inventory.nodes and not inventory.architectures
