"""Workflows: which files are some, which jobs they have, and what `runs-on` asks for."""

from __future__ import annotations

from textwrap import indent

import pytest

from kubelint.manifests.documents import Document
from kubelint.manifests.workflows import Workflow, WorkflowJob, read_workflow
from kubelint.sources import read_documents

FILE = ".github/workflows/ci.yaml"


def workflow(text: str, file: str = FILE) -> Workflow | None:
    found = [read_workflow(Document(document)) for document in read_documents(file, text).documents]
    return next((one for one in found if one), None)


def job(text: str) -> WorkflowJob:
    found = workflow("jobs:\n  build:\n" + indent(text, "    "))
    assert found is not None
    return found.jobs[0]


def asked(text: str) -> tuple[list[tuple[str, ...]], str | None, bool]:
    runner = job(text).runner()
    return [found.texts for found in runner.alternatives], runner.group, runner.unknown


@pytest.mark.parametrize(
    ("file", "is_one"),
    [
        (FILE, True),
        (".github/workflows/ci.yml", True),
        ("apps/shop/.github/workflows/ci.yml", True),
        (".github/workflows/ci.yaml.disabled", False),
        (".github/workflows/old/ci.yaml", False),
        (".github/actions/ci.yaml", False),
        ("github/workflows/ci.yaml", False),
        ("x.github/workflows/ci.yaml", False),
        (".github/workflows/ci.json", False),
        ("workflows/ci.yaml", False),
    ],
)
def test_files(file: str, is_one: bool) -> None:
    assert (workflow("jobs: {}", file) is not None) is is_one


def test_only_the_first_document_counts() -> None:
    found = workflow("name: one\n---\nname: two\n")
    assert found is not None and found.name == "one"


def test_name_is_that_of_the_file_by_default() -> None:
    found = workflow("jobs: {}")
    assert found is not None and found.name == "ci.yaml"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("runs-on: ubuntu-latest", [("ubuntu-latest",)]),
        ("runs-on: [self-hosted]", [("self-hosted",)]),
        ("runs-on:\n  - self-hosted\n  - linux", [("self-hosted", "linux")]),
        ("runs-on: 'self-hosted, linux'", [("self-hosted, linux",)]),
        ("runs-on: {labels: gpu}", [("gpu",)]),
        ("runs-on: {labels: [gpu, big]}", [("gpu", "big")]),
        ("runs-on: 42", [("42",)]),
    ],
)
def test_static_labels(text: str, labels: list[tuple[str, ...]]) -> None:
    assert asked(text) == (labels, None, False)


def test_group() -> None:
    assert asked("runs-on: {group: builders}") == ([], "builders", False)
    assert asked("runs-on: {group: builders, labels: [gpu]}") == ([("gpu",)], "builders", False)
    assert asked("runs-on: {group: '${{ vars.GROUP }}', labels: [gpu]}") == ([("gpu",)], None, True)


def test_labels_under_an_unknown_group_are_partial() -> None:
    (found,) = job("runs-on: {group: '${{ vars.GROUP }}', labels: [gpu]}").runner().alternatives
    assert found.partial


@pytest.mark.parametrize(
    "text",
    [
        "runs-on: ${{ inputs.runner }}",
        "runs-on: ${{ vars.RUNNER }}",
        "runs-on: ${{ github.event.repository.name }}-runner",
        "runs-on: ${{ fromJSON('[\"self-hosted\"]') }}",
        "runs-on: ${{ matrix.os }}",
        "runs-on: ${{ matrix.os || 'x' }}\nstrategy: {matrix: {os: [a]}}",
        "runs-on: ${{ matrix.os }}\nstrategy: {matrix: '${{ fromJSON(inputs.m) }}'}",
        "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: '${{ fromJSON(inputs.m) }}'}}",
        "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a], include: '${{ inputs.m }}'}}",
        "runs-on: {labels: '${{ inputs.runner }}'}",
    ],
)
def test_unknown(text: str) -> None:
    assert asked(text) == ([], None, True)


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        ("{os: [a, b]}", [("a",), ("b",)]),
        ("{os: [a], include: [{os: b}, {other: c}]}", [("a",), ("b",)]),
        ("{include: [{os: b, arch: x}]}", [("b",)]),
        ("{os: [[self-hosted, a], b]}", [("self-hosted", "a"), ("b",)]),
        ("{os: [a, b], exclude: [{os: b}]}", [("a",)]),
    ],
)
def test_matrix(matrix: str, labels: list[tuple[str, ...]]) -> None:
    assert asked(f"runs-on: ${{{{ matrix.os }}}}\nstrategy: {{matrix: {matrix}}}") == (labels, None, False)


def test_matrix_of_mappings() -> None:
    text = "runs-on: ${{ matrix.target.runner }}\nstrategy: {matrix: {target: [{runner: a}, {runner: b}]}}"
    assert asked(text) == ([("a",), ("b",)], None, False)


def test_matrix_value_that_is_an_expression_is_partial() -> None:
    text = "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a, '${{ vars.B }}']}}"
    assert asked(text) == ([("a",), ()], None, True)


def test_matrix_within_a_list() -> None:
    text = "runs-on: [self-hosted, '${{ matrix.arch }}']\nstrategy: {matrix: {arch: [x64, arm64]}}"
    assert asked(text) == ([("self-hosted", "x64"), ("self-hosted", "arm64")], None, False)


def test_two_expressions_in_a_list_are_not_multiplied() -> None:
    text = "runs-on: [a, '${{ matrix.b }}', '${{ matrix.c }}']\nstrategy: {matrix: {b: [x], c: [y]}}"
    assert asked(text) == ([("a",)], None, True)


def test_static_part_of_a_list() -> None:
    assert asked("runs-on: [self-hosted, linux, '${{ inputs.runner }}']") == ([("self-hosted", "linux")], None, True)
    (found,) = job("runs-on: [self-hosted, '${{ inputs.runner }}']").runner().alternatives
    assert found.partial


def test_a_label_knows_its_place() -> None:
    (found,) = job("runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a]}}").runner().alternatives
    assert found.labels[0].field.path == ("jobs", "build", "strategy", "matrix", "os", 0)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("runs-on: a", True),
        ("runs-on: a\nif: true", True),
        ("runs-on: a\nif: false", False),
        ("runs-on: a\nif: ${{ false }}", False),
        ("runs-on: a\nif: github.actor == 'x'", True),
        ("uses: ./.github/workflows/other.yaml", False),
    ],
)
def test_jobs_that_never_run_here(text: str, runs: bool) -> None:
    assert job(text).runs is runs


def test_reusable_workflow_has_no_runner() -> None:
    assert asked("uses: ./.github/workflows/other.yaml") == ([], None, False)


def test_steps() -> None:
    found = job("runs-on: a\nsteps:\n  - run: make\n  - uses: actions/checkout@v5")
    assert [step.get("run").text for step in found.steps] == ["make", None]


@pytest.mark.parametrize(
    "text", ["", "~", "- a", "3", "jobs:", "jobs: 3", "jobs: [a]", "jobs: {a: , b: 3, c: [x]}", "jobs: '${{ x }}'"]
)
def test_no_jobs(text: str) -> None:
    found = workflow(text)
    assert found is None or found.jobs == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[]",
        "[[a], b]",
        "[~, a]",
        "{}",
        "{group: }",
        "{group: [a]}",
        "{labels: {a: b}}",
        "true",
        "[{a: b}]",
        "{labels: [~]}",
        "''",
    ],
)
@pytest.mark.parametrize("matrix", ["", "3", "{os: 3}", "{include: [3, ~]}", "[a]"])
def test_never_raises(value: str, matrix: str) -> None:
    runner = job(f"runs-on: {value}\nstrategy:\n  matrix: {matrix}").runner()
    assert all(label.text for found in runner.alternatives for label in found.labels)
