"""Places in files of text, for rules to point at."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.manifests.field import Edit
from kubelint.sources import Span
from kubelint.sources.text_files import TextFile


class TextSlice(NamedTuple):
    """Some characters of a file that is no YAML."""

    file: str
    span: Span

    def replace(self, text: str) -> Edit:
        """Put `text` in place of these characters, which the edit counts in the file."""
        return Edit(self.file, 0, (), "replace", text, characters=(self.span.start, self.span.end))


def start_of(text: TextFile) -> TextSlice:
    """The beginning of a file, to point at all of it."""
    return TextSlice(text.path, Span(0, 0))
