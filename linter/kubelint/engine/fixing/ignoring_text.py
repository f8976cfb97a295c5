"""Comments that silence findings in files of text: where they can stand there, and in which form."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.engine.text_comments import UNREAD, fences, statements
from kubelint.manifests import Edit
from kubelint.manifests.texts import TextSlice
from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span
from kubelint.sources.text_files import TextKind, text_kind

_HEAD = regex(r"#!|#\s*(?:syntax|escape|check)\s*=")
"""Lines that mean something on top of a file only: `#!/bin/sh`, `# syntax=docker/dockerfile:1`."""


class TextSpot(NamedTuple):
    """Where a comment goes in text: above a line, to the end of one, or for all of the file to its top."""

    line: int
    above: bool = True
    for_file: bool = False


class TextSheet:
    """One file of text, and where comments may be added to it."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._lines = source.lines
        self._kind = text_kind(source.path)

    def spot(self, span: Span) -> TextSpot | None:
        """Where the comment for a finding at `span` goes; None where the file takes none."""
        if self._kind is None or self._kind in UNREAD:
            return None
        line = self._lines.position(span.start).line
        if self._kind is TextKind.MARKDOWN:
            first = next((first for first, last in fences(self._lines) if first <= line <= last), None)
            return TextSpot(line, above=False) if first is None else TextSpot(first)
        if span == Span(0, 0) or _HEAD.match(self._lines.line(line)):
            return TextSpot(1 + self._head(), for_file=True)
        return TextSpot(next((first for first, last in statements(self._lines) if first <= line <= last), line))

    def comment(self, spot: TextSpot, rules: list[str], reason: str) -> Edit:
        """The edit that writes a comment."""
        words = f"kubelint: ignore{'-file' if spot.for_file else ''}[{', '.join(rules)}] {reason}"
        written = f"<!-- {words} -->" if self._kind is TextKind.MARKDOWN else f"# {words}"
        if not spot.above:
            end = self._lines.span(spot.line).end
            return TextSlice(self._source.path, Span(end, end)).replace(f" {written}")
        if spot.line > len(self._lines):
            end = len(self._source.text)
            return TextSlice(self._source.path, Span(end, end)).replace(f"{self._line_break}{written}")
        text, start = self._lines.line(spot.line), self._lines.offset(spot.line)
        indent = text[: len(text) - len(text.lstrip(" \t"))]
        return TextSlice(self._source.path, Span(start, start)).replace(f"{indent}{written}{self._line_break}")

    def _head(self) -> int:
        """How many lines on top have to stay there."""
        lines = range(1, len(self._lines) + 1)
        return next((line - 1 for line in lines if not _HEAD.match(self._lines.line(line))), len(self._lines))

    @property
    def _line_break(self) -> str:
        end = self._lines.span(1).end
        return self._source.text[end : self._lines.offset(2)] if len(self._lines) > 1 else "\n"
