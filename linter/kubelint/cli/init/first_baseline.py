"""The offer to accept what is there, so that an old repository takes one commit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kubelint.checks import Category, load_rules
from kubelint.cli.baseline import write as write_baseline
from kubelint.cli.console import progress
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.model import BASELINE_NAME
from kubelint.engine.baseline import loaded
from kubelint.engine.linter import Linter
from kubelint.reporters.style import clean
from kubelint.reporters.totals import count

_LENGTH = 4096


def accept(ctx: click.Context, root: Path, *, asked: bool, force: bool) -> None:
    """Write a first baseline for `root` where that is `asked` for, or whoever sits at the terminal says yes to it."""
    path = root / BASELINE_NAME
    if path.exists() and not force:
        if asked:
            print(f"kept {shown(path)}")
        return
    if not asked and (path.exists() or not _wants(root)):
        return
    ctx.invoke(write_baseline, paths=(str(root),), root=str(root))
    print(f"wrote {shown(path)}: what is there is accepted, what comes is reported")
    if number := _secrets(path):
        verb = "is" if number == 1 else "are"
        print(f"{number} of that {verb} about secrets: rotate what is in git, and `kubelint baseline prune` forgets it")


def shown(path: Path) -> str:
    """A path for people: from where they are, if it lies there."""
    here = Path.cwd()
    return clean(str(path.relative_to(here) if path.is_relative_to(here) else path), _LENGTH)


def _wants(root: Path) -> bool:
    """Whether somebody is there to ask, there is something to accept, and the answer is yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    workspace = Workspace(Request((str(root),), root=str(root), render="auto"), load_rules())
    with progress("kubelint: reading and checking…"):
        number = len(Linter(workspace.registry, workspace.settings).run(workspace.read()).findings)
    if not number:
        return False
    there, them = ("is", "it") if number == 1 else ("are", "them")
    question = f"{count(number, 'finding')} {there} there already. Accept {them}, and report new ones only?"
    return click.confirm(question, err=True)


def _secrets(path: Path) -> int:
    """How many of the findings in a baseline are about secrets."""
    rules = {entry.meta.id for entry in load_rules() if entry.meta.category is Category.SECRETS}
    entries = loaded(path.read_text(encoding="utf-8"))
    return sum(entry.number for entry in entries if entry.rule in rules)
