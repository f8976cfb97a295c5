"""The patterns of Argo CD, in which `*` matches slashes too. Follows argo-cd `util/glob/glob.go`."""

from __future__ import annotations

import re

_MARK = re.compile(r"\\.|\*+|\?|\[!?[^\]]+\]|\{[^{}]*\}")


def matches_glob(pattern: str, text: str) -> bool | None:
    """Whether a pattern matches the whole text; None where the pattern cannot be read."""
    try:
        return re.fullmatch(_MARK.sub(_translated, _escaped(pattern)), text, re.DOTALL) is not None
    except re.error:
        return None


def _escaped(pattern: str) -> str:
    return re.sub(r"[.^$+()|]", r"\\\g<0>", pattern)


def _translated(mark: re.Match[str]) -> str:
    text = mark[0]
    if text[0] == "\\":
        return text
    if text[0] == "[":
        return f"[^{text[2:]}" if text[1] == "!" else text
    if text[0] == "{":
        return f"(?:{'|'.join(_MARK.sub(_translated, part) for part in text[1:-1].split(','))})"
    return "." if text[0] == "?" else ".*"
