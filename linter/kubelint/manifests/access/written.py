"""What a role says, entry by entry, and where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from kubelint.cluster.rbac import PolicyRule, Request, rule_allows
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject


@dataclass(frozen=True)
class WrittenRule:
    """One entry of a role's `rules`: where it stands and what it says.  `known` is False if template text is
    part of it.
    """

    field: Field
    rule: PolicyRule
    known: bool

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """Whether the entry lets through a request about every object of a resource."""
        return rule_allows(self.rule, Request(verb, group, resource))


_written: WeakKeyDictionary[KubeObject, tuple[WrittenRule, ...]] = WeakKeyDictionary()


def written_rules(role: KubeObject) -> tuple[WrittenRule, ...]:
    """The rules of a role, read once: they may hold a million names."""
    if role not in _written:
        _written[role] = tuple(
            WrittenRule(field, PolicyRule.from_manifest(field.value), not _has_template(field))
            for field in role.field("rules").elements()
            if isinstance(field.value, dict)
        )
    return _written[role]


def _has_template(field: Field) -> bool:
    return field.unknown or any(part.unknown or _holds_template(part) for _, part in field.items())


def _holds_template(part: Field) -> bool:
    """Whether template text stands in a list. Fields of all its items would take long."""
    items = part.value if isinstance(part.value, list) else ()
    return sum(isinstance(item, str) for item in items) > len(part.strings())
