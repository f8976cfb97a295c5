"""The hashes by which GitHub's code scanning knows a line again when lines around it move.

They are what `github/codeql-action`, `src/fingerprints.ts`, computes: for a line the 100 UTF-16 code units that follow
from its first character on, blanks left out and every line break one, then U+FFFF for the end of the file, then zeros;
of these the sum of `unit * 37 ** (99 - position)` modulo 2 ** 64 in hexadecimal, and how often it came up so far.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from kubelint.engine.report import Report
from kubelint.regexes import regex
from kubelint.sources import SourceText, Span

_UNITS = 100
_SIZE = 2 * _UNITS
_BASE = 37
_END = b"\xff\xff"
_MARKS = {"utf-8": "", "utf-8-sig": "\ufeff"}
_WINDOW = regex(rf"(?:[ \t]*(?:\r\n|[^ \t])){{0,{_UNITS}}}")


class LineHashes:
    """The hashes of the lines of one file, other than those that something `hidden` goes into: spans in order."""

    def __init__(self, source: SourceText, hidden: Sequence[Span] = ()) -> None:
        self._source = source
        self._starts = [part.start for part in hidden]
        self._ends = list(accumulate((part.end for part in hidden), max, initial=0))

    @classmethod
    def of(cls, report: Report, path: str) -> LineHashes:
        """Those of a file that `report` shows, where nothing that it masks may be found out."""
        source = report.sources[path]
        secrets = report.secrets.get(path)
        found = secrets.find(source.text) if secrets is not None else ()
        whole = [Span(0, len(source.text) + 1)] if path in report.unread else []
        return cls(source, sorted([*report.masked.get(path, []), *found, *whole]))

    def hash(self, line: int) -> str | None:
        """The hash of a 1-based line; None where it would tell of a secret, and for what is not UTF-8."""
        if self._source.encoding not in _MARKS or self._is_hidden(hashed(self._source, line)):
            return None
        window, ordinal = self._windows[line - 1]
        value = 0
        for (unit,) in struct.iter_unpack("<H", window.ljust(_SIZE, b"\0")):
            value = value * _BASE + unit
        return f"{value % 2**64:x}:{ordinal}"

    def _is_hidden(self, span: Span) -> bool:
        return self._ends[bisect_left(self._starts, span.end)] > span.start

    @cached_property
    def _windows(self) -> list[tuple[bytes, int]]:
        """What is hashed of each line, and how often that came up so far."""
        text = _MARKS[self._source.encoding] + re.sub(r"\r\n?", "\n", self._source.text)
        lines = [line.encode("utf-16-le", "surrogatepass") for line in re.sub("[ \t]", "", text).split("\n")]
        data = b"\n\0".join(lines) + _END
        seen: Counter[bytes] = Counter()
        windows = []
        for start in accumulate((len(line) + 2 for line in lines[:-1]), initial=0):
            window = data[start : start + _SIZE]
            seen[window] += 1
            windows.append((window, seen[window]))
        return windows


def hashed(source: SourceText, line: int) -> Span:
    """The text that goes into the hash of a 1-based line, and at most a little more."""
    start = source.lines.offset(line)
    match = _WINDOW.match(source.text, start)
    return Span(start, match.end() if match else start)


def hashed_lines(source: SourceText, line: int) -> range:
    """The lines on which that text stands."""
    return range(line, source.lines.position(hashed(source, line).end).line + 1)
