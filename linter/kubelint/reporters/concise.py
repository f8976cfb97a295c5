"""One line per finding, in the form that every editor and problem matcher knows."""

from __future__ import annotations

from kubelint.engine.report import Report
from kubelint.reporters.style import PATH_LENGTH, Style, clean


def render(report: Report, style: Style) -> str:
    """`path:line:column: severity[rule] message`, one a line."""
    lines = []
    for finding in report.findings:
        place = finding.place
        head = style.severity(finding.severity, f"{finding.severity.value}[{finding.meta.id}]")
        where = f"{clean(place.path, PATH_LENGTH)}:{place.start.line}:{place.start.column}"
        lines.append(f"{where}: {head} {clean(finding.message)}\n")
    return "".join(lines)
