"""Where Argo CD is told to leave the replicas of workloads alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field, Project

KINDS = frozenset({"Application", "ApplicationSet", "ConfigMap"})
_FOR_ALL = "resource.customizations.ignoreDifferences."


class Ignored(NamedTuple):
    """Workloads whose `spec.replicas` Argo CD does not set back; None for any."""

    repository: str
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None

    def covers(self, repository: str, kind: str, name: str | None, namespace: str | None) -> bool:
        """Whether a workload may be one of them."""
        return self.repository == repository and all(
            ours is None or theirs is None or ours == theirs
            for ours, theirs in ((self.kind, kind), (self.name, name), (self.namespace, namespace))
        )


def ignored_replicas(project: Project) -> Iterator[Ignored]:
    """What `ignoreDifferences` of Applications, and of the configuration of Argo CD itself, say about replicas."""
    for obj in project.objects({"Application", "ApplicationSet"}, group="argoproj.io"):
        spec = obj.field("spec", "template", "spec") if obj.kind == "ApplicationSet" else obj.field("spec")
        for entry in spec.get("ignoreDifferences").elements():
            if _is_about_replicas(entry):
                kind, name, namespace = (_text(entry.get(key)) for key in ("kind", "name", "namespace"))
                yield Ignored(obj.document.repository, kind, name, namespace)
    for obj in project.find("ConfigMap", "argocd-cm"):
        for key, field in obj.field("data").items():
            group, _, kind = key.removeprefix(_FOR_ALL).rpartition("_")
            if key.startswith(_FOR_ALL) and "replicas" in str(field.value) and group in ("", "apps"):
                yield Ignored(obj.document.repository, None if kind == "all" else kind)


def _is_about_replicas(entry: Field) -> bool:
    pointers, expressions = entry.get("jsonPointers").strings(), entry.get("jqPathExpressions").strings()
    return (
        any(pointer in ("/spec", "/spec/replicas") for pointer in pointers)
        or any("replicas" in expression for expression in expressions)
        or bool(entry.get("managedFieldsManagers").value)
    )


def _text(field: Field) -> str | None:
    return None if field.text in (None, "", "*") else field.text
