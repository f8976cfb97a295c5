"""Groups of rules: where they stand, in which language, what their texts are, and that every place is exact."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.manifests.field import Field
from kubelint.manifests.monitoring.alert_texts import actions, language_of, template_text
from kubelint.manifests.releases import ChartRef, Release, ValuesSource
from kubelint.sources import read_documents


def project(files, releases=()):
    sources = [read_documents(name, text) for name, text in files.items()]
    found = Project(Document(document) for source in sources for document in source.documents)
    roots = {document.file: document.root for document in found.documents}
    found.releases = [release(roots[file], chart) for file, chart in releases]
    return found


def release(values, chart):
    source = ValuesSource("file", values, values)
    return Release(
        "chart", values, ChartRef(chart, None, None, None, values), name=None, namespace=None, sources=(source,)
    )


def shown(field, at=None):
    source = field.document.source.source
    found = Places({source.path: source}).find(Location.of(at or field))
    return source.text[found.span.start : found.span.end]


def groups(text, file="rules/web.yaml"):
    return project({file: text}).alert_groups


RULES = """\
groups:
  - name: web
    interval: 1m
    labels: {team: shop}
    rules:
      - alert: WebSlow
        expr: job:latency:p99 > 0.5
        for: 10m
        keep_firing_for: 5m
        labels: {severity: warning}
        annotations:
          summary: "{{ $labels.pod }} answers in {{ $value | humanizeDuration }}"
      - record: job:latency:p99
        expr: histogram_quantile(0.99, rate(latency_bucket[5m]))
"""


def test_a_file_of_rules():
    (group,) = groups(RULES, "clusters/home/rules.yaml")
    assert (group.name, group.origin, group.owner, group.scope, group.language, group.partial) == (
        "web", "file", None, "clusters/home", "promql", False,
    )  # fmt: skip
    slow, p99 = group.rules
    assert (slow.name, slow.is_alert, slow.for_.text, slow.keep_firing_for.text) == ("WebSlow", True, "10m", "5m")
    assert (p99.name, p99.is_alert, p99.for_.absent) == ("job:latency:p99", False, True)
    assert slow.query == "job:latency:p99 > 0.5" and shown(slow.expr) == slow.query
    assert slow.label("severity").text == "warning" and slow.label("team").text == "shop"
    assert slow.label("other").absent and group.interval.text == "1m" and group.alerts == [slow]
    assert slow.annotations.get("summary").unknown
    assert slow.annotation_texts == {"summary": "{{ $labels.pod }} answers in {{ $value | humanizeDuration }}"}
    assert slow.label_texts == {"severity": "warning"}


def objects(kind, api, **labels):
    indented = RULES.replace("\n", "\n  ")
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec:\n  {indented}\n"


@pytest.mark.parametrize(
    ("kind", "api", "language"),
    [
        ("PrometheusRule", "monitoring.coreos.com/v1", "promql"),
        ("VMRule", "operator.victoriametrics.com/v1beta1", "metricsql"),
        ("AlertingRule", "loki.grafana.com/v1", "logql"),
        ("ClusterRules", "monitoring.googleapis.com/v1", "promql"),
        ("PrometheusServiceLevel", "sloth.slok.dev/v1", None),
        ("PrometheusRule", "example.com/v1", None),
    ],
)
def test_objects(kind, api, language):
    found = groups(objects(kind, api))
    assert [group.language for group in found] == ([language] if language else [])
    for group in found:
        assert group.owner.display == f"{kind} shop/web" and len(group.rules) == 2
        assert shown(group.rules[0].expr) == "job:latency:p99 > 0.5"


def config_map(text, labels="{}", key="web.yaml"):
    indented = text.replace("\n", "\n    ")
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web, labels: {labels}}}\ndata:\n"
    return f"{head}  {key}: |\n    {indented}\n"


@pytest.mark.parametrize(
    ("labels", "language"),
    [
        ("{}", "promql"),
        ("{prometheus_rule: '1'}", "promql"),
        ("{loki_rule: '1'}", "logql"),
        ("{loki_rule: ''}", "logql"),
    ],
)
def test_rules_in_a_config_map(labels, language):
    (group,) = groups(config_map(RULES, labels))
    assert (group.origin, group.language, group.name) == ("ConfigMap", language, "web")
    assert shown(group.rules[0].expr) == "job:latency:p99 > 0.5"
    assert shown(group.rules[0].expr, group.rules[0].expr.slice(4, 11)) == "latency"


def test_a_config_map_of_other_things():
    assert groups(config_map("rules: [expr]\ngroups: [admins]\n")) == []
    assert groups(config_map("groups:\n  - {{ rules }} expr: [\n")) == []
    assert groups(config_map("kind: Group\n" + RULES)) == []


VALUES = """\
additionalPrometheusRulesMap:
  web:
    groups:
      - name: map
        rules: [{alert: A, expr: up == 0}]
additionalPrometheusRules:
  - name: list
    groups: [{name: listed, rules: [{record: b, expr: up}]}]
serverFiles:
  alerting_rules.yml:
    groups: [{name: files, rules: [{alert: C, expr: up == 0}]}]
metrics:
  prometheusRule:
    name: no-group
    rules: [{alert: D, expr: up == 0}]
ruler:
  directories:
    fake:
      rules.txt: |
        groups:
          - name: text
            rules:
              - {alert: E, expr: up == 0}
off: {prometheusRule: {enabled: false, rules: [{alert: F, expr: up == 0}]}}
ingress: {rules: [{host: a}], groups: [x, {rules: y}]}
"""


def test_rules_in_values():
    found = project({"values.yaml": VALUES}, [("values.yaml", "kube-prometheus-stack")]).alert_groups
    assert [(group.name, group.rules[0].name) for group in found] == [
        ("map", "A"), ("listed", "b"), ("files", "C"), (None, "D"), ("text", "E"),
    ]  # fmt: skip
    assert {(group.origin, group.owner.chart.name, group.language) for group in found} == {
        ("values", "kube-prometheus-stack", "promql")
    }
    assert [shown(group.rules[0].expr) for group in found] == ["up == 0", "up", *["up == 0"] * 3]


@pytest.mark.parametrize(
    ("chart", "languages"),
    [("loki", {"promql", "logql"}), ("victoria-metrics-k8s-stack", {"metricsql"}), (None, {"promql"})],
)
def test_charts_settle_languages(chart, languages):
    found = project({"values.yaml": VALUES}, [("values.yaml", chart)]).alert_groups
    assert {group.language for group in found} == languages
    assert [group.language for group in found if group.name == "text"] == [
        "logql" if chart == "loki" else next(iter(languages))
    ]


def test_what_releases_share_is_listed_once():
    found = project({"values.yaml": VALUES}, [("values.yaml", "a"), ("values.yaml", "b")]).alert_groups
    assert len(found) == 5 and {group.owner.chart.name for group in found} == {"a"}


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ('sum(rate({app="web"} |= "error" [5m])) > 1', "logql"),
        ('count_over_time({app="web"} | json [5m]) > 0', "logql"),
        ('up{path=~"a|b"} == 0', "promql"),
        ('up{path=~"a\\"|b"} == 0 # |', "promql"),
        ("rate(x[5m]) or `a|b`", "promql"),
        ('rate({app="web"}[5m]) > 1', "unknown"),
        ('rate({__name__=~"web.*"}[5m]) > 1', "promql"),
        ('rate({"web.requests", app="web"}[5m]) > 1', "promql"),
        ("rate({}[5m])", "promql"),
        ("rate(x[$__rate_interval])", "promql"),
    ],
)
def test_queries_tell_their_language(query, language):
    text = yaml.safe_dump({"groups": [{"name": "web", "rules": [{"alert": "A", "expr": query}]}]})
    (group,) = groups(text)
    assert (group.language, group.rules[0].query) == (language, query)


@pytest.mark.parametrize(
    ("type_", "language"), [("prometheus", "metricsql"), ("vlogs", "unknown"), ("graphite", "unknown")]
)
def test_vmalert_asks_other_stores_too(type_, language):
    text = objects("VMRule", "operator.victoriametrics.com/v1beta1").replace("interval: 1m", f"type: {type_}")
    assert [group.language for group in groups(text)] == [language]


def test_a_generator_says_that_its_files_are_for_loki():
    kustomization = """\
kind: Kustomization
configMapGenerator:
  - {name: logs, files: [one.yaml=./logs.yaml], options: {labels: {loki_rule: 'true'}}}
  - {name: metrics, files: [metrics.yaml]}
  - broken
"""
    found = project({"a/kustomization.yaml": kustomization, "a/logs.yaml": RULES, "a/metrics.yaml": RULES}).alert_groups
    assert [(group.file, group.language) for group in found] == [("a/logs.yaml", "logql"), ("a/metrics.yaml", "promql")]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain", "plain"),
        ("'{{ $labels.a }} is {{ $value | printf \"%.1f\" }}'", '{{ $labels.a }} is {{ $value | printf "%.1f" }}'),
        ('\'"{{ $labels.a }}" `{{ .Value }}` {{- with query "up" -}}x{{ end }}\'', True),
        ("'{{ printf \"up{job=%q}\" .Labels.job | query | first | value }}'", True),
        ("'{{/* a comment */}}{{ template \"x\" . }}{{ else if $x }}'", True),
        ("'{{ .Values.a }}'", None),
        ("'{{ $labels.a }} on {{ $.Values.cluster }}'", None),
        ("'{{ `{{ $labels.a }}` }}'", None),
        ('\'{{ "{{" }} $labels.a {{ "}}" }}\'', None),
        ("'{{ cluster_name }}'", None),
        ("'{{ include \"x\" . }}'", None),
        ("'{{ $labels.a }} on ${CLUSTER}'", None),
        ("${CLUSTER}", None),
        ("!vault x", None),
        ("7", None),
        ("null", None),
        ("[a]", None),
    ],
)
def test_template_texts(written, text):
    field = Document(read_documents("a.yaml", f"a: {written}\n").documents[0]).root.get("a")
    assert template_text(field) == (field.value if text is True else text)


@pytest.mark.parametrize(
    "text", ["{{" * 50_000, "{{ $value " * 10_000, '{{ "' * 25_000, '"\\' * 50_000, "{{}}" * 25_000]
)
def test_long_texts_are_read_in_one_pass(text):  # or this takes minutes
    field = Field(Document(read_documents("a.yaml", "a: b\n").documents[0]), ("a",), text)
    template_text(field)
    language_of(text)
    assert len(list(actions(text))) == text.count("{{}}")


@pytest.mark.parametrize(
    ("expr", "query"),
    [("1", "1"), ("0.5", "0.5"), ("true", None), ("[up]", None), ("{a: b}", None), ("", None), ("'${X} > 1'", None)],
)
def test_odd_expressions(expr, query):
    (group,) = groups(f"groups:\n  - name: web\n    rules:\n      - alert: A\n        expr: {expr}\n")
    assert group.rules[0].query == query and group.language == "promql"


BAD = {
    "groups: none\n": [],
    "groups: [one, two]\n": [],
    "groups: {web: {rules: []}}\n": [],
    "groups: null\n": [],
    "groups: [{name: web, rules: null}]\n": [0],
    "groups: [{name: web, rules: []}]\nnamespace: x\n": [0],
    "groups: [{name: web, rules: []}]\nother: x\n": [],
    "groups: [{name: web, rules: [], owner: x}]\n": [],
    "groups: [{name: web, rules: [a, 1, null, {alert: A, expr: up}, {}]}, x]\n": [2],
    "groups: [{rules: {alert: A, expr: up}}, {rules: [{alert: A, expr: up}]}]\n": [0, 1],
    "groups: [{name: 7, rules: [{alert: 8, expr: up}]}]\n": [1],
    "apiVersion: 1\ngroups: [{name: web, rules: [{alert: A, expr: up}]}]\n": [],
    "rule_files: [a]\ntests: [{}]\n": [],
    "- groups: [{rules: [{alert: A, expr: up}]}]\n": [],
    "groups: [{name: '{{ x }}', labels: x, rules: [{alert: '{{ y }}', expr: [1], labels: [a], annotations: 3}]}]\n": [
        1
    ],
}


@pytest.mark.parametrize("text", BAD)
def test_bad_input(text):
    found = groups(text)
    assert [len(group.rules) for group in found] == BAD[text]
    for group in found:
        assert group.language == "promql" and isinstance(group.name, str | None)
        for rule in group.rules:
            assert rule.query in (None, "up") and rule.name in (None, "A", "8")
            assert rule.label("a").value is None and rule.annotation_texts == {} == rule.label_texts


@pytest.mark.parametrize("groups_", ["x", "[x]", "[{rules: x}]", "null", "[[{}]]"])
def test_bad_objects(groups_):
    text = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {{groups: {groups_}}}\n"
    assert [rule for group in groups(text) for rule in group.rules] == []
    assert groups("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: x\n") == []


def test_an_anchor_that_contains_itself_is_no_document():
    assert groups("groups: &g\n  - name: web\n    rules: *g\n") == []


def test_anchors_that_multiply_are_walked_once():
    lines = ["a0: &a0 {rules: [{alert: A, expr: up}]}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 4)}]" for n in range(1, 9)]
    found = project({"values.yaml": "\n".join(lines) + "\n"}, [("values.yaml", "web")]).alert_groups
    assert len(found) == 1


QUERIES = st.lists(
    st.sampled_from(['up{job="web"}', "> 0", "and on(pod)", "rate(x[5m])", "'a: b'", "é", "# why", "{}", "\\d", "🦀"]),
    min_size=1,
    max_size=6,
).map(" ".join)


def written(query, style, pad):
    """`query` as a scalar of YAML in that style, its further lines indented by `pad`."""
    words = query.split(" ")
    if style in "|>":
        joiner = "\n" if style == "|" else " "
        return joiner.join(words) + "\n", f"{style}\n{pad}" + f"\n{pad}".join(words)
    if style == "'":
        return query, "'" + query.replace("'", "''") + "'"
    return query, '"' + query.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(QUERIES, st.sampled_from("|>'\""), st.sampled_from(["file", "ConfigMap", "values"]), st.data())
def test_places_of_queries(query, style, where, data):
    pad = " " * 14
    value, text = written(query, style, pad)
    rules = f"groups:\n  - name: web\n    rules:\n      - alert: A\n        expr: {text}\n"
    file, releases = "rules.yaml", []
    if where == "ConfigMap":
        rules = config_map(rules)
    elif where == "values":
        rules, file, releases = "a:\n  " + rules.replace("\n", "\n  "), "values.yaml", [("values.yaml", "web")]
    (group,) = project({file: rules}, releases).alert_groups
    (rule,) = group.rules
    assert rule.expr.value == value
    assert where == "file" or group.origin == where
    assert yaml.safe_load(f"a: {shown(rule.expr)}\n") == {"a": value}
    start = data.draw(st.integers(0, len(query) - 1))
    end = data.draw(st.integers(start + 1, len(query)))
    expected, found = value[start:end], shown(rule.expr, rule.expr.slice(start, end))
    if style in "|>":
        assert re.sub(r"\s+", " ", found) == re.sub(r"\s+", " ", expected)
    elif not expected.endswith(" ") and not expected.startswith(" "):
        assert yaml.safe_load(style + found + style) == expected
