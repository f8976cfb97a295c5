"""Which resource, in which scope, the objects of a kind are requested as."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.rbac.reading import Manifest, as_text, kind_of

ResourceOf: TypeAlias = Callable[[str, str], tuple[str, str, bool] | None]
"""(apiVersion, kind) to (group, plural, namespaced); None where it is not known."""

_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
_BUILTIN_GROUPS = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
        "",
    }
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API. Not `known` where the plural is only guessed; `namespaced` is then a guess as well."""

    group: str
    plural: str
    namespaced: bool = True
    known: bool = True


SECRETS = Resource("", "secrets")
CONFIG_MAPS = Resource("", "configmaps")
PODS = Resource("", "pods")
NAMESPACES = Resource("", "namespaces", namespaced=False)
REPLICA_SETS = Resource("apps", "replicasets")


def group_of(api_version: str) -> str:
    """The group of an apiVersion, empty for core."""
    return api_version.rpartition("/")[0]


def guess_plural(kind: str) -> str:
    """The plural that a kind most likely has (apimachinery `pkg/api/meta/restmapper.go: UnsafeGuessKindToResource`)."""
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("s"):
        return singular + "es"
    return singular[:-1] + "ies" if singular.endswith("y") else singular + "s"


def builtin_resource(api_version: str, kind: str) -> tuple[str, str, bool] | None:
    """The resource of a kind that Kubernetes serves itself; None for other groups."""
    group = group_of(api_version)
    if group not in _BUILTIN_GROUPS:
        return None
    return group, guess_plural(kind), kind not in _CLUSTER_SCOPED


class Resources:
    """The resources of kinds: those that CustomResourceDefinitions among the objects define, and those known anyway."""

    def __init__(self, objects: Iterable[Manifest], resource_of: ResourceOf | None = None) -> None:
        self._resource_of = resource_of or builtin_resource
        self._defined: dict[tuple[str, str], Resource] = {}
        for obj in objects:
            if kind_of(obj) == "CustomResourceDefinition":
                self._define(as_mapping(obj.get("spec")))

    def of(self, api_version: str, kind: str) -> Resource:
        """The resource, guessed where nothing tells it."""
        defined = self._defined.get((group_of(api_version), kind))
        if defined is not None:
            return defined
        found = self._resource_of(api_version, kind)
        return Resource(*found) if found else Resource(group_of(api_version), guess_plural(kind), known=False)

    def _define(self, spec: Manifest) -> None:
        names = as_mapping(spec.get("names"))
        kind, plural = as_text(names.get("kind")), as_text(names.get("plural"))
        if kind and plural:
            resource = Resource(as_text(spec.get("group")), plural, spec.get("scope") != "Cluster")
            self._defined[resource.group, kind] = resource
