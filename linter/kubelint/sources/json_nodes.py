"""Nodes for JSON text. JSON is read by the standard library; this scanner only finds out where its parts stand.

YAML's readers will not do: they refuse JSON's surrogate escapes.
"""

import re
from json.decoder import scanstring

from kubelint.sources.nodes import Node, Pair
from kubelint.sources.text import Span

_SPACE = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"[^\s,\]}]+")


def compose_json(text: str) -> Node:
    """The root node of `text`, which json.loads has accepted."""
    return _value(text, _skip(text, 0))


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
