"""Why a chart could not be rendered, as one line that quotes none of its values."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from kubelint.rendering.process import one_line

_MASK = "********"
_LONGEST = 16_384
_LOOKED_AT = 2_048
_MOST = 100_000
_CALLING = re.compile(r"error calling \w+:\s*")
_EXECUTING = re.compile(r"executing \"[^\"\n]*\" at <.*?>:\s*")
_PLACE = re.compile(r"[\w./@+-]+:\d+(?::\d+)?")
_WORD = re.compile(r"\S+")
_EXPONENT = re.compile(r"e\d+$")
_SHORTEST = 5
_GO_SAYS = frozenset(
    """
    allowed array author bool cannot chart charts content converting couldnt decoding defined element error evaluate
    evaluating execution expected false field fields float float64 following found function illegal index integer
    interface invalid iterate known length mapping match missing nilpointer number object operand parse parsed pattern
    pointer property range reflect required schema schemas sequence specifications string struct template templates
    token unclosed undefined unexpected unmarshal unmarshaling validation value values variable wrong
    """.split()  # noqa: SIM905
)
"""Words that Helm itself puts into a complaint: that some value says them too gives nothing away."""


def complaint(text: str, values: Iterable[Any], author: str) -> str:
    """What Helm says in `text`, without the includes that led there, at most 200 characters.

    Whatever one of the `values` given to the chart says is masked, whole, in part or in another spelling, but for what
    stands in `author`, the templates: an author's own words are no secrets.
    """
    place = _PLACE.search(text[:_LONGEST])
    last = _EXECUTING.sub("", _CALLING.split(text[:_LONGEST])[-1]).strip().removeprefix("template: ")
    if place is not None and _PLACE.search(last) is None:
        last = f"{place.group()}: {last}"
    last = last[:_LOOKED_AT]
    quotable = sorted(_texts(values), key=len, reverse=True)
    for _ in range(2):  # once as Helm said it, once as it will be shown
        for word in quotable:
            if word in last and word not in author:
                last = last.replace(word, _MASK)
        last = " ".join(last.split())
    plain = "\0".join(map(_plain, quotable))
    return one_line(_WORD.sub(lambda word: _masked(word.group(), plain, author), last))


def _masked(word: str, values: str, author: str) -> str:
    """`word`, or a mask where it says a part of a value: templates cut, quote, raise and round what they are given."""
    plain = _plain(word)
    digits = _EXPONENT.sub("", plain)
    plain = digits if digits.isdigit() else plain
    known = len(plain) < _SHORTEST or plain in _GO_SAYS or word.strip("\"'`:,;.()") in author
    return word if known or plain not in values else _MASK


def _plain(text: str) -> str:
    """The letters and digits of a text, all small: what quotes, escapes and case do not change."""
    return re.sub(r"[\W_]+", "", text).casefold()


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
