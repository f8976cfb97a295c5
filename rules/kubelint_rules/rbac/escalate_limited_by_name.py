"""Rule: escalate-limited-by-name."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import RBAC_GROUP, Verdict
from kubelint.manifests import Project
from kubelint.manifests.access import NEEDS, Access, Grant, WrittenRule, access_to, written_rules

from .escalation import ROLES, gives, in_reach, may_have_cloud_rights, verb_field
from .holding import Holdings

#: Of very many holders only some are looked at.
_HOLDERS = 20


class EscalateLimitedByName(ProjectRule):
    """`escalate` is limited to some names, so it does not help to create a role by POST.

    ## What it does
    Finds `escalate` with `resourceNames` on roles that the same subject may also create, if nothing grants it
    the verb without names. Accounts that only Flux uses, or a Job whose commands say `--server-side`, are left
    alone: there the name is known.

    ## Why it matters
    A POST, which is what `kubectl create`, `kubectl apply` and Helm 3 send for a new object, names nothing in
    its URL, and a rule with `resourceNames` never matches a request without a name. The first install is
    refused with "attempting to grant RBAC permissions not currently held"; every update after it would have
    worked.

    ## Example
    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["roles"]
        verbs: ["get", "create", "patch"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["roles"]
        resourceNames: ["web"]
        verbs: ["escalate"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployer
    subjects:
      - kind: ServiceAccount
        name: deployer
        namespace: ci
    ```

    ## Use instead
    Grant the rights that the role gives: who holds them may write it without `escalate`, which security
    scanners flag wherever it stands (checkov `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`). Or keep the
    limit, apply on the server side (`kubectl apply --server-side`), and ignore the finding.

    ```yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["roles"]
        verbs: ["get", "create", "patch"]
      # What the role `web` grants.
      - apiGroups: [""]
        resources: ["configmaps"]
        verbs: ["get", "list", "watch"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: deployer
      namespace: shop
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: deployer
    subjects:
      - kind: ServiceAccount
        name: deployer
        namespace: ci
    ```

    ## When to ignore
    If the role exists already, or if it is applied on the server side.

    ## References
    - kubernetes `pkg/registry/rbac/escalation_check.go`: `RoleEscalationAuthorized`
    - kubernetes `apiserver/pkg/endpoints/request/requestinfo.go`: `NewRequestInfo`
    """

    meta = RuleMeta(
        id="escalate-limited-by-name",
        summary="`escalate` is limited to names, so it does not help to create roles",
        category=Category.RBAC,
        severity=Severity.INFO,
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
            entries = [entry for entry in written_rules(role) if _is_limited(entry)]
            holders = holdings.holders(role)[:_HOLDERS] if entries else []
            for entry in entries:
                stuck = ((grant, kind) for grant in holders for kind in _refused(access, grant, entry))
                first = next(stuck, None)
                if first is not None and not _applies_on_the_server(project, access, first[0]):
                    yield self._report(access, entry, *first)

    def _report(self, access: Access, entry: WrittenRule, grant: Grant, kind: str) -> Finding:
        finding = (
            self.finding(
                f"`{grant.identity}` may create `{kind}`, but its `escalate` is limited by `resourceNames`: "
                "a POST names nothing, so the verb works for updates and server-side apply only",
                at=entry.field.get("resourceNames").key,
                note="matches no request without a name",
            )
            .label(verb_field(entry, "escalate"), "limited to these names")
            .label(grant.subject, f"bound here to `{grant.role.name}`")
        )
        use = access.deployer_use(grant.identity)
        if use is not None:
            finding = finding.label(use.at, f"`{use.by.display}` deploys with this account")
        return finding.help(
            "grant the rights that the role gives, which makes `escalate` needless; or apply the role with "
            "`kubectl apply --server-side`"
        )


def _is_limited(entry: WrittenRule) -> bool:
    names = entry.rule.resource_names
    return entry.known and "escalate" in entry.rule.verbs and bool(names) and gives("escalate", entry.rule)


def _refused(access: Access, grant: Grant, entry: WrittenRule) -> Iterator[str]:
    """The kinds of roles that the holder may create, and for which it has `escalate` with names only."""
    identity = grant.identity
    if not access.is_accounted_for(identity) or may_have_cloud_rights(identity) or access.is_flux_tenant(identity):
        return
    for kind in in_reach(ROLES, grant.namespace):
        if (
            gives("escalate", entry.rule, (kind,))
            and access.may(grant, "create", RBAC_GROUP, kind) is Verdict.ALLOWED
            and access.may(grant, "escalate", RBAC_GROUP, kind) is Verdict.DENIED
        ):
            yield kind


def _applies_on_the_server(project: Project, access: Access, grant: Grant) -> bool:
    """Whether what deploys as this account says `--server-side`: the name is then in the URL."""
    use = access.deployer_use(grant.identity)
    if use is None:
        return False
    own = (one for one in project.scripts if one.container is not None and one.container.pod.obj is use.by)
    return any(command.flag("--server-side") for script in own for command in script.commands)
