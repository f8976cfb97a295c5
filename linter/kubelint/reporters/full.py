"""The format for people: each finding with the lines that it is about, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kubelint.checks import Applicability
from kubelint.engine.report import Report, ReportedFinding
from kubelint.reporters.frames import Frame, frame
from kubelint.reporters.style import PATH_LENGTH, Style, clean
from kubelint.reporters.totals import totals

Paint = Callable[[str], str]

_HOW = {
    Applicability.SAFE: "apply with --fix",
    Applicability.UNSAFE: "unsafe; apply with --fix --unsafe-fixes",
    Applicability.DISPLAY: "by hand",
}


def render(report: Report, style: Style) -> str:
    """All findings in full, then one line that sums up."""
    blocks = ["\n".join(_finding(report, finding, style)) for finding in report.findings]
    return "\n\n".join([*blocks, totals(report, style)]) + "\n"


def _finding(report: Report, finding: ReportedFinding, style: Style) -> Iterator[str]:
    main = frame(report, finding.place)
    related = [(place, frame(report, place.place)) for place in finding.related]
    gutter = max(2, *(len(str(shown.number)) for shown in (main, *(shown for _, shown in related))))
    bar = style.paint("|", "blue", bold=True)
    pad = " " * gutter
    head = style.severity(finding.severity, f"{finding.severity.value}[{finding.meta.id}]")
    yield f"{head}: {style.paint(clean(finding.message), bold=True)}"
    yield f"{pad}{style.paint('-->', 'blue')} {_address(finding.place.path, main, finding.place.start.column)}"
    context = _context(finding)
    if context:
        yield f"{pad} {bar}  {clean(context)}"
    yield from _lines(main, "^", finding.note, gutter, bar, lambda text: style.severity(finding.severity, text))
    for place, shown in related:
        column = place.place.start.column
        yield f"{pad}{style.paint(':::', 'blue')} {_address(place.place.path, shown, column)}"
        yield from _lines(shown, "-", place.text, gutter, bar, lambda text: style.paint(text, "blue", bold=True))
    if finding.help_text:
        yield f"{pad} {style.paint('=', 'blue')} {style.paint('help:', bold=True)} {clean(finding.help_text)}"
    for fix in finding.fixes:
        title = f"{clean(fix.title)} ({_HOW[fix.applicability]})"
        yield f"{pad} {style.paint('=', 'blue')} {style.paint('fix:', bold=True)} {title}"


def _lines(shown: Frame, mark: str, note: str, gutter: int, bar: str, paint: Paint) -> Iterator[str]:
    yield f"{shown.number:>{gutter}} {bar} {shown.text}"
    marks = mark * shown.width
    text = f"{marks} {clean(note)}" if note else marks
    yield f"{' ' * gutter} {bar} {' ' * shown.start}{paint(text)}"


def _address(path: str, shown: Frame, column: int) -> str:
    return f"{clean(path, PATH_LENGTH)}:{shown.number}:{column}"


def _context(finding: ReportedFinding) -> str:
    """The object and the field, which operators think in as much as in files."""
    parts = [finding.object.display if finding.object else "", finding.field or ""]
    context = " › ".join(part for part in parts if part)
    return f"{context} (rendered from {finding.rendered_from})" if finding.rendered_from else context
