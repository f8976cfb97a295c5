"""Rule: secret-consumer-not-reloaded."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.reloader import SEARCH, SECRET_AUTO
from kubelint.manifests import Project
from kubelint.manifests.releases.pods import added
from kubelint.manifests.secret_sources import SecretSource
from kubelint_rules.rotation.consumers import Consumer
from kubelint_rules.rotation.reloaders import reloaders
from kubelint_rules.rotation.restarts import Missed, is_by_annotation, missed

_WAYS = {
    "env": "in a variable",
    "envFrom": "through `envFrom`",
    "subPath": "as a single file",
}
_ROTATED = {
    "ExternalSecret": "is fetched again from outside",
    "ClusterExternalSecret": "is fetched again from outside",
    "SealedSecret": "changes when it is sealed again",
    "Certificate": "changes with each renewal",
}

_DEPLOYMENT = f'annotate the workload with `{SECRET_AUTO}: "true"`'
_ROLLOUT = f"{_DEPLOYMENT}, and let Reloader see Rollouts with `reloader.isArgoRollouts: true`"


class SecretConsumerNotReloaded(ProjectRule):
    """A workload reads a Secret that rotates by design, and nothing restarts it when that happens.

    ## What it does
    Speaks where all of this holds: the cluster runs stakater's Reloader, which restarts what carries its
    annotations; a Deployment, StatefulSet, DaemonSet or Rollout, as a manifest or in the values of a chart,
    reads a Secret through `env`, `envFrom` or a `subPath`; the Secret comes from an ExternalSecret, a
    SealedSecret, a Certificate, Vault or another operator of the tree; and neither the workload nor its pods
    are annotated for it. Other ways count too: Wave, the agent of Vault and `rolloutRestartTargets`,
    1Password, Doppler, Infisical. Jobs are left alone, and so is what may be annotated by a patch, a policy
    or values from elsewhere, and what Reloader is told to ignore.

    ## Why it matters
    Variables and single files are read once, when the pod starts. The credential is rotated, the Secret is
    updated, and the pod runs on with what it has until the old one is revoked. Then it fails, long after
    anybody thinks of the rotation.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: reloader, namespace: kube-system}
    spec:
      interval: 1h
      chart: {spec: {chart: reloader, version: 2.2.0, sourceRef: {kind: HelmRepository, name: stakater}}}
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: web-database, namespace: shop}
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      dataFrom: [{extract: {key: shop/database}}]
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example/shop/web:1.4
              envFrom: [{secretRef: {name: web-database}}]
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: reloader, namespace: kube-system}
    spec:
      interval: 1h
      chart: {spec: {chart: reloader, version: 2.2.0, sourceRef: {kind: HelmRepository, name: stakater}}}
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: web-database, namespace: shop}
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      dataFrom: [{extract: {key: shop/database}}]
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        secret.reloader.stakater.com/auto: "true"
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example/shop/web:1.4
              envFrom: [{secretRef: {name: web-database}}]
    ```

    ## When to ignore
    If the program asks for the Secret itself, or must not be restarted: say so with
    `secret.reloader.stakater.com/auto: "false"`, and the rule is silent.

    ## Fix safety
    Unsafe: from then on pods restart whenever the Secret changes.

    ## References
    - [Secrets as environment variables](https://kubernetes.io/docs/concepts/configuration/secret/): read once
    - stakater/Reloader `pkg/common/common.go`, `ShouldReload`
    """

    meta = RuleMeta(
        id="secret-consumer-not-reloaded",
        summary="nothing restarts what reads a rotating Secret",
        category=Category.ROTATION,
        severity=Severity.WARNING,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = ("reloader",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each rotating Secret that a workload misses, where Reloader would see to it."""
        for each in missed(project):
            source = each.rotating
            if source is not None and is_by_annotation(project, each.consumer) is True:
                found = self._finding(each, source)
                yield found.help(_ROLLOUT) if _is_unseen(project, each.consumer) else found.help(_DEPLOYMENT)

    def _finding(self, each: Missed, source: SecretSource) -> Finding:
        name = each.use.secret
        finding = self.finding(
            f"`{each.consumer.name}` reads the Secret `{name}` {_WAYS[each.use.way]}, and nothing restarts it "
            "when that changes",
            at=each.use.at,
            note="read once, when the pod starts",
        )
        finding = finding.label(source.at, _ROTATED.get(source.kind, "is filled again from outside"))
        return finding.fix(_fix(each.consumer))


def _is_unseen(project: Project, consumer: Consumer) -> bool:
    return consumer.kind == "Rollout" and not any(each.rollouts for each in reloaders(project, consumer.scope))


def _fix(consumer: Consumer) -> Fix | None:
    if consumer.holder is None or SEARCH in consumer.workload or SEARCH in consumer.pod:
        return None
    own = consumer.holder.get("annotations")
    if not isinstance(own.value, dict | None) or own.unknown:
        return None
    edit = added(consumer.holder, ("annotations",), SECRET_AUTO, '"true"')
    return Fix.unsafe(f"add `{SECRET_AUTO}`", edit)
