"""Ansible inventories in INI form, read with the place of every name and value.

Follows ansible `lib/ansible/plugins/inventory/ini.py`: comments start with `#` or `;`, a host line is split as a shell
would, values are Python literals or else strings.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.manifests.hosts.inventory_entries import ChildEntry, Entry, GroupEntry, HostEntry, SettingEntry
from kubelint.manifests.hosts.places import Value
from kubelint.manifests.hosts.ranges import MOST, expand
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$")
_WORD = re.compile(r"""(?:[^\s"'\\#]|(?<!\s)\#|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""", re.DOTALL)
_PORT = re.compile(r"(?P<host>[^\[\]]*(?:\[[^\]]*\][^\[\]:]*)*):(?P<port>\d+)$")
_LINE = re.compile(r"[^\r\n]+")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?", re.ASCII)
_CONSTANTS = {"True": True, "False": False, "None": None}
_LONGEST = 20_000
MOST_HOSTS = 20_000
"""Nobody keeps more hosts in one file; text that stands for more is an accident, or worse."""


class IniProblem(NamedTuple):
    """A line that no inventory has: of another kind of INI file, say."""

    at: TextSlice


IniEntry = Entry | IniProblem


def read_ini(file: str, text: str) -> Iterator[IniEntry]:
    """The entries of an inventory in the order of the text. Never raises."""
    group, part = "ungrouped", "hosts"
    left = MOST_HOSTS
    for match in _LINE.finditer(text):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        content = line.strip()
        if not content or content[0] in "#;":
            continue
        at = TextSlice(file, Span(start, start + len(content)))
        section = _SECTION.match(content)
        if section is not None:
            group, part = section[1], section[2] or "hosts"
            yield GroupEntry(group, _part(at, section.start(1), section.end(1)))
        elif content[0] == "[" or len(content) > _LONGEST:
            yield IniProblem(at)
        else:
            entry = _entry(group, part, content, at, left)
            if isinstance(entry, HostEntry):
                left = max(0, left - len(entry.names or ()))
            yield entry


def _entry(group: str, part: str, content: str, at: TextSlice, left: int) -> IniEntry:
    if part == "vars":
        name, equals, _ = content.partition("=")
        if not equals:
            return IniProblem(at)
        start = content.index("=") + 1
        start += len(content[start:]) - len(content[start:].lstrip())
        return SettingEntry(group, name.strip(), _value(content[start:], _part(at, start, len(content))))
    words = list(_WORD.finditer(_without_comment(content)))
    if not words or part not in ("hosts", "children"):
        return IniProblem(at)
    if part == "children":
        return ChildEntry(group, words[0].group(), _part(at, *words[0].span()))
    return _host(group, words, at, left)


def _without_comment(content: str) -> str:
    comment = re.search(r"\s#", content)
    return content[: comment.start()] if comment and '"' not in content and "'" not in content else content


def _host(group: str, words: list[re.Match[str]], at: TextSlice, left: int) -> IniEntry:
    first = words[0]
    variables: dict[str, Value] = {}
    for word in words[1:]:
        name, equals, raw = word.group().partition("=")
        if not equals or not name:
            if "{{" in first.group():
                return HostEntry(group, None, at, {})
            return IniProblem(at)
        place = _part(at, word.start() + len(name) + 1, word.end())
        variables[name] = _value(raw, place)
    pattern, port = split_port(first.group())
    place = _part(at, first.start(), first.start() + len(pattern))
    if port is not None:
        variables.setdefault("ansible_port", Value(port, _part(at, first.end() - len(str(port)), first.end())))
    return HostEntry(group, host_names(pattern, left), place, variables)


def split_port(pattern: str) -> tuple[str, int | None]:
    """A host pattern and the port behind it: `web[1:3]:2222` is `web[1:3]` and 2222; a bare IPv6 address has none."""
    found = _PORT.match(pattern)
    if found is None or ":" in re.sub(r"\[[^\]]*\]", "", found["host"]) or len(found["port"]) > 5:
        return pattern, None
    return found["host"], int(found["port"])


def host_names(pattern: str, most: int = MOST) -> list[str] | None:
    """The hosts that a name of an inventory stands for; None where that is not known, or they are more than `most`."""
    if "{" in pattern or "<" in pattern or "$" in pattern:
        return None
    if pattern.startswith("[") and pattern.endswith("]") and pattern.count(":") > 2:
        return [pattern[1:-1]]  # an IPv6 address
    return expand(pattern, min(most, MOST))


def _value(raw: str, at: TextSlice) -> Value:
    return Value(_parse(raw), at)


def _parse(raw: str) -> Any:
    """Ansible takes Python literals for what they are; all else is text."""
    text = raw.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return _collection(text) if text[:1] in ("[", "{") else _CONSTANTS.get(text, text)


def _collection(text: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _part(at: TextSlice, start: int, end: int) -> TextSlice:
    return TextSlice(at.file, Span(at.span.start + start, at.span.start + end))
