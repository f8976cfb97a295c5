"""What rendering brings: files that no disk holds, and how their fields lead back to those that it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from kubelint.manifests.field import Part
from kubelint.sources import Path, SourceFile, Span

Mode = Literal["auto", "never", "always"]
"""Whether to render: where a program is there for it, not at all, or else to fail."""

HoldsSecret = Callable[[list[SourceFile]], bool]
"""Whether some files hold a secret, by everything that is known of secrets."""


class NoEngine(Exception):
    """There is something to render, rendering is asked for, and no program here can do it."""


class Trace(NamedTuple):
    """Where a field of something rendered is written: a field of a file's document, or some text of a template."""

    file: str
    document: int = 0
    path: Path = ()
    part: Part = "value"
    span: Span | None = None


Tracer = Callable[[int, Path, Part], Trace]
"""From a document of a rendered file, a path in it and the part meant, to where that is written."""

SpanTracer = Callable[[Span], Trace]
"""From some text of a rendered file to where that is written: for comments, and what could not be read."""


class RenderedFile(NamedTuple):
    """One file as rendered. `source.path` is unique in the run and lies in the directory that it was rendered from.

    `rendering` names which rendering it is of: objects of two renderings never meet in a cluster; those of an empty
    one meet all others. `written_in` is the file that its findings belong to where a field cannot be traced.
    `belongs_to` is the file whose scope its objects have (empty: their own path's); `origin` the file that says with
    which values it was rendered, for people.
    """

    source: SourceFile
    rendering: str
    written_in: str
    trace: Tracer
    trace_span: SpanTracer | None = None
    belongs_to: str = ""
    origin: str = ""


class Rendered(NamedTuple):
    """Everything rendered for a project.

    `skipped` says what could not be rendered, and why, each with its path. `superseded` are the documents (file and
    index) whose objects are judged as built, no longer as written; `read` the files that are judged by what they were
    rendered to, and are no longer skipped.
    """

    files: tuple[RenderedFile, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    superseded: frozenset[tuple[str, int]] = frozenset()
    read: frozenset[str] = frozenset()

    def joined(self, other: Rendered) -> Rendered:
        """This and the other."""
        return Rendered(
            (*self.files, *other.files),
            (*self.skipped, *other.skipped),
            self.superseded | other.superseded,
            self.read | other.read,
        )
