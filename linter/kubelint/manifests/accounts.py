"""What the tree says about service accounts: which ones deploy, and which ones run a program of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.cluster.kinds import WORKLOADS
from kubelint.manifests import Field, KubeObject, PodTemplate, Project
from kubelint.manifests.runners.pods import DEFAULT_ACCOUNT, GROUPS, KINDS, account_field, is_runner
from kubelint.manifests.subjects import subjects_in

_FLUX_GROUPS = frozenset({"helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"})
_RUNNER_CHART = "gha-runner-scale-set"
_DEPLOY_TOOL = re.compile(r"(?:^|[\s/;&|(])(?:helm|kubectl|helmfile|kustomize)(?:[\s:@-]|$)")

#: The kinds whose bodies say who deploys.
SOURCES = WORKLOADS | KINDS | {"HelmRelease", "Kustomization"}


@dataclass(frozen=True)
class AccountUse:
    """Something that acts as a service account.  `namespace` is None where the files do not tell it."""

    name: str
    namespace: str | None
    by: KubeObject
    at: Field
    deploys: bool

    @property
    def by_flux(self) -> bool:
        """Whether one of Flux's controllers acts as the account, which polls and never watches."""
        return self.by.group in _FLUX_GROUPS and self.at.path[:2] == ("spec", "serviceAccountName")


def settled_namespace(project: Project, obj: KubeObject) -> str | None:
    """The namespace that an object ends up in; None where that is unknown, or where there are several."""
    found = project.kustomizations.namespaces(obj)
    return next(iter(found)) if len(found) == 1 else None


def account_uses(project: Project) -> Iterator[AccountUse]:
    """Everything in the tree that acts as a service account."""
    for pod in project.pods:
        if not pod.obj.partial and not _is_listener(pod):
            at, deploys = _account_field(pod), _deploys(pod)
            for name in _names(project, pod, at):
                yield AccountUse(name, settled_namespace(project, pod.obj), pod.obj, at, deploys)
    for release in project.objects("HelmRelease"):
        named = release.field("spec", "values", "template", "spec", "serviceAccountName")
        if named.text and _is_runner_chart(release):
            yield AccountUse(named.text, _target_namespace(project, release), release, named, True)
    for obj in project.objects(("HelmRelease", "Kustomization")):
        named = obj.field("spec", "serviceAccountName")
        if obj.group in _FLUX_GROUPS and named.text:
            yield AccountUse(named.text, settled_namespace(project, obj), obj, named, True)


def _is_listener(pod: PodTemplate) -> bool:
    """Whether these are the pods that wait for a scale set's jobs: the controller gives them an account of its own."""
    return is_runner(pod.obj) and "listenerTemplate" in pod.spec.path


def _account_field(pod: PodTemplate) -> Field:
    if is_runner(pod.obj):
        return account_field(pod.obj)
    named = pod.spec.get("serviceAccountName"), pod.spec.get("serviceAccount")
    return next((field for field in named if not field.absent), named[0])


def _names(project: Project, pod: PodTemplate, at: Field) -> list[str]:
    """What the service account of a pod is called, by the field that names it; nothing where the files do not tell."""
    if at.absent:
        return [] if pod.partial and pod.obj.group not in GROUPS else [DEFAULT_ACCOUNT]
    return sorted(subjects_in(project).accounts(pod.obj, at.text)) if at.text else []


def _deploys(pod: PodTemplate) -> bool:
    if pod.obj.group in GROUPS:
        return True
    return any(_DEPLOY_TOOL.search(text) for container in pod.containers for text in _command_lines(container.field))


def _command_lines(container: Field) -> list[str]:
    image = container.get("image").text or ""
    return [image, *container.get("command").strings(), *container.get("args").strings()]


def _is_runner_chart(release: KubeObject) -> bool:
    names = (
        release.field("spec", "chart", "spec", "chart").text,
        release.field("spec", "chartRef", "name").text,
        release.name,
    )
    return any(name is not None and _RUNNER_CHART in name for name in names)


def _target_namespace(project: Project, release: KubeObject) -> str | None:
    target = release.field("spec", "targetNamespace")
    return None if target.unknown else target.text or settled_namespace(project, release)
