"""Where alerts stand, and that a finding points at the characters of the selector that is wrong wherever it is."""

from textwrap import indent

import pytest
from alert_trees import (
    BAD,
    HOSTS,
    argo,
    as_json,
    config_map,
    flux,
    grafana_rule,
    helm_chart,
    provisioned,
    resource,
    rules,
    threshold,
    under,
)
from linting import lint_texts

MEMORY = "memory-alert-counts-cache"
STACK = "kube-prometheus-stack"
MAP = "additionalPrometheusRulesMap/hosts"
SHARE = f"{HOSTS} / pve_memory_size_bytes"


def shown(files):
    """The characters that the findings of the rule point at."""
    report = lint_texts(files, select=(MEMORY,))
    assert not report.crashed
    found = [finding.place for finding in report.findings if finding.meta.id == MEMORY]
    return [files[place.path][place.span.start : place.span.end] for place in found]


VALUES_OF_FLUX = {
    "release.yaml": flux(STACK, "{}\n", "valuesFrom: [{kind: ConfigMap, name: values}]"),
    "values.yaml": f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: values, namespace: monitoring}}
data:
  values.yaml: |
{indent(under(MAP), "    ")}""",
}
UNIT_TESTS = """\
rule_files: [hosts.yaml]
tests:
  - interval: 1m
    input_series: [{series: pve_memory_usage_bytes, values: 1+1x5}]
    alert_rule_test: [{eval_time: 5m, alertname: Memory}]
    promql_expr_test: [{expr: pve_memory_usage_bytes > 5, eval_time: 5m}]
"""
LOGS = """\
groups:
  - name: logs
    rules: [{alert: A, expr: 'rate({app="x"} |= "e" [5m]) > 1'}, {alert: B, expr: a > 1}]
"""
SINGLE = f"prometheusRule:\n  rules:\n    - alert: A\n      expr: {SHARE} > .9\n"
LOKI = f"ruler:\n  directories:\n    a:\n      b.txt: |\n{indent(BAD, '        ')}"


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"rules/hosts.yml": BAD}, 1),
        ({"rules/hosts.rules.yaml": BAD}, 1),
        ({"rules/hosts.rules": BAD}, 1),
        ({"hosts.json": as_json(BAD)}, 1),
        ({"hosts.yaml": f"namespace: hosts\n{BAD}"}, 1),
        ({"hosts.yaml": f"---\nnamespace: a\n{BAD}---\nnamespace: b\n{BAD}"}, 2),
        ({"rule.yaml": resource()}, 1),
        ({"rule.json": as_json(resource())}, 1),
        ({"rule.yaml": resource(api="monitoring.rhobs/v1")}, 1),
        ({"rule.yaml": resource(kind="ClusterRules", api="monitoring.googleapis.com/v1")}, 1),
        ({"rule.yaml": resource(kind="VMRule", api="operator.victoriametrics.com/v1beta1")}, 1),
        ({"list.yaml": f"apiVersion: v1\nkind: List\nitems:\n  - {indent(resource(), '    ')[4:]}"}, 1),
        ({"map.yaml": config_map()}, 1),
        ({"map.yaml": config_map(key="hosts.rules", style="|2-")}, 1),
        ({"map.yaml": config_map(style=">").replace("\n    ", "\n\n    ")}, 1),
        ({"release.yaml": flux(STACK, under(MAP))}, 1),
        ({"release.yaml": flux(STACK, under("additionalPrometheusRules/-", f"name: hosts\n{BAD}"))}, 1),
        ({"release.yaml": flux("prometheus", under("serverFiles/alerting_rules.yml"))}, 1),
        ({"release.yaml": flux("prometheus", under("serverFiles/alerts"))}, 1),
        ({"release.yaml": flux("app-template", under("prometheusRule"))}, 1),
        ({"release.yaml": flux("app-template", SINGLE)}, 1),
        ({"release.yaml": flux("app-template", under("rawResources/hosts/spec/spec"))}, 1),
        ({"release.yaml": flux("raw", under("extraObjects/-", resource()))}, 1),
        ({"release.yaml": flux("raw", f"extraObjects:\n  - |\n{indent(resource(), '    ')}")}, 1),
        ({"release.yaml": flux("thanos", f"ruler:\n  config: |\n{indent(BAD, '    ')}")}, 1),
        ({"release.yaml": flux("victoria-metrics-k8s-stack", under("additionalVictoriaMetricsMap/hosts"))}, 1),
        ({"release.yaml": flux("victoria-metrics-alert", under("server/config/alerts"))}, 1),
        ({"application.yaml": argo(STACK, under(MAP))}, 1),
        ({"application.yaml": argo(STACK, under(MAP), "values: |")}, 1),
        ({"chart.yaml": helm_chart(STACK, under(MAP))}, 1),
        ({"chart.yaml": helm_chart(STACK, under(MAP), "|2")}, 1),
        (VALUES_OF_FLUX, 1),
        ({"alerting.yaml": provisioned(grafana_rule(SHARE, threshold()))}, 1),
        ({"alerting.json": as_json(provisioned(grafana_rule(SHARE, threshold())))}, 1),
        ({"map.yaml": config_map(provisioned(grafana_rule(SHARE, threshold())))}, 1),
        ({"release.yaml": flux("grafana", under("alerting/a.yaml", provisioned(grafana_rule(SHARE, threshold()))))}, 1),
        # what is no alert in PromQL
        ({"rule.yaml": resource(kind="AlertingRule", api="loki.grafana.com/v1")}, 0),
        ({"map.yaml": config_map(labels="{loki_rule: ''}")}, 0),
        ({"logs.yaml": LOGS.replace("a > 1", "pve_memory_usage_bytes > 1")}, 0),
        ({"hosts_test.yaml": UNIT_TESTS}, 0),
        ({"release.yaml": flux("loki", LOKI)}, 0),
        ({"rule.yaml": resource(kind="PrometheusRule", api="example.com/v1")}, 0),
    ],
)  # fmt: skip
def test_places(files, count):
    found = shown(files)
    assert len(found) == count
    assert {text.replace('\\"', '"') for text in found} <= {HOSTS}


DEEP = "\n          "
QUOTED = HOSTS.replace('"', '\\"')
STYLES = {
    "plain": (f"{HOSTS} > 9e9", HOSTS),
    "plain, folded": (f"pve_up > 0 and{DEEP}{HOSTS}{DEEP}  > 9e9", HOSTS),
    "single quotes": (f"'{HOSTS} > 9e9'", HOSTS),
    "single quotes, doubled": (f"'up{{a=''b''}} > 0 and {HOSTS} > 9e9'", HOSTS),
    "double quotes": (f'"{QUOTED} > 9e9"', QUOTED),
    "double quotes, escapes before": (f'"\\u0070ve_up{{x=\\"\\t\\u00e9\\"}} > 0 and {QUOTED} > 9e9"', QUOTED),
    "characters of several bytes before": (f"'up{{x=\"é🦀\"}} > 0 and {HOSTS} > 9e9'", HOSTS),
    "literal": (f"|{DEEP}pve_up > 0{DEEP}and{DEEP}{HOSTS} > 9e9", HOSTS),
    "literal, stripped": (f"|-{DEEP}{HOSTS}{DEEP}  > 9e9", HOSTS),
    "literal, kept": (f"|+{DEEP}{HOSTS} > 9e9\n", HOSTS),
    "literal, indented by a number": (f"|2{DEEP}  {HOSTS} > 9e9", HOSTS),
    "literal, indented and stripped": (f"|4-{DEEP}     {HOSTS} > 9e9", HOSTS),
    "literal, with a comment": (f"| # why{DEEP}{HOSTS} > 9e9", HOSTS),
    "literal, with tabs": (f"|{DEEP}pve_up\t>\t0 and\t{HOSTS} > 9e9", HOSTS),
    "folded": (f">{DEEP}pve_up > 0{DEEP}and {HOSTS}{DEEP}> 9e9", HOSTS),
    "folded, stripped": (f">-{DEEP}pve_up > 0 and{DEEP}{HOSTS} > 9e9", HOSTS),
    "folded, more indented": (f">-{DEEP}pve_up > 0 and{DEEP}  ({DEEP}    {HOSTS}{DEEP}  ) > 9e9", HOSTS),
    "folded, empty lines": (f">-{DEEP}pve_up > 0 and\n\n{DEEP}{HOSTS} > 9e9", HOSTS),
    "comments of the query": (f"|{DEEP}# {HOSTS}{DEEP}pve_up > 0 # {HOSTS}{DEEP}and {HOSTS} > 9e9", HOSTS),
    "text that looks like it": (f"|{DEEP}up{{x='{HOSTS}'}} > 0 and {HOSTS} > 9e9", HOSTS),
    "a selector over two lines": (f"|{DEEP}{HOSTS.replace('{', DEEP + '  {')} > 9e9", HOSTS.replace("{", " {")),
    "a name in braces": (f"|{DEEP}{{__name__='pve_memory_usage_bytes'}} > 9e9", "{__name__='pve_memory_usage_bytes'}"),
    "a name in quotes": (f"|{DEEP}{{'pve_memory_usage_bytes'}} > 9e9", "{'pve_memory_usage_bytes'}"),
    "an anchor": (f"&expr {HOSTS} > 9e9", HOSTS),
    "a tag": (f"!!str {HOSTS} > 9e9", HOSTS),
}  # fmt: skip
WRAPPERS = {
    "file": lambda text: text,
    "object": resource,
    "ConfigMap": config_map,
    "values": lambda text: helm_chart(STACK, under(MAP, text)),
    "YAML in YAML in YAML": lambda text: helm_chart(
        "prometheus", f"extraManifests:\n  - |\n{indent(config_map(text), '    ')}"
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("style", STYLES)
def test_spans(style, wrapper, newline):
    expr, at = STYLES[style]
    text = WRAPPERS[wrapper](rules(expr)).replace("\n", newline)
    assert [" ".join(found.split()) for found in shown({"hosts.yaml": text})] == [at]


def test_each_selector_that_is_wrong_is_shown():
    free = "node_memory_MemFree_bytes{job='node'}"
    expr = f"|{DEEP}{SHARE} > 0.9{DEEP}or{DEEP}{free} / node_memory_MemTotal_bytes{DEEP}  < 0.1"
    assert shown({"hosts.yaml": rules(expr)}) == [HOSTS, free]


PATCH = """\
resources: [rule.yaml]
patches:
  - target: {{kind: PrometheusRule}}
    patch: |
      - op: {op}
        path: /spec/groups/0/rules/{index}{field}
        value: up == 0
"""


@pytest.mark.parametrize(
    ("op", "index", "field", "count"),
    [
        ("replace", 0, "/expr", 0),
        ("remove", 0, "", 0),
        ("replace", 0, "/for", 0),
        ("replace", 1, "/expr", 1),
        ("replace", 7, "/expr", 1),
    ],
)
def test_what_a_kustomization_changes_is_not_known(op, index, field, count):
    second = "      - {alert: Other, expr: up == 0}\n"
    files = {
        "kustomization.yaml": PATCH.format(op=op, index=index, field=field),
        "rule.yaml": resource(BAD + second),
    }
    assert len(shown(files)) == count


@pytest.mark.parametrize(
    ("condition", "expr", "count"),
    [
        (threshold("gt"), SHARE, 1),
        (threshold("gte"), SHARE, 1),
        (threshold("lt"), SHARE, 0),
        (threshold("eq"), SHARE, 0),
        (threshold("within_range"), SHARE, 0),
        (threshold("lt"), f"1 - {SHARE}", 1),
        (threshold("gt"), f"1 - {SHARE}", 0),
        (threshold("gt", about="Z"), SHARE, 0),
        (threshold("gt", about="B"), SHARE, 0),
        (threshold("gt", number="text"), SHARE, 0),
        ("", f"{SHARE} > 0.9", 1),
        ("", SHARE, 0),
        ("- {refId: B, model: {type: math, expression: $A > 0.9}}\n", SHARE, 1),
        ("- {refId: B, model: {type: math, expression: '${A} < 0.9'}}\n", SHARE, 0),
        ("- {refId: B, model: {type: math, expression: $A / $C > 0.9}}\n", SHARE, 0),
        ("- {refId: R, model: {type: reduce, reducer: last, expression: A}}\n" + threshold(about="R"), SHARE, 1),
        ("- {refId: R, model: {type: reduce, reducer: count, expression: A}}\n" + threshold(about="R"), SHARE, 0),
        ("- {refId: B, model: {type: classic_conditions, conditions: [{evaluator: {type: gt, params: [1]}, "
         "query: {params: [A]}, reducer: {type: avg}}]}}\n", SHARE, 1),
        ("- {refId: B, model: {type: classic_conditions, conditions: [{}, {}]}}\n", SHARE, 0),
        (threshold(), "'{app=\"x\"} |= \"pve_memory_usage_bytes\"'", 0),
        (threshold(), "pve_memory_usage_bytes[$__range", 0),
    ],
)  # fmt: skip
def test_what_grafana_asks(condition, expr, count):
    files = {"alerting.yaml": provisioned(grafana_rule(expr, condition))}
    assert len(shown(files)) == count
    group = f"folderRef: a\nrules:\n  - {indent(grafana_rule(expr, condition), '    ')[4:]}"
    resources = {"group.yaml": resource(group, "GrafanaAlertRuleGroup", "grafana.integreatly.org/v1beta1")}
    assert len(shown(resources)) == count


def test_other_rules_leave_grafanas_alerts_alone():
    for expr in ("up", "a / b > 0.9", "absent(up)", "(broken"):
        report = lint_texts({"a.yaml": provisioned(grafana_rule(expr))}, select=("alerts",))
        assert not report.crashed and not report.findings


def test_a_value_in_a_label_of_grafanas_alert():
    label = "labels: {now: '{{ $value }}'}"
    report = lint_texts({"a.yaml": provisioned(grafana_rule("up", threshold(), label))}, select=("alerts",))
    assert [finding.meta.id for finding in report.findings] == ["value-in-alert-labels"]


@pytest.mark.parametrize(
    "text",
    [
        "groups: [{rules: [{title: a, data: []}]}]",
        "groups: [{rules: [{title: [], data: [1, {refId: []}, {refId: A, model: 5}], condition: A, labels: 5}]}]",
        "groups: [{rules: [{title: a, data: [{refId: A, model: {type: reduce, reducer: last, expression: A}}], "
        "condition: A}, 5]}]",
        "kind: GrafanaAlertRuleGroup\napiVersion: grafana.integreatly.org/v1beta1\nmetadata: {name: a}\nspec: 5",
    ],
)
def test_odd_alerts_of_grafana_do_no_harm(text):
    report = lint_texts({"a.yaml": text}, select=("alerts",))
    assert not report.crashed and not report.findings
