"""The combinations of a job's matrix.

Follows GitHub's documentation of `jobs.<job_id>.strategy.matrix`: combinations of all rows, less those that `exclude`
matches; an entry of `include` extends every combination whose rows it does not contradict, else it is one more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.github.expressions import Combination, Inputs, Known, resolve

__all__ = ["Combination", "combinations"]

MOST = 256
"""GitHub starts no more jobs of one matrix."""


def combinations(matrix: Field, inputs: Inputs | None = None) -> list[Combination] | None:
    """The combinations in GitHub's order; one empty one without a matrix; None where the file does not tell them all.

    Values may hold expressions: then they are unknown, and so is what `include` and `exclude` do to them.  Lists may
    be written as expressions which the `inputs` of the run tell.
    """
    if matrix.absent:
        return [{}]
    known = Known(inputs=inputs)
    matrix = resolve(matrix, known) or matrix
    parts = {name: resolve(part, known) or part for name, part in matrix.items()}
    include, exclude = (parts.pop(name, matrix.get(name)) for name in ("include", "exclude"))
    if not _written_out(matrix, parts) or not _are_entries(include) or not _are_entries(exclude):
        return None
    rows = {name: list(row.elements()) for name, row in parts.items()}
    excluded, included = _entries(exclude), _entries(include)
    # GitHub's own limit makes more entries than that a mistake, and each is compared with each combination.
    if prod(map(len, rows.values())) > MOST or len(excluded) + len(included) > 2 * MOST:
        return None
    if not all(_comparable(row, name, [*excluded, *included]) for name, row in rows.items()):
        return None
    found = [dict(zip(rows, values, strict=True)) for values in product(*rows.values())] if rows else []
    found = [one for one in found if not any(_agrees(one, entry) for entry in excluded)]
    found = list(_extended(found, included, set(rows)))
    return found if len(found) <= MOST else None


def _written_out(matrix: Field, rows: Combination) -> bool:
    if not isinstance(matrix.value, dict) or matrix.unknown:
        return False
    return all(not has_template(name) and isinstance(row.value, list) for name, row in rows.items())


def _are_entries(part: Field) -> bool:
    """Whether `include` or `exclude` is a list of mappings, or left out."""
    if part.absent:
        return True
    return isinstance(part.value, list) and all(isinstance(entry, dict) for entry in part.value)


def _entries(part: Field) -> list[Combination]:
    return [dict(entry.items()) for entry in part.elements()]


def _comparable(row: list[Field], name: str, asked: list[Combination]) -> bool:
    """Whether it can be told which values of a row the entries mean."""
    wanted = [entry[name] for entry in asked if name in entry]
    return not wanted or not any(_holds_template(one.value) for one in (*row, *wanted))


def _holds_template(value: Any) -> bool:
    stack, seen = [value], 0
    while stack and seen < 1000:
        here, seen = stack.pop(), seen + 1
        if isinstance(here, str):
            if has_template(here):
                return True
        elif isinstance(here, dict | list):
            stack += list(here.values()) if isinstance(here, dict) else here
    return bool(stack)


def _agrees(one: Combination, entry: Combination) -> bool:
    """Whether a combination has all that an entry of `exclude` names."""
    return bool(entry) and all(name in one and _same(one[name].value, field.value) for name, field in entry.items())


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one to GitHub: strings in any case, and no boolean is a number."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _extended(found: list[Combination], included: list[Combination], rows: set[str]) -> Iterator[Combination]:
    extended = [dict(one) for one in found]
    more: list[Combination] = []
    for entry in included:
        fitting = [
            index
            for index, one in enumerate(found)
            if all(_same(one[name].value, field.value) for name, field in entry.items() if name in rows)
        ]
        for index in fitting:
            extended[index] |= {name: field for name, field in entry.items() if name not in rows}
        if not fitting:
            more.append(entry)
    yield from extended
    yield from more
