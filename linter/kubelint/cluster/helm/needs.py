"""What a deployer needs: the one question that the parts of this package answer together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kubelint.cluster.helm.actions import run_helm
from kubelint.cluster.helm.commands import Command, FluxKustomization, FluxRelease, Helm, Kubectl
from kubelint.cluster.helm.gitops import as_helm, run_kustomization, run_sync
from kubelint.cluster.helm.kubectl import run_kubectl
from kubelint.cluster.helm.ledger import either
from kubelint.cluster.helm.need import Need, Occasion
from kubelint.cluster.helm.resources import ResourceOf, Resources
from kubelint.cluster.helm.targets import Target, Targets, read_targets
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.rbac import RESOURCES
from kubelint.cluster.rbac.reading import Manifest, is_rbac, kind_of

Verb: TypeAlias = Literal["create", "update", "patch", "apply"]


def needs(
    command: Command,
    objects: Iterable[Manifest],
    namespace: str = "",
    *,
    crds: Iterable[Manifest] = (),
    resource_of: ResourceOf | None = None,
) -> list[Need]:
    """The requests that `command` makes to deploy `objects` into `namespace`, in its order, each once per outcome.

    `objects` are manifests as they are applied, hooks among them; of `rollout status`, `wait` and `delete` those that
    are named. `crds` are those of a chart's `crds/` folders. An empty namespace is one that is not known.
    `resource_of` tells the resource of a kind that no CustomResourceDefinition among the objects defines; without it,
    only what Kubernetes itself serves is known. Objects of odd shapes are passed over; nothing raises.

    Roles and bindings among the objects take more than these requests: `role_writes` says what to ask
    `Authorizer.may_write_role` and `may_write_binding`.
    """
    given, definitions = list(objects), list(crds)
    return _needs(command, given, definitions, namespace, _resources(given, definitions, resource_of))


def _resources(objects: Sequence[Manifest], crds: Sequence[Manifest], resource_of: ResourceOf | None) -> Resources:
    return Resources(map(as_mapping, (*objects, *crds)), resource_of)


def _needs(
    command: Command, objects: Sequence[Manifest], crds: Sequence[Manifest], namespace: str, resources: Resources
) -> list[Need]:
    targets = read_targets(objects, crds, namespace, resources)
    if isinstance(command, FluxRelease):
        found = _of_helm(as_helm(command), targets, namespace)
        tests = Helm(action="test", version=command.version, by_flux=True, storage_namespace=command.storage_namespace)
        return _united(found, _of_helm(tests, targets, namespace)) if command.test else found
    if isinstance(command, Helm):
        return _of_helm(command, targets, namespace)
    if isinstance(command, Kubectl):
        return run_kubectl(command, targets, resources)
    if isinstance(command, FluxKustomization):
        return run_kustomization(command, targets)
    return run_sync(command, targets, namespace)


def _of_helm(command: Helm, targets: Targets, namespace: str) -> list[Need]:
    if command.version is not None:
        return run_helm(command, command.version, targets, namespace)
    return either(run_helm(command, 3, targets, namespace), run_helm(command, 4, targets, namespace))


def _united(one: list[Need], other: list[Need]) -> list[Need]:
    known = {(need.request, need.without) for need in one}
    return [*one, *(need for need in other if (need.request, need.without) not in known)]


@dataclass(frozen=True, slots=True)
class RoleWrite:
    """A role or binding that a command writes, for the escalation checks.

    `manifest` is in its namespace. `verb` is what `may_write_role` and `may_write_binding` take: `apply` is on the
    server. `position` is that of the object; `occasion`, `helm` and `unknown` are those of the request.
    """

    manifest: Manifest
    verb: Verb
    position: int
    occasion: Occasion
    helm: int | None = None
    unknown: str = ""


def role_writes(
    command: Command,
    objects: Iterable[Manifest],
    namespace: str = "",
    *,
    crds: Iterable[Manifest] = (),
    resource_of: ResourceOf | None = None,
) -> list[RoleWrite]:
    """The roles and bindings among the objects, as the command writes them; the arguments are those of `needs`."""
    given, definitions = list(objects), list(crds)
    resources = _resources(given, definitions, resource_of)
    targets = read_targets(given, definitions, namespace, resources)
    roles: dict[int, list[Target]] = {}
    for target in targets.everything:
        if target.position is not None and _is_role(target):
            roles.setdefault(target.position, []).append(target)
    found = _needs(command, given, definitions, namespace, resources) if roles else []
    applied = {(need.request.name, need.helm) for need in found if need.request.verb == "create" and need.request.name}
    writes: list[RoleWrite] = []
    for need in found:
        for target in (target for position in need.about for target in roles.get(position, ())):
            verb = _written(need, target, applied)
            if verb is not None:
                write = RoleWrite(_placed(target), verb, target.position or 0, need.occasion, need.helm, need.unknown)
                writes.append(write)
    return writes


def _is_role(target: Target) -> bool:
    manifest = target.manifest or {}
    return kind_of(manifest) in RESOURCES and is_rbac(manifest)


def _written(need: Need, target: Target, applied: set[tuple[str, int | None]]) -> Verb | None:
    """How a request writes a role. A `create` with a name is part of an apply, whose `patch` counts."""
    request = need.request
    if (request.resource, request.namespace) != (target.resource.plural, target.namespace):
        return None
    if request.verb == "create":
        return None if request.name else "create"
    if request.name != target.name or request.verb not in ("update", "patch"):
        return None
    if request.verb == "update":
        return "update"
    return "apply" if (request.name, need.helm) in applied else "patch"


def _placed(target: Target) -> Manifest:
    """The object in the namespace that it is written to."""
    manifest = target.manifest or {}
    metadata = {**as_mapping(manifest.get("metadata"))}
    if target.resource.namespaced and not target.nowhere:
        metadata["namespace"] = target.namespace
    return {**manifest, "metadata": metadata}
