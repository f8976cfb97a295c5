"""Bindings of one cluster, indexed by whom they are for, so that thousands of them cost nothing to ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kubelint.cluster.rbac.reading import (
    Manifest,
    as_list,
    as_mapping,
    as_text,
    is_template,
    kind_of,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.subjects import Subject, service_account_of
from kubelint.cluster.templates import has_template

#: Whom a binding is for: "user" and "group" by full name; where only a part is known "account" of a name,
#: "namespace" for all accounts of one, and "anybody".
Principal: TypeAlias = tuple[str, str]

#: Kind, name, and namespace.
Identity: TypeAlias = tuple[str, str, str]

_ANYBODY: Principal = ("anybody", "")


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding, or with an empty `namespace` a ClusterRoleBinding; `order` is its place in the listing."""

    order: int
    role_kind: str
    role_name: str
    namespace: str
    manifest: Manifest = field(compare=False, repr=False)


@dataclass(slots=True)
class BindingIndex:
    """Bindings by namespace and principal, and why those that cannot be indexed may apply to whom.

    The namespace is empty for the whole cluster, and None where it may be any.
    """

    _known: dict[tuple[str, Principal], list[Binding]] = field(default_factory=dict)
    _hidden: dict[tuple[str | None, Principal], dict[str, None]] = field(default_factory=dict)
    _count: int = 0
    _left_out: frozenset[Identity] = frozenset()

    def without(self, bindings: Iterable[Identity]) -> BindingIndex:
        """The index without the bindings of some kinds, names and namespaces."""
        return replace(self, _left_out=self._left_out.union(bindings))

    def add(self, item: Manifest) -> None:
        """Add a RoleBinding or ClusterRoleBinding; one whose roleRef the API server rejects grants nothing."""
        ref = as_mapping(item.get("roleRef"))
        kind, clusterwide = as_text(ref.get("kind")), kind_of(item) == "ClusterRoleBinding"
        if not has_template(kind) and kind not in ("", "ClusterRole", *([] if clusterwide else ["Role"])):
            return
        self._count += 1
        binding = Binding(self._count, kind, as_text(ref.get("name")), namespace_of(item), item)
        where = "" if clusterwide else _known_namespace(binding.namespace)
        subjects = item.get("subjects")
        if is_template(subjects):
            self._hide(where, _ANYBODY, f"the subjects of {_display(item)} are template text")
        for entry in as_list(subjects):
            self._add_subject(entry, binding, where)

    def of(self, user: str, groups: Collection[str], namespace: str) -> list[Binding]:
        """The bindings that apply: those of the whole cluster, then those of the namespace, each in listing
        order.
        """
        principals = _principals(user, groups)
        found: list[Binding] = []
        for scope in ("", namespace) if namespace else ("",):
            lists = [self._known[scope, who] for who in principals if (scope, who) in self._known]
            if len(lists) == 1:
                found += lists[0]
            elif lists:
                unique = {binding.order: binding for bindings in lists for binding in bindings}
                found += (unique[order] for order in sorted(unique))
        if not self._left_out:
            return found
        return [binding for binding in found if _identity(binding.manifest) not in self._left_out]

    def hidden_from(self, user: str, groups: Collection[str], namespace: str) -> list[str]:
        """Why more bindings may apply than those found."""
        if not self._hidden:
            return []
        principals = [*_principals(user, groups), _ANYBODY, *_account_principals(user)]
        scopes = ("", namespace, None) if namespace else ("",)
        keys = ((scope, who) for scope in scopes for who in principals)
        return list(dict.fromkeys(reason for key in keys for reason in self._hidden.get(key, ())))

    def _add_subject(self, entry: object, binding: Binding, where: str | None) -> None:
        subject = Subject.from_manifest(entry)
        texts = (entry, subject.kind, subject.name, subject.namespace)
        if any(map(is_template, texts)):
            reason = f"a subject of {_display(binding.manifest)} is template text"
            self._hide(where, _ANYBODY if is_template(entry) else _partly_known(subject, where), reason)
        elif where is None:
            reason = f"the namespace of {_display(binding.manifest)} is not known"
            self._hide(None, subject.principal() or _partly_known(subject, None), reason)
        elif (principal := subject.principal(where)) is not None:
            known = self._known.setdefault((where, principal), [])
            if not known or known[-1] is not binding:
                known.append(binding)

    def _hide(self, where: str | None, who: Principal | None, reason: str) -> None:
        if who is not None:
            self._hidden.setdefault((where, who), {})[reason] = None


def _identity(item: Manifest) -> Identity:
    return kind_of(item), name_of(item), namespace_of(item)


def _display(item: Manifest) -> str:
    return f"{kind_of(item)} {name_of(item)}"


def _known_namespace(namespace: str) -> str | None:
    return namespace if namespace and not has_template(namespace) else None


def _principals(user: str, groups: Collection[str]) -> list[Principal]:
    return [("user", user), *(("group", group) for group in groups)]


def _account_principals(user: str) -> Iterator[Principal]:
    """What a subject of which only a part is known may have in common with a service account."""
    account = service_account_of(user)
    if account is not None:
        namespace, name = account
        yield "namespace", namespace
        yield "account", name
        yield "account", ""


def _partly_known(subject: Subject, where: str | None) -> Principal | None:
    """Whom a subject may be for that is template text in part; None for nobody."""
    if has_template(subject.kind):
        return _ANYBODY
    if subject.kind == "ServiceAccount":
        if not has_template(subject.name):
            return "account", subject.name
        namespace = subject.namespace or where or ""
        return ("account", "") if not namespace or has_template(namespace) else ("namespace", namespace)
    if subject.kind in ("User", "Group"):
        name_is_known = not has_template(subject.name)
        return (subject.kind.lower(), subject.name) if name_is_known else _ANYBODY
    return None
