"""Comments that speak to kubelint: what they say, and how to take that out of the file again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kubelint.checks import Fix
from kubelint.engine.corrections import dated
from kubelint.manifests.texts import TextSlice
from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span

if TYPE_CHECKING:
    from kubelint.sources.comments import Comment

_DIRECTIVE = regex(r"(?:#+|<!--|\{\{-?\s*/\*)\s*(?P<said>kubelint\s*:\s*(?P<what>.*))", re.DOTALL)
_MEANT = regex(r"(?i)#+\s*(?P<said>kubelint[\s:_-]+(?P<what>ignore(?:[-_ ]?file)?\s*[\[(].*))", re.DOTALL)
_IGNORE = regex(r"(ignore|ignore-file)\s*\[([^\]]*)\](.*)", re.DOTALL)
_NEXT_COMMENT = regex(r"(?<=\s)#")


class Entry(NamedTuple):
    """One rule of the list in a comment, as it is written; `span` counts in the file."""

    text: str
    span: Span


class Directive(NamedTuple):
    """What a comment that addresses kubelint says. No entries where that cannot be understood.

    `what` is all that stands behind `kubelint:`; `said` its place in the file, that word included.
    """

    what: str
    said: Span
    entries: tuple[Entry, ...] = ()
    reason: str = ""
    is_for_file: bool = False

    @classmethod
    def read(cls, comment: Comment) -> Directive | None:
        """The directive in `comment`; None where it speaks to somebody else."""
        text = _words(comment.text)
        exact = _DIRECTIVE.match(text)
        addressed = exact or _MEANT.match(text)
        if addressed is None:
            return None
        start = comment.span.start
        what, said = addressed["what"].strip(), Span(*addressed.span("said")).shifted(start)
        match = _IGNORE.fullmatch(what)
        if exact is None or match is None or not match.group(2).strip() or dated(match.group(3)):
            return cls(what, said)
        entries = tuple(_entries(match.group(2), start + text.index("[") + 1))
        return cls(what, said, entries, match.group(3).strip(), match.group(1) == "ignore-file")


def _words(text: str) -> str:
    """A comment without what ends it in markup and in templates."""
    if text.startswith("<!--"):
        text = text.removesuffix("-->")
    elif text.startswith("{{"):
        text = text.removesuffix("}}").removesuffix("-").rstrip().removesuffix("*/")
    return text.rstrip()


def _entries(names: str, at: int) -> list[Entry]:
    found = []
    for name in names.split(","):
        start = at + len(name) - len(name.lstrip())
        found.append(Entry(name.strip(), Span(start, start + len(name.strip()))))
        at += len(name) + 1
    return found


def corrected(source: SourceFile, span: Span, text: str) -> Fix:
    """Put what was meant in place of what is written at `span`. It changes nothing but what kubelint says."""
    return Fix.safe(f"write `{text}`", TextSlice(source.path, span).replace(text))


def entry_removal(source: SourceFile, comment: Comment, directive: Directive, number: int) -> Fix:
    """Take one entry out of a comment; the last one with all of it.

    Neighbours cannot be taken out at once: that one is always left, and goes with the comment.
    """
    entries = directive.entries
    if len(entries) == 1:
        return removal(source, comment, f"the suppression of `{entries[0].text}`")
    last = number + 1 == len(entries)
    start = entries[number - 1].span.end if last else entries[number].span.start
    end = entries[number].span.end if last else entries[number + 1].span.start
    entry = TextSlice(source.path, Span(start, end))
    return Fix.safe(f"take `{entries[number].text}` out of the list", entry.replace(""))


def removal(source: SourceFile, comment: Comment, what: str = "the comment") -> Fix:
    """Take a comment out of a file: with its line if it stands there alone. Another comment behind it stays."""
    following = _NEXT_COMMENT.search(comment.text)
    if following is not None:
        span = Span(comment.span.start, comment.span.start + following.start())
    elif comment.alone:
        span = _line(source, comment)
    else:
        before = source.text[: comment.span.start]
        span = Span(len(before.rstrip(" \t")), comment.span.end)
    return Fix.safe(f"remove {what}", TextSlice(source.path, span).replace(""))


def _line(source: SourceFile, comment: Comment) -> Span:
    """The line of a comment with the break that ends it; for the last line, with the one before it."""
    lines = source.lines
    number = lines.position(comment.span.start).line
    if number < len(lines):
        return Span(lines.offset(number), lines.offset(number + 1))
    return Span(lines.span(number - 1).end if number > 1 else 0, len(source.text))
