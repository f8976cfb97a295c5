"""Rule: cluster-scoped-resource-in-role."""

from collections.abc import Iterator, Mapping

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.kinds import is_known_group, kinds_of_resource
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import WrittenRule, written_rules

from .standard_verbs import REQUEST_VERBS

#: A namespace's own requests are made in that namespace, as far as they have its name.
_OWN_NAMESPACE = frozenset({"*", "get", "update", "patch", "delete"})
#: `bind` and `use` are asked for in the namespace of what is written or created, so with `*` a Role grants them.
_ASKED_IN_NAMESPACES = frozenset({"clusterroles", "podsecuritypolicies"})

Scopes = Mapping[tuple[str, str], bool]
"""Whether custom resources live in namespaces, by group and plural."""


class ClusterScopedResourceInRole(ProjectRule):
    """A Role grants rights on resources that live in no namespace.

    ## What it does
    Finds rules of Roles all of whose resources are cluster-scoped: `nodes`, `persistentvolumes`,
    `storageclasses`, custom resources whose definition in the tree says so. What a Role does grant is left
    alone: `bind` on `clusterroles`, `use` on policies, `get`, `update`, `patch` and `delete` on its own
    namespace; and so are verbs and resources that Kubernetes does not know. `escalate` on `clusterroles` is for
    another rule.

    ## Why it matters
    A Role counts for requests in its namespace, and requests about these resources are made in none. The rule
    is accepted and grants nothing: its holder is refused with "at the cluster scope".

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: node-reader
      namespace: monitoring
    rules:
      - apiGroups: [""]
        resources: ["nodes"]
        verbs: ["get", "list", "watch"]
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: node-reader
    rules:
      - apiGroups: [""]
        resources: ["nodes"]
        verbs: ["get", "list", "watch"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: node-reader
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: node-reader
    subjects:
      - kind: Group
        apiGroup: rbac.authorization.k8s.io
        name: monitoring
    ```

    ## When to ignore
    If something else than the API server asks for the right in a namespace.

    ## References
    - kubernetes `pkg/registry/rbac/validation/rule.go: VisitRulesFor`
    - [Role and
      ClusterRole](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole)
    """

    meta = RuleMeta(
        id="cluster-scoped-resource-in-role",
        summary="a Role grants rights on resources that live in no namespace",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    needs = frozenset({"Role", "CustomResourceDefinition"})
    about = frozenset({"Role"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per rule of a Role."""
        custom = _custom_scopes(project)
        for role in project.objects("Role", group=RBAC_GROUP):
            if role.partial or project.may_be_patched(role, "rules"):
                continue
            for entry in written_rules(role):
                if entry.known and _grants_nothing(entry.rule, custom):
                    yield self._report(role, entry)

    def _report(self, role: KubeObject, entry: WrittenRule) -> Finding:
        return self.finding(
            f"`{role.display}` cannot grant rights on {named(entry.rule.resources)}: they live in no namespace",
            at=entry.field.get("resources"),
            note="grants nothing",
        ).help("grant it with a ClusterRole and a ClusterRoleBinding")


def _custom_scopes(project: Project) -> dict[tuple[str, str], bool]:
    """The scope of custom resources; what different definitions say differently is namespaced."""
    found: dict[tuple[str, str], bool] = {}
    for crd in project.objects("CustomResourceDefinition"):
        group, plural = crd.field("spec", "group").text, crd.field("spec", "names", "plural").text
        if group and plural:
            namespaced = crd.field("spec", "scope").text != "Cluster"
            found[group, plural] = found.get((group, plural), False) or namespaced
    return found


def _grants_nothing(rule: PolicyRule, custom: Scopes) -> bool:
    if not rule.resources or not rule.api_groups or not rule.verbs or not {*rule.verbs} <= REQUEST_VERBS | {"*"}:
        return False
    return all(_is_cluster_scoped(rule, resource, custom) for resource in rule.resources) and not any(
        _is_asked_in_namespace(rule, resource) for resource in rule.resources
    )


def _is_cluster_scoped(rule: PolicyRule, resource: str, custom: Scopes) -> bool:
    """Whether all groups of the rule that have a resource of the name have it in no namespace, and one has it."""
    plural = resource.partition("/")[0]
    found: list[bool] = []
    for group in rule.api_groups:
        if (group, plural) in custom:
            found.append(custom[group, plural])
        elif not is_known_group(group):
            return False
        found.extend(kind.namespaced for kind in kinds_of_resource(plural) if kind.group == group)
    return bool(found) and not any(found)


def _is_asked_in_namespace(rule: PolicyRule, resource: str) -> bool:
    """Whether some request that the rule matches is made, or checked, in a namespace after all."""
    plural = resource.partition("/")[0]
    if plural == "namespaces":
        return not _OWN_NAMESPACE.isdisjoint(rule.verbs)
    return plural in _ASKED_IN_NAMESPACES and "*" in rule.verbs
