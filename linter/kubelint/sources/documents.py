"""Reads one file into documents: plain values now, nodes with places when somebody asks."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kubelint.sources.comments import Comment, find_comments
from kubelint.sources.embedded import compose_embedded
from kubelint.sources.json_nodes import compose_json
from kubelint.sources.nodes import Inside, Node, Path, Place, compose_documents, locate
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.text import SourceText, Span
from kubelint.sources.values import UnreadableYaml, build_documents

_DOCUMENT_BREAK = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_TEMPLATE_LINE = re.compile(r"^\s*(\{\{|\{%|#%|<%)", re.MULTILINE)
_HELM_SOURCE = re.compile(r"^# Source: (\S+)", re.MULTILINE)

_PLAIN = PlainScalars()


@dataclass(frozen=True)
class Problem:
    """Why a part of a file could not be read, and where."""

    message: str
    span: Span


@dataclass
class SourceDocument:
    """One document of a file. `value` is plain data; `helm_source` the template that Helm says it rendered this from."""

    source: "SourceFile"
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
        place: Place | None = None
        node = self.node
        start = 0
        for end in [*(i for i, step in enumerate(path) if isinstance(step, Inside)), len(path)]:
            if node is None:
                return place
            if place is not None and place.found < start - 1:
                return place
            here = locate(node, path[start:end])
            trail = [*(place.trail if place else []), *here.trail]
            place = Place(here.node, here.key or (place.key if place and not here.found else None), start + here.found, trail)
            if end < len(path):
                step = path[end]
                assert isinstance(step, Inside)
                node = compose_embedded(self.source.text, place.node, step.document)
                start = end + 1
        return place


@dataclass
class SourceFile(SourceText):
    """A file that was read: its documents, what could not be read of it, and on demand its nodes and comments."""

    documents: list[SourceDocument] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: str | None = None
    """Why the whole file was passed over, if it was: `helm-template`, `template`, `binary`, `unrecognised`…"""

    def roots(self, segment: Span) -> list[Node]:
        """The root nodes of the documents in `segment` of the text, composed on first use."""
        if segment not in self._composed:
            self._composed[segment] = self._compose(segment)
        return self._composed[segment]

    def _compose(self, segment: Span) -> list[Node]:
        try:
            if self.is_json:
                return [compose_json(self.text)]
            return list(compose_documents(self.text[segment.start : segment.end], base=segment.start))
        except RecursionError:
            return []

    @property
    def is_json(self) -> bool:
        """Whether the file is JSON by its name."""
        return self.path.endswith(".json")

    @cached_property
    def comments(self) -> list[Comment]:
        """The file's comments, found on first use."""
        return [] if self.is_json else find_comments(self.text)

    @cached_property
    def _composed(self) -> dict[Span, list[Node]]:
        return {}


def read_documents(path: str, text: str, *, encoding: str = "utf-8", pure: bool = False) -> SourceFile:
    """Read the text of the file `path`. Never raises for what the text holds: see `problems` and `skipped`."""
    source = SourceFile(path, text, encoding)
    if source.is_json:
        _read_json(source)
    else:
        _read_yaml(source, Span(0, len(text)), pure)
    return source


def _read_yaml(source: SourceFile, segment: Span, pure: bool) -> None:
    """Read `segment`; where a document is broken, note it and go on at the next `---`."""
    while True:
        text = source.text[segment.start : segment.end]
        try:
            for position, plain in enumerate(build_documents(text, _PLAIN, pure=pure)):
                document = SourceDocument(
                    source, len(source.documents), plain.value, segment, position, plain.duplicate_keys
                )
                document.helm_source = _helm_source(text, plain.start, plain.content)
                source.documents.append(document)
            if source.documents and all(_is_template_text(document.value) for document in source.documents):
                _skip_as_template(source)
            return
        except UnreadableYaml as error:
            offset = segment.start + min(error.offset, len(text))
            if _is_template(source, offset):
                _skip_as_template(source)
                return
            source.problems.append(Problem(str(error), _visible(source, offset)))
        following = _DOCUMENT_BREAK.search(source.text, max(offset, segment.start + 1))
        if following is None or len(source.problems) >= 20:
            return
        segment = Span(following.start(), len(source.text))


def _is_template(source: SourceFile, offset: int) -> bool:
    """Whether what broke at `offset` is template syntax: on that line, or control lines of a template anywhere."""
    line = source.lines.position(offset).line
    nearby = "\n".join(source.lines.line(n) for n in range(max(1, line - 1), min(line + 1, len(source.lines)) + 1))
    if any(mark in nearby for mark in ("{{", "{%", "<%", "#{")):
        return True
    return _TEMPLATE_LINE.search(source.text) is not None


def _is_template_text(value: Any) -> bool:
    """Whether a document is nothing but the text of a template, `{{ include "chart.labels" . }}` on its own."""
    return isinstance(value, str) and value.startswith("{{")


def _skip_as_template(source: SourceFile) -> None:
    source.skipped = "helm-template" if "{{" in source.text else "template"
    source.documents.clear()
    source.problems.clear()


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
    duplicates: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(members)
        if len(mapping) < len(members):
            duplicates.append("")
        return mapping

    whole = Span(0, len(source.text))
    try:
        value = json.loads(source.text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        if '"apiVersion"' in source.text and '"kind"' in source.text:
            source.problems.append(Problem(error.msg.lower(), _visible(source, error.pos)))
        else:
            source.skipped = "unrecognised"
    except RecursionError:
        source.problems.append(Problem("nested too deep", Span(0, min(1, len(source.text)))))
    else:
        source.documents.append(SourceDocument(source, 0, value, whole, 0, bool(duplicates)))
