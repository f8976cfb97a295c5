"""Rule: deployer-cannot-bind-role."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import RBAC_GROUP, RESOURCES, PolicyRule, Request, Verdict
from kubelint.manifests import Project
from kubelint.manifests.access import access_to
from kubelint.manifests.deployers import NEEDS, Written, flow_rule, written_roles

from .escalation import may_have_cloud_rights
from .presence import presence_in
from .refused_writes import Chains, Refusal, doer, refusals, role_ref, whole_role

_WHY = (
    "checkov `CKV_K8S_157`, trivy `KSV-0050` and kubescape `C-0191` report the verb, but limited by `resourceNames` it "
    "hands out this role and no other"
)


class DeployerCannotBindRole(ProjectRule):
    """Who deploys a binding may not grant what its role gives.

    ## What it does
    Follows `kubectl apply`, Helm with a chart of the tree, Flux's Kustomizations and HelmReleases, in workflows and
    in pods, to the account that they act as, and judges each RoleBinding and ClusterRoleBinding that they apply as
    the API server does: whoever writes one needs `bind` on the role that it names, or must hold everything that the
    role gives, in the binding's namespace. Rights through groups, several bindings, built-in and aggregated roles
    count; what a binding of the same deployment gives the account counts only afterwards.

    The plain verbs come first: without `create` or `patch` on the bindings `deployer-cannot-apply` speaks, and this
    rule does not. It says nothing either where something is not known: a role that is not in the tree, template text,
    a patch, an account that the tree grants nothing.

    A role that surely is nowhere is reported as information: only an account with `bind` on its name, or an
    administrator, may bind what does not exist yet.

    ## Why it matters
    The pipeline that has deployed everything else stops at its first binding with "attempting to grant RBAC
    permissions not currently held", and the message does not say that a verb is missing. The verb is not asked for
    on the bindings: `bind` on `rolebindings` does nothing.

    `bind` limited by `resourceNames` is the narrow way out: the account can hand out the named roles, also to
    itself, and no others. Security scanners report the verb all the same (checkov `CKV_K8S_157`, trivy `KSV-0050`,
    kubescape `C-0191`); there, a named `bind` deserves an exception, `bind` on every role does not.

    ## Example
    ```yaml title="runner.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: deployers, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
          serviceAccountName: deployer
          labels: [self-hosted, deploy]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
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
    ```yaml title="deploy/developers.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: developers, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: shop-developers}]
    ```
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: [self-hosted, deploy]
        steps:
          - run: kubectl apply -f deploy/
    ```

    ## Use instead
    ```yaml title="runner.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: deployers, namespace: ci}
    spec:
      template:
        spec:
          organization: example-org
          serviceAccountName: deployer
          labels: [self-hosted, deploy]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: deployer
      namespace: shop
    rules:
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["rolebindings"]
        verbs: ["get", "create", "patch"]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources: ["clusterroles"]
        resourceNames: ["edit"]
        verbs: ["bind"]
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
    ```yaml title="deploy/developers.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: developers, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: shop-developers}]
    ```
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: [self-hosted, deploy]
        steps:
          - run: kubectl apply -f deploy/
    ```

    ## When to ignore
    If the account gets its rights from something that is not in the repository, or if an administrator applies the
    binding and the pipeline never changes it.

    ## Fix safety
    Unsafe: `bind` lets its holder give the named role to anybody, itself included.

    ## References
    - [Restrictions on role binding creation or
      update](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update)
    - kubernetes `pkg/registry/rbac/rolebinding/policybased/storage.go`, `pkg/registry/rbac/escalation_check.go:
      BindingAuthorized`
    """

    meta = RuleMeta(
        id="deployer-cannot-bind-role",
        summary="who deploys a binding may not grant what its role gives",
        category=Category.RBAC,
        severity=Severity.ERROR,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for an account and a role that it may not bind, however many bindings name it."""
        chains = Chains(project)
        refused = {_key(each, each.obj.kind, each.obj.name) for each in written_roles(project) if each.refused}
        for refusal in refusals(project, bindings=True):
            finding = self._refused(refusal, chains)
            kind, name = role_ref(refusal.first.obj)
            if _key(refusal.first, kind, name) in refused:
                yield finding.help(f"grant the account what {kind} `{name}` gives, which it may not create either")
                continue
            for bound in project.find(kind, name, refusal.first.namespace if kind == "Role" else None)[:1]:
                finding = finding.label(bound, "gives more than the account holds")
            yield _mended(finding, refusal, chains)
        yield from self._missing(project)

    def _refused(self, refusal: Refusal, chains: Chains) -> Finding:
        kind, name = role_ref(refusal.first.obj)
        known, first = refusal.known, refusal.first
        finding = self.finding(
            f"`{known.identity}` may not bind {kind} `{name}`{refusal.where}: {doer(known)} is refused as "
            f"{refusal.answer}",
            at=known.at,
            note=f"applies `{first.display}`",
            severity=refusal.severity,
        )
        return chains.told(finding, refusal, f"but holds no `bind` on `{name}`")

    def _missing(self, project: Project) -> Iterator[Finding]:
        """The bindings to roles that are nowhere."""
        seen: set[tuple[object, ...]] = set()
        for written in written_roles(project):
            key = _key(written, written.obj.kind, written.display)
            if written.is_binding and key not in seen and _binds_nothing(project, written):
                seen.add(key)
                kind, name = role_ref(written.obj)
                yield (
                    self.finding(
                        f"`{written.known.identity}` may not bind {kind} `{name}` as long as nothing has made it: "
                        f"{doer(written.known)} is refused",
                        at=written.known.at,
                        note=f"applies `{written.display}`",
                        severity=Severity.INFO,
                    )
                    .label(written.obj.field("roleRef", "name"), "nothing in the tree makes this role")
                    .help("apply the role first; with `bind` on its name, the account may bind it before it exists")
                )


def _key(written: Written, kind: str, name: str | None) -> tuple[object, ...]:
    place = "" if kind.startswith("Cluster") else written.namespace
    return written.known.identity, written.known.run.scope, kind, name, place


def _mended(finding: Finding, refusal: Refusal, chains: Chains) -> Finding:
    """`bind` on the one role: in the role that lets the account write bindings, or in a role of its own."""
    kind, name = role_ref(refusal.first.obj)
    right = PolicyRule(("bind",), (RBAC_GROUP,), (RESOURCES[kind],), (name,))
    role = chains.role_of(refusal)
    if role is None:
        return finding.help(f"apply {whole_role(refusal, [right], 'bind')}; {_WHY}")
    edit = role.field("rules").append(flow_rule(right))
    finding = finding.fix(Fix.unsafe(f"grant `bind` on `{name}` in {role.kind} `{role.name}`", edit))
    return finding.help(f"grant `bind` on {kind} `{name}` alone in {role.kind} `{role.name}`; {_WHY}")


def _binds_nothing(project: Project, written: Written) -> bool:
    """Whether a binding names a role that surely is nowhere, and the account holds no `bind` on the name."""
    known = written.known
    if written.decision.verdict is not Verdict.UNKNOWN or may_have_cloud_rights(known.identity):
        return False
    kind, name = role_ref(written.obj)
    resource = RESOURCES.get(kind, "")
    request = Request("bind", RBAC_GROUP, resource, name=name, namespace=written.namespace)
    cluster = access_to(project).authorizer(known.run.scope)
    if not resource or cluster.allows(known.identity.user, known.identity.groups, request) is not Verdict.DENIED:
        return False
    wanted = presence_in(project).role_reference(written.obj)
    return wanted is not None and presence_in(project).is_missing(wanted)
