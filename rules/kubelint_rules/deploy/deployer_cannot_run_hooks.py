"""Rule: deployer-cannot-run-hooks."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import Helm
from kubelint.cluster.kinds import RBAC
from kubelint.manifests import Project
from kubelint.manifests.deployers import NEEDS, KnownRun, Purpose, known_runs

from .mending import chained, mended, outcome, refused_words, unrepeated
from .one_helm import for_one_helm
from .shortfall import severity_of


class DeployerCannotRunHooks(ProjectRule):
    """A chart has hooks that the account which deploys it may not delete, create or wait for.

    ## What it does
    Finds Helm commands in workflows and in pods whose chart has hooks (`helm.sh/hook`) for what they do, finds
    out as whom they run, and asks what running the hooks takes, with `--wait` and without:

    - `delete` on the kind of the hook: it is deleted before it is created, on the first install too;
    - `create`, and `patch` where Helm 4 runs;
    - `list` and `watch` on `jobs` or `pods` if the hook is one; on every kind of hook where Helm 4 runs.

    Where nothing says which version of Helm runs, what only one of them asks for is a warning of its own. Hooks of
    tests count for `helm test` only, and none does with `--no-hooks`. Of a chart that is not rendered, only
    templates without conditions count. Jobs that bring credentials of their own, and accounts to which the tree
    grants nothing where they deploy, are left alone. Where only the setting `deployers` says who it is, this is a
    warning.

    ## Why it matters
    Without `delete` the first install fails. Without `list` or `watch`, Helm 3 prints errors and waits until
    `--timeout`, five minutes by default, though the hook is long done; Helm 4 stops with Forbidden. A migration
    has then run and the release counts as failed.

    ## Example
    ```yaml title="deploy/job.yaml"
    apiVersion: batch/v1
    kind: Job
    metadata: {name: deploy, namespace: shop}
    spec:
      template:
        spec:
          serviceAccountName: deployer
          restartPolicy: Never
          nodeSelector: {kubernetes.io/arch: amd64}
          containers:
            - name: helm
              image: alpine/helm:3.19.0
              command: ["helm", "upgrade", "--install", "shop", "chart"]
    ```
    ```yaml title="chart/Chart.yaml"
    apiVersion: v2
    name: shop
    version: 1.0.0
    ```
    ```yaml title="chart/templates/migrate.yaml"
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: migrate
      annotations: {helm.sh/hook: pre-upgrade}
    spec:
      template:
        spec:
          restartPolicy: Never
          nodeSelector: {kubernetes.io/arch: amd64}
          containers: [{name: migrate, image: registry.example.com/shop:1.0}]
    ```
    ```yaml title="deploy/role.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: deployer, namespace: shop}
    rules:
      - apiGroups: ["batch"]
        resources: ["jobs"]
        verbs: ["get", "create", "delete"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "create", "update", "delete"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: deployer, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    subjects:
      - {kind: ServiceAccount, name: deployer, namespace: shop}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: deployer, namespace: shop}
    ```

    ## Use instead
    ```yaml title="deploy/job.yaml"
    apiVersion: batch/v1
    kind: Job
    metadata: {name: deploy, namespace: shop}
    spec:
      template:
        spec:
          serviceAccountName: deployer
          restartPolicy: Never
          nodeSelector: {kubernetes.io/arch: amd64}
          containers:
            - name: helm
              image: alpine/helm:3.19.0
              command: ["helm", "upgrade", "--install", "shop", "chart"]
    ```
    ```yaml title="chart/Chart.yaml"
    apiVersion: v2
    name: shop
    version: 1.0.0
    ```
    ```yaml title="chart/templates/migrate.yaml"
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: migrate
      annotations: {helm.sh/hook: pre-upgrade}
    spec:
      template:
        spec:
          restartPolicy: Never
          nodeSelector: {kubernetes.io/arch: amd64}
          containers: [{name: migrate, image: registry.example.com/shop:1.0}]
    ```
    ```yaml title="deploy/role.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: deployer, namespace: shop}
    rules:
      - apiGroups: ["batch"]
        resources: ["jobs"]
        verbs: ["get", "list", "watch", "create", "patch", "delete"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "create", "update", "delete"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: deployer, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    subjects:
      - {kind: ServiceAccount, name: deployer, namespace: shop}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: deployer, namespace: shop}
    ```

    ## When to ignore
    If the account gets its rights from outside of these files.

    ## Fix safety
    Unsafe: it widens a role. `list` and `watch` show the contents of every object of the kind.

    ## References
    - Helm `pkg/action/hooks.go`; Helm 3 `pkg/kube/client.go: watchUntilReady`; Helm 4 `pkg/kube/statuswait.go`
    - [Chart hooks](https://helm.sh/docs/topics/charts_hooks/)
    """

    meta = RuleMeta(
        id="deployer-cannot-run-hooks",
        summary="a chart has hooks that the account of its deployment may not run",
        category=Category.DEPLOY,
        severity=Severity.ERROR,
        incident=8,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    about = RBAC

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for each account and what it lacks, at the first command that shows it."""
        for known, found in unrepeated(known_runs(project), Purpose.HOOKS):
            finding = self.finding(
                f"`{known.identity}` {refused_words(found)}: {outcome(_command(known), found)}",
                at=known.at,
                note="runs the hooks of the chart",
                severity=severity_of(known),
            )
            finding = chained(finding, known, found)
            for obj in known.objects(found)[:1]:
                finding = finding.label(obj, f"this {obj.kind} is a hook")
            yield mended(finding, known, found, project)
        for one in for_one_helm(known_runs(project), Purpose.HOOKS):
            yield one.told(
                self.finding(
                    one.words(_command(one.known)),
                    at=one.known.at,
                    note="the version of Helm is not known",
                    severity=Severity.WARNING,
                ),
                project,
            )


def _command(known: KnownRun) -> str:
    command = known.run.command
    return f"`helm {command.action}`" if isinstance(command, Helm) else "it"
