"""SARIF 2.1.0, within what GitHub code scanning documents that it reads, and how much of it.

https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import quote

from kubelint import __version__
from kubelint.checks import Rule, RuleMeta, Severity
from kubelint.checks.pages import documentation, page, section
from kubelint.engine.line_hashes import LineHashes
from kubelint.engine.report import Place, Report, ReportedFinding
from kubelint.reporters.json_text import dumps
from kubelint.reporters.security import security_score
from kubelint.reporters.style import Style, clean

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TEXT_LIMIT = 1024
RESULT_LIMIT = 25_000
"""Results that GitHub takes of a run: it refuses files with more."""
SHOWN_RESULTS = 5_000
"""Results that GitHub keeps of them, by severity."""
RELATED_LIMIT = 100
_NO_NAME = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""What stands for no byte of a file's name."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}


def render(report: Report, style: Style) -> str:
    """One log with one run: every rule that was on, and every finding, the worst first."""
    return dumps(as_data(report), indent=2) + "\n"


def remark(report: Report) -> str:
    """What to say of findings that are not in the log, or that GitHub will not show; empty if it shows all."""
    number = len(report.findings)
    if number <= SHOWN_RESULTS:
        return ""
    kept = f"the log holds the {RESULT_LIMIT:,} worst and " if number > RESULT_LIMIT else ""
    return f"{number:,} findings: {kept}GitHub shows the {SHOWN_RESULTS:,} worst"


def as_data(report: Report) -> dict[str, Any]:
    """The log as plain data."""
    ordered = sorted(report.findings, key=lambda finding: finding.severity.rank)[:RESULT_LIMIT]
    numbers = {entry.meta.id: number for number, entry in enumerate(report.rules)}
    hashes = cache(lambda path: LineHashes.of(report, path))
    results = [_result(report, one, numbers, hashes(one.place.path).hash(one.place.start.line)) for one in ordered]
    rules = [_rule(entry.meta, entry.rule) for entry in report.rules]
    run = {
        "tool": {"driver": {"name": "kubelint", "semanticVersion": __version__, "rules": rules}},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the top of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = {"executionSuccessful": not report.crashed}
    if text := remark(report):
        told["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return told


def _rule(meta: RuleMeta, rule: type[Rule]) -> dict[str, Any]:
    what = section(rule, "What it does") or documentation(rule).split("\n## ")[0]
    return {
        "id": meta.id,
        "name": meta.id,
        "shortDescription": {"text": _short(meta.summary)},
        "fullDescription": {"text": _short(what) or _short(meta.summary)},
        "help": {"text": f"`kubelint rule {meta.id}` prints the page of the rule", "markdown": page(rule)},
        "defaultConfiguration": {"level": _LEVELS[meta.severity]},
        "properties": _properties(meta),
    }


def _properties(meta: RuleMeta) -> dict[str, Any]:
    about: dict[str, Any] = {"precision": "high", "tags": ["kubernetes", meta.category.value]}
    score = security_score(meta.category, meta.severity)
    if score is not None:
        about["tags"].append("security")
        return about | {"security-severity": str(score)}
    return about | {"problem.severity": _PROBLEMS[meta.severity]}


def _short(text: str) -> str:
    """As many whole sentences of `text`, on one line, as there is room for."""
    line = " ".join(text.split())
    if len(line) <= TEXT_LIMIT:
        return line
    end = line.rfind(". ", 0, TEXT_LIMIT)
    return line[: end + 1] if end > 0 else f"{line[: TEXT_LIMIT - 1]}…"


def _result(report: Report, finding: ReportedFinding, numbers: dict[str, int], line_hash: str | None) -> dict[str, Any]:
    related = [
        {
            "id": number,
            "physicalLocation": _location(report, near.place),
            "message": {"text": clean(near.text) or "here"},
        }
        for number, near in enumerate(finding.related[:RELATED_LIMIT], 1)
    ]
    known = {"primaryLocationLineHash": line_hash} if line_hash is not None else {}
    return {
        "ruleId": finding.meta.id,
        **({"ruleIndex": numbers[finding.meta.id]} if finding.meta.id in numbers else {}),
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _location(report, finding.place)}],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {**known, "kubelint/v1": finding.fingerprint},
    }


def _message(finding: ReportedFinding) -> str:
    """The message, then links to what belongs to it and the remedy as far as there is room."""
    text = _literal(clean(finding.message, TEXT_LIMIT // 2))
    links = (
        f"[{_literal(clean(near.text)) or 'here'}]({number})"
        for number, near in enumerate(finding.related[:RELATED_LIMIT], 1)
    )
    remedy = [f". Help: {_literal(clean(finding.help_text))}"] if finding.help_text else []
    for more in (*(f"; {link}" for link in links), *remedy):
        if len(text) + len(more) <= TEXT_LIMIT:
            text += more
    return text


def _literal(text: str) -> str:
    """`text` in which nothing is a link: SARIF 2.1.0, section 3.11.6."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", text)


def _location(report: Report, place: Place) -> dict[str, Any]:
    name = _NO_NAME.sub("\ufffd", report.repository_path(place.path)).encode(errors="surrogateescape")
    return {
        "artifactLocation": {"uri": quote(name), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    }
