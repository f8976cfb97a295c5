"""Suppressions: instructions not to report, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kubelint.checks.finding import Location
from kubelint.checks.fix import Fix


@dataclass(slots=True)
class Suppression:
    """One rule silenced at one place. A comment that names two rules is two of these.

    `problem` says why the directive could not be understood; `lacks_reason` whether it gives none though the
    configuration asks for one; `known` whether a rule of that name exists; `used` whether it silenced a finding in this
    run; `runs` whether its rule took part in this run, so that being unused means something. `suggestion` is a rule of
    a name like that of one that does not exist, `matching` how many rules a name means that is that of a category.
    `removal` takes it out of the file; `correction` makes of it what can only be meant.
    """

    rule: str
    location: Location
    reason: str = ""
    until: date | None = None
    problem: str = ""
    lacks_reason: bool = False
    known: bool = True
    suggestion: str = ""
    matching: int = 0
    used: bool = False
    runs: bool = True
    expired: bool = False
    removal: Fix | None = None
    correction: Fix | None = None

    @property
    def holds(self) -> bool:
        """Whether it silences what it names."""
        return not (self.problem or self.lacks_reason or self.expired)
