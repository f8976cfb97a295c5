"""`kubelint check`: lint paths and report."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kubelint.checks import Severity, load_rules
from kubelint.cli import completion, outputs
from kubelint.cli.checkout import repository_path
from kubelint.cli.console import progress
from kubelint.cli.errors import UsageProblem
from kubelint.cli.extent import note_nothing, refuse_nothing
from kubelint.cli.running import run, split
from kubelint.cli.workspace import STDIN, Request, Workspace
from kubelint.config.model import BASELINE_NAME, Settings
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.engine.report import Report
from kubelint.reporters import FORMATS
from kubelint.reporters.style import clean

if TYPE_CHECKING:
    from kubelint.cli.baseline import Known
    from kubelint.engine.fixing.fixer import Outcome

PATH_LENGTH = 4096
Lint = Callable[[Input], Report]
RENDER = ["auto", "never", "always"]
FAIL_ON = [*(severity.value for severity in Severity), "never"]


@click.command("check", cls=outputs.OutputCommand)
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=completion.paths)
@click.option("--stdin-filename", metavar="NAME", help="Path under which to lint standard input (PATH `-`).")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Output format; may be repeated. [full]"
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    shell_complete=completion.paths,
    help="File for the --format before it.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="A,B",
    shell_complete=completion.selectors,
    help="Run these rules, categories, or incident:N; ALL for all.",
)
@click.option("--ignore", multiple=True, metavar="A,B", shell_complete=completion.selectors, help="Do not run these.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Exit 1 on a finding at or above this. [warning]")
@click.option("--fix", is_flag=True, help="Put safe fixes into the files, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change behaviour.")
@click.option("--diff", is_flag=True, help="Show what fixes would change, write nothing; exit 1 if anything.")
@click.option("--config", metavar="FILE", shell_complete=completion.paths, help="Use this configuration.")
@click.option("--no-config", is_flag=True, help="Use no configuration.")
@click.option(
    "--root",
    metavar="DIR",
    shell_complete=completion.folders,
    help="The project's root. [nearest configuration, or git root]",
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="Do not lint these paths (gitignore pattern).")
@click.option("--force-exclude", is_flag=True, help="Keep excluded files out even if named on the command line.")
@click.option("--since", metavar="REF", help="Report only on lines changed since the merge base of REF and HEAD.")
@click.option(
    "--render",
    type=click.Choice(RENDER),
    default="auto",
    help="Render charts, build kustomizations. [auto: where a program is there for it]",
)
@click.option(
    "--baseline",
    metavar="FILE",
    shell_complete=completion.paths,
    help="Leave out what this knows. [kubelint-baseline.json at the root]",
)
@click.option("--no-baseline", is_flag=True, help="Report what the baseline knows, too.")
@click.option("--add-ignores", metavar="REASON", help="Put a suppression with this reason beside each finding.")
@click.option("--no-suppressions", is_flag=True, help="Report what comments and annotations suppress.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--show-files", is_flag=True, help="Name the files that were linted, and why others were not.")
@click.option("-q", "--quiet", is_flag=True, help="Show errors only; the exit code stays what it would be.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is done.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Lint PATHs (default: the current directory).

    PATHs limit what is reported; the whole project is read, so that what they refer to is found.
    """
    request = _request(options)
    outputs.check(ctx.obj)
    workspace = Workspace(request, load_rules())
    settings = _settings(workspace.settings, options)
    if options["verbose"]:
        origin = clean(settings.origin or "none", PATH_LENGTH)
        print(f"root: {clean(str(workspace.root), PATH_LENGTH)}; configuration: {origin}", file=sys.stderr)
    known = _known(workspace, options)
    with progress("kubelint: reading and checking…"):
        given = workspace.read()
        if options["verbose"] and given.changes is not None:
            print(f"since: {clean(given.changes.base, PATH_LENGTH)}", file=sys.stderr)
        lint = partial(_lint, Linter(workspace.registry, settings), request, known)
        outcome = _fix(lint, given, workspace, options)
        report = outcome.report if outcome is not None else lint(given)
    if outcome is not None:
        from kubelint.cli.fixing import show_diff, tell_refused, write_files

        doing = "fix" if options["add_ignores"] is None else "suppress"
        tell_refused(outcome, doing)
        if options["diff"]:
            show_diff(outcome, workspace, settings, doing)
            return 2 if report.crashed else int(bool(outcome.changed))
        write_files(outcome, workspace.root, given.paths, doing)
    code = report.exit_code(settings.fail_on)
    if options["quiet"]:
        report.findings = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    report.repository_path = repository_path(workspace.root)
    outputs.write(report, ctx.obj, options["color"])
    note_nothing(request.paths, given, report)
    if options["show_files"]:
        _show_files(given, report)
    if options["statistics"]:
        _show_statistics(report)
    if known is not None:
        known.tell_stale()
    if report.crashed:
        print("kubelint: a rule crashed; please report the internal-error finding", file=sys.stderr)
    return code


def _request(options: dict[str, Any]) -> Request:
    paths = tuple(options["paths"]) or (".",)
    if paths.count(STDIN) and len(paths) > 1:
        raise UsageProblem("`-` cannot be combined with other paths", "lint standard input on its own")
    if options["since"] is not None and STDIN in paths:
        raise UsageProblem("--since compares files, and `-` is none", "lint standard input without --since")
    changing = "--add-ignores" if options["add_ignores"] is not None else "--fix" if options["fix"] else ""
    if changing and STDIN in paths:
        hint = "`--diff` shows what it would change" if options["fix"] else "name the file"
        raise UsageProblem(f"{changing} changes files, and `-` is none", hint)
    if changing == "--add-ignores" and (options["fix"] or options["unsafe_fixes"] or options["no_suppressions"]):
        raise UsageProblem(
            "--add-ignores goes neither with fixes nor with --no-suppressions", "run one, then the other"
        )
    if options["unsafe_fixes"] and not (options["fix"] or options["diff"]):
        raise UsageProblem("--unsafe-fixes says how far --fix and --diff go", "give one of them")
    if options["config"] and options["no_config"]:
        raise UsageProblem("--config and --no-config exclude each other")
    if options["config"] and not Path(options["config"]).is_file():
        raise UsageProblem(f"no such file: {options['config']}")
    return Request(
        paths=paths,
        stdin_filename=options["stdin_filename"],
        root=options["root"],
        config=options["config"],
        use_config=not options["no_config"],
        exclude=tuple(options["exclude"]),
        force_exclude=options["force_exclude"],
        render=options["render"],
        since=options["since"],
        outputs=options["outputs"],
    )


def _settings(settings: Settings, options: dict[str, Any]) -> Settings:
    settings = settings._replace(
        select=split(options["select"]),
        deselect=split(options["ignore"]),
        suppressions=not options["no_suppressions"],
    )
    if options["fail_on"]:
        fail_on = None if options["fail_on"] == "never" else Severity(options["fail_on"])
        settings = settings._replace(fail_on=fail_on)
    return settings


def _known(workspace: Workspace, options: dict[str, Any]) -> Known | None:
    """The baseline, if one counts."""
    there = options["baseline"] is not None or (workspace.root / BASELINE_NAME).is_file()
    if options["no_baseline"] or not there:
        return None
    from kubelint.cli.baseline import known

    return known(workspace, options["baseline"])


def _fix(lint: Lint, given: Input, workspace: Workspace, options: dict[str, Any]) -> Outcome | None:
    """What fixing comes to; None where nobody asks for it."""
    if options["add_ignores"] is not None:
        from kubelint.cli.ignoring import add_ignores

        return add_ignores(given, lint, workspace, options["add_ignores"])
    if not options["fix"] and not options["diff"]:
        return None
    from kubelint.cli.fixing import fix

    return fix(given, lint, workspace, unsafe=options["unsafe_fixes"])


def _lint(linter: Linter, request: Request, known: Known | None, given: Input) -> Report:
    report = run(linter, given)
    refuse_nothing(request.paths, given, report)
    return report if known is None else known.without(report, given)


def _show_files(given: Input, report: Report) -> None:
    reasons: dict[str, list[str]] = {}
    for skipped in report.skipped:
        reasons.setdefault(skipped.path, []).append(clean(skipped.reason))
    for path in sorted({*report.files, *reasons}):
        reason = f" (skipped: {'; '.join(reasons[path])})" if path in reasons else ""
        print(f"{clean(path, PATH_LENGTH)}{reason}", file=sys.stderr)


def _show_statistics(report: Report) -> None:
    counts = Counter((finding.meta.id, finding.severity.value) for finding in report.findings)
    for (rule, severity), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{number:>6}  {severity:<8} {rule}", file=sys.stderr)
