"""Rules and routes that nobody writes by hand, through the command: what the user sees, and that it ends."""

import json
import os
import subprocess
import sys

import pytest
import yaml

MEMORY, DEPTH = "memory-alert-counts-cache", 200
BAD = "pve_memory_usage_bytes / pve_memory_size_bytes > 0.9"


def kubelint(root, files, *arguments):
    """The command's answer on a tree of `files`, where all is read and nothing is rendered."""
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "KUBELINT_CACHE_DIR": str(root / ".cache")}
    command = [sys.executable, "-m", "kubelint", "check", "--format", "json", "--render", "never", *arguments, "."]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False)


def found(root, files, rule):
    """The places of a rule's findings; nothing else may have gone wrong."""
    result = kubelint(root, files)
    assert result.returncode in (0, 1) and result.stderr == ""
    findings = json.loads(result.stdout)["findings"]
    assert "internal-error" not in {finding["rule"] for finding in findings}
    return [(finding["path"], finding["line"]) for finding in findings if finding["rule"] == rule]


def rules(*exprs):
    alerts = [{"alert": f"A{n}", "expr": expr, "for": "5m"} for n, expr in enumerate(exprs)]
    return yaml.safe_dump({"groups": [{"name": "g", "rules": alerts}]}, sort_keys=False, width=10**9)


LONG = "|".join(f"host-{number}" for number in range(12_000))
EXPRESSIONS = {
    "long": f'{BAD} unless a{{x=~"{LONG}"}} > 1',
    "nested": "(" * 1_000 + "a" + ")" * 1_000,
    "functions": "abs(" * 1_000 + "a" + ")" * 1_000,
    "operators": "a + " * 25_000 + "a",
    "selectors": "a{b='c'} or " * 150 + BAD,
    "unclosed strings": '"\\' * 50_000,
    "unclosed actions": "{{" * 50_000,
    "actions": "{{}}" * 25_000,
    "brackets": "[" * 50_000,
    "comments": "# x\n" * 25_000 + BAD,
    "a regular expression": f'a{{b=~"{"(a+)+" * 10_000}"}} > 1',
    "an unknown function": "a" * 100_000 + "(b)",
    "no characters": "\u200b" * 1_000,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions(tmp_path, name):
    files = {"a.yaml": rules(EXPRESSIONS[name]), "b.yaml": rules(BAD)}
    assert ("b.yaml", 5) in found(tmp_path, files, MEMORY)


def test_a_long_expression_is_read_and_pointed_into(tmp_path):
    assert found(tmp_path, {"a.yaml": rules(EXPRESSIONS["long"])}, MEMORY) == [("a.yaml", 5)]
    assert found(tmp_path, {"a.yaml": rules(EXPRESSIONS["selectors"])}, MEMORY) == [("a.yaml", 5)]


def test_what_nests_too_deep_is_no_syntax_error(tmp_path):
    files = {"a.yaml": rules(EXPRESSIONS["nested"], EXPRESSIONS["operators"])}
    assert found(tmp_path, files, "invalid-promql") == []
    assert len(found(tmp_path, {"a.yaml": rules("(" * 50 + "a")}, "invalid-promql")) == 1


ODD = [
    "groups: text",
    "groups: {rules: []}",
    "groups: [1, null, [], text, {rules: 5}, {rules: {a: b}}, {rules: [null, 1, [], {}, text]}]",
    "groups: [{name: g, rules: [{alert: [], expr: {}, for: [], labels: 5, annotations: []}]}]",
    "groups: [{name: [], interval: {}, labels: [], rules: [{alert: A, expr: true}, {record: 5, expr: 5}]}]",
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: 5\nspec: [groups]",
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: {a: b}}",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 'groups: [rules: expr', b: 5}",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: [groups]",
    "route: {receiver: [], routes: {a: b}}\nreceivers: [5, null, {name: [], webhook_configs: {}}, {}]",
    "route: {receiver: {}, routes: [5, null, {match: [], match_re: 5, matchers: {a: b}}]}\nreceivers: []",
    "route: {receiver: a, group_by: 5, repeat_interval: [], group_wait: {}}\nreceivers: [{name: a, x_configs: 5}]",
    "route: {receiver: a, routes: [{matchers: [5, null, [], {name: []}, 'a=~\"(\"']}]}\nreceivers: [{name: a}]",
    "route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [5, {source_match: 5, equal: 5}]\ntime_intervals: 5",
    "apiVersion: monitoring.coreos.com/v1alpha1\nkind: AlertmanagerConfig\nmetadata: {name: a}\nspec: 5",
    "apiVersion: monitoring.coreos.com/v1alpha1\nkind: AlertmanagerConfig\nmetadata: {name: a}\n"
    "spec: {route: {matchers: [5, {name: 5, value: []}]}, receivers: {a: b}}",
    "apiVersion: monitoring.coreos.com/v1\nkind: Alertmanager\nmetadata: {name: a}\n"
    "spec: {alertmanagerConfigMatcherStrategy: [], alertmanagerConfiguration: 5}",
    "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: a}\nspec: {externalLabels: [a]}",
    "kind: Silence\napiVersion: a/v1\nmetadata: {name: a}\nspec: {matchers: [1, {name: alertname, value: []}]}",
]


def test_odd_shapes(tmp_path):
    files = {f"odd{number}.yaml": text for number, text in enumerate(ODD)} | {"b.yaml": rules(BAD)}
    assert ("b.yaml", 5) in found(tmp_path, files, MEMORY)


def routes(child, count=1, deep=0):
    """A configuration whose routes end in `child`."""
    for _ in range(deep):
        child = {"matchers": ['severity=~"none|.*"'], "routes": [child]}
    root = {"receiver": "pager", "routes": [child] * count}
    receivers = [{"name": "nobody"}, {"name": "pager", "webhook_configs": [{"url_file": "a"}]}]
    return json.dumps({"route": root, "receivers": receivers})


TO_NOBODY = {"matchers": ["alertname=Watchdog"], "receiver": "nobody"}


def test_routes_that_lie_deep_in_one_another(tmp_path):
    shallow = {"alertmanager.yml": routes(TO_NOBODY, deep=DEPTH // 2 - 5)}
    assert found(tmp_path, shallow, "watchdog-undelivered") == [("alertmanager.yml", 1)]
    deep = {"alertmanager.yml": routes(TO_NOBODY, deep=DEPTH)}
    result = kubelint(tmp_path, deep)
    (finding,) = json.loads(result.stdout)["findings"]
    assert finding["rule"] == "unreadable-document" and f"more than {DEPTH} levels" in finding["message"]


BOMBS = [
    "(a+)+$",
    "(a|aa)+$",
    "(x+x+)+y",
    ".*" * 30 + "b",
    "a?" * 40 + "a" * 40,
    "(" * 20_000,
    "[" * 20_000,
    "(?i)" * 9_000,
]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[:12])
def test_expressions_that_explode(tmp_path, bomb):
    child = {"match_re": {"alertname": bomb}, "matchers": [f'alertname=~"{bomb}"'], "receiver": "nobody"}
    name = "a" * 60 + "!"
    files = {
        "alertmanager.yml": routes(child),
        "rules.yaml": f"groups: [{{name: g, rules: [{{alert: {name}, expr: vector(1)}}]}}]",
        "b.yaml": rules(BAD),
    }
    assert found(tmp_path, files, MEMORY) == [("b.yaml", 5)]


def test_ten_thousand_routes(tmp_path):
    other = {"matchers": ['alertname=~"A.*|B.*"', "team!=x"], "receiver": "pager", "continue": True}
    config = json.loads(routes(other, count=10_000))
    config["route"]["routes"].append(TO_NOBODY)
    assert len(found(tmp_path, {"alertmanager.yml": json.dumps(config, indent=1)}, "watchdog-undelivered")) == 1


ELSE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {expr: up, rules: a}\n"


@pytest.mark.parametrize(("text", "imported"), [(ELSE, False), (rules(BAD), True)])
def test_the_parser_is_imported_only_where_there_are_rules(tmp_path, text, imported):
    (tmp_path / "a.yaml").write_text(text)
    code = f"import sys; from kubelint.cli.main import run; run(['check', {str(tmp_path)!r}]); print(*sys.modules)"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert ("promql_parser" in result.stdout.split()) is imported
