"""Scripts that machines run: steps of workflows and actions, shell files, what containers start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.shell.commands import Assignment, Command, Redirect, Word
from kubelint.manifests.shell.passages import FilePassage, Passage, Place, passage_of_field
from kubelint.manifests.shell.wrappers import SHELLS
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.github.steps import WorkflowStep
    from kubelint.manifests.pods import Container
    from kubelint.manifests.project import Project
    from kubelint.manifests.shell.walker import Reading

__all__ = ["Assignment", "Command", "Place", "Redirect", "Script", "ScriptKind", "Word", "read_scripts"]

ScriptKind = Literal["workflow", "action", "shell", "container", "markdown", "inline"]
"""`markdown` is a block of a Markdown document, `inline` a command within its text."""


class Script:
    """Text of a shell, or the words of one command, with the place of every word. Commands are read when asked for."""

    def __init__(
        self,
        kind: ScriptKind,
        file: str,
        passage: Passage,
        *,
        field: Field | None = None,
        shell: str | None = "bash",
        working_directory: str | None = None,
        env: Mapping[str, str] | None = None,
        step: WorkflowStep | None = None,
        container: Container | None = None,
        words: tuple[Word, ...] | None = None,
        heading: str = "",
        discouraged: bool = False,
        repository: str = "",
    ) -> None:
        self.kind: ScriptKind = kind
        self.file = file
        self.passage = passage
        self.field = field
        """The string that holds the script (`run`); None for files of text."""
        self._shell = shell
        self.working_directory = working_directory
        """Where it starts, relative to the root of the files; None where that is unknown."""
        self.env = env or {}
        """The variables that certainly have one literal value when it starts."""
        self.step = step
        self.container = container
        self.heading = heading
        """The nearest heading above a script of a Markdown document."""
        self.discouraged = discouraged
        """Whether the document calls it wrong: nobody is told to run it."""
        self.repository = repository
        """The directory of the repository that the file belongs to, where the tree holds several."""
        self._words = words

    def __repr__(self) -> str:
        return f"<Script {self.kind} in {self.file}>"

    @property
    def shell(self) -> str | None:
        """The shell that reads it, by its program's name; None where that is unknown."""
        return self._shell

    @property
    def document(self) -> Document | None:
        """The document that holds the script; None for files of text."""
        return self.field.document if self.field is not None else None

    @property
    def text(self) -> str:
        """The script's text, prompts and indentation of a Markdown document taken off."""
        return self.passage.text

    def mentions(self, *names: str) -> bool:
        """Whether the text holds any of `names`: cheap, to ask before reading commands."""
        return any(name in self.passage.text for name in names)

    @property
    def commands(self) -> list[Command]:
        """The commands in the order of the text; none for a shell that is not read here."""
        return self._reading.commands

    @property
    def broken(self) -> bool:
        """Whether some of the text is nothing that a shell can read; commands that hold such parts are left out."""
        return self._reading.broken

    @cached_property
    def _reading(self) -> Reading:
        from kubelint.manifests.shell.lexer import read_shell, read_words
        from kubelint.manifests.shell.walker import Reading

        if self._words is not None:
            return read_words(self._words, self.working_directory)
        if self.shell not in SHELLS:
            return Reading([], False)
        told = self.kind in ("markdown", "inline")
        return read_shell(self.passage, self.env, self.working_directory, placeholders=told)


class FileScript(Script):
    """A script that is a file of its own; the shell is that of its first line."""

    def __init__(self, file: TextFile, repository: str = "") -> None:
        super().__init__("shell", file.path, FilePassage(file), repository=repository)

    @property
    def shell(self) -> str | None:
        """The shell that the first line names; `sh` where it names none."""
        return interpreter(self.text)


def read_scripts(project: Project) -> list[Script]:
    """The scripts of `project` that machines run, in the order of workflows, actions, files of text and pods."""
    from kubelint.manifests.github.scripts import action_scripts, workflow_scripts

    repositories = sorted({document.repository for document in project.documents}, key=len, reverse=True)
    found: list[Script] = [script for flow in project.workflows for script in workflow_scripts(flow)]
    found += [script for action in project.actions for script in action_scripts(action)]
    for file in project.texts:
        if file.kind is TextKind.SHELL:
            found.append(FileScript(file, repository_of(file.path, repositories)))
    return [*found, *_container_scripts(project)]


def repository_of(path: str, repositories: list[str]) -> str:
    """Which of the `repositories` (longest first) the file `path` belongs to."""
    return next((name for name in repositories if not name or path.startswith(f"{name}/")), "")


def interpreter(text: str) -> str | None:
    """The program that the first line of a script names, `sh` where there is no such line."""
    if not text.startswith("#!"):
        return "sh"
    words = text[2:].partition("\n")[0].split()
    while words and (words[0].endswith("/env") or words[0].startswith("-") or "=" in words[0]):
        words = words[1:]
    return words[0].rpartition("/")[2] if words else None


def _container_scripts(project: Project) -> Iterator[Script]:
    for pod in project.pods:
        for container in pod.containers:
            command = container.get("command")
            fields = [*command.elements(), *container.get("args").elements()]
            if not isinstance(command.value, list) or not fields:
                continue
            passages = [passage_of_field(field) for field in fields]
            words = tuple(_argument(field, passage) for field, passage in zip(fields, passages, strict=True))
            text = "\n".join(passage.text for passage in passages)
            yield Script(
                "container",
                command.document.file,
                Passage(text, lambda start, end, whole=command: whole),  # type: ignore[misc]
                field=command,
                shell=None,
                container=container,
                words=words,
                repository=command.document.repository,
            )


def _argument(field: Field, passage: Passage) -> Word:
    text = None if field.unknown or field.value is None else passage.text
    return Word(text, passage, 0, len(passage.text))
