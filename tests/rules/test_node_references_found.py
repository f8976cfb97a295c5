"""Every place that names a node, what is no name, and which list of nodes speaks for which file."""

import pytest
from small_trees import found

from kubelint.manifests import ClusterSettings, NodeFacts

ID, LONGHORN, PINNED = "unknown-node-reference", "longhorn-node-not-decommissioned", "pinned-to-node-name"
DECLARED = {"cluster": ClusterSettings(nodes={name: NodeFacts(None) for name in ("n1", "n2", "n3")})}


def said(folder, files):
    files = files if isinstance(files, dict) else {"manifest.yaml": files}
    return " ".join(each.removeprefix(f"{ID} ") for each in found(folder, files, ID, LONGHORN, PINNED, **DECLARED))


def workload(spec, kind="Deployment", image="x/y:1", more=""):
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: a, namespace: x}}
spec:
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      {spec}
      containers: [{{name: a, image: "{image}"{more}}}]
"""


def entry(kind, spec, name="a", api="v1", key="spec"):
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\n{key}: {spec}\n"


def affinity(operator, names, kind="required"):
    chosen = f"[{{key: kubernetes.io/hostname, operator: {operator}, values: [{names}]}}]"
    if kind == "required":
        term = (
            f"requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{matchExpressions: {chosen}}}]}}"
        )
    else:
        term = f"[{{weight: 1, preference: {{matchExpressions: {chosen}}}}}]"
        term = f"preferredDuringSchedulingIgnoredDuringExecution: {term}"
    return f"{{nodeAffinity: {{{term}}}}}"


def selector(name, key="kubernetes.io/hostname"):
    return f"nodeSelector: {{{key}: {name}}}"


FIELDS = "{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [%s]}]}}}"
WORKLOADS = [
    (workload(selector("gone")), "error"),
    (workload(selector("n1")), ""),
    (workload(selector("N1")), ""),
    (workload(selector("n1.example.org")), ""),
    (workload(selector("gone", "role")), ""),
    (workload(f"affinity: {affinity('In', 'gone')}"), "error"),
    (workload(f"affinity: {affinity('In', 'gone, n1')}"), "warning"),
    (workload(f"affinity: {affinity('In', 'gone, lost')}"), "error error"),
    (workload(f"affinity: {affinity('NotIn', 'gone')}"), "info"),
    (workload(f"affinity: {affinity('In', 'gone', 'preferred')}"), "info"),
    (workload(f"affinity: {affinity('NotIn', 'gone', 'preferred')}"), "info"),
    (workload(f"affinity: {affinity('Exists', '')}"), ""),
    (workload(f"affinity: {FIELDS % '{key: metadata.name, operator: In, values: [gone]}'}"), "error"),
    (workload(f"affinity: {FIELDS % '{key: metadata.name, operator: In, values: [n1]}'}"), ""),
    (workload("nodeName: gone"), "error"),
    (workload("nodeName: n1"), f"{PINNED} warning"),
    (workload("nodeName: n1", "DaemonSet"), ""),
    (entry("Pod", "{nodeName: gone, containers: [{name: a, image: x}]}"), "error"),
    (entry("Pod", "{nodeName: n1, containers: [{name: a, image: x}]}"), ""),
    (workload("topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname}]"), ""),
    (workload("hostNetwork: true", more=", env: [{name: vip_nodename, value: gone}]"), "warning"),
    (workload("hostNetwork: true", more=", env: [{name: vip_nodename, value: n1}]"), ""),
    ({"examples/a.yaml": workload(selector("gone"))}, ""),
    ({"hack/a.yaml": workload("nodeName: n1")}, ""),
    ({"apps/hacks/a.yaml": workload("nodeName: n1")}, f"{PINNED} warning"),
]


@pytest.mark.parametrize(("files", "expected"), WORKLOADS)
def test_workloads(files, expected, tmp_path):
    assert said(tmp_path, files) == expected


PLACEHOLDERS = """${NODE} __NODE__ HOSTNAME {{node}} $(NODE) changeme <node> your-node NODE_NAME node-name ${node}-1
    example-node hostname.local my-node 192.0.2.4""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders(text, tmp_path):
    assert said(tmp_path, workload(selector(f"'{text}'"))) == ""


def longhorn(kind, spec, name="v"):
    return entry(kind, spec, name, "longhorn.io/v1beta2")


LEAVING = "{allowScheduling: false, evictionRequested: true}"
SETTING = "system-managed-components-node-selector"
STORAGE = [
    (longhorn("Node", "{allowScheduling: true}", "gone"), f"{LONGHORN} error"),
    (longhorn("Node", "{disks: {d: {allowScheduling: true}}}", "gone"), f"{LONGHORN} error"),
    (longhorn("Node", "{allowScheduling: true}", "n1"), ""),
    (longhorn("Node", "{allowScheduling: true}", "${N}"), ""),
    (longhorn("Node", LEAVING, "gone"), "info"),
    (longhorn("Node", "{allowScheduling: false}", "gone"), "error"),
    (longhorn("Volume", "{nodeID: gone}"), "warning"),
    (longhorn("Volume", "{migrationNodeID: gone}"), "warning"),
    (longhorn("Volume", "{nodeSelector: [gone], diskSelector: [gone]}"), ""),
    (longhorn("Replica", "{nodeID: gone, hardNodeAffinity: gone}"), "warning warning"),
    (longhorn("Engine", "{nodeID: gone}"), "warning"),
    (entry("Setting", "'kubernetes.io/hostname:gone'", SETTING, "longhorn.io/v1beta2", "value"), "warning"),
    (entry("Setting", "'kubernetes.io/hostname:gone'", "other", "longhorn.io/v1beta2", "value"), ""),
    (entry("StorageClass", "{nodeSelector: gone, diskSelector: gone}", "a", "storage.k8s.io/v1", "parameters"), ""),
    (
        entry("StorageClass", "[{matchLabelExpressions: [{key: kubernetes.io/hostname, values: [gone]}]}]", "a",
              "storage.k8s.io/v1", "allowedTopologies"),
        "warning",
    ),
    (entry("VolumeAttachment", "{nodeName: gone}", api="storage.k8s.io/v1"), "warning"),
    (entry("PersistentVolumeClaim", "{}", "a, annotations: {volume.kubernetes.io/selected-node: gone}"), "warning"),
]  # fmt: skip
TERMS = "{local: {path: /x}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [%s]}]}}}"


def volume(name, key="kubernetes.io/hostname", label="a"):
    return entry("PersistentVolume", TERMS % f"{{key: {key}, operator: In, values: [{name}]}}", label)


STORAGE += [
    (volume("gone"), "error"),
    (volume("gone", "openebs.io/nodename"), "error"),
    (volume("gone", "topology.topolvm.io/node"), "error"),
    (volume("gone", "topology.kubernetes.io/zone"), ""),
]


def rook(storage):
    return entry("CephCluster", f"{{storage: {storage}}}", api="ceph.rook.io/v1")


STORAGE += [
    (rook("{useAllNodes: false, nodes: [{name: gone}, {name: n1}]}"), "warning"),
    (rook("{nodes: [{name: gone}]}"), "warning"),
    (rook("{useAllNodes: true, nodes: [{name: gone}]}"), ""),
    (rook("{useAllNodes: '${ALL}', nodes: [{name: gone}]}"), ""),
]


@pytest.mark.parametrize(("text", "expected"), STORAGE)
def test_storage(text, expected, tmp_path):
    assert said(tmp_path, text) == expected


LABEL = "{matchLabels: {kubernetes.io/hostname: gone}}"
EXPRESSION = "{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [gone, n1]}]}"
CALICO = "projectcalico.org/v3"
NETWORKS = [
    (entry("L2Advertisement", f"{{nodeSelectors: [{LABEL}]}}", api="metallb.io/v1beta1"), "warning"),
    (entry("BGPAdvertisement", f"{{nodeSelectors: [{EXPRESSION}]}}", api="metallb.io/v1beta1"), "warning"),
    (entry("BGPPeer", f"{{nodeSelectors: [{LABEL}]}}", api="metallb.io/v1beta2"), "warning"),
    (entry("CiliumL2AnnouncementPolicy", f"{{nodeSelector: {LABEL}}}", api="cilium.io/v2alpha1"), "warning"),
    (entry("CiliumBGPClusterConfig", f"{{nodeSelector: {LABEL}}}", api="cilium.io/v2"), "warning"),
    (entry("CiliumBGPPeeringPolicy", f"{{nodeSelector: {LABEL}}}", api="cilium.io/v2alpha1"), "warning"),
    (entry("CiliumNodeConfig", f"{{nodeSelector: {LABEL}}}", api="cilium.io/v2"), "warning"),
    (entry("CiliumBGPNodeConfigOverride", "{}", "gone", "cilium.io/v2"), "warning"),
    (entry("CiliumBGPNodeConfigOverride", "{}", "n1", "cilium.io/v2"), ""),
    (entry("BGPPeer", "{node: gone}", api=CALICO), "warning"),
    (entry("BGPPeer", "{nodeSelector: \"kubernetes.io/hostname == 'gone'\"}", api=CALICO), "warning"),
    (entry("BGPPeer", "{nodeSelector: \"kubernetes.io/hostname in {'gone', 'n1'}\"}", api=CALICO), "warning"),
    (entry("BGPPeer", "{nodeSelector: \"kubernetes.io/hostname != 'gone'\"}", api=CALICO), "info"),
    (entry("BGPPeer", "{nodeSelector: \"rack == 'gone'\"}", api=CALICO), ""),
    (entry("BGPPeer", "{nodeSelector: all()}", api=CALICO), ""),
    (entry("HostEndpoint", "{node: gone}", api=CALICO), "warning"),
    (entry("Node", "{}", "gone", CALICO), "warning"),
    (entry("EndpointSlice", "[{nodeName: gone}]", api="discovery.k8s.io/v1", key="endpoints"), "warning"),
    (entry("Endpoints", "[{addresses: [{nodeName: gone}]}]", key="subsets"), "warning"),
    (entry("Plan", f"{{nodeSelector: {LABEL}}}", api="upgrade.cattle.io/v1"), "warning"),
    (entry("Plan", f"{{nodeSelector: {EXPRESSION}}}", api="upgrade.cattle.io/v1"), "warning"),
    (entry("Service", "{selector: {kubernetes.io/name: gone}}"), ""),
]


@pytest.mark.parametrize(("text", "expected"), NETWORKS)
def test_networks_and_upgrades(text, expected, tmp_path):
    assert said(tmp_path, text) == expected


def release(values):
    chart = "chart: {spec: {chart: a, sourceRef: {kind: HelmRepository, name: r}}}"
    return entry("HelmRelease", f"{{{chart}, values: {values}}}", api="helm.toolkit.fluxcd.io/v2")


VALUES = [
    (release("{nodeSelector: {kubernetes.io/hostname: gone}}"), "error"),
    (release("{defaultPodOptions: {nodeSelector: {kubernetes.io/hostname: gone}}}"), "error"),
    (release(f"{{affinity: {affinity('In', 'gone, n2')}}}"), "warning"),
    (release("{nodeName: gone}"), "warning"),
    (release("{controllers: {main: {pod: {nodeName: gone}}}}"), "warning"),
    (release("{controllers: {main: {pod: {nodeName: n1}}}}"), ""),
    (release("{nodeName: {a: gone}}"), ""),
    (release("{nodeName: '${NODE}'}"), ""),
    (release("{env: [{name: X, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}"), ""),
    (release("{service: {hostname: gone}}"), ""),
    (release("{cephClusterSpec: {storage: {useAllNodes: false, nodes: [{name: gone}]}}}"), "warning"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values_of_charts(text, expected, tmp_path):
    assert said(tmp_path, text) == expected


OPERATION = "- op: replace\n        path: /spec/template/spec/nodeSelector/kubernetes.io~1hostname\n        value: {}\n"
HEADS = ["", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(("name", "expected"), [("gone", "error"), ("n2", ""), ("${NODE}", "")])
def test_patches(head, name, expected, tmp_path):
    patch = f"patches:\n  - target: {{kind: Deployment}}\n    patch: |-\n      {OPERATION.format(name)}"
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": workload(selector("n1")),
        "over/kustomization.yaml": f"{head}resources: [../base]\n{patch}",
    }
    assert said(tmp_path, files) == expected
