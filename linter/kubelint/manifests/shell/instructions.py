"""Commands that people or machines are told to run: in documents, scripts, workflows and Ansible tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubelint.manifests.field import Edit, Excerpt, Field, FieldSlice
from kubelint.manifests.shell.arguments import Arguments, read_arguments
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.passages import passage_of_field
from kubelint.manifests.shell.runbooks import scripts_of
from kubelint.manifests.shell.scripts import Script, repository_of
from kubelint.manifests.texts import TextSlice

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_CLIENTS = frozenset({"kubectl", "oc"})
_WITH_CLIENTS = frozenset({"k3s", "rke2", "k0s", "microk8s", "minikube"})
_MODULES = frozenset({"command", "shell", "raw"})
_PARTS = ("cmd", "_raw_params")


def commands_with(project: Project, mark: str) -> Iterator[Command]:
    """The commands of the scripts in which `mark` stands, but for those that their document calls wrong."""
    for script in _scripts(project, mark):
        if not script.discouraged and script.mentions(mark):
            yield from script.commands


def kubectl_arguments(command: Command) -> Arguments | None:
    """What kubectl is given, also where a distribution brings it along: `k3s kubectl`; None for other programs."""
    if command.name in _CLIENTS:
        return command.arguments
    if command.name in _WITH_CLIENTS and len(command.words) > 1 and command.words[1].text in _CLIENTS:
        return read_arguments("kubectl", command.words[2:])
    return None


def with_beginning(word: Word, length: int, text: str) -> Edit | None:
    """The edit that puts `text` in place of the first `length` characters of a word; None where none can."""
    place = word.passage.at(word.start, word.start + length)
    if isinstance(place, TextSlice):
        return place.replace(text)
    if isinstance(place, FieldSlice):
        field = place.field
        part = Excerpt(field.document, field.path, word.raw[:length], (place.start, place.end))
        return part.replace(text)
    return None


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
