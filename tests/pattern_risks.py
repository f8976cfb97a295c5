"""Which regular expressions can take more than linear time, told from their structure and not from a clock.

Backtracking is costly where two repeats without a bound can share the same characters: one inside of the other, or one
after the other. And a search starts anew at each character, so that a repeat which runs over the beginnings of other
matches is run as often as there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

BOUND = 1024
"""A repeat that ends sooner than this costs a constant."""

_ASCII = frozenset(map(chr, range(128)))
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_ASSERTIONS = (codes.AT, codes.ASSERT, codes.ASSERT_NOT)


def risks(pattern: re.Pattern[str]) -> list[str]:
    """What may make `pattern` slow, in words; empty where each match and each start costs what it consumes."""
    tree = list(parser.parse(pattern.pattern, pattern.flags))
    folds = bool(pattern.flags & re.IGNORECASE)
    return [*_in_sequence(tree, folds), *_at_each_start(tree, folds)]


def _in_sequence(tree: list[Any], folds: bool) -> Iterator[str]:
    for index, node in enumerate(tree):
        for inner in _inside(node):
            yield from _in_sequence(inner, folds)
        if not _is_unbounded(node):
            continue
        chars, body = _chars([node], folds), list(node[1][2])
        for inner in _repeats(body):
            ends = [body[0], body[-1]]
            if all(_chars([end], folds) & _chars([inner], folds) for end in ends):
                yield "a repeat without a bound inside of another"
        for other in tree[index + 1 :]:
            goes_on = bool(chars & _first([other], folds))
            if goes_on and any(chars & _chars([inner], folds) for inner in _repeats([other])):
                yield "two repeats without a bound that share characters"
            if not goes_on and not _is_empty(other):
                break


def _at_each_start(tree: list[Any], folds: bool) -> Iterator[str]:
    """A repeat, with more to come, that runs over all that the pattern may start with."""
    for index, node in enumerate(tree):
        if _is_unbounded(node) and any(map(_can_fail, tree[index + 1 :])):
            chars = _chars([node], folds)
            if all(chars & _first([before], folds) for before in tree[: index + 1] if not _is_empty(before)):
                yield "a repeat without a bound that runs over other starts"


def _is_unbounded(node: Any) -> bool:
    return node[0] in _REPEATS and node[1][1] > BOUND


def _repeats(tree: list[Any]) -> Iterator[Any]:
    for node in tree:
        if _is_unbounded(node):
            yield node
        for inner in _inside(node):
            yield from _repeats(inner)


def _inside(node: Any) -> list[list[Any]]:
    """The sequences below a node."""
    code, value = node
    if code in _REPEATS or code is codes.POSSESSIVE_REPEAT:
        return [list(value[2])]
    if code is codes.SUBPATTERN:
        return [list(value[3])]
    if code is codes.BRANCH:
        return [list(branch) for branch in value[1]]
    return [list(value)] if code is codes.ATOMIC_GROUP else []


def _is_empty(node: Any) -> bool:
    """Whether a node can match nothing."""
    code, value = node
    if code in _ASSERTIONS:
        return True
    if code in _REPEATS or code is codes.POSSESSIVE_REPEAT:
        return value[0] == 0 or all(map(_is_empty, value[2]))
    inside = _inside(node)
    return bool(inside) and any(all(map(_is_empty, branch)) for branch in inside)


def _can_fail(node: Any) -> bool:
    return node[0] in _ASSERTIONS or not _is_empty(node)


def _first(tree: list[Any], folds: bool) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for node in tree:
        inside = _inside(node)
        found |= frozenset().union(*(_first(inner, folds) for inner in inside)) if inside else _chars([node], folds)
        if not _is_empty(node):
            return found
    return found or _ASCII


def _chars(tree: list[Any], folds: bool) -> frozenset[str]:
    """Every ASCII character that a part of a pattern can consume."""
    found: set[str] = set()
    for node in tree:
        code, value = node
        if code is codes.LITERAL:
            found |= {chr(value)} & _ASCII
        elif code is codes.NOT_LITERAL:
            found |= _ASCII - {chr(value)}
        elif code is codes.ANY:
            found |= _ASCII - {"\n"}
        elif code is codes.IN:
            found |= _members(value)
        elif code is codes.GROUPREF:
            found |= _ASCII
        for inner in _inside(node):
            found |= _chars(inner, folds)
    return frozenset(found | ({char.swapcase() for char in found} if folds else set()))


def _members(items: list[Any]) -> frozenset[str]:
    found: set[str] = set()
    for code, value in items:
        if code is codes.LITERAL:
            found |= {chr(value)} & _ASCII
        elif code is codes.RANGE:
            found |= {char for char in _ASCII if value[0] <= ord(char) <= value[1]}
        elif code is codes.CATEGORY:
            found |= {char for char in _ASCII if re.match(_CATEGORIES[value], char)}
    negated = bool(items) and items[0][0] is codes.NEGATE
    return _ASCII - found if negated else frozenset(found)
