"""Shell scripts as commands, read by a real parser of bash (tree-sitter), which also reads text with mistakes in it.

What a shell expands when it runs is unknown here, but for variables that certainly have one literal value.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from kubelint.manifests.shell.commands import Word
from kubelint.manifests.shell.passages import Passage
from kubelint.manifests.shell.walker import Reading, Setting, Walker
from kubelint.manifests.shell.words import Hole, WordReader, filled
from kubelint.regexes import regex

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from kubelint.manifests.shell.variables import Variables

_GITHUB = regex(r"\$?\{\{.{0,2000}?\}\}", re.DOTALL)
_GITHUB_ENV = regex(r"\$\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}")
_PLACEHOLDER = regex(r"\$?\{\{.{0,2000}?\}\}|(?<!<)<[A-Za-z](?:[\w .:/|-]*[\w.|-])?>", re.DOTALL)
_LONGEST = 1_000_000
_NESTED = 5


def read_shell(
    passage: Passage, env: Mapping[str, str] | None = None, directory: str | None = None, *, placeholders: bool = False
) -> Reading:
    """The commands of a script. `env` are variables with one literal value, `directory` is where it starts.

    `placeholders`: people replace `<name>` before they run it.
    """
    pattern = _PLACEHOLDER if placeholders else _GITHUB
    holes = [Hole(*match.span(), _env_value(match[0], env or {})) for match in pattern.finditer(passage.text)]
    return _read(passage, holes, env or {}, directory, Setting(), 0)


def read_words(words: tuple[Word, ...], directory: str | None) -> Reading:
    """The commands that `words`, which no shell has read, start: those of a container."""
    walker = Walker(None, directory, lambda word, setting, inside: _read(*_plain_script(word), {}, inside, setting, 1))
    walker.emit(words, (), Setting())
    return Reading(walker.commands, walker.broken)


def _env_value(expression: str, env: Mapping[str, str]) -> str | None:
    match = _GITHUB_ENV.fullmatch(expression)
    return env.get(match[1]) if match else None


def _read(
    passage: Passage, holes: list[Hole], env: Mapping[str, str], directory: str | None, setting: Setting, depth: int
) -> Reading:
    if len(passage.text) > _LONGEST or depth > _NESTED:
        return Reading([], True)
    text = filled(passage.text, holes)
    root = _parser().parse(text.encode(errors="replace")).root_node
    variables = _variables(root, env)
    words = WordReader(passage, text, holes, _characters(text), variables.value)
    variables.words = words

    def nested(word: Word, inner: Setting, inside: str | None) -> Reading | None:
        found = words.script(word)
        return _read(*found, {} if inner.remote else env, inside, inner, depth + 1) if found else None

    walker = Walker(words, directory, nested)
    walker.visit(root, setting)
    return Reading(walker.commands, walker.broken or root.has_error)


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _variables(root: Node, env: Mapping[str, str]) -> Variables:
    from kubelint.manifests.shell.variables import Variables

    return Variables(root, env)


def _characters(text: str) -> Callable[[int], int]:
    """Turn offsets of bytes, which the parser counts, into those of characters."""
    if text.isascii():
        return int
    ends = list(accumulate(len(character.encode(errors="replace")) for character in text))
    return lambda offset: bisect_right(ends, offset)


def _plain_script(word: Word) -> tuple[Passage, list[Hole]]:
    text = word.passage.text
    holes = [Hole(*match.span()) for match in _GITHUB.finditer(text)]
    return word.passage, holes
