"""The words of a PromQL query and where its selectors stand, which the parser does not tell.

Follows `promql/parser/lex.go`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\r\n]*)
    |(?P<string>"(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])*+'?|`[^`]*`)
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:ms|[smhdwy]))+(?![\w.])|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<operator>=~|!~|==|!=|>=|<=|[-+*/%^<>=])
    |(?P<bracket>[][(){}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
"""Words that a list of labels in parentheses follows."""
_WORDS = frozenset({"and", "or", "unless", "atan2", "bool", "inf", "nan", "group_left", "group_right"})
_SETS = ("and", "or", "unless", "atan2")
_AGGREGATIONS = frozenset(
    {
        "sum", "avg", "count", "stddev", "stdvar", "min", "max", "group", "bottomk", "topk", "count_values", "quantile",
        "limitk", "limit_ratio",
    }
)  # fmt: skip
_OPENING = {"(": ")", "[": "]", "{": "}"}
_FLAT = dict.fromkeys(map(ord, "([{+-*/%^<>=!"))


class Token(NamedTuple):
    """A word, and the characters where it stands."""

    kind: str
    text: str
    start: int
    end: int


class Place(NamedTuple):
    """Where a selector stands: all of it with its braces, and each of its matchers."""

    name: str
    start: int
    end: int
    matchers: tuple[tuple[int, int], ...]


def tokens_of(text: str) -> list[Token]:
    """The words of `text`, without white space and comments."""
    return [
        Token(match.lastgroup or "other", match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "blank"
    ]


def may_nest(text: str) -> int:
    """A quick bound of `depth_of`: every character and word that may add to the depth."""
    words = 0
    if len(text) >= 400:
        lower = text.lower()
        words = sum(map(lower.count, _SETS))
    return words + len(text) - len(text.translate(_FLAT))


def depth_of(tokens: Sequence[Token]) -> int:
    """How deep the tree of the query may be: nested brackets, and the operators, which may all lie in one another."""
    deepest = depth = operators = 0
    for token in tokens:
        if token.kind == "bracket":
            depth = depth + 1 if token.text in _OPENING else max(depth - 1, 0)
            deepest = max(deepest, depth)
        elif token.kind == "operator" or token.text.lower() in _SETS:
            operators += 1
    return deepest + operators


def unbalanced(tokens: Sequence[Token]) -> Token | None:
    """The first bracket that has no other half, None where all have."""
    open_: list[Token] = []
    for token in tokens:
        if token.kind != "bracket":
            continue
        if token.text in _OPENING:
            open_.append(token)
        elif not open_ or _OPENING[open_.pop().text] != token.text:
            return token
    return open_[-1] if open_ else None


def selector_places(tokens: Sequence[Token]) -> list[Place]:
    """Where the selectors stand, in their order."""
    found: list[Place] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if token.text == "[":
            at = _closing(tokens, at)
        elif token.text == "{":
            at, place = _braces(tokens, at, "", token.start)
            found.append(place)
        elif token.kind == "name" and token.text.lower() in _LISTS and following == "(":
            at = _closing(tokens, at + 1)
        elif token.kind != "name" or following == "(" or _is_keyword(token.text.lower(), tokens[at + 1 : at + 3]):
            at += 1
        elif following == "{":
            at, place = _braces(tokens, at + 1, token.text, token.start)
            found.append(place)
        else:
            found.append(Place(token.text, token.start, token.end, ()))
            at += 1
    return found


def _is_keyword(word: str, following: Sequence[Token]) -> bool:
    """Whether a word that may be a metric's name is none here."""
    if word in _WORDS or not following:
        return word in _WORDS
    if word == "offset":
        return following[0].kind == "number" or (following[0].text in "+-" and len(following) > 1)
    return word in _AGGREGATIONS and following[0].text.lower() in ("by", "without")


def _closing(tokens: Sequence[Token], at: int) -> int:
    """The index after the bracket that closes the one at `at`."""
    closing = _OPENING[tokens[at].text]
    for index in range(at + 1, len(tokens)):
        if tokens[index].text == closing:
            return index + 1
    return len(tokens)


def _braces(tokens: Sequence[Token], at: int, name: str, start: int) -> tuple[int, Place]:
    """The selector whose braces open at `at`, and the index after them."""
    end = _closing(tokens, at)
    matchers, first = [], at + 1
    for index in range(at + 1, end):
        if tokens[index].text in (",", "}") and tokens[index].kind != "string":
            if index > first:
                matchers.append((tokens[first].start, tokens[index - 1].end))
            first = index + 1
    return end, Place(name, start, tokens[end - 1].end, tuple(matchers))
