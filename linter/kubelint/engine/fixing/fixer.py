"""Applies the fixes of a report to texts, as often as that brings up new ones. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kubelint.checks import Applicability, Fix
from kubelint.engine.fixing.changes import CannotEdit, Change, changed, conflicting
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.engine.reading import Files, Input
from kubelint.engine.renderings import Render
from kubelint.engine.report import Report, ReportedFinding
from kubelint.manifests.field import Edit
from kubelint.sources import SourceFile, read_documents

_Key = tuple[str, tuple[Edit, ...]]

_GENERATED = re.compile(r"(?im)^[ \t]*(?:#|//).*(?:do not (?:edit|modify)|@generated|(?:auto-?|code )generated)")
_HEAD = 2000
"""In how much of a file it would say that a program writes it."""

ROUNDS = 10
"""How often what was fixed is linted again: a fix may bring up another finding."""


class Refused(NamedTuple):
    """A fix that was not made, and why."""

    finding: ReportedFinding
    fix: Fix
    reason: str


@dataclass
class Outcome:
    """What fixing came to: the report on what is there now, the files that are different, each with its text before and
    after, how many findings were fixed, and which fixes were not made.
    """

    report: Report
    changed: dict[str, tuple[SourceFile, SourceFile]] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Refused] = field(default_factory=list)


class _Chosen(NamedTuple):
    finding: ReportedFinding
    fix: Fix
    changes: dict[str, list[Change]]

    def edits(self, file: str) -> list[Edit]:
        return [edit for edit in self.fix.edits if edit.file == file]


class Fixer:
    """Fixes what `lint` finds in an input, as far as `allowed`. Files that are not reported on are left alone.

    `rendering` makes what renders a tree in which some files have other texts.
    """

    def __init__(
        self,
        lint: Callable[[Input], Report],
        allowed: frozenset[Applicability],
        rendering: Callable[[Mapping[str, str]], Render] | None = None,
    ) -> None:
        self._lint = lint
        self._allowed = allowed
        self._rendering = rendering
        self._done: set[_Key] = set()
        self._refused: dict[_Key, Refused] = {}

    def run(self, given: Input) -> Outcome:
        """Lint, fix, and lint again until nothing changes."""
        before: dict[str, SourceFile] = {}
        report = self._lint(given)
        fixed = 0
        for _ in range(ROUNDS):
            texts, number = self._round(given, report)
            if not texts:
                break
            fixed += number
            files = Files(given)
            for path in texts:
                before.setdefault(path, files[path])
            given = replaced(given, texts)
            if given.render is not None and self._rendering is not None:
                after = Files(given)
                given = given._replace(render=self._rendering({path: after[path].text for path in before}))
            report = self._lint(given)
        after = Files(given)
        different = {path: (file, after[path]) for path, file in before.items() if after[path].text != file.text}
        return Outcome(report, different, fixed, list(self._refused.values()))

    def _round(self, given: Input, report: Report) -> tuple[dict[str, str], int]:
        """The new texts of the files that fixes change, and how many findings they fix."""
        files = Files(given)
        chosen: list[_Chosen] = []
        for candidate in self._candidates(given, files, report):
            if not any(_conflict(candidate, other) for other in chosen):
                chosen.append(candidate)
        chosen = self._checked(files, chosen)
        self._done.update(_key(each.finding, each.fix) for each in chosen)
        texts = {file: changed(files[file].text, changes) for file, changes in _by_file(chosen).items()}
        return texts, len(chosen)

    def _candidates(self, given: Input, files: Files, report: Report) -> Iterator[_Chosen]:
        for finding in report.findings:
            fix = next((fix for fix in finding.fixes if fix.edits and fix.applicability in self._allowed), None)
            if fix is None or _key(finding, fix) in self._done or _key(finding, fix) in self._refused:
                continue
            try:
                yield _Chosen(finding, fix, _changes(given, files, fix))
            except CannotEdit as problem:
                self._refuse(finding, fix, str(problem))

    def _checked(self, files: Files, chosen: list[_Chosen]) -> list[_Chosen]:
        """Those of `chosen` that together do what they say, as another reader sees it."""
        while True:
            failed = [file for file in _by_file(chosen) if _problem(files[file], file, chosen)]
            if not failed:
                return chosen
            for file in failed:
                own = [each for each in chosen if file in each.changes]
                wrong = [(each, problem) for each in own if (problem := _problem(files[file], file, [each]))]
                for each, problem in wrong:
                    self._refuse(each.finding, each.fix, problem)
                left_out = [each for each, _ in wrong] or own[-1:]  # or two that do not go together: next round
                chosen = [each for each in chosen if not any(each is other for other in left_out)]

    def _refuse(self, finding: ReportedFinding, fix: Fix, reason: str) -> None:
        self._refused[_key(finding, fix)] = Refused(finding, fix, reason)


def replaced(given: Input, texts: dict[str, str]) -> Input:
    """The input with other texts in some of its files."""
    files = [
        read_documents(file.path, texts[file.path], encoding=file.encoding) if file.path in texts else file
        for file in given.files
    ]
    others = tuple(file.with_text(texts[file.path]) if file.path in texts else file for file in given.texts)
    return given._replace(files=files, texts=others)


def _key(finding: ReportedFinding, fix: Fix) -> _Key:
    """What tells a fix from others: one that was made once and does not help is not made again."""
    return finding.identity, fix.edits


def _changes(given: Input, files: Files, fix: Fix) -> dict[str, list[Change]]:
    """The changes of each file that a fix edits."""
    found: dict[str, list[Change]] = {}
    for path in dict.fromkeys(edit.file for edit in fix.edits):
        if path not in files:
            raise CannotEdit("what it changes was rendered")
        if given.reported is not None and path not in given.reported:
            raise CannotEdit(f"it changes {path}, which was not asked for")
        if _GENERATED.search(files[path].text[:_HEAD]):
            raise CannotEdit(f"{path} says that it is generated")
        found[path] = changes_of(files[path], [edit for edit in fix.edits if edit.file == path])
    return found


def _conflict(one: _Chosen, other: _Chosen) -> bool:
    return any(conflicting(changes, other.changes.get(file, ())) for file, changes in one.changes.items())


def _by_file(chosen: Iterable[_Chosen]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for each in chosen:
        for file, changes in each.changes.items():
            found.setdefault(file, []).extend(changes)
    return found


def _problem(source: SourceFile, file: str, chosen: list[_Chosen]) -> str:
    """What is wrong with the text that some fixes make of a file; empty where nothing is."""
    own = [each for each in chosen if file in each.changes]
    after = changed(source.text, [change for each in own for change in each.changes[file]])
    try:
        check(source, after, [edit for each in own for edit in each.edits(file)])
    except NotAsMeant as problem:
        return str(problem)
    return ""
