"""What surrounds a command that deploys: its environment, Helm's version, and the file whose renderings it installs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kubelint.manifests.field import Field
from kubelint.manifests.shell.commands import Command
from kubelint.manifests.shell.scripts import Script

Driver = Literal["secret", "configmap", "sql", "memory"]
_DRIVERS: dict[str, Driver] = {
    "": "secret",
    "secret": "secret",
    "secrets": "secret",
    "configmap": "configmap",
    "configmaps": "configmap",
    "sql": "sql",
    "memory": "memory",
}
"""Helm's drivers by the values of `HELM_DRIVER` (`pkg/action/action.go: Init`)."""
_SETTERS = frozenset({"export", "declare", "typeset", "readonly"})


@dataclass(frozen=True)
class Surroundings:
    """Where a script runs.

    `variables` are those of its environment, None for one whose value is not known. `origin` is the file that what it
    installs is rendered for.
    """

    script: Script
    version: Literal[3, 4] | None = None
    variables: Mapping[str, str | None] = field(default_factory=dict)
    origin: str = ""

    def variable(self, command: Command, name: str) -> tuple[str, bool]:
        """The value of an environment variable for a command, empty where it has none, and whether that is known."""
        given = [each.value.text for each in command.assignments if each.name == name]
        if given:
            return given[-1] or "", given[-1] is not None
        if name in self.script.text:
            return self._exported(command, name)
        value = self.variables.get(name, "")
        return value or "", value is not None

    def _exported(self, command: Command, name: str) -> tuple[str, bool]:
        """What one plain `export NAME=value` before the command says; else nobody knows."""
        commands = self.script.commands
        setting = [each for each in commands if any(one.name == name for one in each.assignments)]
        exports = [each for each in setting if each.name in _SETTERS]
        uses = len(re.findall(rf"(?<![$\w{{]){name}\b", self.script.text))
        for_one = [each for each in setting if each.words and each not in exports]
        if len(for_one) == uses:  # each is for its own command alone, and the rest only reads
            value = self.variables.get(name, "")
            return value or "", value is not None
        if len(exports) != 1 or uses != 1 or not _is_done(exports[0], commands, command):
            return "", False
        text = next(one.value.text for one in exports[0].assignments if one.name == name)
        return text or "", text is not None

    def driver(self, command: Command) -> Driver:
        """Where Helm keeps releases. One that is not known counts as none that the API server sees."""
        text, known = self.variable(command, "HELM_DRIVER")
        return _DRIVERS.get(text, "sql") if known else "sql"


def _is_done(export: Command, commands: list[Command], command: Command) -> bool:
    """Whether a command is surely done before another."""
    word = export.words[0]
    line = word.passage.text[: word.start].rpartition("\n")[2]
    first = next((each for each in commands if each is export or each is command), None)
    return first is export and not export.conditional and "&&" not in line


def merged(levels: Iterable[Field], scripts: Iterable[str] = ()) -> dict[str, str | None]:
    """The variables of `env` mappings, the last of which wins. What one of `scripts` may set for others is unknown."""
    found: dict[str, str | None] = {}
    for level in levels:
        for name, value in level.items():
            found[name] = _text(value)
    written = "\n".join(text for text in scripts if "GITHUB_ENV" in text)
    for name in ("HELM_DRIVER", "HELM_NAMESPACE"):
        if name in written:
            found[name] = None
    return found


def variables_of(container: Field) -> dict[str, str | None]:
    """The variables of a container's `env` list."""
    found: dict[str, str | None] = {}
    for entry in container.get("env").elements():
        name = entry.get("name").text
        if name:
            sourced = entry.get("valueFrom").exists or entry.unknown
            found[name] = None if sourced else _text(entry.get("value")) if not entry.get("value").absent else ""
    return found


def _text(value: Field) -> str | None:
    if isinstance(value.value, int) and not isinstance(value.value, bool):
        return str(value.value)
    return value.text
