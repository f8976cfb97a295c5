"""Fixes: named remedies made of edits, and how far each may be trusted."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kubelint.manifests.field import Edit


class Applicability(StrEnum):
    """How far a fix may be trusted.

    `safe` keeps what the API server, or the reader it is for, understands, or is certainly what the author meant;
    `unsafe` may change behaviour; `display` is shown and never applied.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Fix(NamedTuple):
    """A remedy: an imperative title, its edits, and its applicability."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability

    @classmethod
    def safe(cls, title: str, *edits: Edit) -> Fix:
        """A fix that --fix applies."""
        return cls(title, edits, Applicability.SAFE)

    @classmethod
    def unsafe(cls, title: str, *edits: Edit) -> Fix:
        """A fix that needs --unsafe-fixes."""
        return cls(title, edits, Applicability.UNSAFE)

    @classmethod
    def display(cls, title: str, *edits: Edit) -> Fix:
        """A fix that is only shown."""
        return cls(title, edits, Applicability.DISPLAY)
