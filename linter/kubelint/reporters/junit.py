"""JUnit's XML, as CI services read it: a suite for each file, in it a case for each rule that found something.

Element for element it is what https://github.com/windyroad/JUnit-Schema asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kubelint.checks import Severity
from kubelint.engine.crashes import INTERNAL_ERROR
from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.style import PATH_LENGTH, Style, clean

_EPOCH = "1970-01-01T00:00:00"
"""When every suite ran: the same input gives the same report."""


def render(report: Report, style: Style) -> str:
    """One `testsuites` element. A file in which nothing was found is a case that passed."""
    findings: dict[str, dict[str, list[ReportedFinding]]] = {path: {} for path in report.files}
    for finding in report.findings:
        findings.setdefault(finding.place.path, {}).setdefault(finding.meta.id, []).append(finding)
    skipped: dict[str, str] = {}
    for entry in report.skipped:
        skipped.setdefault(entry.path, entry.reason)
        findings.setdefault(entry.path, {})
    root = Element("testsuites")
    for number, (path, by_rule) in enumerate(sorted(findings.items())):
        cases = [_case(path, rule, found) for rule, found in by_rule.items()]
        root.append(_suite(path, number, cases or [_quiet_case(path, skipped.get(path))]))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root).decode()}\n'


def _suite(path: str, number: int, cases: list[Element]) -> Element:
    name = clean(path, PATH_LENGTH)
    about = {"package": "kubelint", "id": str(number), "name": name, "timestamp": _EPOCH, "hostname": "localhost"}
    outcomes = {tag: sum(case.find(one) is not None for case in cases) for tag, one in _COUNTS.items()}
    numbers = {"tests": len(cases), **outcomes, "time": 0}
    suite = Element("testsuite", about | {key: str(value) for key, value in numbers.items()})
    SubElement(suite, "properties")
    suite.extend(cases)
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
    return suite


_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _new_case(path: str, name: str) -> Element:
    return Element("testcase", name=name, classname=clean(path, PATH_LENGTH), time="0")


def _quiet_case(path: str, reason: str | None) -> Element:
    """The case of a file without findings."""
    case = _new_case(path, "kubelint")
    if reason is not None:
        SubElement(case, "skipped", message=clean(reason))
    return case


def _case(path: str, rule: str, findings: list[ReportedFinding]) -> Element:
    case = _new_case(path, rule)
    worst = min(findings, key=lambda finding: finding.severity.rank)
    message = clean(worst.message)
    if worst.severity is Severity.INFO:  # which fails no run either
        outcome = SubElement(case, "skipped", message=message)
    else:
        tag = "error" if rule == INTERNAL_ERROR else "failure"
        outcome = SubElement(case, tag, message=message, type=worst.severity.value)
    outcome.text = "\n".join(line for finding in findings for line in _lines(finding))
    return case


def _lines(finding: ReportedFinding) -> Iterator[str]:
    place = finding.place
    where = f"{clean(place.path, PATH_LENGTH)}:{place.start.line}:{place.start.column}"
    yield f"{where}: {finding.severity.value}: {clean(finding.message)}"
    if finding.help_text:
        yield f"  help: {clean(finding.help_text)}"
