"""Which resource, in which scope, the objects of a kind are requested as."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from kubelint.cluster.kinds import kind_named
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.rbac.reading import Manifest, as_text, kind_of

ResourceOf: TypeAlias = Callable[[str, str], tuple[str, str, bool] | None]
"""(apiVersion, kind) to (group, plural, namespaced); None where it is not known."""


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
    """The resource of a kind that Kubernetes serves itself; None for other kinds."""
    found = kind_named(group_of(api_version), kind)
    return None if found is None else (found.group, found.plural, found.namespaced)


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
