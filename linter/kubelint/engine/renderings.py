"""Findings in what was rendered, taken back to the files that hold what it was rendered from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kubelint.checks import Finding, Location, Suppression
from kubelint.manifests import Document, Project
from kubelint.rendering.rendered import Rendered, RenderedFile, Trace
from kubelint.sources import SourceFile

Render = Callable[[Project, Callable[[list[SourceFile]], bool]], Rendered]
"""Renders what a project holds; the second argument tells whether some files hold a secret."""


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

    def documents(self) -> Iterator[Document]:
        """The documents of the rendered files."""
        for file in self.files.values():
            for source in file.source.documents:
                document = Document(source)
                document.rendering = file.rendering
                document.belongs_to = file.belongs_to or file.source.path
                yield document

    def file(self, path: str) -> str:
        """The file that findings in `path` belong to: itself, unless it was rendered."""
        rendered = self.files.get(path)
        return path if rendered is None else rendered.written_in

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
        fixes = finding.fixes if finding.location.file not in self.files else ()
        fixes = tuple(fix for fix in fixes if not any(edit.file in self.files for edit in fix.edits))
        return finding._replace(labels=labels, fixes=fixes)

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


def _written(file: RenderedFile, location: Location) -> Location:
    if location.span is not None and not location.path:
        found = file.trace_span(location.span) if file.trace_span is not None else Trace(file.written_in)
    else:
        found = file.trace(location.document, location.path, location.part)
    return Location(found.file, found.document, found.path, found.part, found.span)
