"""Workflows: which files are some, which jobs they have, and what `runs-on` asks for."""

from __future__ import annotations

from textwrap import indent

import pytest

from kubelint.manifests.documents import Document
from kubelint.manifests.github.actions import Action, read_action
from kubelint.manifests.github.workflows import Workflow, WorkflowJob, read_workflow
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
        "runs-on: ${{ fromJSON(inputs.runner) }}",
        "runs-on: ${{ fromJSON('[') }}",
        "runs-on: ${{ fromJSON('{}') }}",
        "runs-on: ${{ matrix.os }}",
        "runs-on: ${{ inputs.runner || 'x' }}",
        "runs-on: ${{ matrix.os && 'x' }}\nstrategy: {matrix: {os: [a]}}",
        "runs-on: ${{ 'x' || inputs.runner == 'y' }}",
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


@pytest.mark.parametrize(
    ("expression", "matrix", "labels"),
    [
        ("matrix.os || 'x'", "{os: [a]}", [("a",)]),
        ("matrix.on || 'x'", "{os: [a]}", [("x",)]),
        ("matrix.on || 'x'", "{os: [a, b], include: [{os: b, on: z}]}", [("x",), ("z",)]),
        ("matrix.on || matrix.os || 'x'", "{os: [a]}", [("a",)]),
        ("matrix['os']", "{os: [a]}", [("a",)]),
        ("Matrix.OS", "{os: [a]}", [("a",)]),
        ("'x'", "{os: [a]}", [("x",)]),
        ("'it''s'", "{os: [a]}", [("it's",)]),
        ("matrix.os }}-${{ matrix.os", "{os: [a]}", [("a-a",)]),
        ("fromJSON(matrix.os)[0]", "{os: ['[1]']}", []),
        ("format('{0}', matrix.os)", "{os: [a]}", []),
    ],
)
def test_expressions(expression: str, matrix: str, labels: list[tuple[str, ...]]) -> None:
    found = asked(f"runs-on: ${{{{ {expression} }}}}\nstrategy: {{matrix: {matrix}}}")
    assert found == (labels, None, not labels)


@pytest.mark.parametrize(
    "matrix",
    [
        "{os: '${{ fromJSON(''[\"a\", \"b\"]'') }}'}",
        "'${{ fromJSON(''{\"os\": [\"a\", \"b\"]}'') }}'",
        '{include: \'${{ fromJSON(\'\'[{"os": "a"}, {"os": "b"}]\'\') }}\'}',
    ],
)
def test_matrix_as_json(matrix: str) -> None:
    assert asked(f"runs-on: ${{{{ matrix.os }}}}\nstrategy: {{matrix: {matrix}}}") == ([("a",), ("b",)], None, False)


def test_matrix_of_mappings() -> None:
    text = "runs-on: ${{ matrix.target.runner }}\nstrategy: {matrix: {target: [{runner: a}, {runner: b}]}}"
    assert asked(text) == ([("a",), ("b",)], None, False)


def test_matrix_value_that_is_an_expression_is_partial() -> None:
    text = "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a, '${{ vars.B }}']}}"
    assert asked(text) == ([("a",)], None, True)


def test_matrix_within_a_list() -> None:
    text = "runs-on: [self-hosted, '${{ matrix.arch }}']\nstrategy: {matrix: {arch: [x64, arm64]}}"
    assert asked(text) == ([("self-hosted", "x64"), ("self-hosted", "arm64")], None, False)


def test_several_expressions_are_read_row_by_row() -> None:
    text = "runs-on: [a, '${{ matrix.b }}', '${{ matrix.c }}']\nstrategy: {matrix: {b: [p, q], c: [r]}}"
    assert asked(text) == ([("a", "p", "r"), ("a", "q", "r")], None, False)


def test_expression_within_a_label() -> None:
    text = "runs-on: build-${{ matrix.arch }}-${{ matrix.size }}\nstrategy: {matrix: {arch: [x64, arm64], size: [2]}}"
    assert asked(text) == ([("build-x64-2",), ("build-arm64-2",)], None, False)


def test_excluded_rows_count_as_a_whole() -> None:
    text = "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [a, b], node: [1, 2], exclude: [{os: b, node: 1}]}}"
    assert asked(text) == ([("a",), ("b",)], None, False)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('runs-on: ${{ fromJSON(\'["self-hosted", "arm64"]\') }}', [("self-hosted", "arm64")]),
        ("runs-on: ${{ fromJson('\"gpu\"') }}", [("gpu",)]),
        ('runs-on: ${{ fromJSON(matrix.on) }}\nstrategy: {matrix: {on: [\'["a", "b"]\']}}', [("a", "b")]),
        ("runs-on: ['${{ fromJSON(''[\"a\", \"b\"]'') }}', c]", [("a", "b", "c")]),
    ],
)
def test_json_that_is_written_out(text: str, labels: list[tuple[str, ...]]) -> None:
    assert asked(text) == (labels, None, False)


def rows(matrix: str) -> list[dict[str, object]] | None:
    found = job(f"runs-on: a\nstrategy:\n  matrix: {matrix}").matrix()
    return None if found is None else [{name: field.value for name, field in row.items()} for row in found]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("", [{}]),
        ("{a: [1, 2]}", [{"a": 1}, {"a": 2}]),
        ("{a: [1, 2], b: [x, z]}", [{"a": 1, "b": "x"}, {"a": 1, "b": "z"}, {"a": 2, "b": "x"}, {"a": 2, "b": "z"}]),
        ("{a: []}", []),
        ("{a: [1, 2], exclude: [{a: 1}]}", [{"a": 2}]),
        ("{a: [1], exclude: [{a: 1, b: 2}]}", [{"a": 1}]),
        ("{a: [X], exclude: [{a: x}]}", []),
        ("{a: [1], exclude: [{a: true}]}", [{"a": 1}]),
        ("{include: [{a: 1}, {b: 2}]}", [{"a": 1}, {"b": 2}]),
        ("{a: [1, 2], include: [{a: 1, c: 3}]}", [{"a": 1, "c": 3}, {"a": 2}]),
        ("{a: [1, 2], include: [{c: 3}]}", [{"a": 1, "c": 3}, {"a": 2, "c": 3}]),
        ("{a: [1], include: [{a: 4}]}", [{"a": 1}, {"a": 4}]),
        ("{a: ['${{ x }}', 2]}", [{"a": "${{ x }}"}, {"a": 2}]),
        ("{a: [1], include: [{b: '${{ x }}'}]}", [{"a": 1, "b": "${{ x }}"}]),
        ("{a: [{b: 1}], exclude: [{a: {b: 1}}]}", []),
        ("'${{ fromJSON(x) }}'", None),
        ("{a: '${{ fromJSON(x) }}'}", None),
        ("{a: ['${{ x }}', 2], exclude: [{a: 2}]}", None),
        ("{a: [1], include: '${{ x }}'}", None),
        ("{a: [1], exclude: [3]}", None),
        ("{a: 1}", None),
        ("[1]", None),
        ("{a: [" + "1," * 300 + "]}", None),
        ("{a: [" + "1," * 20 + "], b: [" + "1," * 20 + "]}", None),
    ],
)
def test_matrix_combinations(matrix: str, expected: list[dict[str, object]] | None) -> None:
    assert rows(matrix) == expected


def test_matrix_as_documented() -> None:
    """The example of GitHub's documentation of `include`."""
    found = rows(
        "{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat},"
        " {fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}"
    )
    assert found == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


@pytest.mark.parametrize(
    ("uses", "kind", "name", "path", "ref", "pinned"),
    [
        ("actions/checkout@v5", "repository", "actions/checkout", "", "v5", False),
        ("Azure/setup-helm/sub/dir@" + "0" * 40, "repository", "azure/setup-helm/sub/dir", "sub/dir", "0" * 40, True),
        ("./.github/actions/x", "local", "", ".github/actions/x", "", False),
        ("./", "local", "", "", "", False),
        ("shop/flows/.github/workflows/a.yml@main", "repository", "shop/flows/.github/workflows/a.yml",
         ".github/workflows/a.yml", "main", False),
        ("docker://alpine@sha256:1", "docker", "", "", "", True),
    ],
)  # fmt: skip
def test_uses(uses: str, kind: str, name: str, path: str, ref: str, pinned: bool) -> None:
    found = job(f"runs-on: a\nsteps:\n  - uses: {uses}").steps[0].use
    assert found is not None
    assert (found.kind, found.name, found.path, found.ref, found.pinned) == (kind, name, path, ref, pinned)


@pytest.mark.parametrize("uses", ["", "x", "${{ inputs.x }}", "a/b", "3", "[a]", "a/b@${{ x }}"])
def test_uses_that_name_nothing_known(uses: str) -> None:
    assert job(f"runs-on: a\nsteps:\n  - uses: {uses}").steps[0].use is None


def test_the_parts_of_a_workflow() -> None:
    found = workflow(
        """
on:
  push: {branches: [main]}
  workflow_call:
    inputs: {environment: {type: string}}
env: {A: b}
permissions: read-all
concurrency: deploy
defaults:
  run: {shell: bash, working-directory: charts}
jobs:
  build:
    name: Build
    runs-on: a
    needs: lint
    if: always()
    timeout-minutes: 5
    continue-on-error: true
    environment: production
    container: {image: alpine}
    services: {db: {image: postgres}}
    steps:
      - {id: one, name: First, run: make, timeout-minutes: 3, working-directory: apps, if: false}
      - run: |
          make
          make install
  call:
    needs: [build, lint]
    uses: ./.github/workflows/deploy.yaml
    with: {environment: production}
    permissions: {contents: write}
"""
    )
    assert found is not None
    assert list(found.triggers) == ["push", "workflow_call"]
    assert list(found.call_inputs.value) == ["environment"]  # type: ignore[call-overload]
    build, call = found.jobs
    assert (build.name, call.name) == ("Build", "call")
    assert (build.needs, call.needs) == (["lint"], ["build", "lint"])
    assert (build.timeout_minutes.integer, build.continue_on_error.boolean) == (5, True)
    assert (build.permissions.text, call.permissions.get("contents").text) == ("read-all", "write")
    assert (build.environment.text, build.container.get("image").text) == ("production", "alpine")
    assert [(name, field.get("image").text) for name, field in build.services] == [("db", "postgres")]
    assert call.use is not None and call.use.path == ".github/workflows/deploy.yaml"
    assert call.inputs.get("environment").text == "production"
    first, second = build.steps
    assert (first.id, first.name, first.runs, first.index) == ("one", "First", False, 0)
    assert (second.id, second.name, second.runs, second.index) == (None, "make", True, 1)
    assert (first.shell.text, first.working_directory.text) == ("bash", "apps")
    assert second.working_directory.path == ("defaults", "run", "working-directory")


@pytest.mark.parametrize(
    ("on", "names"),
    [
        ("push", ["push"]),
        ("[push, pull_request]", ["push", "pull_request"]),
        ("{push: }", ["push"]),
        ("", []),
        ("3", []),
    ],
)
def test_triggers(on: str, names: list[str]) -> None:
    found = workflow(f"on: {on}\njobs: {{}}")
    assert found is not None and list(found.triggers) == names


def test_actions_in_the_tree() -> None:
    def action(file: str, text: str) -> Action | None:
        return read_action(Document(read_documents(file, text).documents[0]))

    text = "name: Set up\nruns:\n  using: composite\n  steps:\n    - {run: make, shell: bash}\n    - 3\n"
    found = action(".github/actions/set-up/action.yml", text)
    assert found is not None
    assert (found.name, found.folder, found.using) == ("Set up", ".github/actions/set-up", "composite")
    assert [step.run.text for step in found.steps] == ["make"]
    assert action(".github/actions/set-up/other.yml", text) is None
    assert action("action.yml", "a: b") is None


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
