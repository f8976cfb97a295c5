"""Rule: binding-to-missing-service-account."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.rbac import RBAC_GROUP
from kubelint.manifests import Project

from .presence import Reference, presence_in


class BindingToMissingServiceAccount(ProjectRule):
    """A binding is for a service account that nothing in the tree makes.

    ## What it does
    Looks up the service accounts among the subjects of each binding. It says something only if the tree is where
    the account would be. Either its namespace and what runs in it are kept here, or there is an account whose name
    differs by one letter; and nothing else may bring it: no chart that is installed into the namespace, no
    Kustomization of another source, no resource that is not in the tree, no template, no custom resource that
    somebody may turn into accounts, and no script, playbook or document that mentions its name. `default` is in
    every namespace, and `kube-system` has accounts of Kubernetes' own.

    ## Why it matters
    A binding may name anybody; the API server does not look whether they exist. The account that was meant holds
    nothing, and its program is refused. Whoever may create service accounts in the namespace can take the name,
    and the rights with it.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: importer
      namespace: shop
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: importer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: view
    subjects:
      - kind: ServiceAccount
        name: importers
        namespace: shop
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: importer
      namespace: shop
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: importer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: view
    subjects:
      - kind: ServiceAccount
        name: importer
        namespace: shop
    ```

    ## When to ignore
    If the account comes from elsewhere: list it under `external` in the configuration, as
    `ServiceAccount/shop/importer`.

    ## References
    - kubernetes `pkg/registry/rbac/validation/rule.go: appliesToUser`
    - [Referring to
      subjects](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects)
    """

    meta = RuleMeta(
        id="binding-to-missing-service-account",
        summary="a binding is for a service account that nothing in the tree makes",
        category=Category.RBAC,
        severity=Severity.INFO,
        incident=3,
        since="0.1.0",
    )
    about = frozenset({"RoleBinding", "ClusterRoleBinding"})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per subject."""
        presence = presence_in(project)
        for binding in project.objects(("RoleBinding", "ClusterRoleBinding"), group=RBAC_GROUP):
            for wanted in presence.account_references(binding):
                if presence.is_missing(wanted):
                    yield self._report(wanted, presence.nearest(wanted))

    def _report(self, wanted: Reference, nearest: str | None) -> Finding:
        finding = self.finding(
            f"`{wanted.binding.display}` is for `{wanted.display}`, which nothing in the tree makes",
            at=wanted.at,
            note="nobody holds it as long as there is none",
        )
        if nearest is not None:
            return finding.help(f"write `{nearest}`, if that is meant")
        return finding.help(f"write the service account, or list it under `external` as `{wanted.external}`")
