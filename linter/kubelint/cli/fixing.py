"""`--fix` and `--diff`: put fixes into files, or show what they would change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from kubelint.checks import Applicability
from kubelint.cli.errors import UsageProblem
from kubelint.cli.workspace import Workspace
from kubelint.config.model import Settings
from kubelint.engine.fixing.diffs import diff
from kubelint.engine.fixing.fixer import ROUNDS, Fixer, Outcome
from kubelint.engine.fixing.unseen import secret_lines
from kubelint.engine.fixing.writing import NotWritten, clear_temporaries, write
from kubelint.engine.reading import Input
from kubelint.engine.report import Report
from kubelint.reporters.style import clean
from kubelint.reporters.totals import count

_MARKS = {"utf-8-sig": "\ufeff"}
_NAMED = 3
"""How many files that could not be written are named."""


def fix(given: Input, lint: Callable[[Input], Report], workspace: Workspace, *, unsafe: bool) -> Outcome:
    """What fixing all findings comes to; nothing is written yet."""
    allowed = {Applicability.SAFE, *([Applicability.UNSAFE] if unsafe else [])}
    return Fixer(lint, frozenset(allowed), workspace.rendering_with).run(given)


def write_files(outcome: Outcome, root: Path, files: Iterable[str], doing: str = "fix") -> None:
    """Write what came of `doing` that, and clear what runs that were killed left behind in the folders of `files`.
    Raises UsageProblem where a file cannot be written; the others are.
    """
    clear_temporaries({(root / file).resolve().parent for file in files})
    failed = []
    for path, (before, after) in outcome.changed.items():
        try:
            write(root, path, before.text, after.text)
        except NotWritten as problem:
            failed.append(f"{path} ({problem})")
    written = len(outcome.changed) - len(failed)
    if not failed:
        _say(f"{doing}ed {count(outcome.fixed, 'finding')} in {count(written, 'file')}")
        return
    others = f" and {count(len(failed) - _NAMED, 'other')}" if len(failed) > _NAMED else ""
    names = f"{', '.join(failed[:_NAMED])}{others}"
    raise UsageProblem(f"cannot write {names}; {count(written, 'other file')} written", "run it again")


def show_diff(outcome: Outcome, workspace: Workspace, settings: Settings, doing: str = "fix") -> None:
    """Print what fixing would change."""
    files = [file for pair in outcome.changed.values() for file in pair]
    unseen = secret_lines(files[::2], workspace.registry, settings) | secret_lines(
        files[1::2], workspace.registry, settings
    )
    for path, (before, after) in sorted(outcome.changed.items()):
        text = diff(path, before.text, after.text, unseen, mark=_MARKS.get(before.encoding, ""))
        if not before.encoding.startswith("utf-8"):
            _say(f"{clean(path)}: not shown, since no diff can be of {before.encoding.upper()}")
        elif text is None:
            why = "what changes stands beside a secret, or holds what a terminal or a log would obey"
            _say(f"{clean(path)}: not shown, since {why}")
        else:
            sys.stdout.write(text)
    _say(f"would {doing} {count(outcome.fixed, 'finding')} in {count(len(outcome.changed), 'file')}")


def tell_refused(outcome: Outcome, doing: str = "fix") -> None:
    """Say which fixes were not made, and why."""
    for finding, found, reason in outcome.refused:
        where = f"{clean(finding.place.path)}:{finding.place.start.line}"
        what = f" ({clean(found.title)})" if found.title else ""
        _say(f"{where}: {finding.meta.id}: not {doing}ed{what}: {clean(reason)}")
    if outcome.unsettled:
        _say(f"stopped after {ROUNDS} rounds, each of which changed something: run it again, and look at what it does")


def _say(text: str) -> None:
    print(f"kubelint: {text}", file=sys.stderr)
