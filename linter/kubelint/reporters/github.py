"""GitHub's workflow commands: annotations on the lines of a pull request.

GitHub shows ten of each severity for a step, and drops the rest without a word: so they are counted in the end. How
commands are written and read: `actions/toolkit`, `packages/core/src/command.ts`; `actions/runner`, `ActionCommand.cs`.
"""

from __future__ import annotations

from kubelint.checks import Severity
from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.style import Style, clean, path_text
from kubelint.reporters.totals import count

LIMIT = 10
_ELSEWHERE = {"summary": "see the job summary"} | dict.fromkeys(("full", "concise", "grouped"), "see the log")
"""Where they are; the summary may have no room for all of them."""
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, style: Style) -> str:
    """A command for each finding that GitHub shows, the worst first, and one that counts the others."""
    by_severity = {severity: [one for one in report.findings if one.severity is severity] for severity in _COMMANDS}
    limits = dict.fromkeys(_COMMANDS, LIMIT)
    if any(len(findings) > LIMIT for findings in by_severity.values()):
        limits[Severity.INFO] -= 1  # it is a notice that counts the others
    shown = [finding for severity, found in by_severity.items() for finding in found[: limits[severity]]]
    lines = [_command(report, finding) for finding in shown]
    if left := len(report.findings) - len(shown):
        found = (words for form, words in _ELSEWHERE.items() if form in style.beside)
        where = next(found, "`--format full` shows all of them")
        lines.append(f"::notice title=kubelint::{count(left, 'more finding')}: {where}")
    return "".join(f"{line}\n" for line in lines)


def _command(report: Report, finding: ReportedFinding) -> str:
    place, title = finding.place, f"kubelint {finding.meta.id}"
    file = path_text(report.repository_path(place.path))
    fields: dict[str, object] = {"file": file, "line": place.start.line, "endLine": place.end.line}
    if place.start.line == place.end.line:  # GitHub drops what has columns on several lines
        fields |= {"col": place.start.column, "endColumn": place.end.column}
    fields["title"] = title
    written = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in fields.items())
    remedy = f"\nhelp: {clean(finding.help_text)}" if finding.help_text else ""
    return f"::{_COMMANDS[finding.severity]} {written}::{_escaped(clean(finding.message) + remedy)}"


def _escaped(text: str, also: str = "") -> str:
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
