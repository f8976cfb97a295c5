"""The scripts of workflows and composite actions: their shell, their directory, and what they start with."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, normpath

from kubelint.manifests.field import Field
from kubelint.manifests.github.actions import Action
from kubelint.manifests.github.steps import WorkflowStep
from kubelint.manifests.github.workflows import Workflow, WorkflowJob
from kubelint.manifests.shell.passages import passage_of_field
from kubelint.manifests.shell.scripts import Script

_OUTSIDE = "\0"


def workflow_scripts(workflow: Workflow) -> Iterator[Script]:
    """The scripts of a workflow's steps."""
    for job in workflow.jobs:
        steps = [step for step in job.steps if isinstance(step.run.value, str)]
        checkouts = _checkouts(job) if steps else {}
        changed = " ".join(step.run.value for step in steps if "GITHUB_ENV" in step.run.value)
        for step in steps:
            env = {name: value for name, value in _literal(workflow.env, job.env).items() if name not in changed}
            for name, field in step.env.items():
                env.pop(name, None)
                env |= {name: value} if (value := _text(field)) is not None else {}
            yield Script(
                "workflow",
                workflow.file,
                passage_of_field(step.run),
                field=step.run,
                shell=_shell(step),
                working_directory=_directory(step, checkouts),
                env=env,
                step=step,
                repository=workflow.document.repository,
            )


def action_scripts(action: Action) -> Iterator[Script]:
    """The scripts of a composite action's steps."""
    for step in action.steps:
        if isinstance(step.run.value, str):
            yield Script(
                "action",
                action.file,
                passage_of_field(step.run),
                field=step.run,
                shell=_named_shell(step.shell),
                working_directory=_directory(step, {}),
                env=_literal(step.env),
                step=step,
                repository=action.document.repository,
            )


def _literal(*levels: Field) -> dict[str, str]:
    """The variables with a literal value; the last level wins, and takes away what it makes unknown."""
    found: dict[str, str] = {}
    for level in levels:
        for name, field in level.items():
            text = _text(field)
            if text is None:
                found.pop(name, None)
            else:
                found[name] = text
    return found


def _text(field: Field) -> str | None:
    """What a variable's value is as text; numbers are left as they are written only where that is plain."""
    if isinstance(field.value, int) and not isinstance(field.value, bool):
        return str(field.value)
    return field.text


def _shell(step: WorkflowStep) -> str | None:
    if step.shell.exists or step.shell.unknown or step.job is None:
        return _named_shell(step.shell)
    asked = [[text.lower() for text in labels.texts] for labels in step.job.runner().alternatives]
    windows = [any(text.startswith("windows") for text in texts) for texts in asked]
    if windows and all(windows):
        return "pwsh"
    return None if any(windows) else "bash"


def _named_shell(shell: Field) -> str | None:
    """The program of `shell: bash -e {0}`."""
    words = (shell.text or "").split()
    return basename(words[0]).removesuffix(".exe") if words else None


def _checkouts(job: WorkflowJob) -> dict[str, bool]:
    """Where the job checks repositories out, by path in the workspace, and whether it is this repository."""
    found: dict[str, bool] = {}
    for step in job.steps:
        if step.use is not None and step.use.name == "actions/checkout":
            path = step.inputs.get("path")
            text = "" if path.absent else path.text
            own = step.inputs.get("repository").absent
            found[_OUTSIDE if text is None else _plain(text)] = own
    return found


def _directory(step: WorkflowStep, checkouts: dict[str, bool]) -> str | None:
    """The directory of a step's script, relative to the root of the files."""
    field = step.working_directory
    if field.unknown or _OUTSIDE in checkouts or (field.exists and field.text is None):
        return None
    written = _plain(field.text or "")
    if written.startswith(("/", "..", "~")):
        return None
    holding = [path for path in checkouts if not path or written == path or written.startswith(f"{path}/")]
    folder = max(holding, key=len, default="")
    if checkouts and not checkouts.get(folder, False):
        return None
    inner = written[len(folder) :].strip("/")
    repository = field.document.repository
    return "/".join(filter(None, (repository, inner)))


def _plain(path: str) -> str:
    plain = normpath(path) if path else ""
    return "" if plain == "." else plain
