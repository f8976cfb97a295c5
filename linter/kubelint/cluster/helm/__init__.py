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
from kubelint.cluster.helm.demands import Demand, demands
from kubelint.cluster.helm.need import Need, Occasion, Without
from kubelint.cluster.helm.needs import RoleWrite, needs, role_writes
from kubelint.cluster.helm.resources import ResourceOf, builtin_resource
from kubelint.cluster.helm.roles import account_manifest, granted, role_manifests

__all__ = [
    "ArgoSync",
    "Command",
    "Demand",
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
    "account_manifest",
    "builtin_resource",
    "demands",
    "granted",
    "helm_wait",
    "needs",
    "role_manifests",
    "role_writes",
]
