"""Which files to read: paths, directories, nested `.gitignore` files, excludes, and links that stay inside the root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from kubelint.cluster.gitignore import GitPatterns
from kubelint.sources.text_files import TextKind, text_kind

SUFFIXES = (".yaml", ".yml", ".json", ".yaml.j2", ".yml.j2")
DEFAULT_EXCLUDES = frozenset({".git", "node_modules", ".terraform", "vendor", ".archive"})
"""Directories that are never walked into, by name."""


class _Ignore(NamedTuple):
    """Patterns that speak of the paths below `folder`, a directory relative to the root.

    For a `.gitignore` above the root, `prefix` leads from its directory to the root.
    """

    folder: str
    patterns: GitPatterns
    prefix: str = ""

    def says(self, path: str) -> bool | None:
        """Whether the patterns ignore `path` (True) or take it back in (False); None where they say nothing."""
        return self.patterns.says(self.prefix + (path[len(self.folder) + 1 :] if self.folder else path))


_Folder = tuple[str, list[_Ignore]]


@dataclass
class Discovery:
    """Finds the files below `root` (a resolved directory) that can be linted.

    `exclude` holds gitignore patterns relative to the root, besides the defaults. Paths that were found are relative to
    the root, with forward slashes. `skipped` says what was not entered or followed, and why.
    """

    root: Path
    exclude: tuple[str, ...] = ()
    skipped: list[tuple[str, str]] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    """The directories below the root that are git repositories of their own, as far as they were entered."""
    texts: list[str] = field(default_factory=list)
    """The files that are text and no YAML, found beside the others."""
    ignored: list[str] = field(default_factory=list)
    """The files that are called as those with credentials are, and that a `.gitignore` names."""
    inside: bool = field(default=False, init=False)
    """Whether the root is a part of a repository, so that some of its files are not seen."""

    def __post_init__(self) -> None:
        self._excludes = _Ignore("", GitPatterns(self.exclude)) if self.exclude else None

    def walk(self) -> list[str]:
        """All lintable files below the root, sorted."""
        found: list[str] = []
        links: list[str] = []
        folders = [("", self._inherited())]
        while folders:
            folders.extend(self._enter(*folders.pop(), found, links))
        seen = {os.path.realpath(self.root / path) for path in found} if links else set()
        found.extend(self._follow(sorted(links), seen))
        return sorted(found)

    def ignored_by_repository(self) -> dict[str, list[str]]:
        """The ignored files by the directory of the repository that each belongs to, "" for the root's own."""
        found: dict[str, list[str]] = {}
        roots = sorted(self.repositories, key=len, reverse=True)
        for path in self.ignored:
            found.setdefault(next((root for root in roots if path.startswith(f"{root}/")), ""), []).append(path)
        return found

    def is_excluded(self, path: str) -> bool:
        """Whether the excludes or a `.gitignore` keep the file `path` out."""
        ignores = self._inherited()
        steps = path.split("/")
        for depth in range(len(steps)):
            folder = "/".join(steps[:depth])
            if depth and (steps[depth - 1] in DEFAULT_EXCLUDES or self._ignored(f"{folder}/", ignores)):
                return True
            ignores = [*ignores, *self._gitignore(folder)]
        return self._ignored(path, ignores)

    def _enter(self, folder: str, ignores: list[_Ignore], found: list[str], links: list[str]) -> Iterator[_Folder]:
        """Add the files and links of `folder`; hand back the directories in it."""
        try:
            entries = list(os.scandir(self.root / folder))
        except OSError as error:
            self.skipped.append((folder or ".", f"unreadable: {error.strerror}"))
            return
        names = {entry.name for entry in entries}
        if folder and ".git" in names:
            self.repositories.append(folder)
        if ".gitignore" in names:
            ignores = [*ignores, *self._gitignore(folder)]
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not _is_candidate(entry, path):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if self._ignored(f"{path}/" if is_folder else path, ignores):
                self._note_ignored(entry, path)
                continue
            if is_folder:
                yield path, ignores
            elif entry.is_symlink():
                links.append(path)
            elif entry.is_file(follow_symlinks=False):
                (found if entry.name.endswith(SUFFIXES) else self.texts).append(path)

    def _note_ignored(self, entry: os.DirEntry[str], path: str) -> None:
        """Remember a file that git may have although it is ignored, if it is one with credentials by its name."""
        excluded = self._excludes is not None and self._excludes.says(path) is True
        if not excluded and text_kind(path) is TextKind.CREDENTIALS and entry.is_file(follow_symlinks=False):
            self.ignored.append(path)

    def _follow(self, links: Iterable[str], seen: set[str]) -> Iterator[str]:
        """The files behind links, unless the link leaves the root or its file is linted already under its own name."""
        inside = os.path.join(os.path.realpath(self.root), "")
        for link in links:
            target = os.path.realpath(self.root / link)
            if not f"{target}{os.sep}".startswith(inside):
                if target.endswith(SUFFIXES) or Path(target).is_dir():
                    self.skipped.append((link, "link-leaves-root"))
            elif (link.endswith(SUFFIXES) or target.endswith(SUFFIXES)) and target not in seen and _is_regular(target):
                seen.add(target)
                yield link

    def _inherited(self) -> list[_Ignore]:
        """The excludes, and the `.gitignore` files above the root up to the repository's."""
        ignores: list[_Ignore] = []
        if not _is_repository(self.root):
            for parent in self.root.parents:
                patterns = _read_patterns(parent)
                if patterns is not None:
                    ignores.insert(0, _Ignore("", patterns, f"{self.root.relative_to(parent).as_posix()}/"))
                if _is_repository(parent):
                    self.inside = True
                    return [] if any(ignore.patterns.ignore(ignore.prefix) for ignore in ignores) else ignores
        return []

    def _gitignore(self, folder: str) -> list[_Ignore]:
        patterns = _read_patterns(self.root / folder)
        return [] if patterns is None else [_Ignore(folder, patterns)]

    def _ignored(self, path: str, ignores: list[_Ignore]) -> bool:
        if self._excludes is not None and self._excludes.says(path):
            return True
        for ignore in reversed(ignores):
            said = ignore.says(path)
            if said is not None:
                return said
        return False


def _is_repository(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except OSError:
        return False


def _read_patterns(folder: Path) -> GitPatterns | None:
    """The patterns of the `.gitignore` in `folder`, if it is a file: like git, this follows no link there."""
    path = folder / ".gitignore"
    try:
        if not S_ISREG(path.lstat().st_mode):
            return None
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError:
        return None
    return GitPatterns(line.removesuffix("\r") for line in text.split("\n"))  # other line breaks belong to names


def _is_candidate(entry: os.DirEntry[str], path: str) -> bool:
    """Whether an entry is worth a look: a folder, a link, or a file whose name says that it is read."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name not in DEFAULT_EXCLUDES
    return entry.is_symlink() or entry.name.endswith(SUFFIXES) or text_kind(path) is not None


def _is_regular(path: str) -> bool:
    try:
        return S_ISREG(Path(path).stat().st_mode)
    except OSError:
        return False
