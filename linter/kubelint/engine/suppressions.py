"""Suppressions from comments, annotations and configuration, and which of them silence what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kubelint.checks import Location, Registry, Suppression
from kubelint.manifests.objects import KubeObject
from kubelint.sources import SourceFile, Span

if TYPE_CHECKING:
    from kubelint.sources.comments import Comment
    from kubelint.sources.nodes import Node

ANNOTATION = "kubelint.dev/ignore."

_DIRECTIVE = re.compile(r"#+\s*kubelint\s*:\s*(.*)", re.DOTALL)
_IGNORE = re.compile(r"(ignore|ignore-file)\s*\[([^\]]*)\](.*)", re.DOTALL)
_ENTRY = re.compile(r"([A-Za-z0-9_-]+)(?:\s+until=(\S+))?")
_ALLOWLIST = re.compile(r"(?:#|//|;|<!--|\*|--)\s*pragma: ?(?:allow|white)list[ -]?(nextline)?[ -]?secret")


class SuppressedSpan(NamedTuple):
    """A suppression and the part of its file in which it holds; None for the whole file."""

    suppression: Suppression
    span: Span | None


class Suppressions:
    """All suppressions of a run."""

    def __init__(self, registry: Registry, running: set[str], today: date) -> None:
        self._registry = registry
        self._running = running
        self._today = today
        self._by_file: dict[str, list[SuppressedSpan]] = {}

    def read_comments(self, source: SourceFile) -> None:
        """Take up the directives in the comments of a file."""
        if "kubelint" not in source.text:
            return
        for comment in source.comments:
            match = _DIRECTIVE.match(comment.text)
            if match:
                self._read_directive(source, comment, match.group(1).strip())

    def read_annotations(self, obj: KubeObject) -> None:
        """Take up the annotations of an object that silence a rule for all of it."""
        for key, field in obj.field("metadata", "annotations").items():
            if key.startswith(ANNOTATION):
                location = Location.of(field.key)
                node = obj.document.source.locate(obj.root.path)
                span = node.node.span if node else None
                self._add(self._suppression(key.removeprefix(ANNOTATION), location, str(field.value or "")), span)

    def _read_directive(self, source: SourceFile, comment: Comment, directive: str) -> None:
        match = _IGNORE.fullmatch(directive)
        if match is None or not match.group(2).strip():
            self._add(
                self._malformed(source, comment, "expected `ignore[rule, …] reason` or `ignore-file[rule, …] reason`"),
                None,
            )
            return
        span = None if match.group(1) == "ignore-file" else _covered(source, comment)
        at = comment.span.start + comment.text.index("[") + 1
        for entry in match.group(2).split(","):
            start = at + len(entry) - len(entry.lstrip())
            location = Location(source.path, span=Span(start, start + max(1, len(entry.strip()))))
            self._add(self._entry(entry.strip(), location, match.group(3).strip()), span)
            at += len(entry) + 1

    def _entry(self, entry: str, location: Location, reason: str) -> Suppression:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            return Suppression("", location, reason, problem=f"`{entry}` is not a rule id")
        suppression = self._suppression(match.group(1), location, reason)
        if match.group(2):
            try:
                suppression.until = date.fromisoformat(match.group(2))
            except ValueError:
                suppression.problem = f"`{match.group(2)}` is not a date such as 2027-01-31"
            else:
                suppression.expired = suppression.until < self._today
        return suppression

    def _suppression(self, rule_id: str, location: Location, reason: str) -> Suppression:
        rule = self._registry.get(rule_id)
        suppression = Suppression(rule.meta.id if rule else rule_id, location, reason)
        suppression.known = rule is not None
        suppression.suggestion = "" if rule else self._registry.suggest(rule_id, categories=False) or ""
        suppression.runs = rule is not None and rule.meta.id in self._running
        return suppression

    def _malformed(self, source: SourceFile, comment: Comment, problem: str) -> Suppression:
        return Suppression("", Location(source.path, span=comment.span), problem=problem)

    def _add(self, suppression: Suppression, span: Span | None) -> None:
        self._by_file.setdefault(suppression.location.file, []).append(SuppressedSpan(suppression, span))

    def silence(self, rule_id: str, file: str, span: Span) -> bool:
        """Whether a finding of that rule at that span is suppressed; what suppresses it is marked as used."""
        silenced = False
        for entry in self._by_file.get(file, []):
            suppression = entry.suppression
            if suppression.rule != rule_id or suppression.problem or suppression.expired:
                continue
            if entry.span is None or (entry.span.start <= span.start and span.start <= entry.span.end):
                suppression.used = silenced = True
        return silenced

    def __iter__(self) -> Iterator[Suppression]:
        for entries in self._by_file.values():
            for entry in entries:
                yield entry.suppression


def is_allowlisted(source: SourceFile, span: Span) -> bool:
    """Whether detect-secrets' own comment (`# pragma: allowlist secret`) speaks for the text at `span`."""
    if "list" not in source.text or "pragma:" not in source.text:
        return False
    first, last = source.lines.position(span.start).line, source.lines.position(span.end).line
    for number in range(max(1, first - 1), last + 1):
        match = _ALLOWLIST.search(source.lines.line(number))
        if match and bool(match.group(1)) == (number == first - 1):
            return True
    return False
