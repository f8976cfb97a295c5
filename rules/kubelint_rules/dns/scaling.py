"""The autoscalers of a tree, by what they scale."""

from __future__ import annotations

from typing import NamedTuple

from kubelint.cluster.autoscaling import Replicas, Scaler, configured, scalers, strongest
from kubelint.manifests import Field, KubeObject, Project, once_per_project
from kubelint_rules.dns.scoped import Scoped

AUTOSCALERS = frozenset({"Deployment", "HorizontalPodAutoscaler", "ScaledObject"})
KINDS = AUTOSCALERS | {"ConfigMap"}


class Autoscaler(NamedTuple):
    """One autoscaler, what it does, and the field that says how far down it goes."""

    obj: KubeObject
    scaler: Scaler
    at: Field


class Autoscalers:
    """All autoscalers of a project."""

    def __init__(self, project: Project) -> None:
        self._by_target: Scoped[Autoscaler] = Scoped()
        self._found: dict[tuple[str, str, str, str | None], list[Autoscaler]] = {}
        configmaps: Scoped[KubeObject] | None = None
        for obj in project.objects(AUTOSCALERS):
            for scaler in scalers(obj.root.value):
                owner = obj
                if scaler.configmap is not None:
                    configmaps = configmaps or _configmaps(project)
                    for configmap in configmaps.get(obj.scope, scaler.configmap)[:1]:
                        owner, scaler = configmap, configured(scaler, configmap.root.value)
                found = Autoscaler(obj, scaler, owner.field(*scaler.path))
                self._by_target.add(obj.scope, (scaler.kind, scaler.name), found)

    def of(self, kind: str, name: str, scope: str, namespace: str | None) -> list[Autoscaler]:
        """The autoscalers of an object, the one that decides first; where a namespace is left open, they may be."""
        key = (kind, name, scope, namespace)
        if key not in self._found:
            self._found[key] = _deciding_first(
                [
                    found
                    for found in self._by_target.get(scope, (kind, name))
                    if found.obj.kind == "Deployment" or namespace is None or found.obj.namespace in (None, namespace)
                ]
            )
        return self._found[key]


def _deciding_first(found: list[Autoscaler]) -> list[Autoscaler]:
    if len(found) < 2:
        return found
    replicas = [Replicas(each.scaler.minimum, each.scaler.path, index) for index, each in enumerate(found)]
    first = found[strongest(replicas).decider or 0]
    return [first, *(each for each in found if each is not first)]


@once_per_project
def autoscalers_of(project: Project) -> Autoscalers:
    """The autoscalers of a project, read once for all rules."""
    return Autoscalers(project)


def _configmaps(project: Project) -> Scoped[KubeObject]:
    found: Scoped[KubeObject] = Scoped()
    for obj in project.objects("ConfigMap"):
        found.add(obj.scope, obj.name, obj)
    return found
