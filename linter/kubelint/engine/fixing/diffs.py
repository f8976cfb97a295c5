"""Unified diffs of what fixes change, as `git apply` takes them; without the lines that nobody may see."""

from __future__ import annotations

from collections.abc import Container
from difflib import unified_diff

from kubelint.engine.log_commands import holds_command

_CONTEXTS = (3, 2, 1)
_NO_BREAK = "\\ No newline at end of file\n"


def diff(path: str, before: str, after: str, unseen: Container[str] = (), *, mark: str = "") -> str | None:
    """The diff of one file, whose text follows the byte order mark `mark`.

    None where it cannot be shown without one of the lines `unseen`, characters that steer a terminal, or commands to
    what reads a log. Lines beside a change may be left out for that, a changed one may not.
    """
    for context in _CONTEXTS:
        names = (_quoted(f"a/{path}"), _quoted(f"b/{path}"))
        lines = list(unified_diff(_lines(mark + before), _lines(mark + after), *names, n=context))
        shown = [line[0] + line[1:].removeprefix(mark) for line in lines[2:]]
        if all(line[1:].rstrip("\r\n") not in unseen and _is_harmless(line) for line in shown):
            return "".join(line if line.endswith("\n") else f"{line}\n{_NO_BREAK}" for line in lines)
    return None


def _lines(text: str) -> list[str]:
    """The lines as git sees them: a line feed ends one, nothing else does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return [*lines[:-1], *([text[text.rfind("\n") + 1 :]] if not text.endswith("\n") and text else [])]


def _is_harmless(line: str) -> bool:
    return line.rstrip("\r\n").replace("\t", " ").isprintable() and not holds_command(line)


def _quoted(name: str) -> str:
    """A name as git writes it in the head of a diff: in quotes if it holds some, or what is not for any terminal."""
    if name.isprintable() and not set(name) & set('"\\') and not holds_command(name):
        return name
    return '"' + "".join(map(_escaped, name)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable() and character != "#":
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode(errors="surrogateescape"))
