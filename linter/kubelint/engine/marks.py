"""Which texts stand somewhere in a tree: what rules ask that have nothing to find without them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from kubelint.checks.rule import TEXT
from kubelint.manifests import Project
from kubelint.sources import SourceFile


def marks_of(sees: frozenset[str]) -> list[str]:
    """The marks among the things that a rule sees."""
    return [word.removeprefix(TEXT) for word in sees if word.startswith(TEXT)]


class Marks:
    """Looks for marks in files, scripts and runbooks, and in the paths of all; for each once, however many rules name
    it.
    """

    def __init__(self, project: Project, files: list[SourceFile]) -> None:
        self._project = project
        self._files = files
        self._known: dict[str, bool] = {}

    def any_stands(self, marks: list[str]) -> bool:
        """Whether one of the marks stands in any text or path."""
        return any(map(self._stands, marks))

    def _stands(self, mark: str) -> bool:
        if mark not in self._known:
            self._known[mark] = mark in self._lines
        return self._known[mark]

    @cached_property
    def _lines(self) -> str:
        """Every line once, in any order: generated manifests say most of theirs a hundred times."""
        lines: set[str] = set()
        for text in self._texts():
            lines.update(text.split("\n"))
        return "\n".join(lines)

    def _texts(self) -> Iterator[str]:
        project = self._project
        yield from (file.text for file in self._files)
        yield from (file.text for file in project.texts)
        yield from (file.path for file in self._files)
        yield from (file.path for file in (*project.texts, *project.named_for_credentials))
