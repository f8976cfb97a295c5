"""Reports made by hand, for reporters: any number of findings of any severity."""

from collections.abc import Iterable

from linting import REGISTRY

from kubelint.checks import Severity
from kubelint.engine.places import place_of
from kubelint.engine.report import Report, ReportedFinding
from kubelint.sources import SourceText, Span

LINE = "key: value\n"


def made(severities: Iterable[Severity], path: str = "a.yaml", rule: str = "duplicate-key", **texts) -> Report:
    """A report with a finding of each severity, each on a line of its own."""
    entry = REGISTRY.get(rule)
    severities = list(severities)
    source = SourceText(path, LINE * len(severities))
    findings = [
        ReportedFinding(
            meta=entry.meta,
            severity=severity,
            place=place_of(source, Span(number * len(LINE), number * len(LINE) + 3)),
            identity=f"{path} {rule} {number}",
            **{"message": f"finding {number}", **texts},
        )
        for number, severity in enumerate(severities)
    ]
    return Report(findings=findings, rules=[entry], files=[path], sources={path: source})
