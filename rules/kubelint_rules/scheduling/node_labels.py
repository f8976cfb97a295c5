"""Every place of a document that names a node label: selectors, expressions, topology keys, whatever holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubelint.manifests import Field

_EXPRESSION_LISTS = frozenset({"matchExpressions", "matchLabelExpressions", "requirements"})
_SELECTORS = frozenset({"nodeSelector", "matchLabels"})


class LabelUse(NamedTuple):
    """One use of a node label in `holder`: a `selector` (the label is a key), an `expression` or a `topology` key.

    `place` is where its name stands: the selector's entry, whose key it is, or the field whose value it is.
    """

    label: str
    form: Literal["selector", "expression", "topology"]
    place: Field
    holder: Field
    operator: str
    values: tuple[Field, ...]
    preferred: bool


def label_uses(root: Field, needle: str) -> Iterator[LabelUse]:
    """The uses of labels whose name holds `needle`, in strings of YAML too; each once, in the order of the document."""
    yield from _walk(root, needle, preferred=False)


def _walk(field: Field, needle: str, *, preferred: bool) -> Iterator[LabelUse]:
    if isinstance(field.value, str):
        if needle in field.value and "\n" in field.value:
            for inner in field.embedded():
                yield from _walk(inner, needle, preferred=preferred)
        return
    preferred = preferred or field.name.startswith("preferred")
    yield from _here(field, needle, preferred)
    for _, inner in field.items():
        yield from _walk(inner, needle, preferred=preferred)
    for inner in field.elements():
        yield from _walk(inner, needle, preferred=preferred)


def _here(field: Field, needle: str, preferred: bool) -> Iterator[LabelUse]:
    if field.name in _SELECTORS:
        for label, value in field.items():
            if needle in label:
                yield LabelUse(label, "selector", value, field, "In", (value,), preferred)
    elif field.name in _EXPRESSION_LISTS:
        for expression in field.elements():
            yield from _expression(expression, needle, preferred)
    topology = field.get("topologyKey")
    if topology.text and needle in topology.text:
        yield LabelUse(topology.text, "topology", topology, field, "Exists", (), preferred)


def _expression(expression: Field, needle: str, preferred: bool) -> Iterator[LabelUse]:
    key = expression.get("key")
    if key.text and needle in key.text:
        operator, values = expression.get("operator").text or "In", tuple(expression.get("values").elements())
        yield LabelUse(key.text, "expression", key, expression, operator, values, preferred)
