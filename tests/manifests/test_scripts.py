"""The scripts of a project: which there are, what they start with, and where their words stand."""

from __future__ import annotations

from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests.documents import Document
from kubelint.manifests.project import Project
from kubelint.manifests.shell.commands import Word
from kubelint.manifests.shell.scripts import Script
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind

FILE = ".github/workflows/ci.yaml"
OTHER = "- {uses: actions/checkout@v5, with: {repository: shop/other, path: o}}"


def project(files: dict[str, str]) -> tuple[Project, Places]:
    sources = {name: read_documents(name, text) for name, text in files.items() if name.endswith((".yaml", ".yml"))}
    others = {name: SourceFile(name, text) for name, text in files.items() if name not in sources}
    texts = [TextFile(name, text_kind(name), lambda name=name: others[name]) for name in others]  # type: ignore[misc,arg-type]
    documents = [Document(document) for source in sources.values() for document in source.documents]
    return Project(documents, texts=texts), Places({**sources, **others})


def scripts(text: str, file: str = FILE) -> list[Script]:
    return project({file: text})[0].scripts


def step(text: str, around: str = "", runs_on: str = "ubuntu-latest") -> Script:
    head = f"{around}jobs:\n  build:\n    runs-on: {runs_on}\n    steps:\n"
    return scripts(head + indent(f"- {indent(text, '  ').strip()}\n", "      "))[-1]


def shown(places: Places, word: Word) -> str:
    place = places.find(Location.of(word.at))
    return places.files[place.path].text[place.span.start : place.span.end]


@pytest.mark.parametrize(
    "run",
    [
        "run: helm upgrade shop ./chart -n prod",
        "run: 'helm upgrade shop ./chart -n prod'",
        'run: "helm upgrade shop ./chart -n prod"',
        "run: |\n  helm upgrade shop \\\n    ./chart -n prod\n",
        "run: |-\n\n  # é\n  helm upgrade shop ./chart -n prod",
        "run: >\n  helm upgrade shop\n  ./chart -n prod\n",
        "run: >-\n  helm upgrade\n  shop ./chart\n  -n prod",
        "run: helm upgrade shop\n  ./chart -n prod",
        'run: "helm upgrade \\u0073hop\\\n  \\  ./chart -n prod"',
        "{name: a, run: helm upgrade shop ./chart -n prod}",
    ],
)
def test_words_of_a_step_stand_where_they_are_written(run: str) -> None:
    flow = f"jobs:\n  build:\n    runs-on: a\n    steps:\n      - {indent(run, '        ').strip()}\n"
    found, places = project({FILE: flow})
    (command,) = found.scripts[0].commands
    assert [word.text for word in command.words] == ["helm", "upgrade", "shop", "./chart", "-n", "prod"]
    (namespace,) = command.option("-n", "--namespace")
    assert shown(places, namespace) == "prod"
    assert shown(places, command.words[0]) == "helm"
    assert shown(places, command.words[3]) == "./chart"


_WORD = st.text(st.sampled_from("abz0-./:=éÀ日_"), min_size=1, max_size=9).filter(lambda text: text[0] not in "-=")
_SCRIPT = st.lists(st.lists(_WORD, min_size=1, max_size=4), min_size=1, max_size=4)


@settings(deadline=None)
@given(_SCRIPT, st.integers(1, 4), st.sampled_from(["|", "|-", "|+", "|2"]), st.booleans())
def test_any_word_of_a_literal_block_stands_where_it_is_written(
    lines: list[list[str]], depth: int, header: str, crlf: bool
) -> None:
    depth = 2 if header == "|2" else depth
    body = indent("\n".join(" ".join(line) for line in lines), " " * (8 + depth))
    text = f"jobs:\n  build:\n    steps:\n      - name: é\n        run: {header}\n{body}\n"
    _agree(text.replace("\n", "\r\n") if crlf else text, lines, exact=True)


@settings(deadline=None)
@given(_SCRIPT, st.sampled_from(["folded", "single", "double", "plain"]))
def test_any_word_of_another_scalar_stands_where_it_is_written(lines: list[list[str]], style: str) -> None:
    flat = [word for line in lines for word in line]
    if style == "folded":
        value = ">-\n" + indent("\n".join(" ".join(line) for line in lines), " " * 10)
    elif style == "single":
        value = "'" + "\n          ".join("''".join(line) for line in lines) + "'"
        flat = []
    elif style == "double":
        value = '"' + "\n          ".join(" ".join(line) for line in lines) + '"'
    else:
        value = "x " + "\n          ".join(" ".join(line) for line in lines)
        flat = ["x", *flat]
        if ": " in value or " #" in value or ":\n" in value or value.endswith(":"):
            return
    _agree(f"jobs:\n  build:\n    steps:\n      - run: {value}\n", [flat] if flat else [], exact=style != "single")


def _agree(text: str, lines: list[list[str]], exact: bool) -> None:
    found, places = project({FILE: text})
    (script,) = found.scripts
    read = [[word.raw for word in command.words] for command in script.commands if command.words]
    if exact and not any("=" in line[0] for line in lines):
        assert read == lines
    for command in script.commands:
        for word in command.words:
            written = shown(places, word)
            assert written == word.raw or (written[0], written[-1]) == (word.raw[0], word.raw[-1])


@pytest.mark.parametrize(
    ("text", "runs_on", "shell"),
    [
        ("run: a", "ubuntu-latest", "bash"),
        ("run: a", "windows-latest", "pwsh"),
        ("run: a", "[self-hosted, Windows]", "pwsh"),
        ("run: a", "${{ inputs.runner }}", "bash"),
        ("{run: a, shell: sh}", "windows-latest", "sh"),
        ("{run: a, shell: 'bash --noprofile -eo pipefail {0}'}", "a", "bash"),
        ("{run: a, shell: /bin/bash}", "a", "bash"),
        ("{run: a, shell: python}", "a", "python"),
        ("{run: a, shell: '${{ matrix.shell }}'}", "a", None),
    ],
)
def test_shell(text: str, runs_on: str, shell: str | None) -> None:
    found = step(text, runs_on=runs_on)
    assert found.shell == shell
    assert bool(found.commands) is (shell in ("bash", "sh"))


def test_default_shell() -> None:
    assert step("run: a", "defaults: {run: {shell: pwsh}}\n").shell == "pwsh"


@pytest.mark.parametrize(
    ("text", "around", "directory"),
    [
        ("run: a", "", ""),
        ("{run: a, working-directory: charts/}", "", "charts"),
        ("{run: a, working-directory: ./charts}", "defaults: {run: {working-directory: apps}}\n", "charts"),
        ("run: a", "defaults: {run: {working-directory: apps}}\n", "apps"),
        ("{run: a, working-directory: '${{ matrix.x }}'}", "", None),
        ("{run: a, working-directory: /tmp}", "", None),
        ("{run: a, working-directory: ../x}", "", None),
    ],
)
def test_working_directory(text: str, around: str, directory: str | None) -> None:
    assert step(text, around).working_directory == directory


@pytest.mark.parametrize(
    ("checkouts", "written", "directory"),
    [
        ("- uses: actions/checkout@v5", "x", "x"),
        ("- {uses: actions/checkout@v5, with: {path: src}}", "src/x", "x"),
        ("- {uses: actions/checkout@v5, with: {path: src}}", "x", None),
        ("- {uses: actions/checkout@v5, with: {path: src}}", "srcx", None),
        ("- {uses: actions/checkout@v5, with: {repository: shop/other}}", "x", None),
        (f"{OTHER}\n- uses: actions/checkout@v5", "o/x", None),
        (f"{OTHER}\n- uses: actions/checkout@v5", "x", "x"),
        ("- {uses: actions/checkout@v5, with: {path: '${{ inputs.p }}'}}", "x", None),
    ],
)  # fmt: skip
def test_working_directory_under_checkouts(checkouts: str, written: str, directory: str | None) -> None:
    steps = indent(f"{checkouts}\n- run: a\n  working-directory: {written}\n", "      ")
    (found,) = scripts(f"jobs:\n  build:\n    runs-on: a\n    steps:\n{steps}")
    assert found.working_directory == directory


def test_directory_of_a_repository_within_the_tree() -> None:
    text = "jobs: {build: {runs-on: a, steps: [{run: helm lint ./chart}]}}"
    (found,) = scripts(text, "apps/shop/.github/workflows/ci.yaml")
    assert (found.repository, found.working_directory) == ("apps/shop", "apps/shop")
    (command,) = found.commands
    assert command.path(command.words[2]) == "apps/shop/chart"


@pytest.mark.parametrize(
    ("workflow", "job", "own", "known"),
    [
        ("{N: a}", "{}", "{}", "a"),
        ("{N: a}", "{N: b}", "{}", "b"),
        ("{N: a}", "{N: b}", "{N: c}", "c"),
        ("{N: 3}", "{}", "{}", "3"),
        ("{N: a}", "{N: '${{ inputs.n }}'}", "{}", None),
        ("{N: a}", "{}", "{N: '${{ inputs.n }}'}", None),
        ("{N: true}", "{}", "{}", None),
        ("{}", "{}", "{}", None),
        ("[N]", "3", "{}", None),
    ],
)
def test_variables_that_a_step_starts_with(workflow: str, job: str, own: str, known: str | None) -> None:
    text = f"env: {workflow}\njobs: {{build: {{env: {job}, steps: [{{run: 'x $N ${{{{ env.N }}}}', env: {own}}}]}}}}"
    (found,) = scripts(text)
    assert found.env.get("N") == known
    assert [word.text for word in found.commands[0].words[1:]] == [known, known]


def test_variables_that_a_step_changes_for_those_after_it() -> None:
    text = "env: {N: a}\njobs: {build: {steps: [{run: 'echo N=b >> $GITHUB_ENV'}, {run: 'x $N'}]}}"
    assert [script.env for script in scripts(text)] == [{}, {}]


def test_composite_actions() -> None:
    text = (
        "runs:\n  using: composite\n  steps:\n    - run: helm ls\n      shell: bash\n    - run: ls\n      shell: pwsh\n"
    )
    first, second = scripts(text, ".github/actions/deploy/action.yaml")
    assert (first.kind, first.shell, second.shell) == ("action", "bash", "pwsh")
    assert first.step is not None and first.step.action is not None
    assert [command.name for command in first.commands] == ["helm"]


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("helm ls", "sh"),
        ("#!/bin/bash\nhelm ls", "bash"),
        ("#!/usr/bin/env bash\nhelm ls", "bash"),
        ("#!/usr/bin/env -S bash -e\nhelm ls", "bash"),
        ("#! /bin/sh -e\r\nhelm ls", "sh"),
        ("#!/usr/bin/env python3\nimport os", "python3"),
        ("#!", None),
    ],
)
def test_shell_files(text: str, shell: str | None) -> None:
    found, places = project({"scripts/deploy.sh": text})
    (script,) = found.scripts
    assert (script.kind, script.shell, script.working_directory) == ("shell", shell, None)
    if shell in ("sh", "bash"):
        assert [shown(places, word) for word in script.commands[0].words] == ["helm", "ls"]
    else:
        assert not script.commands


def test_scripts_of_containers() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    - name: one
      image: a
      command: [kubectl, delete, node, 'n1', $(NODE)]
    - name: two
      image: a
      command: [/bin/sh, -ec]
      args:
        - |
          set -e
          helm upgrade shop ./chart
    - {name: three, image: a}
    - {name: four, image: a, args: [x]}
    - {name: five, image: a, command: 3, args: {a: b}}
    - {name: six, image: a, command: [sleep, 5]}
"""
    found, places = project({"pod.yaml": text})
    one, two, six = found.scripts
    assert (one.kind, one.container and one.container.name) == ("container", "one")
    assert [word.text for word in one.commands[0].words] == ["kubectl", "delete", "node", "n1", None]
    assert shown(places, one.commands[0].words[3]) == "n1"
    assert [command.name for command in two.commands] == ["sh", "set", "helm"]
    assert shown(places, two.commands[2].words[3]) == "./chart"
    assert two.mentions("helm") and not one.mentions("helm")
    assert [word.text for word in six.commands[0].words] == ["sleep", "5"]
    assert shown(places, six.commands[0].words[1]) == "5"


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {a: {steps: 3}}",
        "jobs: {a: {steps: [3, [], {run: 3}, {run: {a: b}}, {run: }]}}",
        "env: x\ndefaults: [a]\njobs: {a: {env: [b], defaults: 3, steps: [{run: a, env: 3}]}}",
        "jobs: {a: {steps: [{run: a, shell: [x], working-directory: {a: b}}]}}",
        "jobs: {a: {runs-on: {a: b}, steps: [{uses: 3, with: x}, {run: a}]}}",
        "jobs: {a: {steps: [{uses: actions/checkout@v5, with: {path: 3}}, {run: a}]}}",
        "jobs: {a: {steps: [{run: '${{ x }}'}]}}",
    ],
)
def test_odd_workflows_are_read(text: str) -> None:
    for script in scripts(text):
        assert script.commands is not None and script.working_directory in ("", None)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    def read() -> SourceFile:
        raise AssertionError

    found = Project([], texts=[TextFile("a.sh", text_kind("a.sh"), read)])  # type: ignore[arg-type]
    assert [script.file for script in found.scripts] == ["a.sh"]
