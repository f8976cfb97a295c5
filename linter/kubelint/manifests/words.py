"""The words of texts and documents, as names of objects are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_WORD = re.compile(r"[\w.:-]+")
_PART = re.compile(r"[\w-]+")


def words_of(texts: Iterable[str]) -> set[str]:
    """The words of texts as names are made of them, and what stands between their colons, dots and the like."""
    found: set[str] = set()
    for text in texts:
        for word in _WORD.findall(text):
            found.add(word.strip(".:"))
            found.update(_PART.findall(word))
    return found


def strings_in(value: Any) -> Iterator[str]:
    """Every string of a document, keys too."""
    waiting, seen = [value], set[int]()
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, dict | list) and id(here) not in seen:
            seen.add(id(here))
            if isinstance(here, dict):
                yield from (key for key in here if isinstance(key, str))
            waiting.extend(here.values() if isinstance(here, dict) else here)
