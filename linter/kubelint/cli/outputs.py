"""Which report goes where: the formats and files of a command line, and writing them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from kubelint.cli.console import in_github, wants_color
from kubelint.cli.errors import UsageProblem
from kubelint.engine.report import Report
from kubelint.reporters import remark, reporter
from kubelint.reporters.style import Style

STDOUT = "-"
_MANIFESTS = (".yaml", ".yml")


class Output(NamedTuple):
    """A format, and the file that it goes into (None: standard output)."""

    form: str
    file: str | None = None


class OutputCommand(click.Command):
    """A command that remembers in `ctx.obj` which --output followed which --format: click hands over the values of each
    option by themselves.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual, and note the outputs."""
        if not ctx.resilient_parsing:  # a shell completes words
            values, _, order = self.make_parser(ctx).parse_args(args=list(args))
            ctx.obj = asked(values, (option.name for option in order))
        return super().parse_args(ctx, args)


def asked(values: Mapping[str, Any], order: Iterable[str | None]) -> list[Output]:
    """The outputs that the `formats` and `outputs` among `values` ask for, given in this order.

    Without any it is the full report, and annotations where GitHub runs the job and shows them.
    """
    given = {name: iter(values.get(name) or ()) for name in ("formats", "outputs")}
    found: list[Output] = []
    for name in order:
        if name == "formats":
            found.append(Output(next(given[name])))
        elif name == "outputs":
            file = next(given[name])
            if found and found[-1].file is None:
                found[-1] = found[-1]._replace(file=file)
            else:
                found.append(Output(found[-1].form if found else "", file))
    if found and not found[0].form and any(output.form for output in found):
        raise UsageProblem(f"--output {found[0].file} has no --format before it", "name the format first")
    if not found:
        return [Output("full"), Output("github")] if in_github() else [Output("full")]
    return [Output(form or "full", None if file == STDOUT else file) for form, file in found]


def check(outputs: Iterable[Output]) -> None:
    """Raise UsageProblem where a report could not be written in the end, or would take the place of something else."""
    seen: list[Path] = []
    for path in (Path(file) for _, file in outputs if file is not None):
        if path.is_dir():
            raise UsageProblem(f"--output {path} is a directory", "name a file")
        if not path.parent.is_dir():
            raise UsageProblem(f"cannot write {path}: there is no {path.parent}", "make the directory first")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UsageProblem(f"cannot write {path}: permission denied")
        if path.exists() and not path.is_file():
            continue  # a device or a pipe
        if path.suffix in _MANIFESTS and path.exists():
            raise UsageProblem(f"--output {path} would replace a YAML file, and no report is YAML", "name another file")
        if path.resolve() in seen:
            raise UsageProblem(f"two reports would go to {path}", "give each a file of its own")
        seen.append(path.resolve())


def write(report: Report, outputs: list[Output], color: str) -> None:
    """Write every report. Raises UsageProblem where a file cannot be written; the others are."""
    failed = []
    for output in outputs:
        beside = frozenset(other.form for other in outputs if other is not output)
        try:
            _write(report, output, color, beside)
        except OSError as error:
            if output.file is None:
                raise
            failed.append(f"{output.file}: {error.strerror}")
        if said := remark(output.form, report):
            print(f"kubelint: {said}", file=sys.stderr)
    if failed:
        raise UsageProblem(f"cannot write {', '.join(failed)}")


def _write(report: Report, output: Output, color: str, beside: frozenset[str]) -> None:
    if output.file is None:
        style = Style(wants_color(color, sys.stdout), beside)
        sys.stdout.write(reporter(output.form)(report, style))
        return
    text = reporter(output.form)(report, Style(color == "always", beside))
    mode = "a" if _is_job_summary(output.file) else "w"
    with open(output.file, mode, encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        stream.write(text)


def _is_job_summary(file: str) -> bool:
    """Whether it is the page that all commands of a step write to."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY", "")
    return summary != "" and Path(file).resolve() == Path(summary).resolve()
