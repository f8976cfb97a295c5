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

    def amended(self, items: Iterable[Manifest]) -> RoleCatalog:
        """A catalog in which these replace whatever has their names."""
        given = list(items)
        if not given:
            return self
        other = RoleCatalog()
        other._roles = dict(self._roles)
        other._given = self._given - {(namespace_of(item), name_of(item)) for item in given}
        for item in given:
            other.add(item)
        return other

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
            _Aggregation(self, self._aggregated).settle(role)
        return self._aggregated[role.name]

    def selected(self, selector: Selector) -> Iterator[tuple[Role, bool]]:
        """The ClusterRoles that a selector matches, by name; False with those that it only may match."""
        if self._labels is None:
            self._labels = LabelIndex({name: role.labels for (where, name), role in self._roles.items() if not where})
        for name, surely in self._labels.select(selector):
            yield self._roles["", name], surely


@dataclass(slots=True)
class _Sum:
    """What has been found of one aggregated role; `lowest` is the lowest place of a role that aggregates it in turn."""

    role: Role
    pending: Iterator[Role]
    place: int
    lowest: int
    rules: dict[PolicyRule, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)

    def take(self, rules: Iterable[PolicyRule], unknown: Iterable[str]) -> None:
        self.rules.update(dict.fromkeys(rules))
        self.unknown.update(dict.fromkeys(unknown))


class _Aggregation:
    """The rules that end up in aggregated roles, through other aggregated ones too.

    Roles that aggregate each other, in however wide a circle, end up with the same rules.  The circles are found as
    Tarjan's algorithm finds them, so that each role is looked at once.
    """

    def __init__(self, catalog: RoleCatalog, settled: dict[str, RoleRules]) -> None:
        self._catalog = catalog
        self._settled = settled
        self._path: list[_Sum] = []
        self._stack: list[_Sum] = []
        self._places: dict[str, int] = {}

    def settle(self, role: Role) -> None:
        """Find out what a role grants, and all those that it aggregates: each stands where it is selected."""
        self._enter(role)
        while self._path:
            current = self._path[-1]
            other = next(current.pending, None)
            if other is None:
                self._leave()
            elif other.selectors is None or other.name in self._settled:
                granted = other.written if other.selectors is None else self._settled[other.name]
                current.take(granted.rules, granted.unknown)
            elif other.name in self._places:
                current.lowest = min(current.lowest, self._places[other.name])
            else:
                self._enter(other)

    def _enter(self, role: Role) -> None:
        place = len(self._stack)
        found = _Sum(role, iter(()), place, place)
        found.pending = self._selected(found)
        self._path.append(found)
        self._stack.append(found)
        self._places[role.name] = place

    def _leave(self) -> None:
        left = self._path.pop()
        if left.lowest == left.place:
            self._close(left)
        if self._path:
            above = self._path[-1]
            above.take(left.rules, left.unknown)
            above.lowest = min(above.lowest, left.lowest)

    def _close(self, first: _Sum) -> None:
        """Settle the roles of a circle, most often one alone.

        Roles that aggregate each other keep for ever what one took over before the other was overwritten.
        """
        circle = self._stack[first.place :]
        del self._stack[first.place :]
        notes = [f"ClusterRole {found.role.name} aggregates what aggregates it" for found in circle if _written(found)]
        first.take((), notes if len(circle) > 1 else ())
        for found in circle:
            self._settled[found.role.name] = RoleRules(tuple(first.rules), tuple(first.unknown))

    def _selected(self, found: _Sum) -> Iterator[Role]:
        """What a role aggregates; where that is nothing at all, it is elsewhere."""
        name, empty = found.role.name, True
        for selector in found.role.selectors or ():
            if selector.hidden:
                found.take((), [f"the selectors of ClusterRole {name} hold template text"])
            for other, surely in self._catalog.selected(selector):
                if other.name == name:
                    continue
                empty = False
                if surely:
                    yield other
                else:
                    found.take((), [f"the labels of ClusterRole {other.name} hold template text"])
        if empty:
            found.take((), [f"no ClusterRole in the tree is aggregated into {name}"])


def _written(found: _Sum) -> tuple[PolicyRule, ...]:
    return found.role.written.rules


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
