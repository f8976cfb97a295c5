"""Rule: unknown-reloader-annotation."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, Fix, RuleMeta, Severity
from kubelint.cluster.reloader import ANNOTATIONS, DOMAIN, intended, value_problem
from kubelint.manifests import Document
from kubelint_rules.rotation.annotations import Use, reloader_annotations


class UnknownReloaderAnnotation(DocumentRule):
    """An annotation for Reloader is one that Reloader does not read.

    ## What it does
    Checks every annotation of `reloader.stakater.com`, of objects, of pods and in the values of charts, against
    those that stakater's Reloader reads. Their values are checked as well: the API server takes strings
    only, `auto` must be true or false, and `search`, `match` and `ignore` count only as `"true"`.

    ## Why it matters
    Reloader ignores what it does not know. The Secret is rotated, the pods run on with the old credential,
    and they fail when it is revoked, which may be weeks later.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        secrets.reloader.stakater.com/reload: web-database
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
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      annotations:
        secret.reloader.stakater.com/reload: web-database
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
    If a fork of Reloader reads more, or Reloader is told other names for its annotations.

    ## Fix safety
    Safe: an annotation that nothing reads is renamed to the one that was meant, a boolean becomes a string.

    ## References
    - stakater/Reloader `internal/pkg/options/flags.go`, `pkg/common/common.go`
    """

    meta = RuleMeta(
        id="unknown-reloader-annotation",
        summary="annotation that Reloader does not read",
        category=Category.ROTATION,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = (DOMAIN,)

    def check(self, document: Document) -> Iterator[Finding]:
        """A finding for each annotation that is unknown, and for each value that does nothing."""
        for use in reloader_annotations(document.root):
            if use.key not in ANNOTATIONS:
                yield self._unknown(use)
            elif (problem := value_problem(use.key, use.field.value)) is not None:
                yield self._idle(use, problem)

    def _unknown(self, use: Use) -> Finding:
        meant = intended(use.key)
        finding = self.finding(f"Reloader does not read `{use.key}`", at=use.field.key, note="nothing restarts")
        if meant is None:
            return finding.help("use an annotation that Reloader reads, such as `reloader.stakater.com/auto`")
        return finding.help(f"use `{meant}`").fix(_rename(use, meant))

    def _idle(self, use: Use, problem: str) -> Finding:
        finding = self.finding(f"`{use.key}` does nothing here: {problem}", at=use.field, note="nothing restarts")
        if isinstance(use.field.value, bool):
            text = str(use.field.value).lower()
            return finding.help(f'write `"{text}"`').fix(Fix.safe("quote the value", use.field.replace(f'"{text}"')))
        return finding.help('write `"true"`' if not isinstance(use.field.value, dict | list) else "write a string")


def _rename(use: Use, meant: str) -> Fix | None:
    if use.holder.get(meant).exists or not isinstance(use.field.value, str) or use.field.unknown:
        return None
    return Fix.safe(f"rename to `{meant}`", use.field.delete(), use.holder.insert(meant, json.dumps(use.field.value)))
