"""Changes of text: what an edit comes down to, and how several are made at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kubelint.sources import Span


class Change(NamedTuple):
    """The characters of `span` become `text`; an insertion where the span is empty. Offsets count in the text as it
    was before any change.
    """

    span: Span
    text: str


class CannotEdit(Exception):
    """An edit cannot be made here. The message says why and quotes nothing of the file."""


def overlaps(change: Change, other: Change) -> bool:
    """Whether two changes cannot both be made: they share characters, or insert at one place."""
    (start, end), (first, last) = change.span, other.span
    return change.span == other.span or (start < last and first < end)


def conflicting(changes: Sequence[Change], others: Iterable[Change]) -> bool:
    """Whether any of `changes` cannot be made together with one of `others`."""
    return any(overlaps(change, other) for change in changes for other in others)


def changed(text: str, changes: Iterable[Change]) -> str:
    """`text` with all of `changes`, which do not overlap; those that insert at one place do so in their order."""
    parts: list[str] = []
    at = 0
    for (start, end), new in sorted(changes, key=lambda change: change.span):
        parts += (text[at:start], new)
        at = end
    return "".join([*parts, text[at:]])
