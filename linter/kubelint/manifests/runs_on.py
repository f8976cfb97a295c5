"""The runners that a job's `runs-on` asks for: a label, labels, a group, or an expression that GitHub works out later.

Follows GitHub's workflow syntax (`jobs.<job_id>.runs-on`) and, for expressions, actionlint: nothing but `${{
matrix.name }}` is resolved, and that only from a matrix that is written out (rows and `include`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field

_MATRIX = re.compile(r"\$\{\{\s*matrix((?:\.[A-Za-z_][\w-]*)+)\s*\}\}")


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
    """What a job asks for: one label set, or one for each value of the matrix; `group` if it is known.

    `unknown`: something cannot be told from the file (an expression, a value of the wrong type).
    """

    alternatives: tuple[LabelSet, ...] = ()
    group: str | None = None
    unknown: bool = False


def read_runs_on(runs_on: Field, matrix: Field) -> RunsOn:
    """The meaning of `runs_on`; an absent one asks for nothing."""
    if runs_on.absent:
        return RunsOn()
    if not isinstance(runs_on.value, dict):
        return _asks(runs_on, matrix, None, False)
    group, labels = runs_on.get("group"), runs_on.get("labels")
    unknown = bool(group.exists) and group.text is None
    if labels.absent:
        return RunsOn(group=group.text, unknown=unknown)
    return _asks(labels, matrix, group.text, unknown)


def _asks(labels: Field, matrix: Field, group: str | None, unknown: bool) -> RunsOn:
    alternatives = tuple(found._replace(partial=found.partial or unknown) for found in _label_sets(labels, matrix))
    incomplete = not alternatives or any(found.partial for found in alternatives)
    return RunsOn(alternatives, group, unknown or incomplete)


def _label_sets(labels: Field, matrix: Field) -> Iterator[LabelSet]:
    if isinstance(labels.value, list):
        yield from _of_list(list(labels.elements()), matrix)
    elif (label := _label(labels)) is not None:
        yield LabelSet((label,))
    else:
        for value in _matrix_values(labels, matrix):
            yield from _of_matrix_value(value)


def _of_list(elements: list[Field], matrix: Field) -> Iterator[LabelSet]:
    static = [label for element in elements if (label := _label(element)) is not None]
    others = [element for element in elements if _label(element) is None]
    values = _matrix_values(others[0], matrix) if len(others) == 1 else []
    resolved = [label for value in values if (label := _label(value)) is not None]
    if not others or not resolved or len(resolved) != len(values):
        yield LabelSet(tuple(static), partial=bool(others))
        return
    for label in resolved:
        yield LabelSet((*static, label))


def _of_matrix_value(value: Field) -> Iterator[LabelSet]:
    """A value of the matrix is a label or a list of labels; what it holds of expressions stays unknown."""
    if isinstance(value.value, list):
        labels = [_label(element) for element in value.elements()]
        yield LabelSet(tuple(label for label in labels if label), partial=None in labels)
        return
    label = _label(value)
    yield LabelSet((label,) if label else (), partial=label is None)


def _label(field: Field) -> RunsOnLabel | None:
    value = field.value
    if isinstance(value, bool) or not isinstance(value, str | int | float) or field.unknown:
        return None
    text = str(value)
    return RunsOnLabel(text, field) if text and not has_template(text) else None


def _matrix_values(expression: Field, matrix: Field) -> list[Field]:
    """The values that `${{ matrix.a.b }}` may take; none if they are not written out, all of them."""
    found = _MATRIX.fullmatch(expression.value.strip()) if isinstance(expression.value, str) else None
    if found is None or matrix.unknown or not isinstance(matrix.value, dict):
        return []
    name, *rest = found[1].strip(".").split(".")
    rows, includes, excluded = matrix.get(name), matrix.get("include"), matrix.get("exclude")
    if any(part.exists and not isinstance(part.value, list) for part in (rows, includes, excluded)):
        return []
    dropped = [entry.get(name).value for entry in excluded.elements() if entry.get(name).exists]
    values = [row for row in rows.elements() if row.value not in dropped]
    values += [entry.get(name) for entry in includes.elements() if entry.get(name).exists]
    return [value.get(*rest) for value in values]
