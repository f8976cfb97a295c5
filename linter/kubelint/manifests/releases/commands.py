"""Releases that scripts of the tree install: `helm upgrade`, `helm install`, `helm template`.

Follows Helm's `pkg/cli/values/options.go` (files, then JSON, `--set`, strings, files' contents, literals) and
`pkg/action/install.go` (`NameAndChart`). What the shell fills in is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kubelint.manifests.field import Excerpt, Field, FieldSlice
from kubelint.manifests.github.calls import Calls
from kubelint.manifests.layered import unknown_layer
from kubelint.manifests.releases.assignments import FILLED_IN, assigned, read_assignments
from kubelint.manifests.releases.charts import Chart, local_chart
from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource
from kubelint.manifests.releases.value_files import file_values, in_tree, outside, tree_path
from kubelint.manifests.releases.whole_lists import whole_lists
from kubelint.manifests.shell.commands import Command, Word
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project
    from kubelint.manifests.shell.scripts import Script

_PROGRAMS = frozenset({"helm", "helm3", "helm4"})
_VERBS = ("upgrade", "install", "template")
_REUSING = ("--reuse-values", "--reset-then-reuse-values")
_OPTION = re.compile(r"--[a-z-]+=")


def command_releases(project: Project) -> Iterator[Release]:
    """A release for each command in the scripts of workflows and actions, and in those of the tree that they call.

    Containers come last; a relative path means in them what it means at the root of the repository.
    """
    scripts = [*_of_steps(project), *(script for script in project.scripts if script.kind == "container")]
    scripts = [script for script in scripts if script.mentions("helm")]
    repositories: dict[str, dict[str, str]] = {}
    for script in scripts:
        for command in script.commands:
            added = command.subcommand(_PROGRAMS, "repo", "add")
            if added and len(added) > 1 and added[0].text and added[1].text:
                repositories.setdefault(_caller(script), {})[added[0].text] = added[1].text
    for script in scripts:
        for command in script.commands:
            found = _read(project, script, command, repositories.get(_caller(script), {}))
            if found is not None:
                yield found


def _caller(script: Script) -> str:
    """The file whose commands run on one machine: a script is run where it is called."""
    return script.document.file if script.document is not None else script.file


def _of_steps(project: Project) -> Iterator[Script]:
    """The scripts of steps, each with the scripts that it calls, one called alike several times in a file only once."""
    calls = Calls(project)
    known: set[tuple[object, ...]] = set()
    for script in project.scripts:
        if script.kind not in ("workflow", "action"):
            continue
        yield script
        for part in calls.called(script):
            called = part.script
            key = (script.file, called.file, called.working_directory, tuple(called.env.items())) if called else ()
            if called is not None and key not in known:
                known.add(key)
                yield called


def _read(project: Project, script: Script, command: Command, repositories: dict[str, str]) -> Release | None:
    if script.field is None or command.name not in _PROGRAMS:
        return None
    operands = command.operands[1:] if _says(command.operands, "secrets") else command.operands
    if not _says(operands, *_VERBS) or _is_dry(command):
        return None
    return _Installation(project, script.field, command, operands[1:], repositories).release()


def _says(operands: list[Word], *verbs: str) -> bool:
    return bool(operands) and operands[0].text in verbs


def _is_dry(command: Command) -> bool:
    flag = command.flag("--dry-run")
    return flag is not None and not (flag.text or "").endswith("=none")


class _Installation:
    def __init__(
        self, project: Project, root: Field, command: Command, operands: list[Word], repositories: dict[str, str]
    ) -> None:
        self.project = project
        self.root = root
        self.command = command
        self.repository = root.document.repository
        self.repositories = repositories
        sure = len(operands) in (1, 2) and not any(word.several for word in operands)
        self.name_word = operands[0] if sure and len(operands) == 2 else None
        self.chart_word = operands[-1] if sure else None

    def release(self) -> Release:
        sources = [*self.sources()]
        if self.chart is not None:
            sources += self.chart.defaults(self.root)
        return Release(
            "helm upgrade",
            self.root,
            self.ref(),
            name=self.name_word.text if self.name_word else None,
            namespace=self.last("--namespace", "-n"),
            sources=tuple(sources),
            name_at=self.excerpt(self.name_word, self.name_word.text) if self.name_word else None,
        )

    def last(self, *names: str) -> str | None:
        given = self.command.option(*names)
        return given[-1].text if given else None

    @cached_property
    def chart(self) -> Chart | None:
        """The chart of the tree that the command names."""
        word = self.chart_word
        if word is None or word.text is None or self.command.option("--repo"):
            return None
        paths = self.paths(word, word.text)
        return next((chart for path in paths if (chart := local_chart(self.project, self.repository, path))), None)

    def ref(self) -> ChartRef:
        word, version = self.chart_word, self.last("--version")
        at = self.excerpt(word, None) if word is not None else self.root
        if self.chart is not None:
            return ChartRef(self.chart.name, None, self.chart.version, self.chart.folder, at)
        text = word.text if word is not None else None
        if text is None or text.startswith((".", "/")) or text.endswith(".tgz"):
            return ChartRef(None, None, version, None, at)
        before, _, name = text.rstrip("/").rpartition("/")
        if self.command.option("--repo"):
            return ChartRef(name, self.last("--repo"), version, None, at)
        if "://" in before:
            return ChartRef(name, before, version, None, at)
        is_alias = bool(before) and "/" not in before and not self.is_folder(before)
        return ChartRef(name if is_alias else None, self.repositories.get(before), version, None, at)

    def is_folder(self, name: str) -> bool:
        """Whether the first step of `name/chart` is a folder, so that the chart is a path out of the tree."""
        start = f"{self.command.directory or self.repository}/{name}/".lstrip("/")
        return any(file.startswith(start) for file in self.project.files)

    def paths(self, word: Word, text: str) -> list[str]:
        """Where `text`, a path, may lead: from where the command runs, else from the root of the repository."""
        if self.command.remote or "://" in text:
            return []
        here = self.command.path(word._replace(text=text))
        root = tree_path(self.repository, self.repository, text)
        return [path for path in dict.fromkeys((here, root)) if path is not None]

    def sources(self) -> Iterator[ValuesSource]:
        """The layers of values, highest precedence first."""
        if self.has_more_words():
            yield outside(self.root)
        fields = [
            *self.assigned("--set"),
            *self.assigned("--set-string", strings=True),
            *((path, unknown_layer(field)) for path, field in self.assigned("--set-file")),
            *(found for word in self.command.option("--set-literal") for found in self.literal(word)),
        ]
        below = [layer for word in reversed(self.command.option("--values", "-f")) for layer in self.files(word)]
        if fields:
            fields = whole_lists(fields, [layer.values for layer in below])
            yield ValuesSource("assignments", assigned(fields, self.root), self.root)
        if self.command.option("--set-json"):
            yield outside(self.root)
        yield from below
        if self.command.flag(*_REUSING):
            yield outside(self.root)

    def has_more_words(self) -> bool:
        """Whether words may be added that are not written here, beyond the values of options."""
        values = {option.value.start for option in self.command.arguments.options if option.value is not None}
        return self.command.fed or any(
            word.several and word.start not in values and not _OPTION.match(word.raw) for word in self.command.words
        )

    def files(self, word: Word) -> Iterator[ValuesSource]:
        """The values files that a word names, separated by commas, the last one first."""
        at = self.excerpt(word, None)
        if word.text is None:
            yield outside(at)
            return
        for text in reversed(word.text.split(",")):
            paths = self.paths(word, text)
            path = next((path for path in paths if in_tree(self.project, self.repository, path)), None)
            found = file_values(self.project, self.repository, path, at)
            if found is not None:
                yield found

    def assigned(self, option: str, *, strings: bool = False) -> Iterator[tuple[Path, Field]]:
        for word in self.command.option(option):
            text, offset = _written(word)
            is_shell_text = word.text is None
            rough = is_shell_text and any(character in text for character in "\"'`\\")
            for found in read_assignments(text, strings=strings, expanded=is_shell_text):
                value = FILLED_IN if rough or not found.path else found.value
                characters = None if offset is None else (offset + found.start, offset + found.end)
                yield found.path, self.excerpt(word, value, characters)

    def literal(self, word: Word) -> Iterator[tuple[Path, Field]]:
        """What `--set-literal` assigns: all that follows the first `=`, as it is."""
        name, _, value = (word.text if word.text is not None else f"{FILLED_IN}=").partition("=")
        for found in read_assignments(f"{name}="):
            yield found.path, self.excerpt(word, value if found.path else FILLED_IN)

    def excerpt(self, word: Word, value: Any, characters: tuple[int, int] | None = None) -> Field:
        """The field of a value that `word` says; its place is that of the word, or of some of its characters."""
        place = word.passage.at(*characters) if characters else word.at
        if not isinstance(place, FieldSlice):
            return Excerpt(self.root.document, self.root.path, value, None)
        return Excerpt(place.field.document, place.field.path, value, (place.start, place.end))


def _written(word: Word) -> tuple[str, int | None]:
    """The text of a word, as the shell makes it or, where it fills something in, as it is written; and where it starts.

    The start counts in the word's passage. It is None where characters do not stand one by one.
    """
    raw, start = word.raw, word.start
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'":
        raw, start = raw[1:-1], start + 1
    if word.text is None or word.text == raw:
        return raw, start
    return word.text, None
