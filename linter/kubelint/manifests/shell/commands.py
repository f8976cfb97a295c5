"""Commands of the shell, as the programs see them that are called: words, options, operands."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from posixpath import basename, join, normpath
from typing import NamedTuple

from kubelint.manifests.shell.arguments import Arguments, read_arguments
from kubelint.manifests.shell.passages import Passage, Place


class Word(NamedTuple):
    """One word of a command, or a part of one (the value of `--name=value`).

    `text` is what the program gets: quotes are gone, and variables are filled in that certainly have one literal value.
    It is None where the shell, GitHub or a template puts something else; `~` stays as it is written. `several` says
    that the word may become no word or many: `$ARGS`, `*.yaml`, `{a,b}`.
    """

    text: str | None
    passage: Passage
    start: int
    end: int
    several: bool = False

    @property
    def raw(self) -> str:
        """The word as it is written, with its quotes."""
        return self.passage.text[self.start : self.end]

    @property
    def at(self) -> Place:
        """Where it is written, to point at."""
        return self.passage.at(self.start, self.end)

    def after(self, count: int) -> Word:
        """What follows the first `count` characters, which must be written as they are meant; all of it if quoted."""
        text = None if self.text is None else self.text[count:]
        raw = self.raw
        if raw[:1] in "'\"" and self.text is not None:
            inner = raw[1:-1] == self.text
            start, end = (self.start + 1 + count, self.end - 1) if inner else (self.start, self.end)
            return self._replace(text=text, start=start, end=end)
        return self._replace(text=text, start=self.start + count)


class Assignment(NamedTuple):
    """`NAME=value` before a command, or on its own."""

    name: str
    value: Word


class Redirect(NamedTuple):
    """`> file`, `2>&1`, `< file`."""

    operator: str
    target: Word


class Command:
    """A program that is called, without the programs that only start it (`sudo`, `env A=b`, `timeout 60`, `xargs`).

    Assignments on a line of their own are a command without words.
    """

    def __init__(
        self,
        words: tuple[Word, ...],
        *,
        assignments: tuple[Assignment, ...] = (),
        redirects: tuple[Redirect, ...] = (),
        stdin: Word | None = None,
        wrappers: tuple[str, ...] = (),
        directory: str | None = None,
        remote: bool = False,
        conditional: bool = False,
        fed: bool = False,
        bare: bool = False,
    ) -> None:
        self.words = words
        """The program and its words; the first is the program as it is written."""
        self.assignments = assignments
        self.redirects = redirects
        self.stdin = stdin
        """The text of a here-document or here-string that the command reads."""
        self.wrappers = wrappers
        """The names of the programs that start this one, outermost first."""
        self.directory = directory
        """Where it runs, relative to the root of the files, "" for the root itself; None where that is unknown."""
        self.remote = remote
        """Whether it runs on another machine or in a container: `ssh host …`, `kubectl exec … --`."""
        self.conditional = conditional
        """Whether it may be left out or run more than once: in a branch, loop or function, after `||`."""
        self.fed = fed
        """Whether words are added that are not written here: `xargs`, `find -exec`."""
        self.bare = bare
        """Whether it does not get the variables of the environment: `sudo`, `env -i`."""

    def __repr__(self) -> str:
        return f"<Command {' '.join(word.raw for word in self.words)}>"

    @property
    def name(self) -> str | None:
        """The program without its folder; None where that is unknown."""
        text = self.words[0].text if self.words else None
        return basename(text) if text else None

    @property
    def at(self) -> Place:
        """All of the command, from its first word to its last."""
        parts = self.words or tuple(assignment.value for assignment in self.assignments)
        first, last = parts[0], parts[-1]
        if first.passage is not last.passage:
            return first.at
        return first.passage.at(first.start, last.end)

    @property
    def complete(self) -> bool:
        """Whether all words are known to be there: what is not written is not given."""
        return not self.fed and not any(word.several for word in self.words)

    @cached_property
    def arguments(self) -> Arguments:
        """Options and operands apart, as the program reads them."""
        return read_arguments(self.name or "", self.words[1:])

    @property
    def operands(self) -> list[Word]:
        """The words that are no options and no values of options; subcommands are among them. Up to `--`."""
        return self.arguments.operands

    def subcommand(self, *names: str | Collection[str]) -> list[Word] | None:
        """The operands after `names`, the program and its subcommands; None if this is another command.

        `subcommand("helm", {"upgrade", "install"})` gives the release's name and the chart.
        """
        wanted = [{name} if isinstance(name, str) else name for name in names]
        given = [self.name, *(word.text for word in self.operands[: len(wanted) - 1])]
        if len(given) < len(wanted) or any(text not in choice for text, choice in zip(given, wanted, strict=False)):
            return None
        return self.operands[len(wanted) - 1 :]

    def option(self, *names: str) -> list[Word]:
        """The values given for an option under any of `names`: `--namespace x`, `--namespace=x`, `-n x`, `-nx`.

        In the order of the words; for most programs the last one counts.
        """
        return [option.value for option in self.arguments.options if option.name in names and option.value is not None]

    def flag(self, *names: str) -> Word | None:
        """The word that switches one of `names` on, with or without a value; None if none does, or `--name=false`."""
        given = [option for option in self.arguments.options if option.name in names]
        if not given or (given[-1].value is not None and given[-1].value.text == "false"):
            return None
        return given[-1].word

    def path(self, word: Word) -> str | None:
        """The path that `word` names, relative to the root of the files; None where it is unknown or outside."""
        if not word.text or self.directory is None or word.text.startswith(("/", "~")):
            return None
        path = normpath(join(self.directory, word.text))
        return None if path.startswith("..") else "" if path == "." else path
