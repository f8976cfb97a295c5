"""What the rules about alerts leave alone, where exactly they point, and what no input may do to them."""

import inspect
import re

import pytest
from effort import grows_linearly
from linting import FIXTURES, REGISTRY, lint_texts, lint_tree

from kubelint.checks import Category, Severity
from kubelint.cluster.promql import Query, parse_query
from kubelint.manifests import Document, Project
from kubelint.sources import read_documents

ALERTS = [entry for entry in REGISTRY if entry.meta.category is Category.ALERTS]
MEMORY, CONTAINER, ARC = "memory-alert-counts-cache", "container-memory-counts-cache", "memory-alert-ignores-zfs-arc"
LONGHORN, DURATION, VALUE = "longhorn-alert-never-fires", "alert-without-duration", "value-in-alert-labels"
SEVERITY, PROMQL, ABSENT = "alert-without-severity", "invalid-promql", "absent-without-duration"
CONDITION, WATCHDOG, TYPO = "alert-without-condition", "watchdog-undelivered", "alert-matcher-typo"
META, DEFAULTS, STORM = "no-meta-alerts", "default-alerts-disabled", "alert-route-storm"


def rules(expr, more="for: 5m, labels: {severity: warning}"):
    quoted = expr.replace("'", "''")
    return f"groups: [{{name: g, rules: [{{alert: A, expr: '{quoted}', annotations: {{summary: s}}, {more}}}]}}]\n"


def found(files, rule):
    files = files if isinstance(files, dict) else {"rules.yaml": files}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed
    return [finding for finding in report.findings if finding.meta.id == rule]


def shown(finding, files):
    text = files if isinstance(files, str) else files[finding.place.path]
    return text[finding.place.span.start : finding.place.span.end]


PAGE = re.compile(r"`([^`\n]*(?:\n\s+)?[^`\n]*)`")
QUERY = re.compile(r"(?:node_|container_|pve_|longhorn_|prometheus_|up\b|rate\(|absent\(|vector\(|1 - ).*")


@pytest.mark.parametrize("entry", ALERTS, ids=lambda entry: entry.meta.id)
def test_every_expression_of_a_page_is_promql(entry):
    page = inspect.getdoc(entry.rule)
    texts = [" ".join(match.split()) for match in PAGE.findall(page)]
    queries = [text for text in texts if QUERY.fullmatch(text) and "…" not in text and not text.endswith(("*", "_"))]
    for name, block in enumerate(re.findall(r"```yaml.*?\n(.*?)```", page, re.DOTALL)):
        if entry.meta.id == PROMQL and name == 0:  # what is wrong there is the point
            continue
        source = read_documents("page.yaml", block)
        project = Project(Document(document) for document in source.documents)
        queries += [rule.query for group in project.alert_groups for rule in group.rules if rule.query]
    for query in queries:
        assert isinstance(parse_query(query), Query), query


def test_the_memory_page_says_what_to_alert_on_instead():
    page = inspect.getdoc(REGISTRY.get(MEMORY).rule)
    for metric in ("MemAvailable", "zfs_arc_size", "pswpin", "pressure_memory", "working_set", "SwapTotal_bytes > 0"):
        assert metric in page


@pytest.mark.parametrize(
    ("incident", "lines"),
    [
        ("06-memory-alert-storm", [('pve_memory_usage_bytes{id=~"node/.*"}', 17)]),
        ("06-memory-alert-storm-file", [("pve_memory_usage_bytes", 5), ("node_memory_MemFree_bytes", 12)]),
        ("06-memory-alert-storm-values", [("pve_memory_usage_bytes", 22)]),
        ("06-memory-alert-storm-argo", [('pve_memory_usage_bytes{id=~"node/.+"}', 20)]),
        ("06-memory-alert-storm-helmchart", [('pve_memory_usage_bytes{id=~"node/.+"}', 17)]),
        ("06-memory-alert-storm-recorded", [("instance:memory_used:ratio", 5)]),
        ("06-memory-alert-storm-grafana", [("pve_memory_usage_bytes", 24)]),
    ],
)
def test_the_incident_is_reported_at_the_selector_that_is_wrong(incident, lines):
    before = FIXTURES / "incidents" / incident / "before"
    reported = [finding for finding in lint_tree(before).findings if finding.meta.incident == 6]
    texts = {path.relative_to(before).as_posix(): path.read_text() for path in before.rglob("*.y*ml")}
    assert [(shown(finding, texts), finding.place.start.line) for finding in reported] == lines


@pytest.mark.parametrize(
    ("expr", "at"),
    [
        ("pve_memory_usage_bytes / pve_memory_size_bytes > 0.9", "pve_memory_usage_bytes"),
        (
            'pve_memory_usage_bytes{id=~"node/pve1|node/pve2"} > 9e9',
            'pve_memory_usage_bytes{id=~"node/pve1|node/pve2"}',
        ),
        ('pve_memory_usage_bytes{id=~"node/pve[12]"} > 9e9', 'pve_memory_usage_bytes{id=~"node/pve[12]"}'),
        (
            'pve_memory_usage_bytes{id!="qemu/100"} / pve_memory_size_bytes > 0.9',
            'pve_memory_usage_bytes{id!="qemu/100"}',
        ),
        ("(pve_memory_size_bytes - pve_memory_usage_bytes) < 1e9", "pve_memory_usage_bytes"),
        ("node_memory_MemFree_bytes / node_memory_MemTotal_bytes < 0.1", "node_memory_MemFree_bytes"),
        ("node_memory_MemFree / node_memory_MemTotal < 0.1", "node_memory_MemFree"),
        ("100 - node_memory_MemFree_bytes * 100 / node_memory_MemTotal_bytes > 90", "node_memory_MemFree_bytes"),
        ("node_memory_MemTotal_bytes - node_memory_MemFree_bytes > 9e9", "node_memory_MemFree_bytes"),
        (
            "node_load1 > 5 and node_memory_MemFree_bytes / node_memory_MemTotal_bytes < 0.1",
            "node_memory_MemFree_bytes",
        ),
        ('pve_memory_usage_bytes{id=~"(qemu|lxc)/.*"} / pve_memory_size_bytes > 0.9', None),
        ('pve_memory_usage_bytes / pve_memory_size_bytes{id=~"qemu/.*"} > 0.9', None),
        ('pve_memory_usage_bytes{id=~"qemu/.*|lxc/.*"} > 9e9', None),
        ('pve_memory_usage_bytes{id!~"node/.+"} / pve_memory_size_bytes > 0.9', None),
        ("pve_memory_usage_bytes / pve_memory_size_bytes < 0.1", None),
        ("pve_memory_usage_bytes == 0", None),
        ("absent(pve_memory_usage_bytes)", None),
        ("pve_up > 0 unless pve_memory_usage_bytes > 5", None),
        ("pve_memory_usage_bytes and on(id) pve_guest_info and pve_memory_usage_bytes > 9e9", None),
        ("node_memory_MemFree_bytes / node_memory_MemTotal_bytes > 0.9", None),
        ("node_memory_MemFree_bytes < 1e8", None),
        ("1 - (node_memory_MemFree_bytes + node_memory_Cached_bytes) / node_memory_MemTotal_bytes > 0.9", None),
        ("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 0.9", None),
        ("node_memory_MemFree_bytes / node_memory_MemTotal_bytes < .1 and rate(node_vmstat_pswpin[5m]) > 9", None),
        ("windows_memory_available_bytes / windows_memory_physical_total_bytes < 0.1", None),
    ],
)
def test_memory(expr, at):
    text = rules(expr)
    assert [shown(finding, text) for finding in found(text, MEMORY)] == ([at] if at else [])


def fixed(text, finding):
    """The document once the first fix is made by hand: the characters that its edit names, replaced."""
    (edit,) = finding.fixes[0].edits
    return edit.text


@pytest.mark.parametrize(
    ("rule", "expr", "text"),
    [
        (
            MEMORY,
            "1 - node_memory_MemFree_bytes{a='b'} / node_memory_MemTotal_bytes > .9",
            "node_memory_MemAvailable_bytes",
        ),
        (CONTAINER, "container_memory_usage_bytes{a='b'} > 5", "container_memory_working_set_bytes"),
        (LONGHORN, "longhorn_volume_robustness == 3", 'longhorn_volume_robustness{state="faulted"} == 1'),
        (
            LONGHORN,
            "longhorn_volume_robustness{a='b'} == 2 # x",
            "longhorn_volume_robustness{a='b',state=\"degraded\"} == 1",
        ),
    ],
)
def test_fixes_change_the_characters_at_fault(rule, expr, text):
    (finding,) = found(rules(expr), rule)
    assert fixed(expr, finding) == text


def test_the_arc_is_added_for_hosts_that_have_one():
    text = rules('node_memory_MemAvailable_bytes{a="b"} / node_memory_MemTotal_bytes < 0.1')
    storage = (
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: z}\nprovisioner: zfs.csi.openebs.io\n"
    )
    (finding,) = found({"rules.yaml": text, "storage.yaml": storage}, ARC)
    new = fixed(text, finding)
    assert isinstance(parse_query(new), Query) and 'node_zfs_arc_c_min{a="b"}' in new and " or " in new
    assert not found(text, ARC)


@pytest.mark.parametrize(
    ("version", "severities"),
    [
        ("1.7.3", []),
        ("1.8.1", []),
        ("1.10.2", []),
        ("1.11.0", [Severity.ERROR]),
        ("1.12.1", [Severity.ERROR]),
        (">=1.12 <2", [Severity.ERROR]),
        ("107.0.0+up1.11.1", [Severity.ERROR]),
        ("104.2.0+up1.7.2", []),
        ("1.x", [Severity.INFO]),
        ("${LONGHORN}", [Severity.INFO]),
    ],
)
def test_longhorns_version_decides(version, severities):
    release = f"""
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {{name: longhorn, namespace: kube-system}}
spec: {{repo: https://charts.longhorn.io, chart: longhorn, version: "{version}"}}
"""
    files = {"rules.yaml": rules("longhorn_volume_robustness == 3"), "longhorn.yaml": release}
    assert [finding.severity for finding in found(files, LONGHORN)] == severities


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ("longhorn_volume_robustness == 2", True),
        ("3 == longhorn_volume_robustness", True),
        ("longhorn_volume_state >= 2", True),
        ("longhorn_replica_state > 1", True),
        ("longhorn_volume_robustness == 1", False),
        ("longhorn_volume_robustness > 0", False),
        ("longhorn_volume_robustness != 1", False),
        ("longhorn_volume_robustness{state='faulted'} > 2", False),
        ("sum(longhorn_volume_robustness) > 2", False),
        ("longhorn_backup_state == 4", False),
    ],
)
def test_longhorns_states(expr, wrong):
    assert bool(found(rules(expr), LONGHORN)) is wrong


@pytest.mark.parametrize(
    ("expr", "more", "wrong"),
    [
        ("a / b > 0.9", "labels: {severity: warning}", True),
        ("a / b > 0.9", "for: null, labels: {severity: warning}", True),
        ("a / b > 0.9", "for: '{{ .Values.for }}', labels: {severity: warning}", False),
        ("a / b > 0.9", "labels: {severity: info}", False),
        ("a / b == 1", "labels: {severity: warning}", False),
        ("a / 100 > 5", "labels: {severity: warning}", False),
        ("a > 5", "labels: {severity: warning}", False),
        ("delta(a[1h]) / b > 5", "labels: {severity: warning}", False),
        ("a / b > c", "labels: {severity: warning}", False),
    ],
)
def test_durations(expr, more, wrong):
    assert bool(found(rules(expr, more), DURATION)) is wrong


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ("{{ $value }}", True),
        ("x {{- $value | humanize -}} y", True),
        ('{{ printf "%f" $value }}', True),
        ("{{ .Value }}", True),
        ("{{ if gt $value 5.0 }}a{{ end }}", False),
        ("{{ if gt $value 5.0 }}a{{ else if gt $value 3.0 }}b{{ end }}", False),
        ("{{ if gt $value 5.0 }}{{ $value }}{{ end }}", True),
        ("{{ $labels.value }}", False),
        ("{{ $values.a }}", False),
        ("{{ $labels.Value }}", False),
        ("{{ .Values.severity }}", False),
        ("$value", False),
    ],
)
def test_values_in_labels(label, wrong):
    text = rules("a > 5", f"labels: {{severity: warning, l: '{label}'}}")
    assert bool(found(text, VALUE)) is wrong


@pytest.mark.parametrize("key", ["description", "summary", "value"])
def test_values_belong_into_annotations(key):
    annotation = f"{key}: '{{{{ $value }}}}'"
    text = f"groups: [{{name: g, rules: [{{alert: A, expr: a > 5, annotations: {{{annotation}}}}}]}}]"
    assert not found(text, VALUE)


ROUTE = """
route:
  receiver: pager
  routes:
    - {matchers}
      receiver: {receiver}
receivers:
  - name: nobody
  - name: pager
    webhook_configs: [{{url_file: /run/url}}]
"""


@pytest.mark.parametrize(
    ("matchers", "receiver", "wrong"),
    [
        ("matchers: ['alertname=\"Watchdog\"']", "nobody", True),
        ("matchers: [alertname=Watchdog, severity=none]", "nobody", True),
        ("match: {alertname: Watchdog}", "nobody", True),
        ("match_re: {alertname: ^(InfoInhibitor|Watchdog)$}", "nobody", True),
        ("matchers: ['alertname=\"Watchdog\"']", "missing", False),
        ("matchers: ['alertname=\"Watchdog\"']", "${RECEIVER}", False),
        ("matchers: ['alertname=\"Watchdog\"', 'cluster=\"home\"']", "nobody", False),
        ("matchers: ['alertname=\"Watchdog\"', 'severity=\"critical\"']", "nobody", False),
        ("matchers: ['alertname=\"WatchDog\"']", "nobody", False),
        ("matchers: ['alertname=~\".*\"']", "nobody", False),  # nobody says that there is a Watchdog
    ],
)
def test_watchdog(matchers, receiver, wrong):
    text = ROUTE.format(matchers=matchers, receiver=receiver)
    assert (
        bool([one for one in found({"alertmanager.yml": text}, WATCHDOG) if one.severity is Severity.WARNING]) is wrong
    )


def test_a_switch_of_another_name_is_followed_with_its_own_labels():
    files = {
        "alertmanager.yml": ROUTE.format(matchers="matchers: ['team=\"alive\"']", receiver="nobody"),
        "rules.yaml": "groups: [{name: g, rules: [{alert: Alive, expr: vector(1), labels: {team: alive}}]}]",
    }
    (finding,) = found(files, WATCHDOG)
    assert "`Alive`" in finding.message and shown(finding, files) == "nobody"


def test_a_skeleton_of_a_configuration_is_left_alone():
    text = "route: {receiver: a, routes: [{matchers: [alertname=Watchdog], receiver: a}]}\nreceivers: [{name: a}]\n"
    assert not found({"alertmanager.yml": text}, WATCHDOG)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ('alertname="WatchDog"', ["WatchDog"]),
        ('alertname=~"a|WATCHDOG|TargetDown"', ["WATCHDOG"]),
        ('alertname!~"watchdog|infoinhibitor"', ["watchdog", "infoinhibitor"]),
        ('alertname=~"Watchdog|Host.*"', []),
        ('alertname=~"(?i)watchdog"', []),
        ('team="watchdog"', []),
        ('alertname="{{ .Values.name }}"', []),
    ],
)
def test_typos(value, wrong):
    files = {"alertmanager.yml": ROUTE.format(matchers=f"matchers: ['{value}']", receiver="nobody")}
    assert [shown(finding, files) for finding in found(files, TYPO)] == wrong


ODD = [
    "groups: text",
    "groups: [1, null, [], {rules: 5}, {rules: [null, 1, [], {}]}]",
    "groups: [{name: g, rules: {alert: a, expr: b}}]",
    "groups: [{name: [], rules: [{alert: {}, expr: [a], labels: [], annotations: x, for: {}}]}]",
    "groups: [{name: g, rules: [{alert: A, expr: {a: b}}, {alert: A, expr: true}, {alert: 5, expr: 5}]}]",
    "route: {receiver: [], routes: [{matchers: {a: b}}, 5, {match: [a]}]}\nreceivers: [5, {name: []}, {}]",
    "route: {receiver: a, group_by: {}, repeat_interval: [], routes: {a: b}}\nreceivers: [{name: a, x_configs: 5}]",
    "kind: Silence\napiVersion: a/v1\nmetadata: {name: a}\nspec: {matchers: [1, {name: alertname, value: []}]}",
    "kind: Prometheus\napiVersion: monitoring.coreos.com/v1\nmetadata: []\nspec: 5",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_shapes_do_no_harm(text):
    report = lint_texts({"rules.yaml": text, "more.yaml": rules("a > 5")}, select=("alerts",))
    assert not report.crashed


@pytest.mark.parametrize(
    "expr", ["(" * 1_000 + "a" + ")" * 1_000, "a + " * 30_000 + "a", 'a{b="' + "c" * 100_000 + '"}']
)
def test_monstrous_expressions_do_no_harm(expr):
    report = lint_texts({"rules.yaml": rules(expr)}, select=("alerts",))
    assert not report.crashed and not [one for one in report.findings if one.meta.id == PROMQL]


@pytest.mark.parametrize(("depth", "rule"), [(90, WATCHDOG), (200, "unreadable-document")])
def test_routes_in_one_another_are_followed_as_deep_as_yaml_is_read(depth, rule):
    deep = "{receiver: nobody, matchers: ['alertname=\"Watchdog\"']}"
    for _ in range(depth):
        deep = f"{{matchers: ['severity=~\"none|.*\"'], routes: [{deep}]}}"
    receivers = "receivers: [{name: nobody}, {name: pager, slack_configs: [{}]}]"
    report = lint_texts({"alertmanager.yml": f"route: {{receiver: pager, routes: [{deep}]}}\n{receivers}"})
    assert not report.crashed and [one.meta.id for one in report.findings] == [rule]


def test_many_alerts_cost_little_each():
    def work(size):
        alerts = ", ".join(f"{{alert: A{n}, expr: a{n} / b > 0.9, labels: {{team: t}}}}" for n in range(size))
        lint_texts({"rules.yaml": f"groups: [{{name: g, rules: [{alerts}]}}]"}, select=("alerts",))

    assert grows_linearly(work, 50)


def test_many_configurations_cost_little_each():
    def work(size):
        texts = [
            OBJECT.format(number=number, receiver="nobody" if number % 2 else "chat", name=f"Alert{number}")
            for number in range(size)
        ]
        alerts = ", ".join(f"{{alert: alert{number}, expr: vector(1)}}" for number in range(3))
        files = {"all.yaml": "---\n".join(texts), "rules.yaml": f"groups: [{{name: g, rules: [{alerts}]}}]"}
        lint_texts(files, select=(WATCHDOG, TYPO, STORM))

    assert grows_linearly(work, 20)


OBJECT = """
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {{name: c{number}, namespace: n{number}}}
spec:
  route: {{receiver: {receiver}, routes: [{{matchers: [{{name: alertname, value: {name}}}]}}]}}
  receivers: [{{name: nobody}}, {{name: chat, slackConfigs: [{{channel: ops}}]}}]
"""
