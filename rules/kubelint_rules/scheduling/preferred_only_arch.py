"""Rule: preferred-only-arch."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABEL
from kubelint.cluster.scheduling import Path
from kubelint.manifests import Project
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint_rules.scheduling.advice import binding, quoted, with_witnesses
from kubelint_rules.scheduling.evidence import NODE_KINDS, OUTER_KINDS, VALUES_KINDS
from kubelint_rules.scheduling.image_evidence import Stray, strays


class PreferredOnlyArch(ProjectRule):
    """A workload only prefers the one architecture that its image is built for.

    ## What it does
    In clusters with nodes of several architectures, checks preferred node affinity for an architecture where the
    image is known to run on some of the nodes only, and nothing binds the pods. How that is known, the page of
    `single-arch-image-unconstrained` says.

    ## Why it matters
    A preference adds to the score of nodes. When those nodes are full, cordoned or gone, the scheduler takes any
    other, and the containers die there with `exec format error`: just when the cluster is short of nodes.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Node
    metadata: {name: pve1, labels: {kubernetes.io/arch: amd64}}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: lima, labels: {kubernetes.io/arch: arm64}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          affinity:
            nodeAffinity:
              preferredDuringSchedulingIgnoredDuringExecution:
                - weight: 100
                  preference:
                    matchExpressions:
                      - {key: kubernetes.io/arch, operator: In, values: [amd64]}
          containers:
            - name: web
              image: registry.example/shop/web-linux-amd64:1.4
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Node
    metadata: {name: pve1, labels: {kubernetes.io/arch: amd64}}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: lima, labels: {kubernetes.io/arch: arm64}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          affinity:
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                  - matchExpressions:
                      - {key: kubernetes.io/arch, operator: In, values: [amd64]}
          containers:
            - name: web
              image: registry.example/shop/web-linux-amd64:1.4
    ```

    ## When to ignore
    Where nodes run foreign programs through an emulator (`binfmt_misc` with QEMU).

    ## Fix safety
    Unsafe: the pods of the workload are replaced, and stay `Pending` where no node of the architecture has room.

    ## References
    - [Node affinity](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity)
    - kubernetes `pkg/scheduler/framework/plugins/nodeaffinity`
    """

    meta = RuleMeta(
        id="preferred-only-arch",
        summary="workload only prefers the architecture that its image needs",
        category=Category.SCHEDULING,
        severity=Severity.ERROR,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every preference that should bind."""
        for stray in strays(project):
            if stray.preference is not None:
                yield self._finding(stray, stray.preference)

    def _finding(self, stray: Stray, preference: Path) -> Finding:
        evidence, pod = stray.evidence, stray.pod
        found = self.finding(
            f"`{pod.display}` only prefers an architecture, and its image is built for {evidence.named}",
            at=pod.spec.get(*preference),
            note=f"may be placed on {quoted(stray.dies)} nodes still",
        ).label(stray.image, f"built for {evidence.named} only")
        if evidence.at is not None:
            found = found.label(evidence.at, "as this says")
        found = with_witnesses(found, stray.cluster, stray.dies)
        edit = binding(pod, evidence.only) if evidence.only else None
        needed = f"`{ARCH_LABEL}: {evidence.only}`" if evidence.only else "the architecture"
        return found.help(f"require {needed}, in `nodeSelector` or in required node affinity").fix(
            edit and Fix.unsafe(f"bind the pods to `{evidence.only}` nodes", edit)
        )
