"""What a task does to its host that takes a member of the control plane away: a reboot, its network, its service.

The kubelet is left out: etcd and the API server keep running while it restarts. So is what switches a host off: whoever
does that to all of them means it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubelint.manifests.field import Field, FieldKey
from kubelint.manifests.hosts.tasks import Task
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.lexer import read_shell, read_words
from kubelint.manifests.shell.passages import FilePassage, Place, passage_of_field

Kind = Literal["reboot", "network", "restart", "stop"]

_MEMBERS = re.compile(r"(?:k3s|k3s-server|rke2|rke2-server|etcd)(?:@[^.]*)?(?:\.service)?")
_NETWORKS = re.compile(
    r"(?:systemd-networkd|networking|network|NetworkManager|network-manager|wicked|dhcpcd)(?:\.service)?"
)
_SERVICES = frozenset({"service", "systemd", "systemd_service", "sysvinit", "openrc"})
_SHELLS = frozenset({"command", "shell", "raw"})
_NMCLI = frozenset({"nmcli", "community.general.nmcli"})
_REBOOTS = re.compile(r"-[a-zA-Z]*r[a-zA-Z]*|--reboot")
_KILLERS = frozenset({"k3s-killall.sh", "rke2-killall.sh"})
_LOCAL = frozenset({"local", "ansible.builtin.local"})
_ITEM = re.compile(r"\{\{\s*item(?:\.(?P<key>\w+)|\[['\"](?P<quoted>[\w-]+)['\"]\])?\s*\}\}")
_VERBS = {
    "netplan": {"apply", "try"},
    "networkctl": {"reload", "reconfigure"},
}


class Effect(NamedTuple):
    """What a task or a command does to its host, and where that is written; `unit` is the service it is about."""

    kind: Literal[Kind, "start"]
    at: Field | FieldKey | Place
    unit: str | None = None


class Interruption(NamedTuple):
    """What takes a host away, where it is written, and in which task."""

    kind: Kind
    at: Field | FieldKey | Place
    task: Task
    unit: str | None = None


def read_interruptions(tasks: list[Task]) -> list[Interruption]:
    """The tasks of a play that interrupt. A service that is stopped, and never started again, is meant to be down."""
    found = [(task, effect) for task in tasks if _is_on_its_host(task) for effect in effects(task)]
    started = {effect.unit for _, effect in found if effect.kind in ("start", "restart")}
    rebooted = any(effect.kind == "reboot" for _, effect in found)
    return [
        Interruption(effect.kind, effect.at, task, effect.unit)
        for task, effect in found
        if effect.kind != "start" and (effect.kind != "stop" or rebooted or effect.unit in started)
    ]


def _is_on_its_host(task: Task) -> bool:
    """Whether the task runs on every host of its play, not once or elsewhere."""
    call = task.call
    if call is None or call.name == "local_action" or "never" in task.tags:
        return False
    if task.keyword("connection").text in _LOCAL or task.keyword("check_mode").value is True:
        return False
    once = task.keyword("run_once")
    return (not once.exists or once.value is False) and not task.keyword("delegate_to").exists


def effects(task: Task) -> Iterator[Effect]:
    """What a task does."""
    call = task.call
    if call is None:
        return
    if task.module == "reboot":
        yield Effect("reboot", call.key)
    elif task.module in _NMCLI and task.argument("state") in ("present", "absent", "up", "down"):
        yield Effect("network", call.key)
    elif task.module in _SERVICES:
        state = task.argument("state") or ""
        for unit in _units(task):
            yield from _of_service(unit, state, call.get("state") if call.get("state").exists else call.key)
    for command in task_commands(task):
        yield from effects_of_command(command)


def _units(task: Task) -> list[str]:
    """The services that a task is about, those that it loops over among them."""
    name = task.argument("name") or task.argument("service")
    if name is not None or task.call is None:
        return [name or ""]
    match = _ITEM.fullmatch(str(task.call.get("name").value))
    key = (match["key"] or match["quoted"]) if match else None
    items = task.items() if match else []
    return [text for item in items if (text := (item.get(key) if key else item).text)]


def _of_service(unit: str, state: str, at: Field | FieldKey | Place) -> Iterator[Effect]:
    name = unit.removesuffix(".service")
    if _NETWORKS.fullmatch(unit) and state == "restarted":
        yield Effect("network", at, name)
    elif _MEMBERS.fullmatch(unit) and state in _KINDS:
        yield Effect(_KINDS[state], at, name)


_KINDS: dict[str, Literal["restart", "stop", "start"]] = {"restarted": "restart", "stopped": "stop", "started": "start"}


def task_commands(task: Task) -> list[Command]:
    """The commands that a task runs by `command`, `shell` or `raw`, and those of a script that it sends."""
    call = task.call
    if task.script is not None:
        return read_shell(FilePassage(task.script)).commands
    if call is None or task.module not in _SHELLS:
        return []
    argv = next((field for field in (call.get("argv"), task.root.get("args", "argv")) if field.exists), None)
    if argv is not None:
        return read_words(tuple(_word(item) for item in argv.elements()), None).commands
    texts = [call, call.get("cmd"), call.get("_raw_params"), task.root.get("args", "cmd")]
    text = next((field for field in texts if isinstance(field.value, str)), None)
    return read_shell(passage_of_field(text)).commands if text is not None else []


def _word(field: Field) -> Word:
    passage = passage_of_field(field)
    return Word(None if field.unknown else passage.text, passage, 0, len(passage.text))


def effects_of_command(command: Command) -> Iterator[Effect]:
    """What a command does to the host that it runs on."""
    name, at = command.name, command.at
    words = [word.text or "" for word in command.words[1:] if not (word.text or "").startswith("-")]
    options = [word.text or "" for word in command.words[1:] if (word.text or "").startswith("-")]
    if command.remote or name is None:
        return
    if _reboots(name, words, options):
        yield Effect("reboot", at)
    elif _changes_network(name, words):
        yield Effect("network", at)
    elif name in _KILLERS:
        yield Effect("stop", at, name.partition("-")[0])
    elif name == "systemctl":
        yield from _of_systemctl(words, at)
    elif name == "service" and len(words) > 1:
        yield from _of_service(words[0], _STATES.get(words[1], ""), at)


def _reboots(name: str, words: list[str], options: list[str]) -> bool:
    if name == "shutdown":
        return any(map(_REBOOTS.fullmatch, options))
    return name == "reboot" or (name in ("init", "telinit") and words == ["6"])


_STATES = {
    "restart": "restarted",
    "try-restart": "restarted",
    "reload-or-restart": "restarted",
    "stop": "stopped",
    "start": "started",
}


def _of_systemctl(words: list[str], at: Place) -> Iterator[Effect]:
    if words[:1] in (["reboot"], ["kexec"], ["soft-reboot"]):
        yield Effect("reboot", at)
    for unit in words[1:]:
        yield from _of_service(unit, _STATES.get(words[0], ""), at)


def _changes_network(name: str, words: list[str]) -> bool:
    if name in ("ifdown", "ifup"):
        return True
    if name in _VERBS:
        return bool(words) and words[0] in _VERBS[name]
    if name == "ip" and len(words) > 1:
        if "address".startswith(words[0]):
            return words[1] in ("del", "delete", "flush")
        return "link".startswith(words[0]) and words[1] == "set" and words[-1] == "down"
    if name == "nmcli" and len(words) > 1:
        kind, verb = words[:2]
        return ("connection".startswith(kind) and verb in ("up", "down")) or (
            "device".startswith(kind) and verb in ("reapply", "disconnect", "connect")
        )
    return False
