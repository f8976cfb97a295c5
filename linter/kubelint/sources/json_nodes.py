"""JSON: its values by the standard library, and a scanner that finds out where its parts stand.

YAML's readers will not do: they refuse JSON's surrogate escapes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C one, in no stub
from typing import Any, NoReturn

from kubelint.sources.nodes import Node, Pair
from kubelint.sources.text import Span
from kubelint.sources.values import MAX_DEPTH

_SPACE = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"[^\s,\]}]+")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*+"|(NaN|-?Infinity)', re.DOTALL)


class UnreadableJson(ValueError):
    """The text is not JSON, or not within the limits; `offset` is the place."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass
class JsonValue:
    """One value of a stream, and where it stands."""

    value: Any
    span: Span
    duplicate_keys: bool


def whole_characters(text: str) -> str:
    r"""`text` with each `\\uD83D` that has no other half replaced by `\\uFFFD`, as Go's encoding/json reads it."""
    if "\\u" not in text:
        return text
    return _ESCAPE.sub(lambda match: "\\ufffd" if match.group(1) else match.group(), text)


def build_json(text: str) -> Iterator[JsonValue]:
    """The values of `text`: one, or several after each other, as kubectl takes them. Raises UnreadableJson."""
    duplicates: list[str] = []

    def mapping(members: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs = dict(members)
        if len(pairs) < len(members):
            duplicates.append("")
        return pairs

    decoder = json.JSONDecoder(object_pairs_hook=mapping, parse_int=_integer, parse_constant=_refuse)
    text = whole_characters(text)
    start = _skip(text, 0)
    while True:
        duplicates.clear()
        value, end = _decode(decoder, text, start)
        yield JsonValue(value, Span(start, end), bool(duplicates))
        start = _skip(text, end)
        if start == len(text):
            return


def _decode(decoder: json.JSONDecoder, text: str, start: int) -> tuple[Any, int]:
    try:
        value, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise UnreadableJson(error.msg.lower(), error.pos) from None
    except _NotANumberError as error:
        offsets = (match.start() for match in _NO_NUMBER.finditer(text, start) if match.group(1))
        raise UnreadableJson(f"`{error}` is not JSON", next(offsets, start)) from None
    except RecursionError:
        raise UnreadableJson(_TOO_DEEP, start) from None
    if _is_too_deep(value):
        raise UnreadableJson(_TOO_DEEP, start)
    return value, end


_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


class _NotANumberError(ValueError):
    pass


def _refuse(constant: str) -> NoReturn:
    raise _NotANumberError(constant)


def _integer(digits: str) -> int | float:
    """Beyond 64 bits a number is a float, as in Go; and Python refuses to read very long ones."""
    return int(digits) if len(digits) < 20 else float(digits)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            item
            for parent in level
            if isinstance(parent, dict | list)
            for item in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return bool(level)


def compose_json(text: str, start: int = 0) -> Node:
    """The root node of the value at `start` of `text`, which build_json has accepted."""
    text = whole_characters(text)
    return _value(text, _skip(text, start))


def _skip(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _value(text: str, start: int) -> Node:
    if text[start] == "{":
        return _object(text, start)
    if text[start] == "[":
        return _array(text, start)
    if text[start] == '"':
        value, end = scanstring(text, start + 1)
        return Node(Span(start, end), "double", value)
    match = _ATOM.match(text, start)
    end = match.end() if match else start + 1
    return Node(Span(start, end), "plain", text[start:end])


def _object(text: str, start: int) -> Node:
    pairs: list[Pair] = []
    offset = _skip(text, start + 1)
    while text[offset] != "}":
        key = _value(text, offset)
        value = _value(text, _skip(text, _skip(text, key.span.end) + 1))
        pairs.append(Pair(key, key.text or "", value))
        offset = _next(text, value.span.end)
    return Node(Span(start, offset + 1), "flow", pairs=pairs)


def _array(text: str, start: int) -> Node:
    items: list[Node] = []
    offset = _skip(text, start + 1)
    while text[offset] != "]":
        items.append(_value(text, offset))
        offset = _next(text, items[-1].span.end)
    return Node(Span(start, offset + 1), "flow", items=items)


def _next(text: str, offset: int) -> int:
    """The start of the next member, or of the closing bracket."""
    offset = _skip(text, offset)
    return _skip(text, offset + 1) if text[offset] == "," else offset
