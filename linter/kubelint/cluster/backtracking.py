"""How long a backtracking matcher may take: Python's, where the systems that are modelled have one of linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from math import factorial, inf
from typing import NamedTuple

_PART = re.compile(
    r"(?P<atom>\\x\{[0-9a-fA-F]*\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*+(?:\]|\Z))"
    r"|(?P<open>\((?:\?(?:P?<\w+>|[a-zA-Z-]*:?))?)"
    r"|(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})\??|(?P<close>\))|(?P<either>\|)|(?P<other>.)",
    re.DOTALL,
)


class Ways(NamedTuple):
    """In how many ways an expression may divide a text: `fixed`, times those of `stars` repetitions without end."""

    fixed: float = 1.0
    stars: int = 0

    def then(self, other: Ways) -> Ways:
        """One after the other."""
        return Ways(self.fixed * other.fixed, self.stars + other.stars)

    def either(self, other: Ways) -> Ways:
        """One or the other."""
        return Ways(self.fixed + other.fixed, max(self.stars, other.stars))

    def repeated(self, repeat: str) -> Ways:
        """As often as `*`, `+`, `?` or `{2,5}` says; something that has several ways itself has too many then."""
        if repeat == "?":
            return self.either(Ways())
        least, comma, most = repeat.strip("{}").partition(",") if repeat[0] == "{" else ("0", ",", "")
        endless, times = comma and not most, int(most or least)
        if self != Ways():
            return self if not endless and times <= 1 else Ways(inf)
        return Ways(1.0, 1) if endless else Ways(1.0 + times - int(least))


@lru_cache(8192)
def ways(pattern: str) -> Ways:
    """In how many ways `pattern` may divide a text, at most, in the syntax that Go and Python share."""
    levels: list[tuple[Ways, Ways | None]] = []  # what stands before an open group: in its branch, in those before
    branch, before, last = Ways(), None, Ways()
    for match in _PART.finditer(pattern):
        if match["open"]:
            levels.append((branch.then(last), before))
            branch, before, last = Ways(), None, Ways()
        elif match["close"] and levels:
            whole = branch.then(last)
            last = whole if before is None else before.either(whole)
            branch, before = levels.pop()
        elif match["either"]:
            whole = branch.then(last)
            branch, before, last = Ways(), whole if before is None else before.either(whole), Ways()
        elif match["repeat"]:
            last = last.repeated(match["repeat"])
        else:
            branch, last = branch.then(last), Ways()
    whole = branch.then(last)
    return whole if before is None else before.either(whole)


def tries(pattern: str, length: int) -> float:
    """How often a backtracking matcher may try to match `pattern` against all of a text of that length, at most."""
    fixed, stars = ways(pattern)
    return fixed * float(length + 1) ** min(stars, 50) / factorial(min(stars, 50))
