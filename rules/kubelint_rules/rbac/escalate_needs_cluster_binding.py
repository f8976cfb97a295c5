"""Rule: escalate-needs-cluster-binding."""

from collections.abc import Iterator
from dataclasses import replace

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.access import NEEDS, Access, Grant, WrittenRule, access_to, written_rules

from .escalation import gives, has_effective, is_overwritten, verb_field
from .holding import Holdings

_ONLY = ("clusterroles",)


class EscalateNeedsClusterBinding(ProjectRule):
    """A rule gives `escalate` on ClusterRoles in one namespace, where the API server never asks for it.

    ## What it does
    Finds `escalate` on `clusterroles`, without `roles`, in a Role, or in a ClusterRole that only RoleBindings
    bind. `bind` on `clusterroles` is another matter: it is asked for in the namespace of the binding.

    ## Why it matters
    ClusterRoles live in no namespace, so the API server asks for `escalate` on them in the whole cluster. What
    a RoleBinding grants does not count there: the holder is refused with "attempting to grant RBAC permissions
    not currently held", as if the verb were not there.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: role-keeper
      namespace: platform
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        verbs: ["escalate"]
    ```

    ## Use instead
    The narrow way is to grant the keeper of a role the rights that the role gives; it can then write the role
    without `escalate`. Where nobody can list them, limit the verb to the roles that it keeps. Security scanners
    flag `escalate` wherever it stands (checkov `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`).

    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: role-keeper
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["tenant-viewer"]
        verbs: ["get", "update", "patch", "escalate"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: role-keeper
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: role-keeper
    subjects:
      - kind: ServiceAccount
        name: role-keeper
        namespace: platform
    ```

    ## When to ignore
    If something outside of the tree binds the ClusterRole in the whole cluster.

    ## References
    - [Privilege escalation
      prevention](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)
    - kubernetes `pkg/registry/rbac/escalation_check.go`: `RoleEscalationAuthorized`
    """

    meta = RuleMeta(
        id="escalate-needs-cluster-binding",
        summary="`escalate` on ClusterRoles is granted in one namespace, where it does nothing",
        category=Category.RBAC,
        severity=Severity.WARNING,
        incident=3,
        since="0.1.0",
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per rule of a role."""
        access = access_to(project)
        holdings = Holdings(project, access)
        for role in access.roles:
            entries = [entry for entry in written_rules(role) if _is_about_clusterroles(entry)]
            if not entries or is_overwritten(role) or project.may_be_patched(role, "rules"):
                continue
            holders = holdings.holders(role)
            if not _counts_somewhere(access, holdings, role, holders):
                yield from (self._report(role, entry, holders) for entry in entries)

    def _report(self, role: KubeObject, entry: WrittenRule, holders: list[Grant]) -> Finding:
        held = "a Role grants it in one namespace" if role.kind == "Role" else "only RoleBindings grant it"
        finding = self.finding(
            f"`escalate` on `clusterroles` does nothing here: {held}, "
            "and the API server asks for it in the whole cluster",
            at=verb_field(entry, "escalate"),
            note="never asked for in a namespace",
        ).label(entry.field.get("resources"), "on this resource")
        for grant in holders[:3]:
            finding = finding.label(grant.subject, f"`{grant.identity}` holds it in `{grant.namespace}`")
        return finding.help(
            "grant the rights that the ClusterRoles give instead; only where nobody can list those, grant "
            "`escalate` by a ClusterRoleBinding, with `resourceNames`"
        )


def _is_about_clusterroles(entry: WrittenRule) -> bool:
    rule = entry.rule
    on_roles = "roles" in rule.resources or "*" in rule.resources
    return entry.known and "escalate" in rule.verbs and gives("escalate", rule, _ONLY) and not on_roles


def _counts_somewhere(access: Access, holdings: Holdings, role: KubeObject, holders: list[Grant]) -> bool:
    """Whether somebody may hold the verb in the whole cluster: through this role, or anyway."""
    if role.kind == "ClusterRole":
        bindings = holdings.bindings(role)
        # A ClusterRole that nothing binds waits for somebody to do so, and template text may bind anything.
        if not bindings or any(obj.kind == "ClusterRoleBinding" for obj in bindings) or holdings.is_aggregated(role):
            return True
    return bool(holders) and all(_has_it_anyway(access, grant) for grant in holders)


def _has_it_anyway(access: Access, grant: Grant) -> bool:
    """Whether another binding gives the verb in the whole cluster, or may do so."""
    held = access.rules_of(replace(grant, namespace=""))
    return bool(held.unknown) or has_effective("escalate", held.rules, _ONLY)
