"""Rule: unknown-arch-value."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, Fix, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABEL, ARCH_LABELS, GOARCH, meant_architecture
from kubelint.manifests import Document, Field
from kubelint_rules.scheduling.node_labels import LabelUse, label_uses, marks_of

_OUTCOMES = {
    "In": "no node carries this value, so nothing matches",
    "NotIn": "no node carries this value, so it excludes nothing",
}
_PENDING = "no node carries this value, so the pods stay `Pending`"


class UnknownArchValue(DocumentRule):
    """An architecture label is compared with a value that no node can have.

    ## What it does
    Checks the values given for `kubernetes.io/arch` (and its old name) in node selectors, node affinity,
    Karpenter requirements and labels of `Node` objects, in workloads, patches, chart values and the parameters that
    set them. It is a warning where the value is merely idle: beside a right one, under `NotIn`, or in a preference.

    ## Why it matters
    The kubelet sets the label to Go's name of the architecture: `amd64`, `arm64`, `arm`, `386`, `ppc64le`,
    `s390x`, `riscv64`, `mips64le`, `loong64`. What `uname -m` or a container registry says (`x86_64`,
    `aarch64`, `arm/v7`, `linux/amd64`) never matches: the scheduler finds no node and the pods wait for
    ever, without any error in the rollout but `0/3 nodes are available`.

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
            kubernetes.io/arch: x86_64
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
    Where something overwrites the label on your nodes, which kubelets refuse since v1.24.

    ## References
    - [kubernetes.io/arch](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    - [Go: values of GOARCH](https://go.dev/doc/install/source#environment)
    """

    meta = RuleMeta(
        id="unknown-arch-value",
        summary="architecture label with a value that no node has",
        category=Category.SCHEDULING,
        severity=Severity.ERROR,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    marks = marks_of(ARCH_LABEL)

    def check(self, document: Document) -> Iterator[Finding]:
        """A finding for every value that is no GOARCH."""
        for use in label_uses(document.root, ARCH_LABEL):
            if use.label in ARCH_LABELS and use.operator in _OUTCOMES:
                yield from self._values(use)
        for root in (document.root, *document.root.get("items").elements()):
            yield from self._node(root)

    def _values(self, use: LabelUse) -> Iterator[Finding]:
        wrong = [value for value in use.values if _is_wrong(value)]
        idle = use.preferred or len(wrong) < len(use.values)
        note = _OUTCOMES[use.operator] if use.form == "expression" else _PENDING
        if idle:
            note = "no node carries this value, so it adds nothing"
        for value in wrong:
            severity = Severity.WARNING if idle or use.operator == "NotIn" else None
            yield self._finding(value, note, severity)

    def _node(self, root: Field) -> Iterator[Finding]:
        if root.get("kind").text == "Node" and root.get("apiVersion").text == "v1":
            value = root.get("metadata", "labels", ARCH_LABEL)
            if _is_wrong(value):
                yield self._finding(value, "selectors for the real architecture pass this node by", None)

    def _finding(self, value: Field, note: str, severity: Severity | None) -> Finding:
        meant = meant_architecture(value.text or "")
        found = self.finding(
            f"`{value.text}` is not an architecture that a node can have", at=value, note=note, severity=severity
        )
        if meant is None:
            return found.help(f"use one of {', '.join(f'`{name}`' for name in sorted(GOARCH))}")
        fix = Fix.safe(f"replace `{value.text}` with `{meant}`", value.replace(_quoted(meant)))
        return found.help(f"use `{meant}`, as Go and the kubelet call it").fix(fix)


def _is_wrong(value: Field) -> bool:
    text = value.text or ""
    return text != "" and text not in GOARCH and "$" not in text  # a variable that is yet to be filled in


def _quoted(name: str) -> str:
    return f'"{name}"' if name.isdigit() else name
