"""GitHub workflows: their jobs, and the runners that a job asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import basename
from typing import NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.runs_on import RunsOn, read_runs_on

_WORKFLOW_FILE = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")
_NEVER = re.compile(r"(?:\$\{\{\s*)?false(?:\s*\}\})?")


class WorkflowJob(NamedTuple):
    """One job: its id, the whole job, and its parts.  A call of a reusable workflow (`uses`) has no `runs_on`."""

    id: str
    field: Field
    runs_on: Field
    uses: Field
    steps: list[Field]

    @property
    def runs(self) -> bool:
        """False for a job that is switched off (`if: false`) or that another workflow does (`uses`)."""
        condition = self.field.get("if").value
        off = condition is False or (isinstance(condition, str) and _NEVER.fullmatch(condition.strip()) is not None)
        return not off and not self.uses.exists

    def runner(self) -> RunsOn:
        """What `runs-on` asks for, as far as the file tells; `${{ matrix.x }}` is read from a written-out matrix."""
        return read_runs_on(self.runs_on, self.field.get("strategy", "matrix"))


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

    @cached_property
    def jobs(self) -> list[WorkflowJob]:
        """The jobs in the order of the file."""
        return list(_jobs(self.root.get("jobs")))


def read_workflow(document: Document) -> Workflow | None:
    """The workflow in a document; None if GitHub reads none there (`x.yaml.disabled`, a subfolder)."""
    if document.index or _WORKFLOW_FILE.search(document.file) is None:
        return None
    return Workflow(document)


def _jobs(jobs: Field) -> Iterator[WorkflowJob]:
    for name, job in jobs.items():
        if isinstance(job.value, dict):
            yield WorkflowJob(name, job, job.get("runs-on"), job.get("uses"), list(job.get("steps").elements()))
