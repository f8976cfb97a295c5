"""Reading `bind` and `escalate`: where they stand, and where they have an effect.

The API server asks for `escalate` on the role that is written and for `bind` on the role that is bound: on
`roles` and `clusterroles`, never on the bindings (kubernetes `pkg/registry/rbac/escalation_check.go`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import Field, KubeObject
from kubelint.manifests.access import Identity, WrittenRule

VERBS = ("bind", "escalate")
ROLES = ("roles", "clusterroles")
BINDINGS = ("rolebindings", "clusterrolebindings")
WRITES = ("create", "update", "patch")
#: What somebody writes who needs the verb.
WRITTEN_WITH = {"bind": BINDINGS, "escalate": ROLES}


def written_verbs(rule: PolicyRule) -> list[str]:
    """`bind` and `escalate` as far as the rule spells them out."""
    return [verb for verb in VERBS if verb in rule.verbs]


def is_dead(rule: PolicyRule) -> bool:
    """Whether the rule gives `bind` or `escalate` where nobody asks for it: on the bindings alone."""
    return (
        bool(written_verbs(rule))
        and _includes(rule.api_groups, (RBAC_GROUP,))
        and any(resource in rule.resources for resource in BINDINGS)
        and not _includes(rule.resources, ROLES)
    )


def gives(verb: str, rule: PolicyRule, resources: Iterable[str] = ROLES) -> bool:
    """Whether the rule gives a verb on one of the resources of the RBAC group, be it for some names only."""
    return (
        _includes(rule.verbs, (verb,))
        and _includes(rule.api_groups, (RBAC_GROUP,))
        and _includes(rule.resources, resources)
    )


def has_effective(verb: str, rules: Iterable[PolicyRule], resources: Iterable[str] = ROLES) -> bool:
    """Whether one of the rules gives `bind` or `escalate` where it counts, be it for some names only."""
    wanted = tuple(resources)
    return any(gives(verb, rule, wanted) for rule in rules)


def writes(resources: Iterable[str], rules: Iterable[PolicyRule]) -> bool:
    """Whether one of the rules lets somebody create or change objects of one of the resources."""
    wanted = tuple(resources)
    return any(gives(verb, rule, wanted) for rule in rules for verb in WRITES)


def in_reach(resources: Iterable[str], namespace: str) -> tuple[str, ...]:
    """The resources that a grant can be about: in a namespace, those of the whole cluster are not."""
    return tuple(name for name in resources if not namespace or not name.startswith("cluster"))


def asked_on(verb: str, namespace: str) -> tuple[str, ...]:
    """On which of `roles` and `clusterroles` a grant of the verb has an effect.

    `bind` is asked for in the binding's namespace whatever is bound; `escalate` in that of the written role.
    """
    return ROLES if verb == "bind" else in_reach(ROLES, namespace)


def verb_fields(entry: WrittenRule) -> list[Field]:
    """Where `bind` and `escalate` stand in a rule."""
    return [field for field in entry.field.get("verbs").elements() if field.text in VERBS]


def verb_field(entry: WrittenRule, verb: str) -> Field:
    """Where a rule gives the verb: by its name, else by `*`."""
    fields = list(entry.field.get("verbs").elements())
    named = [field for wanted in (verb, "*") for field in fields if field.text == wanted]
    return named[0] if named else entry.field.get("verbs")


def is_overwritten(role: KubeObject) -> bool:
    """Whether the cluster replaces the role's written rules by those of the ClusterRoles that it aggregates."""
    return not role.field("aggregationRule").absent


def may_have_cloud_rights(identity: Identity) -> bool:
    """Whether a cloud's own access management knows the identity too, so that RBAC is not all that it has."""
    return identity.is_of_a_cloud


def _includes(values: tuple[str, ...], wanted: Iterable[str]) -> bool:
    return "*" in values or any(value in values for value in wanted)
