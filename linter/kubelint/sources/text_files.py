"""Files that are text but no YAML: which are read, what they are, and their text when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from posixpath import basename

from kubelint.regexes import regex
from kubelint.sources.credential_names import may_hold_credentials
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
    UNIT = "unit"
    TASKS = "tasks"
    """What runs commands by name, or as a git hook: a Makefile, a justfile, hooks in TOML."""
    SCANNER = "scanner"
    """The configuration of a program that looks for secrets."""
    TERRAFORM = "terraform"
    """The lock file that Terraform keeps beside its configuration."""
    CREDENTIALS = "credentials"
    """A file that is called as those are that hold credentials."""


_SUFFIXES = {
    ".md": TextKind.MARKDOWN,
    ".markdown": TextKind.MARKDOWN,
    ".sh": TextKind.SHELL,
    ".bash": TextKind.SHELL,
    ".ini": TextKind.INVENTORY,
    ".service": TextKind.UNIT,
    ".dockerfile": TextKind.DOCKERFILE,
    ".containerfile": TextKind.DOCKERFILE,
}
_DOCKERFILE = regex(r"(?:Docker|Container)file(?:\.[\w.-]+)?")
_INVENTORY = regex(r"(?:^|/)(?:hosts|inventory|inventor(?:y|ies)/(?:[\w.-]+/)*[\w-]+)$")
_VARIABLES = regex(r"/(?:group_vars|host_vars)/")
_TOOLS = regex(r"(?:^|/)(?:\.tool-versions|(?:\.config/)?\.?mise(?:\.toml|/config\.toml))$")
_HOOK = regex(r"(?:^|/)\.husky/[\w-]+$")
_TASKS = regex(
    r"(?:^|/)(?:(?:GNU)?[Mm]akefile|\.?justfile|Jenkinsfile|prek\.toml|\.?lefthook\.toml|\.githooks/[\w.-]+)$"
)
_SCANNER = regex(
    r"(?:^|/)(?:\.?gitleaks\.toml|\.gitleaksignore|\.secrets\.baseline|\.trufflehog[\w.-]*|\.talismanrc|\.secretlintrc)$"
)


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
    if may_hold_credentials(path):
        return TextKind.CREDENTIALS
    if _INVENTORY.search(path) and not _VARIABLES.search(path):
        return TextKind.INVENTORY
    return _other_kind(path, name)


def _other_kind(path: str, name: str) -> TextKind | None:
    if name == ".terraform.lock.hcl":
        return TextKind.TERRAFORM
    if _TASKS.search(path):
        return TextKind.TASKS
    return TextKind.SCANNER if _SCANNER.search(path) else None


class TextFile:
    """A file of text, read on first use.

    `head` reads its first bytes, whatever they are. `is_tracked` says of a file that git is told to ignore whether git
    has it all the same; None of a file that is not ignored.
    """

    def __init__(
        self,
        path: str,
        kind: TextKind,
        read: Callable[[], SourceFile],
        *,
        head: Callable[[], bytes] | None = None,
        is_tracked: Callable[[], bool] | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self._read = read
        self._head = head
        self._is_tracked = is_tracked

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
    def head(self) -> bytes:
        """The first bytes of the file, of binary ones too; none where it cannot be read."""
        return self._head() if self._head is not None else self.text[:64].encode("utf-8", "replace")

    @property
    def ignored(self) -> bool:
        """Whether a `.gitignore` names the file."""
        return self._is_tracked is not None

    @property
    def committed(self) -> bool:
        """Whether git has the file, or takes it with whatever is added next."""
        return self._is_tracked is None or self._is_tracked()

    @property
    def lines(self) -> LineIndex:
        """The index of the text's lines."""
        return self.source.lines

    def with_text(self, text: str) -> TextFile:
        """The same file with another text."""
        source = SourceFile(self.path, text, self.source.encoding)
        return TextFile(self.path, self.kind, lambda: source, is_tracked=self._is_tracked)
