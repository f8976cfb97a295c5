"""Go's regular expressions, read with Python's `re` where both mean the same.

Follows RE2's syntax as in Go's `regexp/syntax`. Searching is unanchored, as `MatchString` does.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from kubelint.regexes import regex

_TOKEN = regex(
    r"\\(?P<escape>.)|(?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*+(?:\]|\Z))"
    r"|(?P<possessive>[*+?}]\+)|\(\?(?P<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)(?P<flag_end>[):])|(?P<named>\(\?P<)|(?P<other>\(\?)"
    r"|(?P<brace>\{(?=,))|(?P<paren>[()])",
    re.DOTALL,
)
_DIFFERENT_ESCAPES = frozenset("pPQECZuNkg123456789")
"""Escapes that one of the two does not know, or reads in another way."""


@lru_cache(4096)
def compile_go(pattern: str) -> re.Pattern[str] | None:
    """`pattern` ready for searching; None where Python cannot say what Go would do, or where Go refuses it."""
    translated = _translated(pattern)
    if translated is None:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return None


def _translated(pattern: str) -> str | None:
    """The pattern in Python's words: `\\z` is `\\Z`, and flags at the start of a group get a group of their own."""
    parts: list[str] = []
    closing = [""]  # what is to be closed together with each open group
    at, fresh = 0, True
    for match in _TOKEN.finditer(pattern):
        fresh &= match.start() == at
        parts.append(pattern[at : match.start()])
        at = match.end()
        written, opens = _token(match, fresh)
        if written is None:
            return None
        if match["paren"] == ")":
            if len(closing) == 1:
                return None
            written = closing.pop() + written
        elif match["flags"] is not None and match["flag_end"] == ")":
            closing[-1] += ")"
        elif opens:
            closing.append("")
        parts.append(written)
        fresh = opens or match["flags"] is not None
    return "".join([*parts, pattern[at:], *closing]) if len(closing) == 1 else None


def _token(match: re.Match[str], fresh: bool) -> tuple[str | None, bool]:
    """A token in Python's words, None for want of them, and whether it opens a group; `fresh` if one has just begun."""
    if match["escape"] is not None:
        if match["escape"] in _DIFFERENT_ESCAPES:
            return None, False
        return "\\Z" if match["escape"] == "z" else match[0], False
    if match["class"] is not None:
        return (None if "[:" in match[0] or re.search(r"\\[pPQE]", match[0]) else match[0]), False
    if match["possessive"] is not None:
        return None, False
    if match["flags"] is not None:
        plain = set(match["flags"]) <= set("ims-")
        if match["flag_end"] == ":":
            return (match[0] if plain else None), True
        return (f"(?{match['flags']}:" if plain and fresh and match["flags"] else None), False
    if match["other"] is not None:
        return None, True
    if match["brace"] is not None:  # `{,5}` repeats to Python, and is text to Go
        return "\\{", False
    return match[0], match["named"] is not None or match["paren"] == "("
