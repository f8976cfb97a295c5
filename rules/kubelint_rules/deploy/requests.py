"""What everything that is known to deploy asks of the API server, and which of that its account is refused.

One command asks for many things for several purposes; each request counts for one of them. A request that is not known
for sure, an account of which the tree says nothing, and what only may be deployed are left out: unknown is not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from weakref import WeakKeyDictionary

from kubelint.checks import Severity
from kubelint.cluster.helm import (
    Command,
    FluxKustomization,
    FluxRelease,
    Helm,
    Kubectl,
    Need,
    ResourceOf,
    Wait,
    builtin_resource,
    needs,
)
from kubelint.cluster.rbac import Request, Verdict
from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.access import Access, Grant, Identity, access_to
from kubelint.manifests.deployers import DeployerRun, deployers
from kubelint.manifests.shell.passages import Place

#: What a project rule must need for `known_runs`: anything may be deployed.
NEEDS = frozenset({"*"})


class Purpose(Enum):
    """What a request is for. One that is made for several purposes counts for the first of them."""

    APPLY = "to deploy the objects"
    STORE = "to keep the release"
    HOOKS = "to run the hooks of a chart"
    WAIT = "to wait for the objects"
    FOLLOW = "to watch a rollout"


@dataclass(frozen=True)
class Asked:
    """A request of a run, what it is for, and the answer of the API server."""

    need: Need
    purpose: Purpose
    verdict: Verdict

    @property
    def denied(self) -> bool:
        """Whether it is surely refused, if it is made."""
        return self.verdict is Verdict.DENIED and not self.need.unknown

    @property
    def refused(self) -> bool:
        """Whether it is surely made, by either version of Helm, and surely refused."""
        return self.denied and self.need.certain


@dataclass(frozen=True)
class KnownRun:
    """Something that deploys as a known account. `asked` holds every need of it, in its order.

    `grants` are the roles of the tree that the account holds, anywhere in the cluster.
    """

    run: DeployerRun
    identity: Identity
    asked: tuple[Asked, ...]
    grants: tuple[Grant, ...]

    @property
    def at(self) -> Place:
        """Where the command, or the account of an object of Flux or Argo CD, is written."""
        assert self.run.at is not None
        return self.run.at

    @property
    def helm(self) -> bool:
        """Whether it is a command of Helm, whose needs hang on the chart."""
        return isinstance(self.run.command, Helm)

    @property
    def severity(self) -> Severity:
        """An error, or a warning where the configuration alone says who deploys."""
        return Severity.WARNING if self.run.who.declared else Severity.ERROR

    def refused(self, *purposes: Purpose, rare: bool = False) -> list[Need]:
        """What the run is surely refused for the purposes; `rare` adds what it seldom asks for (`Occasion.rare`)."""
        asked = [asked for asked in self.asked if asked.purpose in purposes and (rare or not asked.need.occasion.rare)]
        without = {replace(each.need.request, name="") for each in asked if each.refused}
        # What is refused for one name is refused for all: then the other version of Helm fails as well.
        return [each.need for each in asked if each.refused or (each.denied and each.need.request in without)]

    def objects(self, found: Iterable[Need]) -> list[KubeObject]:
        """The objects of the tree that the needs are about."""
        positions = dict.fromkeys(position for need in found for position in need.about)
        deployed = self.run.deployed.objects
        known = (deployed[position] for position in positions if position < len(deployed))
        return [obj for obj in known if obj is not None]


def is_told(project: Project, identity: Identity, scope: str) -> bool:
    """Whether the commands of an account are known, so that what it may not watch is said of them or is not needed."""
    runs = [known for known in known_runs(project) if known.identity == identity]
    runs = [known for known in runs if same_cluster(known.run.scope, scope)]
    if any(known.refused(Purpose.WAIT, Purpose.HOOKS, Purpose.FOLLOW) for known in runs):
        return True
    return bool(runs) and all(known.run.deployed.complete or not known.helm for known in runs)


_known: WeakKeyDictionary[Project, list[KnownRun]] = WeakKeyDictionary()


def known_runs(project: Project) -> list[KnownRun]:
    """Everything that deploys as an account that the tree grants something where it deploys."""
    if project not in _known:
        _known[project] = list(_read(project))
    return _known[project]


def _read(project: Project) -> Iterator[KnownRun]:
    runs = deployers(project)
    access = access_to(project) if any(run.who.identity is not None for run in runs) else None
    for run in runs:
        identity = run.who.identity
        if access is None or identity is None or run.command is None or run.at is None:
            continue
        bindings = Bindings(project, access, run.scope, identity)
        if bindings.known:
            asked = tuple(_asked(project, access, run, bindings))
            grants = tuple(grant for grant in access.grants_of(identity) if _meets(grant, run))
            yield KnownRun(run, identity, asked, grants)


def _meets(grant: Grant, run: DeployerRun) -> bool:
    return same_cluster(grant.binding.scope, run.scope)


class Bindings:
    """The bindings of the tree that name an account or the accounts of its namespace."""

    def __init__(self, project: Project, access: Access, scope: str, identity: Identity) -> None:
        self.identity = identity
        self._groups = {group for group in identity.groups if group.startswith("system:serviceaccounts")}
        found = [obj for obj in access.neighbours(scope) if obj.kind.endswith("Binding") and self._names(obj)]
        self._namespaces = {self._place(project, obj) for obj in found}
        self.known = bool(found) and None not in self._namespaces

    def stands_in(self, namespace: str) -> bool:
        """Whether the account is granted anything there, so that the tree is where its rights come from."""
        return not self._namespaces.isdisjoint({"", namespace})

    def _place(self, project: Project, binding: KubeObject) -> str | None:
        """The namespace in which a binding counts, empty for all of them; None where that is not known."""
        if project.may_be_patched(binding, "subjects") or project.may_be_patched(binding, "roleRef"):
            return None
        if binding.kind == "ClusterRoleBinding":
            return ""
        places = project.kustomizations.namespaces(binding)
        return next(iter(places)) if len(places) == 1 else None

    def _names(self, binding: KubeObject) -> bool:
        identity = self.identity
        for entry in binding.field("subjects").elements():
            kind, name, namespace = (entry.get(key) for key in ("kind", "name", "namespace"))
            if kind.text == "Group" and name.text in (self._groups | {identity.name}):
                return True
            own = namespace.text in (None, identity.namespace) or identity.kind != "ServiceAccount"
            if kind.text == identity.kind and name.text == identity.name and own:
                return True
        return False


def _asked(project: Project, access: Access, run: DeployerRun, bindings: Bindings) -> Iterator[Asked]:
    if run.command is None:
        return
    identity, authorizer = bindings.identity, access.authorizer(run.scope)
    purposes = _Purposes(project, run)
    for need in purposes.needs(run.command):
        verdict = Verdict.UNKNOWN
        if bindings.stands_in(need.request.namespace or run.namespace) and _is_sure(project, run, need):
            verdict = authorizer.allows(identity.user, identity.groups, need.request)
        yield Asked(need, purposes.of(need.request), verdict)


def _is_sure(project: Project, run: DeployerRun, need: Need) -> bool:
    """Whether something that the need is about is surely deployed.

    What a chart renders to with values that are not known may be something else; what is written as it is deployed
    belongs to it, whatever else does.
    """
    if run.deployed.complete or not need.about:
        return True
    objects = run.deployed.objects
    for position in need.about:
        if position >= len(objects):  # what is in `crds/` is no template
            return True
        obj = objects[position]
        if obj is not None and not obj.document.rendering and not project.may_be_patched(obj, "kind"):
            return True
    return False


class _Purposes:
    """Tells what a request is for by what the command would ask for without that purpose."""

    def __init__(self, project: Project, run: DeployerRun) -> None:
        self._project = project
        self._run = run
        self._resource_of = _resources(project)
        self._parts = [(purpose, self._requests(command)) for purpose, command in _parts(run.command)]
        self._last = _last(run.command)

    def of(self, request: Request) -> Purpose:
        return next((purpose for purpose, asked in self._parts if request in asked), self._last)

    def needs(self, command: Command) -> list[Need]:
        deployed = self._run.deployed
        return needs(
            command, deployed.manifests, self._run.namespace, crds=deployed.crds, resource_of=self._resource_of
        )

    def _requests(self, command: Command) -> set[Request]:
        return {need.request for need in self.needs(command)}


def _parts(command: Command | None) -> list[tuple[Purpose, Command]]:
    """Commands that ask for ever more, and what each adds."""
    if isinstance(command, Helm):
        still = replace(command, wait=Wait.NONE, wait_for_jobs=False, atomic=False)
        plain = replace(still, hooks=False, driver="memory")
        stored = replace(plain, driver=command.driver)
        return [(Purpose.APPLY, plain), (Purpose.STORE, stored), (Purpose.HOOKS, still)]
    if isinstance(command, FluxRelease):
        quick = replace(command, wait=False)
        return [(Purpose.APPLY, replace(quick, hooks=False, test=False)), (Purpose.HOOKS, quick)]
    if isinstance(command, FluxKustomization):
        return [(Purpose.APPLY, replace(command, wait=False))]
    return []


def _last(command: Command | None) -> Purpose:
    """What the rest is for."""
    if isinstance(command, Kubectl):
        return Purpose.FOLLOW if command.action in ("rollout status", "wait") else Purpose.APPLY
    return Purpose.WAIT if isinstance(command, Helm | FluxRelease | FluxKustomization) else Purpose.APPLY


def _resources(project: Project) -> ResourceOf:
    """The resources of kinds, those that definitions of the tree define among them."""
    defined: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for obj in project.objects("CustomResourceDefinition"):
        group, names = obj.field("spec", "group").text, obj.field("spec", "names")
        kind, plural = names.get("kind").text, names.get("plural").text
        if group and kind and plural:
            defined[group, kind] = group, plural, obj.field("spec", "scope").text != "Cluster"

    def resource_of(version: str, kind: str) -> tuple[str, str, bool] | None:
        return builtin_resource(version, kind) or defined.get((version.rpartition("/")[0], kind))

    return resource_of
