"""What Makefiles, justfiles and Taskfiles run, as scripts.

Follows the GNU make manual (recipes: lines that begin with a tab; `@`, `-` and `+` before a command), just's and Task's
(`tasks.*.cmds`). What a variable of theirs fills in is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname

from kubelint.manifests import Field, Project
from kubelint.manifests.shell.passages import passage_of_field, passage_of_text
from kubelint.manifests.shell.scripts import Script

_RECIPES = re.compile(r"(?:GNU)?[Mm]akefile|\.?justfile")
_TASKFILE = re.compile(r"\.?[Tt]askfile(?:[.-][\w.-]+)?\.ya?ml")
_RECIPE = re.compile(r"^[ \t]+[@+-]*(?P<line>(?:[^\n\\]|\\\n?)*)", re.MULTILINE)
_VARIABLE = re.compile(r"\$\((?=[\w.-]+\))|\$\$|\{\{")


def task_scripts(project: Project, *programs: str) -> Iterator[Script]:
    """The commands of such files that name one of `programs`."""
    for text in project.texts:
        if _RECIPES.fullmatch(basename(text.path)):
            yield from _recipes(text.path, text.text, programs)
    for document in project.documents:
        if _TASKFILE.fullmatch(basename(document.file)):
            for command in _commands(document.root):
                if any(program in str(command.value) for program in programs):
                    passage, folder = passage_of_field(command), dirname(document.file)
                    yield Script("shell", document.file, passage, field=command, working_directory=folder)


def _recipes(file: str, text: str, programs: tuple[str, ...]) -> Iterator[Script]:
    """The lines of recipes, each a script of its own, as make runs them. `$(NAME)` is no command but a variable."""
    for match in _RECIPE.finditer(text):
        line = match["line"]
        if any(program in line for program in programs):
            shown = _VARIABLE.sub(lambda found: {"$(": "${", "$$": " $"}.get(found[0], found[0]), line)
            passage = passage_of_text(file, _closed(shown), match.start("line"))
            yield Script("shell", file, passage, working_directory=dirname(file))


def _closed(line: str) -> str:
    """A line whose variables have been opened as the shell's are: each closed as those are, of the same length."""
    return re.sub(r"\$\{([\w.-]+)\)", r"${\1}", line)


def _commands(taskfile: Field) -> Iterator[Field]:
    for _, task in taskfile.get("tasks").items():
        found = task if isinstance(task.value, list) else task.get("cmds")
        for command in (*found.elements(), task.get("cmd")):
            inner = command.get("cmd") if isinstance(command.value, dict) else command
            if isinstance(inner.value, str):
                yield inner
