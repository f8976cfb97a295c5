"""Paths into documents: the steps from a root to a field."""

from typing import NamedTuple


class Inside(NamedTuple):
    """A step into a string: to the root of the `document`th YAML document that the string holds."""

    document: int = 0


Step = str | int | Inside
Path = tuple[Step, ...]
