"""Rule: reloader-not-installed."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.reloader import ANNOTATIONS, DOMAIN
from kubelint.manifests import Project
from kubelint.manifests.scopes import scope_of
from kubelint_rules.rotation.annotations import Use, reloader_annotations
from kubelint_rules.rotation.reloaders import may_be_installed


class ReloaderNotInstalled(ProjectRule):
    """Workloads are annotated for Reloader, and nothing in the tree installs it.

    ## What it does
    Finds annotations of `reloader.stakater.com` in clusters for which the tree has no release or Deployment
    of stakater's Reloader, nor mentions where it comes from. It speaks once for each cluster.

    ## Why it matters
    Without the controller the annotations do nothing: Secrets are rotated and pods run on with the old ones.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        reloader.stakater.com/auto: "true"
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example/shop/web:1.4
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
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        reloader.stakater.com/auto: "true"
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example/shop/web:1.4
    ```

    ## When to ignore
    If Reloader is installed from another repository.

    ## References
    - [stakater/Reloader](https://github.com/stakater/Reloader)
    """

    meta = RuleMeta(
        id="reloader-not-installed",
        summary="annotations for Reloader, which nothing installs",
        category=Category.ROTATION,
        severity=Severity.INFO,
        incident=1,
        since="0.1.0",
    )
    marks = (DOMAIN,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each cluster with annotations and without Reloader."""
        found: dict[str, list[Use]] = {}
        for document in project.documents:
            if DOMAIN in document.text and not document.rendering:
                uses = [use for use in reloader_annotations(document.root) if _asks(use)]
                found.setdefault(scope_of(document.belongs_to, document.repository), []).extend(uses)
        for scope, uses in found.items():
            if uses and not may_be_installed(project, scope):
                yield self._finding(uses)

    def _finding(self, uses: list[Use]) -> Finding:
        count = "an annotation" if len(uses) == 1 else f"{len(uses)} annotations"
        finding = self.finding(
            f"{count} for Reloader, and nothing in the tree installs it",
            at=uses[0].field.key,
            note="does nothing without the controller",
        )
        for use in uses[1:4]:
            finding = finding.label(use.field.key, "and here")
        return finding.of_all().help("install Reloader, or remove the annotations")


def _asks(use: Use) -> bool:
    """Whether an annotation wants something of Reloader; `"false"` is fulfilled without it."""
    return use.key in ANNOTATIONS and use.field.value != "false"
