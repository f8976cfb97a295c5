"""Rule: deployer-cannot-store-release."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import Helm, Need, Without
from kubelint.manifests import Field, Project
from kubelint.manifests.deployers import NEEDS, KnownRun, Purpose, known_runs
from kubelint.manifests.field import FieldSlice

from .mending import chained, mended, refused_words
from .shortfall import Shortfall, Shortfalls, command_of, place_of


class DeployerCannotStoreRelease(ProjectRule):
    """Who runs Helm may not write the Secrets that Helm keeps releases in.

    ## What it does
    Follows every `helm install`, `upgrade`, `rollback`, `uninstall` and `test` of a pipeline or pod to the
    account that runs it, where the tree says which one that is, and asks whether that account may do what Helm
    does to keep releases: `list`, `create` and `update` Secrets in the release's namespace, and `get` and
    `delete` them once there are more than ten revisions. With `HELM_DRIVER=configmap` it asks the same of
    ConfigMaps; with `sql` and `memory` nothing.

    Rights through groups, several bindings, built-in and aggregated roles count. An account that no binding of
    the tree names, or that holds a role which is not in the tree, may hold anything: nothing is reported.

    ## Why it matters
    Helm stores a release before it touches the first object:

    - Without `list`, `upgrade` stops at once; without `create`, `install` does too.
    - Without `update` Helm can't note that it is done. The release stays `pending-install` or
      `pending-upgrade`, and the next command finds "another operation in progress".
    - Without `get` and `delete` everything goes well ten times. The next upgrade can't remove the oldest
      revision, and fails.

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
      - apiGroups: ["apps"]
        resources: ["*"]
        verbs: ["*"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "create"]
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
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: [self-hosted, deploy]
        steps:
          - run: helm upgrade --install web oci://registry.example.com/charts/web -n shop
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
      - apiGroups: ["apps"]
        resources: ["*"]
        verbs: ["*"]
      - apiGroups: [""]
        resources: ["secrets"]
        verbs: ["get", "list", "create", "update", "delete"]
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
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: [self-hosted, deploy]
        steps:
          - run: helm upgrade --install web oci://registry.example.com/charts/web -n shop
    ```

    ## When to ignore
    If the account gets the rights from something that is not in the repository, such as a webhook authorizer.

    ## Fix safety
    Unsafe: it widens a role, by Secrets. Helm finds revisions by their labels, which rights for named Secrets
    don't cover; a namespace that holds nothing but the release is the narrow way.

    ## References
    - Helm `pkg/storage/driver/secrets.go`, `pkg/storage/storage.go`, `pkg/action/upgrade.go`
    """

    meta = RuleMeta(
        id="deployer-cannot-store-release",
        summary="who runs Helm may not keep its releases",
        category=Category.DEPLOY,
        severity=Severity.ERROR,
        incident=8,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = ("helm",)

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for an account and a namespace."""
        shortfalls = Shortfalls()
        for known in known_runs(project):
            if isinstance(known.run.command, Helm) and not _may_store_elsewhere(known, known.run.command):
                for shortfall in shortfalls.of(known, _refused(known)):
                    yield self._refused(shortfall, project)

    def _refused(self, shortfall: Shortfall, project: Project) -> Finding:
        known, found = shortfall.known, shortfall.needs
        finding = self.finding(
            f"`{known.identity}` {refused_words(found)}: `{command_of(known)}` {_effect(found)}",
            at=place_of(known),
            note=_note(found),
            severity=shortfall.severity,
        )
        return mended(chained(finding, known, found), known, found, project)


def _refused(known: KnownRun) -> list[Need]:
    """What matters: that a name is in use is looked up, and a refusal of that ignored."""
    found = known.refused(Purpose.STORE, rare=True)
    return [need for need in found if need.request.verb != "list" or need.without is not Without.DEGRADED]


def _may_store_elsewhere(known: KnownRun, command: Helm) -> bool:
    """Whether a driver is named near the command that is not known to be for it: an expression, another job's."""
    at = place_of(known)
    field = at.field if isinstance(at, FieldSlice) else at
    return command.driver == "secret" and isinstance(field, Field) and "HELM_DRIVER" in field.document.text


def _effect(found: list[Need]) -> str:
    if all(need.occasion.rare for need in found):
        return "fails once there are more revisions than are kept, ten by default"
    if all(need.occasion.rare or need.request.verb == "update" for need in found):
        return "leaves the release pending, and the next one fails"
    return "can't keep its release and fails"


def _note(found: list[Need]) -> str:
    return next((need.why for need in found if not need.occasion.rare), found[0].why)
