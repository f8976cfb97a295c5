"""SARIF: the schema, what GitHub asks for beyond it, and a checker of that which notices what is wrong."""

import copy
import json
from pathlib import Path

import pytest
from code_scanning import links, path_of, violations
from jsonschema import Draft4Validator
from linting import REGISTRY, ids, lint_texts, lint_tree
from reporting import made

from kubelint.checks import Category, Severity
from kubelint.engine.report import RelatedPlace, Report
from kubelint.reporters import remark
from kubelint.reporters.sarif import RESULT_LIMIT, TEXT_LIMIT, as_data

ROOT = Path(__file__).parents[2]
SCHEMA = Draft4Validator(json.loads((ROOT / "tests" / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8")))
TWICE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '1', k: '2'}\n"


@pytest.fixture(scope="module")
def report():
    return lint_tree(ROOT / "examples" / "homelab", select=("ALL",))


@pytest.fixture(scope="module")
def log(report):
    return as_data(report)


def results(report):
    return as_data(report)["runs"][0]["results"]


def is_right(log):
    return not list(SCHEMA.iter_errors(log)) and violations(log) == []


def test_the_example(report, log):
    assert is_right(log)
    [run] = log["runs"]
    assert len(run["results"]) == len(report.findings) and any(map(links, run["results"]))
    assert {path_of(result) for result in run["results"]} == {finding.place.path for finding in report.findings}


@pytest.mark.parametrize("report", [Report(), lint_texts({"a.yaml": "a: 1\n"}), lint_texts({"a.yaml": "a: [\n"})])
def test_reports_about_little(report):
    assert is_right(as_data(report))


def test_every_rule_that_was_on_is_named_whether_or_not_it_found_something(log):
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [entry.meta.id for entry in REGISTRY]
    few = as_data(lint_texts({"a.yaml": TWICE}, select=("duplicate-key", "dns")))["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in few} == {"duplicate-key", *(entry.meta.id for entry in REGISTRY.matching("dns"))}


def test_a_rule_that_was_not_on_and_crashed_is_named_too(monkeypatch):
    monkeypatch.setattr(REGISTRY.get("duplicate-key").rule, "check", lambda *_: 1 / 0)
    report = lint_texts({"a.yaml": TWICE}, select=("duplicate-key",))
    assert report.crashed and ids(report) == ["internal-error"]
    log = as_data(report)
    assert is_right(log) and log["runs"][0]["invocations"] == [{"executionSuccessful": False}]


def test_only_rules_about_secrets_are_about_security(log):
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        is_secret = REGISTRY.get(rule["id"]).meta.category is Category.SECRETS
        assert (
            ("security-severity" in rule["properties"]) == is_secret == ("problem.severity" not in rule["properties"])
        )


def test_suppressed_findings_are_left_out():
    text = TWICE.replace("'2'}", "'2'}  # kubelint: ignore[duplicate-key] known")
    report = lint_texts({"a.yaml": text}, select=("duplicate-key",))
    assert report.suppressed == 1 and results(report) == []


def test_places_and_links():
    [result] = results(lint_texts({"a b/é:#?%.yaml": TWICE}, select=("duplicate-key",)))
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%A9%3A%23%3F%25.yaml"
    assert place["region"] == {"startLine": 4, "startColumn": 16, "endLine": 4, "endColumn": 17}
    assert links(result) == {"1": "this one does not"}
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startColumn"] == 8


def test_texts_are_no_links_and_not_too_long():
    report = made([Severity.ERROR], message="[a](1) \\", help_text="h" * 600)
    [finding] = report.findings
    related = tuple(RelatedPlace(finding.place, f"[{number}] {'x' * 90}") for number in range(200))
    report.findings = [finding._replace(related=related)]
    [result] = results(report)
    assert is_right(as_data(report))
    assert result["message"]["text"].startswith("\\[a\\](1) \\\\; [\\[0\\] xxx")
    assert 0 < len(links(result)) < 100 == len(result["relatedLocations"])
    assert len(result["message"]["text"]) <= TEXT_LIMIT


def test_the_worst_come_first_and_no_more_than_github_takes():
    order = [Severity.INFO, Severity.WARNING, Severity.ERROR]
    report = made(order * (RESULT_LIMIT // 3 + 1))
    log = as_data(report)
    assert violations(log) == [] and len(log["runs"][0]["results"]) == RESULT_LIMIT
    [told] = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == remark("sarif", report)
    assert remark("sarif", report) == "25,002 findings: the log holds the 25,000 worst and GitHub shows the 5,000 worst"


@pytest.mark.parametrize(("number", "words"), [(5000, ""), (5001, "GitHub shows the 5,000 worst")])
def test_a_remark_is_made_where_github_will_not_show_all(number, words):
    report = made([Severity.ERROR] * number)
    assert remark("sarif", report).endswith(words) and bool(remark("sarif", report)) == bool(words)
    assert remark("full", report) == remark("json", report) == ""


def change(*steps, to=None, key=None):
    def changed(log):
        at = log
        for step in steps:
            at = at[step]
        if key is None:
            at.update(to)
        elif to is None:
            del at[key]
        else:
            at[key] = to

    return changed


RUN, RULE, RESULT = ("runs", 0), ("runs", 0, "tool", "driver", "rules", 0), ("runs", 0, "results", 0)
PLACE = (*RESULT, "locations", 0, "physicalLocation")


@pytest.mark.parametrize(
    "wrong",
    [
        change(key="runs", to=[]),
        change(key="$schema"),
        change(*RUN, key="results"),
        change(*RUN, key="columnKind"),
        change(*RUN, "tool", "driver", key="semanticVersion"),
        change(*RULE, key="name", to="x" * 256),
        change(*RULE, "shortDescription", to={"text": "x" * 1025}),
        change(*RULE, "fullDescription", to={"text": ""}),
        change(*RULE, "help", key="markdown"),
        change(*RULE, "properties", to={"tags": [str(number) for number in range(21)]}),
        change(*RULE, "properties", to={"security-severity": "9.0"}),
        change(*RULE, "properties", key="problem.severity"),
        change(*RESULT, key="level", to="note"),
        change(*RESULT, key="suppressions", to=[]),
        change(*RESULT, key="ruleIndex", to=0),
        change(*RESULT, key="locations", to=[]),
        change(*RESULT, "message", to={"text": "see [there](99)"}),
        change(*RESULT, "message", to={"text": "x" * 1025}),
        change(*RESULT, "partialFingerprints", to={"primaryLocationLineHash": "our own"}),
        change(*PLACE, key="region"),
        change(*PLACE, "region", to={"endLine": 0}),
        change(*PLACE, "artifactLocation", to={"uri": "a b.yaml"}),
        change(*PLACE, "artifactLocation", to={"uri": "/etc/passwd"}),
        change(*PLACE, "artifactLocation", to={"uri": "c:/a.yaml"}),
    ],
)
def test_the_checker_notices(log, wrong):
    broken = copy.deepcopy(log)
    wrong(broken)
    assert violations(broken)
