"""Comments, and where none can stand annotations, that silence findings: as fixes of these."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from kubelint.checks import EngineRule, Fix, Registry, SuppressionRule
from kubelint.engine.coverage import Coverage
from kubelint.engine.directives import Directive
from kubelint.engine.fixing.ignoring_text import TextSheet, TextSpot
from kubelint.engine.report import ReportedFinding
from kubelint.engine.suppressions import ANNOTATION
from kubelint.manifests import Document, Edit, Field, KubeObject, Project
from kubelint.manifests.texts import TextSlice
from kubelint.sources import SourceFile, Span
from kubelint.sources.comments import Comment
from kubelint.sources.nodes import Node, Pair
from kubelint.sources.text_files import text_kind


class CannotIgnore(Exception):
    """A finding cannot be silenced where it is. The message says why."""


class _Spot(NamedTuple):
    """Where a comment goes: to the end of a line, or alone above it."""

    line: int
    above: bool = False


class Ignoring:
    """Writes suppressions, all with one reason, for findings in `files`."""

    def __init__(self, files: dict[str, SourceFile], registry: Registry, reason: str) -> None:
        self._files = files
        self._registry = registry
        self._reason = reason
        self._sheets: dict[str, _Sheet] = {}
        self._texts: dict[str, TextSheet] = {}
        self.failed: list[tuple[ReportedFinding, str]] = []

    def fixes(self, findings: Iterable[ReportedFinding]) -> list[ReportedFinding]:
        """The findings, each with the fix that silences it in place of its own. Those that one comment silences share
        one: the first of them has it. What cannot be silenced is in `failed`, with the reason.
        """
        self.failed = []
        spots: dict[tuple[str, _Spot | TextSpot | KubeObject], list[ReportedFinding]] = {}
        for finding in findings:
            try:
                spots.setdefault((finding.place.path, self._spot(finding)), []).append(finding)
            except CannotIgnore as problem:
                self.failed.append((finding, str(problem)))
        fixed = []
        for (path, spot), together in spots.items():
            rules = sorted({finding.meta.id for finding in together})
            edits = self._edits(path, spot, rules)
            fix = Fix.safe(f"suppress {', '.join(rules)}", *edits)
            fixed += [together[0]._replace(fixes=(fix,)), *(finding._replace(fixes=()) for finding in together[1:])]
        return fixed

    def _spot(self, finding: ReportedFinding) -> _Spot | TextSpot | KubeObject:
        entry = self._registry.get(finding.meta.id)
        if entry is not None and issubclass(entry.rule, EngineRule):
            raise CannotIgnore("it is about kubelint itself")
        if entry is not None and issubclass(entry.rule, SuppressionRule):
            raise CannotIgnore("it is about a suppression: --fix removes that")
        source = self._files[finding.place.path]
        if text_kind(source.path) is not None:
            return self._text_spot(source, finding)
        if not source.documents or source.problems:
            raise CannotIgnore("a comment of kubelint counts in YAML that can be read; use `ignore` in kubelint.yaml")
        sheet = self._sheets.setdefault(source.path, _Sheet(source, self._reason))
        spot = sheet.object(finding) if source.is_json else sheet.spot(finding)
        if spot is None:
            raise CannotIgnore("no comment can stand there, and no object holds it; use `ignore` in kubelint.yaml")
        return spot

    def _text_spot(self, source: SourceFile, finding: ReportedFinding) -> TextSpot:
        sheet = self._texts.setdefault(source.path, TextSheet(source))
        spot = sheet.spot(finding.place.span)
        if spot is None or "-->" in self._reason:
            raise CannotIgnore("no comment can stand there; use `ignore` in kubelint.yaml")
        return spot

    def _edits(self, path: str, spot: _Spot | TextSpot | KubeObject, rules: list[str]) -> list[Edit]:
        if isinstance(spot, TextSpot):
            return [self._texts[path].comment(spot, rules, self._reason)]
        if isinstance(spot, _Spot):
            return [self._sheets[path].comment(spot, rules, self._reason)]
        return list(_annotations(spot.field("metadata", "annotations"), rules, self._reason))


def _annotations(field: Field, rules: list[str], reason: str) -> Iterator[Edit]:
    yield from (field.insert(f"{ANNOTATION}{rule}", json.dumps(reason, ensure_ascii=False)) for rule in rules)


_WIDTH = 120
"""In characters: at the end of a line that would become longer a comment is overlooked."""


class _Sheet:
    """One file of YAML, and where comments may be added to it."""

    def __init__(self, source: SourceFile, reason: str) -> None:
        self._source = source
        self._reason = reason
        self._lines = source.lines
        self._coverage = Coverage(source)

    @cached_property
    def _comments(self) -> dict[int, Comment]:
        return {self._lines.position(comment.span.start).line: comment for comment in self._source.comments}

    @cached_property
    def _objects(self) -> list[KubeObject]:
        return Project(map(Document, self._source.documents)).all_objects

    def object(self, finding: ReportedFinding) -> KubeObject | None:
        """The object in which a finding lies."""
        found = None
        for obj in self._objects:
            place = obj.document.source.locate(obj.root.path)
            if place is not None and place.node.span.covers(finding.place.span):
                found = obj
        return found

    def spot(self, finding: ReportedFinding) -> _Spot | None:
        """The line of a finding if a comment can stand at its end; else above what holds it."""
        offset, line = finding.place.span.start, finding.place.start.line
        trail = self._trail(offset)
        if trail and self._takes_comment(line, trail[-1]) and not self._is_full(line):
            return _Spot(line)
        for part in reversed(trail):
            line = self._lines.position(part.span.start).line
            covered = self._coverage.below(line - 1)
            if self._starts_line(part.span.start, line) and covered.start <= offset <= covered.end:
                return _Spot(line, above=True)
        return None

    def _is_full(self, line: int) -> bool:
        """Whether a comment would make a line too long for most people, and has a line above that says as much."""
        text = self._lines.line(line)
        part = self._coverage.below(line - 1)
        return (
            len(text) + len("  # kubelint: ignore[] ") + len(self._reason) + 16 > _WIDTH
            and line not in self._comments
            and part.end <= self._lines.span(line).end
        )

    def _trail(self, offset: int) -> list[Pair | Node]:
        """The pairs and items that hold `offset`, the outermost first; the document before them."""
        roots = (document.node for document in self._source.documents)
        here: Node | None = next((node for node in roots if node and node.span.start <= offset <= node.span.end), None)
        found: list[Pair | Node] = [here] if here is not None else []
        while here is not None:
            parts: Sequence[Pair | Node] = here.pairs or here.items or []
            index = bisect_right(parts, offset, key=lambda part: part.span.start) - 1
            if index < 0 or offset > parts[index].span.end:
                break
            part = parts[index]
            found.append(part)
            here = part.value if isinstance(part, Pair) else part
        return found

    def _takes_comment(self, line: int, part: Pair | Node) -> bool:
        """Whether a comment at the end of `line`, on which `part` or some of it stands, is one, and can be written."""
        comment = self._comments.get(line)
        if comment is not None and not self._list_of(comment):
            return False
        node = part.value if isinstance(part, Pair) else part
        if node.text is None or node.style == "alias":
            return True
        first = self._lines.position(node.span.start).line
        last = self._lines.position(max(node.span.end - 1, node.span.start)).line
        if node.style in ("literal", "folded"):
            return not first < line <= last
        return not first <= line < last

    def _list_of(self, comment: Comment) -> Directive | None:
        """What a comment says that can name another rule: it speaks of its line."""
        directive = Directive.read(comment)
        if directive is None or not directive.entries or not directive.reason:
            return None
        return None if directive.is_for_file or comment.alone else directive

    def _starts_line(self, offset: int, line: int) -> bool:
        return not self._source.text[self._lines.offset(line) : offset].strip(" \t-")

    def comment(self, spot: _Spot, rules: list[str], reason: str) -> Edit:
        """The edit that writes a comment."""
        span, names = self._lines.span(spot.line), ", ".join(rules)
        text = self._source.text[span.start : span.end]
        comment = self._comments.get(spot.line)
        directive = self._list_of(comment) if comment is not None and not spot.above else None
        if directive is not None:
            end = directive.entries[-1].span.end
            return self._at(Span(end, end), f", {names}")
        words = f"# kubelint: ignore[{names}] {reason}"
        if spot.above:
            indent = text[: len(text) - len(text.lstrip(" \t"))]
            return self._at(Span(span.start, span.start), f"{indent}{words}{self._line_break}")
        return self._at(Span(span.start + len(text.rstrip(" \t")), span.end), f"  {words}")

    def _at(self, span: Span, text: str) -> Edit:
        return TextSlice(self._source.path, span).replace(text)

    @cached_property
    def _line_break(self) -> str:
        span = self._lines.span(1)
        return self._source.text[span.end : self._lines.offset(2)] if len(self._lines) > 1 else "\n"
