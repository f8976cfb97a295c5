"""The PodDisruptionBudgets of a tree, by the pods that they count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubelint.cluster.disruption import budget_selects
from kubelint.manifests import Field, KubeObject, Project, once_per_project
from kubelint_rules.dns.scoped import Scoped

KIND = "PodDisruptionBudget"


class Budget(NamedTuple):
    """One budget: the field of its spec, and whether it surely counts the pods."""

    spec: Field
    certain: bool
    everything: bool = False
    """Whether it counts all pods of the namespace, not only these."""


class Budgets:
    """All PodDisruptionBudgets of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._all: Scoped[KubeObject] = Scoped()
        self._found: dict[tuple[str, str | None, str], list[Budget]] = {}
        for obj in project.objects(KIND, group="policy"):
            self._all.add(obj.scope, KIND, obj)

    def of(self, labels: Mapping[str, object], scope: str, namespace: str | None) -> list[Budget]:
        """The budgets that count pods with `labels`, or may."""
        key = (scope, namespace, repr(labels))
        if key not in self._found:
            found = [self._read(obj, labels, namespace) for obj in self._all.get(scope, KIND)]
            self._found[key] = [budget for budget in found if budget is not None]
        return self._found[key]

    def _read(self, obj: KubeObject, labels: Mapping[str, object], namespace: str | None) -> Budget | None:
        if namespace is not None and obj.namespace not in (None, namespace):
            return None
        selects = budget_selects({**obj.root.value, "apiVersion": obj.api_version}, labels)
        patched = obj.partial or self._project.may_be_patched(obj, "spec")
        if selects is False and not patched:
            return None
        everything = obj.field("spec", "selector").value == {}
        elsewhere = everything and obj.namespace is None
        return Budget(obj.field("spec"), selects is True and not patched and not elsewhere, everything)


@once_per_project
def budgets_of(project: Project) -> Budgets:
    """The budgets of a project, read once for all rules."""
    return Budgets(project)
