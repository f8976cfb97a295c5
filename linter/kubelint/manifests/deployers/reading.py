"""Everything in a tree that deploys, and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from kubelint.manifests.access import Identity
from kubelint.manifests.deployers.argo import argo_runs
from kubelint.manifests.deployers.commands import Deploying
from kubelint.manifests.deployers.credentials import of_command
from kubelint.manifests.deployers.gitops import flux_runs
from kubelint.manifests.deployers.jobs import job_deployments
from kubelint.manifests.deployers.model import DeployerRun, Who
from kubelint.manifests.deployers.pods import pod_deployments
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.project import Project
from kubelint.manifests.shell.scripts import Script


@once_per_project
def deployers(project: Project) -> list[DeployerRun]:
    """Everything that deploys: as the configuration says, then Flux, Argo CD, pods and workflows, in their order.

    Where the configuration names exactly one deployer, it is the identity of every command whose own is not known.
    Found out once for a project.
    """
    return list(_read(project))


def _read(project: Project) -> Iterator[DeployerRun]:
    declared = [identity for text in project.settings.deployers if (identity := _declared(text)) is not None]
    for identity in declared:
        yield DeployerRun("configuration", Who(identity, declared=True), None)
    yield from flux_runs(project)
    yield from argo_runs(project)
    only = declared[0] if len(declared) == 1 else None
    for run in _command_runs(project):
        if run.who.identity is None and only is not None:
            yield replace(run, who=Who(only, declared=True))
        else:
            yield run


def _declared(text: str) -> Identity | None:
    kind, _, rest = text.partition("/")
    if kind != "ServiceAccount":  # names of people may hold slashes
        return Identity(kind, rest) if kind and rest else None
    namespace, _, name = rest.rpartition("/")
    return Identity(kind, name, namespace) if namespace and name else None


def _command_runs(project: Project) -> Iterator[DeployerRun]:
    for script, found, who in pod_deployments(project):
        assert script.container is not None
        yield _run("container", script, found, who, script.container.pod.obj.scope)
    for script, found, who, scope in job_deployments(project):
        yield _run("workflow", script, found, who, scope)


def _run(
    source: Literal["container", "workflow"], script: Script, found: Deploying, who: Who, scope: str
) -> DeployerRun:
    reason = of_command(found.command) or found.unknown
    if reason:
        who = Who(None, reason)
    own = who.identity.namespace if who.identity is not None else ""
    namespace = own if found.namespace is None else found.namespace
    return DeployerRun(source, who, found.command.at, found.model, namespace, found.deployed, scope, script.repository)
