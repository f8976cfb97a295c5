"""The images that a tree builds, and for which architectures.

Follows docker/build-push-action (`platforms`: without it, that of the builder), docker/metadata-action (`images`), the
options of `docker build`, `docker buildx build` and their kin, and the Dockerfile reference: a stage that names its
platform is of that platform whatever the build asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from typing import NamedTuple

from kubelint.cluster.architectures import image_architecture, meant_architecture
from kubelint.cluster.images import full_name
from kubelint.manifests import Field, Project, WorkflowJob, once_per_project
from kubelint.manifests.dockerfiles import Dockerfile
from kubelint.manifests.github.steps import WorkflowStep
from kubelint.manifests.hosts import At
from kubelint_rules.scheduling.build_commands import command_builds
from kubelint_rules.scheduling.builders import Builder, Builders
from kubelint_rules.scheduling.workflow_values import Filled, architectures, filled, rows_of

_ACTION = "docker/build-push-action"
_METADATA = "docker/metadata-action"
_OUTPUT = re.compile(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.(?:tags|json)\s*\}\}")


class Build(NamedTuple):
    """One build of an image. ``name`` matches the repositories it may be pushed to, registry included.

    ``architectures``: None where files do not tell.  ``at``: what says so.  ``file``: where the build is written.
    ``machine``: what tells the architecture of the machine that builds, if something beside the job does.
    """

    name: re.Pattern[str]
    architectures: frozenset[str] | None
    at: At
    file: str
    machine: Field | None = None

    @property
    def key(self) -> str:
        """The image's own name, as a pattern."""
        return self.name.pattern.rpartition("/")[2]


class Told(NamedTuple):
    """The architectures that an image is built for, what says so, and what tells those of the machine."""

    architectures: frozenset[str]
    at: At
    machine: Field | None


class Builds:
    """Every build of a tree."""

    def __init__(self, project: Project) -> None:
        self._dockerfiles = {dockerfile.file: dockerfile for dockerfile in project.dockerfiles}
        self._merged: set[str] = set()
        self._builders = Builders(project)
        self._of_repository: dict[str, list[Build]] = {}
        self.builds: list[Build] = []
        for workflow in project.workflows:
            for job in workflow.jobs:
                if job.runs:
                    self.builds += self._of_job(job)
        for found in command_builds(project, self._builders):
            if found.name is None:
                self._merged.add(found.file)
            else:
                certain, at = self._content(found.dockerfile, found.architectures)
                machine = found.machine if at is None else None
                self.builds.append(Build(found.name, certain, at or found.at, found.file, machine))
        self._by_name: dict[str, list[Build]] = {}
        for build in self.builds:
            self._by_name.setdefault(build.key, []).append(build)

    def of(self, image: str) -> list[Build]:
        """The builds of an image, by its name without tag."""
        folder, slash, name = full_name(image.lower()).partition("@")[0].rpartition("/")
        name = name.partition(":")[0]
        repository = f"{folder}{slash}{name}"
        if repository not in self._of_repository:
            alike = self._by_name.get(re.escape(name), [])
            self._of_repository[repository] = [build for build in alike if build.name.fullmatch(repository)]
        return self._of_repository[repository]

    def single(self, image: str) -> Told | None:
        """The architectures that the tree builds an image for and what says so; None where it does not say all."""
        builds = self.of(image)
        known = [build.architectures for build in builds if build.architectures is not None]
        if not builds or len(known) < len(builds) or any(build.file in self._merged for build in builds):
            return None
        return Told(frozenset().union(*known), builds[0].at, builds[0].machine)

    def _of_job(self, job: WorkflowJob) -> Iterator[Build]:
        for step in job.steps:
            name = step.use.name if step.use is not None and step.runs else ""
            if "manifest" in name:
                self._merged.add(job.workflow.file)
            if name == _ACTION and _pushes(step):
                for row in rows_of(job):
                    yield from self._of_step(step, job, row)

    def _of_step(self, step: WorkflowStep, job: WorkflowJob, row: Mapping[str, Field] | None) -> Iterator[Build]:
        values = Filled(job, step, row)
        platforms = step.inputs.get("platforms")
        asked: At = platforms if platforms.exists else job.runs_on
        builder = Builder() if platforms.exists else self._builders.of(job, row)
        own = frozenset({builder.architecture}) if builder.architecture else None
        found = architectures(values.text(platforms)) if platforms.exists else own
        certain, at = self._content(self._dockerfile_of(step, values), found)
        machine = builder.at if at is None else None
        for name in filter(None, (filled(tag) for tag in _names(step, job, values))):
            yield Build(name, certain, at or asked, job.workflow.file, machine)

    def _content(self, dockerfile: str | None, asked: frozenset[str] | None) -> tuple[frozenset[str] | None, At | None]:
        """The architectures of what is built: those asked for, unless the last stage of the Dockerfile names one."""
        known = self._dockerfiles.get(dockerfile or "")
        own = _own_architecture(known) if known is not None else None
        return (frozenset({own[0]}), own[1]) if own is not None else (asked, None)

    def _dockerfile_of(self, step: WorkflowStep, values: Filled) -> str | None:
        context, file = (values.text(step.inputs.get(key)) for key in ("context", "file"))
        if step.inputs.get("target").exists or "\0" in f"{context}{file}" or "://" in (context or ""):
            return None
        path = file or join(context or ".", "Dockerfile")
        return normpath(join(step.field.document.repository, path))


@once_per_project
def builds_of(project: Project) -> Builds:
    """The builds of a project, read once for all rules."""
    return Builds(project)


def _pushes(step: WorkflowStep) -> bool:
    """Whether a build may be what is deployed: one that is never pushed is a test."""
    push, outputs = step.inputs.get("push").value, step.inputs.get("outputs").value
    return push not in (None, False, "false", "") or "push" in str(outputs or "")


def _names(step: WorkflowStep, job: WorkflowJob, values: Filled) -> Iterator[str]:
    """The tags that a step gives its image, those that docker/metadata-action makes for it included."""
    tags = step.inputs.get("tags")
    written = tags.value if isinstance(tags.value, str) else "\n".join(tags.strings())
    for part in re.split(r"[,\n]", f"{written}\n{_image_output(step)}"):
        match = _OUTPUT.fullmatch(part.strip())
        source = _step_of(job, match[1]) if match else None
        if source is not None:
            yield from _lines(values.text(source.inputs.get("images")))
        elif part.strip():
            yield values.fill(part.strip())


def _image_output(step: WorkflowStep) -> str:
    """The names in `outputs: type=image,name=registry.example/shop/web,push-by-digest=true`."""
    match = re.search(r"(?:^|,)\s*\"?name=([^,\"\n]+)", str(step.inputs.get("outputs").value or ""))
    return match[1] if match else ""


def _step_of(job: WorkflowJob, id: str) -> WorkflowStep | None:
    found = next((step for step in job.steps if step.id == id), None)
    return found if found is not None and found.use is not None and found.use.name == _METADATA else None


def _lines(text: str | None) -> list[str]:
    """Image names, one a line, each perhaps `name=…,enable=…`."""
    found = [line.strip().partition(",")[0].removeprefix("name=") for line in (text or "").split("\n")]
    return [name for name in found if name]


def _own_architecture(dockerfile: Dockerfile) -> tuple[str, At] | None:
    """The architecture that the last stage is of however it is built, and where that is written."""
    stages = dockerfile.stages
    at = len(stages) - 1
    while 0 <= at < len(stages):
        stage = stages[at]
        named = meant_architecture(stage.platform) if stage.platform else None
        named = named or (image_architecture(stage.image) if stage.image and stage.base is None else None)
        if named is not None:
            return named, stage.platform_at or stage.at
        if stage.base is None or stage.base >= at:
            break
        at = stage.base
    return None
