"""What bindings name, and whether the tree holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from kubelint.cluster.kinds import WORKLOADS
from kubelint.cluster.rbac import RBAC_GROUP, builtin_manifests, name_of
from kubelint.manifests import Field, KubeObject, Project, once_per_project
from kubelint.manifests.scopes import may_meet
from kubelint.manifests.supply import outside_of

_GROUPS = {"Role": RBAC_GROUP, "ClusterRole": RBAC_GROUP, "ServiceAccount": ""}
#: Kubernetes itself, and whoever set it up, put accounts and roles there.
_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
#: What shows that the contents of a namespace are kept in the tree, and not its mere existence.
_CONTENTS = WORKLOADS | {"ConfigMap", "Role", "Secret", "Service", "ServiceAccount"}
_PUNCTUATION = re.compile(r"[-_.:]")
_LONGEST = 253
"""Longer names are none of a service account, and not written by hand."""


@dataclass(frozen=True)
class Reference:
    """What a binding names: an object of a kind, in one of `namespaces`; in none for a ClusterRole."""

    kind: str
    name: str
    namespaces: frozenset[str]
    at: Field
    binding: KubeObject

    @property
    def display(self) -> str:
        """`Role shop/deployer`."""
        return self._path(" ")

    @property
    def external(self) -> str:
        """`Role/shop/deployer`, as the configuration lists what is not in the tree."""
        return self._path("/")

    def _path(self, separator: str) -> str:
        place = f"{min(self.namespaces)}/" if self.namespaces else ""
        return f"{self.kind}{separator}{place}{self.name}"


class Presence:
    """The roles and service accounts of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._outside = outside_of(project)
        self._builtin = {name_of(item) for item in builtin_manifests() if item.get("kind") == "ClusterRole"}
        self._named: dict[tuple[str, str], list[KubeObject]] = {}
        self._nameless: dict[str, list[KubeObject]] = {}
        for kind, group in _GROUPS.items():
            for obj in project.objects(kind, group=group):
                self._add(kind, obj)

    def _add(self, kind: str, obj: KubeObject) -> None:
        """File an object under each name that it may be known by."""
        names = self._project.kustomizations.names(obj)
        if obj.name is None or not names:
            self._nameless.setdefault(kind, []).append(obj)
        for name in names | ({obj.name} if obj.name else set()):
            self._named.setdefault((kind, name), []).append(obj)

    def role_reference(self, binding: KubeObject) -> Reference | None:
        """The role that a binding names; None where that is unknown, or no kind of role."""
        kind, name = (binding.field("roleRef", step) for step in ("kind", "name"))
        if kind.text not in ("Role", "ClusterRole") or not name.text or self._is_patched(binding, "roleRef"):
            return None
        places = self._namespaces(binding) if kind.text == "Role" else frozenset[str]()
        if (kind.text == "Role") != bool(places):
            return None
        return Reference(kind.text, name.text, places, name, binding)

    def account_references(self, binding: KubeObject) -> Iterator[Reference]:
        """The service accounts that a binding names, those whose namespace is known."""
        if self._is_patched(binding, "subjects"):
            return
        for subject in binding.field("subjects").elements():
            name, namespace = subject.get("name"), subject.get("namespace")
            if subject.get("kind").text != "ServiceAccount" or not name.text or namespace.unknown:
                continue
            places = frozenset((namespace.text,)) if namespace.text else self._namespaces(binding)
            if places:
                yield Reference("ServiceAccount", name.text, places, name, binding)

    def _namespaces(self, binding: KubeObject) -> frozenset[str]:
        return self._project.kustomizations.namespaces(binding) if binding.kind == "RoleBinding" else frozenset()

    def _is_patched(self, binding: KubeObject, part: str) -> bool:
        """Whether more than kustomize's own renaming of references may change a part of a binding."""
        if binding.partial:
            return True
        kustomizations = self._project.kustomizations
        opaque = any(member.is_opaque for member in kustomizations.graph.appliers(binding.file))
        return opaque or bool(kustomizations.setting_patches(binding, part))

    def is_missing(self, wanted: Reference) -> bool:
        """Whether what is named surely is not in the tree, the tree is where it would be, and nothing else makes it."""
        if self._is_given(wanted) or self._exists(wanted):
            return False
        places: list[str | None] = [*wanted.namespaces] or [None]
        kept = all(place is not None and self._is_kept_here(wanted, place) for place in places)
        if not kept and self.nearest(wanted) is None:
            return False
        scope, repository = wanted.binding.scope, wanted.binding.document.repository
        return not any(self._outside.may_bring(wanted.name, place, scope, repository) for place in places)

    def nearest(self, wanted: Reference) -> str | None:
        """The name of another that was probably meant: one letter apart, or but for case and punctuation the same."""
        found = {name for variant in _variants(wanted.name) for name in self._alike[wanted.kind].get(variant, ())}
        near = sorted(name for name in found if _is_near(wanted.name, name))
        return next((name for name in near if self._is_possible(name, wanted)), None)

    def _is_possible(self, name: str, wanted: Reference) -> bool:
        if wanted.kind == "ClusterRole" and name in self._builtin:
            return True
        return any(self._may_be(obj, wanted) for obj in self._named.get((wanted.kind, name), ()))

    @cached_property
    def _alike(self) -> dict[str, dict[str, set[str]]]:
        """The names of each kind by what is left of them without case, punctuation and any one letter."""
        found: dict[str, dict[str, set[str]]] = {kind: {} for kind in _GROUPS}
        builtin = [("ClusterRole", name) for name in self._builtin if not name.startswith("system:")]
        for kind, name in [*self._named, *builtin]:
            for variant in _variants(name):
                found[kind].setdefault(variant, set()).add(name)
        return found

    def _is_given(self, wanted: Reference) -> bool:
        """Whether every cluster has it, or the user says that this one does."""
        if wanted.namespaces & _SYSTEM or wanted.name.startswith("system:"):
            return True
        if wanted.kind == "ServiceAccount" and wanted.name == "default":
            return True
        if wanted.kind == "ClusterRole" and wanted.name in self._builtin:
            return True
        return all(self._is_external(wanted, place) for place in wanted.namespaces or {""})

    def _is_external(self, wanted: Reference, place: str) -> bool:
        spelled = [f"{wanted.kind}/{place}/{wanted.name}"] + ([] if place else [f"{wanted.kind}/{wanted.name}"])
        return any(fnmatchcase(text, entry) for entry in self._project.settings.external for text in spelled)

    def _exists(self, wanted: Reference) -> bool:
        found = self._named.get((wanted.kind, wanted.name), [])
        if any(self._may_be(obj, wanted) for obj in found):
            return True
        nameless = self._nameless.get(wanted.kind, [])
        return any(self._may_be(obj, wanted) and (obj.name or "") in wanted.name for obj in nameless)

    def _may_be(self, obj: KubeObject, wanted: Reference) -> bool:
        """Whether the object may be in the binding's cluster, and in one of the namespaces."""
        if not may_meet(obj.scope, wanted.binding.scope):
            return False
        if not wanted.namespaces or obj.namespace in wanted.namespaces:
            return True
        places = self._project.kustomizations.namespaces(obj)
        return not places or bool(places & wanted.namespaces)

    def _is_kept_here(self, wanted: Reference, place: str) -> bool:
        """Whether the tree holds the namespace, and something in it besides what governs it."""
        scope, (spaces, contents) = wanted.binding.scope, self._kept
        return all(any(may_meet(other, scope) for other in kept.get(place, ())) for kept in (spaces, contents))

    @cached_property
    def _kept(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """The scopes that hold each namespace, and those that hold something in it."""
        spaces: dict[str, set[str]] = {}
        contents: dict[str, set[str]] = {}
        for obj in self._project.objects("Namespace", group=""):
            for name in self._project.kustomizations.names(obj):
                spaces.setdefault(name, set()).add(obj.scope)
        for obj in self._project.objects(_CONTENTS):
            for name in self._project.kustomizations.namespaces(obj):
                contents.setdefault(name, set()).add(obj.scope)
        return spaces, contents


def _variants(name: str) -> set[str]:
    """What two names share if `_is_near` says that they are alike: themselves but for one letter."""
    plain = _plain(name)
    if len(plain) > _LONGEST:
        return {plain}
    return {plain, *(plain[:index] + plain[index + 1 :] for index in range(len(plain)))}


def _is_near(one: str, other: str) -> bool:
    """Whether one name is likely the other, misspelt: another case or punctuation, or a slip in one of its words."""
    if one == other or _digits(one) != _digits(other):
        return False  # digits tell things apart on purpose
    if _plain(one) == _plain(other):
        return True
    words, others = _PUNCTUATION.split(one), _PUNCTUATION.split(other)
    slips = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and len(slips) == 1 and _is_slip(*slips[0])


def _is_slip(one: str, other: str) -> bool:
    """Whether two neighbours have changed places, or a letter is added, left out or another. The first letter is
    right, and short words are alike by chance.
    """
    shortest, longest = sorted((len(one), len(other)))
    if shortest < 4 or one[0] != other[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), shortest)
    one, other = one[start:], other[start:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or (longest > 4 and (one[1:] == other[1:] or one[1:] == other or one == other[1:]))


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("", name.lower())


def _digits(name: str) -> str:
    return "".join(char for char in name if char.isdigit())


@once_per_project
def presence_in(project: Project) -> Presence:
    """What a project holds, found out once for all rules."""
    return Presence(project)
