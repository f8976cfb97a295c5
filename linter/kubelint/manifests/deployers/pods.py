"""The commands that pods of the tree run: Jobs, CronJobs, and whatever else starts containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import join
from typing import Literal

from kubelint.manifests.deployers.accounts import token_of
from kubelint.manifests.deployers.commands import Deploying, deploying
from kubelint.manifests.deployers.credentials import of_container, of_text
from kubelint.manifests.deployers.model import Link, Who, service_account
from kubelint.manifests.deployers.mounts import mounted_file
from kubelint.manifests.deployers.surroundings import Surroundings, variables_of
from kubelint.manifests.deployers.versions import of_image
from kubelint.manifests.field import Field
from kubelint.manifests.github.calls import called
from kubelint.manifests.pods import Container
from kubelint.manifests.project import Project
from kubelint.manifests.shell.commands import Word
from kubelint.manifests.shell.passages import Passage, passage_of_field
from kubelint.manifests.shell.scripts import Script, interpreter
from kubelint.manifests.shell.wrappers import SHELLS
from kubelint.manifests.subjects import subjects_in

_POD_GROUPS = frozenset({"", "apps", "batch"})
_ENTRYPOINTS: dict[str, Literal["helm", "kubectl"]] = {
    "alpine/helm": "helm",
    "alpine/kubectl": "kubectl",
    "bitnami/kubectl": "kubectl",
    "bitnamilegacy/kubectl": "kubectl",
    "rancher/kubectl": "kubectl",
    "registry.k8s.io/kubectl": "kubectl",
}
"""Images that start a program with the container's `args`, by the end of their names."""


def pod_deployments(project: Project) -> Iterator[tuple[Script, Deploying, Who]]:
    """The commands that deploy, with the script that each stands in, and as whom it acts."""
    for script in (*_started(project), *project.scripts):
        container = script.container
        if script.kind != "container" or container is None or container.pod.obj.group not in _POD_GROUPS:
            continue
        scripts = [script, *_called(project, container, script)]
        found = [(each, one) for each in scripts for one in _deploying(project, container, each)]
        who = _who(project, scripts, container) if found else Who(None)
        yield from ((each, one, who) for each, one in found)


def _deploying(project: Project, container: Container, script: Script) -> Iterator[Deploying]:
    around = Surroundings(script, of_image(container.image), variables_of(container.field), script.file)
    yield from deploying(project, around)


def _started(project: Project) -> Iterator[Script]:
    """The containers that only have `args`, for the program that their image starts."""
    for pod in project.pods:
        for container in pod.containers:
            args = container.get("args")
            program = _entrypoint(container) if container.get("command").absent else None
            if program is not None and isinstance(args.value, list) and args.value:
                yield _words(container, program, args)


def _entrypoint(container: Container) -> str | None:
    image = (container.image.text or "").partition("@")[0]
    name = image[: image.rfind(":")] if ":" in image.rpartition("/")[2] else image
    ends = (program for end, program in _ENTRYPOINTS.items() if name == end or name.endswith(f"/{end}"))
    return next(ends, None)


def _words(container: Container, program: str, args: Field) -> Script:
    first = Word(program, Passage(program, lambda start, end: args), 0, len(program))
    passages = [(field, passage_of_field(field)) for field in args.elements()]
    words = [
        Word(None if field.unknown or field.value is None else passage.text, passage, 0, len(passage.text))
        for field, passage in passages
    ]
    text = "\n".join((program, *(passage.text for _, passage in passages)))
    return Script(
        "container",
        args.document.file,
        Passage(text, lambda start, end: args),
        field=args,
        shell=None,
        container=container,
        words=(first, *words),
        repository=args.document.repository,
    )


def _called(project: Project, container: Container, script: Script) -> Iterator[Script]:
    """The scripts that a ConfigMap of the tree puts into the container, and that its command calls."""
    if not any(mount.get("name").exists for mount in container.get("volumeMounts").elements()):
        return
    for command in script.commands:
        word = called(command)
        text = word.text if word is not None and not command.remote else None
        if text and not text.startswith("/"):
            text = join(container.get("workingDir").text or "", text)
        found = mounted_file(project, container, text) if text and text.startswith("/") else None
        if found is not None and found.text is not None:
            yield Script(
                "container",
                found.document.file,
                passage_of_field(found),
                field=found,
                shell=command.name if command.name in SHELLS else interpreter(found.text),
                container=container,
                repository=found.document.repository,
            )


def _who(project: Project, scripts: list[Script], container: Container) -> Who:
    pod = container.pod
    name = pod.spec.get("serviceAccountName")
    account = pod.spec.get("serviceAccount") if name.absent else name
    places = project.kustomizations.namespaces(pod.obj)
    namespace = next(iter(places)) if len(places) == 1 else None
    identity, unknown = service_account(account, namespace, "default", pod.display)
    if identity is not None and not account.absent:
        names = subjects_in(project).accounts(pod.obj, identity.name)
        unknown = "" if len(names) == 1 else f"a kustomization renames the service account of {pod.display}"
        identity = replace(identity, name=min(names, default=""))
    identity, withheld = token_of(project, pod.spec, identity, pod.obj.scope, pod.display)
    texts = (of_text(script.text) for script in scripts)
    reason = unknown or withheld or next(filter(None, texts), "") or of_container(container.field)
    if pod.obj.partial or project.may_be_patched(pod.obj, *account.path[len(pod.obj.root.path) :]):
        reason = f"a patch may set the service account of {pod.display}"
    if reason:
        return Who(None, reason)
    place = account if account.exists else pod.spec.get("containers")
    return Who(identity, "", (Link(place, f"{pod.display} runs as `{identity}`"),))
