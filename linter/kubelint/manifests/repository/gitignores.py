"""`.gitignore` files: their patterns with their places, and which paths they keep out of the repository.

Follows `gitignore(5)`: the nearest file decides, in it the last pattern; nothing below an ignored directory comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

from kubelint.cluster.gitignore import GitPattern, GitPatterns, parse_pattern
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_LINE = re.compile(r"([^\n]*?)\r?(?:\n|\Z)")


class IgnorePattern(NamedTuple):
    """One line that is a pattern: its text, what it says, and where it stands."""

    text: str
    rule: GitPattern
    at: TextSlice


class GitIgnore:
    """One `.gitignore`, which speaks of the paths below `folder`."""

    def __init__(self, text: TextFile, repository: str = "") -> None:
        self.text = text
        self.file = text.path
        self.folder = dirname(text.path)
        self.repository = repository

    def __repr__(self) -> str:
        return f"<GitIgnore {self.file}>"

    @property
    def end(self) -> TextSlice:
        """Where the next pattern goes: after all of the text."""
        return TextSlice(self.file, Span(len(self.text.text), len(self.text.text)))

    @property
    def start(self) -> TextSlice:
        """The very beginning, to point at all of it."""
        return TextSlice(self.file, Span(0, 0))

    @cached_property
    def _lines(self) -> list[re.Match[str]]:
        return list(_LINE.finditer(self.text.text))

    @cached_property
    def _patterns(self) -> GitPatterns:
        return GitPatterns(line[1] for line in self._lines)

    @cached_property
    def patterns(self) -> list[IgnorePattern]:
        """The patterns in the order of the file, without comments, blank lines and what git passes over."""
        read = (_pattern(self.text.path, line) for line in self._lines)
        return [pattern for pattern in read if pattern is not None]

    def covers(self, path: str) -> bool:
        """Whether `path` lies below this file's directory."""
        return not self.folder or path.startswith(f"{self.folder}/")

    def pattern_for(self, path: str) -> IgnorePattern | None:
        """The pattern that decides on `path`, below the folder; a directory's path ends with a slash."""
        number = self._patterns.decisive(path[len(self.folder) + 1 :] if self.folder else path)
        return None if number is None else _pattern(self.text.path, self._lines[number])

    def says(self, path: str) -> bool | None:
        """Whether the patterns ignore `path`, or take it back (False); None where they do neither."""
        pattern = self.pattern_for(path)
        return None if pattern is None else not pattern.rule.negated


class GitIgnores:
    """The `.gitignore` files of a tree; those above its root are not seen."""

    def __init__(self, files: list[GitIgnore], repositories: list[str]) -> None:
        self.files = sorted(files, key=lambda one: one.file)
        self._repositories = sorted({*repositories, ""}, key=len, reverse=True)
        self._folders: dict[str, bool] = {}

    def __iter__(self) -> Iterator[GitIgnore]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def ignored(self, path: str) -> bool:
        """Whether git ignores `path`, relative to the project's root; a directory's path ends with a slash.

        A file that git tracks already stays tracked all the same: files do not tell.
        """
        repository = self.repository_of(path)
        steps = path.rstrip("/").split("/")
        first = repository.count("/") + 2 if repository else 1
        return any(self._folder("/".join(steps[:depth]), repository) for depth in range(first, len(steps))) or (
            self._says(path, repository)
        )

    def speaks_of(self, path: str) -> bool:
        """Whether a pattern ignores `path`, or takes it back on purpose."""
        return self.ignored(path) or self._decisive(path, self.repository_of(path)) is not None

    def pattern_for(self, path: str) -> IgnorePattern | None:
        """The pattern for which git ignores the file `path`; None where it does not."""
        repository = self.repository_of(path)
        steps = path.split("/")
        first = repository.count("/") + 2 if repository else 1
        entries = ["/".join(steps[:depth]) + "/" for depth in range(first, len(steps))]
        found = (self._decisive(entry, repository) for entry in [*entries, path])
        return next((pattern for pattern in found if pattern is not None and not pattern.rule.negated), None)

    def repository_of(self, path: str) -> str:
        """The directory of the repository that `path` belongs to, where the tree holds several."""
        return next((root for root in self._repositories if not root or path.startswith(f"{root}/")), "")

    def _folder(self, folder: str, repository: str) -> bool:
        if folder not in self._folders:
            self._folders[folder] = self._says(f"{folder}/", repository)
        return self._folders[folder]

    def _says(self, path: str, repository: str) -> bool:
        pattern = self._decisive(path, repository)
        return pattern is not None and not pattern.rule.negated

    def _decisive(self, path: str, repository: str) -> IgnorePattern | None:
        """The pattern of the nearest file that has one for the entry `path`, whatever is above it."""
        steps = path.rstrip("/").split("/")
        for depth in range(len(steps) - 1, -1, -1):
            one = self._by_folder.get("/".join(steps[:depth]))
            pattern = one.pattern_for(path) if one is not None and one.repository == repository else None
            if pattern is not None:
                return pattern
        return None

    @cached_property
    def _by_folder(self) -> dict[str, GitIgnore]:
        return {one.folder: one for one in self.files}


def read_gitignores(project: Project) -> GitIgnores:
    """The `.gitignore` files among the texts of `project`."""
    repositories = sorted({document.repository for document in project.documents})
    found = GitIgnores([], repositories)
    texts = [text for text in project.texts if text.kind is TextKind.GITIGNORE]
    return GitIgnores([GitIgnore(text, found.repository_of(text.path)) for text in texts], repositories)


def _pattern(file: str, line: re.Match[str]) -> IgnorePattern | None:
    rule = parse_pattern(line[1])
    if rule is None:
        return None
    text = line[1].rstrip(" ") + (" " if re.search(r"\\ +\Z", line[1]) else "")
    return IgnorePattern(text, rule, TextSlice(file, Span(line.start(), line.start() + len(text))))
