"""Text and places in it. Offsets count code points from 0; lines and columns count from 1; spans are half open."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from kubelint.regexes import regex

_LINE_BREAK = regex(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A point in a file: 1-based line and column, the column in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """The text between two offsets, the end excluded."""

    start: int
    end: int

    def shifted(self, by: int) -> "Span":
        """The same span `by` code points further on."""
        return Span(self.start + by, self.end + by)

    def covers(self, other: "Span") -> bool:
        """Whether `other` lies within this span."""
        return self.start <= other.start and other.end <= self.end


class LineIndex:
    """Finds the line and column of an offset, and the text of a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [(match.start(), match.end()) for match in _LINE_BREAK.finditer(text)]
        self._starts = [0, *(end for _, end in self._breaks)]

    def __len__(self) -> int:
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """The position of `offset`; one past the end of the text is the end of the last line."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a 1-based line and column."""
        return self._starts[line - 1] + column - 1

    def span(self, line: int) -> Span:
        """The extent of a 1-based line, its line break excluded."""
        end = self._breaks[line - 1][0] if line <= len(self._breaks) else len(self._text)
        return Span(self._starts[line - 1], end)

    def line(self, line: int) -> str:
        """The text of a 1-based line without its line break."""
        start, end = self.span(line)
        return self._text[start:end]


@dataclass
class SourceText:
    """The text of one file (byte order mark removed) under its path relative to the project root."""

    path: str
    text: str
    encoding: str = "utf-8"

    @cached_property
    def lines(self) -> LineIndex:
        """The index of this text's lines, made on first use."""
        return LineIndex(self.text)
