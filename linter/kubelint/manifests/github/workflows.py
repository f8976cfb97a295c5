"""GitHub workflows: when they run, their jobs, the runners that a job asks for, and its steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from posixpath import basename
from typing import TYPE_CHECKING

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.github.steps import Unit, WorkflowStep, switched_off
from kubelint.regexes import regex

if TYPE_CHECKING:
    from kubelint.manifests.github.matrix import Combination
    from kubelint.manifests.github.runs_on import RunsOn

_WORKFLOW_FILE = regex(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")


class WorkflowJob(Unit):
    """One job.  A call of a reusable workflow (`uses`) has no `runs_on`."""

    def __init__(self, workflow: Workflow, id: str, field: Field) -> None:
        self.workflow = workflow
        self.id = id
        self.field = field

    def __repr__(self) -> str:
        return f"<WorkflowJob {self.id} in {self.workflow.file}>"

    @property
    def name(self) -> str:
        """The job's name as GitHub shows it, expressions not filled in."""
        return self.field.get("name").text or self.id

    @property
    def runs_on(self) -> Field:
        """The runners that it asks for, as written."""
        return self.field.get("runs-on")

    @property
    def needs(self) -> list[str]:
        """The ids of the jobs that it waits for."""
        return self.field.get("needs").strings()

    @property
    def permissions(self) -> Field:
        """What its token may do: written at the job, else at the workflow."""
        own = self.field.get("permissions")
        return own if own.exists else self.workflow.permissions

    @property
    def concurrency(self) -> Field:
        """The group in which one job runs at a time."""
        return self.field.get("concurrency")

    @property
    def environment(self) -> Field:
        """The deployment environment: its name, or a mapping."""
        return self.field.get("environment")

    @property
    def container(self) -> Field:
        """The container that steps run in: an image, or a mapping with `image`."""
        return self.field.get("container")

    @property
    def services(self) -> list[tuple[str, Field]]:
        """The containers beside it by name."""
        return list(self.field.get("services").items())

    @cached_property
    def steps(self) -> list[WorkflowStep]:
        """The steps in their order."""
        return [WorkflowStep(step, self) for step in self.field.get("steps").elements()]

    @property
    def runs(self) -> bool:
        """False for a job that is switched off (`if: false`) or that another workflow does (`uses`)."""
        return not switched_off(self.field) and not self.uses.exists

    @cached_property
    def _rows(self) -> list[Combination] | None:
        from kubelint.manifests.github.matrix import combinations

        return combinations(self.field.get("strategy", "matrix"))

    def matrix(self) -> list[Combination] | None:
        """What `matrix.name` is in each run: one empty combination without a matrix, None where it is unknown."""
        return self._rows

    def runner(self) -> RunsOn:
        """What `runs-on` asks for, as far as the file tells; `${{ matrix.x }}` is read from a written-out matrix.

        Of a workflow that others call, `reusable.ReusableWorkflows` tells what each call makes of it.
        """
        from kubelint.manifests.github.runs_on import read_runs_on

        return read_runs_on(self.runs_on, self._rows)


class Workflow:
    """One file of `.github/workflows`.  Whatever it holds, reading it never raises; what is no job is left out."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = document.file
        self.root = document.root

    def __repr__(self) -> str:
        return f"<Workflow {self.name} in {self.file}>"

    @property
    def name(self) -> str:
        """The workflow's name, or that of its file, as GitHub shows it."""
        return self.root.get("name").text or basename(self.file)

    @property
    def on(self) -> Field:
        """When it runs, as written: a name, names, or a mapping."""
        return self.root.get("on")

    @cached_property
    def triggers(self) -> dict[str, Field]:
        """The events that start it, each with its settings (not existing where it has none)."""
        if isinstance(self.on.value, dict):
            return dict(self.on.items())
        return {name: self.on.get(name) for name in self.on.strings()}

    @property
    def call_inputs(self) -> Field:
        """The inputs that a caller may give (`workflow_call`)."""
        return self.on.get("workflow_call", "inputs")

    @property
    def env(self) -> Field:
        """The variables of all steps."""
        return self.root.get("env")

    @property
    def permissions(self) -> Field:
        """What the token may do."""
        return self.root.get("permissions")

    @property
    def concurrency(self) -> Field:
        """The group in which one run goes at a time."""
        return self.root.get("concurrency")

    @cached_property
    def jobs(self) -> list[WorkflowJob]:
        """The jobs in the order of the file."""
        return list(self._jobs())

    @property
    def path(self) -> str:
        """The file within its repository, as `uses: ./…` names it."""
        repository = self.document.repository
        return self.file.removeprefix(f"{repository}/") if repository else self.file

    def _jobs(self) -> Iterator[WorkflowJob]:
        for name, job in self.root.get("jobs").items():
            if isinstance(job.value, dict):
                yield WorkflowJob(self, name, job)


def read_workflow(document: Document) -> Workflow | None:
    """The workflow in a document; None if GitHub reads none there (`x.yaml.disabled`, a subfolder)."""
    if document.index or _WORKFLOW_FILE.search(document.file) is None:
        return None
    return Workflow(document)
