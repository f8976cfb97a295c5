"""Even numbers of etcd members, from everything that lists them, and what says that they are not known."""

import pytest
from small_trees import found

ID = "even-etcd-members"
AGENTS = "[k3s_agent]\nw1\n"


def severity(folder, files):
    said = found(folder, files, ID)
    return said[0].removeprefix(f"{ID} ") if said else None


INI = [
    ("[k3s_server]\nnode[2:3]\n", "error"),
    ("[k3s_server]\nnode[01:04].lan\n", "warning"),
    ("[k3s_server]\nnode[1:3]\n", None),
    ("[k3s_server:children]\nleft\nright\n[left]\na\n[right]\nb\n", "error"),
    ("[k3s_server:children]\nleft\nright\n[left]\na\n[right]\nb\nc\n", None),
    ("[k3s_server:children]\nleft\nright\n[left]\na\nb\n[right]\nb\n", "error"),
    ("[k3s_server]\nnode[1:{{ number }}]\n", None),
    ("[k3s_server]\na\nb\n[k3s_server:vars]\nk3s_server_args=--datastore-endpoint=mysql://db\n", None),
    ("[k3s_server]\na\nb\n[k3s_server:vars]\nk3s_server_args=--cluster-init\n", "error"),
]


@pytest.mark.parametrize(("text", "expected"), INI)
def test_ini(text, expected, tmp_path):
    assert severity(tmp_path, {"hosts.ini": text + AGENTS}) == expected


GROUPS = """k3s_master master masters server servers control_plane controlplane k3s_server kube_control_plane
    k3s_masters k3s-server rke2_servers control-plane kube-master k3s_control_plane controllers""".split()  # noqa: SIM905


@pytest.mark.parametrize("group", GROUPS)
def test_names_of_groups(group, tmp_path):
    text = f"[{group}]\na\nb\n{AGENTS}[k3s_cluster:children]\n{group}\nk3s_agent\n"
    assert severity(tmp_path, {"hosts.ini": text}) == "error"


@pytest.mark.parametrize("text", ["[servers]\na\nb\n[db]\nc\n", "[masters]\na\nb\n[workers]\nc\n", "[web]\na\nb\n"])
def test_groups_of_something_else(text, tmp_path):
    assert severity(tmp_path, {"hosts.ini": text}) is None


KUBESPRAY = "all:\n  children:\n    kube_control_plane: {{hosts: {{{}}}}}\n    kube_node: {{hosts: {{n: }}}}\n{}"
YAML = [
    (KUBESPRAY.format("a: , b: ", "    etcd: {hosts: {a: , b: , n: }}\n"), None),
    (KUBESPRAY.format("a: , b: , c: ", "    etcd: {hosts: {a: , b: }}\n"), "error"),
    (KUBESPRAY.format("a: , b: ", "    etcd: {children: {kube_control_plane: }}\n"), "error"),
    (KUBESPRAY.format("a: , b: ", ""), "error"),
    (
        "k3s_cluster:\n  children:\n    server: {hosts: {192.0.2.1: , 192.0.2.2: }}\n    agent: {hosts: {c: }}\n",
        "error",
    ),
]


@pytest.mark.parametrize(("text", "expected"), YAML)
def test_yaml(text, expected, tmp_path):
    assert severity(tmp_path, {"inventory/home/hosts.yaml": text}) == expected


def test_each_inventory_counts_alone(tmp_path):
    two, three = f"[k3s_server]\na\nb\n{AGENTS}", f"[k3s_server]\na\nb\nc\n{AGENTS}"
    files = {"inventory/a/hosts.ini": two, "inventory/b/hosts.ini": three, "inventory/sample/hosts.ini": two}
    assert found(tmp_path, files, ID) == [f"{ID} error"]


def talconfig(leaders, more=""):
    nodes = "".join(f"  - {{hostname: n{i}, ipAddress: 192.0.2.{i}, controlPlane: true}}\n" for i in range(leaders))
    return f"clusterName: home\nendpoint: https://x:6443\nnodes:\n{nodes}{more}"


def machine(name, kind="controlplane"):
    return f"version: v1alpha1\nmachine: {{type: {kind}, network: {{hostname: {name}}}}}\ncluster: {{}}\n"


def named_apart(name):
    head = "version: v1alpha1\nmachine: {type: controlplane}\ncluster: {}\n"
    return f"{head}---\napiVersion: v1alpha1\nkind: HostnameConfig\n{name}\n"


TALOS = [
    ({"talos/talconfig.yaml": talconfig(2)}, "error"),
    ({"talos/talconfig.yaml": talconfig(3)}, None),
    ({"talos/talconfig.yaml": talconfig(4)}, "warning"),
    ({"talos/talconfig.yaml": talconfig(1, "  - {hostname: w, ipAddress: 192.0.2.9}\n")}, None),
    (
        {"talos/talconfig.yaml": talconfig(2, "  - {hostname: w, ipAddress: 192.0.2.9, controlPlane: '${X}'}\n")},
        None,
    ),
    ({"t/a.yaml": machine("a"), "t/b.yaml": machine("b"), "t/w.yaml": machine("w", "worker")}, "error"),
    ({"t/a.yaml": machine("a"), "t/b.yaml": machine("b"), "t/c.yaml": machine("c")}, None),
    ({"t/a.yaml": named_apart("hostname: a"), "t/b.yaml": named_apart("hostname: b")}, "error"),
    ({"t/a.yaml": named_apart("auto: stable"), "t/b.yaml": named_apart("auto: stable")}, None),
]


@pytest.mark.parametrize(("files", "expected"), TALOS)
def test_talos(files, expected, tmp_path):
    assert severity(tmp_path, files) == expected


def endpoints(*hosts):
    head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
    quoted = ", ".join(f"'https://{host}:2379'" for host in hosts)
    return f"{head}etcd: {{external: {{endpoints: [{quoted}]}}}}\n"


KUBEADM = [
    (endpoints("a", "b"), "error"),
    (endpoints("a", "b", "c"), None),
    (endpoints("a", "b", "c", "d"), "warning"),
    (endpoints("a", "a", "b", "c"), None),
    (endpoints("${A}", "b"), None),
    ("apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration: {name: a}\n", None),
]


@pytest.mark.parametrize(("text", "expected"), KUBEADM)
def test_kubeadm(text, expected, tmp_path):
    assert severity(tmp_path, {"kubeadm.yaml": text}) == expected


K3D = "apiVersion: k3d.io/v1alpha5\nkind: Simple\nmetadata: {name: dev}\n"
KIND = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes:\n"
LOCAL = [
    (f"{K3D}servers: 2\n", "warning"),
    (f"{K3D}servers: 3\n", None),
    (f"{K3D}servers: 0\n", None),
    (f"{K3D}servers: -2\n", None),
    (f"{K3D}servers: '2'\n", None),
    (f"{K3D}servers: 2\noptions: {{k3s: {{extraArgs: [{{arg: --datastore-endpoint=x}}]}}}}\n", None),
    (f"{KIND}  - role: control-plane\n  - role: control-plane\n", "warning"),
    (f"{KIND}  - role: control-plane\n  - role: worker\n", None),
]


@pytest.mark.parametrize(("text", "expected"), LOCAL)
def test_clusters_of_containers(text, expected, tmp_path):
    assert severity(tmp_path, {"cluster.yaml": text}) == expected


def rke(*roles, more=""):
    nodes = "".join(f"  - {{address: 192.0.2.{i}, user: x, role: {role}}}\n" for i, role in enumerate(roles))
    return f"cluster_name: home\nnodes:\n{nodes}{more}"


RKE = [
    (rke("[controlplane, etcd]", "[controlplane, etcd]", "[worker]"), "error"),
    (rke("[etcd]", "[controlplane, etcd, worker]", "[worker, etcd]"), None),
    (rke("[etcd]", "[etcd]", "[etcd]", "[etcd]"), "warning"),
    (rke("[etcd]", "[etcd]", more="services: {etcd: {external_urls: ['https://x:2379']}}\n"), None),
    (rke("[etcd]", "['{{ role }}']", "[etcd]"), None),
    (rke("[web]", "[web]"), None),
]


@pytest.mark.parametrize(("text", "expected"), RKE)
def test_rke(text, expected, tmp_path):
    assert severity(tmp_path, {"cluster.yml": text}) == expected


def replicas(number):
    head = "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nmetadata: {name: a}\n"
    return f"{head}spec: {{replicas: {number}, kubeadmConfigSpec: {{clusterConfiguration: {{}}}}}}\n"


K0S = "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nmetadata: {{name: a}}\nspec: {{hosts: [{}]}}\n"
OBJECTS = [
    (replicas(2), "error"),
    (replicas(3), None),
    (replicas(-2), None),
    (replicas("'2'"), None),
    (replicas("${N}"), None),
    (K0S.format("{role: controller}, {role: controller}, {role: worker}"), "error"),
    (K0S.format("{role: controller}, {role: worker}, {role: worker}"), None),
    ("nodes: [{name: a, address: x, controller: true}, {name: b, address: y, controller: true}]\n", "error"),
]


@pytest.mark.parametrize(("text", "expected"), OBJECTS)
def test_other_lists(text, expected, tmp_path):
    assert severity(tmp_path, {"nodes.yaml": text}) == expected


def configs(product, one, two):
    path = "hosts/server-{}/etc/rancher/{}/config.yaml"
    return {path.format(1, product): one, path.format(2, product): two}


JOINS = "server: https://server-1:6443\ntls-san: [x]\n"
SERVERS = [
    (configs("k3s", "cluster-init: true\ntls-san: [x]\n", JOINS), "error"),
    (configs("rke2", "tls-san: [x]\ncni: cilium\n", JOINS), "error"),
    (configs("k3s", "datastore-endpoint: x\ntls-san: [x]\n", "datastore-endpoint: x\ntls-san: [x]\n"), None),
]


@pytest.mark.parametrize(("files", "expected"), SERVERS)
def test_server_configurations(files, expected, tmp_path):
    assert severity(tmp_path, files) == expected
