"""What tests share: linting a tree, copying a fixture with its invented credentials filled in, where the corpus is."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from invented import substitute

from kubelint.checks import Registry, load_rules
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.model import Settings
from kubelint.engine.linter import Input, Linter
from kubelint.engine.report import Report
from kubelint.sources.changes import Changes
from kubelint.sources.reading import read_bytes

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(os.environ.get("KUBELINT_SHARED", Path(__file__).parents[2] / "shared"))
REGISTRY: Registry = load_rules()
TODAY = date(2026, 11, 23)
BEFORE = ".before/"
"""The folder that holds a tree, or an example, as it was before the change that is linted."""

needs_corpus = pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the corpus is not beside this checkout")


def copied(fixture: Path, target: Path) -> Path:
    """A copy of the tree `fixture` in `target`, with `<invented:NAME>` replaced."""
    shutil.copytree(fixture, target, dirs_exist_ok=True)
    for path in target.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if b"<invented:" in data:
                path.write_bytes(substitute(data.decode()).encode())
    return target


def lint_tree(root: Path, **settings) -> Report:
    """The report on everything below `root`, with the configuration that stands there.

    Where it holds `.before`, that is the tree before a change, and the report is on the change.
    """
    workspace = Workspace(Request((str(root),), root=str(root), exclude=(BEFORE,)), REGISTRY)
    given = workspace.read()
    if (root / BEFORE).is_dir():
        then, now = contents(root / BEFORE), contents(root)
        given = given._replace(changes=changes(then, now))
    return Linter(REGISTRY, workspace.settings._replace(**settings), TODAY).run(given)


def contents(root: Path) -> dict[str, bytes]:
    """The files below `root` by their paths, without those in its own `.before`."""
    found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(BEFORE)}


def changes(before: dict[str, bytes], now: dict[str, bytes]) -> Changes:
    """How `now` differs from `before`, both files by their paths."""
    names = sorted({*before, *now})
    return Changes({name: before.get(name) for name in names if before.get(name) != now.get(name)})


def lint_texts(files: dict[str, str], **settings) -> Report:
    """The report on files given as text; what lies in `.before` is the tree before a change, as in `lint_tree`."""
    data = {name: text.encode() for name, text in files.items()}
    then = {name.removeprefix(BEFORE): data.pop(name) for name in files if name.startswith(BEFORE)}
    sources = [read_bytes(name, content) for name, content in data.items()]
    given = Input(sources, changes=changes(then, data) if then else None)
    return Linter(REGISTRY, Settings()._replace(**settings), TODAY).run(given)


def ids(report: Report) -> list[str]:
    """The rules of a report's findings, in order."""
    return [finding.meta.id for finding in report.findings]
