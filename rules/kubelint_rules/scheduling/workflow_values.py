"""What expressions in workflows become, as far as a build's names and platforms need it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubelint.cluster.architectures import meant_architecture
from kubelint.cluster.images import full_name
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, WorkflowJob
from kubelint.manifests.github.steps import WorkflowStep

UNKNOWN, OWNER = "\0", "\1"
"""What stands for an expression that is unknown, and for the owner of the repository."""

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_VARIABLE = re.compile(r"(env|matrix)((?:\.[A-Za-z_][\w-]*)+)")


class Filled:
    """The values of one step in one run of its job. `row` is what its matrix holds, None where that is unknown."""

    def __init__(self, job: WorkflowJob, step: WorkflowStep | None, row: Mapping[str, Field] | None) -> None:
        self._env = [field.get("env") for field in (step.field if step else job.field, job.field, job.workflow.root)]
        self._row = row or {}

    def text(self, field: Field) -> str | None:
        """A string with its expressions filled in, the items of a list one a line; None where there is none."""
        if isinstance(field.value, list):
            return "\n".join(self.fill(str(item)) for item in field.value)
        return self.fill(str(field.value)) if isinstance(field.value, str | int | float) else None

    def fill(self, text: str) -> str:
        """Text with its expressions filled in."""
        return _EXPRESSION.sub(lambda match: self._value(match[1]), text)

    def _value(self, expression: str) -> str:
        if expression == "github.repository_owner":
            return OWNER
        if expression == "github.repository":
            return f"{OWNER}/{UNKNOWN}"
        match = _VARIABLE.fullmatch(expression)
        if match is None:
            return UNKNOWN
        first, *rest = match[2].strip(".").split(".")
        held = self._row.get(first) if match[1] == "matrix" else self._variable(first)
        value = held.get(*rest).value if held is not None else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return UNKNOWN
        return UNKNOWN if has_template(str(value)) else str(value)

    def _variable(self, name: str) -> Field | None:
        return next((found for env in self._env if (found := env.get(name)).exists), None)


def architectures(platforms: str | None) -> frozenset[str] | None:
    """The architectures of OCI platforms, separated by commas or lines; None where one of them is unknown."""
    names = [part.strip() for part in re.split(r"[,\n]", platforms or "") if part.strip()]
    found = [_of_platform(name) for name in names]
    known = frozenset(name for name in found if name)
    return known if known and None not in found else None


def _of_platform(name: str) -> str | None:
    """`linux/amd64/v3` is `amd64`: a variant is a version of the processor."""
    system, _, rest = name.partition("/")
    if system != "linux":
        return None if rest else meant_architecture(name)
    return meant_architecture(rest) or meant_architecture(rest.partition("/")[0])


def rows_of(job: WorkflowJob) -> list[Mapping[str, Field] | None]:
    """What the matrix of a job holds in each of its runs; one None where that is unknown."""
    rows: list[Mapping[str, Field] | None] = [*(job.matrix() or ())]
    return rows or [None]


def filled(tag: str) -> re.Pattern[str] | None:
    """What matches the repositories that a tag may be pushed to; None where its host or its own name is unknown."""
    folder, slash, last = full_name(tag.lower()).partition("@")[0].rpartition("/")
    name = last.partition(":")[0]
    host = folder.partition("/")[0]
    if not name or any(mark in f"{host}{name}" for mark in (UNKNOWN, OWNER)) or has_template(tag):
        return None
    pattern = re.escape(f"{folder}{slash}{name}")
    return re.compile(re.sub(f"[{UNKNOWN}{OWNER}]", "[^/]+", pattern))
