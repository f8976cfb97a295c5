"""Bindings of one cluster, indexed by whom they are for, so that thousands of them cost nothing to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from kubelint.cluster.rbac.reading import (
    Manifest,
    as_list,
    as_mapping,
    as_text,
    kind_of,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.subjects import Subject
from kubelint.cluster.templates import has_template


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding, or with an empty `namespace` a ClusterRoleBinding; `order` is its place in the listing."""

    order: int
    role_kind: str
    role_name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A binding that may be for many: template text, or a namespace that is filled in later, hides whom or
    where.

    `namespace` is None where it may be any; the user name must have the prefix and the suffix, unless a
    `group` is meant.
    """

    reason: str
    namespace: str | None
    prefix: str = ""
    suffix: str = ""
    group: str | None = None

    def may_apply(self, user: str, groups: Collection[str], namespace: str) -> bool:
        """Whether an identity may be meant, for what is asked in a namespace."""
        if self.namespace != "" and (not namespace or self.namespace not in (None, namespace)):
            return False
        if self.group is not None:
            return self.group in groups
        return user.startswith(self.prefix) and user.endswith(self.suffix)


@dataclass(slots=True)
class BindingIndex:
    """Bindings by (namespace, "user" or "group", name), and those that cannot be indexed."""

    hidden: list[Hidden] = field(default_factory=list)
    _known: dict[tuple[str, str, str], list[Binding]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, item: Manifest) -> None:
        """Add a RoleBinding or ClusterRoleBinding."""
        self._count += 1
        ref = as_mapping(item.get("roleRef"))
        binding = Binding(self._count, as_text(ref.get("kind")), as_text(ref.get("name")), namespace_of(item))
        where = _where(item)
        display = f"{kind_of(item)} {name_of(item)}"
        if isinstance(item.get("subjects"), str):
            self.hidden.append(Hidden(f"the subjects of {display} are template text", where))
        for entry in as_list(item.get("subjects")):
            self._add_subject(Subject.from_manifest(entry), binding, where, display)

    def of(self, user: str, groups: Collection[str], namespace: str) -> list[Binding]:
        """The bindings that apply: those of the whole cluster, then those of the namespace, each in listing
        order.
        """
        principals = [("user", user), *(("group", group) for group in groups)]
        found = {
            binding.order: binding
            for scope in (["", namespace] if namespace else [""])
            for sort, name in principals
            for binding in self._known.get((scope, sort, name), ())
        }
        return sorted(found.values(), key=lambda binding: (binding.namespace != "", binding.order))

    def hidden_from(self, user: str, groups: Collection[str], namespace: str) -> list[str]:
        """Why more bindings may apply than those found."""
        return [entry.reason for entry in self.hidden if entry.may_apply(user, groups, namespace)]

    def _add_subject(self, subject: Subject, binding: Binding, where: str | None, display: str) -> None:
        if any(has_template(text) for text in (subject.kind, subject.name, subject.namespace)):
            self.hidden.append(_hidden_subject(subject, where, f"a subject of {display} is template text"))
        elif where is None:
            self.hidden.append(_hidden_subject(subject, None, f"the namespace of {display} is not known"))
        elif (principal := subject.principal(binding.namespace)) is not None:
            self._known[where, *principal].append(binding)


def _where(item: Manifest) -> str | None:
    """The namespace in which a binding counts: empty for all of them, None if it can't be known."""
    namespace = namespace_of(item)
    if kind_of(item) == "ClusterRoleBinding":
        return ""
    return namespace if namespace and not has_template(namespace) else None


def _hidden_subject(subject: Subject, where: str | None, reason: str) -> Hidden:
    name = "" if has_template(subject.name) else subject.name
    if subject.kind == "ServiceAccount":
        namespace = subject.namespace or where or ""
        prefix = "system:serviceaccount:" + (f"{namespace}:" if namespace and not has_template(namespace) else "")
        return Hidden(reason, where, prefix, f":{name}" if name else "")
    if subject.kind == "Group" and name:
        return Hidden(reason, where, group=name)
    if subject.kind == "User" and name:
        return Hidden(reason, where, prefix=name, suffix=name)
    return Hidden(reason, where)
