"""Servers of k3s and RKE2 that a command line starts: in scripts, Ansible tasks, cloud-init and units of systemd.

Follows the installer (k3s `install.sh`: `INSTALL_K3S_EXEC` and the arguments of the script are what k3s is started
with) and k3s `pkg/cli/cmds/server.go` (the variables that stand for flags).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.hosts.ansible_plays import Play
from kubelint.manifests.hosts.interruptions import task_commands
from kubelint.manifests.hosts.server_config import ServerConfig, Setting, arguments
from kubelint.manifests.hosts.tasks import Task
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.lexer import read_shell, read_words
from kubelint.manifests.shell.passages import Passage, passage_of_field, passage_of_text
from kubelint.sources.text_files import TextFile, TextKind

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_PRODUCTS = ("k3s", "rke2")
_SHELLS = frozenset({"sh", "bash"})
_EXEC = "INSTALL_K3S_EXEC"
_VARIABLES = {
    "K3S_URL": "server",
    "K3S_TOKEN": "token",
    "K3S_DATASTORE_ENDPOINT": "datastore-endpoint",
    "K3S_CLUSTER_INIT": "cluster-init",
    "RKE2_URL": "server",
    "RKE2_TOKEN": "token",
}
_START = re.compile(r"^ExecStart\s*=\s*[-@:+!]*(?P<command>(?:[^\\\n]|\\\r?\n|\\.)*)", re.MULTILINE)


def started_servers(project: Project, mappings: Iterable[Document]) -> list[ServerConfig]:
    """What each command that starts a server gives it; in the order of tasks, cloud-init, scripts and units."""
    found = [config for play in project.hosts.plays for config in _of_play(play)]
    for document in mappings:
        found += _of_cloud_init(document)
    for script in project.scripts:
        if script.kind == "shell" and script.mentions(*_PRODUCTS):
            found += _of_commands(script.commands, script.text, script.repository)
    for file in project.texts:
        if file.kind is TextKind.UNIT:
            found += _of_unit(file)
    return found


def _of_play(play: Play) -> Iterator[ServerConfig]:
    for task in play.tasks:
        call = task.call
        if call is not None and task.module in ("command", "shell", "raw"):
            text = str(call.value)
            if any(product in text for product in _PRODUCTS):
                yield from _of_commands(task_commands(task), text)
            yield from _of_environment(task)


def _of_environment(task: Task) -> Iterator[ServerConfig]:
    given = task.keyword("environment")
    called = given.get(_EXEC)
    if isinstance(called.value, str):
        others = [Setting(flag, given.get(name).value, given.get(name)) for name, flag in _given(given)]
        yield from _server(called, [*_executed(passage_of_field(called)), *others])


def _given(environment: Field) -> Iterator[tuple[str, str]]:
    return ((name, flag) for name, flag in _VARIABLES.items() if environment.get(name).exists)


def _of_cloud_init(document: Document) -> Iterator[ServerConfig]:
    for part in ("bootcmd", "runcmd"):
        for entry in document.root.get(part).elements():
            text = str(entry.value)
            if not any(product in text for product in _PRODUCTS):
                continue
            if isinstance(entry.value, list):
                words = tuple(_word(item) for item in entry.elements())
                yield from _of_commands(read_words(words, None).commands, text)
            elif isinstance(entry.value, str):
                yield from _of_commands(read_shell(passage_of_field(entry)).commands, text)


def _word(item: Field) -> Word:
    passage = passage_of_field(item)
    return Word(None if item.unknown else passage.text, passage, 0, len(passage.text))


def _of_unit(file: TextFile) -> Iterator[ServerConfig]:
    for match in _START.finditer(file.text):
        if any(product in match["command"] for product in _PRODUCTS):
            passage = passage_of_text(file.path, match["command"], match.start("command"))
            yield from _of_commands(read_shell(passage).commands, match["command"])


def _of_commands(commands: Iterable[Command], text: str, repository: str = "") -> Iterator[ServerConfig]:
    """The servers that commands of one script start; what it exports before holds for all that follow."""
    exported: list[tuple[str, Word]] = []
    for command in commands:
        own = [(assignment.name, assignment.value) for assignment in command.assignments]
        if command.name in (None, "export"):
            exported += [*own, *_exported(command)]
            continue
        given = dict(exported) | dict(own)
        words = _started(command, text)
        installs = command.name in _SHELLS and _EXEC in given
        if words is None and not installs:
            continue
        settings = [*_executed(_passage(given[_EXEC]))] if installs else []
        settings += [*_of_words(words or ())]
        settings += [
            Setting(flag, given[name].text, given[name].at) for name, flag in _VARIABLES.items() if name in given
        ]
        product = "rke2" if command.name == "rke2" else "k3s"
        yield from _server(command.at, settings, product, repository, sure=words is not None and not installs)


def _exported(command: Command) -> Iterator[tuple[str, Word]]:
    for word in command.words[1:]:
        name, equals, _ = word.raw.partition("=")
        if equals:
            yield name, word.after(len(name) + 1)


def _started(command: Command, text: str) -> tuple[Word, ...] | None:
    """The words that a server is started with; None where the command starts none."""
    words = command.words[1:]
    texts = [word.text for word in words]
    if command.name in _PRODUCTS and texts[:1] == ["server"]:
        return words[1:]
    if command.name in _SHELLS and texts[:1] == ["-s"] and "get.k3s.io" in text:
        passed = words[2:] if texts[1:2] in (["-"], ["--"]) else words[1:]
        return None if passed and passed[0].text == "agent" else passed
    return None


def _passage(word: Word) -> Passage:
    """The text of a word; where its variables are filled in, all of it stands where the word does."""
    inner = word.after(0)
    if inner.text is None or inner.raw == inner.text:
        start, end = inner.start, inner.end
        return inner.passage.inner(inner.raw, range(start, end), range(start + 1, end + 1))
    return Passage(inner.text, lambda start, end: word.at)


def _executed(passage: Passage) -> Iterator[Setting]:
    """What `INSTALL_K3S_EXEC` holds: a command, if it does not begin with a flag, and flags."""
    if passage.text.split(None, 1)[:1] == ["agent"]:
        yield Setting("agent", True, passage.at(0, len(passage.text)))
    yield from arguments(passage)


def _of_words(words: Iterable[Word]) -> Iterator[Setting]:
    left = list(words)
    while left:
        word = left.pop(0)
        flag, equals, _ = (word.text or word.raw).partition("=")
        if not flag.startswith("--") or len(flag) < 3:
            continue
        if equals:
            value = word.after(len(flag) + 1)
        elif left and not (left[0].text or "").startswith("-"):
            value = left.pop(0)
        else:
            yield Setting(flag[2:], True, word.at, adds=True)
            continue
        yield Setting(flag[2:], value.text, value.at, adds=True)


def _server(
    at: object, settings: list[Setting], product: str = "k3s", repository: str = "", *, sure: bool = False
) -> Iterator[ServerConfig]:
    place = at.field if isinstance(at, FieldSlice) else at
    config = ServerConfig("arguments", product, place, settings, repository)  # type: ignore[arg-type]
    if "agent" not in config.flags and (sure or config.is_server):
        yield config
