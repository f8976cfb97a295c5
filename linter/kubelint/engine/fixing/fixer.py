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

_GENERATED = re.compile(
    r"""(?imx) ^[ \t]* (?:\#|//) (?:
        .* (?: \b(?:do\ not|don't)\ (?:edit|modify) | @generated | \b(?:auto-?|automatically\ |code\ )generated )
        | [ \t]* (?:this\ \w+\ (?:is|was|has\ been)\ )? generated\ (?:by|with|from|using)\b
        | [ ] Source:\ \S+/templates/
    )"""
)
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
    after, how many findings were fixed, and which fixes were not made. `unsettled` where there would be more to do.
    """

    report: Report
    changed: dict[str, tuple[SourceFile, SourceFile]] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Refused] = field(default_factory=list)
    unsettled: bool = False


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
        fixed, unsettled = 0, False
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
        else:
            unsettled = bool(self._round(given, report)[0])
        after = Files(given)
        different = {path: (file, after[path]) for path, file in before.items() if after[path].text != file.text}
        left = {finding.identity for finding in report.findings}
        refused = [each for each in self._refused.values() if each.finding.identity in left]
        return Outcome(report, different, fixed, refused, unsettled)

    def _round(self, given: Input, report: Report) -> tuple[dict[str, str], int]:
        """The new texts of the files that fixes change, and how many findings they fix."""
        files = Files(given)
        chosen: list[_Chosen] = []
        taken: dict[str, list[Change]] = {}
        for candidate in self._candidates(given, files, report):
            if not any(conflicting(changes, taken.get(file, ())) for file, changes in candidate.changes.items()):
                chosen.append(candidate)
                for file, changes in candidate.changes.items():
                    taken.setdefault(file, []).extend(changes)
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
            before = len(chosen)
            for file in _by_file(chosen):
                own = [each for each in chosen if file in each.changes]
                kept = {id(each) for each in self._agreeing(files[file], file, own)}
                chosen = [each for each in chosen if file not in each.changes or id(each) in kept]
            if len(chosen) == before:
                return chosen

    def _agreeing(self, source: SourceFile, file: str, own: list[_Chosen]) -> list[_Chosen]:
        """Those of `own` that can be made together in a file. What is wrong by itself is refused; what does not go with
        others is left to the next round.
        """
        problem = _problem(source, file, own)
        if not problem:
            return own
        if len(own) == 1:
            self._refuse(own[0].finding, own[0].fix, problem)
            return []
        half = len(own) // 2
        first, second = (self._agreeing(source, file, part) for part in (own[:half], own[half:]))
        return first if _problem(source, file, [*first, *second]) else [*first, *second]

    def _refuse(self, finding: ReportedFinding, fix: Fix, reason: str) -> None:
        self._refused[_key(finding, fix)] = Refused(finding, fix, reason)


def replaced(given: Input, texts: dict[str, str]) -> Input:
    """The input with other texts in some of its files."""
    before = Files(given)
    files = [
        read_documents(file.path, texts[file.path], encoding=file.encoding) if file.path in texts else file
        for file in given.files
    ]
    others = tuple(file.with_text(texts[file.path]) if file.path in texts else file for file in given.texts)
    if given.changes is not None:
        given = given._replace(changes=given.changes.including({path: before[path].text.encode() for path in texts}))
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
