"""The values of GitHub's expressions, as far as files tell them: what a matrix or an input holds, and JSON written out.

Follows GitHub's documentation "Evaluate expressions in workflows and actions". Read are `matrix.name`, `inputs.name`,
strings, `fromJSON` of either, and the first of several that is not empty (`a || b`). Whatever else stands in `${{ }}`
is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.sources import Step

Combination = dict[str, Field]
"""What `matrix.name` is in one run of a job, each where it is written."""

Inputs = Mapping[str, Field | None]
"""What `inputs.name` is in one run of a workflow, each where it is written; None where that is not known."""

_EXPRESSION = re.compile(r"\$\{\{\s*((?:(?!\}\}).)*?)\s*\}\}", re.DOTALL)
_OR = re.compile(r"\s*\|\|\s*")
_NAME = r"(?:matrix|inputs)(?:\.[A-Za-z_][\w-]*|\['[^']*'\])+"
_STRING = r"'(?:[^']|'')*'"
_TERM = re.compile(rf"(?P<json>fromJSON\(\s*)?(?:(?P<name>{_NAME})|(?P<string>{_STRING}))(?(json)\s*\))", re.IGNORECASE)
_STEP = re.compile(r"\.([^.\[]+)|\['([^']*)'\]")


class Known(NamedTuple):
    """What expressions may name in one run of a job; None where the file does not tell it."""

    matrix: Combination | None = None
    inputs: Inputs | None = None


class Told(Field):
    """A value that an expression gives; it and all that it holds stand where the expression's text is written."""

    __slots__ = ()

    def _child(self, step: Step) -> Field:
        inner = Field(self.document, self.path, self.value).get(step)
        return Told(self.document, self.path, inner.value, inner.exists)


def resolve(field: Field, known: Known) -> Field | None:
    """What a field says once its expressions are worked out: the field itself where it has none, None where unknown."""
    if not isinstance(field.value, str) or "${{" not in field.value:
        return field
    whole = _EXPRESSION.fullmatch(field.value.strip())
    if whole is not None:
        return _evaluate(whole[1], field, known)
    return _filled(field, known)


def _filled(field: Field, known: Known) -> Field | None:
    """`prefix-${{ matrix.a }}` with the value in it."""
    parts, end = [], 0
    for match in _EXPRESSION.finditer(field.value):
        value = _evaluate(match[1], field, known)
        if value is None or (text := as_text(value)) is None:
            return None
        parts += [field.value[end : match.start()], text]
        end = match.end()
    return Told(field.document, field.path, "".join([*parts, field.value[end:]]))


def as_text(field: Field) -> str | None:
    """A string or number as the text that an expression makes of it; None for anything else, and template text."""
    value = field.value
    if isinstance(value, bool) or not isinstance(value, str | int | float) or field.unknown:
        return None
    return str(value)


def _evaluate(expression: str, at: Field, known: Known) -> Field | None:
    """The first term of `a || b` that is neither empty nor false, the last one if all are; None where unknown."""
    found = None
    for term in _terms(expression):
        found = _value(term, at, known)
        if found is None or found.value:
            return found
    return found


def _terms(expression: str) -> list[re.Match[str]]:
    """The terms between `||`; none where the expression holds anything else."""
    found, position = [], 0
    while (term := _TERM.match(expression, position)) is not None:
        found.append(term)
        if term.end() == len(expression):
            return found
        following = _OR.match(expression, term.end())
        if following is None:
            break
        position = following.end()
    return []


def _value(term: re.Match[str], at: Field, known: Known) -> Field | None:
    found = _named(term["name"], at, known) if term["name"] else Told(at.document, at.path, _unquoted(term["string"]))
    if found is None or not term["json"]:
        return found
    value = _parsed(found.text)
    return None if value is None else Told(found.document, found.path, value)


def _named(name: str, at: Field, known: Known) -> Field | None:
    """The field that `matrix.a.b` or `inputs.a` means; one that does not exist where the run has none of that name."""
    of_matrix = name[:6].lower() == "matrix"
    first, *rest = [dotted or quoted for dotted, quoted in _STEP.findall(name[6:])]
    holder: Mapping[str, Field | None] | None = known.matrix if of_matrix else known.inputs
    if holder is None:
        return None
    key = first if first in holder else next((key for key in holder if key.lower() == first.lower()), None)
    if key is None:
        return Told(at.document, at.path, None, exists=False)
    found = holder[key]
    inner = found.get(*rest) if found is not None else None
    return resolve(inner, Known(inputs=known.inputs)) if inner is not None and of_matrix else inner


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _parsed(text: str | None) -> Any:
    if not text or has_template(text):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
