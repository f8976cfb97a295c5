"""What whoever deploys must be allowed to do: the API requests of Helm, kubectl, Flux and Argo CD for given objects."""

from kubelint.cluster.helm.commands import (
    ArgoSync,
    Command,
    FluxKustomization,
    FluxRelease,
    Helm,
    Kubectl,
    Wait,
    helm_wait,
)
from kubelint.cluster.helm.need import Need, Occasion, Without
from kubelint.cluster.helm.needs import RoleWrite, needs, role_writes
from kubelint.cluster.helm.resources import ResourceOf, builtin_resource

__all__ = [
    "ArgoSync",
    "Command",
    "FluxKustomization",
    "FluxRelease",
    "Helm",
    "Kubectl",
    "Need",
    "Occasion",
    "ResourceOf",
    "RoleWrite",
    "Wait",
    "Without",
    "builtin_resource",
    "helm_wait",
    "needs",
    "role_writes",
]
