"""Suppressions from comments, annotations and configuration, and which of them silence what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kubelint.checks import Fix, Location, Registry, Suppression
from kubelint.engine import text_comments
from kubelint.engine.corrections import Corrections
from kubelint.engine.coverage import Coverage, Stabbing
from kubelint.engine.directives import Directive, corrected, entry_removal
from kubelint.manifests.objects import KubeObject
from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span
from kubelint.sources.text_files import TextFile

if TYPE_CHECKING:
    from kubelint.engine.directives import Entry
    from kubelint.engine.report import Place
    from kubelint.engine.text_comments import TextComment
    from kubelint.manifests.field import Field
    from kubelint.sources.comments import Comment

DOMAIN = "kubelint.dev/"
ANNOTATION = f"{DOMAIN}ignore."

_ENTRY = regex(r"([A-Za-z0-9_:-]+)(?:\s+until=(\S+))?")
_DATE = regex(r"\d{4}-\d{2}-\d{2}")
_UNTIL = regex(r"\s*until\s*[=:]")
_ALLOWLIST = regex(r"(?:#|//|;|<!--|\*|--)\s*pragma: ?(?:allow|white)list[ -]?(nextline)?[ -]?secret|gitleaks:allow\b")


class SuppressedSpan(NamedTuple):
    """A suppression, the part of its file in which it holds (None: all of it), and the lines that it stands beside."""

    suppression: Suppression
    span: Span | None = None
    near: Span | None = None


class _Spans:
    """Suppressions by where they hold."""

    def __init__(self, placed: list[tuple[Suppression, Span]]) -> None:
        self._suppressions = [suppression for suppression, _ in placed]
        self._spans = Stabbing([span for _, span in placed])

    def at(self, offset: int) -> Iterator[Suppression]:
        yield from (self._suppressions[index] for index in self._spans.at(offset))

    def meeting(self, span: Span) -> Iterator[Suppression]:
        yield from (self._suppressions[index] for index in self._spans.meeting(span))


class _RuleIndex:
    """The suppressions of one rule in one file."""

    def __init__(self, entries: list[SuppressedSpan]) -> None:
        self._everywhere = [entry.suppression for entry in entries if entry.span is None]
        self._spans = _Spans([(entry.suppression, entry.span) for entry in entries if entry.span is not None])
        self._near = _Spans([(entry.suppression, entry.near) for entry in entries if entry.near is not None])

    def at(self, place: Place) -> Iterator[Suppression]:
        """Those that hold where `place` starts, and those that stand on its other lines."""
        yield from self._everywhere
        yield from self._spans.at(place.span.start)
        yield from self.near(place)

    def near(self, place: Place) -> Iterator[Suppression]:
        """Those that stand on the lines of `place`, or above."""
        yield from self._near.meeting(place.span)


_NONE = _RuleIndex([])


class Suppressions:
    """All suppressions of a run."""

    def __init__(self, registry: Registry, running: set[str], today: date, *, require_reasons: bool = False) -> None:
        self._registry = registry
        self._running = running
        self._today = today
        self._require_reasons = require_reasons
        self._corrections = Corrections(registry)
        self._rules: set[str] = set()
        self._by_file: dict[str, list[SuppressedSpan]] = {}
        self._indexes: dict[str, dict[str, _RuleIndex]] = {}

    def read_comments(self, source: SourceFile) -> None:
        """Take up the directives in the comments of a YAML file, and in the texts that it holds."""
        if not _is_addressed(source):
            return
        coverage = Coverage(source)
        for comment in source.comments:
            directive = Directive.read(comment)
            if directive is not None:
                self._read_directive(source, comment, directive, (coverage.of(comment), coverage.near(comment)))
        if not source.is_json:
            self._read_data(source, text_comments.in_strings(source))

    def read_template(self, source: SourceFile) -> None:
        """Take up the comments that rendering takes out of a template."""
        self._read_data(source, text_comments.in_template(source))

    def read_text(self, file: TextFile) -> None:
        """Take up the directives in a file of text."""
        if file.kind in text_comments.UNREAD or not _is_addressed(file.source):
            return
        for comment, covers in text_comments.in_text(file.source, file.kind):
            directive = Directive.read(comment)
            if directive is not None:
                self._read_directive(file.source, comment, directive, (covers, covers))

    def _read_data(self, source: SourceFile, found: Iterable[TextComment]) -> None:
        """Comments in what may be somebody's text, or rendered with other values: nothing is said of those."""
        for comment, covers in found:
            directive = Directive.read(comment)
            for entry in directive.entries if directive is not None else ():
                assert directive is not None
                suppression = self._entry(entry, source, directive.reason)
                suppression.runs = False
                if suppression.known and not suppression.problem:
                    self._add(suppression, None if directive.is_for_file else covers, covers)

    def read_annotations(self, obj: KubeObject) -> None:
        """Take up the annotations of an object that silence a rule for all of it."""
        annotations = obj.field("metadata", "annotations")
        for key, field in annotations.items():
            if key.startswith(DOMAIN):
                node = obj.document.source.locate(obj.root.path)
                suppression = self._annotation(annotations, key, field)
                alone = len(list(annotations.items())) == 1
                suppression.removal = Fix.safe("remove the annotation", (annotations if alone else field).delete())
                self._add(suppression, node.node.span if node else None)

    def _annotation(self, annotations: Field, key: str, field: Field) -> Suppression:
        location = Location.of(field.key)
        reason = "" if field.value is None else str(field.value)
        name = key.removeprefix(ANNOTATION)
        if name == key:
            return Suppression("", location, reason, problem=f"an annotation is called `{ANNOTATION}RULE`")
        suppression = self._suppression(name, location, reason)
        if _UNTIL.match(reason):
            suppression.problem = "an annotation takes no date: a comment does, or `ignore` in the configuration"
        meant = None if suppression.known else self._corrections.rule(name)
        if meant is not None:
            text = json.dumps(field.value, ensure_ascii=False)
            edits = (field.delete(), annotations.insert(f"{ANNOTATION}{meant}", text))
            suppression.correction = Fix.safe(f"write `{ANNOTATION}{meant}`", *edits)
        return suppression

    def _read_directive(
        self, source: SourceFile, comment: Comment, directive: Directive, covers: tuple[Span, Span]
    ) -> None:
        if not directive.entries:
            location = Location(source.path, span=comment.span)
            suppression = Suppression("", location, problem=_expected(directive))
            meant = self._corrections.directive(directive.what)
            if meant is not None:
                suppression.correction = corrected(source, directive.said, f"kubelint: {meant}")
            self._add(suppression)
            return
        for number, entry in enumerate(directive.entries):
            suppression = self._entry(entry, source, directive.reason)
            suppression.removal = entry_removal(source, comment, directive, number)
            if not entry.text:
                suppression.correction = suppression.removal
            self._add(suppression, *((None, None) if directive.is_for_file else covers))

    def _entry(self, entry: Entry, source: SourceFile, reason: str) -> Suppression:
        location = Location(source.path, span=Span(entry.span.start, max(entry.span.end, entry.span.start + 1)))
        match = _ENTRY.fullmatch(entry.text)
        if match is None:
            suppression = Suppression("", location, reason, problem=f"`{entry.text}` is not a rule id")
        else:
            suppression = self._suppression(match.group(1), location, reason)
            if match.group(2):
                self._limit(suppression, match.group(2))
        if suppression.problem or not suppression.known:
            meant = self._corrections.entry(entry.text) if entry.text else None
            suppression.correction = None if meant is None else corrected(source, entry.span, meant)
        return suppression

    def _limit(self, suppression: Suppression, until: str) -> None:
        """Give a suppression its last day."""
        try:
            suppression.until = date.fromisoformat(until) if _DATE.fullmatch(until) else None
        except ValueError:
            suppression.until = None
        if suppression.until is None:
            suppression.problem = f"`{until}` is not a date such as 2027-01-31"
        else:
            suppression.expired = suppression.until < self._today

    def _suppression(self, rule_id: str, location: Location, reason: str) -> Suppression:
        rule = self._registry.get(rule_id)
        suppression = Suppression(rule.meta.id if rule else rule_id, location, reason)
        suppression.known = rule is not None
        suppression.matching = 0 if rule else len(self._registry.matching(rule_id))
        suppression.suggestion = "" if rule else self._registry.suggest(rule_id, categories=False) or ""
        suppression.runs = rule is not None and rule.meta.id in self._running
        suppression.lacks_reason = self._require_reasons and not reason.strip()
        return suppression

    def _add(self, suppression: Suppression, span: Span | None = None, near: Span | None = None) -> None:
        self._rules.add(suppression.rule)
        entry = SuppressedSpan(suppression, span, near)
        self._by_file.setdefault(suppression.location.file, []).append(entry)

    def name(self, rule_id: str) -> bool:
        """Whether any of them names that rule."""
        return rule_id in self._rules

    def silence(self, rule_id: str, places: Iterable[Place], related: Iterable[Place] = ()) -> bool:
        """Whether a finding of that rule is suppressed: for the part of a file that holds one of its `places`, or by a
        comment beside these or one of those that are `related`. What suppresses it is marked as used.
        """
        found = [each for at in places for each in self._index(at.path).get(rule_id, _NONE).at(at)]
        found += [each for at in related for each in self._index(at.path).get(rule_id, _NONE).near(at)]
        spans = {at.span for at in places}
        silencing = [each for each in found if each.location.span is None or each.location.span not in spans]
        for suppression in silencing:  # none speaks of itself
            suppression.used = True
        return bool(silencing)

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


def _is_addressed(source: SourceFile) -> bool:
    """Whether anything in a file may be meant for kubelint, in whatever letters."""
    return "ubelint" in source.text or "UBELINT" in source.text


def _expected(directive: Directive) -> str:
    """What is wrong with a directive as a whole."""
    if "until" in directive.what and "]" in directive.what:
        return "a date stands in the brackets, `ignore[rule until=2027-01-31] reason`"
    return "expected `ignore[rule, …] reason` or `ignore-file[rule, …] reason`"


def allowlisted_lines(source: SourceFile) -> frozenset[int]:
    """The lines for which the comment of detect-secrets (`# pragma: allowlist secret`) or gitleaks speaks."""
    if "gitleaks:allow" not in source.text and not ("list" in source.text and "pragma:" in source.text):
        return frozenset()
    found = ((number, _ALLOWLIST.search(source.lines.line(number))) for number in range(1, len(source.lines) + 1))
    return frozenset(number + bool(match.group(1)) for number, match in found if match)
