"""Rule: deployer-cannot-watch-rollout."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import Kubectl, Need
from kubelint.cluster.kinds import RBAC
from kubelint.manifests import Project
from kubelint.manifests.deployers import NEEDS, KnownRun, Purpose, known_runs

from .mending import chained, mended, refused_words, unrepeated
from .shortfall import severity_of


class DeployerCannotWatchRollout(ProjectRule):
    """A command that follows a rollout runs as an account that may not watch it.

    ## What it does
    Finds `kubectl rollout status` and `kubectl wait` in workflows and in pods, finds out as whom they run, and
    asks what kubectl would ask: `get`, `list` and `watch` on the kind that is named. A role that allows it for
    that one name is enough. ReplicaSets, pods and events are never asked for.

    A job's account is that of the one runner of the tree that takes the job. Jobs that bring credentials of
    their own, and accounts to which the tree grants nothing where they deploy, are left alone. Where only the
    setting `deployers` says who it is, this is a warning.

    ## Why it matters
    Without `list` or `watch`, `kubectl rollout status` prints the same error again and again and never ends
    unless it is given a `--timeout`: the pipeline stands still until somebody cancels it, and what it has
    deployed may be running well. `kubectl wait` gives up after its timeout, 30 seconds by default.

    ## Example
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      shop:
        runs-on: [self-hosted, deployers]
        steps:
          - uses: actions/checkout@v4
          - run: kubectl apply -f shop.yaml -n shop
          - run: kubectl rollout status deployment/shop -n shop --timeout 5m
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
        verbs: ["get", "create", "patch"]
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
          - run: kubectl apply -f shop.yaml -n shop
          - run: kubectl rollout status deployment/shop -n shop --timeout 5m
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
        verbs: ["get", "list", "watch", "create", "patch"]
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
    - kubectl `pkg/cmd/rollout/rollout_status.go`, `pkg/cmd/wait/condition.go`
    - client-go `tools/watch/until.go: UntilWithSync`
    """

    meta = RuleMeta(
        id="deployer-cannot-watch-rollout",
        summary="a command follows a rollout that its account may not watch",
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
        for known, found in unrepeated(known_runs(project), Purpose.FOLLOW):
            finding = self.finding(
                f"`{known.identity}` {refused_words(found)}: {_effect(known, found)}",
                at=known.at,
                note="asked for by this command",
                severity=severity_of(known),
            )
            yield mended(chained(finding, known, found), known, found, project)


def _effect(known: KnownRun, found: list[Need]) -> str:
    command = known.run.command
    if not isinstance(command, Kubectl):
        return "it can't be followed"
    shown = f"`kubectl {command.action}`"
    if any(need.request.verb == "get" or (command.by_list and need.request.verb == "list") for need in found):
        return f"{shown} fails"
    if command.action == "wait":
        return f"{shown} fails after its timeout"
    if command.timeout:
        return f"{shown} hangs until `--timeout`"
    return f"{shown} with `--timeout 0` never ends" if command.endless else f"{shown} without `--timeout` never ends"
