"""What a run finds of what was planted, and how that reads as a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from linting import lint_tree

from kubelint.checks import Category
from kubelint.engine.report import Report
from recall.kinds import KINDS, Kind
from recall.places import PLACES, Planted, planted


class Outcome(NamedTuple):
    """A planted credential, the rules that found it at its line, and those that found it elsewhere in its file."""

    kind: Kind
    planted: Planted
    rules: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def found(self) -> bool:
        """Whether some rule points at the line on which the credential stands."""
        return bool(self.rules)


def outcomes(kinds: Iterable[Kind] = KINDS) -> list[Outcome]:
    """Plant each kind in a tree of its own, run the rules about secrets over it, and compare."""
    return [outcome for kind in kinds for outcome in _of_one(kind)]


def _of_one(kind: Kind) -> list[Outcome]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        all_planted = planted(root, kind)
        report = lint_tree(root, select=(Category.SECRETS.value,))
    return [_compared(kind, one, report) for one in all_planted]


def _compared(kind: Kind, one: Planted, report: Report) -> Outcome:
    rules = [
        (finding.meta.id, finding.place.start.line)
        for finding in report.findings
        if finding.place.path == one.file and finding.meta.id in TELLING
    ]
    here = frozenset(rule for rule, line in rules if line in one.lines)
    return Outcome(kind, one, here, frozenset(rule for rule, line in rules if line not in one.lines))


TELLING = frozenset(
    {
        "credential-file-committed",
        "credentials-in-url",
        "last-applied-secret",
        "plaintext-secret",
        "private-key",
        "provider-token",
        "secret-in-args",
        "secret-in-configmap",
        "secret-in-env",
        "secret-in-helm-values",
    }
)
"""The rules that say that a credential stands somewhere; others say how to keep credentials."""


def table(results: list[Outcome]) -> str:
    """Per kind and per place how many were found, and each one that was not."""
    lines = [f"{'kind':<28} {'found':>7}   missed in"]
    for kind in KINDS:
        mine = [outcome for outcome in results if outcome.kind is kind]
        missed = ", ".join(outcome.planted.place for outcome in mine if not outcome.found)
        lines.append(f"{kind.name:<28} {_share(mine)}   {missed}".rstrip())
    lines += ["", f"{'place':<28} {'found':>7}   by"]
    for place in PLACES:
        mine = [outcome for outcome in results if outcome.planted.place == place.name]
        rules = sorted({rule for outcome in mine for rule in outcome.rules})
        lines.append(f"{place.name:<28} {_share(mine)}   {', '.join(rules)}".rstrip())
    found = sum(outcome.found for outcome in results)
    lines += ["", f"{found} of {len(results)} found at the right line: {found / len(results):.1%}"]
    return "\n".join(lines)


def _share(results: list[Outcome]) -> str:
    return f"{sum(outcome.found for outcome in results):>3}/{len(results):<3}"
