"""Tells a template, which will be YAML once somebody fills it in, from YAML with a mistake.

Template syntax alone does not decide: alerting rules and dashboards hold `{{ }}` in their strings. So its actions are
replaced by harmless text; where the text then reads further, they were what stopped it from being YAML.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from kubelint.regexes import regex
from kubelint.sources.events import read_scalars
from kubelint.sources.text import Span
from kubelint.sources.values import explain

_OPEN = regex(r"\{\{|\{%|<%|#\{|#%|%\{|\$\{|@(?=[A-Z][A-Z0-9_]*@)")
_CLOSE = {"{{": "}}", "{%": "%}", "<%": "%>", "#{": "}", "#%": "%#", "%{": "}", "${": "}", "@": "@"}
_ALERT = regex(r"\$labels\.\w")
_CONTROL = regex(
    r"\{\{[-~]?\s*(?:(?:if|else|end|range|with|define|include|template|block|toYaml|tpl)\b|/\*)"
    r"|\{\{[-~]?\s*\$?\.(?:Values|Release|Chart|Files)\b"
    r"|\{%|<%|#%|%\{"
)
_FILLED_LINE = regex("^[ \t]*+\0[ \t\0]*+(?=\r?$)", re.MULTILINE)


def is_template(text: str, offset: int, *, pure: bool = False) -> bool:
    """Whether `text`, which stops being YAML at `offset`, does so because it is a template."""
    actions = list(_actions(text))
    if not actions:
        return False
    _, error = read_scalars(_without(text, actions), pure=pure)
    if error is None or explain(error, text).offset > offset:
        return True
    return _steers(text, actions, offset, pure)


def _actions(text: str) -> Iterator[Span]:
    """The template actions of `text`. Prometheus' `{{ $labels.x }}` is none: who fills it in reads YAML first."""
    opening = _OPEN.search(text)
    while opening:
        close = _CLOSE[opening.group()]
        end = text.find(close, opening.end())
        if end < 0:
            return
        end += len(close)
        if not _ALERT.search(text, opening.start(), end):
            yield Span(opening.start(), end)
        opening = _OPEN.search(text, end)


def _without(text: str, actions: list[Span]) -> str:
    """`text`, as long as before, with a word for each action, and nothing for lines that hold nothing else."""
    parts: list[str] = []
    at = 0
    for start, end in actions:
        parts += (text[at:start], "\0" * (end - start))
        at = end
    filled = "".join([*parts, text[at:]])
    return _FILLED_LINE.sub(lambda match: " " * len(match.group()), filled).replace("\0", "x")


def _steers(text: str, actions: list[Span], offset: int, pure: bool) -> bool:
    """Whether an action that steers a template stands outside of strings, up to the line of `offset`."""
    scalars = [Span(event.start_mark.index, event.end_mark.index) for event in read_scalars(text, pure=pure)[0]]
    scalars.append(Span(len(text), len(text)))  # there may be no other
    line_end = text.find("\n", offset)
    for action in actions:
        nearest = scalars[max(0, bisect_right(scalars, action) - 1)]
        if action.start > line_end >= 0:
            return False
        inside = nearest.start <= action.start < nearest.end
        if _CONTROL.match(text, action.start) and not inside and not _in_comment(text, action.start):
            return True
    return False


def _in_comment(text: str, offset: int) -> bool:
    return text[text.rfind("\n", 0, offset) + 1 : offset].lstrip().startswith("#")
