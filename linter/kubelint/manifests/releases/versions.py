"""Which versions of a chart a text allows, and what that says for sure.

The text is a version or a constraint as Masterminds/semver reads it (`constraints.go`), which Helm, Flux and Argo CD
ask: `1.7.2`, `^1.7`, `~1.7.1`, `1.x`, `>= 1.7, < 2`, `1.2 - 1.4`, `^1 || ^2`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.templates import has_template

if TYPE_CHECKING:
    from semantic_version import Version
    from semantic_version.base import Clause, Range

_EXACT = re.compile(r"\s*=?\s*[vV]?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+[0-9A-Za-z.-]+)?\s*")
_LONGEST = 200
_REWRITTEN = (
    (re.compile(r"\+[0-9A-Za-z.-]+"), ""),
    (re.compile(r"(?<![\w.-])[vV](?=\d)"), ""),
    (re.compile(r"!=\s*[^\s,|]+"), "*"),  # what is left out of a range moves neither end of it
    (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="),
    (re.compile(r"~>"), "~"),
    (re.compile(r"([<>=~^])\s+"), r"\1"),
    (re.compile(r"\s*,\s*"), " "),
    (re.compile(r"\s*\|\|\s*"), " || "),
)
"""What Masterminds/semver takes and npm's grammar does not, and how npm's says it."""


class _Interval(NamedTuple):
    """All versions from `low` on (None: from the first), to `high` (None: without end); the ends may be left out."""

    low: Version | None
    high: Version | None
    low_out: bool
    high_out: bool

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_out or self.high_out))


class Versions(NamedTuple):
    """The versions that a text allows. `exact` is the one that it names; None for a range and what is unknown."""

    text: str | None
    exact: str | None
    intervals: tuple[_Interval, ...]
    """Together they are everything that is allowed; none where that is unknown."""

    @classmethod
    def parse(cls, text: str | None) -> Versions:
        """Read `text`; template text, None, and what is no version at all allow nobody knows what. Never raises."""
        return _parsed(text) if text and len(text) <= _LONGEST and not has_template(text) else cls(text, None, ())

    @property
    def known(self) -> bool:
        """Whether anything is known of what is allowed."""
        return bool(self.intervals)

    def is_at_least(self, version: str) -> bool | None:
        """Whether all versions allowed are `version` (`1.8.0`, in full) or later; None where some are not."""
        from semantic_version import Version

        wanted = Version(version)
        if not self.intervals:
            return None
        if all(part.low is not None and part.low >= wanted for part in self.intervals):
            return True
        if all(_ends_before(part, wanted) for part in self.intervals):
            return False
        return None


def _ends_before(part: _Interval, version: Version) -> bool:
    return part.high is not None and (part.high < version or (part.high == version and part.high_out))


@lru_cache(4096)
def _parsed(text: str) -> Versions:
    from semantic_version import NpmSpec, Version

    exact = _EXACT.fullmatch(text)
    try:
        if exact:
            version = Version(exact[1])
            return Versions(text, exact[1], (_Interval(version, version, False, False),))
        intervals = (_interval(branch) for branch in _branches(NpmSpec(_rewritten(text)).clause))
        return Versions(text, None, tuple(part for part in intervals if not part.empty))
    except ValueError:
        return Versions(text, None, ())


def _rewritten(text: str) -> str:
    for pattern, replacement in _REWRITTEN:
        text = pattern.sub(replacement, text)
    return text.strip()


def _branches(clause: Clause) -> list[Clause]:
    """The alternatives of a clause, each without alternatives of its own."""
    from semantic_version.base import AllOf, AnyOf

    if isinstance(clause, AnyOf):
        return [branch for part in clause.clauses for branch in _branches(part)]
    if isinstance(clause, AllOf):
        branches: list[Clause] = [AllOf()]
        for part in clause.clauses:
            branches = [AllOf(one, other) for one in branches for other in _branches(part)]
        return branches
    return [clause]


def _interval(branch: Clause) -> _Interval:
    low, high, low_out, high_out = None, None, False, False
    for limit in _limits(branch):
        if limit.operator in (">=", ">", "==") and (low is None or limit.target >= low):
            low, low_out = limit.target, limit.operator == ">" or (low_out and limit.target == low)
        if limit.operator in ("<=", "<", "==") and (high is None or limit.target <= high):
            high, high_out = limit.target, limit.operator == "<" or (high_out and limit.target == high)
    return _Interval(low, high, low_out, high_out)


def _limits(clause: Clause) -> list[Range]:
    from semantic_version.base import AllOf, Range

    if isinstance(clause, Range):
        return [clause]
    return [limit for part in clause.clauses for limit in _limits(part)] if isinstance(clause, AllOf) else []
