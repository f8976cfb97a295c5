"""Reading `bind` and `escalate`: where they stand, and where they have an effect.

The API server asks for `escalate` on the role that is written and for `bind` on the role that is bound: on
`roles` and `clusterroles`, never on the bindings (kubernetes `pkg/registry/rbac/escalation_check.go`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import Field
from kubelint.manifests.access import WrittenRule

VERBS = ("bind", "escalate")
ROLES = ("roles", "clusterroles")
BINDINGS = ("rolebindings", "clusterrolebindings")
WRITES = ("create", "update", "patch")


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


def has_effective(verb: str, rules: Iterable[PolicyRule]) -> bool:
    """Whether one of the rules gives `bind` or `escalate` where it counts, be it for some names only."""
    return any(
        _includes(rule.verbs, (verb,))
        and _includes(rule.api_groups, (RBAC_GROUP,))
        and _includes(rule.resources, ROLES)
        for rule in rules
    )


def writes(resources: Iterable[str], rules: Iterable[PolicyRule]) -> bool:
    """Whether one of the rules lets somebody create or change objects of one of the resources."""
    wanted = tuple(resources)
    return any(
        _includes(rule.verbs, WRITES)
        and _includes(rule.api_groups, (RBAC_GROUP,))
        and _includes(rule.resources, wanted)
        for rule in rules
    )


def verb_fields(entry: WrittenRule) -> list[Field]:
    """Where `bind` and `escalate` stand in a rule."""
    return [field for field in entry.field.get("verbs").elements() if field.text in VERBS]


def _includes(values: tuple[str, ...], wanted: Iterable[str]) -> bool:
    return "*" in values or any(value in values for value in wanted)
