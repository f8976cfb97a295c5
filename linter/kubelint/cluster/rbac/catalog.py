"""The roles of one cluster: those in the tree, plus those that Kubernetes comes with.

Aggregated ClusterRoles are computed as kubernetes `pkg/controller/clusterroleaggregation` leaves them: the
rules written in one are overwritten by those of the ClusterRoles that its selectors match, selector by
selector, sorted by name, without itself, repeated rules once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from kubelint.cluster.rbac.reading import (
    Manifest,
    as_list,
    as_mapping,
    is_template,
    kind_of,
    labels_of,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.rules import PolicyRule
from kubelint.cluster.rbac.selectors import LabelIndex, Selector
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
    namespace: str
    labels: Mapping[str, str] | None
    written: RoleRules
    selectors: tuple[Selector, ...] | None
    manifest: Manifest = field(compare=False, repr=False)


class RoleCatalog:
    """Roles by namespace (empty for ClusterRoles) and name."""

    def __init__(self) -> None:
        self._roles = dict(_builtin_roles())
        self._given: set[tuple[str, str]] = set()
        self._aggregated: dict[str, RoleRules] = {}
        self._labels: LabelIndex | None = None

    def add(self, item: Manifest) -> None:
        """Add a Role or ClusterRole; it replaces the built-in one of its name.

        Of two with one name the later counts, and what it grants is not certain.
        """
        role = _read(item)
        if not role.name or (kind_of(item) == "Role" and not role.namespace):
            return
        key = role.namespace, role.name
        if key in self._given:
            role = _reconciled(role, self._roles[key])
        self._given.add(key)
        self._roles[key] = role
        self._labels = None
        self._aggregated.clear()

    def find(self, kind: str, name: str, namespace: str) -> Role | None:
        """The role that a roleRef in `namespace` stands for; None if it is neither in the tree nor built in."""
        if kind == "ClusterRole":
            return self._roles.get(("", name))
        return self._roles.get((namespace, name)) if kind == "Role" and namespace else None

    def rules_of(self, kind: str, name: str, namespace: str) -> RoleRules:
        """What a roleRef in `namespace` stands for.  A role that is not here may be outside the tree: unknown."""
        role = self.find(kind, name, namespace)
        if role is None:
            missing = f"{kind} {name}".strip()
            return RoleRules((), (f"{missing} is not in the tree" if missing else "a roleRef names no role",))
        return role.written if role.selectors is None else self._aggregate(role)

    def aggregates(self, name: str) -> bool:
        """Whether the ClusterRole of a name is here and aggregates others."""
        role = self._roles.get(("", name))
        return role is not None and role.selectors is not None

    def _aggregate(self, role: Role) -> RoleRules:
        if role.name not in self._aggregated:
            self._aggregated[role.name] = _Aggregation(role, self).result()
        return self._aggregated[role.name]

    def selected(self, selector: Selector) -> Iterator[tuple[Role, bool]]:
        """The ClusterRoles that a selector matches, by name; False with those that it only may match."""
        if self._labels is None:
            self._labels = LabelIndex({name: role.labels for (where, name), role in self._roles.items() if not where})
        for name, surely in self._labels.select(selector):
            yield self._roles["", name], surely


class _Aggregation:
    """The rules that end up in one aggregated role, through other aggregated ones too."""

    def __init__(self, role: Role, catalog: RoleCatalog) -> None:
        self._role = role
        self._catalog = catalog
        self._rules: dict[PolicyRule, None] = {}
        self._unknown: dict[str, None] = {}

    def result(self) -> RoleRules:
        """Walk the selected roles depth first: what a role aggregates stands where the role would."""
        waiting = [self._selected(self._role)]
        path = {self._role.name: self._role}
        seen = {self._role.name}
        while waiting:
            role = next(waiting[-1], None)
            if role is None:
                waiting.pop()
                path.popitem()
            elif role.name in path:
                self._note_circle(path.values())
            elif role.name not in seen:
                seen.add(role.name)
                if role.selectors is None:
                    self._take(role.written)
                else:
                    waiting.append(self._selected(role))
                    path[role.name] = role
        return RoleRules(tuple(self._rules), tuple(self._unknown))

    def _selected(self, role: Role) -> Iterator[Role]:
        """What a role aggregates; where that is nothing at all, it is elsewhere."""
        found = False
        for selector in role.selectors or ():
            if selector.hidden:
                self._note(f"the selectors of ClusterRole {role.name} hold template text")
            for other, surely in self._catalog.selected(selector):
                if other.name == role.name:
                    continue
                found = True
                if surely:
                    yield other
                else:
                    self._note(f"the labels of ClusterRole {other.name} hold template text")
        if not found:
            self._note(f"no ClusterRole in the tree is aggregated into {role.name}")

    def _take(self, rules: RoleRules) -> None:
        self._rules.update(dict.fromkeys(rules.rules))
        self._unknown.update(dict.fromkeys(rules.unknown))

    def _note(self, reason: str) -> None:
        self._unknown[reason] = None

    def _note_circle(self, roles: Iterable[Role]) -> None:
        """Roles that aggregate each other keep for ever what one took over before the other was overwritten."""
        for role in roles:
            if role.written.rules:
                self._note(f"ClusterRole {role.name} aggregates what aggregates it")


@cache
def builtin_manifests() -> tuple[Manifest, ...]:
    """Roles and bindings that every cluster starts with.

    Of the control plane's own roles only the bindings are here, so that what they grant is not known.
    """
    text = resources.files(__package__).joinpath("builtin.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return (*data["items"], *map(_controller_binding, data["controllers"]))


def _controller_binding(name: str) -> Manifest:
    full_name = f"system:controller:{name}"
    return {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": full_name},
        "roleRef": {"kind": "ClusterRole", "name": full_name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "kube-system"}],
    }


@cache
def _builtin_roles() -> Mapping[tuple[str, str], Role]:
    roles = [_read(item) for item in builtin_manifests() if kind_of(item) in ("Role", "ClusterRole")]
    return {(role.namespace, role.name): role for role in roles}


def _read(item: Manifest) -> Role:
    labels = None if is_template(as_mapping(item.get("metadata")).get("labels")) else labels_of(item)
    return Role(name_of(item), namespace_of(item), labels, written_rules(item), _selectors(item), item)


def _reconciled(role: Role, earlier: Role) -> Role:
    if (role.written.rules, role.selectors) == (earlier.written.rules, earlier.selectors):
        return role
    note = f"{kind_of(role.manifest)} {role.name} is in the tree more than once"
    written = RoleRules(role.written.rules, (*role.written.unknown, note))
    return Role(role.name, role.namespace, role.labels, written, role.selectors, role.manifest)


def written_rules(item: Manifest) -> RoleRules:
    """The rules that stand in a Role or ClusterRole, whether or not it aggregates others."""
    entries = as_list(item.get("rules"))
    rules = tuple(PolicyRule.from_manifest(entry) for entry in entries)
    hidden = is_template(item.get("rules")) or any(map(is_template, entries))
    hidden = hidden or any(is_template(value) for entry in entries for value in as_mapping(entry).values())
    hidden = hidden or any(has_template(text) for rule in rules for text in rule.texts())
    note = f"the rules of {kind_of(item)} {name_of(item)} hold template text"
    return RoleRules(rules, (note,) if hidden else ())


def _selectors(item: Manifest) -> tuple[Selector, ...] | None:
    rule = item.get("aggregationRule")
    if kind_of(item) != "ClusterRole" or not rule:
        return None
    selectors = as_mapping(rule).get("clusterRoleSelectors")
    if is_template(rule) or is_template(selectors):
        return (Selector.unreadable(),)
    return tuple(map(Selector.from_manifest, as_list(selectors))) or None
