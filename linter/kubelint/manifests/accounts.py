"""What the tree says about service accounts: which ones deploy, and which ones run a program of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.cluster.kinds import WORKLOADS
from kubelint.manifests import Field, KubeObject, PodTemplate, Project

_RUNNER_GROUPS = frozenset({"actions.summerwind.dev", "actions.github.com"})
_FLUX_GROUPS = frozenset({"helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"})
_RUNNER_CHART = "gha-runner-scale-set"
_DEPLOY_TOOL = re.compile(r"(?:^|[\s/;&|(])(?:helm|kubectl|helmfile|kustomize)(?:[\s:@-]|$)")

#: The kinds whose bodies say who deploys.
SOURCES = WORKLOADS | {
    "AutoscalingRunnerSet",
    "HelmRelease",
    "Kustomization",
    "Runner",
    "RunnerDeployment",
    "RunnerReplicaSet",
    "RunnerSet",
}


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
        account = _account(pod)
        if account is not None and not pod.obj.partial:
            at = pod.spec.get("serviceAccountName")
            yield AccountUse(account, settled_namespace(project, pod.obj), pod.obj, at, _deploys(pod))
    for release in project.objects("HelmRelease"):
        name = release.field("spec", "values", "template", "spec", "serviceAccountName")
        if name.text and _is_runner_chart(release):
            yield AccountUse(name.text, _target_namespace(project, release), release, name, True)
    for obj in project.objects(("HelmRelease", "Kustomization")):
        name = obj.field("spec", "serviceAccountName")
        if obj.group in _FLUX_GROUPS and name.text:
            yield AccountUse(name.text, settled_namespace(project, obj), obj, name, True)


def _account(pod: PodTemplate) -> str | None:
    """The service account of a pod, by either of its two fields; None where the files do not tell."""
    for key in ("serviceAccountName", "serviceAccount"):
        field = pod.spec.get(key)
        if not field.absent:
            return field.text
    # Without one, the scale set controller creates an account of its own; everywhere else it is `default`.
    unknown = pod.obj.group == "actions.github.com" or (pod.partial and pod.obj.group not in _RUNNER_GROUPS)
    return None if unknown else "default"


def _deploys(pod: PodTemplate) -> bool:
    if pod.obj.group in _RUNNER_GROUPS:
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
