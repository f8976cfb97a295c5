"""What an identity may do, and which roles and bindings it may write.

Rights that do not come from RBAC objects (webhook and node authorizers, cloud IAM) are not seen.
Follows kubernetes `plugin/pkg/auth/authorizer/rbac/rbac.go`, `pkg/registry/rbac/validation/rule.go`,
`pkg/registry/rbac/escalation_check.go` and `pkg/registry/rbac/*/policybased/storage.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from kubelint.cluster.rbac.bindings import BindingIndex
from kubelint.cluster.rbac.catalog import RoleCatalog, RoleRules, builtin_manifests, written_rules
from kubelint.cluster.rbac.reading import (
    Manifest,
    as_mapping,
    as_text,
    is_rbac,
    kind_of,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.rules import (
    FULL_AUTHORITY,
    RBAC_GROUP,
    PolicyRule,
    Request,
    compact,
    covers,
    quote,
    quoted,
    rule_allows,
)
from kubelint.cluster.rbac.subjects import MASTERS, with_implied_groups
from kubelint.cluster.rbac.updates import is_same, only_keeps_books
from kubelint.cluster.templates import has_template

RESOURCES = {
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
}
ROLE_RESOURCES = {"Role": "roles", "ClusterRole": "clusterroles"}


class Verdict(Enum):
    """The answer of the API server, as far as it can be known from the files."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that an identity holds in a namespace; `unknown` says why it may hold more, empty if it can't."""

    rules: list[PolicyRule]
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Holding:
    """One binding that applies to an identity, as it was given or built in, and what its role grants.

    `role` is None if it is neither among the objects nor built in; the rules of an aggregated one come from others.
    """

    binding: Manifest
    role: Manifest | None
    granted: RoleRules


@dataclass(frozen=True)
class Decision:
    """Whether a role or binding may be written.

    `missing` holds the rights that the writer would give without having them, compacted. `said` is what the API server
    answers, or for UNKNOWN what could not be read, and empty for ALLOWED; where the answer `lists` what is missing, it
    is only how that begins.
    """

    verdict: Verdict
    missing: list[PolicyRule] = field(default_factory=list)
    said: str = ""
    lists: bool = False

    @cached_property
    def message(self) -> str:
        """The whole answer. It is put together when somebody reads it: a role may name a million objects."""
        return "\n".join((self.said, *sorted({str(rule) for rule in self.missing}))) if self.lists else self.said


_ALLOWED = Decision(Verdict.ALLOWED)


class Authorizer:
    """The RBAC authorizer of one cluster, over plain manifests of the four RBAC kinds and the built-in roles.

    A user is a name; `groups` are those that it is in, to which those that a service account is always in are added.
    """

    def __init__(self, objects: Iterable[Manifest]) -> None:
        """Read the objects of the four RBAC kinds; others are passed over, and one of a built-in's name replaces
        it.
        """
        given = [item for item in objects if isinstance(item, Mapping) and kind_of(item) in RESOURCES and is_rbac(item)]
        self._roles = RoleCatalog()
        self._bindings = BindingIndex()
        self._given = {_identity(item): item for item in given}
        for item in builtin_manifests():
            if kind_of(item) not in ROLE_RESOURCES and _identity(item) not in self._given:
                self._bindings.add(item)
        for item in given:
            (self._roles if kind_of(item) in ROLE_RESOURCES else self._bindings).add(item)

    def amended(self, roles: Iterable[Manifest], without: Iterable[Manifest] = ()) -> Authorizer:
        """The cluster with these roles in the place of those of their names, and without the bindings of some names."""
        other = copy(self)
        written, gone = {_identity(role): role for role in roles}, set(map(_identity, without))
        other._roles = self._roles.amended(written.values())
        other._bindings = self._bindings.without(gone)
        other._given = {key: item for key, item in self._given.items() if key not in gone} | written
        return other

    def rules_for(self, user: str, groups: Iterable[str] = (), namespace: str = "") -> Rules:
        """The rules that apply in a namespace; without one, those that hold in the whole cluster."""
        groups = with_implied_groups(user, groups)
        rules: list[PolicyRule] = []
        unknown = self._hidden_from(user, groups, namespace)
        for binding in self._bindings.of(user, groups, namespace):
            granted = self._roles.rules_of(binding.role_kind, binding.role_name, binding.namespace)
            rules.extend(granted.rules)
            unknown.extend(granted.unknown)
        return Rules(rules, list(dict.fromkeys(unknown)))

    def holdings(self, user: str, groups: Iterable[str] = (), namespace: str = "") -> list[Holding]:
        """Where the rules of `rules_for` come from, in the same order."""
        held: list[Holding] = []
        for binding in self._bindings.of(user, with_implied_groups(user, groups), namespace):
            about = binding.role_kind, binding.role_name, binding.namespace
            role = self._roles.find(*about)
            manifest = None if role is None else role.manifest
            held.append(Holding(binding.manifest, manifest, self._roles.rules_of(*about)))
        return held

    def role_rules(self, kind: str, name: str, namespace: str = "") -> RoleRules:
        """What a roleRef in a namespace grants; nothing known, if the role is neither in the tree nor built in."""
        return self._roles.rules_of(kind, name, namespace)

    def allows(self, user: str, groups: Iterable[str], request: Request) -> Verdict:
        """Whether the API server lets a request through; system:masters may do anything before a rule is read."""
        groups = with_implied_groups(user, groups)
        if MASTERS in groups:
            return Verdict.ALLOWED
        unsure = False
        for binding in self._bindings.of(user, groups, request.namespace):
            granted = self._roles.rules_of(binding.role_kind, binding.role_name, binding.namespace)
            if any(rule_allows(rule, request) for rule in granted.rules):
                return Verdict.ALLOWED
            unsure = unsure or bool(granted.unknown) or _hangs_on_name(granted.rules, request)
        if unsure or self._hidden_from(user, groups, request.namespace):
            return Verdict.UNKNOWN
        return Verdict.DENIED

    def may_write_role(self, user: str, groups: Iterable[str], role: Manifest, verb: str = "create") -> Decision:
        """Whether a Role or ClusterRole may be written, once the plain verb is allowed.

        The escalation check: system:masters, the verb `escalate`, an update that only does garbage collection's
        bookkeeping, or holding every rule of the role. `verb` is create (a POST, which names nothing), or update,
        patch, or apply (server side), which have the name in the URL even where the role is not there yet. An update
        that changes anything else is judged by the whole object, and a patch or apply of the very object that the
        authorizer was given stands for one that does.
        """
        groups = with_implied_groups(user, groups)
        kind, name, namespace = _identity(role)
        written_name = "" if verb == "create" else name
        request = Request("escalate", RBAC_GROUP, ROLE_RESOURCES.get(kind, ""), name=written_name, namespace=namespace)
        if MASTERS in groups or (request.resource and self.allows(user, groups, request) is Verdict.ALLOWED):
            return _ALLOWED
        if self._only_keeps_books(role, verb):
            return _ALLOWED
        decision = self._confirm(user, groups, role, written_rules(role))
        if decision.verdict is not Verdict.ALLOWED or not self._aggregates(role, verb):
            return decision
        return self._confirm_full_authority(user, groups, role)

    def may_write_binding(self, user: str, groups: Iterable[str], binding: Manifest, verb: str = "create") -> Decision:
        """Whether a RoleBinding or ClusterRoleBinding may be written, once the plain verb is allowed.

        The escalation check: system:masters, an update that only does garbage collection's bookkeeping, the verb
        `bind` on the role, or holding every rule of the role. `verb` is as for `may_write_role`.
        """
        groups = with_implied_groups(user, groups)
        ref = as_mapping(binding.get("roleRef"))
        kind, name = as_text(ref.get("kind")), as_text(ref.get("name"))
        group = as_text(ref.get("apiGroup")) or RBAC_GROUP
        namespace = namespace_of(binding)
        request = Request("bind", group, ROLE_RESOURCES.get(kind, ""), name=name, namespace=namespace)
        if MASTERS in groups or (request.resource and self.allows(user, groups, request) is Verdict.ALLOWED):
            return _ALLOWED
        if self._only_keeps_books(binding, verb):
            return _ALLOWED
        if has_template(kind) or has_template(name):
            return Decision(Verdict.UNKNOWN, said="the roleRef is template text")
        if kind and kind not in ROLE_RESOURCES:
            return Decision(Verdict.DENIED, said=f"unsupported role reference kind: {quote(kind)}")
        return self._confirm(user, groups, binding, self._roles.rules_of(kind, name, namespace))

    def _hidden_from(self, user: str, groups: Sequence[str], namespace: str) -> list[str]:
        reasons = self._bindings.hidden_from(user, groups, namespace)
        return [*reasons, "the namespace is template text"] if has_template(namespace) else reasons

    def _only_keeps_books(self, obj: Manifest, verb: str) -> bool:
        """Whether an object is written over one that it differs from in nothing that grants anything."""
        old = self._given.get(_identity(obj)) if verb != "create" and name_of(obj) else None
        if old is None or not only_keeps_books(obj, old):
            return False
        # Nobody sends a patch that changes nothing: what is in the tree stands for what it will be changed to.
        return verb == "update" or not is_same(obj, old)

    def _aggregates(self, role: Manifest, verb: str) -> bool:
        """Whether the role, or what it would be written over, aggregates others."""
        if as_mapping(role.get("aggregationRule")).get("clusterRoleSelectors"):
            return True
        return verb != "create" and kind_of(role) == "ClusterRole" and self._roles.aggregates(name_of(role))

    def _confirm(self, user: str, groups: Sequence[str], obj: Manifest, wanted: RoleRules) -> Decision:
        """`ConfirmNoEscalation`: the writer's rules must cover those wanted."""
        held = self.rules_for(user, groups, namespace_of(obj))
        uncovered = covers(held.rules, wanted.rules).uncovered
        if not uncovered and not wanted.unknown:
            return _ALLOWED
        missing = compact(uncovered)
        unknown = [*wanted.unknown, *held.unknown, *_hidden_place(obj)]
        if unknown:
            return Decision(Verdict.UNKNOWN, missing, "; ".join(dict.fromkeys(unknown)))
        answer = (
            f"user {quote(user)} (groups={quoted(groups)}) is attempting to grant RBAC permissions not currently held"
        )
        return Decision(Verdict.DENIED, missing, f"{_forbidden(obj)}: {answer}:", lists=True)

    def _confirm_full_authority(self, user: str, groups: Sequence[str], obj: Manifest) -> Decision:
        decision = self._confirm(user, groups, obj, RoleRules(FULL_AUTHORITY))
        if decision.verdict is not Verdict.DENIED:
            return decision
        answer = "must have cluster-admin privileges to use the aggregationRule"
        return replace(decision, said=f"{_forbidden(obj)}: {answer}", lists=False)


def _hangs_on_name(rules: Iterable[PolicyRule], request: Request) -> bool:
    """Whether only the request's name, which is template text, keeps a rule from letting it through."""
    return has_template(request.name) and any(rule_allows(replace(rule, resource_names=()), request) for rule in rules)


def _hidden_place(obj: Manifest) -> list[str]:
    """Why it can't be known where an object would be written, or under which name."""
    kind, name, namespace = _identity(obj)
    hidden = has_template(name) or has_template(namespace)
    if hidden or (kind in ("Role", "RoleBinding") and not namespace):
        return [f"the name or namespace of {kind} {name} is not known"]
    return []


def _forbidden(obj: Manifest) -> str:
    """How the API server begins a refusal (`errors.NewForbidden`)."""
    resource, name = f"{RESOURCES.get(kind_of(obj), '')}.{RBAC_GROUP}", name_of(obj)
    return f"{resource} {quote(name)} is forbidden" if name else f"{resource} is forbidden"


def _identity(obj: Manifest) -> tuple[str, str, str]:
    return kind_of(obj), name_of(obj), namespace_of(obj)
