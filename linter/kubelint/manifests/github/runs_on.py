"""The runners that a job's `runs-on` asks for: a label, labels, a group, or an expression that GitHub works out later.

Follows GitHub's workflow syntax (`jobs.<job_id>.runs-on`). An expression counts as far as `expressions` tells what it
gives in a run.
"""

from __future__ import annotations

from typing import NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.github.expressions import Combination, Inputs, Known, as_text, resolve


class RunsOnLabel(NamedTuple):
    """A label that a job asks for, and where it is written: in the matrix, or by the caller, if it comes from there."""

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


def read_runs_on(runs_on: Field, rows: list[Combination] | None, inputs: Inputs | None = None) -> RunsOn:
    """The meaning of `runs_on` in the runs that the job's matrix makes; an absent one asks for nothing.

    `rows`: the combinations of the matrix, None where they are unknown. `inputs`: what the run is given.
    """
    if runs_on.absent:
        return RunsOn()
    if not isinstance(runs_on.value, dict):
        return _asks(runs_on, rows, inputs, None, False)
    group, labels = runs_on.get("group"), runs_on.get("labels")
    named = resolve(group, Known(inputs=inputs))
    name = named.text if named is not None else None
    unknown = bool(group.exists) and name is None
    if labels.absent:
        return RunsOn(group=name, unknown=unknown)
    return _asks(labels, rows, inputs, name, unknown)


def _asks(
    labels: Field, rows: list[Combination] | None, inputs: Inputs | None, group: str | None, unknown: bool
) -> RunsOn:
    runs = [Known(row, inputs) for row in rows] if rows is not None else [Known(None, inputs)]
    found = [_label_set(labels, run) for run in runs]
    alternatives: dict[tuple[tuple[str, ...], bool], LabelSet] = {}
    for one in found:
        if one is not None:
            alternatives.setdefault((one.texts, one.partial), one._replace(partial=one.partial or unknown))
    incomplete = None in found or not alternatives or any(one.partial for one in alternatives.values())
    return RunsOn(tuple(alternatives.values()), group, unknown or incomplete)


def _label_set(labels: Field, known: Known) -> LabelSet | None:
    """The labels in one run; None where nothing of them is known."""
    if isinstance(labels.value, list):
        found = [label for element in labels.elements() for label in _labels(element, known)]
    else:
        found = _labels(labels, known)
    surely = tuple(label for label in found if label is not None)
    return LabelSet(surely, partial=None in found) if surely else None


def _labels(field: Field, known: Known) -> list[RunsOnLabel | None]:
    """The labels that one value says; None for each that is unknown."""
    value = resolve(field, known)
    if value is None:
        return [None]
    is_list = isinstance(value.value, list) and value is not field
    return [_label(part) for part in value.elements()] if is_list else [_label(value)]


def _label(field: Field) -> RunsOnLabel | None:
    text = as_text(field)
    return RunsOnLabel(text, field) if text and not has_template(text) else None
