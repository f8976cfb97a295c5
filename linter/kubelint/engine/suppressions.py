"""Suppressions from comments, annotations and configuration, and which of them silence what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kubelint.checks import Fix, Location, Registry, Suppression
from kubelint.engine.coverage import Coverage, Stabbing
from kubelint.engine.directives import Directive, entry_removal, removal
from kubelint.manifests.objects import KubeObject
from kubelint.sources import SourceFile, Span

if TYPE_CHECKING:
    from kubelint.sources.comments import Comment

ANNOTATION = "kubelint.dev/ignore."

_ENTRY = re.compile(r"([A-Za-z0-9_-]+)(?:\s+until=(\S+))?")
_ALLOWLIST = re.compile(
    r"(?:#|//|;|<!--|\*|--)\s*pragma: ?(?:allow|white)list[ -]?(nextline)?[ -]?secret|gitleaks:allow\b"
)


class SuppressedSpan(NamedTuple):
    """A suppression and the part of its file in which it holds; None for the whole file."""

    suppression: Suppression
    span: Span | None


class _RuleIndex:
    """The suppressions of one rule in one file."""

    def __init__(self, entries: list[SuppressedSpan]) -> None:
        self._everywhere = [entry.suppression for entry in entries if entry.span is None]
        placed = [(entry.suppression, entry.span) for entry in entries if entry.span is not None]
        self._placed = [suppression for suppression, _ in placed]
        self._spans = Stabbing([span for _, span in placed])

    def at(self, offset: int) -> Iterator[Suppression]:
        """Those that hold at `offset`."""
        yield from self._everywhere
        for index in self._spans.at(offset):
            yield self._placed[index]


_NONE = _RuleIndex([])


class Suppressions:
    """All suppressions of a run."""

    def __init__(self, registry: Registry, running: set[str], today: date, *, require_reasons: bool = False) -> None:
        self._registry = registry
        self._running = running
        self._today = today
        self._require_reasons = require_reasons
        self._by_file: dict[str, list[SuppressedSpan]] = {}
        self._indexes: dict[str, dict[str, _RuleIndex]] = {}

    def read_comments(self, source: SourceFile) -> None:
        """Take up the directives in the comments of a file."""
        if "kubelint" not in source.text:
            return
        coverage = Coverage(source)
        for comment in source.comments:
            directive = Directive.read(comment)
            if directive is not None:
                self._read_directive(source, comment, directive, coverage)

    def read_annotations(self, obj: KubeObject) -> None:
        """Take up the annotations of an object that silence a rule for all of it."""
        annotations = obj.field("metadata", "annotations")
        for key, field in annotations.items():
            if key.startswith(ANNOTATION):
                location = Location.of(field.key)
                node = obj.document.source.locate(obj.root.path)
                span = node.node.span if node else None
                reason = "" if field.value is None else str(field.value)
                suppression = self._suppression(key.removeprefix(ANNOTATION), location, reason)
                alone = len(list(annotations.items())) == 1
                suppression.removal = Fix.safe("remove the annotation", (annotations if alone else field).delete())
                self._add(suppression, span)

    def _read_directive(self, source: SourceFile, comment: Comment, directive: Directive, coverage: Coverage) -> None:
        if not directive.entries:
            problem = "expected `ignore[rule, …] reason` or `ignore-file[rule, …] reason`"
            location = Location(source.path, span=comment.span)
            self._add(Suppression("", location, problem=problem, removal=removal(source, comment)), None)
            return
        span = None if directive.is_for_file else coverage.of(comment)
        for number, entry in enumerate(directive.entries):
            end = max(entry.span.end, entry.span.start + 1)
            location = Location(source.path, span=Span(entry.span.start, end))
            suppression = self._entry(entry.text, location, directive.reason)
            suppression.removal = entry_removal(source, comment, directive, number)
            self._add(suppression, span)

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
        suppression.lacks_reason = self._require_reasons and not reason.strip()
        return suppression

    def _add(self, suppression: Suppression, span: Span | None) -> None:
        self._by_file.setdefault(suppression.location.file, []).append(SuppressedSpan(suppression, span))

    def silence(self, rule_id: str, file: str, span: Span) -> bool:
        """Whether a finding of that rule at that span is suppressed; what suppresses it is marked as used."""
        silenced = False
        for suppression in self._index(file).get(rule_id, _NONE).at(span.start):
            suppression.used = silenced = True
        return silenced

    def _index(self, file: str) -> dict[str, _RuleIndex]:
        """The suppressions of a file that hold, by rule; made when the first finding in it asks."""
        if file not in self._indexes:
            by_rule: dict[str, list[SuppressedSpan]] = {}
            for entry in self._by_file.get(file, ()):
                if entry.suppression.holds:
                    by_rule.setdefault(entry.suppression.rule, []).append(entry)
            self._indexes[file] = {rule: _RuleIndex(entries) for rule, entries in by_rule.items()}
        return self._indexes[file]

    def __iter__(self) -> Iterator[Suppression]:
        for entries in self._by_file.values():
            for entry in entries:
                yield entry.suppression


def allowlisted_lines(source: SourceFile) -> frozenset[int]:
    """The lines for which the comment of detect-secrets (`# pragma: allowlist secret`) or gitleaks speaks."""
    if "gitleaks:allow" not in source.text and not ("list" in source.text and "pragma:" in source.text):
        return frozenset()
    found = ((number, _ALLOWLIST.search(source.lines.line(number))) for number in range(1, len(source.lines) + 1))
    return frozenset(number + bool(match.group(1)) for number, match in found if match)
