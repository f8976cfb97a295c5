"""The roles of one cluster: those in the tree, plus those that Kubernetes comes with.

Aggregated ClusterRoles are computed as kubernetes `pkg/controller/clusterroleaggregation` does: the rules
written in one are overwritten by those of the ClusterRoles that its selectors match.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from kubelint.cluster.rbac.reading import (
    Manifest,
    as_list,
    as_mapping,
    as_text,
    kind_of,
    labels_of,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.rules import PolicyRule
from kubelint.cluster.templates import has_template


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What a role grants.  `unknown` says why there may be more than `rules`; empty if there can't."""

    rules: tuple[PolicyRule, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A Role or ClusterRole as written.  `selectors` is None unless it aggregates others."""

    name: str
    labels: Mapping[str, str]
    written: RoleRules
    selectors: tuple[Mapping[str, object], ...] | None


@dataclass(slots=True)
class RoleCatalog:
    """Roles by namespace (empty for ClusterRoles) and name."""

    _roles: dict[tuple[str, str], Role] = field(default_factory=dict)
    _aggregated: dict[str, RoleRules] = field(default_factory=dict)

    def add(self, item: Manifest) -> None:
        """Add a Role or ClusterRole; of two with one name the later counts, and what it grants is not certain."""
        name, namespace = name_of(item), namespace_of(item)
        if not name or (kind_of(item) == "Role" and not namespace):
            return
        written = written_rules(item)
        earlier = self._roles.get((namespace, name))
        if earlier is not None and earlier.written != written:
            note = f"{kind_of(item)} {name} is in the tree more than once"
            written = RoleRules(written.rules, (*written.unknown, note))
        self._roles[namespace, name] = Role(name, labels_of(item), written, _selectors(item))

    def rules_of(self, kind: str, name: str, namespace: str) -> RoleRules:
        """What a roleRef in `namespace` stands for.  A role that is not here may be outside the tree: unknown."""
        role = self._roles.get((namespace if kind == "Role" else "", name))
        if role is None or kind not in ("Role", "ClusterRole") or (kind == "Role" and not namespace):
            return RoleRules((), (f"{kind} {name} is not in the tree",))
        return role.written if role.selectors is None else self._aggregate(role)

    def _aggregate(self, role: Role) -> RoleRules:
        if role.name not in self._aggregated:
            self._aggregated[role.name] = self._union(role)
        return self._aggregated[role.name]

    def _union(self, role: Role) -> RoleRules:
        rules: dict[PolicyRule, None] = {}
        unknown: dict[str, None] = {}
        for source in self._sources(role):
            rules.update(dict.fromkeys(source.written.rules))
            unknown.update(dict.fromkeys(source.written.unknown))
        if not rules:
            unknown[f"no ClusterRole in the tree is aggregated into {role.name}"] = None
        return RoleRules(tuple(rules), tuple(unknown))

    def _sources(self, role: Role) -> Iterator[Role]:
        """The plain roles that end up in an aggregated one, through other aggregated ones too, each once."""
        seen = {role.name}
        waiting = [role]
        while waiting:
            for selector in waiting.pop().selectors or ():
                for other in self._selected(selector, seen):
                    seen.add(other.name)
                    if other.selectors is None:
                        yield other
                    else:
                        waiting.append(other)

    def _selected(self, selector: Mapping[str, object], seen: set[str]) -> list[Role]:
        return [
            role
            for (namespace, name), role in sorted(self._roles.items())
            if not namespace and name not in seen and _selects(selector, role.labels)
        ]


@cache
def builtin_manifests() -> tuple[Manifest, ...]:
    """Roles and bindings that every cluster starts with: those that people bind, not the ones of each
    controller.
    """
    text = resources.files(__package__).joinpath("builtin.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["items"])


def written_rules(item: Manifest) -> RoleRules:
    """The rules that stand in a Role or ClusterRole, whether or not it aggregates others."""
    entries = as_list(item.get("rules"))
    rules = tuple(PolicyRule.from_manifest(entry) for entry in entries)
    hidden = _is_template(item.get("rules")) or any(_is_template(entry) for entry in entries)
    hidden = hidden or any(_is_template(value) for entry in entries for value in as_mapping(entry).values())
    hidden = hidden or any(has_template(text) for rule in rules for text in rule.texts())
    note = f"the rules of {kind_of(item)} {name_of(item)} hold template text"
    return RoleRules(rules, (note,) if hidden else ())


def _is_template(value: object) -> bool:
    return isinstance(value, str) and has_template(value)


def _selects(selector: Mapping[str, object], labels: Mapping[str, str]) -> bool:
    """`metav1.LabelSelectorAsSelector`: all of it must hold, and an empty selector selects everything."""
    for key, value in as_mapping(selector.get("matchLabels")).items():
        if labels.get(key) != value:
            return False
    return all(_meets(as_mapping(entry), labels) for entry in as_list(selector.get("matchExpressions")))


def _meets(expression: Mapping[str, object], labels: Mapping[str, str]) -> bool:
    value = labels.get(as_text(expression.get("key")))
    match expression.get("operator"):
        case "In":
            return value is not None and value in as_list(expression.get("values"))
        case "NotIn":
            return value is None or value not in as_list(expression.get("values"))
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def _selectors(item: Manifest) -> tuple[Mapping[str, object], ...] | None:
    if item.get("kind") != "ClusterRole" or not isinstance(item.get("aggregationRule"), Mapping):
        return None
    selectors = as_list(as_mapping(item.get("aggregationRule")).get("clusterRoleSelectors"))
    return tuple(as_mapping(selector) for selector in selectors) if selectors else None
