"""What a deployment takes, and what an identity lacks of it in each cluster of the tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from kubelint.cli.rbac.answers import Answered, answer_all, reasons
from kubelint.cli.rbac.clusters import Cluster, Clusters, Tree, read_clusters
from kubelint.cli.rbac.deployment import Deployment, Step
from kubelint.cli.rbac.words import Asked
from kubelint.cluster.helm import Demand, Need, ResourceOf, RoleWrite, demands, needs, role_writes
from kubelint.cluster.rbac import (
    Authorizer,
    Verdict,
    name_of,
    namespace_of,
    service_account_groups,
    service_account_user,
)
from kubelint.cluster.rbac.reading import Manifest, is_rbac, kind_of
from kubelint.manifests.deployers import resources_of

ACCOUNT = "deployer"
"""The service account that deploys, where no other is named."""


class Needed(NamedTuple):
    """What a deployment takes, judged. `unknown` says why the identity may hold more than is known."""

    demands: tuple[Demand, ...]
    unknown: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Demand, ...]:
        """What the identity surely lacks."""
        return tuple(demand for demand in self.demands if demand.verdict is Verdict.DENIED)

    @property
    def unsure(self) -> tuple[Demand, ...]:
        """What it may lack."""
        return tuple(demand for demand in self.demands if demand.verdict is Verdict.UNKNOWN)

    @property
    def verdict(self) -> Verdict:
        """Whether the identity may do it all."""
        if self.missing:
            return Verdict.DENIED
        return Verdict.UNKNOWN if self.unsure else Verdict.ALLOWED


class Asking:
    """A deployment, and everything that it asks of the API server."""

    def __init__(self, deployment: Deployment, resource_of: ResourceOf) -> None:
        self.deployment = deployment
        self.needs = _unrepeated(need for step in deployment.steps for need in _needs(deployment, step, resource_of))
        self._writes = [write for step in deployment.steps for write in _writes(deployment, step, resource_of)]
        self._roles = [_in_namespace(part.manifest, deployment.namespace) for part in deployment.parts]
        self._roles = [item for item in self._roles if kind_of(item) in ("Role", "ClusterRole") and is_rbac(item)]

    def of_nobody(self) -> Needed:
        """What somebody takes who holds nothing."""
        user = service_account_user(self.deployment.namespace, ACCOUNT)
        return Needed(self._judged(Authorizer(self._roles), user, service_account_groups(self.deployment.namespace)))

    def of_clusters(self, clusters: list[Clusters], asked: Asked) -> list[Answered]:
        """What an identity lacks in each cluster."""
        return answer_all(clusters, lambda cluster: self._in(cluster, asked))

    def _in(self, cluster: Cluster, asked: Asked) -> Needed:
        given = list(cluster.manifests())
        known = {_identity(item) for item in given}
        authorizer = Authorizer([*given, *(item for item in self._roles if _identity(item) not in known)])
        found = self._judged(authorizer, asked.user, asked.groups)
        general = reasons(cluster, asked, ())
        if general:
            found = tuple(_unsure(demand) for demand in found)
        places = {demand.namespace for demand in found if demand.verdict is Verdict.UNKNOWN}
        told = (authorizer.rules_for(asked.user, asked.groups, place).unknown for place in sorted(places))
        return Needed(found, reasons(cluster, asked, [reason for unknown in told for reason in unknown]))

    def _judged(self, authorizer: Authorizer, user: str, groups: Iterable[str]) -> tuple[Demand, ...]:
        in_order = self.deployment.in_order
        return tuple(demands(self.needs, self._writes, authorizer, user, groups, in_order=in_order))


def _unsure(demand: Demand) -> Demand:
    return demand if demand.verdict is Verdict.ALLOWED else replace(demand, verdict=Verdict.UNKNOWN)


def _needs(deployment: Deployment, step: Step, resource_of: ResourceOf) -> list[Need]:
    objects, crds = _objects(deployment, step)
    return needs(step.command, objects, deployment.namespace, crds=crds, resource_of=resource_of)


def _writes(deployment: Deployment, step: Step, resource_of: ResourceOf) -> list[RoleWrite]:
    objects, crds = _objects(deployment, step)
    return role_writes(step.command, objects, deployment.namespace, crds=crds, resource_of=resource_of)


def _objects(deployment: Deployment, step: Step) -> tuple[list[Manifest], list[Manifest]]:
    """What a step is about: nothing stands in the place of other objects, so that positions are the same for all."""
    kinds = step.kinds
    objects = [part.manifest if kinds is None or part.kind in kinds else {} for part in deployment.parts]
    return list(objects), [part.manifest for part in deployment.crds]


def _unrepeated(found: Iterable[Need]) -> list[Need]:
    """Each request once for each of its outcomes, as the first command asks for it."""
    known: dict[tuple[object, ...], Need] = {}
    for need in found:
        known.setdefault((need.request, need.without, need.helm, need.unknown), need)
    return list(known.values())


def _in_namespace(item: Manifest, namespace: str) -> Manifest:
    metadata = item.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return {**item, "metadata": {**named, "namespace": namespace_of(item) or namespace}}


def _identity(item: Manifest) -> tuple[str, str, str]:
    return kind_of(item), namespace_of(item), name_of(item)


def answers_about(tree: Tree, deployment: Deployment, asked: Asked | None) -> list[Answered]:
    """What an identity lacks in each cluster of the tree; without one, all that the deployment takes."""
    asking = Asking(deployment, resources_of(tree.project))
    if asked is None:
        return [Answered((), asking.of_nobody())]
    return asking.of_clusters(read_clusters(tree, "name the folder that holds them with --root"), asked)
