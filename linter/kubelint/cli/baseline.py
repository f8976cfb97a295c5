"""`kubelint baseline`, and what `kubelint check` leaves out because a baseline knows it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from posixpath import dirname
from typing import Any

import click

from kubelint.checks import load_rules
from kubelint.cli.completion import folders, paths, selectors
from kubelint.cli.errors import UsageProblem
from kubelint.cli.running import run, split
from kubelint.cli.workspace import STDIN, Request, Workspace
from kubelint.config.model import BASELINE_NAME
from kubelint.engine.baseline import BrokenBaseline, Entry, Match, dumped, entries_of, loaded, match
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.engine.report import Report
from kubelint.reporters.style import clean
from kubelint.reporters.totals import count

PATH_LENGTH = 4096


class Known:
    """A baseline and the run that it is held against."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self.path = path
        self.entries = _read(path)
        self.stale: list[Entry] = []
        self._workspace = workspace

    def without(self, report: Report, given: Input) -> Report:
        """The report without what the baseline knows."""
        match = self.match(report, given)
        new = {finding.identity for finding in match.new}
        kept = [finding for finding in report.findings if finding.identity in new]
        report.baselined = len(report.findings) - len(kept)
        report.findings = kept
        report.untouched = [finding for finding in report.untouched if finding.identity in new]
        self.stale = self.in_scope(match.left, report, given)
        return report

    def match(self, report: Report, given: Input) -> Match:
        """What the baseline says of a report; of findings that no change touched, too, which come first."""
        read = _files(given)
        there = {entry.file for entry in self.entries if self._exists(entry.file)}
        names = self._workspace.names
        findings = [*report.untouched, *report.findings]
        return match(self.entries, findings, read | there, lambda file: file in read and names(file))

    def in_scope(self, entries: Sequence[Entry], report: Report, given: Input) -> list[Entry]:
        """Those of `entries` that a run would have found: of rules that ran, in files that it was to lint."""
        if given.changes is not None:
            return []
        read, ran = _files(given), {entry.meta.id for entry in report.rules}
        found = [entry for entry in entries if entry.rule in ran and self._workspace.names(entry.file)]
        return [
            entry
            for entry in found
            if not self._exists(entry.file)
            or (entry.file in read and not (entry.rendered and not _was_rendered(entry.file, report)))
        ]

    def tell_stale(self) -> None:
        """Say on stderr how much of the baseline is gone."""
        if self.stale:
            number = sum(entry.number for entry in self.stale)
            gone = f"{count(number, 'finding')} of the baseline {'is' if number == 1 else 'are'} gone"
            _say(f"{gone}; `kubelint baseline prune` takes {'it' if number == 1 else 'them'} out")

    def _exists(self, file: str) -> bool:
        try:
            return (self._workspace.root / file).exists()
        except (OSError, ValueError):
            return False


def _was_rendered(file: str, report: Report) -> bool:
    """Whether something was rendered from a file, or from what lies beside or below it: its values, or a patch."""
    folder = f"{dirname(file)}/" if "/" in file else ""
    return any(origin.startswith(folder) for origin in report.rendered)


def known(workspace: Workspace, named: str | None) -> Known | None:
    """The baseline `named`, else the one at the project's root; None where there is none. Raises UsageProblem."""
    if named is not None:
        if Path(named).is_dir():
            raise UsageProblem(f"--baseline {named} is a directory", "name a file")
        if not Path(named).is_file():
            raise UsageProblem(f"no such file: {named}", f"`kubelint baseline write --baseline {named}` makes it")
        return Known(workspace, Path(named))
    path = workspace.root / BASELINE_NAME
    if not path.is_file():
        return None
    _refuse_link(path, workspace)
    return Known(workspace, path)


def _refuse_link(path: Path, workspace: Workspace) -> None:
    if not path.resolve().is_relative_to(workspace.root):
        raise UsageProblem(f"{path} is a link that leaves the project", "name the baseline with --baseline")


def _read(path: Path) -> list[Entry]:
    try:
        return loaded(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}") from None
    except (UnicodeDecodeError, BrokenBaseline) as problem:
        reason = str(problem) if isinstance(problem, BrokenBaseline) else "it is not UTF-8"
        hint = "take it back from git, or remove it and run `kubelint baseline write`"
        raise UsageProblem(f"{path} is no baseline: {reason}", hint) from None


def _files(given: Input) -> frozenset[str]:
    return frozenset({*(file.path for file in given.files), *(text.path for text in given.texts)})


@click.group("baseline", no_args_is_help=False)
def command() -> None:
    """Accept what is there, and report what comes.

    The baseline is a file of findings that `kubelint check` does not report: kubelint-baseline.json at the project's
    root, or the one that --baseline names. It knows them by rule, object and field, never by line.
    """


def _options(function: Callable[..., int]) -> Callable[..., int]:
    """The options of the commands that lint."""
    for option in (
        click.option("--render", type=click.Choice(["auto", "never", "always"]), default="auto", help="As for check."),
        click.option("--ignore", multiple=True, metavar="A,B", shell_complete=selectors, help="Leave these alone."),
        click.option(
            "--select",
            multiple=True,
            metavar="A,B",
            shell_complete=selectors,
            help="Only these rules, categories, or incident:N.",
        ),
        click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these paths alone (gitignore pattern)."),
        click.option(
            "--root",
            metavar="DIR",
            shell_complete=folders,
            help="The project's root. [nearest configuration, or git root]",
        ),
        click.option("--no-config", is_flag=True, help="Use no configuration."),
        click.option("--config", metavar="FILE", shell_complete=paths, help="Use this configuration."),
        click.option(
            "--baseline", metavar="FILE", shell_complete=paths, help=f"The baseline. [{BASELINE_NAME} at the root]"
        ),
        click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=paths),
    ):
        function = option(function)
    return function


@command.command("write")
@_options
def write(**options: Any) -> int:
    """Take up everything that is found in PATHs (default: the current directory).

    Entries for other files, and for rules that do not run, stay.
    """
    workspace, report, given = _lint(options)
    path = _target(workspace, options["baseline"])
    entries: list[Entry] = []
    if path.is_file():
        old = Known(workspace, path)
        left = old.match(report, given).left
        scope = old.in_scope(left, report, given)
        entries = [entry for entry in left if entry not in scope]
    found = entries_of(report.findings)
    _write(path, [*entries, *found])
    noun = "entry" if len(entries) == 1 else "entries"
    kept = f", kept {len(entries)} {noun} for what did not run" if entries else ""
    _say(f"{clean(path.name)}: wrote {count(sum(entry.number for entry in found), 'finding')}{kept}")
    return 0


@command.command("prune")
@_options
def prune(**options: Any) -> int:
    """Take out what PATHs (default: the current directory) do not hold any more."""
    workspace, report, given = _lint(options)
    old = _known(workspace, options["baseline"])
    match = old.match(report, given)
    gone = old.in_scope(match.left, report, given)
    _write(old.path, [*(entry for entry in match.left if entry not in gone), *entries_of(match.known)])
    _say(f"{clean(old.path.name)}: took out {count(sum(entry.number for entry in gone), 'finding')}")
    return 0


@command.command("show")
@click.argument("path", default=".", shell_complete=paths)
@click.option("--baseline", metavar="FILE", shell_complete=paths, help=f"The baseline. [{BASELINE_NAME} at the root]")
@click.option(
    "--root", metavar="DIR", shell_complete=folders, help="The project's root. [nearest configuration, or git root]"
)
def show(path: str, baseline: str | None, root: str | None) -> int:
    """List what the baseline of PATH holds, by file: how often, which rule, which object, which field."""
    workspace = Workspace(Request((path,), root=root, use_config=False), load_rules())
    entries = [entry for entry in _known(workspace, baseline).entries if workspace.names(entry.file)]
    size = max((len(entry.rule) for entry in entries), default=0)
    for file, group in groupby(entries, lambda entry: entry.file):
        print(clean(file, PATH_LENGTH))
        for entry in group:
            words = (clean(word) for word in (entry.object, entry.path) if word)
            print(f"  {entry.number:>3}  {clean(entry.rule):<{size}}  {'  '.join(words)}".rstrip())
    print(f"{count(sum(entry.number for entry in entries), 'finding')} in {count(_number_of_files(entries), 'file')}")
    return 0


def _number_of_files(entries: Sequence[Entry]) -> int:
    return len({entry.file for entry in entries})


def _known(workspace: Workspace, named: str | None) -> Known:
    found = known(workspace, named)
    if found is None:
        raise UsageProblem(f"there is no {BASELINE_NAME} in {workspace.root}", "`kubelint baseline write` makes one")
    return found


def _lint(options: dict[str, Any]) -> tuple[Workspace, Report, Input]:
    """Lint as `kubelint check` does. Raises UsageProblem where the report would be incomplete."""
    if options["config"] and not Path(options["config"]).is_file():
        raise UsageProblem(f"no such file: {options['config']}")
    paths, select, deselect = (options[name] for name in ("paths", "select", "ignore"))
    if STDIN in paths:
        raise UsageProblem("a baseline is one of files, and `-` is none", "name the file")
    request = Request(
        paths or (".",),
        root=options["root"],
        config=options["config"],
        use_config=not options["no_config"],
        exclude=options["exclude"],
        render=options["render"],
    )
    workspace = Workspace(request, load_rules())
    settings = workspace.settings._replace(select=split(select), deselect=split(deselect))
    given = workspace.read()
    report = run(Linter(workspace.registry, settings), given)
    if report.crashed:
        raise UsageProblem("a rule crashed, and what it would have found is unknown", "`kubelint check` names it")
    return workspace, report, given


def _target(workspace: Workspace, named: str | None) -> Path:
    if named is not None:
        return Path(named)
    path = workspace.root / BASELINE_NAME
    _refuse_link(path, workspace)
    return path


def _write(path: Path, entries: Sequence[Entry]) -> None:
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.kubelint-fix")
    try:
        temporary.write_text(dumped(entries), encoding="utf-8")
        os.replace(temporary, path.resolve())
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _say(text: str) -> None:
    print(f"kubelint: {text}", file=sys.stderr)
