"""The one view of cluster DNS, be it a Deployment or a release of a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.spread import Spread, spread
from kubelint.manifests import Field, KubeObject, Project
from kubelint_rules.dns.budgets import Budget, budgets_of


@dataclass(frozen=True)
class ClusterDns:
    """One Deployment of cluster DNS, as it is written or as a chart makes it."""

    name: str
    """For messages."""
    at: Field
    """The field that decides how many replicas stay."""
    minimum: int | None
    """How many stay at least; None where files do not tell."""
    autoscaled: bool
    """Whether something scales it."""
    subject: KubeObject | Field
    """What is scaled."""
    spec: Field
    """Where the placement of pods is written: the pod spec, or the values."""
    pod: Mapping[str, object]
    """The pod spec, as far as placement goes."""
    placed: bool
    """Whether all of the placement is known: no patch sets any of it."""
    labels: Mapping[str, object]
    """The labels of the pods."""
    selector: Mapping[str, object]
    """Labels that select these pods and no others."""
    scope: str
    namespace: str | None
    own_budget: Budget | None = None
    """The budget that the chart brings."""
    values: Field | None = None
    """The values, where this is a release."""
    partial: bool = False
    """Whether parts of it stand elsewhere."""
    writable: bool = True
    """Whether a fix may change it: it is YAML of this tree, no argument of a command."""

    built_by: str = ""
    """The file of the outermost kustomization that builds it so; empty for what is taken as it is written."""

    @property
    def key(self) -> tuple[str, int, object]:
        """Tells Deployments and releases apart."""
        return self.spec.document.file, self.spec.document.index, self.spec.path

    @property
    def spread(self) -> Spread:
        """How its pods are spread over nodes."""
        return spread(self.pod, self.labels, self.namespace) if self.placed else Spread.UNKNOWN

    def budgets(self, project: Project) -> list[Budget]:
        """The budgets of the tree that count its pods, or may. Pods that are alike share the list."""
        return budgets_of(project).of(self.labels, self.scope, self.namespace)

    @property
    def is_of_k3s(self) -> bool:
        """Whether it is k3s' own: its image is the one that k3s mirrors."""
        containers = as_mapping(self.spec.value).get("containers")
        images = [str(as_mapping(container).get("image")) for container in as_list(containers)]
        return any("mirrored-coredns-coredns" in image or "rancher/coredns-coredns" in image for image in images)
