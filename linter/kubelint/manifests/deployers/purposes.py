"""What each request of a deployment is for."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from kubelint.cluster.helm import (
    Command,
    FluxKustomization,
    FluxRelease,
    Helm,
    Kubectl,
    Need,
    ResourceOf,
    Wait,
    builtin_resource,
    needs,
)
from kubelint.cluster.rbac import Request
from kubelint.manifests.deployers.model import DeployerRun
from kubelint.manifests.project import Project


class Purpose(Enum):
    """What a request is for. One that is made for several purposes counts for the first of them."""

    APPLY = "to deploy the objects"
    STORE = "to keep the release"
    HOOKS = "to run the hooks of a chart"
    WAIT = "to wait for the objects"
    FOLLOW = "to watch a rollout"


class Purposes:
    """Tells what a request is for by what the command would ask for without that purpose."""

    def __init__(self, project: Project, run: DeployerRun) -> None:
        self._project = project
        self._run = run
        self._resource_of = resources_of(project)
        self._parts = [(purpose, self._requests(command)) for purpose, command in _parts(run.command)]
        self._last = _last(run.command)

    def of(self, request: Request) -> Purpose:
        """What a request of the command is for."""
        return next((purpose for purpose, asked in self._parts if request in asked), self._last)

    def needs(self, command: Command) -> list[Need]:
        """What a command asks for to deploy what the run deploys."""
        deployed = self._run.deployed
        return needs(
            command, deployed.manifests, self._run.namespace, crds=deployed.crds, resource_of=self._resource_of
        )

    def _requests(self, command: Command) -> set[Request]:
        return {need.request for need in self.needs(command)}


def _parts(command: Command | None) -> list[tuple[Purpose, Command]]:
    """Commands that ask for ever more, and what each adds."""
    if isinstance(command, Helm):
        still = replace(command, wait=Wait.NONE, wait_for_jobs=False, atomic=False)
        plain = replace(still, hooks=False, driver="memory")
        stored = replace(plain, driver=command.driver)
        return [(Purpose.APPLY, plain), (Purpose.STORE, stored), (Purpose.HOOKS, still)]
    if isinstance(command, FluxRelease):
        quick = replace(command, wait=False)
        return [(Purpose.APPLY, replace(quick, hooks=False, test=False)), (Purpose.HOOKS, quick)]
    if isinstance(command, FluxKustomization):
        return [(Purpose.APPLY, replace(command, wait=False))]
    return []


def _last(command: Command | None) -> Purpose:
    """What the rest is for."""
    if isinstance(command, Kubectl):
        return Purpose.FOLLOW if command.action in ("rollout status", "wait") else Purpose.APPLY
    return Purpose.WAIT if isinstance(command, Helm | FluxRelease | FluxKustomization) else Purpose.APPLY


def resources_of(project: Project) -> ResourceOf:
    """The resources of kinds, those that definitions of the tree define among them."""
    defined: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for obj in project.objects("CustomResourceDefinition"):
        group, names = obj.field("spec", "group").text, obj.field("spec", "names")
        kind, plural = names.get("kind").text, names.get("plural").text
        if group and kind and plural:
            defined[group, kind] = group, plural, obj.field("spec", "scope").text != "Cluster"

    def resource_of(version: str, kind: str) -> tuple[str, str, bool] | None:
        return builtin_resource(version, kind) or defined.get((version.rpartition("/")[0], kind))

    return resource_of
