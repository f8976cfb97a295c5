"""Assignments as `helm --set` reads them: `a.b[0].c=v,d={x,y}`.

Follows Helm's `pkg/strvals/parser.go`: a backslash takes the next character as it is; values become `true`, `false`,
null and whole numbers where they look so, and stay strings where asked. Where Helm gives up, what came before is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.layered import Assigned, Layered, unknown_layer
from kubelint.sources import Path, Step

_TEMPLATE = re.compile(r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)", re.DOTALL)
_EXPANSION = re.compile(rf"{_TEMPLATE.pattern}|\$\w+", re.DOTALL)
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
FILLED_IN = "${}"
"""The value of what something else fills in later; it reads as template text."""

_MAX_INDEX = 65536
_MAX_DEPTH = 30
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "0": 0}


class Assignment(NamedTuple):
    """A value and the path that it is given to; `start` and `end` are where it stands in the text.

    The path is empty where something fills in the name later: the value may go anywhere.
    """

    path: Path
    value: Any
    start: int
    end: int


class _Malformed(Exception):
    """The text is no assignment from here on."""


class _Unnamed(Exception):
    """The name is filled in later, so that this may set anything."""


def read_assignments(text: str, *, strings: bool = False, expanded: bool = False) -> Iterator[Assignment]:
    """The assignments in `text`, with values that are all `strings` as `--set-string` has it. Never raises.

    `expanded` text is one whose `$NAME` somebody fills in first.
    """
    reader = _Reader(text, strings, _EXPANSION if expanded else _TEMPLATE)
    while reader.at < len(text):
        try:
            assignment = reader.assignment()
        except _Malformed:
            return
        except _Unnamed:
            yield Assignment((), None, 0, len(text))
            return
        if "" not in assignment.path:
            yield assignment


def assignments(text: str, at: Field, *, strings: bool = False, expanded: bool = False) -> list[tuple[Path, Field]]:
    """The paths that the `--set` text sets, each with the field of its value; the field's place is that of `at`.

    A value with template text in it is unknown. An empty path with an unknown field stands for a name that is filled in
    later; `assigned` understands it.
    """
    return [
        (found.path, _field(at, found.value) if found.path else unknown_layer(at))
        for found in read_assignments(text, strings=strings, expanded=expanded)
    ]


def assignment(name: Any, value: Any, at: Field, *, typed: bool, expanded: bool = False) -> list[tuple[Path, Field]]:
    """What a pair of a name and a value sets (`name` as in `--set`), `at` being the field of the value.

    `typed` reads a value such as `"1"` or `"true"` as `--set` would, else a string stays one. Values that are no
    strings stay what they are. Empty where the name is none that Helm would take.
    """
    if not isinstance(name, str) or not name:
        return []
    text = value if isinstance(value, str) else ""
    if not (text.startswith("{") and text.endswith("}")):
        text = re.sub(r"(?<!\\),", r"\\,", text)
    found = next(read_assignments(f"{name}={text}", strings=not typed, expanded=expanded), None)
    if found is None:
        return []
    known = found.value if isinstance(value, str) else value
    return [(found.path, unknown_layer(at) if at.unknown or not found.path else _field(at, known))]


def assigned(fields: Iterable[tuple[Path, Field]], at: Field) -> Field:
    """The mapping that assignments make together; unknown where the name of one is."""
    found = list(fields)
    mapping = Assigned(found, at)
    unnamed = [field for path, field in found if not path]
    return Layered([*unnamed, mapping]) if unnamed else mapping


def _field(at: Field, value: Any) -> Field:
    return Field(at.document, at.path, value, True, _is_filled_in(value))


def _is_filled_in(value: Any) -> bool:
    return value is FILLED_IN or (isinstance(value, str) and has_template(value))


class _Reader:
    """Reads one assignment after the other."""

    def __init__(self, text: str, strings: bool, expansion: re.Pattern[str]) -> None:
        self.text = text
        self.strings = strings
        self.expansion = expansion
        self.at = 0

    def assignment(self) -> Assignment:
        path = tuple(self.path())
        start = self.at
        value, end = self.listed() if self.opens_list() else self.scalar()
        return Assignment(path, value, start, end)

    def path(self) -> Iterator[Step]:
        """The steps up to the `=`. An empty name is left in: Helm reads on and sets nothing."""
        stop, depth = ".", 0
        while stop == ".":
            name, stop = self.until("=[,.")
            depth += 1
            if stop in ("", ",") or depth > _MAX_DEPTH:
                raise _Malformed
            yield self.named(name)
            while stop == "[":
                index, stop = self.until("]")
                if not stop or not index.isdecimal() or len(index) > 5 or int(index) > _MAX_INDEX:
                    raise _Unnamed if has_template(index) else _Malformed
                yield int(index)
                rest, stop = self.until("[.=")
                if rest or not stop:
                    raise _Malformed

    def named(self, name: str) -> str:
        if has_template(name) or self.expansion.search(name):
            raise _Unnamed
        return name

    def opens_list(self) -> bool:
        return self.text.startswith("{", self.at) and not self.text.startswith("{{", self.at)

    def scalar(self) -> tuple[Any, int]:
        start = self.at
        text, stop = self.until(",")
        return self.typed(text, start), self.at - len(stop)

    def listed(self) -> tuple[list[Any], int]:
        self.at += 1
        values: list[Any] = []
        stop = ","
        while stop == ",":
            start = self.at
            text, stop = self.until(",}")
            if not stop:
                raise _Malformed
            values.append(self.typed(text, start))
        end = self.at
        if self.text.startswith(",", self.at):
            self.at += 1
        return values, end

    def until(self, stops: str) -> tuple[str, str]:
        """The text up to one of `stops`, escapes resolved, and which it was; "" at the end."""
        found: list[str] = []
        while self.at < len(self.text):
            character = self.text[self.at]
            expanded = self.expansion.match(self.text, self.at) if character in "${" else None
            if expanded:
                found.append(expanded.group())
                self.at = expanded.end()
                continue
            self.at += 1
            if character in stops:
                return "".join(found), character
            if character == "\\":
                character = self.text[self.at : self.at + 1]
                self.at += 1
            found.append(character)
        self.at = len(self.text)
        return "".join(found), ""

    def typed(self, text: str, start: int) -> Any:
        if self.expansion.search(self.text, start, self.at):
            return text if has_template(text) else FILLED_IN
        return text if self.strings else typed_value(text)


def typed_value(text: str) -> Any:
    """What `--set` makes of a value: a boolean, null, a whole number of 64 bits, else the string."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE_NUMBER.fullmatch(text) and not text.startswith("0") and len(text) < 21:
        number = int(text)
        return number if -(2**63) <= number < 2**63 else text
    return text
