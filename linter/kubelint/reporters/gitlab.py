"""GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from typing import Any

from kubelint.checks import Category, Severity
from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.json_text import dumps
from kubelint.reporters.style import Style, clean

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, style: Style) -> str:
    """One JSON array, an object for each finding."""
    return dumps([_issue(finding) for finding in report.findings], indent=2) + "\n"


def _issue(finding: ReportedFinding) -> dict[str, Any]:
    leaks = finding.meta.category is Category.SECRETS and finding.severity is Severity.ERROR
    return {
        "description": f"{finding.meta.id}: {clean(finding.message)}",  # GitLab does not show check_name
        "check_name": finding.meta.id,
        "fingerprint": finding.fingerprint,
        "severity": "critical" if leaks else _SEVERITIES[finding.severity],
        "location": {"path": finding.place.path, "lines": {"begin": finding.place.start.line}},
    }
