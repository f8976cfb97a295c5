"""Trees that hold one alert, wherever an alert may stand, and the wrappers they are made with."""

import json
from textwrap import indent

HOSTS = 'pve_memory_usage_bytes{id=~"node/.*"}'
"""A selector that is wrong in an alert."""


def rules(expr, more="for: 5m", name="Memory"):
    """A file of rules with one alert; `expr` is YAML, whose further lines stand at column 10 or deeper."""
    return f"""\
groups:
  - name: hosts
    rules:
      - alert: {name}
        expr: {expr}
        {more}
"""


BAD = rules(f"{HOSTS} / pve_memory_size_bytes > 0.9")


def resource(text=BAD, kind="PrometheusRule", api="monitoring.coreos.com/v1"):
    head = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: hosts, namespace: monitoring}}\nspec:\n"
    return head + indent(text, "  ")


def config_map(text=BAD, labels="{}", key="hosts.yaml", style="|"):
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: hosts, namespace: monitoring, labels: {labels}}}\n"
    return f"{head}data:\n  {key}: {style}\n{indent(text, '    ')}"


def flux(chart, values, more=""):
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: monitoring, namespace: monitoring}}
spec:
  chart: {{spec: {{chart: {chart}, version: 79.5.0, sourceRef: {{kind: HelmRepository, name: charts}}}}}}
  {more}
  values:
{indent(values, "    ")}"""


def argo(chart, values, key="valuesObject:"):
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: monitoring, namespace: argocd}}
spec:
  destination: {{namespace: monitoring, server: https://kubernetes.default.svc}}
  source:
    chart: {chart}
    repoURL: https://charts.example
    targetRevision: 79.5.0
    helm:
      {key}
{indent(values, "        ")}"""


def helm_chart(chart, values, style="|-"):
    return f"""\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {{name: monitoring, namespace: kube-system}}
spec:
  chart: {chart}
  version: 79.5.0
  targetNamespace: monitoring
  valuesContent: {style}
{indent(values, "    ")}"""


def under(path, text=BAD):
    """`text` as the value at a path of keys, `-` for an item of a list."""
    for key in reversed(path.split("/")):
        text = f"- {indent(text, '  ')[2:]}" if key == "-" else f"{key}:\n{indent(text, '  ')}"
    return text


def grafana_rule(expr, condition="", more=""):
    """One of Grafana's alerts on a query; `condition` are further entries of `data`, of which the last is asked."""
    asked = "B" if condition else "A"
    return f"""\
uid: memory
title: Memory
condition: {asked}
for: 5m
{more}
data:
  - refId: A
    datasourceUid: prometheus
    model:
      expr: {expr}
{indent(condition, "  ")}"""


def threshold(kind="gt", number=0.9, about="A"):
    evaluator = f"evaluator: {{type: {kind}, params: [{number}]}}"
    return f"""\
- refId: B
  datasourceUid: __expr__
  model: {{type: threshold, expression: {about}, conditions: [{{{evaluator}}}]}}
"""


def provisioned(rule):
    """A file for Grafana's provisioning."""
    head = "apiVersion: 1\ngroups:\n  - orgId: 1\n    name: hosts\n    folder: hosts\n    interval: 1m\n    rules:\n"
    return f"{head}      - {indent(rule, '        ')[8:]}"


def as_json(text):
    import yaml

    return json.dumps(yaml.safe_load(text))
