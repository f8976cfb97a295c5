"""Why a chart could not be rendered, as one line that quotes none of its values."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from kubelint.rendering.process import one_line

_MASK = "********"
_LONGEST = 16_384
_MOST = 100_000
_CALLING = re.compile(r"error calling \w+:\s*")
_EXECUTING = re.compile(r"executing \"[^\"\n]*\" at <.*?>:\s*")
_PLACE = re.compile(r"[\w./@+-]+:\d+(?::\d+)?")


def complaint(text: str, values: Iterable[Any], author: str) -> str:
    """What Helm says in `text`, without the includes that led there, at most 200 characters.

    Whatever one of the `values` given to the chart says is masked, but for what stands in `author`, the templates: an
    author's own words are no secrets.
    """
    place = _PLACE.search(text[:_LONGEST])
    last = _EXECUTING.sub("", _CALLING.split(text[:_LONGEST])[-1]).strip().removeprefix("template: ")
    if place is not None and _PLACE.search(last) is None:
        last = f"{place.group()}: {last}"
    quotable = sorted(_texts(values), key=len, reverse=True)
    for _ in range(2):  # once as Helm said it, once as it will be shown
        for word in quotable:
            if word in last and word not in author:
                last = last.replace(word, _MASK)
        last = " ".join(last.split())
    return one_line(last)


def _texts(values: Iterable[Any]) -> set[str]:
    """The texts that would give away one of `values`: as written, each line of it, encoded."""
    found: set[str] = set()
    stack = list(values)
    for _ in range(_MOST):
        if not stack:
            break
        value = stack.pop()
        if isinstance(value, dict):
            stack += [*value, *value.values()]
        elif isinstance(value, list):
            stack += value
        elif value is not None and not isinstance(value, bool):
            text = str(value)
            found.update(text.split("\n"), (b64encode(text.encode(errors="replace")).decode(), repr(text)[1:-1]))
    stripped = {text.strip() for text in found} | {" ".join(text.split()) for text in found}
    return {text for text in stripped if len(text) >= 3}
