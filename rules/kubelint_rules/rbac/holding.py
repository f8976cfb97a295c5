"""Who holds what a role says: through its bindings, through roles that aggregate it, and as a member of a group
of service accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from kubelint.cluster.rbac import AUTHENTICATED, Subject
from kubelint.cluster.spread import selector_matches
from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.access import Access, Grant, Identity

from .escalation import is_overwritten

_ACCOUNTS = "system:serviceaccounts"
BUILT_IN = "rbac.authorization.k8s.io/aggregate-to-"


class Holdings:
    """The grants of a project's roles, followed to the end."""

    def __init__(self, project: Project, access: Access) -> None:
        self._project = project
        self._access = access

    def holders(self, role: KubeObject) -> list[Grant]:
        """Who holds the rules that stand in a role, deployers first.

        Nobody, where the role aggregates others: its own rules are overwritten. A group of service accounts also
        stands for those of its members that are known to deploy.
        """
        if is_overwritten(role):
            return []
        direct = [*self._access.holders(role)]
        through = [grant for other in self._aggregating(role) for grant in self._access.holders(other)]
        grants = [member for grant in (*direct, *through) for member in (*self._members(grant), grant)]
        return sorted(grants, key=lambda grant: not self._access.is_deployer(grant.identity))

    def is_aggregated(self, role: KubeObject) -> bool:
        """Whether the rules of a role may reach somebody through another role, one of the tree or a built-in one."""
        built_in = any(key.startswith(BUILT_IN) for key in role.labels)
        return built_in or bool(self._aggregating(role)) or role.field("metadata", "labels").unknown

    def parts(self, role: KubeObject) -> list[KubeObject]:
        """The roles in which the rules of a role stand: itself, or the ClusterRoles of the tree that it aggregates."""
        if not is_overwritten(role):
            return [role]
        return [each for each in self._access.roles if not is_overwritten(each) and role in self._aggregating(each)]

    def bindings(self, role: KubeObject) -> list[KubeObject]:
        """The bindings of a role, and those that may be: where template text hides what is bound."""
        named = self._bindings.get((role.kind, role.name or ""), [])
        return [obj for obj in (*named, *self._hidden_bindings) if same_cluster(obj.scope, role.scope)]

    def are_known(self, bindings: Iterable[KubeObject]) -> bool:
        """Whether bindings say in the tree, and in full, what they bind to whom."""
        return not any(self._hides_something(obj) for obj in bindings)

    def places(self, identity: Identity) -> set[str]:
        """The namespaces in which some RoleBinding, of whatever role, is for the identity."""
        principals = [("user", identity.user), *(("group", name) for name in identity.groups)]
        return {place for principal in principals for place in self._places.get(principal, ())}

    def _members(self, grant: Grant) -> Iterator[Grant]:
        """The deployers that a grant to a group of service accounts is for."""
        if grant.identity.kind != "Group":
            return
        group, _, namespace = grant.identity.name.partition(f"{_ACCOUNTS}:")
        if grant.identity.name in (_ACCOUNTS, AUTHENTICATED):
            names = self._deployers
        elif not group and namespace:
            names = [account for account in self._deployers if account.namespace == namespace]
        else:
            names = []
        for account in names:
            yield replace(grant, identity=account)

    @cached_property
    def _deployers(self) -> list[Identity]:
        """The service accounts of the tree that deploy."""
        found: dict[Identity, None] = {}
        for account in self._project.objects("ServiceAccount", group=""):
            for name in self._project.kustomizations.names(account):
                self._add(found, account, name)
        for pod in self._project.pods:
            written = pod.spec.get("serviceAccountName").text
            for name in self._access.subjects.accounts(pod.obj, written) if written else ():
                self._add(found, pod.obj, name)
        for obj in self._project.objects(("HelmRelease", "Kustomization")):
            self._add(found, obj, obj.field("spec", "serviceAccountName").text)
        return [identity for identity in found if self._access.is_deployer(identity)]

    def _add(self, found: dict[Identity, None], obj: KubeObject, name: str | None) -> None:
        for namespace in self._project.kustomizations.namespaces(obj) if name else ():
            if namespace:
                found[Identity("ServiceAccount", name or "", namespace)] = None

    def _aggregating(self, role: KubeObject) -> list[KubeObject]:
        """The ClusterRoles of the tree that take in the rules of a role, through others too."""
        found: list[KubeObject] = []
        waiting = [role] if role.kind == "ClusterRole" and role.labels else []
        while waiting:
            labels = waiting.pop().labels
            for other in self._aggregators:
                if other not in found and other is not role and _takes(other, labels, role.scope):
                    found.append(other)
                    waiting.append(other)
        return found

    @cached_property
    def _aggregators(self) -> list[KubeObject]:
        return [role for role in self._access.roles if role.kind == "ClusterRole" and is_overwritten(role)]

    @cached_property
    def _all_bindings(self) -> list[KubeObject]:
        return [obj for obj in self._project.objects(("RoleBinding", "ClusterRoleBinding")) if not obj.partial]

    @cached_property
    def _bindings(self) -> dict[tuple[str, str], list[KubeObject]]:
        found: dict[tuple[str, str], list[KubeObject]] = {}
        for obj in self._all_bindings:
            key = (obj.field("roleRef", "kind").text or "", obj.field("roleRef", "name").text or "")
            found.setdefault(key, []).append(obj)
        return found

    @cached_property
    def _hidden_bindings(self) -> list[KubeObject]:
        return [obj for obj in self._all_bindings if obj.field("roleRef", "name").text is None]

    def _hides_something(self, obj: KubeObject) -> bool:
        subjects = obj.field("subjects")
        if obj.field("roleRef", "name").text is None or subjects.unknown:
            return True
        if obj.kind == "RoleBinding" and len(self._project.kustomizations.namespaces(obj)) != 1:
            return True
        hidden = any(entry.get(key).unknown for entry in subjects.elements() for key in ("kind", "name", "namespace"))
        return hidden or self._access.subjects.may_be_patched(obj)

    @cached_property
    def _places(self) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = {}
        for obj in self._all_bindings:
            for place in self._project.kustomizations.namespaces(obj) if obj.kind == "RoleBinding" else ():
                for _, value in self._access.subjects.of(obj):
                    principal = Subject.from_manifest(value).principal(place or "")
                    if principal is not None and place:
                        found.setdefault(principal, set()).add(place)
        return found


def _takes(aggregator: KubeObject, labels: dict[str, str], scope: str) -> bool:
    selectors = aggregator.field("aggregationRule", "clusterRoleSelectors").elements()
    return same_cluster(aggregator.scope, scope) and any(selector_matches(one.value, labels) for one in selectors)
