"""One line of JSON for each finding, as in the format `json`: for pipes."""

from __future__ import annotations

from kubelint.engine.report import Report
from kubelint.reporters.json import finding_data
from kubelint.reporters.json_text import dumps
from kubelint.reporters.style import Style


def render(report: Report, style: Style) -> str:
    """The findings, each on a line of its own."""
    return "".join(f"{dumps(finding_data(finding))}\n" for finding in report.findings)
