"""Credentials in GitHub workflows and actions: in variables and inputs, and in what scripts run."""

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Location, Severity
from kubelint.manifests import Field, Project, Workflow
from kubelint.manifests.shell.passages import Place

from .command_secrets import may_hold_secret, secrets_in
from .keyed import credential_under
from .plain_words import FIRST, severity_of

_REMEDY = (
    f"{FIRST}; then make it a secret of the repository, refer to it by `${{{{ secrets.NAME }}}}`, and purge it from "
    "history with `git filter-repo`"
)


class WorkflowSecret(NamedTuple):
    """A credential in clear: what to say of it, where it stands, how bad that is, what to do."""

    message: str
    at: Field | Place
    severity: Severity | None
    help: str


def workflow_variables(project: Project) -> Iterator[WorkflowSecret]:
    """The variables, inputs and logins of workflows and actions that are given a credential.

    Those of `services` are left out: they stand for programs that live as long as the job and that nobody else
    reaches.
    """
    for workflow in project.workflows:
        for field in _variables_of(workflow):
            yield from _named(field)
    for action in project.actions:
        for step in action.steps:
            for field in (step.env, step.inputs):
                yield from _named(field)


def _variables_of(workflow: Workflow) -> Iterator[Field]:
    yield workflow.env
    for job in workflow.jobs:
        yield from (job.env, job.inputs, job.container.get("env"), job.container.get("credentials"))
        yield from (service.get("credentials") for _, service in job.services)
        for step in job.steps:
            yield from (step.env, step.inputs)


def _named(variables: Field) -> Iterator[WorkflowSecret]:
    for name, field in variables.items():
        found = credential_under(name, field.text) if field.text else None
        if found is not None:
            message = (
                f"`{name}` is given a credential in clear ({found.kind}, {found.length} characters); "
                "whoever reads the repository can use it"
            )
            severity = severity_of(field.document.file, proven=found.proven)
            yield WorkflowSecret(message, field, severity, _REMEDY)


def workflow_commands(project: Project) -> Iterator[WorkflowSecret]:
    """The credentials in what the scripts of workflows and actions run, each place once."""
    places: set[Location] = set()
    for script in project.scripts:
        if script.kind not in ("workflow", "action") or not may_hold_secret(script.text):
            continue
        for command in script.commands:
            for found in secrets_in(command):
                if Location.of(found.at) not in places:
                    places.add(Location.of(found.at))
                    message = (
                        f"`{found.name}` in a script is a credential in clear ({found.kind}, {found.length} "
                        "characters); whoever reads the repository can use it"
                    )
                    severity = severity_of(script.file, proven=found.proven)
                    yield WorkflowSecret(message, found.at, severity, _REMEDY)
