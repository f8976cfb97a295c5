"""The line at the end: what was found, in how much, and what was left out."""

from __future__ import annotations

from kubelint.checks import Applicability, Severity
from kubelint.engine.report import Report
from kubelint.reporters.style import Style


def totals(report: Report, style: Style) -> str:
    """One line that sums the report up."""
    extent = f"{count(len(report.files), 'file')}, {count(report.objects, 'object')}"
    if report.findings:
        touched = len({finding.place.path for finding in report.findings})
        kinds = ", ".join(count(number, severity.value) for severity in Severity if (number := report.count(severity)))
        text = f"Found {count(len(report.findings), 'finding')} ({kinds}) in {touched} of {extent}."
    else:
        text = f"Nothing found in {extent}."
    return style.paint(text, bold=True) + "".join(f" {remark}" for remark in _remarks(report))


def _remarks(report: Report) -> list[str]:
    remarks = []
    offered = [{fix.applicability for fix in finding.fixes} for finding in report.findings]
    safe = sum(Applicability.SAFE in kinds for kinds in offered)
    unsafe = sum(Applicability.UNSAFE in kinds and Applicability.SAFE not in kinds for kinds in offered)
    if safe:
        remarks.append(f"{safe} fixable with --fix" + (f", {unsafe} more with --unsafe-fixes." if unsafe else "."))
    elif unsafe:
        remarks.append(f"{unsafe} fixable with --fix --unsafe-fixes.")
    accepted = [f"{report.suppressed} suppressed"] if report.suppressed else []
    accepted += [f"{report.baselined} in the baseline"] if report.baselined else []
    accepted += [f"{len(report.untouched)} outside of the change"] if report.untouched else []
    if accepted:
        remarks.append(f"{', '.join(accepted)}.")
    charts = len({skipped.path for skipped in report.skipped if skipped.reason.startswith("not rendered")})
    templates = sum(skipped.reason in ("helm-template", "template") for skipped in report.skipped)
    unbuilt = len({skipped.path for skipped in report.skipped if skipped.reason.startswith("not built")})
    left_out = [count(number, noun) for number, noun in ((charts, "chart"), (templates, "template")) if number]
    missing = [f"{' and '.join(left_out)} not rendered"] if left_out else []
    missing += [f"{count(unbuilt, 'kustomization')} not built"] if unbuilt else []
    if missing:
        remarks.append(f"{', '.join(missing)} (--show-files names them).")
    return remarks


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
