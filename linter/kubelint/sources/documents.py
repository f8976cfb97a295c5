"""Reads one file into documents: plain values now, nodes with places when somebody asks."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelint.regexes import regex
from kubelint.sources.paths import Path
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.templated import is_template
from kubelint.sources.text import SourceText, Span
from kubelint.sources.values import UnreadableYaml, build_documents

if TYPE_CHECKING:
    from kubelint.sources.comments import Comment
    from kubelint.sources.nodes import Node, Place

_DOCUMENT_BREAK = regex(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_HELM_SOURCE = regex(r"^# Source: (\S+)", re.MULTILINE)
_JINJA_BLOCK = "{%"
_MAX_PROBLEMS = 20

_PLAIN = PlainScalars()


class Problem(NamedTuple):
    """Why a part of a file could not be read, and where."""

    message: str
    span: Span


@dataclass
class SourceDocument:
    """One document of a file. `value` is plain data; `helm_source` the template that Helm says it rendered this from.

    `segment` is the part of the file that was read in one go, and this the `position`th document in it.
    """

    source: SourceFile
    index: int
    value: Any
    segment: Span
    position: int
    duplicate_keys: bool = False
    helm_source: str | None = None

    @property
    def node(self) -> Node | None:
        """The root node; None where the text does not compose (it did when the value was built)."""
        roots = self.source.roots(self.segment)
        return roots[self.position] if self.position < len(roots) else None

    def locate(self, path: Path) -> Place | None:
        """Where `path` leads, through strings that hold YAML where a step says so."""
        from kubelint.sources.nodes import locate

        root = self.node
        return None if root is None else locate(root, path, self.source.embedded)


@dataclass
class SourceFile(SourceText):
    """A file that was read: its documents, what could not be read of it, and on demand its nodes and comments."""

    documents: list[SourceDocument] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: str | None = None
    """Why the whole file was passed over, if it was: `helm-template`, `template`, `binary`, `unrecognised`…"""
    segments: list[Span] = field(default_factory=list, repr=False)
    """The parts that were read in one go: the whole text, or what stands between its problems."""
    _roots: dict[Span, list[Node]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _embedded: dict[Span, list[Node]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def roots(self, segment: Span) -> list[Node]:
        """The root nodes of the documents in `segment` of the text, composed on first use."""
        if segment not in self._roots:
            self._roots[segment] = self._compose(segment)
        return self._roots[segment]

    def _compose(self, segment: Span) -> list[Node]:
        if self.is_json:
            from kubelint.sources.json_nodes import compose_json

            return [compose_json(self.text, segment.start)]
        from kubelint.sources.nodes import compose_documents

        roots: list[Node] = []
        with suppress(RecursionError):  # after the last document that could be read
            for root in compose_documents(self.text[segment.start : segment.end], base=segment.start):
                roots.append(root)
        return roots

    def embedded(self, scalar: Node, document: int) -> Node | None:
        """The root node of the `document`th document inside `scalar`, a node of this file; None if there is none."""
        content = (scalar.target or scalar).span
        if content not in self._embedded:
            self._embedded[content] = self._compose_embedded(scalar)
        roots = self._embedded[content]
        return roots[document] if document < len(roots) else None

    def _compose_embedded(self, scalar: Node) -> list[Node]:
        from kubelint.sources.embedded import compose_embedded

        try:
            return compose_embedded(self.text, scalar)
        except RecursionError:
            return []

    @property
    def is_jinja(self) -> bool:
        """Whether the file is a Jinja template by its name: YAML where it only fills in values."""
        return self.path.endswith(".j2")

    @property
    def is_json(self) -> bool:
        """Whether the file is JSON by its name."""
        return self.path.endswith(".json")

    @cached_property
    def comments(self) -> list[Comment]:
        """The file's comments, found on first use. None of JSON, and none of what could not be read as YAML."""
        from kubelint.sources.comments import find_comments

        if self.is_json:
            return []
        return [comment for start, end in self.segments for comment in find_comments(self.text[start:end], base=start)]


def read_documents(path: str, text: str, *, encoding: str = "utf-8", pure: bool = False) -> SourceFile:
    """Read the text of the file `path`. Never raises for what the text holds: see `problems` and `skipped`."""
    source = SourceFile(path, text, encoding)
    if source.is_json:
        _read_json(source)
    elif source.is_jinja and _JINJA_BLOCK in text:
        source.skipped = "template"
    else:
        _read_yaml(source, Span(0, len(text)), pure)
    if source.documents and all(_is_template_text(document.value) for document in source.documents):
        source.skipped = _template_kind(source)
    if source.skipped:
        source.documents.clear()
        source.problems.clear()
    return source


def _read_yaml(source: SourceFile, part: Span, pure: bool) -> None:
    """Read a part of the text; where a document is broken, note it and go on at the next `---`."""
    start, end = part
    while len(source.problems) < _MAX_PROBLEMS and source.skipped is None:
        known = len(source.documents)
        error = _read_segment(source, Span(start, end), pure)
        if error is None:
            source.segments.append(Span(start, end))
            return
        offset = min(start + error.offset, end)
        if error.unprintable:
            del source.documents[known:]  # where libyaml sees the character depends on how far it reads ahead
            _read_yaml(source, Span(start, _last_break(source.text, start, offset)), pure)
        following = _DOCUMENT_BREAK.search(source.text, max(offset, start + 1), end)
        stop = following.start() if following else end
        if not error.unprintable:
            source.segments.append(Span(start, stop))
        _note(source, error, Span(start, stop), offset, pure)
        if following is None:
            return
        start = stop
    if len(source.problems) == _MAX_PROBLEMS and source.skipped is None:
        message = f"{_MAX_PROBLEMS} documents of this file cannot be read; the rest of it was not tried"
        source.problems.append(Problem(message, _visible(source, start)))


def _read_segment(source: SourceFile, segment: Span, pure: bool) -> UnreadableYaml | None:
    """Read the documents of `segment` up to the first one that is broken: hand back why."""
    text = source.text[segment.start : segment.end]
    try:
        for position, plain in enumerate(build_documents(text, _PLAIN, pure=pure)):
            index = len(source.documents)
            document = SourceDocument(source, index, plain.value, segment, position, plain.duplicate_keys)
            document.helm_source = _helm_source(text, plain.start if position else 0, plain.content)
            source.documents.append(document)
    except UnreadableYaml as error:
        return error
    return None


def _last_break(text: str, start: int, end: int) -> int:
    """The start of the document that holds the offset `end`."""
    return max((match.start() for match in _DOCUMENT_BREAK.finditer(text, start, end)), default=start)


def _note(source: SourceFile, error: UnreadableYaml, broken: Span, offset: int, pure: bool) -> None:
    """Note that `source` is broken at `offset`, or that it is a template."""
    text = source.text[broken.start : broken.end]
    in_chart = "/templates/" in f"/{source.path}" and "{{" in source.text
    if in_chart or is_template(text, offset - broken.start, pure=pure):
        source.skipped = _template_kind(source)
    else:
        source.problems.append(Problem(str(error), _visible(source, offset)))


def _is_template_text(value: Any) -> bool:
    """Whether a document is nothing but the text of a template, `{{ include "chart.labels" . }}` on its own."""
    return isinstance(value, str) and value.startswith("{{")


def _template_kind(source: SourceFile) -> str:
    return "helm-template" if "{{" in source.text and not source.is_jinja else "template"


def _visible(source: SourceFile, offset: int) -> Span:
    """The character at `offset`, or the last one before it where that is the end of a line."""
    line = source.lines.span(source.lines.position(offset).line)
    start = max(line.start, min(offset, line.end - 1))
    return Span(start, min(start + 1, max(line.end, start)))


def _helm_source(text: str, start: int, content: int) -> str | None:
    head = text[start:content]
    if "# Source: " not in head:
        return None
    match = _HELM_SOURCE.search(head)
    return match.group(1) if match else None


def _read_json(source: SourceFile) -> None:
    from kubelint.sources.json_nodes import UnreadableJson, build_json

    try:
        for index, read in enumerate(build_json(source.text)):
            source.documents.append(SourceDocument(source, index, read.value, read.span, 0, read.duplicate_keys))
    except UnreadableJson as error:
        if '"apiVersion"' in source.text and '"kind"' in source.text:
            source.problems.append(Problem(str(error), _visible(source, error.offset)))
        else:
            source.skipped = "unrecognised"
