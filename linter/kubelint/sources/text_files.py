"""Files that are text but no YAML: which are read, what they are, and their text when somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from posixpath import basename

from kubelint.sources.documents import SourceFile
from kubelint.sources.text import LineIndex


class TextKind(StrEnum):
    """What a file of text is, by its name."""

    MARKDOWN = "markdown"
    SHELL = "shell"
    DOCKERFILE = "dockerfile"
    INVENTORY = "inventory"
    GITIGNORE = "gitignore"
    TOOLS = "tools"


_SUFFIXES = {
    ".md": TextKind.MARKDOWN,
    ".markdown": TextKind.MARKDOWN,
    ".sh": TextKind.SHELL,
    ".bash": TextKind.SHELL,
    ".ini": TextKind.INVENTORY,
    ".dockerfile": TextKind.DOCKERFILE,
    ".containerfile": TextKind.DOCKERFILE,
}
_DOCKERFILE = re.compile(r"(?:Docker|Container)file(?:\.[\w.-]+)?")
_INVENTORY = re.compile(r"(?:^|/)(?:hosts|inventory|inventor(?:y|ies)/(?:[\w.-]+/)*[\w-]+)$")
_VARIABLES = re.compile(r"/(?:group_vars|host_vars)/")
_TOOLS = re.compile(r"(?:^|/)(?:\.tool-versions|(?:\.config/)?\.?mise(?:\.toml|/config\.toml))$")
_HOOK = re.compile(r"(?:^|/)\.husky/[\w-]+$")


def text_kind(path: str) -> TextKind | None:
    """What the file `path` is if it is text that is read; None for any other file."""
    name = basename(path)
    dot = name.rfind(".")
    kind = _SUFFIXES.get(name[dot:].lower()) if dot > 0 else None
    if kind is not None:
        return kind
    if name == ".gitignore":
        return TextKind.GITIGNORE
    if _TOOLS.search(path):
        return TextKind.TOOLS
    if _DOCKERFILE.fullmatch(name):
        return TextKind.DOCKERFILE
    if _HOOK.search(path):
        return TextKind.SHELL
    if _INVENTORY.search(path) and not _VARIABLES.search(path):
        return TextKind.INVENTORY
    return None


class TextFile:
    """A file of text, read on first use."""

    def __init__(self, path: str, kind: TextKind, read: Callable[[], SourceFile]) -> None:
        self.path = path
        self.kind = kind
        self._read = read

    def __repr__(self) -> str:
        return f"<TextFile {self.path}>"

    @cached_property
    def source(self) -> SourceFile:
        """The file as it was read: no documents, and no text where it could not be read."""
        return self._read()

    @property
    def text(self) -> str:
        """The text, empty where it could not be read."""
        return self.source.text

    @property
    def lines(self) -> LineIndex:
        """The index of the text's lines."""
        return self.source.lines
