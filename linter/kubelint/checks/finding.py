"""A finding: one rule found one thing at one place."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kubelint.checks.fix import Fix
from kubelint.manifests.field import Field, FieldKey, FieldSlice, Part
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Path, Span


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for an error; greater is milder."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Location(NamedTuple):
    """A place, said as a path into a document of a file; or, for what is no document, as a span of the text.

    The engine finds the characters: the value of a scalar, the key of anything longer, the nearest existing
    ancestor's key of a field that is missing. `characters` are some of a string's value, start and end.
    """

    file: str
    document: int = 0
    path: Path = ()
    part: Part = "value"
    span: Span | None = None
    characters: tuple[int, int] | None = None

    @classmethod
    def of(cls, target: Target) -> Location:
        """The location of a field, its key or a part of it, an object (its name), some text, or a location as it is."""
        if isinstance(target, Location):
            return target
        if isinstance(target, TextSlice):
            return cls(target.file, span=target.span)
        if isinstance(target, FieldSlice):
            field = target.field
            return cls(field.document.file, field.document.index, field.path, characters=(target.start, target.end))
        if isinstance(target, FieldKey):
            field = target.field
            return cls(field.document.file, field.document.index, field.path, "key")
        if isinstance(target, KubeObject):
            name = target.root.get("metadata", "name")
            target = name if name.exists else target.root.get("kind")
        return cls(target.document.file, target.document.index, target.path, characters=target.characters)


Target = Field | FieldKey | FieldSlice | KubeObject | TextSlice | Location


class Label(NamedTuple):
    """A related location and what it has to do with the finding."""

    location: Location
    text: str


class Finding(NamedTuple):
    """What a rule reports. The methods return an extended copy, so that a rule builds it in one expression."""

    rule: str
    message: str
    severity: Severity
    location: Location
    note: str = ""
    help_text: str = ""
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()
    is_public: bool = False
    """Whether what it points at may be shown although the rule is one about secrets."""
    is_of_all: bool = False
    """Whether it speaks of a whole cluster or project, and points at one place of many."""

    def label(self, at: Target, text: str) -> Finding:
        """Add a related location: the other end of a chain."""
        return self._replace(labels=(*self.labels, Label(Location.of(at), text)))

    def help(self, text: str) -> Finding:
        """Say what to do, in one imperative sentence."""
        return self._replace(help_text=text)

    def public(self) -> Finding:
        """Say that what it points at is no secret."""
        return self._replace(is_public=True)

    def of_all(self) -> Finding:
        """Say that it speaks of the whole, so that it is the same finding wherever else it comes to point."""
        return self._replace(is_of_all=True)

    def fix(self, fix: Fix | None) -> Finding:
        """Offer a fix; None offers nothing."""
        return self if fix is None else self._replace(fixes=(*self.fixes, fix))
