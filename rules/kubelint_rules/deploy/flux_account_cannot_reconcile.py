"""Rule: flux-account-cannot-reconcile."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.helm import FluxRelease, Need, Without
from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.deployers import NEEDS, DeployerRun, KnownRun, Purpose, known_runs
from kubelint.manifests.shell.passages import Place

from .mending import chained, mended, refused_words
from .missing_accounts import missing_accounts
from .shortfall import Shortfall, Shortfalls, place_of

_HEALTH = frozenset({Without.HANGS_UNTIL_TIMEOUT, Without.HANGS_FOR_EVER})


class FluxAccountCannotReconcile(ProjectRule):
    """Flux acts as a service account that may not do what it is told to.

    ## What it does
    Takes HelmReleases and Kustomizations with `spec.serviceAccountName`, and asks for each object that they
    deploy, where the tree holds it, what Flux would ask as that account:

    - a Kustomization: `get`, `patch` and `create`; `delete` with `prune: true`; to check health, `list` on
      `replicasets` for Deployments, and on `pods` for StatefulSets;
    - a HelmRelease: the same for the objects of the chart, and `list`, `create` and `update` on Secrets for its
      revisions, which it keeps in its own namespace or in `storageNamespace`; `get` and `delete` on them later.

    Flux polls, so `watch` is not needed. Rights through groups, several bindings, built-in and aggregated roles
    count. An account that no binding of the tree names where Flux deploys, or that holds a role which is not in
    the tree, may hold anything: nothing is reported.

    The account must exist. If the tree holds other accounts of the namespace, but not this one, that is an info,
    unless something else may make it: another chart in the namespace, a source outside of the tree, a controller,
    or whatever else mentions its name.

    ## Why it matters
    Without `serviceAccountName` Flux is cluster-admin. With it, Flux has the rights of that account and no
    others, for everything: a Role with `*` in its namespace still can't create a ClusterRole or a namespace. The
    object stays `Ready: False`, and nothing new is deployed. If the account may not `list` what a rollout
    is made of, the state stays unknown, and Flux waits until its timeout without saying why.

    ## Example
    ```yaml title="apps/shop/release.yaml"
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: web, namespace: shop}
    spec:
      interval: 10m
      serviceAccountName: reconciler
      chart:
        spec:
          chart: web
          version: 1.4.2
          sourceRef: {kind: HelmRepository, name: shop}
    ```
    ```yaml title="apps/shop/account.yaml"
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: reconciler, namespace: shop}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reconciler, namespace: shop}
    rules:
      - apiGroups: ["apps"]
        resources: ["*"]
        verbs: ["*"]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: reconciler, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reconciler}
    subjects:
      - {kind: ServiceAccount, name: reconciler, namespace: shop}
    ```

    ## Use instead
    ```yaml title="apps/shop/release.yaml"
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: web, namespace: shop}
    spec:
      interval: 10m
      serviceAccountName: reconciler
      chart:
        spec:
          chart: web
          version: 1.4.2
          sourceRef: {kind: HelmRepository, name: shop}
    ```
    ```yaml title="apps/shop/account.yaml"
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: reconciler, namespace: shop}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reconciler, namespace: shop}
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
    metadata: {name: reconciler, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reconciler}
    subjects:
      - {kind: ServiceAccount, name: reconciler, namespace: shop}
    ```

    ## When to ignore
    If the account gets the rights from something that is not in the repository.

    ## References
    - fluxcd/helm-controller `internal/kube/impersonate.go`, `internal/action/wait.go`
    - fluxcd/kustomize-controller `internal/controller/kustomization_controller.go`; fluxcd/pkg
      `ssa/manager_apply.go`, `ssa/manager_wait.go`
    - [Role-based access control](https://fluxcd.io/flux/components/helm/helmreleases/#role-based-access-control)
    """

    meta = RuleMeta(
        id="flux-account-cannot-reconcile",
        summary="the account that Flux acts as may not do what it is told to",
        category=Category.DEPLOY,
        severity=Severity.ERROR,
        incident=8,
        since="0.1.0",
    )
    needs = NEEDS
    marks = ("serviceAccountName",)

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding for an account, a namespace, and what is refused there."""
        shortfalls = Shortfalls()
        for known in known_runs(project):
            if known.run.source == "flux":
                for shortfall in shortfalls.of(known, _refused(known)):
                    yield self._cannot_reconcile(shortfall, project)
        for run, beside in missing_accounts(project):
            yield self._has_no_account(run, beside, project)

    def _has_no_account(self, run: DeployerRun, beside: KubeObject, project: Project) -> Finding:
        at, identity = run.who.chain[0].at, run.who.identity
        owner, name = _owner(project, at), str(identity)
        finding = self.finding(
            f"`{owner.display if owner else 'Flux'}` acts as `{name}`, which nothing in the tree makes",
            at=at,
            note="Flux can't reconcile anything as long as there is none",
            severity=Severity.INFO,
        )
        finding = finding.label(beside.field("metadata", "name"), "an account of the same namespace")
        external = name.replace(" ", "/")
        return finding.help(f"write the service account, or list it under `external` as `{external}`")

    def _cannot_reconcile(self, shortfall: Shortfall, project: Project) -> Finding:
        known, found = shortfall.known, shortfall.needs
        owner = _owner(project, place_of(known))
        finding = self.finding(
            f"`{known.identity}` {refused_words(found)}: {_effect(found)} `{owner.display if owner else 'it'}`",
            at=place_of(known),
            note=_note(found),
            severity=_severity(known, found),
        )
        for obj in known.objects(found)[:2]:
            finding = finding.label(obj, "is deployed")
        return mended(chained(finding, known, found), known, found, project)._replace(fixes=())


def _refused(known: KnownRun) -> list[Need]:
    """What matters: that the name of a release is in use is looked up, and a refusal of that ignored."""
    found = known.refused(*Purpose, rare=True)
    return [need for need in found if need.request.verb != "list" or need.without is not Without.DEGRADED]


def _severity(known: KnownRun, found: list[Need]) -> Severity:
    """A release goes on for long without what it asks seldom; somebody who wants pruning wants it."""
    seldom = all(need.occasion.rare for need in found) and isinstance(known.run.command, FluxRelease)
    return Severity.WARNING if seldom else Severity.ERROR


def _effect(found: list[Need]) -> str:
    if all(need.without in _HEALTH for need in found):
        return "Flux waits until its timeout for"
    return (
        "Flux sooner or later can't reconcile" if all(need.occasion.rare for need in found) else "Flux can't reconcile"
    )


def _note(found: list[Need]) -> str:
    return next((need.why for need in found if not need.occasion.rare), found[0].why)


def _owner(project: Project, at: Place) -> KubeObject | None:
    """The object of Flux that names the account."""
    if not isinstance(at, Field):
        return None
    objects = project.objects(("HelmRelease", "Kustomization"))
    return next((obj for obj in objects if obj.document is at.document and _is_below(at, obj)), None)


def _is_below(at: Field, obj: KubeObject) -> bool:
    return at.path[: len(obj.root.path)] == obj.root.path
