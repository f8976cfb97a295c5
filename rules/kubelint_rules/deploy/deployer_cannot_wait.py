"""Rule: deployer-cannot-wait."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import Helm, Wait
from kubelint.cluster.kinds import RBAC
from kubelint.manifests import Project
from kubelint.manifests.deployers import NEEDS, KnownRun, Purpose, known_runs

from .mending import chained, mended, outcome, refused_words, unrepeated
from .one_helm import for_one_helm
from .shortfall import severity_of


class DeployerCannotWait(ProjectRule):
    """What deploys with `--wait` runs as an account that may not see whether the deployment is done.

    ## What it does
    Finds `helm install`, `upgrade` and `rollback` that wait (`--wait`, `--atomic`, `--rollback-on-failure`) in
    workflows and in pods, finds out as whom they run and what they deploy, and asks what they would ask to wait:

    - `list` on `replicasets` for a Deployment; `list` on `pods` for a StatefulSet (Helm 4) or a ReplicaSet;
    - `list` and `watch` on every kind in the chart, unless it is Helm 3 that waits.

    Helm 3 and `--wait=legacy` never watch, and nothing ever reads events. Which version runs, `azure/setup-helm`,
    the tag of the image, `.tool-versions` or mise may say. If none of them does, what only one version asks for is
    a warning of its own. Of a chart that is not rendered, only templates without conditions count. Rights through
    every binding, group and built-in role count; so do objects' own namespaces. Jobs that bring credentials of
    their own, and accounts to which the tree grants nothing where they deploy, are left alone. Where only the
    setting `deployers` says who it is, this is a warning.

    ## Why it matters
    Helm 3 stops at once with Forbidden. Helm 4 says nothing: without `list` on `replicasets` or `pods` the state of
    the workload stays unknown, Helm waits until its timeout, five minutes by default, and then reports a failure,
    though the workload may be running well. With `--atomic` it is rolled back.

    ## Example
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      shop:
        runs-on: [self-hosted, deployers]
        steps:
          - uses: actions/checkout@v4
          - run: helm upgrade --install shop ./chart --namespace shop --wait
    ```
    ```yaml title="chart/Chart.yaml"
    apiVersion: v2
    name: shop
    version: 1.0.0
    ```
    ```yaml title="chart/templates/deployment.yaml"
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop}
    spec:
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec:
          nodeSelector: {kubernetes.io/arch: amd64}
          containers: [{name: shop, image: registry.example.com/shop:1.0}]
    ```
    ```yaml title="runner.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: deployers, namespace: ci}
    spec:
      template:
        spec:
          repository: example/shop
          serviceAccountName: deployer
          labels: [self-hosted, deployers]
    ```
    ```yaml title="role.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: deployer, namespace: shop}
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
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
      - {kind: ServiceAccount, name: deployer, namespace: ci}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: deployer, namespace: ci}
    ```

    ## Use instead
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      shop:
        runs-on: [self-hosted, deployers]
        steps:
          - uses: actions/checkout@v4
          - run: helm upgrade --install shop ./chart --namespace shop --wait
    ```
    ```yaml title="chart/Chart.yaml"
    apiVersion: v2
    name: shop
    version: 1.0.0
    ```
    ```yaml title="chart/templates/deployment.yaml"
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop}
    spec:
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec:
          nodeSelector: {kubernetes.io/arch: amd64}
          containers: [{name: shop, image: registry.example.com/shop:1.0}]
    ```
    ```yaml title="runner.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: deployers, namespace: ci}
    spec:
      template:
        spec:
          repository: example/shop
          serviceAccountName: deployer
          labels: [self-hosted, deployers]
    ```
    ```yaml title="role.yaml"
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: deployer, namespace: shop}
    rules:
      - apiGroups: ["apps"]
        resources: ["deployments"]
        verbs: ["get", "list", "watch", "create", "patch", "delete"]
      - apiGroups: ["apps"]
        resources: ["replicasets"]
        verbs: ["get", "list", "watch"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "create", "update", "delete"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: deployer, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    subjects:
      - {kind: ServiceAccount, name: deployer, namespace: ci}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: deployer, namespace: ci}
    ```

    ## When to ignore
    If the account gets its rights from outside of these files.

    ## Fix safety
    Unsafe: it widens a role. `list` and `watch` show the contents of every object of the kind.

    ## References
    - Helm 3 `pkg/kube/wait.go`, `pkg/kube/ready.go`; Helm 4 `pkg/kube/statuswait.go`
    - cli-utils `pkg/kstatus/polling/statusreaders`
    - [Wait with kstatus](https://github.com/helm/community/blob/main/hips/hip-0022.md)
    """

    meta = RuleMeta(
        id="deployer-cannot-wait",
        summary="a deployment waits for what its account may not look at",
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
        for known, found in unrepeated(known_runs(project), Purpose.WAIT):
            finding = self.finding(
                f"`{known.identity}` {refused_words(found)}: {outcome(_command(known), found)}",
                at=known.at,
                note="waits for what it deploys",
                severity=severity_of(known),
            )
            finding = chained(finding, known, found)
            for obj in known.objects(found)[:1]:
                finding = finding.label(obj, f"waits for this {obj.kind}")
            yield mended(finding, known, found, project)
        for one in for_one_helm(known_runs(project), Purpose.WAIT):
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
    if not isinstance(command, Helm):
        return "it"
    flag = "--atomic" if command.wait is Wait.NONE else "--wait"
    return f"`helm {command.action}` with `{flag}`"
