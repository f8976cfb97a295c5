"""The answer that files allow: yes, no, or that they do not tell."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """An answer of three: ``UNKNOWN`` where the files do not tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @staticmethod
    def every(verdicts: Iterable[Verdict]) -> Verdict:
        """YES if all are, NO if one is; else UNKNOWN."""
        found = set(verdicts)
        if Verdict.NO in found:
            return Verdict.NO
        return Verdict.UNKNOWN if Verdict.UNKNOWN in found else Verdict.YES

    @staticmethod
    def some(verdicts: Iterable[Verdict]) -> Verdict:
        """YES if one is, NO if all are; else UNKNOWN."""
        found = set(verdicts)
        if Verdict.YES in found:
            return Verdict.YES
        return Verdict.UNKNOWN if Verdict.UNKNOWN in found else Verdict.NO
