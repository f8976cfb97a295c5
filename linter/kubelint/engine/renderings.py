"""Findings in what was rendered, taken back to the files that hold what it was rendered from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from kubelint.checks import Finding, Fix, Location, Suppression
from kubelint.manifests import Document, Edit, Project
from kubelint.rendering.rendered import HoldsSecret, Rendered, RenderedFile, Trace
from kubelint.sources import Path, SourceFile

Render = Callable[[Project, HoldsSecret], Rendered]
"""Renders what a project holds; the second argument tells whether some files hold a secret."""


_NO_FILES: Mapping[str, SourceFile] = MappingProxyType({})


class Renderings:
    """Everything rendered for a run, by the paths of the rendered files."""

    def __init__(self, rendered: Rendered | None = None) -> None:
        rendered = rendered or Rendered()
        self.files = {file.source.path: file for file in rendered.files}
        self.skipped = rendered.skipped
        self.superseded = rendered.superseded
        self.read = rendered.read
        self._located: dict[Location, Location] = {}

    @property
    def sources(self) -> list[SourceFile]:
        """The rendered files, as they were read."""
        return [file.source for file in self.files.values()]

    def documents(self, written: Mapping[str, SourceFile] = _NO_FILES) -> Iterator[Document]:
        """The documents of the rendered files. `written` are the files of the tree by their paths."""
        for file in self.files.values():
            template = written.get(file.written_in)
            for source in file.source.documents:
                document = Document(source)
                document.rendering = file.rendering
                document.belongs_to = file.belongs_to or file.source.path
                document.template = template.text if template is not None else ""
                yield document

    def file(self, path: str) -> str:
        """The file that findings in `path` belong to: itself, unless it was rendered."""
        rendered = self.files.get(path)
        return path if rendered is None else rendered.written_in

    def origins(self) -> set[str]:
        """The files that something was rendered from: templates and resources, and what says how."""
        named = ((file.written_in, file.belongs_to, file.origin) for file in self.files.values())
        return {*self.read, *(path for paths in named for path in paths if path)}

    def rendering(self, path: str) -> str | None:
        """Which rendering the file `path` is of; None where it was not rendered."""
        rendered = self.files.get(path)
        return None if rendered is None else f"{rendered.origin}\0{rendered.rendering}"

    def origin(self, path: str) -> str | None:
        """The file that gave the values `path` was rendered with."""
        rendered = self.files.get(path)
        return (rendered.origin or None) if rendered is not None else None

    def locate(self, location: Location) -> Location:
        """Where `location` is written."""
        if location.file not in self.files:
            return location
        if location not in self._located:
            self._located[location] = _written(self.files[location.file], location)
        return self._located[location]

    def written_in(self, files: set[str]) -> list[SourceFile]:
        """The rendered files that were written in one of `files`."""
        return [file.source for file in self.files.values() if file.written_in in files]

    def without_rendered(self, finding: Finding, known: Callable[[str], bool]) -> Finding:
        """A finding without what cannot be applied to, or shown of, what it was rendered from."""
        labels = tuple(label for label in finding.labels if known(self.locate(label.location).file))
        fixes = tuple(filter(None, map(self._written_fix, finding.fixes)))
        return finding._replace(labels=labels, fixes=fixes)

    def _written_fix(self, fix: Fix) -> Fix | None:
        """The fix in terms of what is written; None where a field that it edits is written nowhere as such."""
        edits = [self._written_edit(edit) for edit in fix.edits]
        known = tuple(edit for edit in edits if edit is not None)
        return fix._replace(edits=known) if len(known) == len(edits) else None

    def _written_edit(self, edit: Edit) -> Edit | None:
        if edit.file not in self.files:
            return edit
        if not edit.path and edit.characters is not None:
            return None  # it counts the characters of what was rendered
        found = self.files[edit.file].trace(edit.document, edit.path, "value")
        if found.span is not None or _keys(found.path) != _keys(edit.path):
            return None
        return edit._replace(file=found.file, document=found.document, path=found.path)

    def merged(self, suppressions: Iterable[Suppression]) -> list[Suppression]:
        """The suppressions, those that several renderings repeat as one: used where one of them was."""
        found: list[Suppression] = []
        merged: dict[tuple[str, Location], Suppression] = {}
        for suppression in suppressions:
            if suppression.location.file not in self.files:
                found.append(suppression)
                continue
            location = self.locate(suppression.location)
            known = merged.setdefault((suppression.rule, location), replace(suppression, location=location))
            known.used = known.used or suppression.used
        return [*found, *merged.values()]


def _keys(path: Path) -> list[str]:
    """The keys on a path: items of lists may stand elsewhere in what was rendered."""
    return [step for step in path if isinstance(step, str)]


def _written(file: RenderedFile, location: Location) -> Location:
    if location.span is not None and not location.path:
        found = file.trace_span(location.span) if file.trace_span is not None else Trace(file.written_in)
    else:
        found = file.trace(location.document, location.path, location.part)
    characters = location.characters if found.span is None else None
    return Location(found.file, found.document, found.path, found.part, found.span, characters)
