"""Rule: secret-mounted-by-subpath."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.rotation.restarts import Missed, is_by_annotation, missed


class SecretMountedBySubpath(ProjectRule):
    """A single path of a Secret is mounted, and such a mount is never updated.

    ## What it does
    Finds volumes of Secrets that a Deployment, StatefulSet, DaemonSet or Rollout mounts with `subPath` or `subPathExpr`
    while nothing restarts it when the Secret changes: no annotation of Reloader's or its kin, no generated name
    with a hash. Immutable Secrets are left alone, and so are ConfigMaps.

    ## Why it matters
    The kubelet keeps the files of a mounted Secret up to date by exchanging a link to their directory. A
    `subPath` is bound to the file behind the link, once, when the container starts: it shows the old
    content for as long as the container lives.

    ## Example
    ```yaml
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
              volumeMounts:
                - {name: license, mountPath: /etc/web/license.key, subPath: license.key}
          volumes:
            - name: license
              secret: {secretName: web-license}
    ```

    ## Use instead
    ```yaml
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
              volumeMounts:
                - {name: license, mountPath: /etc/web/license}
          volumes:
            - name: license
              secret: {secretName: web-license}
    ```

    ## When to ignore
    If what is in the Secret never changes, or only with the workload.

    ## References
    - [Using subPath](https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath): a container that uses a
      Secret as a subPath mount does not receive updates
    """

    meta = RuleMeta(
        id="secret-mounted-by-subpath",
        summary="a single path of a Secret is mounted, and never updated",
        category=Category.ROTATION,
        severity=Severity.INFO,
        incident=1,
        since="0.1.0",
    )
    marks = ("subPath",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each such mount that no other rule of this family speaks of."""
        for each in missed(project):
            if each.use.way == "subPath" and self._speaks(project, each):
                yield self.finding(
                    f"`{each.consumer.name}` mounts a single path of the Secret `{each.use.secret}`",
                    at=each.use.at,
                    note="keeps the old content until the container restarts",
                ).help("mount the whole Secret as a directory, or restart the workload when it changes")

    def _speaks(self, project: Project, each: Missed) -> bool:
        if any(source.immutable for source in each.sources):
            return False
        by_annotation = is_by_annotation(project, each.consumer)
        return by_annotation is False or (by_annotation is True and each.rotating is None)
