"""Which documents of a text a change touched: only those have to be read again."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_ENDING = re.compile(r"^(?:%|\.\.\.)", re.MULTILINE)
"""What makes it harder to say where documents begin: directives, and the end of one without the start of another."""
_NO_CONTENT = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*\Z")


class Differing(NamedTuple):
    """Some documents of a text: how many come before them, their characters, and those of what became of them."""

    number: int
    before: str
    after: str
    start: int = 0


def differing(before: str, after: str, documents: Iterable[int]) -> Differing:
    """The `documents` of `before`, whatever else `after` does not have in common with it, and what stands between."""
    markers = [match.start() for match in _MARKER.finditer(before)]
    if not markers or _ENDING.search(before):
        return Differing(0, before, after)
    starts = markers if _NO_CONTENT.match(before[: markers[0]]) else [0, *markers]
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    first = min([max(bisect_right(starts, head - len("---\n")) - 1, 0), *documents])
    last = max([bisect_right(starts, len(before) - tail), *(number + 1 for number in documents)])
    start = starts[first] if 0 < first < len(starts) else 0
    end = starts[last] if last < len(starts) else len(before)
    return Differing(first if start else 0, before[start:end], after[start : end + len(after) - len(before)], start)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return bisect_left(range(min(len(one), len(other))), True, key=lambda end: one[: end + 1] != other[: end + 1])
