"""Steps of GitHub workflows and composite actions, and what they use."""

from __future__ import annotations

from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, Literal, NamedTuple

from kubelint.manifests.field import Field
from kubelint.regexes import regex
from kubelint.sources import Step

if TYPE_CHECKING:
    from kubelint.manifests.github.actions import Action
    from kubelint.manifests.github.workflows import WorkflowJob

_REPOSITORY = regex(r"([\w.-]+)/([\w.-]+)(?:/([^@\s]+))?@(\S+)")
_COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NEVER = regex(r"(?:\$\{\{\s*)?false(?:\s*\}\})?")


class Use(NamedTuple):
    """What `uses` names: an action or a workflow of a `repository`, one in the tree (`local`), or a `docker` image.

    `path` is the folder or file within the repository; `ref` the tag, branch or commit; `image` the image's reference.
    """

    kind: Literal["repository", "local", "docker"]
    text: str
    owner: str = ""
    repository: str = ""
    path: str = ""
    ref: str = ""
    image: str = ""

    @property
    def name(self) -> str:
        """`owner/repository/path`, in lower case, as GitHub compares it; "" for what is in no other repository."""
        return "/".join(filter(None, (self.owner, self.repository, self.path))).lower()[: 1024 * bool(self.owner)]

    @property
    def pinned(self) -> bool:
        """Whether it is fixed to a commit or a digest."""
        return _COMMIT.fullmatch(self.ref) is not None or "@sha256:" in self.image


def read_use(field: Field) -> Use | None:
    """What a `uses` names; None where that is unknown or nothing."""
    text = field.text
    if not text:
        return None
    if text.startswith("docker://"):
        return Use("docker", text, image=text.removeprefix("docker://"))
    if text.startswith(("./", "../", ".github/")) or text == ".":
        path = normpath(text)
        return Use("local", text, path="" if path == "." else path)
    match = _REPOSITORY.fullmatch(text)
    if match is None:
        return None
    return Use("repository", text, match[1], match[2], match[3] or "", match[4])


def switched_off(field: Field) -> bool:
    """Whether the `if` of a job or step is literally false."""
    condition = field.get("if").value
    return condition is False or (isinstance(condition, str) and _NEVER.fullmatch(condition.strip()) is not None)


class Unit:
    """What jobs and steps have in common: where they are written, what they call, and when."""

    field: Field

    def get(self, *steps: Step) -> Field:
        """The field that `steps` lead to from here."""
        return self.field.get(*steps)

    @property
    def uses(self) -> Field:
        """The action, or the reusable workflow, as written."""
        return self.field.get("uses")

    @cached_property
    def use(self) -> Use | None:
        """The action or reusable workflow; None where there is none, and where it is unknown."""
        return read_use(self.uses)

    @property
    def inputs(self) -> Field:
        """What it is given (`with`)."""
        return self.field.get("with")

    @property
    def env(self) -> Field:
        """The variables that are set here."""
        return self.field.get("env")

    @property
    def condition(self) -> Field:
        """When it runs (`if`)."""
        return self.field.get("if")

    @property
    def continue_on_error(self) -> Field:
        """Whether what holds it goes on where it fails."""
        return self.field.get("continue-on-error")

    @property
    def timeout_minutes(self) -> Field:
        """How long it may take."""
        return self.field.get("timeout-minutes")


class WorkflowStep(Unit):
    """One step of a job or of a composite action."""

    def __init__(self, field: Field, job: WorkflowJob | None = None, action: Action | None = None) -> None:
        self.field = field
        self.job = job
        """The job; None for a step of an action."""
        self.action = action
        """The composite action that the step belongs to; None for a step of a job."""

    def __repr__(self) -> str:
        return f"<WorkflowStep {self.field.display}>"

    @property
    def index(self) -> int:
        """Which step it is, from 0."""
        last = self.field.path[-1]
        return last if isinstance(last, int) else 0

    @property
    def id(self) -> str | None:
        """The id that expressions know it by."""
        return self.field.get("id").text

    @property
    def name(self) -> str:
        """The step's name, or what it uses, or the first line that it runs, as GitHub shows it."""
        first = self.field.get("name").text or self.field.get("uses").text or self.run.text or ""
        return first.strip().partition("\n")[0]

    @property
    def run(self) -> Field:
        """The script."""
        return self.field.get("run")

    @property
    def runs(self) -> bool:
        """False for a step that is switched off (`if: false`)."""
        return not switched_off(self.field)

    @property
    def shell(self) -> Field:
        """What reads the script: written at the step, the job or the workflow; not existing for the runner's own."""
        return self._default("shell")

    @property
    def working_directory(self) -> Field:
        """Where the script starts: written at the step, the job or the workflow; not existing for the workspace."""
        return self._default("working-directory")

    def _default(self, name: str) -> Field:
        own = self.field.get(name)
        if own.exists or self.job is None:
            return own
        of_job = self.job.field.get("defaults", "run", name)
        return of_job if of_job.exists or of_job.unknown else self.job.workflow.root.get("defaults", "run", name)
