"""Comments where nothing reads comments: in files of text, in blocks of text inside of YAML, in templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span
from kubelint.sources.comments import Comment
from kubelint.sources.text import LineIndex
from kubelint.sources.text_files import TextKind

_HASH = regex(r"(?:^|(?<=\s))#+\s*kubelint\s*:\s*ignore(?:-file)?\s*\[.*")
_MARKUP = regex(r"<!--\s*kubelint\s*:.*?-->")
_TEMPLATE = regex(r"\{\{-?\s*/\*\s*kubelint\s*:.*?\*/\s*-?\}\}")
_FENCE = regex(r"\s*(?:[-*+]\s+|\d+[.)]\s+)*(`{3,}|~{3,})")
_HEREDOC = regex(r"<<-?\s*(['\"]?)(\w+)\1")

AT_LINE_ENDS = frozenset({TextKind.SHELL, TextKind.TASKS, TextKind.TOOLS})
"""What takes a comment behind something else on its line: in a `.gitignore`, say, that would be part of a pattern."""
UNREAD = frozenset({TextKind.CREDENTIALS, TextKind.SCANNER, TextKind.TERRAFORM})
"""What holds no comments of ours: it is no text, or a program writes it."""


Passage = Callable[[LineIndex, int], int]
"""From the first line of a passage to its last."""


class TextComment(NamedTuple):
    """A comment that addresses kubelint, and the part of the text that it speaks of."""

    comment: Comment
    covers: Span


def in_text(source: SourceFile, kind: TextKind) -> Iterator[TextComment]:
    """Those in a file of text: `<!-- … -->` in Markdown, outside of its blocks of code; else behind a `#`."""
    if kind in UNREAD or "kubelint" not in source.text:
        return
    if kind is TextKind.MARKDOWN:
        blocks = dict(fences(source.lines))
        inside = {line for first, last in blocks.items() for line in range(first + 1, last + 1)}
        for found in _found(source, _MARKUP):
            if source.lines.position(found.span.start).line not in inside:
                yield TextComment(found, _covered(source.lines, found, partial(_block, blocks)))
        return
    for found in _found(source, _HASH):
        if found.alone or kind in AT_LINE_ENDS:
            yield TextComment(found, _covered(source.lines, found, statement))


def in_template(source: SourceFile) -> Iterator[TextComment]:
    """Those that a template takes out when it is rendered."""
    for found in _found(source, _TEMPLATE):
        yield TextComment(found, _covered(source.lines, found, statement))


def in_strings(source: SourceFile) -> Iterator[TextComment]:
    """Those in the strings of a YAML file: in YAML and in scripts that stand there as blocks of text."""
    own = {source.lines.position(comment.span.start).line for comment in source.comments}
    for found in _found(source, _HASH):
        if source.lines.position(found.span.start).line not in own:
            yield TextComment(found, _covered(source.lines, found, statement))


def _found(source: SourceFile, pattern: re.Pattern[str]) -> Iterator[Comment]:
    at = source.text.find("kubelint")
    while at >= 0:
        number = source.lines.position(at).line
        span, text = source.lines.span(number), source.lines.line(number)
        for match in pattern.finditer(text):
            alone = not (text[: match.start()] + text[match.end() :]).strip()
            yield Comment(Span(*match.span()).shifted(span.start), match.group(), alone)
        at = source.text.find("kubelint", span.end)


def _covered(lines: LineIndex, comment: Comment, passage: Passage) -> Span:
    """The line of a comment; of one that stands alone the passage below it, too."""
    number = lines.position(comment.span.start).line
    following = number + 1
    while comment.alone and following <= len(lines) and not lines.line(following).strip():
        following += 1
    last = passage(lines, following) if comment.alone and following <= len(lines) else number
    return Span(lines.offset(number), lines.span(last).end)


def statements(lines: LineIndex) -> Iterator[tuple[int, int]]:
    """The first and the last line of each command of a script that goes on over several."""
    number = 1
    while number <= len(lines):
        last = _heredoc_end(lines, number)
        while last < len(lines) and lines.line(last).endswith("\\"):
            last = _heredoc_end(lines, last + 1)
        yield number, last
        number = last + 1


def statement(lines: LineIndex, first: int) -> int:
    """The last line of what starts on line `first`: with what is indented below it, goes on behind a backslash, or is
    the text that a shell is handed.
    """
    depth = _indent(lines.line(first))
    last = _heredoc_end(lines, first)
    number = last + 1
    while number <= len(lines):
        text = lines.line(number)
        if text.strip():
            if _indent(text) <= depth and not lines.line(number - 1).endswith("\\"):
                break
            last = number = _heredoc_end(lines, number)
        number += 1
    return last


def _heredoc_end(lines: LineIndex, number: int) -> int:
    match = _HEREDOC.search(lines.line(number))
    if match is None:
        return number
    ends = (line for line in range(number + 1, len(lines) + 1) if lines.line(line).strip() == match.group(2))
    return next(ends, number)


def _block(blocks: Mapping[int, int], lines: LineIndex, first: int) -> int:
    """The last line of the block of Markdown that starts on line `first`; `blocks` are those of code."""
    last = blocks.get(first, first)
    while first not in blocks and last < len(lines) and lines.line(last + 1).strip():
        last += 1
    return last


def fences(lines: LineIndex) -> Iterator[tuple[int, int]]:
    """The first and the last line of each block of code in Markdown."""
    start, mark = 0, ""
    for number in range(1, len(lines) + 1):
        match = _FENCE.match(lines.line(number))
        if match and not start:
            start, mark = number, match.group(1)
        elif match and match.group(1).startswith(mark) and not lines.line(number)[match.end() :].strip():
            yield start, number
            start = 0
    if start:
        yield start, len(lines)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))
