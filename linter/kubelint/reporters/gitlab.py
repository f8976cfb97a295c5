"""GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from typing import Any

from kubelint.checks import Severity
from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.json_text import dumps
from kubelint.reporters.security import security_score
from kubelint.reporters.style import Style, clean

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_CRITICAL = 9.0
"""From what score on the error of a security rule is critical."""


def render(report: Report, style: Style) -> str:
    """One JSON array, an object for each finding."""
    return dumps([_issue(report, finding) for finding in report.findings], indent=2) + "\n"


def _issue(report: Report, finding: ReportedFinding) -> dict[str, Any]:
    score = security_score(finding.meta.category, finding.severity) or 0
    return {
        "description": f"{finding.meta.id}: {clean(finding.message)}",  # GitLab does not show check_name
        "check_name": finding.meta.id,
        "fingerprint": finding.fingerprint,
        "severity": "critical" if score >= _CRITICAL else _SEVERITIES[finding.severity],
        "location": {"path": report.repository_path(finding.place.path), "lines": {"begin": finding.place.start.line}},
    }
