"""What one pattern of a `.gitignore` speaks of.

Follows git's `dir.c` (`parse_path_pattern`, `match_basename`, `match_pathname`) and `wildmatch.c`. A pattern speaks of
the entry that it matches, not of what is below it: that an ignored directory hides all of its content is up to whoever
walks down the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kubelint.regexes import regex

_TRAILING_SPACES = regex(r"((?:\\.|[^\\])*?) *", re.DOTALL)
_STARS = regex(r"\*+")
_NOT_LITERAL = regex(r"[*?\[\\ ]")
_CLASS = regex(r"\[([!^]?)(\]?(?:\[:[a-z]*:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBERS = regex(r"\[:(?P<name>[a-z]*):\]|(?P<first>\\.|.)(?:-(?P<last>\\.|[^\\]))?", re.DOTALL)
_NAMED = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f", "digit": "0-9",
    "graph": "\\x21-\\x7e", "lower": "a-z", "print": "\\x20-\\x7e", "punct": "\\x21-\\x2f:-@\\[-`{-~",
    "space": "\\s", "upper": "A-Z", "xdigit": "0-9a-fA-F",
}  # fmt: skip


class GitPattern(NamedTuple):
    """One pattern. An `anchored` one matches the path from the file's directory, any other the path's last step."""

    negated: bool
    directories_only: bool
    anchored: bool
    expression: re.Pattern[str]

    def matches(self, path: str) -> bool:
        """Whether it speaks of the entry `path`, relative to the file's directory; a directory ends with a slash."""
        entry = path.rstrip("/")
        if self.directories_only and entry == path:
            return False
        return self.expression.fullmatch(entry if self.anchored else entry.rpartition("/")[2]) is not None


class GitPatterns:
    """Several patterns, of which the last that speaks of an entry decides.

    They are told apart by what an entry has to be called, or where it has to lie, and read when one of them is asked
    about: files with tens of thousands of them exist.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(lines)
        self._read: dict[int, GitPattern | None] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_folder: dict[str, list[int]] = {}
        self._others: list[int] = []
        for number in range(len(self._lines) - 1, -1, -1):
            if self._lines[number] and not self._lines[number].startswith("#"):
                self._bucket(self._lines[number]).append(number)

    def _bucket(self, line: str) -> list[int]:
        glob = line.removeprefix("!").removeprefix("/").removesuffix("/")
        first, slash, _ = glob.partition("/")
        if _NOT_LITERAL.search(first):
            return self._others
        return (self._by_folder if slash else self._by_name).setdefault(first, [])

    def decisive(self, path: str) -> int | None:
        """The index of the line that decides on the entry `path`, which ends with a slash if it is a directory."""
        entry = path.rstrip("/")
        best = -1
        for numbers in (
            self._by_name.get(entry.rpartition("/")[2], ()),
            self._by_folder.get(entry.partition("/")[0], ()),
            self._others,
        ):
            for number in numbers:
                if number < best:
                    break
                pattern = self._pattern(number)
                if pattern is not None and pattern.matches(path):
                    best = number
                    break
        return None if best < 0 else best

    def says(self, path: str) -> bool | None:
        """Whether they ignore the entry `path` or take it back (False); None where they do neither. As with
        `GitPattern.matches`, a directory ends with a slash.
        """
        number = self.decisive(path)
        pattern = None if number is None else self._pattern(number)
        return None if pattern is None else not pattern.negated

    def ignore(self, path: str) -> bool:
        """Whether they ignore the entry `path`, or a directory that it is in."""
        steps = path.split("/")
        folders = ("/".join(steps[:depth]) + "/" for depth in range(1, len(steps)))
        return any(map(self.says, folders)) or self.says(path) is True

    def _pattern(self, number: int) -> GitPattern | None:
        if number not in self._read:
            self._read[number] = parse_pattern(self._lines[number])
        return self._read[number]


def is_pattern(line: str) -> bool:
    """Whether git reads `line` as a pattern, or passes over it as blank or a comment, and not as one that is wrong."""
    return not line.strip(" ") or line.startswith("#") or parse_pattern(line) is not None


def parse_pattern(line: str) -> GitPattern | None:
    """The pattern in a `line` (without its line break); None for a comment, a blank line, or what never matches."""
    trimmed = _TRAILING_SPACES.fullmatch(line)
    text = trimmed[1] if trimmed else line
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[negated:]
    directories_only = text.endswith("/")
    text = text.removesuffix("/")
    anchored = "/" in text
    expression = _expression(text.removeprefix("/")) if text else None
    return None if expression is None else GitPattern(negated, directories_only, anchored, expression)


def _expression(glob: str) -> re.Pattern[str] | None:
    parts: list[str] = []
    at = 0
    while at < len(glob):
        part, at = _part(glob, at)
        if part is None:
            return None
        parts.append(part)
    return re.compile("".join(parts), re.DOTALL)


def _part(glob: str, at: int) -> tuple[str | None, int]:
    """The expression for what stands at `at`, None where nothing can match it, and where the rest begins."""
    character = glob[at]
    if character == "*":
        return _stars(glob, at)
    if character == "?":
        return "[^/]", at + 1
    if character == "[":
        match = _CLASS.match(glob, at)
        return (None, at) if match is None else (_class(match[1], match[2]), match.end())
    if character == "\\":
        return (re.escape(glob[at + 1]) if at + 1 < len(glob) else None), at + 2
    return re.escape(character), at + 1


def _stars(glob: str, at: int) -> tuple[str, int]:
    """`**` as a whole step is any number of steps; any other run of stars is one star, within a step."""
    match = _STARS.match(glob, at)
    end = match.end() if match else at + 1
    whole = end - at == 2 and (at == 0 or glob[at - 1] == "/") and glob[end : end + 1] in ("", "/")
    if not whole:
        return "[^/]*", end
    return ("(?:.*/)?", end + 1) if end < len(glob) else (".*", end)


def _class(negation: str, members: str) -> str | None:
    parts = []
    for match in _MEMBERS.finditer(members):
        if match["name"] is not None:
            if match["name"] not in _NAMED:
                return None
            parts.append(_NAMED[match["name"]])
            continue
        first, last = match["first"][-1], (match["last"] or match["first"])[-1]
        parts.append(f"{re.escape(first)}-{re.escape(max(first, last))}")  # of `b-a` the b counts
    if not parts:
        return "[^/]" if negation else None
    return f"(?!/)[{'^' if negation else ''}{''.join(parts)}]"
