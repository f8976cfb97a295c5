"""Fixes over real repositories: every file can still be read, git takes the diff, and a second run fixes nothing."""

import shutil
import subprocess

import pytest
from linting import REGISTRY, SHARED, TODAY, needs_corpus

from kubelint.checks import Applicability
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.fixing.diffs import diff
from kubelint.engine.fixing.fixer import Fixer, replaced
from kubelint.engine.linter import Linter

ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
REPOSITORIES = sorted(path.name for path in (SHARED / "corpus").glob("*/"))


@needs_corpus
@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")
@pytest.mark.parametrize("name", REPOSITORIES or ["none"])
def test_fixing_a_repository(name, tmp_path):
    root = SHARED / "corpus" / name
    workspace = Workspace(Request((str(root),), root=str(root), use_config=False), REGISTRY)
    linter, given = Linter(REGISTRY, workspace.settings, TODAY), workspace.read()
    outcome = Fixer(linter.run, ALL).run(given)
    assert not outcome.refused
    for path, (before, after) in outcome.changed.items():
        assert not after.problems
        copy = tmp_path / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(before.text.encode())
        text = diff(path, before.text, after.text)
        assert text is not None
        subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=tmp_path, check=True, capture_output=True)
        assert copy.read_bytes() == after.text.encode()
    fixed = replaced(given, {path: after.text for path, (_, after) in outcome.changed.items()})
    assert Fixer(linter.run, ALL).run(fixed).changed == {}
