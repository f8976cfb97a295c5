"""The formats of GitHub's and GitLab's jobs and of JUnit: what they count, leave out and keep."""

import json
from collections import Counter
from pathlib import Path

import pytest
import xmlschema
from adversarial import runner_commands
from jsonschema import Draft202012Validator
from linting import REGISTRY, lint_texts, lint_tree
from reporting import made

from kubelint.checks import Severity
from kubelint.engine.report import Report, Skipped
from kubelint.reporters import FORMATS, reporter
from kubelint.reporters.json_text import dumps
from kubelint.reporters.security import security_score
from kubelint.reporters.style import Style
from kubelint.reporters.summary import LIMIT
from kubelint.sources import Position

ROOT = Path(__file__).parents[2]
GITLAB = Draft202012Validator(json.loads((ROOT / "tests/data/gitlab-code-quality.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(str(ROOT / "tests/data/junit.xsd"))
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@pytest.fixture(scope="module")
def example():
    return lint_tree(ROOT / "examples" / "homelab", select=("ALL",))


def shown(form, report):
    return reporter(form)(report, Style())


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_input_has_the_same_bytes(form):
    def once():
        report = lint_tree(ROOT / "examples" / "homelab")
        report.duration_ms = 0
        return shown(form, report)

    assert once() == once()


@pytest.mark.parametrize(
    ("errors", "warnings", "infos", "shown_infos", "left"),
    [(0, 0, 0, 0, 0), (10, 10, 10, 10, 0), (11, 0, 0, 0, 1), (12, 13, 10, 9, 6), (0, 0, 11, 9, 2), (1, 11, 3, 3, 1)],
)
def test_github_gets_no_more_than_it_shows(errors, warnings, infos, shown_infos, left):
    commands = runner_commands(shown("github", made([INFO] * infos + [WARNING] * warnings + [ERROR] * errors)))
    counts = Counter(name for name, _, _ in commands)
    assert all(number <= 10 for number in counts.values())
    assert [name for name, _, _ in commands] == sorted(
        (name for name, _, _ in commands), key=["error", "warning", "notice"].index
    )
    assert (counts["error"], counts["warning"]) == (min(errors, 10), min(warnings, 10))
    assert counts["notice"] == shown_infos + bool(left)
    if left:
        name, properties, text = commands[-1]
        assert (name, properties) == ("notice", {"title": "kubelint"})
        assert text.startswith(f"{left} more finding") and text.endswith("`--format full` shows all of them")


def test_github_gets_places_and_texts_escaped():
    report = made([ERROR], path="a,b:c%0A/d.yaml", message="100% wrong:: yes", help_text="do, that")
    text = shown("github", report)
    assert text == (
        "::error file=a%2Cb%3Ac%250A/d.yaml,line=1,endLine=1,col=1,endColumn=4,title=kubelint duplicate-key"
        "::100%25 wrong:: yes%0Ahelp: do, that\n"
    )
    [(_, properties, data)] = runner_commands(text)
    assert properties["file"] == "a,b:c%0A/d.yaml" and data == "100% wrong:: yes\nhelp: do, that"


def test_github_gets_columns_for_places_on_one_line_only():
    report = made([ERROR])
    [finding] = report.findings
    report.findings = [finding._replace(place=finding.place._replace(end=Position(2, 3)))]
    [(_, properties, _)] = runner_commands(shown("github", report))
    assert properties == {"file": "a.yaml", "line": "1", "endLine": "2", "title": "kubelint duplicate-key"}


def test_gitlab(example):
    data = json.loads(shown("gitlab", example))
    assert not list(GITLAB.iter_errors(data))
    assert len({one["fingerprint"] for one in data}) == len(data) == len(example.findings)
    assert {one["severity"] for one in data} == {"critical", "major", "minor", "info"}
    assert all(one["description"].startswith(f"{one['check_name']}: ") for one in data)
    assert json.loads(shown("gitlab", Report())) == []


@pytest.mark.parametrize(
    ("rule", "severity", "expected"),
    [
        ("duplicate-key", ERROR, "major"),
        ("duplicate-key", WARNING, "minor"),
        ("duplicate-key", INFO, "info"),
        ("plaintext-secret", ERROR, "critical"),
        ("plaintext-secret", WARNING, "minor"),
        ("plaintext-secret", INFO, "info"),
    ],
)
def test_gitlab_calls_critical_what_code_scanning_does(rule, severity, expected):
    [issue] = json.loads(shown("gitlab", made([severity], rule=rule)))
    assert issue["severity"] == expected
    score = security_score(REGISTRY.get(rule).meta.category, severity)
    assert (expected == "critical") == (score is not None and score > 9)


def test_gitlab_knows_findings_again_when_lines_move():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '1', k: '2'}\n"
    prints = [
        [one["fingerprint"] for one in json.loads(shown("gitlab", lint_texts({"a.yaml": given})))]
        for given in (text, f"# new\n\n{text}", text.replace("'2'", "'3'"))
    ]
    assert prints[0] == prints[1] == prints[2] != []


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.pop("fingerprint"),
        lambda one: one.update(severity="error"),
        lambda one: one.update(extra=1),
        lambda one: one["location"].update(path="./a.yaml"),
        lambda one: one["location"].pop("lines"),
        lambda one: one["location"]["lines"].update(begin=0),
    ],
)
def test_the_schema_of_gitlab_refuses_what_gitlab_would(change):
    data = json.loads(shown("gitlab", made([ERROR])))
    change(data[0])
    assert list(GITLAB.iter_errors(data))


def suites(report):
    text = shown("junit", report)
    JUNIT.validate(text)
    return {suite["@name"]: suite for suite in JUNIT.to_dict(text).get("testsuite", [])}


def outcomes(suite):
    return tuple(suite[f"@{name}"] for name in ("tests", "failures", "errors", "skipped"))


def test_junit(example):
    found = suites(example)
    assert {*found} == {*example.files, *(skipped.path for skipped in example.skipped)}
    assert [suite["@id"] for suite in found.values()] == list(range(len(found)))
    hits = {(one.place.path, one.meta.id) for one in example.findings if one.severity is not INFO}
    assert sum(suite["@failures"] for suite in found.values()) == len(hits)


def test_junit_counts_files_without_findings_as_passed_and_what_was_skipped_as_skipped():
    report = made([ERROR, ERROR, WARNING])
    report.files = ["a.yaml", "clean.yaml", "template.yaml"]
    report.skipped = [Skipped("template.yaml", "helm-template"), Skipped("chart", "not rendered: no Helm here")]
    found = {name: outcomes(suite) for name, suite in suites(report).items()}
    assert found == {
        "a.yaml": (1, 1, 0, 0),
        "chart": (1, 0, 0, 1),
        "clean.yaml": (1, 0, 0, 0),
        "template.yaml": (1, 0, 0, 1),
    }
    text = shown("junit", report)
    assert all(f"a.yaml:{line}:1: " in text for line in (1, 2, 3))


@pytest.mark.parametrize(
    ("severities", "rule", "expected"),
    [
        ([INFO], "duplicate-key", (1, 0, 0, 1)),
        ([INFO, WARNING], "duplicate-key", (1, 1, 0, 0)),
        ([ERROR], "internal-error", (1, 0, 1, 0)),
    ],
)
def test_junit_fails_for_what_fails_a_run(severities, rule, expected):
    [suite] = suites(made(severities, rule=rule)).values()
    assert outcomes(suite) == expected


def test_junit_of_nothing():
    JUNIT.validate(shown("junit", Report()))


def test_the_summary_stays_within_what_github_takes():
    report = made([INFO, ERROR] * 3000, message="[" * 600, help_text="]" * 600)
    text = shown("summary", report)
    rows = [line for line in text.splitlines() if line.startswith(("| error", "| info"))]
    assert LIMIT - 10_000 < len(text.encode()) < 1024 * 1024 - 50_000
    assert text.endswith(f"\n{len(report.findings) - len(rows)} more findings left out here.\n")
    assert all(row.startswith("| error") for row in rows)


@pytest.mark.parametrize("text", ["漢", "😀", "é", "a😀"])
def test_the_summary_is_cut_between_rows_whatever_a_character_takes(text):
    written = shown("summary", made([ERROR] * 4000, message=text * 300)).encode()
    assert LIMIT - 2_000 < len(written) < 1024 * 1024 - 50_000
    lines = written.decode().splitlines()
    assert lines[-1].endswith(" more findings left out here.") and lines[-3].startswith("| error | duplicate-key |")


def test_the_summary_of_nothing_says_so():
    assert shown("summary", Report()) == "### kubelint\n\nNothing found in 0 files, 0 objects.\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\ud83d\ude00", '"\\ud83d\\ude00"'),
        ("😀", '"\\ud83d\\ude00"'),
        ("a\udcffb", '"a\\\\udcffb"'),
        ("\\\udcff\\", '"\\\\\\\\udcff\\\\"'),
        ("\\ud800", '"\\\\ud800"'),
        ("###[error] ## x", '"##\\u0023[error] ## x"'),
        ("é\x1b", '"\\u00e9\\u001b"'),
    ],
)
def test_json_for_any_reader(text, written):
    assert dumps(text) == written
    back = json.loads(written)
    assert back.encode() and ("\udcff" in text or back == text.encode("utf-16", "surrogatepass").decode("utf-16"))


def secret(value):
    twice = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '1', k: '2'}\n---\n"
    return (
        f"{twice}apiVersion: v1\nkind: Secret\nmetadata: {{name: s, name: t}}\nstringData: {{p: {value}, p: {value}}}\n"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_that_is_shown_depends_on_a_secret(form):
    values = ("Kq7vXz2LmNw9Rt4B", "correct-horse-ba", "aaaaaaaaaaaaaaaa", "Zm9vYmFyYmF6cXV4")
    reports = [lint_texts({"a.yaml": secret(value)}, select=("inputs",)) for value in values]
    assert len(reports[0].findings) == 3
    for report in reports:
        report.duration_ms = 0
    assert len({shown(form, report) for report in reports}) == 1
