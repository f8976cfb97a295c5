"""Values kept as YAML text in a string: what they are, and where they cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.field import Field, FieldSlice
from kubelint.manifests.layered import unknown_layer
from kubelint.sources import Problem, Span
from kubelint.sources.scalars import PlainScalars, TaggedText
from kubelint.sources.values import UnreadableYaml, build_documents

if TYPE_CHECKING:
    from kubelint.manifests.objects import KubeObject
    from kubelint.manifests.project import Project

_FILLED_IN = "%{"
"""How k3s marks what it fills in before it applies an object: `%{CLUSTER_DNS}%`, which is no YAML until then."""
_TEXTS = {
    ("HelmChart", "helm.cattle.io"): ("spec",),
    ("HelmChartConfig", "helm.cattle.io"): ("spec",),
    ("Application", "argoproj.io"): ("spec",),
    ("ApplicationSet", "argoproj.io"): ("spec", "template", "spec"),
}


class UnreadText(NamedTuple):
    """Why the YAML in a string cannot be read, in the characters of that string; and the place as rules name it."""

    problem: Problem
    at: FieldSlice


def values_in(text: Field) -> Field:
    """The mapping that the YAML in the string `text` holds, of its first document, as Helm's `ReadValues` has it.

    Absent where the text says nothing; unknown where it is template text as a whole, no YAML, or no mapping.
    """
    if not isinstance(text.value, str) or isinstance(text.value, TaggedText):
        return text if text.absent else unknown_layer(text)
    documents = text.embedded()
    if not documents:
        return unknown_layer(text) if text.unknown or _FILLED_IN in text.value or unread(text) else _nothing(text)
    first = documents[0]
    if first.value is None:
        return _nothing(first)
    return first if isinstance(first.value, dict) else unknown_layer(first)


def mapping_of(field: Field) -> Field:
    """`field` where it is a mapping or nothing; unknown where it is anything else: a list, a string."""
    return field if field.unknown or field.value is None or isinstance(field.value, dict) else unknown_layer(field)


def _nothing(field: Field) -> Field:
    return Field(field.document, field.path, None, field.exists)


def unread(field: Field) -> UnreadText | None:
    """Why the known string `field` is no YAML; None where it is, or where nothing is known of it."""
    text = field.text
    if text is None or _FILLED_IN in text:
        return None
    try:
        for _ in build_documents(text, PlainScalars()):
            pass
    except UnreadableYaml as error:
        start = min(error.offset, len(text))
        span = Span(start, min(start + 1, len(text)))
        return UnreadText(Problem(str(error), span), field.slice(*span))
    return None


def unread_values(project: Project) -> list[UnreadText]:
    """What of the values that the project's objects keep as text cannot be read."""
    found: list[UnreadText] = []
    for obj in project.objects({kind for kind, _ in _TEXTS}):
        steps = _TEXTS.get((obj.kind, obj.group))
        if steps is not None:
            problems = (unread(field) for field in _texts(obj, *steps))
            found += [problem for problem in problems if problem is not None]
    return found


def _texts(obj: KubeObject, *steps: str) -> Iterator[Field]:
    spec = obj.field(*steps)
    yield spec.get("valuesContent")
    for source in (spec.get("source"), *spec.get("sources").elements()):
        yield source.get("helm", "values")
