"""A real report is what docs/report.schema.json says, a real configuration what kubelint.schema.json says, and neither
lets anything else pass.
"""

import copy
import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from linting import lint_texts, lint_tree

from kubelint.cli.main import run
from kubelint.reporters.json import as_data, render
from kubelint.reporters.style import Style

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def report():
    return lint_tree(ROOT / "examples" / "homelab")


def errors(data):
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_is_closed_and_complete():
    found = list(objects(SCHEMA))
    assert len(found) >= 7
    for schema in found:
        assert schema["additionalProperties"] is False
        assert sorted(schema["required"]) == sorted(schema["properties"])


def test_a_report_with_everything_in_it(report):
    data = json.loads(render(report, Style()))
    assert errors(data) == []
    findings = data["findings"]
    assert any(finding["related"] for finding in findings) and any(finding["fix"] for finding in findings)
    assert data["summary"]["findings"] == len(findings) > 0
    assert data["summary"]["skipped"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: clean}\n",
        "a: [\n",
        "# kubelint: ignore[no-such-rule]\na: 1\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice, name: twice}\n",
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: 7}\n",
        "{{ template }}\n",
        "",
    ],
)
def test_reports_about_little(text):
    assert errors(as_data(lint_texts({"a.yaml": text}))) == []


def test_the_schema_refuses_what_the_contract_does_not_know(report):
    good = as_data(report)
    for change in (
        lambda data: data.update(version=2),
        lambda data: data.update(extra=1),
        lambda data: data["summary"].pop("suppressed"),
        lambda data: data["findings"][0].update(line=0),
        lambda data: data["findings"][0].update(severity="fatal"),
        lambda data: data["findings"][0].update(rule="Not An Id"),
        lambda data: data["findings"][0].update(object={"kind": "Pod"}),
        lambda data: data["findings"][0].pop("fix"),
    ):
        data = copy.deepcopy(good)
        change(data)
        assert errors(data)


@pytest.fixture
def of_settings(capsys):
    """A validator by the schema that `kubelint config schema` prints."""
    assert run(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_schema_of_settings_is_the_one_that_is_committed(of_settings):
    assert of_settings.schema == json.loads((ROOT / "kubelint.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("kubelint.yaml")), ids=str)
def test_the_schema_of_settings_takes_real_ones(of_settings, path):
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert settings and not list(of_settings.iter_errors(settings))


@pytest.mark.parametrize(
    ("settings", "is_right"),
    [
        ({"fail-on": "warning"}, True),
        ({"fail-on": "fatal"}, False),
        ({"fail_on": "warning"}, False),
        ({"rules": {"duplicate-key": "error"}}, True),
        ({"rules": {"no-such-rule": "error"}}, False),
        ({"exclude": ["a"]}, True),
        ({"exclude": 1}, False),
        ({"cluster": {"nodes": {"a": {"architecture": "arm64"}}}}, True),
        ({"cluster": {"node": {}}}, False),
        ([], False),
    ],
)
def test_the_schema_of_settings_refuses_others(of_settings, settings, is_right):
    assert of_settings.is_valid(settings) is is_right
