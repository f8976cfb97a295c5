"""The findings of each file together, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.style import PATH_LENGTH, Style, clean
from kubelint.reporters.totals import totals


def render(report: Report, style: Style) -> str:
    """The name of each file, below it `line:column severity[rule] message`, and at the end the totals."""
    parts = [
        "".join(f"{line}\n" for line in _file(path, list(findings), style))
        for path, findings in groupby(report.findings, key=lambda finding: finding.place.path)
    ]
    return "\n".join([*parts, f"{totals(report, style)}\n"])


def _file(path: str, findings: list[ReportedFinding], style: Style) -> Iterator[str]:
    yield style.paint(clean(path, PATH_LENGTH), bold=True)
    places = [f"{finding.place.start.line}:{finding.place.start.column}" for finding in findings]
    room = max(map(len, places))
    for place, finding in zip(places, findings, strict=True):
        head = style.severity(finding.severity, f"{finding.severity.value}[{finding.meta.id}]")
        yield f"  {place:<{room}}  {head} {clean(finding.message)}"
