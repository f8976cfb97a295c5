"""Commands on nodes that people or machines are told to run: in documents, scripts, workflows and Ansible tasks."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.manifests import Field, Project
from kubelint.manifests.shell.commands import Command
from kubelint.manifests.shell.passages import passage_of_field
from kubelint.manifests.shell.runbooks import scripts_of
from kubelint.manifests.shell.scripts import Script, repository_of

_MODULES = frozenset({"command", "shell", "raw"})
_PARTS = ("cmd", "_raw_params")


def commands_with(project: Project, mark: str) -> Iterator[Command]:
    """The commands of the scripts in which `mark` stands, but for those that their document calls wrong."""
    for script in _scripts(project, mark):
        if not script.discouraged and script.mentions(mark):
            yield from script.commands


def _scripts(project: Project, mark: str) -> Iterator[Script]:
    yield from project.scripts
    repositories = sorted({document.repository for document in project.documents}, key=len, reverse=True)
    for file in project.texts:
        if file.kind == "markdown" and mark in file.text:
            yield from scripts_of(file, repository_of(file.path, repositories))
    yield from _tasks(project, mark)


def _tasks(project: Project, mark: str) -> Iterator[Script]:
    """The commands of Ansible tasks, each once however many plays come by it."""
    seen: set[tuple[str, int, object]] = set()
    if not any(mark in document.text for document in project.documents):
        return
    for play in project.hosts.plays:
        for task in play.tasks:
            call = task.call
            if call is None or task.module not in _MODULES or call.name in ("action", "local_action"):
                continue
            for field in (call, *(call.get(part) for part in _PARTS)):
                key = (field.document.file, field.document.index, field.path)
                if isinstance(field.value, str) and mark in field.value and key not in seen:
                    seen.add(key)
                    yield _script(field)


def _script(field: Field) -> Script:
    return Script("shell", field.document.file, passage_of_field(field), field=field, shell="sh")
