"""The format for programs, version 1. Its schema is docs/report.schema.json."""

from __future__ import annotations

from typing import Any

from kubelint import __version__
from kubelint.checks import Severity
from kubelint.engine.report import Place, Report, ReportedFinding
from kubelint.reporters.json_text import dumps
from kubelint.reporters.style import Style

VERSION = 1


def render(report: Report, style: Style) -> str:
    """The report as one JSON object; only `duration_ms` differs between two runs over the same input."""
    return dumps(as_data(report), indent=2) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": VERSION,
        "tool": {"name": "kubelint", "version": __version__},
        "summary": {
            "files": len(report.files),
            "objects": report.objects,
            "findings": len(report.findings),
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "infos": report.count(Severity.INFO),
            "suppressed": report.suppressed,
            "baselined": report.baselined,
            "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in report.skipped],
            "duration_ms": report.duration_ms,
        },
        "findings": [finding_data(finding) for finding in report.findings],
    }


def finding_data(finding: ReportedFinding) -> dict[str, Any]:
    """A finding as plain data: the schema's `finding`."""
    obj, fix = finding.object, finding.fixes[0] if finding.fixes else None
    return {
        "rule": finding.meta.id,
        "severity": finding.severity.value,
        "category": finding.meta.category.value,
        "incident": finding.meta.incident,
        "message": finding.message,
        "help": finding.help_text,
        **_place(finding.place),
        "object": obj
        and {"api_version": obj.api_version, "kind": obj.kind, "namespace": obj.namespace, "name": obj.name},
        "field": finding.field,
        "related": [{**_place(related.place), "message": related.text} for related in finding.related],
        "fix": fix and {"title": fix.title, "applicability": fix.applicability.value},
        "fingerprint": finding.fingerprint,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
    }
