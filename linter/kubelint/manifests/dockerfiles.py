"""Dockerfiles: the stages of a build, from which images and for which platforms.

Follows the Dockerfile reference and BuildKit's `frontend/dockerfile/parser`: parser directives, line continuations,
comments between them, here-documents. `ARG` before the first `FROM` gives defaults, which `--build-arg` may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.shell.passages import Passage, Place, passage_of_text
from kubelint.manifests.shell.scripts import repository_of
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_DIRECTIVE = re.compile(r"\s*#\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*")
_NAME = re.compile(r"\s*([A-Za-z]+)(?=\s|$)")
_WORD = re.compile(r"\S+")
_ARG = re.compile(r"([A-Za-z_]\w*)(?:=(?:\"([^\"]*)\"|'([^']*)'|(\S*)))?(?=\s|$)")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+])([^${}]*))?\})")
_HEREDOC = re.compile(r"<<(-?)\s*(['\"]?)([A-Za-z_]\w*)\2")
_WITH_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


class Instruction(NamedTuple):
    """One instruction: its name in capitals, and what follows it, continued lines joined."""

    name: str
    arguments: Passage
    at: Place


class Stage(NamedTuple):
    """One `FROM`. What only the build knows is None: an image or platform with a variable that has no default.

    `base` is the earlier stage that it builds upon, `at` the image as written, `platform_at` the value of `--platform`.
    """

    image: str | None
    platform: str | None
    name: str | None
    at: Place
    platform_at: Place | None = None
    base: int | None = None


class Dockerfile:
    """One Dockerfile, read on first use."""

    def __init__(self, source: TextFile, repository: str = "") -> None:
        self.source = source
        self.file = source.path
        self.repository = repository

    def __repr__(self) -> str:
        return f"<Dockerfile {self.file}>"

    @cached_property
    def directives(self) -> dict[str, str]:
        """The parser directives at the top: `escape`, `syntax`, `check`."""
        found: dict[str, str] = {}
        for number in range(1, len(self.source.lines) + 1):
            match = _DIRECTIVE.fullmatch(self.source.lines.line(number))
            if match is None or match[1].lower() in found:
                break
            found[match[1].lower()] = match[2]
        return found

    @cached_property
    def instructions(self) -> list[Instruction]:
        """The instructions in their order."""
        escape = self.directives.get("escape", "\\")
        return list(_instructions(self.source, escape if escape in ("\\", "`") else "\\"))

    @cached_property
    def defaults(self) -> dict[str, str | None]:
        """The arguments declared before the first stage, with their defaults; None without one."""
        found: dict[str, str | None] = {}
        for instruction in self.instructions:
            if instruction.name == "FROM":
                break
            if instruction.name == "ARG":
                for match in _ARG.finditer(instruction.arguments.text):
                    written = next((group for group in match.groups()[1:] if group is not None), None)
                    found[match[1]] = written if written is None or match[3] else _filled(written, found)
        return found

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages in their order."""
        found: list[Stage] = []
        names: dict[str, int] = {}
        for instruction in self.instructions:
            stage = _stage(instruction.arguments, self.defaults) if instruction.name == "FROM" else None
            if stage is not None:
                found.append(stage._replace(base=names.get((stage.image or "").lower())))
                if stage.name:
                    names[stage.name] = len(found) - 1
        return found


def read_dockerfiles(project: Project) -> list[Dockerfile]:
    """The Dockerfiles of `project`."""
    repositories = sorted({document.repository for document in project.documents}, key=len, reverse=True)
    return [
        Dockerfile(file, repository_of(file.path, repositories))
        for file in project.texts
        if file.kind is TextKind.DOCKERFILE
    ]


def _instructions(source: TextFile, escape: str) -> Iterator[Instruction]:
    number, count = 1, len(source.lines)
    while number <= count:
        starts: list[int] = []
        number = _join(source, escape, number, starts)
        text = "".join(source.text[start] for start in starts)
        match = _NAME.match(text)
        if match is None:
            continue
        whole = passage_of_text(source.path, "").inner(text, starts, [start + 1 for start in starts])
        begin, end = match.end(), len(text)
        arguments = whole.inner(text[begin:], range(begin, end), range(begin + 1, end + 1))
        name = match[1].upper()
        if name in _WITH_HEREDOCS:
            number = _after_heredocs(source, text, number)
        yield Instruction(name, arguments, whole.at(match.start(1), len(text.rstrip())))


def _join(source: TextFile, escape: str, number: int, starts: list[int]) -> int:
    """Note the characters of the instruction that begins on a line; hand back the number of the line after it."""
    continued = re.compile(re.escape(escape) + r"[ \t]*$")
    while number <= len(source.lines):
        span = source.lines.span(number)
        line = source.text[span.start : span.end]
        number += 1
        if line.lstrip().startswith("#") or (starts and not line.strip()):
            continue
        match = continued.search(line)
        starts += range(span.start, span.start + (match.start() if match else len(line)))
        if match is None:
            break
    return number


def _after_heredocs(source: TextFile, text: str, number: int) -> int:
    for dash, _, delimiter in _HEREDOC.findall(text):
        while number <= len(source.lines):
            line = source.lines.line(number)
            number += 1
            if (line.lstrip("\t") if dash else line) == delimiter:
                break
    return number


def _stage(arguments: Passage, defaults: Mapping[str, str | None]) -> Stage | None:
    words = list(_WORD.finditer(arguments.text))
    options = [word for word in words if word[0].startswith("--")]
    words = [word for word in words if not word[0].startswith("--")]
    if not words:
        return None
    named = len(words) == 3 and words[1][0].lower() == "as"
    platform = next((word for word in options if word[0].startswith("--platform=")), None)
    return Stage(
        image=_filled(words[0][0], defaults),
        platform=_filled(platform[0].partition("=")[2], defaults) if platform else None,
        name=words[2][0].lower() if named else None,
        at=arguments.at(*words[0].span()),
        platform_at=arguments.at(platform.start() + len("--platform="), platform.end()) if platform else None,
    )


def _filled(text: str, defaults: Mapping[str, str | None]) -> str | None:
    """`text` with the defaults of its variables; None if one of them has none."""
    unknown = False

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        value = defaults.get(match[1] or match[2])
        operator = match[3] or ""
        if operator.endswith("-") and not value:
            value = match[4]
        elif operator.endswith("+"):
            value = match[4] if value else None
        unknown = unknown or value is None
        return value or ""

    filled = _VARIABLE.sub(fill, text.strip("\"'"))
    return None if unknown or "$" in filled or not filled else filled
