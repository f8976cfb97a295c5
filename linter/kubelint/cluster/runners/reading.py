"""Reading manifests and values as plain mappings, of which nothing is sure."""

from __future__ import annotations

from collections.abc import Mapping

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.templates import has_template

LEGACY_GROUP = "actions.summerwind.dev"
SCALE_SET_GROUP = "actions.github.com"


def group_of(manifest: Mapping[str, object]) -> str:
    """The API group of a manifest; empty where there is none."""
    version = manifest.get("apiVersion")
    return version.rpartition("/")[0] if isinstance(version, str) else ""


def at(value: object, *steps: str) -> object:
    """The value at a path of mappings; None where there is none."""
    for step in steps:
        value = as_mapping(value).get(step)
    return value


def text_at(value: object, *steps: str) -> str | None:
    """The text at a path of mappings; numbers as text; None where there is none, or an empty one."""
    return as_text(at(value, *steps))


def as_text(value: object) -> str | None:
    """A value as text; None for what is empty or neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value) or None


def is_template(value: object) -> bool:
    """Whether a value is template text, so that anything may stand in its place."""
    return isinstance(value, str) and has_template(value)


def label_list(value: object) -> tuple[tuple[str, ...], bool, bool]:
    """Labels of a list, whether there is a list, and whether there may be more than it shows."""
    if isinstance(value, list):
        return (
            tuple(text for entry in value if (text := as_text(entry))),
            True,
            any(isinstance(entry, (list, dict)) for entry in value),
        )
    return (), False, is_template(value)
