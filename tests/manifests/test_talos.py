"""Talos machine configuration, talconfig, kubeadm, lists of nodes, and clusters on one machine."""

import pytest
from host_trees import place, tree

TALCONFIG = """\
clusterName: home
endpoint: https://192.0.2.10:6443
nodes:
  - hostname: cp1
    ipAddress: 192.0.2.11, 2001:db8::11
    controlPlane: true
    machineSpec: {arch: arm64}
    nodeTaints: {role: "edge:NoSchedule", odd: nonsense}
  - hostname: w1
    controlPlane: false
    ipAddress: 192.0.2.21
    nodeLabels: {zone: a}
  - hostname: ${NODE}
    ipAddress: 192.0.2.22
    schematic: {overlay: {name: rpi_generic, image: siderolabs/sbc-raspberrypi}}
  - hostname: w3
    ignoreHostname: true
    nodeLabels: {kubernetes.io/arch: amd64, zone: b}
worker:
  nodeLabels: {zone: z, kind: worker}
  schematic:
    customization:
      systemExtensions:
        officialExtensions: [siderolabs/iscsi-tools, siderolabs/intel-ucode]
"""


def test_talconfig():
    project = tree({"talos/talconfig.yaml": TALCONFIG})
    (config,) = project.hosts.talconfigs
    assert config.name == "home"
    assert [machine.name and machine.name.text for machine in config.machines] == ["cp1", "w1", None, None]
    assert [machine.control_plane.value for machine in config.machines] == [True, False, False, False]
    assert [place(project, machine.architecture.at) for machine in config.machines] == [
        "talos/talconfig.yaml:7:25 arm64",
        "talos/talconfig.yaml:24:54 siderolabs/intel-ucode",
        "talos/talconfig.yaml:15:33 rpi_generic",
        "talos/talconfig.yaml:18:38 amd64",
    ]
    first, second = config.machines[:2]
    assert [value.value for value in first.addresses] == ["192.0.2.11", "2001:db8::11"]
    assert [taint.value for taint in first.taints] == [{"key": "role", "value": "edge", "effect": "NoSchedule"}]
    assert {key: value.value for key, value in second.labels} == {"zone": "a", "kind": "worker"}


NO_TALCONFIG = [
    "nodes: [{hostname: a}]\n",
    "nodes: text\nclusterName: a\nendpoint: b\n",
    "nodes: [a, {ipAddress: 1}]\nclusterName: a\nendpoint: b\n",
    "nodes: []\nclusterName: a\nendpoint: b\n",
]


@pytest.mark.parametrize("text", NO_TALCONFIG)
def test_other_documents_are_no_talconfig(text):
    assert tree({"x.yaml": text}).hosts.talconfigs == []


MACHINE = """\
version: v1alpha1
machine:
  type: controlplane
  install: {image: factory.talos.dev/rpi_generic-installer/abc:v1.11.2}
  nodeLabels: {disk: fast}
  nodeTaints: {node-role.kubernetes.io/control-plane: ":NoSchedule"}
  network:
    interfaces: [{interface: eth0, addresses: [192.0.2.31/24]}, {interface: eth1, dhcp: true}]
cluster: {controlPlane: {endpoint: https://192.0.2.10:6443}}
---
apiVersion: v1alpha1
kind: HostnameConfig
auto: off
hostname: cp9
"""


def test_machine():
    project = tree({"talos/cp9.yaml": MACHINE, "talos/patch.yaml": "machine: {network: {hostname: w9}}\n"})
    whole, patch = project.hosts.talos_machines
    assert not whole.partial and patch.partial and patch.machine.name.text == "w9"
    machine = whole.machine
    assert place(project, machine.name.at) == "talos/cp9.yaml:14:11 cp9"
    assert machine.control_plane.value is True and machine.architecture.value == "arm64"
    assert [value.value for value in machine.addresses] == ["192.0.2.31"]
    assert [taint.value for taint in machine.taints] == [
        {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
    ]


@pytest.mark.parametrize("image", ["ghcr.io/siderolabs/installer:v1.11.2", "example.org/app-arm64:1", "${IMAGE}"])
def test_other_images_tell_no_architecture(image):
    text = f"version: v1alpha1\nmachine: {{type: worker, install: {{image: '{image}'}}}}\n"
    (machine,) = tree({"w.yaml": text}).hosts.talos_machines
    assert machine.machine.architecture is None and machine.machine.name is None


@pytest.mark.parametrize("text", ["machine: text\n", "machine: {a: b}\nother: 1\n", "kind: X\nmachine: {}\n"])
def test_other_documents_are_no_machine(text):
    assert tree({"x.yaml": text}).hosts.talos_machines == []


KUBEADM = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
controlPlane: {}
nodeRegistration:
  name: cp2
  kubeletExtraArgs: [{name: node-labels, value: "kubernetes.io/arch=arm64,zone=a"}]
  taints: [{key: a, effect: NoSchedule}]
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
nodeRegistration: {name: w2, kubeletExtraArgs: {node-labels: zone=b}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd: {external: {endpoints: [https://192.0.2.1:2379, https://192.0.2.2:2379]}}
"""


def test_kubeadm():
    first, second, cluster = tree({"kubeadm.yaml": KUBEADM}).hosts.kubeadm
    assert first.machine.control_plane.value is True and first.machine.architecture.value == "arm64"
    assert second.machine.control_plane.value is False and second.machine.architecture is None
    assert [(key, value.value) for key, value in second.machine.labels] == [("zone", "b")]
    assert cluster.machine is None and len(cluster.etcd_endpoints) == 2


LOCAL = """\
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata: {name: dev}
servers: 3
agents: ${AGENTS}
options:
  k3s:
    extraArgs: [{arg: --disable=traefik, nodeFilters: ["server:*"]}]
---
apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
nodes: [{role: control-plane}, {role: worker}, {role: worker}]
---
apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
"""


def test_local_clusters():
    found = tree({"dev.yaml": LOCAL}).hosts.local_clusters
    assert [(cluster.tool, cluster.name, cluster.control_planes, cluster.workers) for cluster in found] == [
        ("k3d", "dev", 3, None),
        ("kind", None, 1, 2),
        ("kind", None, 1, 0),
    ]
    ((setting, filters),) = found[0].settings
    assert (setting.flag, setting.value, filters.strings()) == ("disable", "traefik", ["server:*"])


def test_node_list():
    text = "nodes:\n  - {name: k1, address: 192.0.2.1, controller: true, disk: /dev/sda}\n"
    text += '  - {name: "k2", address: 192.0.2.2, controller: false, disk: x, overlay: turingrk1}\n'
    project = tree({"nodes.yaml": text})
    first, second = project.hosts.node_lists[0].machines
    assert place(project, first.at) == "nodes.yaml:2:12 k1" and first.control_plane.value is True
    assert second.architecture.value == "arm64" and second.control_plane.value is False


@pytest.mark.parametrize("text", ["nodes: []\n", "nodes: [a]\n", "nodes: [{name: a, address: b}]\n", "nodes: {a: b}\n"])
def test_other_documents_are_no_node_list(text):
    assert tree({"nodes.yaml": text}).hosts.node_lists == []
