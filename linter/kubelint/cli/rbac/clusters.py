"""The tree as `kubelint rbac` asks it: for each cluster that it describes, an authorizer and where its objects are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from kubelint.checks import Location, load_rules
from kubelint.checks.finding import Target
from kubelint.cli.errors import UsageProblem
from kubelint.cli.rbac.manifests import Manifests
from kubelint.cli.rbac.words import Asked, defined_kinds
from kubelint.cli.workspace import Request, Workspace
from kubelint.cluster.kinds import RBAC, Kind
from kubelint.cluster.rbac import (
    AUTHENTICATED,
    RBAC_GROUP,
    Authorizer,
    PolicyRule,
    Subject,
    builtin_manifests,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.reading import Manifest, as_list
from kubelint.engine.crashes import crash_finding
from kubelint.engine.places import Places
from kubelint.engine.reading import RENDERER, Reading
from kubelint.manifests import KubeObject, same_cluster
from kubelint.manifests.scopes import scope_of
from kubelint.rendering.rendered import NoEngine

#: What makes a binding's template one for a kind of subjects: its name, or that of groups; or a template instead.
_SUBJECT = r"""kind["']?:\s*["']?(?:{}\b|Group\b|\{{\{{)|subjects["']?:\s*\{{\{{"""
_HINT = "name a folder that holds Roles, ClusterRoles and their bindings"
_EVERYBODY = (AUTHENTICATED, "system:serviceaccounts")


class Spot(NamedTuple):
    """A line of a file; `line` is 0 where only the file is known."""

    file: str
    line: int
    column: int = 1


class Tree:
    """Everything that was read of a project, charts and kustomizations rendered."""

    def __init__(self, request: Request) -> None:
        self.workspace = Workspace(request, load_rules())
        self._given = self.workspace.read()
        try:
            self.reading = Reading(self._given, self.workspace.registry, self.workspace.settings)
        except NoEngine as error:
            raise UsageProblem(str(error), "or leave out `--render always`") from None
        self.project, self.renderings = self.reading.project, self.reading.renderings
        self._files = self.reading.files

    @property
    def crash(self) -> str:
        """What to say of a renderer that crashed, so that only what is written is known; empty if none did."""
        if self.reading.failure is None:
            return ""
        finding = crash_finding(RENDERER, self.reading.failure, Location(""))
        return f"{finding.message}; {finding.help_text}"

    @cached_property
    def manifests(self) -> Manifests:
        """The roles and bindings as they reach the API server."""
        origins = {file.origin for file in self.renderings.files.values()}
        return Manifests(self.project, self.renderings.files, origins)

    def named_scopes(self) -> set[str]:
        """The scopes of the files that the paths of the command line hold."""
        return {scope_of(path, self.repository(path)) for path in self.named_files}

    @property
    def named_files(self) -> frozenset[str]:
        """The files that the paths of the command line are, or hold."""
        return self._given.reported or frozenset()

    def spot(self, target: Target) -> Spot:
        """Where something is written."""
        location = self.renderings.locate(Location.of(target))
        if location.file not in self._files:
            return Spot(location.file, 0)
        place = Places(self._files).find(location)
        return Spot(place.path, place.start.line, place.start.column)

    def unread_bindings(self) -> Iterator[str]:
        """The files that could not be read whole and speak of bindings."""
        for path in sorted(self.project.hidden_files):
            source = self._files.get(path)
            if source is not None and "RoleBinding" in source.text:
                yield path

    def may_name(self, path: str, kind: str) -> bool:
        """Whether a file that could not be read may hold a subject of a kind, or a group that it is in."""
        return bool(re.search(_SUBJECT.format(kind), self._files[path].text))

    def speaks_of(self, asked: Asked) -> bool:
        """Whether the tree, or Kubernetes itself, knows an identity: others may have their rights from elsewhere."""
        if asked.kind == "ServiceAccount":
            known = asked.name == "default" or bool(self.project.find("ServiceAccount", asked.name, asked.namespace))
        else:
            known = asked.name.startswith("system:")
        own = (("group", group) for group in asked.groups if group not in _EVERYBODY)
        return known or ("user", asked.user) in self._principals or any(group in self._principals for group in own)

    @cached_property
    def _principals(self) -> set[tuple[str, str] | None]:
        """Whom the bindings of the tree are for."""
        bindings = self.project.objects(("RoleBinding", "ClusterRoleBinding"), group=RBAC_GROUP)
        return {
            Subject.from_manifest(entry).principal(namespace_of(manifest))
            for obj in bindings
            for manifest in self.manifests.of(obj)
            for entry in as_list(manifest.get("subjects"))
        }

    def places(self, obj: KubeObject) -> set[str]:
        """The scopes that an object counts in, whichever rendering it is of."""
        return self.manifests.places(obj) if obj.kind in RBAC else {obj.scope.partition("\t")[0]}

    def repository(self, path: str) -> str:
        """The repository inside of the tree that a file belongs to, empty for the tree's own."""
        return next((root for root in self._repositories if path.startswith(f"{root}/")), "")

    @cached_property
    def _repositories(self) -> list[str]:
        return sorted({document.repository for document in self.project.documents} - {""}, key=len, reverse=True)


@dataclass
class Cluster:
    """The RBAC objects that meet in one cluster.  `name` is its directory, empty for the whole tree."""

    name: str
    tree: Tree
    members: list[KubeObject]
    unread: list[str] = field(default_factory=list)

    @cached_property
    def authorizer(self) -> Authorizer:
        """Answers as the cluster's API server does."""
        return Authorizer(self.manifests())

    def object_of(self, manifest: Manifest) -> KubeObject | None:
        """The object of the tree that a manifest of the authorizer is; None for what is built in."""
        return self.tree.manifests.object_of(manifest)

    def manifests(self) -> Iterator[Manifest]:
        """The roles and bindings as they reach the API server."""
        return (manifest for obj in self.members for manifest in self.tree.manifests.of(obj))

    @cached_property
    def namespaces(self) -> list[str]:
        """The namespaces that bindings are known in; one at least, so that those anywhere can be asked about."""
        items = [item for item in (*self.manifests(), *builtin_manifests()) if item.get("kind") == "RoleBinding"]
        return sorted({namespace_of(item) for item in items} - {""}) or ["default"]

    @cached_property
    def writers(self) -> dict[PolicyRule, list[tuple[Manifest, int]]]:
        """Which ClusterRoles have a rule written in them, and as which of their rules."""
        found: dict[PolicyRule, list[tuple[Manifest, int]]] = {}
        for item in self._cluster_roles():
            for index, entry in enumerate(as_list(item.get("rules"))):
                if not item.get("aggregationRule"):
                    found.setdefault(PolicyRule.from_manifest(entry), []).append((item, index))
        return found

    def _cluster_roles(self) -> list[Manifest]:
        """The ClusterRoles as they were given, then the built-in ones of other names."""
        given = [item for item in self.manifests() if item.get("kind") == "ClusterRole"]
        names = {name_of(item) for item in given}
        rest = (item for item in builtin_manifests() if item.get("kind") == "ClusterRole")
        return [*given, *(item for item in rest if name_of(item) not in names)]


class Clusters(NamedTuple):
    """What surely meets in one directory's cluster, and for each set of alternatives the cluster with each of them."""

    base: Cluster
    variants: list[list[Cluster]]


def read_clusters(tree: Tree, hint: str = _HINT) -> list[Clusters]:
    """The clusters of the tree that the paths of the command line are about; `hint` is for a tree without roles."""
    objects = [obj for obj in tree.project.objects(RBAC, group=RBAC_GROUP) if not obj.partial]
    if not objects:
        where = "no role and no binding was found, so that nothing is known of who may do what"
        raise UsageProblem(where, hint)
    groups = _alternatives(tree, objects)
    chosen = {rendering for group in groups for rendering in group}
    unread = list(tree.unread_bindings())
    found = []
    scopes = _scopes(tree)
    if not scopes:
        raise UsageProblem("the path holds nothing of a cluster", "name a folder that holds Kubernetes manifests")
    for scope in scopes:
        near = [obj for obj in objects if any(same_cluster(place, scope) for place in tree.places(obj))]
        hidden = [path for path in unread if same_cluster(scope_of(path, tree.repository(path)), scope)]
        base = [obj for obj in near if obj.document.rendering not in chosen]
        name = scope.replace("//", "/", 1).rstrip("/")
        variants = [list(_variants(tree, name, base, near, group, hidden)) for group in groups]
        found.append(Clusters(Cluster(name, tree, base, hidden), [group for group in variants if group]))
    return found


def custom_kinds(tree: Tree) -> list[Kind]:
    """The kinds that the tree's CustomResourceDefinitions define."""
    return defined_kinds(tree.project.objects("CustomResourceDefinition"))


def _scopes(tree: Tree) -> list[str]:
    """The scopes to answer for: every cluster that the paths touch; a repository's shared one if it has no other."""
    objects = tree.project.all_objects
    named = tree.named_scopes()
    scopes = {place for obj in objects for place in tree.places(obj)}
    specific = [scope for scope in scopes if scope and not scope.endswith("//")]
    shared = [scope for scope in scopes if not scope or scope.endswith("//")]
    alone = [scope for scope in shared if not any(same_cluster(scope, other) for other in specific)]
    return sorted(scope for scope in (*specific, *alone) if any(same_cluster(scope, other) for other in named))


def _alternatives(tree: Tree, objects: list[KubeObject]) -> list[list[str]]:
    """The renderings that make something of the same file: one chart with several values, one base of overlays."""
    by_file: dict[str, set[str]] = {}
    for obj in objects:
        if obj.document.rendering:
            by_file.setdefault(tree.renderings.file(obj.file), set()).add(obj.document.rendering)
    groups: list[set[str]] = []
    for renderings in by_file.values():
        if len(renderings) > 1:
            joined = renderings.union(*(group for group in groups if group & renderings))
            groups = [*(group for group in groups if not group & renderings), joined]
    return [sorted(group) for group in groups]


def _variants(
    tree: Tree, name: str, base: list[KubeObject], near: list[KubeObject], group: list[str], unread: list[str]
) -> Iterator[Cluster]:
    for rendering in group:
        own = [obj for obj in near if obj.document.rendering == rendering]
        if own:
            origin = tree.renderings.origin(own[0].file) or rendering
            called = f"{name} ({origin})" if name else origin
            yield Cluster(called, tree, [*base, *own], unread)
