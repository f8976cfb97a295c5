"""Matchers of labels as Alertmanager's configuration writes them: `severity=~"warning|critical"`.

Follows Alertmanager's `pkg/labels/parse.go` (the classic syntax), `matchers/parse` (UTF-8) and `matchers/compat`: the
classic reading counts where there is one.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

Operator = Literal["=", "!=", "=~", "!~"]

_CLASSIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!=|!~|=)\s*(.*)", re.DOTALL)
_WORD = r"""(?:[^\s{}!=~,\\"'`]+|"(?:\\.|[^"\\])*")"""
_UTF8 = re.compile(rf"\s*({_WORD})\s*(=~|!=|!~|=)\s*({_WORD})\s*(,|\Z)", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LABEL = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class LabelMatcher(NamedTuple):
    """One matcher, and which characters of the text it was read from."""

    name: str
    op: Operator
    value: str
    start: int
    end: int


def parse_matchers(text: str) -> list[LabelMatcher] | None:
    """The matchers in `text`, separated by commas, in braces or not; None where Alertmanager would refuse them."""
    start, end = (text.startswith("{"), len(text) - text.endswith("}"))
    classic = _parse_classic(text, int(start), max(end, int(start)))
    return classic if classic is not None else _parse_utf8(text)


def write_matcher(name: str, op: str, value: str) -> str:
    """The matcher as text that reads back as the same."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name if _LABEL.fullmatch(name) else _quoted(name)}{op}"{quoted}"'


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _parse_classic(text: str, start: int, end: int) -> list[LabelMatcher] | None:
    found = []
    for first, last in _pieces(text, start, end):
        match = _CLASSIC.fullmatch(text, first, last)
        raw = match[3].rstrip() if match else ""
        value = _classic_value(raw)
        if match is None or value is None:
            return None
        found.append(LabelMatcher(match[1], cast(Operator, match[2]), value, match.start(1), match.start(3) + len(raw)))
    return found


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts between commas that stand outside of quotes; an empty last one is none."""
    pieces, first, quoted, escaped = [], start, False, False
    for at in range(start, end):
        character = text[at]
        if character == "," and not quoted:
            pieces.append((first, at))
            first = at + 1
        elif character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
    return [*pieces, (first, end)] if text[first:end].strip() else pieces


def _classic_value(raw: str) -> str | None:
    """The value without its quotes and escapes; None where a quote stands in the wrong place."""
    if raw.startswith('"'):
        if len(raw) < 2 or not re.fullmatch(r'(?:\\.|[^"\\])*', raw[1:-1], re.DOTALL) or raw[-1] != '"':
            return None
        raw = raw[1:-1]
    elif re.search(r'(?<!\\)(?:\\\\)*"', raw):
        return None
    return re.sub(r'\\([n"\\])', lambda match: "\n" if match[1] == "n" else match[1], raw)


def _parse_utf8(text: str) -> list[LabelMatcher] | None:
    stripped = text.strip()
    offset = text.find(stripped)
    opened, closed = stripped.startswith("{"), stripped.endswith("}")
    if opened != closed:
        return None
    at = offset + opened
    end = at + len(text[at : offset + len(stripped) - closed].rstrip())
    found = []
    while at < end:
        match = _UTF8.match(text, at, end)
        name, value = (_unquoted(match[1]), _unquoted(match[3])) if match else (None, None)
        if match is None or name is None or value is None:
            return None
        found.append(LabelMatcher(name, cast(Operator, match[2]), value, match.start(1), match.end(3)))
        at = match.end()
    return found


def _unquoted(word: str) -> str | None:
    """The word, a quoted one as Go's `strconv.Unquote` reads it."""
    if not word.startswith('"'):
        return word
    body = word[1:-1]
    if "\n" in body or any(match[4] is not None and match[4] not in _ESCAPES for match in _ESCAPE.finditer(body)):
        return None
    return _ESCAPE.sub(_unescaped, body)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _ESCAPES[match[4]]
    point = int(code, 16)
    return chr(point) if point < 0x110000 else "�"
