"""Rule: binding-to-missing-role."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.rbac import RBAC_GROUP
from kubelint.manifests import Project

from .presence import Reference, presence_in


class BindingToMissingRole(ProjectRule):
    """A binding names a role that nothing in the tree makes.

    ## What it does
    Looks up the role that each binding names: in the tree, and among those that Kubernetes comes with. It says
    something only if the tree is where the role would be. Either the namespace and what runs in it are kept here,
    or there is a role whose name differs by one letter; and nothing else may bring the role: no chart that is
    installed into the namespace, no Kustomization of another source, no resource that is not in the tree, no
    template, no custom resource that somebody may turn into roles, and no script, playbook or document that
    mentions its name.

    ## Why it matters
    The API server accepts a binding to a role that is not there, if who applies it holds `bind` on that name or
    is cluster administrator; it refuses it from anybody else. Accepted, it grants nothing, and nobody is told.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "patch"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployers
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployers
    subjects:
      - kind: Group
        apiGroup: rbac.authorization.k8s.io
        name: shop-developers
    ```

    ## Use instead
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "patch"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployers
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployer
    subjects:
      - kind: Group
        apiGroup: rbac.authorization.k8s.io
        name: shop-developers
    ```

    ## When to ignore
    If the role comes from elsewhere: list it under `external` in the configuration, as `Role/shop/deployer` or
    `ClusterRole/deployer`.

    ## References
    - kubernetes `pkg/registry/rbac/validation/rule.go: GetRoleReferenceRules`
    - [RoleBinding and
      ClusterRoleBinding](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding)
    """

    meta = RuleMeta(
        id="binding-to-missing-role",
        summary="a binding names a role that nothing in the tree makes",
        category=Category.RBAC,
        severity=Severity.INFO,
        incident=3,
        since="0.1.0",
    )
    about = frozenset({"RoleBinding", "ClusterRoleBinding"})

    def check(self, project: Project) -> Iterator[Finding]:
        """At most one finding per binding."""
        presence = presence_in(project)
        for binding in project.objects(("RoleBinding", "ClusterRoleBinding"), group=RBAC_GROUP):
            wanted = presence.role_reference(binding)
            if wanted is not None and presence.is_missing(wanted):
                yield self._report(wanted, presence.nearest(wanted))

    def _report(self, wanted: Reference, nearest: str | None) -> Finding:
        finding = self.finding(
            f"`{wanted.binding.display}` binds `{wanted.display}`, which nothing in the tree makes",
            at=wanted.at,
            note="grants nothing as long as there is none",
        )
        if nearest is not None:
            return finding.help(f"write `{nearest}`, if that is meant; `roleRef` can only be changed in a new binding")
        return finding.help(f"write the role, or list it under `external` as `{wanted.external}`")
