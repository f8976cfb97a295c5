"""What the tests of rendering share: trees of files, charts, and engines that are no Helm."""

import os
import sys
from pathlib import Path

from linting import REGISTRY, TODAY

from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.linter import Linter

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


def tree(root: Path, files: dict[str, str]) -> Path:
    """`files` written below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def lint(root: Path, render: str = "auto", paths: tuple[str, ...] = (), **settings):
    """The report on the tree, charts rendered."""
    request = Request(tuple(str(root / path) for path in paths) or (str(root),), root=str(root), render=render)
    workspace = Workspace(request, REGISTRY)
    return Linter(REGISTRY, workspace.settings._replace(**settings), TODAY).run(workspace.read())


def fake_helm(folder: Path, monkeypatch, script: str) -> None:
    """A `helm` in `folder`, the only one on the PATH: a Python script with `arguments` and `text` (standard input)."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "helm"
    head = f"#!{sys.executable} -I\nimport os, sys, time\narguments, text = sys.argv[1:], sys.stdin.read()\n"
    program.write_text(head + script, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def without_helm(monkeypatch, tmp_path: Path) -> None:
    """No `helm` on the PATH: the library is what renders."""
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "nothing"), "/usr/bin", "/bin")))


def without_any(monkeypatch, tmp_path: Path) -> None:
    """No engine at all."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr("kubelint.rendering.engines.find_spec", lambda name: None)


def reasons(report) -> list[tuple[str, str]]:
    """What was not rendered, and why."""
    return [(entry.path, entry.reason) for entry in report.skipped if entry.reason.startswith("not rendered")]


def places(report) -> list[tuple[str, str, int, str]]:
    """Each finding's rule, path, line, and the text that it stands on."""
    return [
        (
            finding.meta.id,
            finding.place.path,
            finding.place.start.line,
            report.sources[finding.place.path].text[slice(*finding.place.span)],
        )
        for finding in report.findings
    ]
