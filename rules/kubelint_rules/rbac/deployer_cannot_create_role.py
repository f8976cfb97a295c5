"""Rule: deployer-cannot-create-role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.kinds import RBAC
from kubelint.cluster.rbac import RESOURCES, PolicyRule
from kubelint.manifests import KubeObject, Project
from kubelint.manifests.deployers import NEEDS, flow_rule

from .refused_writes import Chains, Refusal, doer, merged, refusals, whole_role

_SCANNERS = "checkov `CKV_K8S_158`, trivy `KSV-0050` and kubescape `C-0191` report"
#: So many rules are still a few.
_FEW = 6
_POWERFUL = frozenset({"*", "bind", "escalate", "impersonate"})


class DeployerCannotCreateRole(ProjectRule):
    """Who deploys a role may not put into it what it does not hold.

    ## What it does
    Follows `kubectl apply`, Helm with a chart of the tree, Flux's Kustomizations and HelmReleases, in workflows and
    in pods, to the account that they act as, and judges each Role and ClusterRole that they apply as the API server
    does: whoever writes one must hold every rule of it, in its namespace or for a ClusterRole in the whole cluster,
    or hold `escalate` on it. One that aggregates others takes the rights of a cluster administrator. Rights through
    groups, several bindings, built-in and aggregated roles count; what a binding of the same deployment gives the
    account counts only afterwards.

    The plain verbs come first: without `create` or `patch` on the roles `deployer-cannot-apply` speaks, and this
    rule does not. It says nothing either where something is not known: template text, a patch, rights that come from
    a role outside of the tree, an account that the tree grants nothing.

    ## Why it matters
    A chart that brings its own Role installs well for an administrator and fails in the pipeline: "attempting to
    grant RBAC permissions not currently held". An account that may create roles may not thereby create any role;
    the built-in `admin`, for one, can't pass on a right that it lacks, such as `verbs: ["*"]`.

    Holding the rights of the role is the narrow way out: the account can pass on what it is trusted with, and
    nothing else. `escalate` lets its holder write any right into any role, and then it can have them all; security
    scanners report it with reason (checkov `CKV_K8S_158`, trivy `KSV-0050`, kubescape `C-0191`). It is for an
    account that has to write roles that aggregate others, or roles that nobody can foresee. For a role that exists
    and only has to be handed out, `bind` limited to it by `resourceNames` is enough.

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
        resources: ["roles"]
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
    ```yaml title="deploy/reader.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: shop}
    rules:
      - apiGroups: [""]
        resources: ["pods"]
        verbs: ["get", "list"]
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
        resources: ["roles"]
        verbs: ["get", "create", "patch"]
      - apiGroups: [""]
        resources: ["pods"]
        verbs: ["get", "list"]
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
    ```yaml title="deploy/reader.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: shop}
    rules:
      - apiGroups: [""]
        resources: ["pods"]
        verbs: ["get", "list"]
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
    role and the pipeline never changes it.

    ## Fix safety
    Unsafe: it gives the account the rights that it is to pass on.

    ## References
    - [Restrictions on role creation or
      update](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update)
    - kubernetes `pkg/registry/rbac/clusterrole/policybased/storage.go`, `pkg/registry/rbac/validation/rule.go:
      ConfirmNoEscalation`
    """

    meta = RuleMeta(
        id="deployer-cannot-create-role",
        summary="who deploys a role may not put into it what it does not hold",
        category=Category.RBAC,
        severity=Severity.ERROR,
        incident=3,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for an account and what it lacks, however many roles give that."""
        chains = Chains(project)
        for refusal in refusals(project, bindings=False):
            known, first = refusal.known, refusal.first
            finding = self.finding(
                f"`{known.identity}` may not {refusal.verb} `{first.display}`: {doer(known)} is refused as "
                f"{refusal.answer}",
                at=known.at,
                note=f"applies `{first.display}`",
                severity=refusal.severity,
            )
            lacks = f"but nothing lets it pass on what `{first.obj.name}` gives"
            yield _mended(chains.told(finding, refusal, lacks), refusal, chains)


def _mended(finding: Finding, refusal: Refusal, chains: Chains) -> Finding:
    """The rights of the role, where they are few: in the role that lets the account write roles, or one of its own."""
    resource = RESOURCES[refusal.first.obj.kind]
    rules = merged(refusal.missing)
    if refusal.aggregates:
        return finding.help(
            "let an administrator apply it, or put the rules into a role that does not aggregate; short of every "
            f"right, only `escalate` on `{resource}` lets the account write it, and {_SCANNERS} that verb with reason"
        )
    if len(rules) > _FEW or any(map(_is_powerful, rules)):
        return finding.help(
            "let an administrator apply it, or write out in it only what is needed and grant that to the account; "
            f"{_SCANNERS} `escalate` on `{resource}`, which would let the account write any right into any role"
        )
    role = chains.role_of(refusal)
    if role is not None and _takes(role, rules):
        edits = [role.field("rules").append(flow_rule(rule)) for rule in rules]
        title = f"grant {role.kind} `{role.name}` what `{refusal.first.obj.name}` gives"
        return finding.fix(Fix.unsafe(title, *edits)).help(
            f"grant the account in {role.kind} `{role.name}` the rights that it is to pass on"
        )
    return finding.help(f"apply {whole_role(refusal, rules, 'grant')}, so that the account holds what it is to pass on")


def _is_powerful(rule: PolicyRule) -> bool:
    return not _POWERFUL.isdisjoint((*rule.verbs, *rule.resources, *rule.api_groups))


def _takes(role: KubeObject, rules: Iterable[PolicyRule]) -> bool:
    """Whether the rules may stand in a role: one of a namespace has no say over URLs."""
    return role.kind == "ClusterRole" or not any(rule.non_resource_urls for rule in rules)
