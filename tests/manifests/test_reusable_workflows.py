"""Reusable workflows: what the jobs of one ask for, call by call."""

from __future__ import annotations

from textwrap import dedent

import pytest
from effort import grows_linearly

from kubelint.manifests.documents import Document
from kubelint.manifests.github.reusable import DEEPEST, MOST, ReusableWorkflows
from kubelint.manifests.github.workflows import Workflow, read_workflow
from kubelint.sources import read_documents

CALLED = """
on:
  workflow_call:
    inputs:
      runner: {type: string, default: usual}
      runners: {type: string}
      group: {type: string}
jobs:
  work:
"""


def flow(name: str, text: str) -> Workflow:
    found = read_workflow(Document(read_documents(f".github/workflows/{name}.yaml", dedent(text)).documents[0]))
    assert found is not None
    return found


def called(work: str) -> Workflow:
    return flow("called", CALLED + "".join(f"    {line}\n" for line in work.splitlines()))


def calling(call: str, name: str = "ci", on: str = "push") -> Workflow:
    uses = "uses: ./.github/workflows/called.yaml"
    return flow(name, f"on: {on}\njobs:\n  a:\n    {uses}\n" + "".join(f"    {line}\n" for line in call.splitlines()))


def asked(*workflows: Workflow) -> list[tuple[str, ...]]:
    """What the first workflow's first job asks for."""
    found = ReusableWorkflows(workflows).runners(workflows[0].jobs[0])
    return [one.texts for runner in found for one in runner.alternatives]


RUNNER = called("runs-on: ${{ inputs.runner }}")


@pytest.mark.parametrize(
    ("call", "labels"),
    [
        ("with: {runner: gpu}", [("gpu",)]),
        ("with: {Runner: gpu}", [("gpu",)]),
        ("with: {runner: 7}", [("7",)]),
        ("with: {runner: ''}", []),
        ("with: {runner: '${{ vars.R }}'}", []),
        ("with: '${{ vars.R }}'", []),
        ("", [("usual",)]),
        ("with: [a]", [("usual",)]),
        ("if: false\nwith: {runner: gpu}", []),
        ("strategy: {matrix: {r: [x, z]}}\nwith: {runner: '${{ matrix.r }}'}", [("x",), ("z",)]),
        ("strategy: {matrix: {r: [x, z]}}\nwith: {runner: 'a-${{ matrix.r }}'}", [("a-x",), ("a-z",)]),
        ("strategy: {matrix: {r: [x, z]}}\nwith: {runner: gpu}", [("gpu",)]),
        ("strategy: {matrix: '${{ x }}'}\nwith: {runner: '${{ matrix.r }}'}", []),
    ],
)
def test_what_a_call_gives(call: str, labels: list[tuple[str, ...]]) -> None:
    assert asked(RUNNER, calling(call)) == labels


def test_every_call_counts_and_stands_where_it_is_written() -> None:
    calls = ReusableWorkflows([RUNNER, calling("with: {runner: gpu}"), calling("with: {runner: gpu}", "more")])
    found = [
        label.field for runner in calls.runners(RUNNER.jobs[0]) for one in runner.alternatives for label in one.labels
    ]
    assert [field.document.file for field in found] == [".github/workflows/ci.yaml", ".github/workflows/more.yaml"]
    assert {field.path for field in found} == {("jobs", "a", "with", "runner")}


def test_nothing_is_known_of_a_workflow_that_nobody_calls() -> None:
    (runner,) = ReusableWorkflows([RUNNER]).runners(RUNNER.jobs[0])
    assert runner.unknown and not runner.alternatives


@pytest.mark.parametrize(
    ("work", "call", "labels"),
    [
        ("runs-on: [self-hosted, '${{ inputs.runner }}']", "with: {runner: gpu}", [("self-hosted", "gpu")]),
        ("runs-on: ${{ fromJSON(inputs.runners) }}", "with: {runners: '[\"a\", \"b\"]'}", [("a", "b")]),
        ("runs-on: ${{ fromJSON(inputs.runners) }}", "with: {runners: '[a'}", []),
        ("runs-on: ${{ inputs.runner || 'x' }}", "with: {runner: ''}", [("x",)]),
        ("runs-on: ${{ inputs.runners || inputs.runner }}", "", [("usual",)]),
        ("runs-on: ${{ inputs.undeclared || 'x' }}", "with: {undeclared: a}", [("x",)]),
        (
            "runs-on: ${{ matrix.r }}\nstrategy: {matrix: {r: ['${{ inputs.runner }}', z]}}",
            "with: {runner: gpu}",
            [("gpu",), ("z",)],
        ),
        (
            "runs-on: ${{ matrix.r }}\nstrategy: {matrix: {r: '${{ fromJSON(inputs.runners) }}'}}",
            "with: {runners: '[\"a\", \"b\"]'}",
            [("a",), ("b",)],
        ),
        ("runs-on: static", "with: {runner: gpu}", [("static",)]),
    ],
)  # fmt: skip
def test_what_becomes_of_it(work: str, call: str, labels: list[tuple[str, ...]]) -> None:
    assert asked(called(work), calling(call)) == labels


def test_a_group_that_the_caller_names() -> None:
    workflow = called("runs-on: {group: '${{ inputs.group }}', labels: a}")
    (runner,) = ReusableWorkflows([workflow, calling("with: {group: builders}")]).runners(workflow.jobs[0])
    assert (runner.group, runner.unknown) == ("builders", False)


def test_calls_through_another_workflow() -> None:
    between = flow(
        "between",
        """
        on: {workflow_call: {inputs: {on: {type: string}}}}
        jobs:
          b: {uses: ./.github/workflows/called.yaml, with: {runner: "${{ inputs.on }}-big"}}
        """,
    )
    outer = flow("outer", "on: push\njobs:\n  c: {uses: ./.github/workflows/between.yaml, with: {on: arc}}\n")
    assert asked(RUNNER, between, outer) == [("arc-big",)]


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [
        ("{r: {default: gpu}}", [("gpu",)]),
        ("{r: {type: choice, options: [a, b, c], default: b}}", [("b",), ("a",), ("c",)]),
        ("{r: {type: choice, options: [a, b]}}", [("a",), ("b",)]),
        ("{r: {type: string, required: true}}", []),
        ("{r: {type: string}}", []),
        ("{r: }", []),
        ("[r]", []),
    ],
)
def test_runs_that_are_started_by_hand(inputs: str, labels: list[tuple[str, ...]]) -> None:
    workflow = flow(
        "ci", f"on: {{workflow_dispatch: {{inputs: {inputs}}}}}\njobs: {{a: {{runs-on: '${{{{ inputs.r }}}}'}}}}"
    )
    assert asked(workflow) == labels


def test_an_input_is_empty_in_a_run_that_nobody_gave_it() -> None:
    on = "on: {push: , workflow_dispatch: {inputs: {r: {default: gpu}}}}"
    text = f"{on}\njobs: {{a: {{runs-on: \"${{{{ inputs.r || 'x' }}}}\"}}}}"
    assert asked(flow("ci", text)) == [("gpu",), ("x",)]


@pytest.mark.parametrize(
    "text",
    [
        "on: {workflow_call: }\njobs: {work: {uses: ./.github/workflows/ci.yaml, runs-on: '${{ inputs.a }}'}}",
        "on: {workflow_call: 3}\njobs: {work: {uses: ./.github/workflows/ci.yaml}, b: {runs-on: '${{ inputs.a }}'}}",
        "on: {workflow_call: {inputs: [a]}, workflow_dispatch: 3}\njobs: {b: {runs-on: '${{ inputs.a }}'}}",
        "on: {workflow_call: {inputs: {a: 3}}, workflow_dispatch: {inputs: {a: {options: 3}}}}\n"
        "jobs: {b: {runs-on: '${{ inputs.a }}', strategy: 3}}",
        "on: workflow_call\njobs: {b: {runs-on: '${{ inputs.a }}', with: 3}}",
    ],
)
def test_odd_workflows(text: str) -> None:
    workflow = flow("ci", text)
    calls = ReusableWorkflows([workflow])
    assert all(not runner.alternatives for job in workflow.jobs for runner in calls.runners(job))


def chain(length: int) -> list[Workflow]:
    found = [RUNNER, calling("with: {runner: '${{ inputs.r }}'}", "w0", "{workflow_call: {inputs: {r: {}}}}")]
    for index in range(1, length):
        uses = f"uses: ./.github/workflows/w{index - 1}.yaml, with: {{r: '${{{{ inputs.r }}}}'}}"
        found.append(flow(f"w{index}", f"on: {{workflow_call: {{inputs: {{r: {{}}}}}}}}\njobs: {{a: {{{uses}}}}}\n"))
    last = f"uses: ./.github/workflows/w{length - 1}.yaml, with: {{r: gpu}}"
    return [*found, flow("last", f"on: push\njobs: {{a: {{{last}}}}}\n")]


def test_as_many_levels_as_github_takes() -> None:
    assert asked(*chain(DEEPEST - 2)) == [("gpu",)]
    assert asked(*chain(500)) == []


def test_calls_in_a_circle() -> None:
    circle = "on: [workflow_call, push]\njobs: {a: {uses: ./.github/workflows/called.yaml}}"
    back = CALLED + "    runs-on: ${{ inputs.runner }}\n  again: {uses: ./.github/workflows/ci.yaml}\n"
    assert asked(flow("called", back), flow("ci", circle)) == [("usual",)]


def many(size: int) -> list[tuple[str, ...]]:
    work = "".join(f"  work{index}: {{runs-on: '${{{{ inputs.runner }}}}'}}\n" for index in range(20))
    calls = [calling(f"with: {{runner: r{index}}}", f"w{index}") for index in range(size)]
    return asked(flow("called", CALLED.replace("  work:\n", work)), *calls)


def test_work_grows_with_the_calls() -> None:
    assert len(many(MOST + 44)) == MOST
    assert grows_linearly(many, 40)
