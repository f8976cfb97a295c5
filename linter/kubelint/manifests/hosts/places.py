"""Values and where they stand, in YAML or in text."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field, FieldKey, FieldSlice
from kubelint.manifests.texts import TextSlice

At = Field | FieldKey | FieldSlice | TextSlice
"""A place that a finding can point at."""

_SAMPLES = frozenset(
    {"sample", "samples", "example", "examples", "testdata", "test", "tests", "molecule", "e2e", "hack"}
)


class Value(NamedTuple):
    """A plain value and where it was written. `unknown` where it is template text."""

    value: Any
    at: At

    @property
    def unknown(self) -> bool:
        """Whether something fills the value in later."""
        if isinstance(self.at, Field):
            return self.at.unknown
        return isinstance(self.value, str) and has_template(self.value)

    @property
    def text(self) -> str | None:
        """The value if it is a known string."""
        return self.value if isinstance(self.value, str) and not self.unknown else None


def is_sample(path: str) -> bool:
    """Whether a file is an example by its name or its directories, such as `inventory/sample/hosts.ini`."""
    *folders, name = path.lower().split("/")
    stem = name.replace("-", ".").replace("_", ".").split(".")
    return not _SAMPLES.isdisjoint(folders) or not _SAMPLES.isdisjoint(stem)
