"""What the steps of a job lead to: scripts of the tree that they call, the steps of composite actions that they use.

Followed are scripts that are called by a path which is written out, and actions of the same repository. Of what a
program does besides (`make`, `task`, a script in another language) nothing is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.github.steps import WorkflowStep
from kubelint.manifests.shell.passages import FilePassage, Place
from kubelint.manifests.shell.scripts import Script, interpreter
from kubelint.manifests.shell.wrappers import SHELLS
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.github.actions import Action
    from kubelint.manifests.github.workflows import WorkflowJob
    from kubelint.manifests.project import Project
    from kubelint.manifests.shell.commands import Command, Word

_DEEPEST = 5
_MOST = 500
"""Steps and scripts of one job: what is more calls itself in ever new ways."""
_WORKSPACE = re.compile(
    r"""["']?(?:\$GITHUB_WORKSPACE\b|\$\{GITHUB_WORKSPACE\}|\$\{\{\s*github\.workspace\s*\}\})"?/"""
)
_ACTION_FOLDER = re.compile(
    r"""["']?(?:\$GITHUB_ACTION_PATH\b|\$\{GITHUB_ACTION_PATH\}|\$\{\{\s*github\.action_path\s*\}\})"?/"""
)
_PLAIN_PATH = re.compile(r"[\w./-]+")
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)\+?=")


class Part(NamedTuple):
    """One part of what a job does.

    `step` is the step, of the job or of an action; `script` what it runs, or a script that this calls; `way` where
    each thing on the way to it is called, outermost first. `origin` is the file that what it installs is rendered for.
    `levels` are the `env` of the steps on the way, outermost first.
    """

    step: WorkflowStep
    script: Script | None
    way: tuple[Place, ...]
    origin: str
    levels: tuple[Field, ...]


class _Start(NamedTuple):
    """Where to go on from: a step, the way to it, the file that it is rendered for, the `env` above it."""

    step: WorkflowStep
    way: tuple[Place, ...]
    origin: str
    levels: tuple[Field, ...]


class Calls:
    """What the jobs of a project lead to."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parts: dict[int, list[Part]] = {}

    def parts(self, job: WorkflowJob) -> list[Part]:
        """All that a job does, as far as it is followed, in its order."""
        if id(job) not in self._parts:
            found: list[Part] = []
            for step in job.steps:
                for part in self._of_step(_Start(step, (), job.workflow.file, ()), _holds_itself(job)):
                    if len(found) < _MOST:
                        found.append(part)
            self._parts[id(job)] = found
        return self._parts[id(job)]

    def action(self, step: WorkflowStep) -> Action | None:
        """The action of the tree that a step uses; None where it uses another, or none."""
        if step.use is None or step.use.kind != "local":
            return None
        return self._actions.get((step.field.document.repository, step.use.path))

    def followed(self, script: Script) -> list[Command]:
        """The commands of a script that call another one of the tree."""
        return [command for command, _ in self._calls(script)]

    def called(self, script: Script) -> list[Part]:
        """The scripts of the tree that the script of a step calls, directly and through others."""
        if script.step is None:
            return []
        return list(self._called(script, _Start(script.step, (), script.file, ()), frozenset()))

    def _of_step(self, start: _Start, inside: bool) -> Iterator[Part]:
        step, way, origin, above = start
        if not step.runs:
            return
        levels = (*above, step.env)
        script = self._scripts.get(id(step))
        yield Part(step, script, way, origin, levels)
        if script is not None:
            yield from self._called(script, start._replace(levels=levels), frozenset())
        action = self.action(step) if inside and len(way) < _DEEPEST else None
        for inner in action.steps if action is not None and action.using == "composite" else ():
            yield from self._of_step(_Start(inner, (*way, step.uses), inner.field.document.file, levels), inside)

    def _called(self, script: Script, start: _Start, above: frozenset[str]) -> Iterator[Part]:
        for command, file in self._calls(script):
            if file.path in above or len(above) >= _DEEPEST:
                continue
            inner = _script(script, command, file)
            below = start._replace(way=(*start.way, command.at))
            yield Part(start.step, inner, below.way, start.origin, start.levels)
            yield from self._called(inner, below, above | {file.path})

    def _calls(self, script: Script) -> Iterator[tuple[Command, TextFile]]:
        if not self._files or not script.mentions(".sh", ".bash"):
            return
        for command in script.commands:
            word = called(command)
            path = self._path(script, command, word) if word is not None else None
            file = self._files.get(path) if path is not None else None
            if file is not None and _is_inside(file.path, script.repository):
                yield command, file

    def _path(self, script: Script, command: Command, word: Word) -> str | None:
        if command.remote:
            return None
        if (folder := _WORKSPACE.match(word.raw)) is not None:
            base = script.repository
        elif (folder := _ACTION_FOLDER.match(word.raw)) is not None and script.step is not None:
            action = script.step.action
            if action is None:
                return None
            base = "/".join(filter(None, (script.repository, action.folder)))
        else:
            return command.path(word)
        rest = word.raw[folder.end() :].strip("\"'")
        return normpath(f"{base}/{rest}".lstrip("/")) if _PLAIN_PATH.fullmatch(rest) else None

    @cached_property
    def _scripts(self) -> dict[int, Script]:
        """The scripts of steps by their steps."""
        return {id(script.step): script for script in self._project.scripts if script.step is not None}

    @cached_property
    def _files(self) -> dict[str, TextFile]:
        return {file.path: file for file in self._project.texts if file.kind is TextKind.SHELL}

    @cached_property
    def _actions(self) -> dict[tuple[str, str], Action]:
        return {(action.document.repository, action.folder): action for action in self._project.actions}


def called(command: Command) -> Word | None:
    """The word that names the script which a command calls, if it calls one: `./x.sh`, `bash x.sh`, `. x.sh`."""
    if not command.words:
        return None
    if command.name in SHELLS or command.name in ("source", "."):
        return _first_operand(command.words[1:])
    return command.words[0] if "/" in command.words[0].raw else None


def _first_operand(words: tuple[Word, ...]) -> Word | None:
    """The script after the options of a shell; None for a shell that is given its script otherwise (`-c`, `-s`)."""
    at = 0
    while at < len(words) and words[at].raw.startswith(("-", "+")):
        letters = "" if words[at].raw.startswith("--") else words[at].raw[1:]
        if "c" in letters or "s" in letters:
            return None
        at += 2 if letters.endswith(("o", "O")) else 1
    return words[at] if at < len(words) else None


def _script(caller: Script, command: Command, file: TextFile) -> Script:
    """The script in `file` as a command of another calls it."""
    own = set(_ASSIGNED.findall(caller.text))
    env = {name: value for name, value in caller.env.items() if name not in own}
    for assignment in command.assignments:
        env.pop(assignment.name, None)
        if assignment.value.text is not None:
            env[assignment.name] = assignment.value.text
    given = command.name if command.name in SHELLS else None
    return Script(
        "shell",
        file.path,
        FilePassage(file),
        field=caller.field,
        shell=given or interpreter(file.text),
        working_directory=command.directory,
        env=env,
        step=caller.step,
        container=caller.container,
        repository=caller.repository,
    )


def _is_inside(path: str, repository: str) -> bool:
    return not repository or path.startswith(f"{repository}/")


def _holds_itself(job: WorkflowJob) -> bool:
    """Whether `./` is the repository that the workflow belongs to: no checkout puts another one there."""
    for step in job.steps:
        if step.use is not None and step.use.name == "actions/checkout":
            at_root = step.inputs.get("path").value in (None, ".", "./")
            if at_root and not step.inputs.get("repository").absent:
                return False
    return True
