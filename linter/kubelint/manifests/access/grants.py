"""Who holds which role in the tree, and what each of them may do: the chain binding, subject, role that rules
point along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname
from typing import Any

from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import (
    RBAC_GROUP,
    RESOURCES,
    Authorizer,
    Request,
    Rules,
    Subject,
    Verdict,
    name_of,
    namespace_of,
    rule_allows,
)
from kubelint.manifests import Field, KubeObject, Project, once_per_project, same_cluster
from kubelint.manifests.access.identities import Identity, identity_of
from kubelint.manifests.accounts import SOURCES, AccountUse, account_uses, settled_namespace
from kubelint.manifests.runners.chart_accounts import own_roles
from kubelint.manifests.subjects import LATER, subjects_in

#: What a project rule must need for `access_to`.
NEEDS = RBAC | SOURCES | {"ServiceAccount"}


@dataclass(frozen=True)
class Grant:
    """One binding that gives one identity a role of the tree; `namespace` is empty where it counts in the whole
    cluster.
    """

    identity: Identity
    role: KubeObject
    binding: KubeObject
    subject: Field
    namespace: str


class Access:
    """The roles and bindings of a project, resolved within each cluster or overlay."""

    def __init__(self, project: Project) -> None:
        self._settings = project.settings
        self._patches = project.kustomizations
        self._project = project
        self.subjects = subjects_in(project)
        self._uses: dict[str, list[AccountUse]] = {}
        for use in account_uses(project):
            self._uses.setdefault(use.name, []).append(use)
        self._objects = [obj for obj in project.objects(RBAC, group=RBAC_GROUP) if not obj.partial]
        self._roles: dict[tuple[str, str, str], list[KubeObject]] = {}
        for obj in self._objects:
            if obj.kind in ("Role", "ClusterRole") and obj.name:
                self._roles.setdefault((obj.kind, self._namespace(obj) or "", obj.name), []).append(obj)
        self._authorizers: dict[str, Authorizer] = {}
        self._held: dict[tuple[str, Identity, str], Rules] = {}
        self.grants = [grant for obj in self._objects if obj.kind.endswith("Binding") for grant in self._read(obj)]
        self._by_role: dict[int, list[Grant]] = {}
        for grant in self.grants:
            self._by_role.setdefault(id(grant.role), []).append(grant)
        self._by_identity: dict[Identity, list[Grant]] = {}
        for grant in self.grants:
            self._by_identity.setdefault(grant.identity, []).append(grant)

    @property
    def roles(self) -> list[KubeObject]:
        """The Roles and ClusterRoles of the project."""
        return [obj for obj in self._objects if not obj.kind.endswith("Binding")]

    def holders(self, role: KubeObject) -> list[Grant]:
        """The grants of a role, in the order of the files."""
        return self._by_role.get(id(role), [])

    def grants_of(self, identity: Identity) -> list[Grant]:
        """The grants of roles of the tree to an identity."""
        return self._by_identity.get(identity, [])

    def rules_of(self, grant: Grant) -> Rules:
        """Everything that the identity holds where the grant counts, through whichever bindings."""
        key = (grant.binding.scope, grant.identity, grant.namespace)
        if key not in self._held:
            identity = grant.identity
            authorizer = self.authorizer(grant.binding.scope)
            self._held[key] = authorizer.rules_for(identity.user, identity.groups, grant.namespace)
        return self._held[key]

    def may(self, grant: Grant, verb: str, group: str, resource: str) -> Verdict:
        """Whether the identity may do something with every object of a resource, where the grant counts."""
        held = self.rules_of(grant)
        request = Request(verb, group, resource, namespace=grant.namespace)
        if any(rule_allows(rule, request) for rule in held.rules):
            return Verdict.ALLOWED
        return Verdict.UNKNOWN if held.unknown else Verdict.DENIED

    def may_write(self, scope: str, identity: Identity, manifest: Mapping[str, Any], verb: str) -> bool:
        """Whether the verb alone, without the escalation check, is surely allowed on a role or binding."""
        name = "" if verb == "create" else name_of(manifest)
        resource = RESOURCES[manifest["kind"]]
        request = Request(verb, RBAC_GROUP, resource, name=name, namespace=namespace_of(manifest))
        return self.authorizer(scope).allows(identity.user, identity.groups, request) is Verdict.ALLOWED

    def authorizer(self, scope: str) -> Authorizer:
        """The authorizer of a cluster or overlay."""
        if scope not in self._authorizers:
            members = (obj for obj in self._objects if same_cluster(obj.scope, scope))
            written = [self.manifest(obj) for obj in members if not self._is_patched(obj)]
            made = [manifest for where, manifest in self._made if same_cluster(where, scope)]
            self._authorizers[scope] = Authorizer((*written, *made))
        return self._authorizers[scope]

    @cached_property
    def _made(self) -> list[tuple[str, Mapping[str, Any]]]:
        """What charts of other repositories surely bring for accounts that the tree may bind as well."""
        return list(own_roles(self._project))

    def neighbours(self, scope: str) -> list[KubeObject]:
        """The RBAC objects of a cluster or overlay."""
        return [obj for obj in self._objects if same_cluster(obj.scope, scope)]

    def manifest(self, obj: KubeObject) -> Mapping[str, Any]:
        """The object as it reaches the API server, as far as is known: in its namespace, with the accounts as they are
        called then.
        """
        value, metadata = obj.root.value, obj.field("metadata").value
        named = dict(metadata) if isinstance(metadata, dict) else {}
        placed = self._namespace(obj)
        if placed is not None:
            named["namespace"] = placed
        manifest = {**value, "apiVersion": obj.api_version, "kind": obj.kind, "metadata": named}
        if obj.kind.endswith("Binding") and isinstance(value.get("subjects"), list):
            manifest["subjects"] = [subject.value for subject in self.subjects.of(obj)]
        return manifest

    def deployer_use(self, identity: Identity) -> AccountUse | None:
        """What in the tree deploys as this service account: a runner, a Flux object, a Job with kubectl or Helm."""
        return next((use for use in self._uses_of(identity) if use.deploys), None)

    def is_flux_tenant(self, identity: Identity) -> bool:
        """Whether Flux alone deploys as this service account."""
        uses = [use for use in self._uses_of(identity) if use.deploys]
        return bool(uses) and all(use.by_flux for use in uses)

    def is_declared_deployer(self, identity: Identity) -> bool:
        """Whether the configuration names the identity as a deployer."""
        written = {f"{identity.kind}/{identity.namespace}/{identity.name}", f"{identity.kind}/{identity.name}"}
        return not written.isdisjoint(self._settings.deployers)

    def is_accounted_for(self, identity: Identity) -> bool:
        """Whether all that the identity holds can be known: people may be in groups that no file names, and clouds give
        rights that are not in the cluster.
        """
        declared = identity.kind == "ServiceAccount" or self.is_declared_deployer(identity)
        return declared and not identity.is_of_a_cloud

    def is_controller(self, identity: Identity) -> bool:
        """Whether a program of the tree runs as this service account and decides itself what it does with its
        rights.
        """
        return not self.is_deployer(identity) and any(True for _ in self._uses_of(identity))

    def is_deployer(self, identity: Identity) -> bool:
        """Whether the identity is known to deploy."""
        return self.is_declared_deployer(identity) or self.deployer_use(identity) is not None

    def _uses_of(self, identity: Identity) -> Iterator[AccountUse]:
        if identity.kind == "ServiceAccount":
            for use in self._uses.get(identity.name, ()):
                # A kustomization that moves the pods moves the subjects of bindings along.
                if use.namespace in (None, identity.namespace) or use.by.namespace == identity.namespace:
                    yield use

    def _is_patched(self, obj: KubeObject) -> bool:
        """Left out, a role that a patch may change counts as one from outside the tree: unknown."""
        return not obj.kind.endswith("Binding") and self._patches.may_set(obj, "rules")

    def _namespace(self, obj: KubeObject) -> str | None:
        return "" if obj.kind.startswith("Cluster") else settled_namespace(self._project, obj)

    def _read(self, binding: KubeObject) -> Iterator[Grant]:
        namespace = self._namespace(binding)
        if namespace is None:
            return
        kind, name = binding.field("roleRef", "kind").text or "", binding.field("roleRef", "name").text or ""
        role = self._role(kind, name, namespace, binding)
        if role is None:
            return
        for entry, value in self.subjects.of(binding):
            identity = identity_of(Subject.from_manifest(value), namespace)
            hidden = any(entry.get(key).unknown for key in ("kind", "name", "namespace"))
            if identity is not None and not hidden and LATER not in (identity.name, identity.namespace):
                yield Grant(identity, role, binding, entry.get("name"), namespace)

    def _role(self, kind: str, name: str, namespace: str, binding: KubeObject) -> KubeObject | None:
        """The role that a binding means: of several that may be in its cluster the one of its file or folder; None
        where those differ.
        """
        found = self._roles.get((kind, namespace if kind == "Role" else "", name), ())
        met = [role for role in found if same_cluster(role.scope, binding.scope)]
        if len(met) > 1:
            met = [role for role in met if not self._is_patched(role)] or met
            met = _nearest(met, binding)
        return met[0] if met and all(_grants(role) == _grants(met[0]) for role in met[1:]) else None


def _nearest(roles: list[KubeObject], binding: KubeObject) -> list[KubeObject]:
    """Those that are applied together with a binding, if any are."""
    same = [role for role in roles if role.file == binding.file]
    return same or [role for role in roles if dirname(role.file) == dirname(binding.file)] or roles


def _grants(role: KubeObject) -> tuple[Any, ...]:
    """What a role says of its rights."""
    return role.field("rules").value, role.field("aggregationRule").value


@once_per_project
def access_to(project: Project) -> Access:
    """The access of a project, resolved once for all rules."""
    return Access(project)
