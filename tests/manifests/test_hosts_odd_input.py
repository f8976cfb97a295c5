"""Whatever stands in the files of hosts, reading them does not raise, and what is said of nodes stands somewhere."""

import json

from host_trees import place, tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubelint.manifests.hosts.rollouts import read_outages

FILES = [
    "inventory/hosts.yml", "ansible/site.yml", "ansible/tasks/a.yml", "roles/a/tasks/main.yml", "roles/a/meta/main.yml",
    "group_vars/all.yml", "host_vars/a.yml", "rancher/k3s/config.yaml", "rancher/k3s/config.yaml.d/a.yaml",
    "talos/talconfig.yaml", "talos/machine.yaml", "nodes.yaml", "kubeadm.yaml", "clusters/a/nodes.yaml", "vars/x.yml",
]  # fmt: skip
KEYS = """all k3s masters agents hosts children vars nodes name address controller hostname ipAddress controlPlane
    nodeLabels nodeTaints schematic overlay customization systemExtensions officialExtensions machine version type
    network interfaces addresses install image kind apiVersion metadata labels spec taints template requirements key
    operator values annotations node-label node-taint node-name tls-san+ cluster-init server token k3s_server
    extra_server_args role roles tasks block rescue include_tasks import_role import_playbook file dependencies action
    reboot when serial throttle notify listen vars_files include_vars service command state etcd arch
    kubernetes.io/arch nodeRegistration kubeletExtraArgs servers agents plugin hidden sops
    status nodeInfo architecture capacity.cluster-autoscaler.kubernetes.io/labels items""".split()  # noqa: SIM905
TEXTS = """a b pi[1:3] n[a:zz] k3s amd64 x86_64 arm64 kubernetes.io/arch=arm64 a=b:NoSchedule --node-label=a --tls-san
    {{x}} ${X} v1 v1alpha1 Node NodePool karpenter.sh/v1 MachineDeployment cluster.x-k8s.io/v1beta1 JoinConfiguration
    kubeadm.k8s.io/v1beta4 Simple k3d.io/v1alpha5 Cluster kind.x-k8s.io/v1alpha4 worker control-plane In a.yml site.yml
    192.0.2.1 siderolabs/intel-ucode rpi_generic <<x : [ ] - """.split()  # noqa: SIM905
SCALARS = st.sampled_from([*TEXTS, "", None, True, 0, -1, 1.5, 10**30, "\x1b[31m", "é", "a\nb: c\n"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, *TEXTS]), inner, max_size=4),
    max_leaves=25,
)


def look_at_servers(project):
    hosts = project.hosts
    for nodes in hosts.ansible_nodes:
        for play in hosts.plays:
            list(read_outages(play, nodes))
        for name in nodes.names:
            nodes.configs(name)
    for members in hosts.etcd_members:
        assert place(project, members.at) and all(place(project, at) for at in members.places)
    for servers in hosts.server_clusters:
        assert isinstance(servers.keeps_etcd, bool) and servers.configs


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(FILES), VALUES, max_size=5))
def test_odd_trees(contents):
    project = tree({name: json.dumps(value) for name, value in contents.items()})
    hosts = project.hosts
    for play in hosts.plays:
        for task in play.tasks:
            assert isinstance(task.module, str | None) and isinstance(task.argument("name"), str | None)
            task.keyword("throttle")
    for config in hosts.server_configs:
        for flag in config.flags:
            config.values(flag), config.text(flag), config.enabled(flag)
    for cluster in hosts.local_clusters:
        cluster.name, cluster.control_planes, cluster.workers, cluster.settings  # noqa: B018
    look_at_servers(project)
    for scope in ("", "clusters/a", *project.inventories.scopes):
        inventory = project.inventory(scope)
        assert inventory.architectures <= {proof.architecture for proof in inventory.proofs}
        for node in inventory.nodes.values():
            assert place(project, node.at) and inventory.node(node.name) is node
        for proof in inventory.proofs:
            assert place(project, proof.at)
