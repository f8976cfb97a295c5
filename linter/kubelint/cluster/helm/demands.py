"""What a deployer must be allowed in all: its requests, and the rights that it may only pass on by holding them.

Follows kubernetes `pkg/registry/rbac/escalation_check.go`: who writes a role holds its rules or may `escalate`, who
writes a binding holds the rules of the role or may `bind` it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kubelint.cluster.helm.need import Need, Occasion
from kubelint.cluster.helm.needs import RoleWrite
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.rbac import (
    RBAC_GROUP,
    Authorizer,
    Decision,
    PolicyRule,
    Request,
    Verdict,
    covers,
    name_of,
    namespace_of,
    rule_allows,
)
from kubelint.cluster.rbac.reading import Manifest, as_text, kind_of
from kubelint.cluster.templates import has_template

_POWERS = frozenset({"escalate", "bind", "*"})
_RESOURCES = {"Role": "roles", "ClusterRole": "clusterroles"}


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a deployer must be allowed, and whether it is.

    `rule` is the single right that gives it, and counts in `namespace`, which is empty for the whole cluster. Of a
    right that is only passed on (`held`) no request is made: `need.request` names it, and the deployer must hold it.
    """

    need: Need
    rule: PolicyRule
    namespace: str
    verdict: Verdict
    held: bool = False

    @property
    def lacking(self) -> bool:
        """Whether the right has to be granted, as far as it is known which right that is."""
        return self.verdict is not Verdict.ALLOWED and (not self.need.unknown or self.need.any_name)


def demands(
    found: Iterable[Need],
    writes: Iterable[RoleWrite],
    authorizer: Authorizer,
    user: str,
    groups: Iterable[str] = (),
    *,
    in_order: bool = False,
) -> list[Demand]:
    """Everything that a deployer must be allowed, judged for an identity.

    `found` and `writes` are the answers of `needs` and `role_writes` for the same command; the `authorizer` knows the
    roles that are deployed, too. `in_order`: objects are written in their order, so that a binding may come before its
    role. For a role those of its rules are demanded that the identity does not hold; `escalate` only for a role that
    aggregates others, which nobody but an administrator could write otherwise. For a binding `bind` on its role, unless
    the identity holds its rules once it holds what the roles take.
    """
    judging = _Judging(authorizer, user, tuple(groups), in_order)
    judging.add_requests(found)
    judging.add_writes(list(writes))
    return judging.found


@dataclass
class _Judging:
    authorizer: Authorizer
    user: str
    groups: tuple[str, ...]
    in_order: bool
    found: list[Demand] = field(default_factory=list)
    gained: dict[str, dict[PolicyRule, None]] = field(default_factory=dict)
    powers: list[tuple[str, PolicyRule]] = field(default_factory=list)
    """What was gained that may let roles be written or bound."""

    def add_requests(self, needs: Iterable[Need]) -> None:
        for need in needs:
            self.add(need, right(need.request), place(need.request), self.verdict(need))

    def verdict(self, need: Need) -> Verdict:
        if need.unknown and not need.any_name:
            return Verdict.UNKNOWN
        verdict = self.authorizer.allows(self.user, self.groups, need.request)
        return verdict if verdict is Verdict.ALLOWED or not need.unknown else Verdict.UNKNOWN

    def add(self, need: Need, rule: PolicyRule, namespace: str, verdict: Verdict, *, held: bool = False) -> None:
        demand = Demand(need, rule, namespace, verdict, held)
        self.found.append(demand)
        if demand.lacking:
            self.gained.setdefault(namespace, {})[rule] = None
            if _POWERS.intersection(rule.verbs):
                self.powers.append((namespace, rule))

    def add_writes(self, writes: list[RoleWrite]) -> None:
        """Roles first, of these those that take `escalate`: what they take may be enough for the others."""
        objects = _by_object(writes)
        roles = [of for of in objects if kind_of(of[0].manifest) in _RESOURCES]
        for of in sorted(roles, key=lambda of: not _aggregates(of[0].manifest)):
            self.add_role(of)
        positions = {_identity(of[0].manifest): of[0].position for of in roles}
        for of in objects:
            if kind_of(of[0].manifest) not in _RESOURCES:
                self.add_binding(of, positions)

    def add_role(self, writes: list[RoleWrite]) -> None:
        role = writes[0].manifest
        refused = [(write, self.decision(write)) for write in writes]
        refused = [(write, decision) for write, decision in refused if decision.verdict is not Verdict.ALLOWED]
        refused = [(write, decision) for write, decision in refused if not self.gives(_escalation(write))]
        if not refused:
            return
        decision = refused[0][1]
        unknown = writes[0].unknown or (decision.message if not decision.missing else "")
        if _aggregates(role) or unknown:
            why = f"nobody but who may escalate can write {_shown(role)}, which aggregates others"
            for write, _ in refused:
                need = _need(write, _escalation(write), why, unknown)
                self.add(need, right(need.request), namespace_of(role), decision.verdict)
            return
        why = f"who writes {_shown(role)} has to hold its rules"
        for rule in covers((), decision.missing).uncovered:
            hidden = decision.message if any(map(has_template, rule.texts())) else ""
            need = _need(_joined(writes), _as_request(rule, namespace_of(role)), why, hidden)
            self.add(need, rule, namespace_of(role), decision.verdict, held=True)

    def decision(self, write: RoleWrite) -> Decision:
        return self.authorizer.may_write_role(self.user, self.groups, write.manifest, write.verb)

    def gives(self, request: Request) -> bool:
        """Whether what was demanded so far lets a request to `escalate` or `bind` through."""
        return any(place in ("", request.namespace) and rule_allows(rule, request) for place, rule in self.powers)

    def add_binding(self, writes: list[RoleWrite], roles: dict[tuple[str, str, str], int]) -> None:
        write = _joined(writes)
        binding = write.manifest
        request = _binding(binding)
        decision = self.authorizer.may_write_binding(self.user, self.groups, binding)
        position = roles.get(_role_of(binding))
        late = self.in_order and position is not None and position > write.position
        verdict = self.authorizer.allows(self.user, self.groups, request) if late else decision.verdict
        if verdict is Verdict.ALLOWED or self.gives(request):
            return
        if not late and not write.unknown and self.holds_rules_of(binding):
            return
        why = f"who writes {_shown(binding)} has to hold the rules of its role, or be allowed to bind it"
        if late:
            why = f"{_shown(binding)} is written before its role, which only who may bind it can do"
        readable = request.name and request.resource
        unknown = write.unknown or ("" if readable else f"the roleRef of {_shown(binding)} is not known")
        self.add(_need(write, request, why, unknown), right(request), request.namespace, verdict)

    def holds_rules_of(self, binding: Manifest) -> bool:
        """Whether the identity holds the rules of a binding's role, once it has what was demanded so far."""
        kind, namespace, name = _role_of(binding)
        place = namespace_of(binding)
        wanted = self.authorizer.role_rules(kind, name, namespace)
        gained = [self.gained.get(each, {}) for each in dict.fromkeys(("", place))]
        rest = [rule for rule in covers((), wanted.rules).uncovered if not any(rule in rules for rules in gained)]
        if wanted.unknown or not rest:
            return not wanted.unknown
        held = self.authorizer.rules_for(self.user, self.groups, place).rules
        return covers([*held, *(rule for rules in gained for rule in rules)], rest).covered


def right(request: Request) -> PolicyRule:
    """The single right that lets a request through.

    It is limited to the request's name, except for `create`: a POST has none, and who may create under any name gains
    little beside who may create under one.
    """
    if request.path:
        return PolicyRule((request.verb,), non_resource_urls=(request.path,))
    resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    named = request.name and (request.verb != "create" or request.subresource)
    return PolicyRule((request.verb,), (request.api_group,), (resource,), (request.name,) if named else ())


def place(request: Request) -> str:
    """The namespace in which a right has to count, empty for the whole cluster.

    A request about a namespace could be let through by a role in it, which can't be there before the namespace is.
    """
    about_namespace = (request.api_group, request.resource) == ("", "namespaces")
    return "" if about_namespace else request.namespace


def _as_request(rule: PolicyRule, namespace: str) -> Request:
    """A single right, named as a request is."""
    if rule.non_resource_urls:
        return Request(rule.verbs[0], path=rule.non_resource_urls[0])
    resource, _, subresource = rule.resources[0].partition("/")
    name = rule.resource_names[0] if rule.resource_names else ""
    return Request(rule.verbs[0], rule.api_groups[0], resource, subresource, name, namespace)


def _need(write: RoleWrite, request: Request, why: str, unknown: str = "") -> Need:
    return Need(
        request,
        why,
        occasion=write.occasion,
        helm=write.helm,
        about=(write.position,),
        unknown=unknown or write.unknown,
    )


def _by_object(writes: Iterable[RoleWrite]) -> list[list[RoleWrite]]:
    """The writes of each object."""
    found: dict[tuple[int, tuple[str, str, str]], list[RoleWrite]] = {}
    for write in writes:
        found.setdefault((write.position, _identity(write.manifest)), []).append(write)
    return list(found.values())


def _joined(writes: list[RoleWrite]) -> RoleWrite:
    """Several writes of one object as one, which is made whenever one of them is."""
    first = writes[0]
    occasions, versions = {write.occasion for write in writes}, {write.helm for write in writes}
    occasion = first.occasion if len(occasions) == 1 else Occasion.ALWAYS
    helm = first.helm if len(versions) == 1 else None
    return RoleWrite(first.manifest, first.verb, first.position, occasion, helm, first.unknown)


def _escalation(write: RoleWrite) -> Request:
    """What is asked of who writes a role; a POST names none."""
    role = write.manifest
    name = "" if write.verb == "create" else name_of(role)
    return Request("escalate", RBAC_GROUP, _RESOURCES[kind_of(role)], name=name, namespace=namespace_of(role))


def _binding(binding: Manifest) -> Request:
    """What is asked of who writes a binding, about its role."""
    kind, _, name = _role_of(binding)
    return Request("bind", RBAC_GROUP, _RESOURCES.get(kind, ""), name=name, namespace=namespace_of(binding))


def _role_of(binding: Manifest) -> tuple[str, str, str]:
    ref = as_mapping(binding.get("roleRef"))
    kind = as_text(ref.get("kind"))
    return kind, namespace_of(binding) if kind == "Role" else "", as_text(ref.get("name"))


def _identity(obj: Manifest) -> tuple[str, str, str]:
    return kind_of(obj), namespace_of(obj), name_of(obj)


def _aggregates(role: Manifest) -> bool:
    return bool(as_mapping(role.get("aggregationRule")).get("clusterRoleSelectors"))


def _shown(obj: Manifest) -> str:
    kind, namespace, name = _identity(obj)
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
