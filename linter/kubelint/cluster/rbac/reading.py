"""Reading plain manifests without trusting their shape: what is not of the expected type is as good as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

__all__ = [
    "RBAC_KINDS",
    "Manifest",
    "as_list",
    "as_mapping",
    "as_text",
    "is_rbac",
    "is_template",
    "kind_of",
    "labels_of",
    "name_of",
    "namespace_of",
]

Manifest: TypeAlias = Mapping[str, object]

RBAC_KINDS = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


def kind_of(item: Manifest) -> str:
    """The kind, or an empty string."""
    return as_text(item.get("kind"))


def is_rbac(item: Manifest) -> bool:
    """Whether the object is of Kubernetes' own RBAC group: others have a kind called Role too."""
    version = item.get("apiVersion")
    if version is None or as_text(version).partition("/")[0] == "rbac.authorization.k8s.io":
        return True
    return has_template(as_text(version))


def name_of(item: Manifest) -> str:
    """The name, or an empty string."""
    return as_text(as_mapping(item.get("metadata")).get("name"))


def namespace_of(item: Manifest) -> str:
    """The namespace as written; always empty for the two cluster-wide RBAC kinds, which ignore it."""
    if kind_of(item) in ("ClusterRole", "ClusterRoleBinding"):
        return ""
    return as_text(as_mapping(item.get("metadata")).get("namespace"))


def labels_of(item: Manifest) -> dict[str, str]:
    """The labels that are strings."""
    labels = as_mapping(as_mapping(item.get("metadata")).get("labels"))
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def is_template(value: object) -> bool:
    """Whether the value is text that something fills in later."""
    return isinstance(value, str) and has_template(value)


def as_text(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""
