"""What rendering brings: files that no disk holds, and how their fields lead back to those that it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kubelint.manifests.field import Part
from kubelint.sources import Path, SourceFile, Span


class Trace(NamedTuple):
    """Where a field of something rendered is written: a field of a file's document, or some text of a template."""

    file: str
    document: int = 0
    path: Path = ()
    part: Part = "value"
    span: Span | None = None


Tracer = Callable[[int, Path, Part], Trace]
"""From a document of a rendered file, a path in it and the part meant, to where that is written."""


class RenderedFile(NamedTuple):
    """One file as rendered. `source.path` is unique in the run and lies in the directory that it was rendered from.

    `rendering` names which rendering it is of: objects of two renderings of one chart never meet in a cluster.
    `written_in` is the file that its findings belong to where a field cannot be traced.
    """

    source: SourceFile
    rendering: str
    written_in: str
    trace: Tracer


class Rendered(NamedTuple):
    """Everything rendered for a project.

    `skipped` says what could not be rendered, and why, each with its path. `superseded` are the documents (file and
    index) whose objects are judged as built, no longer as written.
    """

    files: tuple[RenderedFile, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    superseded: frozenset[tuple[str, int]] = frozenset()
