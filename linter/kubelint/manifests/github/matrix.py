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

Combination = dict[str, Field]
"""What `matrix.name` is in one run of a job, each where it is written."""

MOST = 256
"""GitHub starts no more jobs of one matrix."""


def combinations(matrix: Field) -> list[Combination] | None:
    """The combinations in GitHub's order; one empty one without a matrix; None where the file does not tell them all.

    Values may hold expressions: then they are unknown, and so is what `include` and `exclude` do to them.
    """
    if matrix.absent:
        return [{}]
    include, exclude = matrix.get("include"), matrix.get("exclude")
    rows = {name: list(row.elements()) for name, row in matrix.items() if name not in ("include", "exclude")}
    if not _written_out(matrix, include, exclude) or prod(map(len, rows.values())) > MOST:
        return None
    found = [dict(zip(rows, values, strict=True)) for values in product(*rows.values())] if rows else []
    excluded = list(exclude.elements())
    included = [dict(entry.items()) for entry in include.elements()]
    asked = [*map(dict, (entry.items() for entry in excluded)), *included]
    if not all(_comparable(row, name, asked) for name, row in rows.items()):
        return None
    found = [one for one in found if not any(_agrees(one, dict(entry.items())) for entry in excluded)]
    found = list(_extended(found, included, set(rows)))
    return found if len(found) <= MOST else None


def _written_out(matrix: Field, include: Field, exclude: Field) -> bool:
    if not isinstance(matrix.value, dict) or matrix.unknown:
        return False
    for name, row in matrix.items():
        if has_template(name) or (not isinstance(row.value, list) and not (row.absent and row in (include, exclude))):
            return False
    entries = [entry for part in (include, exclude) for entry in part.elements()]
    return all(isinstance(entry.value, dict) for entry in entries)


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
