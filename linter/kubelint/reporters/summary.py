"""A page in Markdown for the summary of a job: `kubelint --format summary --output "$GITHUB_STEP_SUMMARY"`."""

from __future__ import annotations

import re

from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.style import PATH_LENGTH, Style, clean
from kubelint.reporters.totals import count, totals

LIMIT = 900 * 1024
"""Bytes after which rows are left out: GitHub refuses summaries of more than 1 MiB."""
_TABLE = "\n| severity | rule | place | finding |\n|---|---|---|---|\n"
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$@]|#(?=\d)|:(?=\S)|(?<=[wW]{3})\.")
_REFERENCE = re.compile(r"&#(?:35|36|58|64);")
"""What GitHub makes something of in the finished page, too: `#12`, `$x$`, `:tada:`, `@name`."""
_CODE = re.compile(r"(`[^`]+`)")


def render(report: Report, style: Style) -> str:
    """Totals, and a table with a row for each finding, the worst first."""
    head = f"### kubelint\n\n{_plain(totals(report, Style()))}\n"
    if not report.findings:
        return head
    rows: list[str] = []
    size = len(head) + len(_TABLE)
    ordered = sorted(report.findings, key=lambda finding: finding.severity.rank)
    for finding in ordered:
        row = _row(finding)
        size += len(row.encode())
        if size > LIMIT:
            return f"{head}{_TABLE}{''.join(rows)}\n{count(len(ordered) - len(rows), 'more finding')} left out here.\n"
        rows.append(row)
    return f"{head}{_TABLE}{''.join(rows)}"


def _row(finding: ReportedFinding) -> str:
    place = _code(clean(f"{finding.place.path}:{finding.place.start.line}", PATH_LENGTH))
    remedy = f"<br>{_text(finding.help_text)}" if finding.help_text else ""
    return f"| {finding.severity.value} | {finding.meta.id} | {place} | {_text(finding.message)}{remedy} |\n"


def _text(text: str) -> str:
    """Text of a finding: names between backticks as code, everything else as it is."""
    parts = _CODE.split(clean(text))
    return "".join(_code(part[1:-1]) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_quoted(text)}</code>"


def _plain(text: str) -> str:
    return _REFERENCE.sub(r"<span>\g<0></span>", _quoted(text))


def _quoted(text: str) -> str:
    """Whatever could be markup as a character reference."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
