"""What `helmfile sync` and `helmfile apply` install: a `helm upgrade --install` for each release of the file.

Follows helmfile's `pkg/state/state.go` (flagsForUpgrade) and its table of `helmDefaults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import NamedTuple

from kubelint.cluster.helm import Helm, Wait
from kubelint.manifests.deployers.charted import of_chart
from kubelint.manifests.deployers.model import Deployed
from kubelint.manifests.deployers.surroundings import Surroundings
from kubelint.manifests.field import Field
from kubelint.manifests.project import Project
from kubelint.manifests.releases.charts import local_chart
from kubelint.manifests.releases.release import Release
from kubelint.manifests.shell.commands import Command

_ACTIONS = frozenset({"sync", "apply"})


class HelmfileRun(NamedTuple):
    """One release that helmfile installs; the fields are those of `Deploying`."""

    model: Helm
    namespace: str | None
    deployed: Deployed
    unknown: str


def helmfile_runs(project: Project, around: Surroundings, command: Command) -> Iterator[HelmfileRun]:
    """The releases that a command installs; none where it is not known which (`--selector`, a template)."""
    if not any(word.text in _ACTIONS for word in command.operands) or command.option("-l", "--selector"):
        return
    if around.script.container is not None or command.remote:
        return
    files = _files(project, command)
    for release in project.releases if files else ():
        if release.wrapper == "helmfile" and release.file in files and _is_sure(release.root):
            yield _run(project, around, command, release)


def _files(project: Project, command: Command) -> set[str]:
    named = command.option("-f", "--file")
    if named:
        path = command.path(named[-1])
        return {path} if path in project.files else {file for file in project.files if path and dirname(file) == path}
    folder = command.directory
    if folder is None:
        return set()
    base = f"{folder}/" if folder else ""
    own = {f"{base}helmfile.yaml", f"{base}helmfile.yml"} & project.files.keys()
    return own or {file for file in project.files if dirname(file) == f"{base}helmfile.d"}


def _is_sure(entry: Field) -> bool:
    """Whether the release is surely installed: nothing switches it off, here or by values."""
    return entry.get("condition").absent and entry.get("installed").value in (None, True)


def _run(project: Project, around: Surroundings, command: Command, release: Release) -> HelmfileRun:
    settings = _Settings(project, command, release)
    folder = release.chart.folder
    chart = local_chart(project, release.document.repository, folder) if folder is not None else None
    model = Helm(
        action="upgrade",
        install=True,
        version=around.version,
        wait=Wait.DEFAULT if settings.on("wait") else Wait.NONE,
        wait_for_jobs=settings.on("waitForJobs"),
        atomic=settings.on("atomic"),
        cleanup_on_fail=settings.on("cleanupOnFail"),
        create_namespace=settings.on("createNamespace", default=True),
        force=settings.on("force"),
        driver=around.driver(command),
    )
    deployed = of_chart(project, chart, release.file) if chart is not None else Deployed()
    return HelmfileRun(model, settings.namespace(), deployed, settings.elsewhere())


class _Settings:
    """What a release says, or else `helmDefaults`."""

    def __init__(self, project: Project, command: Command, release: Release) -> None:
        self._command = command
        self._release = release
        self._roots = [document.root for document in project.files[release.file]]

    def on(self, key: str, default: bool = False) -> bool:
        """Whether something is surely switched on."""
        if key == "wait" and self._command.flag("--wait") is not None:
            return True
        places = [self._release.root.get(key), *(root.get("helmDefaults", key) for root in reversed(self._roots))]
        given = next((field for field in places if not field.absent), None)
        return default if given is None else given.boolean is True

    def namespace(self) -> str | None:
        """As in `Deploying`."""
        named = self._command.option("-n", "--namespace")
        if named:
            return named[-1].text or ""
        fields = [self._release.root.get("namespace"), *(root.get("namespace") for root in self._roots)]
        return self._release.namespace or ("" if any(not field.absent for field in fields) else None)

    def elsewhere(self) -> str:
        """Why helmfile does not act as the account of the pod."""
        places = [self._release.root, *self._roots, *(root.get("helmDefaults") for root in self._roots)]
        told = any(not place.get("kubeContext").absent for place in places)
        return "the helmfile names a context" if told else ""
