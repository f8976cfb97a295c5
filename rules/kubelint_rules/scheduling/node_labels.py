"""Every place of a document that names a node label: selectors, expressions, topology keys, whatever holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubelint.manifests import Field
from kubelint.regexes import regex

_EXPRESSION_LISTS = frozenset({"matchExpressions", "matchLabelExpressions", "requirements"})
_SELECTORS = frozenset({"nodeSelector", "matchLabels"})
_VALUES = frozenset({"patch", "values", "valuesContent"})
_STEPS = regex(r"(?:[^.\\]|\\.)+")


class LabelUse(NamedTuple):
    """One use of a node label in `holder`: a `selector` (the label is a key), an `expression`, a `topology` key, or a
    selector in an assignment such as `nodeSelector.kubernetes\\.io/arch`, whose `key` or `name` (its value) it ends, or
    in the `pointer` of a JSON patch, which ends in it too.

    `place` is where its name stands: the selector's entry, whose key it is, or the field whose value it is.
    """

    label: str
    form: Literal["selector", "expression", "topology", "assigned key", "assigned name", "pointer"]
    place: Field
    holder: Field
    operator: str
    values: tuple[Field, ...]
    preferred: bool


def escaped(label: str) -> str:
    """A label as Helm's assignments write it, whose dots are no steps."""
    return label.replace(".", "\\.")


def pointed(label: str) -> str:
    """A label as JSON pointers write it, whose slashes are no steps (RFC 6901)."""
    return label.replace("~", "~0").replace("/", "~1")


def marks_of(needle: str) -> tuple[str, ...]:
    """How the text of a file that uses `needle` may have it: as it is, escaped, and that within double quotes."""
    return needle, escaped(needle), needle.replace(".", "\\\\."), pointed(needle)


def label_uses(root: Field, needle: str) -> Iterator[LabelUse]:
    """The uses of labels whose name holds `needle`, in strings of YAML too; each once, in the order of the document.

    What an alias repeats is where its anchor is, and one use.
    """
    seen: dict[tuple[int, str, str], LabelUse] = {}
    for use in _walk(root, needle, preferred=False):
        if seen.setdefault((id(use.holder.value), use.label, use.form), use) is use:
            yield use


def _walk(field: Field, needle: str, *, preferred: bool) -> Iterator[LabelUse]:
    if isinstance(field.value, str):
        is_yaml = "\n" in field.value or field.name in _VALUES
        if is_yaml and any(mark in field.value for mark in marks_of(needle)):
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
    yield from _assigned(field, needle)
    yield from _patched(field, needle)
    topology = field.get("topologyKey")
    if topology.text and needle in topology.text:
        yield LabelUse(topology.text, "topology", topology, field, "Exists", (), preferred)


def _assigned(field: Field, needle: str) -> Iterator[LabelUse]:
    """Assignments to selectors: parameters with a name and a value, and mappings as the `set` of a HelmChart."""
    name = field.get("name")
    if name.text and (label := _label(name.text, needle)):
        yield LabelUse(label, "assigned name", name, field, "In", (field.get("value"),), False)
    if field.name == "set":
        for key, value in field.items():
            if label := _label(key, needle):
                yield LabelUse(label, "assigned key", value, field, "In", (value,), False)


def _patched(operation: Field, needle: str) -> Iterator[LabelUse]:
    """What an operation of a JSON patch puts into a selector: all of it, or one label."""
    path, value = operation.get("path"), operation.get("value")
    if not path.text or operation.get("op").text not in ("add", "replace"):
        return
    holder, _, last = path.text.rpartition("/")
    if last in _SELECTORS:
        for label, inner in value.items():
            if needle in label:
                yield LabelUse(label, "selector", inner, value, "In", (inner,), False)
    elif holder.rpartition("/")[2] in _SELECTORS and pointed(needle) in last:
        label = last.replace("~1", "/").replace("~0", "~")
        yield LabelUse(label, "pointer", path, operation, "In", (value,), False)


def _label(path: str, needle: str) -> str | None:
    """The label whose value in a selector the assignment to `path` sets."""
    if escaped(needle) not in path:
        return None
    steps = [step.replace("\\", "") for step in _STEPS.findall(path)]
    return steps[-1] if len(steps) > 1 and steps[-2] in _SELECTORS and needle in steps[-1] else None


def _expression(expression: Field, needle: str, preferred: bool) -> Iterator[LabelUse]:
    key = expression.get("key")
    if key.text and needle in key.text:
        operator, values = expression.get("operator").text or "In", tuple(expression.get("values").elements())
        yield LabelUse(key.text, "expression", key, expression, operator, values, preferred)
