"""Alerts that people may write, each beside one that differs in what counts: what is found, and what is left alone."""

import pytest
from alert_trees import flux, resource
from linting import lint_texts

MEMORY, CONTAINER, ARC = "memory-alert-counts-cache", "container-memory-counts-cache", "memory-alert-ignores-zfs-arc"
LONGHORN, DURATION, ABSENT = "longhorn-alert-never-fires", "alert-without-duration", "absent-without-duration"
CONDITION, PROMQL, SEVERITY = "alert-without-condition", "invalid-promql", "alert-without-severity"
DESCRIPTION, RUNBOOK, DUPLICATE = "alert-without-description", "alert-without-runbook", "duplicate-alert"
TYPO, STORM, DEFAULTS, META = "alert-matcher-typo", "alert-route-storm", "default-alerts-disabled", "no-meta-alerts"
U, S = "pve_memory_usage_bytes", "pve_memory_size_bytes"
F, T = "node_memory_MemFree_bytes", "node_memory_MemTotal_bytes"
A = "node_memory_MemAvailable_bytes"
C, W = "container_memory_usage_bytes", "container_memory_working_set_bytes"


def alert(expr, more="for: 5m, labels: {severity: warning}", name="A"):
    quoted = expr.replace("'", "''")
    return f"{{alert: {name}, expr: '{quoted}', annotations: {{summary: s}}, {more}}}"


def group(*rules, name="g", more=""):
    return f"groups: [{{name: {name}, {more}rules: [{', '.join(rules)}]}}]\n"


def found(files, rule):
    files = files if isinstance(files, dict) else {"rules.yaml": files}
    report = lint_texts(files, select=(rule,))
    assert not report.crashed
    return [finding for finding in report.findings if finding.meta.id == rule]


@pytest.mark.parametrize(
    ("rule", "expr", "wrong"),
    [
        # which way it is compared
        (MEMORY, f"90 < {U} / {S} * 100", True),
        (MEMORY, f"90 > {U} / {S} * 100", False),
        (MEMORY, f"0.9 <= {U} / {S}", True),
        (MEMORY, f"{U} / {S} != 1", False),
        (MEMORY, f"-({U} / {S}) < -0.9", True),
        (MEMORY, f"-({U} / {S}) > -0.9", False),
        (MEMORY, f"({S} - {U}) / {S} < 0.1", True),
        (MEMORY, f"({S} - {U}) / {S} > 0.1", False),
        (MEMORY, f"1 - {U} / {S} < 0.1", True),
        (MEMORY, f"{S} / {U} < 1.1", True),
        (MEMORY, f"{U} > {S} * 0.9", True),
        (MEMORY, f"{S} * 0.9 < {U}", True),
        (MEMORY, f"{S} * 0.9 > {U}", False),
        # `bool`
        (MEMORY, f"{U} / {S} > bool 0.9", False),
        (MEMORY, f"({U} / {S} > bool 0.9) == 1", True),
        (MEMORY, f"({U} / {S} > bool 0.9) > 0", True),
        (MEMORY, f"({U} / {S} > bool 0.9) != 0", True),
        (MEMORY, f"1 == ({U} / {S} > bool 0.9)", True),
        (MEMORY, f"({U} / {S} > bool 0.9) == 0", False),
        (MEMORY, f"({U} / {S} < bool 0.9) == 0", True),
        (MEMORY, f"({U} / {S} > bool 0.9) >= 0", False),
        (MEMORY, f"sum(({U} / {S} > bool 0.9)) > 2", False),
        # sets
        (MEMORY, f"({U} / {S} > 0.9) and on(id) pve_up == 1", True),
        (MEMORY, f"pve_up == 1 and on(id) ({U} / {S} > 0.9)", True),
        (MEMORY, f"({U} / {S} > 0.9) unless on(id) pve_up == 0", True),
        (MEMORY, f"pve_up == 1 unless on(id) ({U} / {S} > 0.9)", False),
        (MEMORY, f"({U} / {S} > 0.9) or vector(0) > 1", True),
        (MEMORY, f"up == 0 or {U} / {S} > 0.9", True),
        (MEMORY, f"{U} / {S} * 100 > 90 and {S} > 0", True),
        # guests only
        (MEMORY, f"({U} / {S} > 0.9) and on(id) pve_up{{id=~'node/.*'}} == 1", True),
        (MEMORY, f"({U} / {S} > 0.9) and on(id) pve_up{{id=~'qemu/.*'}} == 1", False),
        (MEMORY, f"({U} / {S} > 0.9) unless on(id) pve_node_info", False),
        (MEMORY, f"({U} / {S} > 0.9) and on(id) pve_node_info", True),
        (MEMORY, f"({U} / {S} * on(id) group_left(name) pve_guest_info) > 0.9", False),
        (MEMORY, f"({U} / {S} * on(id) group_left(name) pve_node_info) > 0.9", True),
        (MEMORY, f"{U}{{id='qemu/101'}} / {S} > 0.9", False),
        (MEMORY, f"{U}{{id='lxc/101'}} / {S} > 0.9", False),
        (MEMORY, f"{U}{{id='node/pve-01'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id=~'^qemu/.*$'}} / {S} > 0.9", False),
        (MEMORY, f"{U}{{id=~'qemu/.*|node/.*'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id=~'.*'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id!='node/pve1'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id!~'node/.*'}} / {S} > 0.9", False),
        (MEMORY, f"{U}{{id!~'storage/.*'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id!~'qemu.*|lxc.*'}} / {S} > 0.9", True),
        (MEMORY, f"{U}{{id=~'$guest'}} / {S} > 0.9", False),
        (MEMORY, f"{U}{{id=~'(x+x+)+y'}} / {S} > 0.9", False),
        # functions, aggregations, subqueries
        (MEMORY, f"avg_over_time({U}[10m]) / avg_over_time({S}[10m]) > 0.9", True),
        (MEMORY, f"sum by (id) ({U}) / sum by (id) ({S}) > .9", True),
        (MEMORY, f"sum without (instance) ({U}) > 9e9", True),
        (MEMORY, f"count({U} / {S} > 0.9) > 0", True),
        (MEMORY, f"count({U} / {S}) > 5", False),
        (MEMORY, f"topk(3, {U} / {S}) > .9", True),
        (MEMORY, f"label_replace({U} / {S}, 'n', '$1', 'id', '(.*)') > .9", True),
        (MEMORY, f"label_replace({U} / {S} > .9, 'n', '$1', 'id', '(.*)')", True),
        (MEMORY, f"max_over_time(({U} / {S})[5m:1m]) > .9", True),
        (MEMORY, f"max_over_time(({U} / {S} > .9)[5m:1m])", True),
        (MEMORY, f"absent({U} / {S} > .9)", False),
        (MEMORY, f"predict_linear({U}[1h], 3600) > {S}", True),
        (MEMORY, f"({U} / {S} > .9) * 100", True),
        (MEMORY, f"(((({U}))) / (({S}))) > (0.9)", True),
        # Linux and FreeBSD
        (MEMORY, f"(1 - {F} / {T}) * 100 > 90", True),
        (MEMORY, f"({T} - {F}) / {T} * 100 > 90", True),
        (MEMORY, f"100 * (1 - ({F} / {T})) >= 90", True),
        (MEMORY, f"10 > {F} / {T} * 100", True),
        (MEMORY, f"{F} < 0.1 * {T}", True),
        (MEMORY, f"{T} * 0.1 > {F}", True),
        (MEMORY, f"{F} / {T} > 0.8", False),
        (MEMORY, f"0.8 < {F} / {T}", False),
        (MEMORY, f"({T} - {F}) / {T} < 0.2", False),
        (MEMORY, f"sum by (instance) ({T}) - sum by (instance) ({F}) > 6e10", True),
        (MEMORY, f"({T} - {F} - node_memory_Buffers_bytes - node_memory_Cached_bytes) / {T} > .9", False),
        (MEMORY, f"({T} - {F} - node_memory_SReclaimable_bytes) / {T} > .9", False),
        (MEMORY, f"({T} - {F} - node_zfs_arc_size) / {T} > .9", False),
        (MEMORY, f"1 - {A} / {T} > .9", False),
        (MEMORY, "node_memory_size_bytes - node_memory_free_bytes > 9e9", True),
        (MEMORY, "(node_memory_free_bytes + node_memory_inactive_bytes) / node_memory_size_bytes < .1", False),
        (MEMORY, "node_memory_SwapFree_bytes / node_memory_SwapTotal_bytes < .1", False),
        (MEMORY, "windows_memory_available_bytes < 1e9", False),
        (MEMORY, "longhorn_node_memory_usage_bytes / longhorn_node_memory_capacity_bytes > .9", False),
        # containers
        (CONTAINER, f"{C} > 1e9", True),
        (CONTAINER, f"1e9 < {C}", True),
        (CONTAINER, f"{C} < 1e6", False),
        (CONTAINER, f"sum by (pod) ({C}) / sum by (pod) (container_spec_memory_limit_bytes) > .9", True),
        (CONTAINER, f"{C} - container_memory_cache > 1e9", False),
        (CONTAINER, f"{W} > 1e9", False),
        (CONTAINER, "container_memory_rss > 1e9", False),
        (CONTAINER, f"absent({C})", False),
        (CONTAINER, f"{C} == 0", False),
        # Longhorn
        (LONGHORN, "longhorn_volume_robustness == 3", True),
        (LONGHORN, "3 == longhorn_volume_robustness", True),
        (LONGHORN, "longhorn_volume_robustness{state='faulted'} == 1", False),
        (LONGHORN, "longhorn_volume_robustness == 1", False),
        (LONGHORN, "longhorn_volume_robustness >= 2", True),
        (LONGHORN, "longhorn_volume_robustness > 1", True),
        (LONGHORN, "longhorn_volume_robustness > 0", False),
        (LONGHORN, "longhorn_volume_robustness == 3 or longhorn_volume_robustness{state='faulted'} == 1", False),
        (LONGHORN, "count(longhorn_volume_robustness == 3) > 0", True),
        (LONGHORN, "longhorn_volume_state == 4 and longhorn_node_status == 1", True),
        # a moment
        (DURATION, "a / b > 0.9", "labels: {severity: warning}"),
        (DURATION, "0.9 < a / b", "labels: {severity: warning}"),
        (DURATION, "a / b > 0.9", False),
        (ABSENT, "absent(up{job='a'})", "labels: {severity: warning}"),
        (ABSENT, "absent(up{job='a'}) == 1", "labels: {severity: warning}"),
        (ABSENT, "absent(up{job='a'})", False),
        # no condition
        (CONDITION, "rate(a_total[5m])", True),
        (CONDITION, "rate(a_total[5m]) > bool 1", True),
        (CONDITION, "rate(a_total[5m]) > 1", False),
        (CONDITION, "vector(1)", False),
        (CONDITION, "absent(a)", False),
        (CONDITION, "a unless b", False),
        (CONDITION, "flux_instance_info{ready!='True'}", False),
        (CONDITION, "a{namespace='x'}", True),
        (CONDITION, "a{state='failed'}", False),
        (CONDITION, "ALERTS{alertname='B'}", False),
    ],
)  # fmt: skip
def test_expressions(rule, expr, wrong):
    text = group(alert(expr, wrong if isinstance(wrong, str) else "for: 5m, labels: {severity: warning}"))
    assert len(found(text, rule)) == bool(wrong)


QUIET = "labels: {severity: info}"
NOW = "labels: {severity: warning}"


@pytest.mark.parametrize(
    ("rule", "expr", "more"),
    [
        (DURATION, "a / b > 0.9", "for: 1m, " + NOW),
        (DURATION, "a / b > 0.9", "keep_firing_for: 1m, " + NOW),
        (DURATION, "a / b > 0.9", "for: 0s, " + NOW),
        (DURATION, "a / b > 0.9", QUIET),
        (DURATION, "a / b > 0.9", "labels: {severity: none}"),
        (DURATION, "rate(a[5m]) / rate(b[5m]) > 0.9", NOW),
        (DURATION, "max_over_time((a / b)[5m:]) > 0.9", NOW),
        (DURATION, "a / b offset 1h > 0.9", NOW),
        (DURATION, "predict_linear(a[1h], 60) / b > 0.9", NOW),
        (DURATION, "changes(a[5m]) / b > 0.9", NOW),
        (DURATION, "job:a:rate5m / b > 0.9", NOW),
        (DURATION, "(time() - a) / b > 0.9", NOW),
        (DURATION, "absent(a / b > 0.9)", NOW),
        (DURATION, "a / b == 1", NOW),
        (DURATION, "a / 1024 > 5", NOW),
        (DURATION, "zpool_state{state!='online'} > 0", NOW),
        (ABSENT, "absent(a)", "for: 2m, " + NOW),
        (ABSENT, "absent(a)", "keep_firing_for: 2m, " + NOW),
        (ABSENT, "absent_over_time(a[10m])", NOW),
        (ABSENT, "absent(a offset 5m)", NOW),
        (ABSENT, "a > 1 and absent(b)", NOW),
        (ABSENT, "a > 1 unless absent(b)", NOW),
        (ABSENT, "absent(a)", QUIET),
    ],
)
def test_what_is_not_of_a_moment(rule, expr, more):
    assert not found(group(alert(expr, more)), rule)


RECORD = "{{record: '{name}', expr: '{expr}'}}"


@pytest.mark.parametrize(
    ("rule", "record", "expr", "wrong"),
    [
        (MEMORY, f"1 - {F} / {T}", "node:memory:ratio > 0.9", True),
        (MEMORY, f"1 - {F} / {T}", "0.9 < avg by (instance) (node:memory:ratio)", True),
        (MEMORY, f"1 - {F} / {T}", "node:memory:ratio < 0.2", False),
        (MEMORY, f"{F} / {T}", "node:memory:ratio < 0.1", True),
        (MEMORY, f"{F} / {T}", "1 - node:memory:ratio > 0.9", True),
        (MEMORY, f"{F} / {T}", "node:memory:ratio > 0.9", False),
        (MEMORY, f"1 - {A} / {T}", "node:memory:ratio > 0.9", False),
        (MEMORY, f"1 - {F} / {T}", "node:memory:ratio > 0.9 and rate(node_vmstat_pswpin[5m]) > 1", False),
        (MEMORY, f"{U} / {S}", "node:memory:ratio > 0.9", True),
        (MEMORY, f"{U} / {S}", 'node:memory:ratio{id=~"qemu/.*"} > 0.9', False),
        (MEMORY, f"{U} / {S}", 'node:memory:ratio{id=~"node/.*"} > 0.9', True),
        (MEMORY, f'{U}{{id=~"qemu/.*"}} / {S}', "node:memory:ratio > 0.9", False),
        (MEMORY, "(broken", "node:memory:ratio > 0.9", False),
        (MEMORY, f"count({U} / {S})", "node:memory:ratio > 0.9", False),
        (CONTAINER, f"sum by (pod) ({C})", "node:memory:ratio > 0.9", True),
        (CONTAINER, f"sum by (pod) ({C})", "node:memory:ratio < 0.9", False),
        (CONTAINER, f"-{C}", "node:memory:ratio > 0.9", False),
        (CONTAINER, f"{C} - container_memory_cache", "node:memory:ratio > 0.9", False),
        (CONTAINER, W, "node:memory:ratio > 0.9", False),
    ],
)
def test_recorded_series_are_followed(rule, record, expr, wrong):
    recorded = RECORD.format(name="node:memory:ratio", expr=record)
    files = {"records.yaml": group(recorded), "rules.yaml": group(alert(expr))}
    findings = found(files, rule)
    assert len(findings) == wrong
    for finding in findings:
        assert not finding.fixes and finding.place.path == "rules.yaml"
        (label,) = finding.related
        assert label.place.path == "records.yaml"
        text = files["rules.yaml"][finding.place.span.start : finding.place.span.end]
        assert text.startswith("node:memory:ratio")
    assert not found({**files, "more.yaml": group(recorded, name="other")}, rule)  # two rules record it
    assert not found({"rules.yaml": files["rules.yaml"]}, rule)


STORAGE = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: a}}\nprovisioner: {}\n"


@pytest.mark.parametrize(
    ("more", "expr", "wrong"),
    [
        ({"s.yaml": STORAGE.format("zfs.csi.openebs.io")}, f"{A} / {T} < 0.1", True),
        ({"s.yaml": STORAGE.format("driver.longhorn.io")}, f"{A} / {T} < 0.1", False),
        ({"r.yaml": group(alert("node_zfs_zpool_state{state!='online'} > 0"))}, f"1 - {A} / {T} > 0.9", True),
        ({"r.yaml": group(alert("zfs_pool_health > 0"))}, f"{A} < 1e9", True),
        ({"r.yaml": group(alert("node_disk_io_now > 0"))}, f"{A} < 1e9", False),
        ({"s.yaml": STORAGE.format("zfs.csi.openebs.io")}, f"{A} / {T} > 0.9", False),
        ({"s.yaml": STORAGE.format("zfs.csi.openebs.io")}, f"({A} + node_zfs_arc_size) / {T} < 0.1", False),
        ({"s.yaml": STORAGE.format("zfs.csi.openebs.io")}, f"{A} / {T} < 0.1 unless on(instance) nas", False),
        ({"s.yaml": STORAGE.format("zfs.csi.openebs.io")}, "up == 0", False),
    ],
)
def test_the_arc(more, expr, wrong):
    assert len(found({**more, "rules.yaml": group(alert(expr))}, ARC)) == wrong


@pytest.mark.parametrize(
    ("rules", "more", "wrong"),
    [
        ((alert("a > 1", "for: 1m"), alert("b > 1")), "", 1),
        ((alert("a > 1"), alert("b > 1")), "", 0),
        ((alert("a > 1", "for: 1m"), alert("b > 1", "for: 1m")), "", 0),  # nobody here has severities
        ((alert("vector(1)", "for: 1m", "Watchdog"), alert("b > 1")), "", 0),
        ((alert("b > 1", "for: 1m", "InfoInhibitor"), alert("b > 1")), "", 0),
        ((alert("a > 1", "for: 1m"), alert("b > 1")), "labels: {severity: info}, ", 0),
        ((alert("a > 1", "labels: {severity: '{{ $labels.severity }}'}"), alert("b > 1")), "", 0),
        ((alert("a > 1", "labels: '{{ .Values.labels }}'"), alert("b > 1")), "", 0),
        ((alert("rate({app='x'} |= 'e' [5m]) > 1", "for: 1m"), alert("b > 1")), "", 0),
    ],
)
def test_severities(rules, more, wrong):
    assert len(found(group(*rules, more=more), SEVERITY)) == wrong


def test_a_chart_may_add_the_severity():
    rules = "rules: [{alert: A, expr: a > 1}, {alert: B, expr: b > 1, labels: {severity: warning}}]"
    for more, count in (("additionalLabels: {severity: info}", 0), ("enabled: true", 1)):
        release = flux("cnpg", f"prometheusRule:\n  {more}\n  {rules}\n")
        assert len(found({"release.yaml": release}, SEVERITY)) == count


@pytest.mark.parametrize(
    ("annotations", "describes", "runbook"),
    [
        ("{summary: s}", True, False),
        ("{message: s}", True, False),
        ("{description: s}", True, False),
        ("{title: s}", True, False),
        ("{runbook_url: s}", False, True),
        ("{summary: s, runbook: s}", True, True),
        ("{dashboard_url: s}", False, False),
        ("{}", False, False),
        ("'{{ .Values.annotations }}'", True, True),
    ],
)
def test_annotations(annotations, describes, runbook):
    text = group(f"{{alert: A, expr: a > 1, labels: {{severity: critical}}, annotations: {annotations}}}")
    assert (not found(text, DESCRIPTION), not found(text, RUNBOOK)) == (describes, runbook)


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        (alert("a > 1"), alert("a > 1"), True),
        (alert("a > 1"), alert("a  >  1"), True),
        (alert("a > 1"), alert("a > 1", "for: 9m, labels: {severity: warning}"), True),
        (alert("a > 1"), alert("a > 1", "labels: {severity: critical}"), False),
        (alert("a > 1"), alert("a > 2"), False),
        (alert("a > 1"), alert("a > 1", name="B"), False),
        (alert("a > '{{ .Values.a }}'"), alert("a > '{{ .Values.a }}'"), False),
    ],
)
def test_duplicates(one, other, wrong):
    assert bool(found(group(one, other), DUPLICATE)) is wrong
    two = {"a.yaml": group(one), "b.yaml": group(other)}
    assert not found(two, DUPLICATE)


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ("a > > 1", True),
        ("(a > 1", True),
        ("rate(a) > 1", True),
        ("a > 1", False),
        ("{{ .Values.a }} > ", False),
        ("a{b=~'$__all'} > > $x", False),
        ("rate(a[$__rate_interval]) > 1", False),
        ("rate(a[5m] anchored) > 1", False),
        ("rate(a[5m] smoothed) > 1", False),
        ("rate({app='x'} |~ 'e' [5m]) > 1", False),
        ("count_over_time({app='x'} | json [5m]) > 1", False),
        ("{'http.requests', b='c'} > 1", False),
        ("info(a) > 1", False),
        ("a @ end() > 1", False),
        ("max_over_time(a[5m:]) > 1", False),
        ("a > 5Mi", False),
    ],
)
def test_what_prometheus_refuses(expr, wrong):
    assert bool(found(group(alert(expr)), PROMQL)) is wrong
    vm = resource(group(alert(expr)), "VMRule", "operator.victoriametrics.com/v1beta1")
    assert not found({"rule.yaml": vm}, PROMQL)


ROUTES = """
route: {{receiver: pager, {root}, routes: [{{receiver: {receiver}, {child}}}]}}
inhibit_rules: {inhibit}
receivers: [{{name: nobody}}, {{name: heartbeat, webhook_configs: [{{url_file: a}}]}},
            {{name: pager, webhook_configs: [{{url_file: a}}]}}]
"""


def routes(root="group_wait: 30s", child="matchers: [a=b]", receiver="pager", inhibit="[]"):
    return {"alertmanager.yml": ROUTES.format(root=root, child=child, receiver=receiver, inhibit=inhibit)}


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        (routes("group_by: ['...']"), 1),
        (routes("group_by: [alertname]"), 0),
        (routes(child="group_by: ['...']"), 1),
        (routes(child="group_by: ['...']", receiver="nobody"), 0),
        (routes("group_interval: 10s"), 1),
        (routes("group_interval: 1m"), 0),
        (routes("repeat_interval: 10m"), 1),
        (routes("repeat_interval: 59m59s"), 1),
        (routes("repeat_interval: 1h"), 0),
        (routes("repeat_interval: '${REPEAT}'"), 0),
        (routes("group_wait: 0s"), 1),
        (routes("group_wait: 10s"), 0),
        (routes(child="group_wait: 0s"), 0),
        (routes(child="repeat_interval: 5m", receiver="heartbeat"), 0),
        (routes(child="repeat_interval: 5m, matchers: [alertname=Watchdog]"), 0),
        (routes(child="repeat_interval: 5m"), 1),
    ],
)
def test_storms(files, wrong):
    assert len(found(files, STORM)) == wrong


BOTH = group(alert("a > 1"), alert("a > 2", "labels: {severity: critical}"))


@pytest.mark.parametrize(
    ("inhibit", "rules", "wrong"),
    [
        ("[]", BOTH, 1),
        ("[{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}]", BOTH, 0),
        ("[]", group(alert("a > 1"), alert("a > 2", "labels: {severity: critical}", "B")), 0),
        ("[]", group(alert("a > 1"), alert("a > 2")), 0),
    ],
)
def test_what_nothing_inhibits(inhibit, rules, wrong):
    assert len(found(routes(inhibit=inhibit) | {"rules.yaml": rules}, STORM)) == wrong


@pytest.mark.parametrize(
    ("matchers", "wrong"),
    [
        ("matchers: [alertname=WatchDog]", True),
        ("matchers: [alertname=Watchdog]", False),
        ("match: {alertname: watchdog}", True),
        ("match_re: {alertname: 'A.*|targetdown'}", True),
        ("match_re: {alertname: 'A.*|TargetDown'}", False),
        ("matchers: ['alertname=~\"^(hostDown|Other)$\"']", True),
        ("matchers: ['alertname=~\"(?i)watchdog\"']", False),
        ("matchers: ['alertname!=watchdog']", True),
        ("matchers: [team=watchdog]", False),
    ],
)
def test_typos(matchers, wrong):
    files = routes(child=matchers) | {"rules.yaml": group(alert("up == 0", name="HostDown"))}
    assert bool(found(files, TYPO)) is wrong


@pytest.mark.parametrize(
    ("values", "rules", "wrong"),
    [
        ("defaultRules: {create: false}", None, True),
        ("defaultRules: {create: true}", None, False),
        ("defaultRules: {rules: {alertmanager: false}}", None, True),
        ("defaultRules: {rules: {general: false}}", None, True),
        ("defaultRules: {rules: {prometheus: false}}", None, True),
        ("defaultRules: {rules: {etcd: false, kubeProxy: false}}", None, False),
        ("defaultRules: {disabled: {Watchdog: true}}", None, True),
        ("defaultRules: {disabled: {KubeProxyDown: true}}", None, False),
        ("defaultRules: {create: '${RULES}'}", None, False),
        ("defaultRules: {create: false}", alert("up == 0"), False),
        ("defaultRules: {create: false}", alert("absent(up{job='prometheus'})"), False),
        ("defaultRules: {create: false}", alert("vector(1)"), False),
        ("defaultRules: {create: false}", alert("rate(prometheus_rule_evaluation_failures_total[5m]) > 0"), False),
        ("defaultRules: {create: false}", alert("a > 1", name="AlertmanagerFailedReload"), False),
        ("defaultRules: {create: false}", alert("a > 1"), True),
        ("defaultRules: {create: false}", alert("up == 1"), True),
    ],
)
def test_default_alerts(values, rules, wrong):
    files = {"release.yaml": flux("kube-prometheus-stack", f"{values}\n")}
    if rules:
        files["mixin/rules.yaml"] = group(rules)
    assert bool(found(files, DEFAULTS)) is wrong


@pytest.mark.parametrize(
    ("chart", "rules", "wrong"),
    [
        ("prometheus", alert("a > 1"), True),
        ("prometheus", alert("up == 0"), False),
        ("prometheus", None, False),
        ("kube-prometheus-stack", alert("a > 1"), False),
        ("nginx", alert("a > 1"), False),
    ],
)
def test_meta_alerts(chart, rules, wrong):
    files = {"release.yaml": flux(chart, "a: b\n")}
    if rules:
        files["rules.yaml"] = group(rules)
    assert bool(found(files, META)) is wrong
