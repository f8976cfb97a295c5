"""Service accounts as bindings and pods name them once kustomize is through: renamed and moved with the accounts that
are built along with them.

Follows kustomize `api/filters/nameref/nameref.go` (a subject means the account of its name and namespace as they were
written), `api/filters/namespace/namespace.go` (what is called `default` is moved by its name alone) and
`api/internal/konfig/builtinpluginconsts/namereference.go` (pods of custom resources keep the name that they give).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.kinds import WORKLOADS, is_known_group
from kubelint.manifests.field import Field
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.kustomize import Journey
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project

LATER = "${patched}"
"""Stands where a kustomization sets what files do not tell: template text, which is unknown to everybody."""
_DEFAULT = "default"


class NamedSubject(NamedTuple):
    """An entry of a binding's subjects, and what it says in the end."""

    entry: Field
    value: object


class Subjects:
    """Whom the bindings and pods of a project name, in the end."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._follows = project.has_kustomizations()
        self._around: dict[str, frozenset[Kustomization]] = {}
        self._found: dict[int, list[NamedSubject]] = {}

    def of(self, binding: KubeObject) -> list[NamedSubject]:
        """The subjects of a binding; more than are written where a service account gets several names or places."""
        if id(binding) not in self._found:
            self._found[id(binding)] = list(self._read(binding))
        return self._found[id(binding)]

    def may_be_patched(self, binding: KubeObject) -> bool:
        """Whether the subjects are set by more than the entries that place and rename, which are followed here."""
        patches = self._project.kustomizations
        return bool(patches.setting_patches(binding, "subjects")) or patches.may_set(binding, "subjects", 0, "name")

    def accounts(self, owner: KubeObject, name: str) -> set[str]:
        """What the service account is called in the end that pods of `owner` name `name`; empty if that is unknown."""
        around = self._builders(owner)
        if not around or owner.kind not in WORKLOADS or not is_known_group(owner.group):
            return {name}
        ends = {end for account in self._accounts(name) for end, _ in self._ends(account, around)}
        return set() if LATER in ends else ends or {name}

    def called(self, name: str) -> list[KubeObject]:
        """The service accounts that get a name."""
        return self._called.get(name, [])

    @cached_property
    def _called(self) -> dict[str, list[KubeObject]]:
        found: dict[str, list[KubeObject]] = {}
        for account in self._project.objects("ServiceAccount", group=""):
            for name in self._project.kustomizations.names(account):
                found.setdefault(name, []).append(account)
        return found

    def _read(self, binding: KubeObject) -> Iterator[NamedSubject]:
        around = self._builders(binding)
        for entry in binding.field("subjects").elements():
            for value in self._named(entry, binding, around) if around else (entry.value,):
                yield NamedSubject(entry, value)

    def _named(self, entry: Field, binding: KubeObject, around: frozenset[Kustomization]) -> list[object]:
        """What the entry says in the end, once for each way that it may take."""
        written, name, namespace = entry.value, entry.get("name").text, entry.get("namespace")
        if not isinstance(written, Mapping) or entry.get("kind").text != "ServiceAccount" or not name:
            return [written]
        if name == _DEFAULT:
            places = self._places(binding)
        elif namespace.unknown:
            return [written]
        else:
            meant = self._meant(name, namespace.text, around)
            places = {end for account in meant for end in self._ends(account, around)}
        found = sorted(places, key=str)
        return [_placed(written, *end) for end in found] or [written]

    def _places(self, binding: KubeObject) -> set[tuple[str, str | None]]:
        """Where kustomizations look for what is called `default`; the namespace is None where none of them says it."""
        found: set[tuple[str, str | None]] = set()
        for way in self._project.kustomizations.journeys(binding):
            given = [stage.member.namespace for stage in way.stages if not stage.member.namespace.absent]
            found.add((_DEFAULT, (given[-1].text or LATER) if given else None))
        return found

    def _meant(self, name: str, namespace: str | None, around: frozenset[Kustomization]) -> list[KubeObject]:
        """The accounts that a subject may mean: as they are written, else as they end up."""
        accounts = [account for account in self._accounts(name) if around & self._builders(account)]
        if not namespace:
            return accounts if len(accounts) == 1 else []
        written = [account for account in accounts if (account.namespace or _DEFAULT) == namespace]
        return written or [
            account for account in accounts if namespace in self._project.kustomizations.namespaces(account)
        ]

    def _ends(self, account: KubeObject, around: frozenset[Kustomization]) -> Iterator[tuple[str, str | None]]:
        """The names and namespaces that an account gets along with something else; no namespace where it keeps its
        own, or none is known.
        """
        kustomizations = self._project.kustomizations
        named, placed = kustomizations.names(account), kustomizations.namespaces(account)
        for way in kustomizations.journeys(account):
            if not around.isdisjoint(way.chain):
                moved = placed and _is_changed(way, account)
                yield (way.name or LATER) if named else LATER, way.namespace if moved else None

    def _accounts(self, name: str) -> list[KubeObject]:
        found = self._project.find("ServiceAccount", name)
        return [account for account in found if not account.partial and not account.group]

    def _builders(self, obj: KubeObject) -> frozenset[Kustomization]:
        """The kustomizations that include an object."""
        if not self._follows:
            return frozenset()
        if obj.file not in self._around:
            chains = self._project.kustomizations.inclusions(obj.file)
            self._around[obj.file] = frozenset(member for chain in chains for member in chain)
        return self._around[obj.file]


def _is_changed(way: Journey, account: KubeObject) -> bool:
    """Whether kustomize looks at who names the account: else a subject without namespace stays so."""
    return (way.name, way.namespace) != (account.name, account.namespace)


def _placed(written: Mapping[str, object], name: str, namespace: str | None) -> dict[str, object]:
    return {**written, "name": name, **({} if namespace is None else {"namespace": namespace})}


@once_per_project
def subjects_in(project: Project) -> Subjects:
    """The subjects of a project, found out once for all rules."""
    return Subjects(project)
