"""What everything that is known to deploy asks of the API server, and which of that its account is refused.

One command asks for many things for several purposes; each request counts for one of them. A request that is not known
for sure, an account of which the tree says nothing, and what only may be deployed are left out: unknown is not refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from kubelint.cluster.helm import FluxKustomization, Helm, Need, Without
from kubelint.cluster.rbac import Request, Subject, Verdict
from kubelint.cluster.runners import UNRESOLVED
from kubelint.cluster.templates import has_template
from kubelint.manifests.access import Access, Grant, Identity, access_to
from kubelint.manifests.deployers.model import DeployerRun
from kubelint.manifests.deployers.purposes import Purpose, Purposes
from kubelint.manifests.deployers.reading import deployers
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project
from kubelint.manifests.scopes import same_cluster
from kubelint.manifests.shell.passages import Place

#: What a project rule must need for `known_runs`: anything may be deployed.
NEEDS = frozenset({"*"})
_BY_FLAGS = frozenset({"namespaces", "customresourcedefinitions"})
"""What `--create-namespace` makes, and what `--skip-crds` leaves out."""


@dataclass(frozen=True)
class Asked:
    """A request of a run, what it is for, and the answer of the API server."""

    need: Need
    purpose: Purpose
    verdict: Verdict

    @property
    def denied(self) -> bool:
        """Whether it is surely refused, if it is made."""
        # A namespace lies in itself, so that a role inside of it counts: without the name nobody knows which.
        any_name = self.need.any_name and self.need.request.resource != "namespaces"
        return self.verdict is Verdict.DENIED and (any_name or not self.need.unknown)

    @property
    def refused(self) -> bool:
        """Whether it is surely made, by either version of Helm, and surely refused."""
        return self.denied and self.need.certain


@dataclass(frozen=True)
class KnownRun:
    """Something that deploys as a known account. `asked` holds every need of it, in its order.

    `grants` are the roles of the tree that the account holds, anywhere in the cluster; `shared` those that every
    account of its namespace, or of the cluster, holds with it.
    """

    run: DeployerRun
    identity: Identity
    asked: tuple[Asked, ...]
    grants: tuple[Grant, ...]
    shared: tuple[Grant, ...] = ()

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
    def declared(self) -> bool:
        """Whether the configuration alone says who deploys."""
        return self.run.who.declared

    def refused(self, *purposes: Purpose, rare: bool = False) -> list[Need]:
        """What the run is surely refused for the purposes; `rare` adds what it seldom asks for (`Occasion.rare`)."""
        asked = [asked for asked in self.asked if asked.purpose in purposes and (rare or not asked.need.occasion.rare)]
        without = {replace(each.need.request, name="") for each in asked if each.refused}
        # What is refused for one name is refused for all: then the other version of Helm fails as well.
        return [each.need for each in asked if each.refused or (each.denied and each.need.request in without)]

    def refused_to_one(self, *purposes: Purpose) -> list[Need]:
        """What one version of Helm is surely refused for the purposes, and the other has no need of; nothing where it
        is known which of them runs. A resource that either is refused something on, for whatever purpose, comes first,
        and so does an object that either is refused something about for these purposes.
        """
        both = {_matter(each.need.request) for each in self.asked if each.refused}
        asked = [each.need for each in self.asked if each.denied and each.purpose in purposes and not each.refused]
        usual = [need for need in asked if not need.occasion.rare and need.without is not Without.DEGRADED]
        told = {position for need in self.refused(*purposes) for position in need.about}
        rest = [need for need in usual if _matter(need.request) not in both]
        return [need for need in rest if not need.about or not told.issuperset(need.about)]

    def grants_in(self, places: Iterable[str]) -> list[Grant]:
        """The grants to the account that count in all of some namespaces; the empty one is the whole cluster."""
        wanted = set(places)
        return [grant for grant in self.grants if not grant.namespace or wanted == {grant.namespace}]

    def objects(self, found: Iterable[Need]) -> list[KubeObject]:
        """The objects of the tree that the needs are about."""
        positions = dict.fromkeys(position for need in found for position in need.about)
        deployed = self.run.deployed.objects
        known = (deployed[position] for position in positions if position < len(deployed))
        return [obj for obj in known if obj is not None]


def _matter(request: Request) -> tuple[str, ...]:
    """The resource of a request and where it is; what flags make is the same everywhere."""
    namespace = "" if request.resource in _BY_FLAGS else request.namespace
    return request.api_group, request.resource, request.subresource, namespace


def is_told(project: Project, identity: Identity, scope: str) -> bool:
    """Whether the commands of an account are known, so that what it may not watch is said of them or is not needed."""
    runs = [known for known in known_runs(project) if known.identity == identity]
    runs = [known for known in runs if same_cluster(known.run.scope, scope)]
    watching = (Purpose.WAIT, Purpose.HOOKS, Purpose.FOLLOW)
    if any(known.refused(*watching) or known.refused_to_one(*watching) for known in runs):
        return True
    return bool(runs) and all(known.run.deployed.complete or not known.helm for known in runs)


@once_per_project
def known_runs(project: Project) -> list[KnownRun]:
    """Everything that deploys as an account that the tree grants something where it deploys."""
    return list(_read(project))


def _read(project: Project) -> Iterator[KnownRun]:
    runs = deployers(project)
    access = access_to(project) if any(run.who.identity is not None for run in runs) else None
    for run in runs:
        identity = run.who.identity
        if access is None or identity is None or run.command is None or run.at is None:
            continue
        if not access.is_accounted_for(identity):
            continue
        bindings = Bindings(project, access, run.scope, identity)
        if bindings.known:
            asked = tuple(_asked(project, access, run, bindings))
            grants = tuple(_grants(access, identity, run))
            groups = (Identity("Group", name) for name in identity.groups)
            shared = tuple(grant for group in groups for grant in _grants(access, group, run))
            yield KnownRun(run, identity, asked, grants, shared)


def _grants(access: Access, identity: Identity, run: DeployerRun) -> Iterator[Grant]:
    return (grant for grant in access.grants_of(identity) if same_cluster(grant.binding.scope, run.scope))


class Bindings:
    """The bindings of the tree that name an account or the accounts of its namespace."""

    def __init__(self, project: Project, access: Access, scope: str, identity: Identity) -> None:
        self.identity = identity
        self._subjects = access.subjects
        self._groups = {group for group in identity.groups if group.startswith("system:serviceaccounts")}
        found = [obj for obj in access.neighbours(scope) if obj.kind.endswith("Binding") and self._names(obj)]
        self._namespaces = {self._place(project, obj) for obj in found}
        self.known = bool(found) and None not in self._namespaces

    def stands_in(self, namespace: str) -> bool:
        """Whether the account is granted anything there, so that the tree is where its rights come from."""
        return not self._namespaces.isdisjoint({"", namespace})

    def _place(self, project: Project, binding: KubeObject) -> str | None:
        """The namespace in which a binding counts, empty for all of them; None where that is not known."""
        if self._subjects.may_be_patched(binding) or project.may_be_patched(binding, "roleRef"):
            return None
        if binding.kind == "ClusterRoleBinding":
            return ""
        places = project.kustomizations.namespaces(binding)
        return next(iter(places)) if len(places) == 1 else None

    def _names(self, binding: KubeObject) -> bool:
        identity = self.identity
        for _, value in self._subjects.of(binding):
            subject = Subject.from_manifest(value)
            if subject.kind == "Group" and subject.name in (self._groups | {identity.name}):
                return True
            if subject.kind == identity.kind and subject.name == identity.name:
                own = subject.namespace in ("", identity.namespace) or has_template(subject.namespace)
                if own or identity.kind != "ServiceAccount":
                    return True
        return False


def _asked(project: Project, access: Access, run: DeployerRun, bindings: Bindings) -> Iterator[Asked]:
    if run.command is None:
        return
    identity, authorizer = bindings.identity, access.authorizer(run.scope)
    purposes = Purposes(project, run)
    for need in purposes.needs(run.command):
        verdict = Verdict.UNKNOWN
        if bindings.stands_in(need.request.namespace or _home(run)) and _is_made(project, run, need.about):
            verdict = authorizer.allows(identity.user, identity.groups, _request(need))
        yield Asked(need, purposes.of(need.request), verdict)


def _home(run: DeployerRun) -> str:
    """Where the account of a run must be granted something for what is in no namespace: where it deploys.

    A Kustomization of Flux may name none; then its account's own counts, which is the namespace of the Kustomization.
    """
    return run.home if isinstance(run.command, FluxKustomization) else run.namespace


def _request(need: Need) -> Request:
    """The request, with a name that may be any where it is not known: then only what no name is allowed is refused."""
    return replace(need.request, name=UNRESOLVED) if need.any_name else need.request


def _is_made(project: Project, run: DeployerRun, positions: Collection[int]) -> bool:
    """Whether a request about what is at these positions is surely made: some of it is deployed with any values."""
    return is_sure(project, run, positions) or not run.deployed.sure.isdisjoint(positions)


def is_sure(project: Project, run: DeployerRun, positions: Collection[int]) -> bool:
    """Whether something of what is at these positions is surely deployed as it is; without any nothing is in doubt.

    What a chart renders to with values that are not known may be something else; what is written as it is deployed
    belongs to it, whatever else does.
    """
    if run.deployed.complete or not positions:
        return True
    objects = run.deployed.objects
    for position in positions:
        if position >= len(objects):  # what is in `crds/` is no template
            return True
        obj = objects[position]
        if obj is not None and not obj.document.rendering and not project.may_be_patched(obj, "kind"):
            return True
    return False
