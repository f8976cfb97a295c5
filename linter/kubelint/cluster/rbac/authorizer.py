"""What an identity may do, and which roles and bindings it may write.

Rights that do not come from RBAC objects (webhook and node authorizers, cloud IAM) are not seen.
Follows kubernetes `plugin/pkg/auth/authorizer/rbac/rbac.go`, `pkg/registry/rbac/validation/rule.go`,
`pkg/registry/rbac/escalation_check.go` and `pkg/registry/rbac/*/policybased/storage.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

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
from kubelint.cluster.rbac.subjects import MASTERS
from kubelint.cluster.templates import has_template

RESOURCES = {
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
}


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
class Decision:
    """Whether a role or binding may be written.

    `missing` holds the rights that the writer would give without having them, compacted; `message` is what
    the API server answers, or for UNKNOWN what could not be read, and empty for ALLOWED.
    """

    verdict: Verdict
    missing: list[PolicyRule] = field(default_factory=list)
    message: str = ""


_ALLOWED = Decision(Verdict.ALLOWED)


class Authorizer:
    """The RBAC authorizer of one cluster, over plain manifests of the four RBAC kinds and the built-in roles."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        """Read the objects of the four RBAC kinds; others are passed over, and one of a built-in's name replaces
        it.
        """
        given = [item for item in objects if kind_of(item) in RESOURCES and is_rbac(item)]
        replaced = {_identity(item) for item in given}
        self._roles = RoleCatalog()
        self._bindings = BindingIndex()
        for item in [*(item for item in builtin_manifests() if _identity(item) not in replaced), *given]:
            if kind_of(item) in ("Role", "ClusterRole"):
                self._roles.add(item)
            else:
                self._bindings.add(item)

    def rules_for(self, user: str, groups: Sequence[str] = (), namespace: str = "") -> Rules:
        """The rules that apply in a namespace; without one, those that hold in the whole cluster."""
        rules: list[PolicyRule] = []
        unknown = self._bindings.hidden_from(user, groups, namespace)
        for binding in self._bindings.of(user, groups, namespace):
            granted = self._roles.rules_of(binding.role_kind, binding.role_name, binding.namespace)
            rules.extend(granted.rules)
            unknown.extend(granted.unknown)
        return Rules(rules, unknown)

    def role_rules(self, kind: str, name: str, namespace: str = "") -> RoleRules:
        """What a roleRef in a namespace grants; nothing known, if the role is neither in the tree nor built in."""
        return self._roles.rules_of(kind, name, namespace)

    def allows(self, user: str, groups: Sequence[str], request: Request) -> Verdict:
        """Whether the authorizer lets a request through."""
        held = self.rules_for(user, groups, request.namespace)
        if any(rule_allows(rule, request) for rule in held.rules):
            return Verdict.ALLOWED
        return Verdict.UNKNOWN if held.unknown else Verdict.DENIED

    def may_write_role(self, user: str, groups: Sequence[str], obj: Manifest, verb: str = "create") -> Decision:
        """Whether a Role or ClusterRole may be written, once the plain verb is allowed.

        The escalation check: system:masters, the verb `escalate`, or holding every rule of the role. `verb` is create
        (a POST, which names nothing), update, patch, or apply (server side). An update is judged by the whole object.
        """
        kind, name, namespace = _identity(obj)
        written_name = "" if verb == "create" else name
        request = Request("escalate", RBAC_GROUP, RESOURCES.get(kind, ""), name=written_name, namespace=namespace)
        if MASTERS in groups or self.allows(user, groups, request) is Verdict.ALLOWED:
            return _ALLOWED
        decision = self._confirm(user, groups, obj, written_rules(obj))
        if decision.verdict is not Verdict.ALLOWED or not _aggregates(obj):
            return decision
        return self._confirm_full_authority(user, groups, obj)

    def may_write_binding(self, user: str, groups: Sequence[str], obj: Manifest, verb: str = "create") -> Decision:
        """Whether a RoleBinding or ClusterRoleBinding may be written, once the plain verb is allowed.

        The escalation check: system:masters, the verb `bind` on the role, or holding every rule of the role. It asks
        the same for every `verb`.
        """
        ref = as_mapping(obj.get("roleRef"))
        kind, name = as_text(ref.get("kind")), as_text(ref.get("name"))
        namespace = namespace_of(obj)
        resource = RESOURCES[kind] if kind in ("Role", "ClusterRole") else ""
        request = Request("bind", RBAC_GROUP, resource, name=name, namespace=namespace)
        if MASTERS in groups or (resource and self.allows(user, groups, request) is Verdict.ALLOWED):
            return _ALLOWED
        if has_template(kind) or has_template(name):
            return Decision(Verdict.UNKNOWN, message="the roleRef is template text")
        return self._confirm(user, groups, obj, self._roles.rules_of(kind, name, namespace))

    def _confirm(self, user: str, groups: Sequence[str], obj: Manifest, wanted: RoleRules) -> Decision:
        """`ConfirmNoEscalation`: the writer's rules must cover those wanted."""
        held = self.rules_for(user, groups, namespace_of(obj))
        uncovered = covers(held.rules, wanted.rules).uncovered
        if not uncovered and not wanted.unknown:
            return _ALLOWED
        missing = compact(uncovered)
        unknown = [*wanted.unknown, *held.unknown, *_hidden_place(obj)]
        if unknown:
            return Decision(Verdict.UNKNOWN, missing, "; ".join(unknown))
        lines = "\n".join(sorted({str(rule) for rule in missing}))
        answer = (
            f"user {quote(user)} (groups={quoted(groups)}) is attempting to grant RBAC permissions not currently held"
        )
        return Decision(Verdict.DENIED, missing, f"{_forbidden(obj, name_of(obj))}: {answer}:\n{lines}")

    def _confirm_full_authority(self, user: str, groups: Sequence[str], obj: Manifest) -> Decision:
        decision = self._confirm(user, groups, obj, RoleRules(FULL_AUTHORITY))
        if decision.verdict is not Verdict.DENIED:
            return decision
        answer = "must have cluster-admin privileges to use the aggregationRule"
        return Decision(Verdict.DENIED, decision.missing, f"{_forbidden(obj, name_of(obj))}: {answer}")


def _hidden_place(obj: Manifest) -> list[str]:
    """Why it can't be known where an object would be written, or under which name."""
    kind, name, namespace = _identity(obj)
    hidden = has_template(name) or has_template(namespace)
    if hidden or (kind in ("Role", "RoleBinding") and not namespace):
        return [f"the name or namespace of {kind} {name} is not known"]
    return []


def _aggregates(obj: Manifest) -> bool:
    return bool(as_mapping(obj.get("aggregationRule")).get("clusterRoleSelectors"))


def _forbidden(obj: Manifest, name: str) -> str:
    resource = f"{RESOURCES.get(kind_of(obj), '')}.{RBAC_GROUP}"
    return f"{resource} {quote(name)} is forbidden" if name else f"{resource} is forbidden"


def _identity(obj: Manifest) -> tuple[str, str, str]:
    return kind_of(obj), name_of(obj), namespace_of(obj)
