"""Cluster DNS as a release of a chart, in every wrapper that a tree may hold it in."""

from __future__ import annotations

import pytest
from linting import ids, lint_texts

ONE, SPREAD, PINNED, NO_BUDGET, BLOCKED, DEAD = (
    "dns-single-replica",
    "dns-replicas-not-spread",
    "dns-pinned-to-node",
    "dns-without-disruption-budget",
    "dns-budget-blocks-drain",
    "dead-spread-selector",
)
OCI = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: coredns, namespace: kube-system}
spec: {url: oci://ghcr.io/coredns/charts/coredns, ref: {tag: 1.43.0}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: coredns, namespace: kube-system}
spec:
  chartRef: {kind: OCIRepository, name: coredns}
"""
SELECTED = "labelSelector: {matchLabels: {app.kubernetes.io/instance: coredns}}"
CONSTRAINT = f"maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, {SELECTED}"
SOUND = f"podDisruptionBudget: {{maxUnavailable: 1}}, topologySpreadConstraints: [{{{CONSTRAINT}}}]"
DEAD_SELECTOR = SOUND.replace("app.kubernetes.io/instance: coredns", "k8s-app: kube-dns")
VALUES = [
    ("", [ONE]),
    ("replicaCount: 1", [ONE]),
    ("replicaCount: 2", [SPREAD, NO_BUDGET]),
    (f"replicaCount: 2, {SOUND}", []),
    (f"replicaCount: '${{N}}', {SOUND}", []),
    (f"replicaCount: -1, {SOUND}", []),
    (f"replicaCount: [1], {SOUND}", []),
    (f"replicaCount: 2, {DEAD_SELECTOR}", [DEAD, SPREAD]),
    (f"replicaCount: 2, nodeSelector: {{kubernetes.io/hostname: a}}, {SOUND}", [PINNED]),
    (f"replicaCount: 2, nodeSelector: [a], {SOUND}", []),
    (f"hpa: {{enabled: true}}, {SOUND}", [ONE]),
    (f"hpa: {{enabled: true, minReplicas: 2}}, {SOUND}", []),
    (f"hpa: {{enabled: true, minReplicas: two}}, {SOUND}", []),
    (f"autoscaler: {{enabled: true}}, {SOUND}", []),
    (f"autoscaler: {{enabled: true, preventSinglePointFailure: false}}, {SOUND}", [ONE]),
    (f"autoscaler: {{enabled: true, max: 1}}, {SOUND}", [ONE]),
    (f"autoscaler: {{enabled: true, min: two}}, {SOUND}", []),
    ("replicaCount: 1, podDisruptionBudget: {minAvailable: 1}", [BLOCKED, ONE]),
    ("replicaCount: 1, isClusterService: false", []),
]


def reported(files):
    report = lint_texts({"apps/coredns.yaml": files} if isinstance(files, str) else files, select=("dns",))
    assert not report.crashed, [finding.message for finding in report.findings]
    return sorted(ids(report))


@pytest.mark.parametrize(("values", "rules"), VALUES)
def test_values(values, rules):
    assert reported(f"{OCI}  values: {{{values}}}\n") == rules


@pytest.mark.parametrize("values", ["7", "[1]", "text", "'${VALUES}'", "{hpa: on, autoscaler: [1], keda: x}"])
def test_values_that_are_none_break_nothing(values):
    reported(f"{OCI}  values: {values}\n")


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: {kind}
metadata: {{name: coredns, namespace: argocd}}
spec:
  {head}
    destination: {{namespace: kube-system, server: https://kubernetes.default.svc}}
    {source}
"""
CHART = "chart: coredns, repoURL: https://coredns.github.io/helm, targetRevision: 1.43.0"
GENERATED = "generators: [{list: {elements: [{site: a}]}}]\n  template:\n   metadata: {name: '{{site}}'}\n   spec:"
HELM_CHART = """\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: coredns, namespace: kube-system}
spec:
  targetNamespace: kube-system
"""
DEPENDENT = """\
apiVersion: v2
name: dns
version: 0.1.0
dependencies: [{name: coredns, alias: resolver, version: 1.43.0, repository: https://coredns.github.io/helm}]
"""
HELMFILE = "releases: [{name: coredns, namespace: kube-system, chart: coredns/coredns, %s}]\n"
STEP = "on: push\njobs: {dns: {runs-on: ubuntu-latest, steps: [{run: '%s'}]}}\n"
UPGRADE = "helm upgrade --install coredns coredns/coredns -n kube-system --set replicaCount=%s"


def application(helm, kind="Application", several=False):
    entry = f"{{{CHART}, helm: {{{helm}}}}}"
    source = f"sources: [{entry}]" if several else f"source: {entry}"
    if kind == "ApplicationSet":
        return APPLICATION.format(kind=kind, head=GENERATED, source=source)
    return APPLICATION.format(kind=kind, head="", source=source).replace("\n    ", "\n  ")


def alias(values):
    return {"charts/dns/Chart.yaml": DEPENDENT, "charts/dns/values.yaml": f"resolver: {{{values}}}\n"}


WRAPPED = [
    ("Argo CD", application("valuesObject: {replicaCount: %s}")),
    ("Argo CD, text", application("values: 'replicaCount: %s'")),
    ("Argo CD, several sources", application("values: 'replicaCount: %s'", several=True)),
    ("Argo CD, parameters", application("parameters: [{name: replicaCount, value: '%s'}]")),
    ("Argo CD, many", application("valuesObject: {replicaCount: %s}", "ApplicationSet")),
    ("k3s", f"{HELM_CHART}  chart: coredns\n  valuesContent: |-\n    replicaCount: %s\n"),
    ("k3s, by address", f"{HELM_CHART}  chart: https://x.example/coredns-1.43.0.tgz\n  set: {{replicaCount: '%s'}}\n"),
    ("k3s, OCI", f"{HELM_CHART}  chart: oci://ghcr.io/coredns/charts/coredns\n  set: {{replicaCount: '%s'}}\n"),
    ("helmfile", {"helmfile.yaml": HELMFILE % "values: [{replicaCount: %s}]"}),
    ("helmfile, set", {"helmfile.yaml": HELMFILE % "set: [{name: replicaCount, value: %s}]"}),
    ("a dependency under another name", alias("replicaCount: %s, service: {clusterIP: 10.43.0.10}")),
    ("a command", {".github/workflows/dns.yaml": STEP % UPGRADE}),
    ("values of a generator", {
        "dns/kustomization.yaml": "namespace: kube-system\nresources: [release.yaml]\n"
        "configMapGenerator: [{name: dns, files: [values.yaml]}]\n",
        "dns/release.yaml": f"{OCI}  valuesFrom: [{{kind: ConfigMap, name: dns}}]\n",
        "dns/values.yaml": "replicaCount: %s\n",
    }),
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [row[1] for row in WRAPPED], ids=[row[0] for row in WRAPPED])
def test_one_replica_in_every_wrapper(wrapped):
    files = {"apps/coredns.yaml": wrapped} if isinstance(wrapped, str) else wrapped

    def given(count):
        return {name: text % count if "%s" in text else text for name, text in files.items()}

    assert reported(given(1)) == [ONE]
    assert ONE not in reported(given(2)) and reported(given(2))  # read as two: nothing spreads them
    assert reported(given(0)) == []


def test_an_alias_that_serves_no_cluster():
    assert reported(alias("replicaCount: 1, isClusterService: false")) == []
    assert reported(alias("replicaCount: 1, service: {clusterIP: 10.43.0.10}")) == [ONE]


RKE2 = """\
apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: rke2-coredns, namespace: kube-system}
spec:
  valuesContent: |-
    podDisruptionBudget: {maxUnavailable: 1}
    %s
"""


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ("nodelocal: {enabled: true}", []),
        ("replicaCount: 1", []),  # its autoscaler decides
        ("autoscaler: {enabled: false}", [ONE]),
        ("autoscaler: {enabled: false, preventSinglePointFailure: true}", [ONE]),
        ("autoscaler: {preventSinglePointFailure: false}", [ONE]),
        ("affinity: null", [SPREAD]),
        ("affinity: {podAntiAffinity: null}", [SPREAD]),
        ("affinity: {}", []),  # Helm merges it with the chart's own
    ],
)
def test_what_rke2_ships(values, rules):
    assert reported(RKE2 % values) == rules


@pytest.mark.parametrize(
    ("config", "rules"),
    [
        ("cluster-init: true\ntls-san: [a]\n", [ONE]),
        ("cluster-init: true\ndisable: [traefik]\n", [ONE]),
        ("cluster-init: true\ndisable: [coredns, traefik]\n", []),
        ("cluster-init: true\ndisable: traefik, coredns\n", []),
        ("cluster-init: true\ndisable: ${PACKAGED}\n", []),
        ("server: https://a:6443\ntoken-file: /x\n", []),
    ],
)
def test_what_k3s_ships(config, rules):
    assert reported({"etc/rancher/k3s/config.yaml": config}) == rules
    assert reported({"etc/rancher/rke2/config.yaml": config}) == []
