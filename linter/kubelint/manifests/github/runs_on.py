"""The runners that a job's `runs-on` asks for: a label, labels, a group, or an expression that GitHub works out later.

Follows GitHub's workflow syntax (`jobs.<job_id>.runs-on`). Of expressions, `matrix.name` is resolved where the matrix
is written out, and `fromJSON` of JSON that is; whatever else stands in `${{ }}` is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.github.matrix import Combination

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_MATRIX = re.compile(r"matrix((?:\.[A-Za-z_][\w-]*)+)")
_FROM_JSON = re.compile(r"fromJSON\(\s*(?:'((?:[^']|'')*)'|(matrix(?:\.[A-Za-z_][\w-]*)+))\s*\)", re.IGNORECASE)


class RunsOnLabel(NamedTuple):
    """A label that a job asks for, and where it is written (in the matrix, if it comes from there)."""

    text: str
    field: Field


class LabelSet(NamedTuple):
    """The labels of one way the job may run.  `partial`: an expression adds labels, or names the group."""

    labels: tuple[RunsOnLabel, ...]
    partial: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The labels as written."""
        return tuple(label.text for label in self.labels)


class RunsOn(NamedTuple):
    """What a job asks for: one label set, or one for each different row of the matrix; `group` if it is known.

    `unknown`: something cannot be told from the file (an expression, a value of the wrong type).
    """

    alternatives: tuple[LabelSet, ...] = ()
    group: str | None = None
    unknown: bool = False


def read_runs_on(runs_on: Field, rows: list[Combination] | None) -> RunsOn:
    """The meaning of `runs_on` under the rows of the job's matrix (None: unknown); an absent one asks for nothing."""
    if runs_on.absent:
        return RunsOn()
    if not isinstance(runs_on.value, dict):
        return _asks(runs_on, rows, None, False)
    group, labels = runs_on.get("group"), runs_on.get("labels")
    unknown = bool(group.exists) and group.text is None
    if labels.absent:
        return RunsOn(group=group.text, unknown=unknown)
    return _asks(labels, rows, group.text, unknown)


def _asks(labels: Field, rows: list[Combination] | None, group: str | None, unknown: bool) -> RunsOn:
    found = [_label_set(labels, row) for row in (rows if rows is not None else [{}])]
    alternatives: dict[tuple[tuple[str, ...], bool], LabelSet] = {}
    for one in found:
        if one is not None:
            alternatives.setdefault((one.texts, one.partial), one._replace(partial=one.partial or unknown))
    incomplete = None in found or not alternatives or any(one.partial for one in alternatives.values())
    return RunsOn(tuple(alternatives.values()), group, unknown or incomplete)


def _label_set(labels: Field, row: Combination) -> LabelSet | None:
    """The labels under one row of a matrix; None where nothing of them is known."""
    if isinstance(labels.value, list):
        found = [label for element in labels.elements() for label in _labels(element, row)]
        return LabelSet(tuple(label for label in found if label), partial=None in found)
    found = _labels(labels, row)
    if None in found and not _names_matrix(labels, row):
        return None
    return LabelSet(tuple(label for label in found if label), partial=None in found)


def _labels(field: Field, row: Combination) -> list[RunsOnLabel | None]:
    """The labels that one value says; None for each that is unknown."""
    if (label := _label(field)) is not None:
        return [label]
    if not isinstance(field.value, str):
        return [None]
    whole = _EXPRESSION.fullmatch(field.value.strip())
    if whole is None:
        return [_filled(field, row)]
    named = _of_matrix(whole[1], row)
    if named is not None:
        parts = list(named.elements()) if isinstance(named.value, list) else [named]
        return [_label(part) for part in parts]
    return list(_from_json(field, whole[1], row))


def _names_matrix(field: Field, row: Combination) -> bool:
    """Whether the value of a matrix is meant, which may be unknown itself."""
    whole = _EXPRESSION.fullmatch(field.value.strip()) if isinstance(field.value, str) else None
    return whole is not None and _of_matrix(whole[1], row) is not None


def _of_matrix(expression: str, row: Combination) -> Field | None:
    """The field that `matrix.a.b` means in `row`; None if it means none."""
    match = _MATRIX.fullmatch(expression)
    if match is None:
        return None
    name, *rest = match[1].strip(".").split(".")
    field = row[name].get(*rest) if name in row else None
    return field if field is not None and field.exists else None


def _filled(field: Field, row: Combination) -> RunsOnLabel | None:
    """`prefix-${{ matrix.a }}` with the value of the matrix in it."""
    text = field.value
    for match in _EXPRESSION.finditer(field.value):
        value = _of_matrix(match[1], row)
        label = _label(value) if value is not None else None
        if label is None:
            return None
        text = text.replace(match[0], label.text)
    return RunsOnLabel(text, field) if text and not has_template(text) else None


def _from_json(field: Field, expression: str, row: Combination) -> Iterator[RunsOnLabel | None]:
    """The labels that `fromJSON('["a", "b"]')` gives."""
    match = _FROM_JSON.fullmatch(expression)
    if match is None:
        yield None
        return
    source = _of_matrix(match[2], row) if match[2] else field
    text = match[1].replace("''", "'") if match[2] is None else source.text if source is not None else None
    value = _parsed(text)
    for label in value if isinstance(value, list) and value else [value]:
        known = isinstance(label, str) and label != "" and not has_template(label)
        yield RunsOnLabel(label, source) if known and source is not None else None


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def _label(field: Field) -> RunsOnLabel | None:
    value = field.value
    if isinstance(value, bool) or not isinstance(value, str | int | float) or field.unknown:
        return None
    text = str(value)
    return RunsOnLabel(text, field) if text and not has_template(text) else None
