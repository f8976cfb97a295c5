"""Rule: deprecated-node-label."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, Fix, RuleMeta, Severity
from kubelint.cluster.architectures import DEPRECATED_LABELS, DEPRECATED_SINCE
from kubelint.manifests import Document, Edit, Field, FieldKey
from kubelint.manifests.field import FieldSlice
from kubelint_rules.scheduling.node_labels import LabelUse, escaped, label_uses, marks_of, pointed

_BETA = "beta.kubernetes.io/"
_IMMUTABLE = frozenset({"Job", "PersistentVolume", "Pod", "StorageClass"})


class DeprecatedNodeLabel(DocumentRule):
    """A node label of Kubernetes' beta days is used to choose nodes.

    ## What it does
    Checks selectors, node affinity, topology keys, storage classes and volumes for `beta.kubernetes.io/arch`,
    `beta.kubernetes.io/os`, `beta.kubernetes.io/instance-type`, `failure-domain.beta.kubernetes.io/zone` and
    `failure-domain.beta.kubernetes.io/region`, in chart values of every wrapper too.

    ## Why it matters
    The API server warns about each of them on every apply. Kubelets and cloud providers set the old labels
    only for compatibility; on a node that lacks one, a selector matches nothing and the pods stay
    `Pending`. A workload that uses the old label also escapes whoever searches for the new one, such as an
    audit of which workloads are bound to an architecture.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          nodeSelector:
            beta.kubernetes.io/arch: amd64
          containers:
            - name: web
              image: registry.example/shop/web:1.4
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          nodeSelector:
            kubernetes.io/arch: amd64
          containers:
            - name: web
              image: registry.example/shop/web:1.4
    ```

    ## When to ignore
    For clusters older than Kubernetes 1.17, whose nodes do not have the new labels.

    ## Fix safety
    Nodes carry both labels with the same value, so the rename is safe; not so for a `Job`, a `Pod`, a
    `PersistentVolume` or a `StorageClass`, where the field cannot be changed once the object exists.

    ## References
    - [Well-known labels](https://kubernetes.io/docs/reference/labels-annotations-taints/#beta-kubernetes-io-arch-deprecated)
    - kubernetes `pkg/api/node/util.go`, `GetWarningsForNode`
    """

    meta = RuleMeta(
        id="deprecated-node-label",
        summary="node label that was replaced years ago",
        category=Category.SCHEDULING,
        severity=Severity.WARNING,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    marks = marks_of(_BETA)

    def check(self, document: Document) -> Iterator[Finding]:
        """A finding for every use of a deprecated label."""
        for use in label_uses(document.root, _BETA):
            kind = _kind(document.root, use)
            if use.label in DEPRECATED_LABELS and kind != "CustomResourceDefinition":
                yield self._finding(use, immutable=kind in _IMMUTABLE)

    def _finding(self, use: LabelUse, *, immutable: bool) -> Finding:
        new = DEPRECATED_LABELS[use.label]
        since = DEPRECATED_SINCE[use.label]
        make, edits = Fix.unsafe if immutable else Fix.safe, _edits(use, new)
        return (
            self.finding(
                f"`{use.label}` is deprecated since Kubernetes {since}",
                at=_place(use),
                note=f"now `{new}`",
            )
            .help(f"use `{new}`, which the same nodes carry with the same value")
            .fix(make(f"rename to `{new}`", *edits) if edits else None)
        )


def _kind(root: Field, use: LabelUse) -> str | None:
    """The kind of the object that the label stands in, which may be an item of a list."""
    steps = use.place.path[len(root.path) :]
    owner = root.get(*steps[:2]) if steps[:1] == ("items",) else root
    return owner.get("kind").text


def _place(use: LabelUse) -> Field | FieldKey | FieldSlice:
    if use.form in ("assigned name", "pointer") and use.place.text:
        written = pointed(use.label) if use.form == "pointer" else escaped(use.label)
        start = use.place.text.rindex(written)
        return use.place.slice(start, start + len(written))
    return use.place.key if use.form in ("selector", "assigned key") else use.place


def _edits(use: LabelUse, new: str) -> tuple[Edit, ...]:
    if use.form == "assigned key":
        return ()
    if use.form == "assigned name":
        name = (use.place.text or "").replace(escaped(use.label), escaped(new))
        return (use.place.replace("'" + name.replace("'", "''") + "'"),)
    if use.form == "pointer":
        return (use.place.replace((use.place.text or "").replace(pointed(use.label), pointed(new))),)
    if use.form != "selector":
        return (use.place.replace(new),)
    if new in dict(use.holder.items()):
        return (use.place.delete(),)
    return use.place.delete(), use.holder.insert(new, json.dumps(use.place.value))
