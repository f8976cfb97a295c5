"""Cluster DNS in every wrapper: where the findings stand, what is offered, what stays silent."""

from __future__ import annotations

import textwrap

import pytest
from effort import grows_linearly
from linting import ids, lint_texts

from kubelint.manifests import ClusterSettings, NodeFacts
from kubelint_rules.dns.scoped import Scoped

DNS = ("dns", "replicas-fight-autoscaler")

HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: coredns, namespace: kube-system}
spec:
  chart: {spec: {chart: coredns, sourceRef: {kind: HelmRepository, name: coredns}}}
"""
HELM_CHART = """\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: coredns, namespace: kube-system}
spec:
  chart: coredns
  targetNamespace: kube-system
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: coredns, namespace: argocd}
spec:
  destination: {namespace: kube-system, server: https://kubernetes.default.svc}
  source:
    chart: coredns
    repoURL: https://coredns.github.io/helm
    targetRevision: 1.43.0
    helm:
"""
HPA = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: coredns, namespace: kube-system}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: coredns}, minReplicas: 2, maxReplicas: 9}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  replicas: 1
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: coredns, image: "registry.k8s.io/coredns/coredns:v1.12.0"}]}
"""


def found(text, rule="dns-single-replica", name="coredns.yaml", **settings):
    report = lint_texts({name: text}, select=(rule,), **settings)
    assert not report.crashed, [f.message for f in report.findings]
    return [finding for finding in report.findings if finding.meta.id == rule]


def place(finding):
    return finding.place.start.line, finding.place.start.column


@pytest.mark.parametrize(
    ("text", "line", "column", "edit"),
    [
        (f"{HELM_RELEASE}  values:\n    replicaCount: 1\n", 7, 19, ("replace", "2")),
        (f'{HELM_RELEASE}  values:\n    replicaCount: "1"\n', 7, 19, ("replace", '"2"')),
        (f"{HELM_RELEASE}  values:\n    rollingUpdate: {{}}\n", 6, 3, ("insert", "2")),
        (f"{HELM_RELEASE}  values: {{}}\n", 6, 3, ("insert", "2")),
        (HELM_RELEASE, 4, 1, None),
        (f"{HELM_CHART}  valuesContent: |\n    # of the cluster\n    replicaCount: 1\n", 9, 19, ("replace", "2")),
        (f'{HELM_CHART}  valuesContent: "replicaCount: 1"\n', 7, 33, ("replace", "2")),
        (f"{HELM_CHART}  valuesContent: >-\n    replicaCount:\n    1\n", 9, 5, ("replace", "2")),
        (f'{HELM_CHART}  set: {{replicaCount: "1"}}\n', 7, 23, ("replace", '"2"')),
        (f"{HELM_CHART}  set: {{replicaCount: 1}}\n", 7, 23, ("replace", "2")),
        (f"{APPLICATION}      valuesObject: {{replicaCount: 1}}\n", 11, 36, ("replace", "2")),
        (f"{APPLICATION}      values: |-\n        replicaCount: 1\n", 12, 23, ("replace", "2")),
        (f'{APPLICATION}      parameters: [{{name: replicaCount, value: "1"}}]\n', 11, 48, ("replace", '"2"')),
    ],
)
def test_one_replica_stands_where_it_is_written(text, line, column, edit):
    (finding,) = found(text)
    assert place(finding) == (line, column)
    edits = [(change.action, change.text) for fix in finding.fixes for change in fix.edits]
    assert edits == ([] if edit is None else [edit])


@pytest.mark.parametrize(
    "text",
    [
        f"{HELM_RELEASE}  valuesFrom: [{{kind: Secret, name: coredns}}]\n",
        f"{HELM_RELEASE}  valuesFrom: [{{kind: Secret, name: c}}]\n  values: {{rollingUpdate: {{maxSurge: 1}}}}\n",
        f"{HELM_RELEASE}  values: ${{VALUES}}\n",
        f"{HELM_RELEASE}  values: {{replicaCount: '${{COUNT:=2}}'}}\n",
        f"{HELM_RELEASE}  values: {{replicaCount: 1, isClusterService: false}}\n",
        f"{HELM_RELEASE}  values: {{replicaCount: 1, deployment: {{enabled: false}}}}\n",
        f"{HELM_RELEASE}  values: {{replicaCount: 0}}\n",
        f"{HELM_RELEASE}  values: [replicaCount]\n",
        HELM_RELEASE.replace("kube-system", "lan"),
        HELM_RELEASE.replace(", namespace: kube-system", ""),
        HELM_RELEASE.replace("kube-system", "${NAMESPACE}"),
        HELM_RELEASE.replace("chart: coredns", "chart: k8s-gateway"),
        HELM_RELEASE + HPA,
        f"{HELM_CHART}  valuesContent: |\n    replicaCount: [\n",
        f"{HELM_CHART}  valuesContent: |\n    replicaCount: {{{{ dns_replicas }}}}\n",
        f"{APPLICATION}      valueFiles: [$values/coredns.yaml]\n",
    ],
)
def test_what_is_unknown_or_something_else_is_silent(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ("k8sAppLabelOverride: kube-dns", 1),
        ("service: {clusterIP: 10.43.0.10}", 1),
        ("servers: [{port: 53, plugins: [{name: kubernetes, parameters: cluster.local}]}]", 1),
        ("servers: [{port: 53, plugins: [{name: forward, parameters: . 192.0.2.1}]}]", 0),
        ("service: {clusterIP: 192.0.2.53}", 0),
        ("k8sAppLabelOverride: ${LABEL}", 0),
    ],
)
def test_without_a_namespace_the_values_have_to_say_that_it_is_cluster_dns(values, count):
    text = HELM_RELEASE.replace(", namespace: kube-system", "") + f"  values:\n    replicaCount: 1\n    {values}\n"
    assert len(found(text)) == count


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        ("--set replicaCount=1", [(".github/workflows/dns.yaml", 7, 95)]),
        ("-f dns.yaml", [("dns.yaml", 1, 15)]),
        ("-f dns.yaml --set replicaCount=2", []),
        ("-f elsewhere.yaml", []),
        ("--set replicaCount=${{ inputs.replicas }}", []),
    ],
)
def test_helm_upgrade_in_a_workflow(arguments, places):
    workflow = f"""\
name: dns
on: push
jobs:
  dns:
    runs-on: ubuntu-24.04
    steps:
      - run: helm upgrade --install coredns coredns/coredns -n kube-system {arguments}
"""
    files = {".github/workflows/dns.yaml": workflow, "dns.yaml": "replicaCount: 1\n"}
    report = lint_texts(files, select=("dns-single-replica",))
    assert [(f.place.path, *place(f)) for f in report.findings] == places
    assert not any(finding.fixes for finding in report.findings)


def test_a_cluster_of_one_declared_node_has_nothing_to_spread():
    one = ClusterSettings(nodes={"server-1": NodeFacts("amd64")})
    two = ClusterSettings(nodes={"server-1": NodeFacts("amd64"), "server-2": NodeFacts("amd64")})
    for text in (DEPLOYMENT, f"{HELM_RELEASE}  values: {{replicaCount: 1}}\n"):
        assert found(text, cluster=one) == []
        assert len(found(text, cluster=two)) == 1


TALCONFIG = """\
clusterName: home
endpoint: https://10.0.0.1:6443
nodes:
  - {hostname: node-1, ipAddress: 10.0.0.1, controlPlane: true, installDisk: /dev/sda}
"""


def test_a_cluster_whose_list_of_nodes_names_one_has_nothing_to_spread():
    second = "  - {hostname: node-2, ipAddress: 10.0.0.2, controlPlane: false, installDisk: /dev/sda}\n"
    for text in (DEPLOYMENT, f"{HELM_RELEASE}  values: {{replicaCount: 1}}\n"):
        files = {"apps/coredns.yaml": text, "talos/talconfig.yaml": TALCONFIG}
        assert ids(lint_texts(files, select=DNS)) == []
        files["talos/talconfig.yaml"] += second
        assert ids(lint_texts(files, select=DNS)) == ["dns-single-replica"]


def test_the_only_node_of_one_cluster_does_not_speak_for_another():
    files = {
        "clusters/edge/talconfig.yaml": TALCONFIG,
        "clusters/edge/coredns.yaml": DEPLOYMENT,
        "clusters/main/coredns.yaml": DEPLOYMENT,
    }
    report = lint_texts(files, select=("dns-single-replica",))
    assert [finding.place.path for finding in report.findings] == ["clusters/main/coredns.yaml"]


@pytest.mark.parametrize("folder", ["dev", "overlays/dev", "local", "k3d-lab", "kind", "minikube"])
def test_folders_for_one_node_are_left_alone(folder):
    assert found(f"{HELM_RELEASE}  values: {{replicaCount: 1}}\n", name=f"{folder}/coredns.yaml") == []
    assert found(DEPLOYMENT, name=f"{folder}/coredns.yaml") == []


def test_an_overlay_for_one_node_does_not_speak_for_the_others():
    files = {
        "base/kustomization.yaml": "resources: [coredns.yaml]\nnamespace: kube-system\n",
        "base/coredns.yaml": HELM_RELEASE + "  valuesFrom: [{kind: ConfigMap, name: values}]\n",
        "overlays/dev/kustomization.yaml": textwrap.dedent("""\
            resources: [../../base]
            configMapGenerator: [{name: values, files: [values.yaml]}]
        """),
        "overlays/dev/values.yaml": "replicaCount: 1\n",
    }
    assert "dns-single-replica" not in ids(lint_texts(files, select=("dns",)))


def test_a_budget_and_an_autoscaler_of_another_cluster_do_not_count():
    budget = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: coredns, namespace: kube-system}
spec: {maxUnavailable: 0, selector: {matchLabels: {k8s-app: kube-dns}}}
"""
    files = {
        "clusters/a/coredns.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 2"),
        "clusters/b/budget.yaml": budget,
        "clusters/b/hpa.yaml": HPA,
    }
    assert ids(lint_texts(files, select=DNS)) == ["dns-without-disruption-budget", "dns-replicas-not-spread"]
    files["clusters/a/budget.yaml"] = budget
    assert set(ids(lint_texts(files, select=DNS))) == {"dns-budget-blocks-drain", "dns-replicas-not-spread"}


def test_replicas_beside_an_autoscaler_are_removed_from_dns_with_care():
    (finding,) = found(DEPLOYMENT.replace("replicas: 1", "replicas: 2") + HPA, "replicas-fight-autoscaler")
    assert finding.severity == "error" and place(finding) == (5, 13)
    assert [fix.applicability for fix in finding.fixes] == ["unsafe"]
    shop = (DEPLOYMENT.replace("replicas: 1", "replicas: 2") + HPA).replace("coredns", "shop").replace("kube-", "x-")
    (finding,) = found(shop, "replicas-fight-autoscaler")
    assert finding.severity == "warning"
    assert [(fix.applicability, fix.edits[0].action) for fix in finding.fixes] == [("safe", "delete")]


def test_things_of_one_scope_are_found_with_what_all_share():
    things: Scoped[int] = Scoped()
    for number, scope in enumerate(["", "clusters/a", "clusters/b", "inner//", "inner//clusters/a"]):
        things.add(scope, "key", number)
    assert things.get("", "key") == [0, 1, 2]
    assert things.get("clusters/a", "key") == [1, 0]
    assert things.get("clusters/c", "key") == [0]
    assert things.get("inner//", "key") == [3, 4]
    assert things.get("inner//clusters/a", "key") == [4, 3]
    assert things.get("", "other") == []


def test_many_cluster_dns_in_one_tree():
    budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: c, namespace: kube-system}\n"
    text = DEPLOYMENT.replace("replicas: 1", "") + HPA + budget + "spec: {selector: {}, maxUnavailable: 1}\n"

    def lint(count):
        files = {f"apps/c{index}/coredns.yaml": text.replace("coredns", f"coredns{index}") for index in range(count)}
        assert not lint_texts(files, select=DNS).crashed

    assert grows_linearly(lint, 100)


@pytest.mark.parametrize(
    ("key", "value", "count"),
    [
        ("resource.customizations.ignoreDifferences.apps_Deployment", "jsonPointers: [/spec/replicas]", 0),
        ("resource.customizations.ignoreDifferences.all", "jqPathExpressions: [.spec.replicas]", 0),
        ("resource.customizations.ignoreDifferences.apps_StatefulSet", "jsonPointers: [/spec/replicas]", 1),
        ("resource.customizations.ignoreDifferences.all", "jsonPointers: [/spec/paused]", 1),
        ("resource.exclusions", "replicas", 1),
    ],
)
def test_argo_cd_may_be_told_to_leave_replicas_alone_everywhere(key, value, count):
    settings = f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  {key}: |\n    {value}\n"
    assert len(found(DEPLOYMENT + HPA + settings, "replicas-fight-autoscaler")) == count


def test_labels_that_a_kustomization_adds_are_not_missing():
    files = {
        "kustomization.yaml": "resources: [coredns.yaml]\ncommonLabels: {app: dns}\n",
        "coredns.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 2")
        + "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: dns, namespace: kube-system}\n"
        + "spec: {maxUnavailable: 1, selector: {matchLabels: {app: dns}}}\n",
    }
    assert ids(lint_texts(files, select=DNS)) == ["dns-replicas-not-spread"]
