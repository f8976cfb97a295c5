"""`--add-ignores`: put suppressions into files, one for each finding that is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kubelint.checks import Applicability, Fix
from kubelint.cli.errors import UsageProblem
from kubelint.cli.workspace import Workspace
from kubelint.engine.corrections import dated
from kubelint.engine.fixing.fixer import Fixer, Outcome, Refused
from kubelint.engine.fixing.ignoring import Ignoring
from kubelint.engine.reading import Files, Input
from kubelint.engine.report import Report


def add_ignores(given: Input, lint: Callable[[Input], Report], workspace: Workspace, reason: str) -> Outcome:
    """What silencing all findings comes to; nothing is written yet. Raises UsageProblem for what is no reason."""
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise UsageProblem("--add-ignores takes a reason, one line of text", "say why the findings are accepted")
    if dated(reason):
        raise UsageProblem("--add-ignores takes a reason, and no date", "add `until=` to the rules that it names")
    reports: list[Report] = []
    failed: list[Refused] = []

    def with_ignores(given: Input) -> Report:
        reports.append(lint(given))
        ignoring = Ignoring(Files(given), workspace.registry, reason)
        findings = ignoring.fixes(reports[-1].findings)
        failed[:] = [Refused(finding, Fix.display(""), why) for finding, why in ignoring.failed]
        return replace(reports[-1], findings=findings)

    outcome = Fixer(with_ignores, frozenset({Applicability.SAFE}), workspace.rendering_with).run(given)
    outcome.report = reports[-1]
    outcome.fixed = len(reports[0].findings) - len(reports[-1].findings)
    outcome.refused = [*outcome.refused, *failed]
    return outcome
