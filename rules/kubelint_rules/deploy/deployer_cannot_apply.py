"""Rule: deployer-cannot-apply."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import Helm, Kubectl, Need, Without
from kubelint.manifests import Project
from kubelint.manifests.deployers import NEEDS, KnownRun, Purpose, known_runs

from .mending import chained, mended, refused_words
from .one_helm import for_one_helm
from .shortfall import Shortfall, Shortfalls, command_of, place_of, severity_of

_DIRECTLY = frozenset({Without.REFUSED, Without.DEGRADED})


class DeployerCannotApply(ProjectRule):
    """Who deploys may not create or change what it deploys.

    ## What it does
    Follows `helm install`, `upgrade`, `rollback` and `uninstall` with a chart of the tree, and `kubectl apply`,
    `create`, `delete` and `rollout restart`, to the account that runs them, where the tree says which one
    that is, and asks for each object what the command would ask, in the object's own namespace:

    - `kubectl apply`: `get`, `create` and `patch`; with `--server-side` `patch` and `create`.
    - Helm: `get`, `create` and `patch`, and `delete` for what leaves the chart. Helm 4 needs `patch` to install.
    - `helm --create-namespace`: `create` on `namespaces`, even if the namespace exists; with Helm 4 `patch`, too.
    - A chart's `crds/` folder, without `--skip-crds`: `create` on `customresourcedefinitions`, even if they exist.

    Rights through groups, several bindings, built-in and aggregated roles count. An account that no binding of
    the tree names where it deploys, or that holds a role which is not in the tree, may hold anything: nothing is
    reported. What only one of Helm 3 and 4 asks for is a warning of its own, where nothing says which of them runs.

    ## Why it matters
    The API server answers `Forbidden`. kubectl has then applied some of the files and not the others; Helm
    leaves a release that has failed halfway.

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
      - apiGroups: [""]
        resources: ["configmaps"]
        verbs: ["get", "patch"]
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
    ```yaml title="deploy/settings.yaml"
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings, namespace: shop}
    data: {currency: EUR}
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
      - apiGroups: [""]
        resources: ["configmaps"]
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
    ```yaml title="deploy/settings.yaml"
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings, namespace: shop}
    data: {currency: EUR}
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
    If the account gets the rights from something that is not in the repository, or if the objects exist already
    and somebody else creates them.

    ## Fix safety
    Unsafe: it widens a role. Roles and bindings take more than these verbs; see `deployer-cannot-create-role` and
    `deployer-cannot-bind-role`.

    ## References
    - kubectl `pkg/cmd/apply/apply.go`, `pkg/cmd/apply/patcher.go`
    - Helm `pkg/kube/client.go`, `pkg/action/validate.go`, `pkg/action/install.go`
    """

    meta = RuleMeta(
        id="deployer-cannot-apply",
        summary="who deploys may not create or change what it deploys",
        category=Category.DEPLOY,
        severity=Severity.ERROR,
        incident=8,
        since="0.1.0",
        fixable=True,
    )
    needs = NEEDS
    marks = ("helm", "kubectl", "argocd")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for an account, a namespace, and what is refused there."""
        shortfalls = Shortfalls()
        for known in known_runs(project):
            if known.run.source == "flux":
                continue
            found = _refused(known)
            namespaces = [need for need in found if _is_namespace_of_release(need)]
            definitions = [need for need in found if _is_in_crds(known, need)]
            rest = [need for need in found if need not in namespaces and need not in definitions]
            for shortfall in shortfalls.of(known, rest):
                yield self._cannot_apply(shortfall, project)
            for shortfall in shortfalls.of(known, namespaces):
                yield self._cannot_create_namespace(shortfall)
            for shortfall in shortfalls.of(known, definitions):
                yield self._cannot_define(shortfall)
        for one in for_one_helm(known_runs(project), Purpose.APPLY):
            yield one.told(
                self.finding(
                    one.words(f"`{command_of(one.known)}`"),
                    at=place_of(one.known),
                    note="the version of Helm is not known",
                    severity=Severity.WARNING,
                ),
                project,
            )

    def _cannot_apply(self, shortfall: Shortfall, project: Project) -> Finding:
        known, found = shortfall.known, shortfall.needs
        finding = self.finding(
            f"`{known.identity}` {refused_words(found)}: `{command_of(known)}` {shortfall.effect}",
            at=place_of(known),
            note=found[0].why,
            severity=shortfall.severity,
        )
        for obj in known.objects(found)[:2]:
            finding = finding.label(obj, "is deployed")
        return mended(chained(finding, known, found), known, found, project)

    def _cannot_create_namespace(self, shortfall: Shortfall) -> Finding:
        known, found = shortfall.known, shortfall.needs
        finding = self.finding(
            f"`{known.identity}` may not {shortfall.verbs} `namespaces`: `--create-namespace` asks for it even if "
            f"the namespace exists, and `{command_of(known)}` fails",
            at=place_of(known),
            note=found[0].why,
            severity=severity_of(known),
        )
        return chained(finding, known, found).help(
            f"leave `--create-namespace` out, or grant {shortfall.verbs} on `namespaces` by a ClusterRoleBinding"
        )

    def _cannot_define(self, shortfall: Shortfall) -> Finding:
        known, found = shortfall.known, shortfall.needs
        finding = self.finding(
            f"`{known.identity}` may not {shortfall.verbs} {shortfall.resources}: `{command_of(known)}` creates what "
            "is in `crds/` even if it exists, and fails",
            at=place_of(known),
            note=found[0].why,
            severity=Severity.WARNING,
        )
        return chained(finding, known, found).help(
            f"pass `--skip-crds`, or grant {shortfall.verbs} on {shortfall.resources} by a ClusterRoleBinding"
        )


def _refused(known: KnownRun) -> list[Need]:
    """What stops the command, or leaves something undone. What kubectl merely looks up may be refused."""
    found = [need for need in known.refused(Purpose.APPLY, rare=True) if need.without in _DIRECTLY]
    if isinstance(known.run.command, Kubectl):
        return [need for need in found if need.without is Without.REFUSED]
    return found


def _is_namespace_of_release(need: Need) -> bool:
    return need.request.resource == "namespaces" and not need.about


def _is_in_crds(known: KnownRun, need: Need) -> bool:
    """Whether a need is about the chart's `crds/` alone."""
    written = len(known.run.deployed.manifests)
    charted = isinstance(known.run.command, Helm) and bool(need.about)
    return charted and all(position >= written for position in need.about)
