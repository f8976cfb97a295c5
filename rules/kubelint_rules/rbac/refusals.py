"""Which roles and bindings of the tree the API server would refuse from somebody who may write such objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from kubelint.cluster.rbac import RBAC_GROUP, RESOURCES, PolicyRule, Verdict, namespace_of
from kubelint.manifests import KubeObject
from kubelint.manifests.access import Access, Grant, Identity
from kubelint.manifests.deployers import flow_rule

from .escalation import in_reach, writes

#: Objects that are judged for one holder, and for one that is known to deploy.  Of more, some are enough to know
#: what kind of writer it is.
_LIMIT, _DEPLOYER_LIMIT = 50, 1000


@dataclass(frozen=True)
class _Reach:
    """Which objects of a resource somebody may create or change in a namespace: all, or those of some names."""

    every: bool
    names: frozenset[str]


class Refusals:
    """Judges the objects of a project for one holder after the other."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._indexed: dict[str, dict[tuple[str, str | None], list[KubeObject]]] = {}
        self._reaches: dict[tuple[str, Identity, str, str], _Reach] = {}
        self._places: dict[int, str] = {}
        self._judged: dict[tuple[object, ...], list[tuple[KubeObject, Verdict]]] = {}

    def judge(self, grant: Grant, resources: Iterable[str]) -> list[tuple[KubeObject, Verdict]]:
        """The objects that the holder may write by the plain verb, and whether each would be accepted.

        In the grant's namespace, or in all where it counts in the whole cluster.  The bindings and roles that give
        the holder its own rights are not its to apply.
        """
        scope, wanted = grant.binding.scope, in_reach(resources, grant.namespace)
        known = self._access.grants_of(grant.identity)
        # A grant to a group, or through another role, is not among those of the identity.
        extra = () if grant in known else (id(grant.binding), id(grant.role))
        key = (scope, grant.identity, grant.namespace, wanted, extra)
        if key not in self._judged:
            own = {id(obj) for held in (grant, *known) for obj in (held.binding, held.role)}
            limit = _DEPLOYER_LIMIT if self._access.is_deployer(grant.identity) else _LIMIT
            self._judged[key] = list(islice(self._judge(grant, wanted, own), limit))
        return self._judged[key]

    def _judge(self, grant: Grant, resources: tuple[str, ...], own: set[int]) -> Iterator[tuple[KubeObject, Verdict]]:
        access, identity = self._access, grant.identity
        authorizer = access.authorizer(grant.binding.scope)
        for obj in self._among(grant, resources):
            if id(obj) in own or not self._may_write(grant, obj):
                continue
            confirm = authorizer.may_write_binding if obj.kind.endswith("Binding") else authorizer.may_write_role
            yield obj, confirm(identity.user, identity.groups, access.manifest(obj)).verdict

    def _among(self, grant: Grant, resources: tuple[str, ...]) -> Iterator[KubeObject]:
        """The objects of some resources where a grant counts, those that it cannot write left out as a whole."""
        scope = grant.binding.scope
        if scope not in self._indexed:
            index = self._indexed.setdefault(scope, {})
            for obj in self._access.neighbours(scope):
                self._places[id(obj)] = namespace_of(self._access.manifest(obj))
                for place in (None, self._places[id(obj)]):
                    index.setdefault((RESOURCES[obj.kind], place), []).append(obj)
        held = self._access.rules_of(grant).rules
        for resource in resources:
            if writes((resource,), held):
                yield from self._indexed[scope].get((resource, grant.namespace or None), ())

    def _may_write(self, grant: Grant, obj: KubeObject) -> bool:
        place, resource = self._places[id(obj)], RESOURCES[obj.kind]
        key = (grant.binding.scope, grant.identity, place, resource)
        if key not in self._reaches:
            held = self._access.rules_of(replace(grant, namespace=place)).rules
            self._reaches[key] = _reach([rule for rule in held if writes((resource,), [rule])])
        reach = self._reaches[key]
        return reach.every or (obj.name or "") in reach.names


def _reach(writing: list[PolicyRule]) -> _Reach:
    # Limited to names, `create` matches no POST; the other two verbs do know the name.
    limited = [rule for rule in writing if rule.resource_names]
    named = [rule for rule in limited if any(verb in rule.verbs for verb in ("update", "patch", "*"))]
    return _Reach(len(limited) < len(writing), frozenset(name for rule in named for name in rule.resource_names))


def bound_roles(bindings: Iterable[KubeObject]) -> dict[str, list[str]]:
    """The names that bindings bind, by resource: {"clusterroles": ["edit"]}."""
    wanted: dict[str, set[str]] = {}
    for obj in bindings:
        kind, name = obj.field("roleRef", "kind").text, obj.field("roleRef", "name").text
        if kind in ("Role", "ClusterRole") and name:
            wanted.setdefault(RESOURCES[kind], set()).add(name)
    return {resource: sorted(names) for resource, names in sorted(wanted.items())}


def bind_rules(wanted: dict[str, list[str]]) -> list[str]:
    """The rules, as YAML, that let exactly these roles be bound."""
    return [
        flow_rule(PolicyRule(("bind",), (RBAC_GROUP,), (resource,), tuple(names))) for resource, names in wanted.items()
    ]
