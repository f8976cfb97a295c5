"""Which characters no report may show: the values of Secrets, what the secrets rules find, and what may be either where
a document cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from kubelint.checks import Location
from kubelint.engine.line_hashes import hashed_lines
from kubelint.engine.report import Report
from kubelint.engine.secret_texts import SecretTexts, is_word, secret_texts
from kubelint.manifests import KubeObject
from kubelint.regexes import regex
from kubelint.sources import SourceFile, Span
from kubelint.sources.embedded import span_inside
from kubelint.sources.text_files import TextKind, text_kind

if TYPE_CHECKING:
    from kubelint.sources.nodes import Node

_SECTIONS = ("data", "stringData")
_IS_SECRET = regex(r"""\bkind["']?\s*:\s*["']?Secret\b""")
_HINT = regex(r"(?i)pass|pwd|secret|token|credential|private|auth|api.?key|PRIVATE KEY")
_KEY = regex(r"""[ \t]*(?:-[ \t]+)*["']?[\w./-]+["']?[ \t]*:[ \t]+(?=\S)""")
_NAME = regex(
    r"""[ \t]*(?:(?:export[ \t]+)?["']?[\w./:@-]{1,200}["']?[ \t]*[=:][ \t]*["']?"""
    r"""|(?:(?:machine|login)[ \t]+\S+[ \t]+){0,2}password[ \t]+)"""
)
_WORDS = regex(r"""[^\s"'`{}\[\],]{7,}[^\s"'`{}\[\],:;.]""")
_PASSWORD = regex(r"""(?i)(?:password|passwd|passphrase|pwd)["']?[ \t]*[:=][ \t]*["']?([^\s"',}\]]+)""")
_LONG_WORD = regex(r"[A-Za-z0-9+/=_.~-]{20,}")


class Masks:
    """Collects what is to be masked in the files of a run."""

    def __init__(self, files: dict[str, SourceFile], locate: Callable[[Location], Location] | None = None) -> None:
        self._files = files
        self._locate = locate or (lambda location: location)
        self._spans: dict[str, set[Span]] = {}
        self._texts: dict[str, set[str]] = {}

    def add_credential(self, location: Location) -> None:
        """Mask the credential at `location`, and its text wherever else it stands."""
        source = self._files[location.file]
        if location.span is not None and not location.path:
            self._add_span(source, location.span)
            return
        for node in _nodes_at(source, location):
            if location.characters is not None and node.text is not None:
                span = span_inside(source.text, node, Span(*location.characters))
                value = node.text[slice(*location.characters)]
                self._spans.setdefault(source.path, set()).add(span)
            else:
                span, value = node.span, node.text or ""
                self._add(source, node)
            written = source.text[span.start : span.end]
            texts = {text for each in (written, value) for text in secret_texts(each)}
            self._texts.setdefault(source.path, set()).update(texts)
            self._add_written(location, texts)

    def add_secret(self, obj: KubeObject) -> None:
        """Mask the values of a Secret, whether or not they are credentials. Their texts may be any word: those stay."""
        place = obj.document.source.locate(obj.root.path)
        for node in _values(place.node, _SECTIONS) if place else ():
            self._add(self._files[obj.file], node)
        if self._locate(Location.of(obj)).file != obj.file:
            for section in _SECTIONS:
                for _, field in obj.field(section).items():
                    self._add_written(Location.of(field), set(secret_texts(str(field.value or ""))))

    def _add_span(self, source: SourceFile, span: Span) -> None:
        """Mask some characters of a file that is no YAML, and their text wherever else it stands."""
        self._spans.setdefault(source.path, set()).add(span)
        self._texts.setdefault(source.path, set()).update(secret_texts(source.text[span.start : span.end]))

    def _add_written(self, location: Location, texts: set[str]) -> None:
        """Mask a secret value that was rendered, and what its template has in its place, in the template."""
        written = self._locate(location)
        if written.file == location.file or written.file not in self._files:
            return
        source = self._files[written.file]
        self._texts.setdefault(source.path, set()).update(texts)
        for node in _nodes_at(source, written) if written.span is None else ():
            self._add(source, node)
        if written.span is not None and location.path:
            line = source.lines.span(source.lines.position(written.span.start).line)
            key = _KEY.match(source.text, *line)
            if key is not None and str(location.path[-1]) in key.group():
                self._spans.setdefault(source.path, set()).add(Span(key.end(), line.end))

    def add_unreadable(self, source: SourceFile, problems: Iterable[Span]) -> None:
        """Mask what may be secret in the lines that are shown of what could not be read, at `problems`."""
        for problem in problems:
            line = source.lines.span(source.lines.position(problem.start).line)
            self._spans.setdefault(source.path, set()).update(_suspects(source.text, line, problem))

    def add_lines(self, report: Report, credentials: Callable[[str, list[str]], Iterable[int]]) -> None:
        """Mask what is secret in the lines that `report` tells of but is no value: keys, comments, values that do not
        count. `credentials` says which of some words of a file are some.
        """
        for path, numbers in _told_lines(report).items():
            source = self._files[path]
            lines = [source.lines.span(number) for number in sorted(numbers)]
            parts = [part for line in lines for part in _apart(line, self._spans.get(path, ()))]
            words = [Span(*match.span()) for part in parts for match in _WORDS.finditer(source.text, *part)]
            texts = [source.text[start:end] for start, end in words]
            found = {index: words[index] for index in credentials(path, texts)}
            passwords = [Span(*match.span(1)) for line in lines for match in _PASSWORD.finditer(source.text, *line)]
            if text_kind(path) is TextKind.CREDENTIALS:
                passwords += [gap for line in lines for gap in _assigned(source.text, line, self._spans.get(path, ()))]
            self._spans.setdefault(path, set()).update(found.values(), passwords)
            self._texts.setdefault(path, set()).update(*(secret_texts(texts[index]) for index in found))

    def hide_in(self, report: Report) -> None:
        """Hand the masks to `report`, and take what they hide out of its words."""
        report.masked = {path: _merged(spans) for path, spans in self._spans.items()}
        report.secrets = {path: SecretTexts(texts) for path, texts in self._texts.items()}
        told = SecretTexts(text for texts in self._texts.values() for text in texts if not is_word(text))
        if told.longest:
            redact = lru_cache(4096)(told.redact)  # most of what findings say, they say again and again
            report.findings = [finding.redacted(redact) for finding in report.findings]

    def _add(self, source: SourceFile, node: Node) -> None:
        spans = self._spans.setdefault(source.path, set())
        spans.add(node.span)
        if node.target is not None:
            spans.add(node.target.span)


def _nodes_at(source: SourceFile, location: Location) -> Iterator[Node]:
    """The value at `location`, and its key where that is what the location names."""
    if location.document >= len(source.documents):
        return
    place = source.documents[location.document].locate(location.path)
    if place is None or place.found < len(location.path):
        return
    yield place.node
    if location.part == "key" and place.key is not None:
        yield place.key


def _values(node: Node, keys: Iterable[str]) -> Iterator[Node]:
    """The values in the mappings under `keys`, each as often as it is given, merged ones too."""
    for pair in node.pairs or []:
        if pair.merges:
            for merged in pair.value.items or [pair.value]:
                yield from _values(merged, keys)
        elif pair.name in keys:
            yield from _members(pair.value)


def _members(node: Node) -> Iterator[Node]:
    if node.pairs is None:
        yield node
    for pair in node.pairs or []:
        if pair.merges:
            for merged in pair.value.items or [pair.value]:
                yield from _members(merged)
        else:
            yield pair.value


def _told_lines(report: Report) -> dict[str, set[int]]:
    """The lines of each file that are shown, or go into a hash that is."""
    lines: dict[str, set[int]] = {}
    for finding in report.findings:
        path, line = finding.place.path, finding.place.start.line
        lines.setdefault(path, set()).update(hashed_lines(report.sources[path], line))
        for place in (finding.place, *(related.place for related in finding.related)):
            lines.setdefault(place.path, set()).add(place.start.line)
    return lines


def _suspects(text: str, line: Span, problem: Span) -> Iterator[Span]:
    """The parts of the line of a problem that may be secret: all but its key in a Secret, or under a telling key."""
    start = max(text.rfind("\n---", 0, line.start), 0)
    following = text.find("\n---", line.end)
    document = text[start : following if following >= 0 else len(text)]
    if _IS_SECRET.search(document) or _HINT.search(text, line.start, line.end):
        key = _KEY.match(text, line.start, line.end)
        first = key.end() if key else line.start
        yield Span(first, max(first, problem.start))
        yield Span(max(first, problem.end), line.end)
        return
    for word in _LONG_WORD.finditer(text, line.start, line.end):
        yield Span(*word.span())


def _assigned(text: str, line: Span, masks: Iterable[Span]) -> Iterator[Span]:
    """What a line of a file for credentials says but the name that it gives a value to, as far as no mask covers it."""
    name = _NAME.match(text, *line)
    for gap in _apart(Span(name.end() if name else line.start, line.end), masks):
        if any(map(str.isalnum, text[gap.start : gap.end])):
            yield gap


def _apart(line: Span, masks: Iterable[Span]) -> Iterator[Span]:
    """What no mask covers of a line."""
    start = line.start
    for mask in _merged(mask for mask in masks if mask.start < line.end and line.start < mask.end):
        yield Span(start, max(start, mask.start))
        start = max(start, mask.end)
    yield Span(start, max(start, line.end))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
