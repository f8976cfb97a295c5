"""Where documents, scripts and plays reset a cluster's membership, and how they go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubelint.manifests import Project
from kubelint.manifests.hosts.interruptions import effects, effects_of_command, task_commands
from kubelint.manifests.hosts.places import At
from kubelint.manifests.shell.commands import Command
from kubelint.manifests.shell.passages import Place
from kubelint.manifests.shell.scripts import Script

_STARTS = ("start", "restart")
_FLAG = "--cluster-reset"
_REMOVES = re.compile(
    r"server/db(?!/(?:snapshots|etcd/config))|(?:k3s|rke2)-uninstall|\brm\s+-\w{1,5}\s+(?:--\s+)?(?:\./)?db\b"
)
_OTHERS = re.compile(
    r"\b(?:other|remaining|each|every|both|second|third|rest of the|failed|lost)\b[^\n]{0,30}"
    r"\b(?:servers?|masters?|members?|peers?|control[- ]?planes?)\b"
    r"|\b(?:other|remaining)\s+nodes\b|\brejoin|\bpeers?\b|\b(?:server|master|control-?plane)[-_ ]?0?[2-9]\b",
    re.IGNORECASE,
)


class Reset(NamedTuple):
    """A reset, and the start of other servers that follows it."""

    product: str
    at: At | Place
    start: At | Place


class _Step(NamedTuple):
    """A reset of `product`, or a start where that is None."""

    product: str | None
    at: At | Place


def resets(project: Project) -> Iterator[Reset]:
    """The files that reset a cluster of several servers and leave the old data of the others where it is."""
    texts = {text.path: text.text for text in project.texts if text.kind in ("markdown", "shell")}
    told = {path for path, text in texts.items() if _is_incomplete(text)}
    scripts = [script for script in project.runbooks if script.file in told] if told else []
    scripts += [script for script in project.scripts if script.kind == "shell" and script.file in told] if told else []
    for path in sorted(told):
        yield from _found(_of_scripts(script for script in scripts if script.file == path))
    for path, documents in project.files.items():
        if _is_incomplete(documents[0].text):
            yield from _found(_of_plays(project, path))


def _is_incomplete(text: str) -> bool:
    return _FLAG in text and _REMOVES.search(text) is None and _OTHERS.search(text) is not None


def _found(steps: Iterable[_Step]) -> Iterator[Reset]:
    """The last start after a reset: the first may be that of the server itself."""
    reset: _Step | None = None
    last: _Step | None = None
    for step in steps:
        if step.product is not None:
            reset = reset or step
        elif reset is not None:
            last = step
    if reset is not None and reset.product is not None and last is not None:
        yield Reset(reset.product, reset.at, last.at)


def _of_scripts(scripts: Iterable[Script]) -> Iterator[_Step]:
    for script in scripts:
        if not script.discouraged and script.mentions(_FLAG, "systemctl", "service"):
            for command in script.commands:
                yield from _of_command(command)


def _of_command(command: Command) -> Iterator[_Step]:
    words = {(word.text or "").removesuffix("=true") for word in command.words[1:]}
    if command.name in ("k3s", "rke2") and _FLAG in words:
        yield _Step(command.name, command.at)
    elif any(effect.kind in _STARTS for effect in effects_of_command(command)):
        yield _Step(None, command.at)


def _of_plays(project: Project, path: str) -> Iterator[_Step]:
    for play in project.hosts.plays:
        for task in play.tasks if play.file == path else ():
            commands = [step for command in task_commands(task) for step in _of_command(command)]
            yield from commands
            if not commands and any(effect.kind in _STARTS for effect in effects(task)) and task.call is not None:
                yield _Step(None, task.call.key)
