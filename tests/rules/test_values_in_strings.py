"""Values that stand in a string, in every style that YAML has for one: findings point at the characters."""

import pytest
from linting import lint_texts

STYLES = {
    "literal": "|\n{pad}  # two are better\n{pad}  replicaCount: 1\n",
    "literal, stripped and indented": "|2-\n{pad}  replicaCount: 1\n",
    "folded": ">\n{pad}  replicaCount: 1\n",
    "folded, a line apart": ">-\n{pad}  isClusterService: true\n\n{pad}  replicaCount: 1\n",
    "single": "'replicaCount: 1'\n",
    "single, over lines": "'isClusterService: true\n\n{pad}  replicaCount: 1'\n",
    "double": '"isClusterService: true\\nreplicaCount: 1"\n',
    "double, continued": '"replica\\\n{pad}  Count: 1"\n',
    "JSON": """'{{"replicaCount": 1}}'\n""",
}
HELM_CHART = """\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: coredns, namespace: kube-system}
spec:
  chart: coredns
  targetNamespace: kube-system
  valuesContent: """
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: coredns, namespace: argocd}
spec:
  destination: {namespace: kube-system}
  source:
    chart: coredns
    repoURL: https://coredns.github.io/helm
    helm:
      releaseName: coredns
      values: """
CONFIG_MAP = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: coredns, namespace: kube-system}
spec:
  chart: {spec: {chart: coredns, sourceRef: {kind: HelmRepository, name: coredns}}}
  valuesFrom: [{kind: ConfigMap, name: dns}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: dns, namespace: kube-system}
data:
  values.yaml: """
WRAPPERS = {"HelmChart": (HELM_CHART, "  "), "Application": (APPLICATION, "      "), "ConfigMap": (CONFIG_MAP, "  ")}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_the_place_is_that_of_the_value(wrapper, style):
    start, pad = WRAPPERS[wrapper]
    text = start + STYLES[style].format(pad=pad)
    report = lint_texts({"dns.yaml": text}, select=("dns-single-replica",))
    (finding,) = report.findings
    at = text.rindex("1")
    line = text.count("\n", 0, at) + 1
    assert finding.place.span == (at, at + 1)
    assert (finding.place.start.line, finding.place.start.column) == (line, at - text.rfind("\n", 0, at))
