"""Places in files of text, for rules to point at."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.sources import Span


class TextSlice(NamedTuple):
    """Some characters of a file that is no YAML."""

    file: str
    span: Span
