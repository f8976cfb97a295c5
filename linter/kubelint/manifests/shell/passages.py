"""Text that can be pointed into, wherever it stands: in a field, in a file, or in a string of a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span
from kubelint.sources.text_files import TextFile

Place = FieldSlice | TextSlice | Field


class Passage:
    """Some text, and where each of its characters stands.

    `starts` and `ends` say for every character where it begins and ends in what `outer` points into; without them
    the text is written there character by character.
    """

    def __init__(
        self,
        text: str,
        outer: Callable[[int, int], Place],
        starts: Sequence[int] | None = None,
        ends: Sequence[int] | None = None,
    ) -> None:
        self._text = text
        self._outer = outer
        self._starts = starts
        self._ends = ends

    @property
    def text(self) -> str:
        """The text."""
        return self._text

    def at(self, start: int, end: int) -> Place:
        """The place of the characters `start` to `end`, to point at."""
        if self._starts is None or self._ends is None:
            return self._outer(start, end)
        if start < end:
            return self._outer(self._starts[start], self._ends[end - 1])
        point = self._ends[start - 1] if start else self._starts[0] if self._starts else 0
        return self._outer(point, point)

    def inner(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> Passage:
        """Text that is made of characters of this one: `starts` and `ends` count in this passage's text."""
        return Passage(text, self.at, starts, ends)


def passage_of_field(field: Field) -> Passage:
    """The string that `field` holds; for a number its text, which is pointed at as a whole."""
    if isinstance(field.value, str):
        return Passage(field.value, field.slice)
    shown = "" if field.value is None or isinstance(field.value, dict | list) else str(field.value)
    return Passage(shown, lambda start, end: field)


class FilePassage(Passage):
    """The whole of a file of text, read on first use."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        super().__init__("", lambda start, end: TextSlice(file.path, Span(start, end)))

    @property
    def text(self) -> str:
        """The text of the file."""
        return self._file.text


def passage_of_text(file: str, text: str, base: int = 0) -> Passage:
    """`text`, which stands in `file` from the offset `base` on."""
    return Passage(text, lambda start, end: TextSlice(file, Span(base + start, base + end)))
