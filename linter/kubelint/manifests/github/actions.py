"""Actions that are part of the tree: `action.yml` files, and the steps of composite ones."""

from __future__ import annotations

from functools import cached_property
from posixpath import basename, dirname

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.github.steps import WorkflowStep


class Action:
    """One `action.yml`, as `uses: ./folder` finds it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = document.file
        self.root = document.root

    def __repr__(self) -> str:
        return f"<Action {self.file}>"

    @property
    def folder(self) -> str:
        """The action's folder within its repository, "" for the root."""
        repository = self.document.repository
        return dirname(self.file.removeprefix(f"{repository}/") if repository else self.file)

    @property
    def name(self) -> str:
        """The action's name, or that of its folder."""
        return self.root.get("name").text or basename(self.folder)

    @property
    def inputs(self) -> Field:
        """The inputs that it declares."""
        return self.root.get("inputs")

    @property
    def using(self) -> str | None:
        """What runs it: `composite`, `docker`, `node24`."""
        return self.root.get("runs", "using").text

    @cached_property
    def steps(self) -> list[WorkflowStep]:
        """The steps of a composite action."""
        steps = self.root.get("runs", "steps")
        return [WorkflowStep(step, action=self) for step in steps.elements() if isinstance(step.value, dict)]


def read_action(document: Document) -> Action | None:
    """The action in a document; None if it is none."""
    if document.index or basename(document.file) not in ("action.yml", "action.yaml"):
        return None
    return Action(document) if document.root.get("runs", "using").exists else None
