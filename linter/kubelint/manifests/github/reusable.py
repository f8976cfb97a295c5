"""Reusable workflows of the tree: who calls them, what they are given, and which runners their jobs ask for then.

Follows GitHub's documentation "Reuse workflows" and "Workflow syntax": a call gives what stands under `with`, the
defaults of `on.workflow_call.inputs` fill the rest. A run started by hand gets the defaults of
`on.workflow_dispatch.inputs`, and any option of a choice. Every other event leaves inputs empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from kubelint.manifests.field import Field
from kubelint.manifests.github.expressions import Inputs, Known, Told, resolve
from kubelint.manifests.github.matrix import combinations
from kubelint.manifests.github.runs_on import LabelSet, RunsOn, read_runs_on
from kubelint.manifests.github.steps import switched_off
from kubelint.manifests.github.workflows import Workflow, WorkflowJob

_CALL, _BY_HAND = "workflow_call", "workflow_dispatch"
MOST = 256
"""So many different runs of one workflow are followed."""
DEEPEST = 10
"""GitHub takes no more levels of workflows that call each other."""


class ReusableWorkflows:
    """The calls among some workflows.  A workflow that is made to be called and that none of them calls gets inputs
    that nothing here tells.
    """

    def __init__(self, workflows: Iterable[Workflow]) -> None:
        self._callers: dict[tuple[str, str], list[WorkflowJob]] = {}
        self._known: dict[str, list[Inputs | None]] = {}
        self._depth = 0
        for workflow in workflows:
            for job in workflow.jobs:
                if job.use is not None and job.use.kind == "local" and not switched_off(job.field):
                    key = (workflow.document.repository, job.use.path)
                    self._callers.setdefault(key, []).append(job)

    def callers(self, workflow: Workflow) -> list[WorkflowJob]:
        """The jobs that call a workflow, as far as it lets itself be called."""
        if _CALL not in workflow.triggers:
            return []
        return self._callers.get((workflow.document.repository, workflow.path), [])

    def inputs(self, workflow: Workflow) -> list[Inputs | None]:
        """What the workflow may be given in its runs, each different one once; None where that is unknown."""
        key = workflow.file
        if key not in self._known and self._depth < DEEPEST:
            self._known[key] = []  # a workflow that calls itself, by whatever way, never runs
            self._depth += 1
            self._known[key] = list(islice(_different(self._inputs(workflow)), MOST)) or [None]
            self._depth -= 1
        return self._known.get(key, [None])

    def runners(self, job: WorkflowJob) -> list[RunsOn]:
        """What the job asks for, run by run where they differ; as `job.runner()` where no input bears on it."""
        strategy = job.field.get("strategy")
        if "inputs" not in f"{job.runs_on.value} {strategy.value}".lower():
            return [job.runner()]
        found = []
        seen: set[tuple[object, ...]] = set()
        for inputs in self.inputs(job.workflow):
            asked = read_runs_on(job.runs_on, combinations(strategy.get("matrix"), inputs), inputs)
            new = tuple(one for one in asked.alternatives if (asked.group, *_identity(one)) not in seen)
            seen |= {(asked.group, *_identity(one)) for one in new}
            if new or not asked.alternatives:
                found.append(asked._replace(alternatives=new))
        return found

    def _inputs(self, workflow: Workflow) -> Iterator[Inputs | None]:
        for job in self.callers(workflow):
            yield from self._given(job, workflow)
        if _BY_HAND in workflow.triggers:
            yield from _by_hand(workflow)
        if workflow.triggers.keys() - {_CALL, _BY_HAND}:
            yield {name: _empty(field) for name, field in _declared(workflow)}

    def _given(self, job: WorkflowJob, workflow: Workflow) -> Iterator[Inputs | None]:
        """What a job hands to the workflow that it calls, in each of its own runs."""
        if job.inputs.unknown:
            yield None
            return
        declared = list(workflow.call_inputs.items())
        for inputs in self.inputs(job.workflow):
            rows = combinations(job.field.get("strategy", "matrix"), inputs)
            for row in rows if rows is not None else [None]:
                known = Known(row, inputs)
                yield {name: _of_call(job.inputs, name, field, known) for name, field in declared}


def _of_call(given: Field, name: str, declared: Field, known: Known) -> Field | None:
    field = given.get(name)
    if not field.exists:
        field = next((field for key, field in given.items() if key.lower() == name.lower()), field)
    return resolve(field, known) if field.exists else _default(declared)


def _default(declared: Field) -> Field | None:
    default = declared.get("default")
    return resolve(default, Known()) if default.exists else _empty(declared)


def _empty(declared: Field) -> Field:
    return Told(declared.document, declared.path, "")


def _by_hand(workflow: Workflow) -> Iterator[Inputs]:
    """The defaults, and each option of each choice beside the defaults of the others."""
    declared = dict(workflow.triggers[_BY_HAND].get("inputs").items())
    usual = {name: _usual(field) for name, field in declared.items()}
    yield usual
    for name, field in declared.items():
        for option in field.get("options").elements():
            yield {**usual, name: option}


def _usual(declared: Field) -> Field | None:
    """What stands in the form when somebody opens it; None where it must be filled in."""
    default, options = declared.get("default"), list(declared.get("options").elements())
    if default.exists:
        return next((option for option in options if option.value == default.value), default)
    if options:
        return options[0]
    return None if declared.get("required").boolean else _empty(declared)


def _declared(workflow: Workflow) -> Iterator[tuple[str, Field]]:
    for event in (_CALL, _BY_HAND):
        yield from workflow.on.get(event, "inputs").items()


def _different(found: Iterable[Inputs | None]) -> Iterator[Inputs | None]:
    seen: set[object] = set()
    for inputs in found:
        key = inputs if inputs is None else tuple((name, _place(field)) for name, field in inputs.items())
        if key not in seen:
            seen.add(key)
            yield inputs


def _place(field: Field | None) -> object:
    return None if field is None else (field.document.file, field.path, str(field.value))


def _identity(labels: LabelSet) -> tuple[object, ...]:
    """The labels, and where they are written: two calls that ask for the same are two requests."""
    return (*labels.texts, *((label.field.document.file, label.field.path) for label in labels.labels))
