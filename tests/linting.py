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
from kubelint.sources.reading import read_bytes

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(os.environ.get("KUBELINT_SHARED", Path(__file__).parents[2] / "shared"))
REGISTRY: Registry = load_rules()
TODAY = date(2026, 11, 23)

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
    """The report on everything below `root`, with the configuration that stands there."""
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    return Linter(REGISTRY, workspace.settings._replace(**settings), TODAY).run(workspace.read())


def lint_texts(files: dict[str, str], **settings) -> Report:
    """The report on files given as text."""
    sources = [read_bytes(name, text.encode()) for name, text in files.items()]
    return Linter(REGISTRY, Settings()._replace(**settings), TODAY).run(Input(sources))


def ids(report: Report) -> list[str]:
    """The rules of a report's findings, in order."""
    return [finding.meta.id for finding in report.findings]
