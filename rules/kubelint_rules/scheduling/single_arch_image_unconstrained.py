"""Rule: single-arch-image-unconstrained."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABEL
from kubelint.manifests import Project
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint_rules.scheduling.advice import binding, quoted, with_witnesses
from kubelint_rules.scheduling.evidence import NODE_KINDS, OUTER_KINDS, VALUES_KINDS
from kubelint_rules.scheduling.image_evidence import Stray, strays


class SingleArchImageUnconstrained(ProjectRule):
    """An image is built for one architecture, and nothing keeps its pods off nodes of another.

    ## What it does
    In clusters with nodes of several architectures, checks every workload whose image is known to run on some of
    them only, init containers and jobs included: that a `nodeSelector`, required node affinity, a node's name, its
    namespace, or taints of the other nodes bind it. What an image is built for is told, in this order, by

    1. `cluster.images` in `kubelint.yaml`;
    2. what the tree builds itself: `platforms` of docker/build-push-action or the architecture of the runner,
       `--platform` of `docker build` and its kin in workflows, scripts, Makefiles, justfiles and Taskfiles, the
       `FROM --platform=` of the last stage;
    3. the image's own name or tag, such as `shop/web:1.4-arm64`, `arm64v8/redis`.

    An image that several builds are put together into is not judged by any of them. Where a workload requires nodes of
    several architectures and the tree builds its image, see `single-platform-image-build`.

    ## Why it matters
    The scheduler does not look into images. The pod runs for weeks where it happened to start. After a drain or a
    reboot it is placed on a node of the other architecture, and its containers die with `exec format error`, over
    and over.

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
          containers:
            - name: web
              image: registry.example/shop/web:1.4-arm64
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
          nodeSelector:
            kubernetes.io/arch: arm64
          containers:
            - name: web
              image: registry.example/shop/web:1.4-arm64
    ```
    Or build the image for every architecture of the cluster.

    ## Configuration
    What the files do not tell of nodes and images can be declared, for all rules about architectures:
    ```yaml title="kubelint.yaml"
    cluster:
      architectures: [amd64, arm64]
      images:
        multi-arch: ["registry.k8s.io/*"]
        single-arch:
          amd64: ["registry.example/shop/*"]
    ```
    A pattern means an image with or without its registry and its tag. An image under `single-arch` is built for that
    architecture alone, whatever else is told of it; one under `multi-arch` runs anywhere.

    ## When to ignore
    Where nodes run foreign programs through an emulator (`binfmt_misc` with QEMU).

    ## Fix safety
    Unsafe: the pods of the workload are replaced, and stay `Pending` where no node of the architecture has room.

    ## References
    - [kubernetes.io/arch](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    - [Multi-platform builds](https://docs.docker.com/build/building/multi-platform/)
    """

    meta = RuleMeta(
        id="single-arch-image-unconstrained",
        summary="image for one architecture may land on a node of another",
        category=Category.SCHEDULING,
        severity=Severity.ERROR,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every pod that may land where one of its images does not run."""
        for stray in strays(project):
            if stray.preference is None:
                yield self._finding(stray)

    def _finding(self, stray: Stray) -> Finding:
        evidence, pod = stray.evidence, stray.pod
        found = self.finding(
            f"`{pod.display}` may be placed on {quoted(stray.dies)} nodes, and its image is built for {evidence.named}",
            at=stray.image,
            note=f"dies with `exec format error` on {quoted(stray.dies)} nodes",
        )
        if evidence.at is not None:
            found = found.label(evidence.at, f"built for {evidence.named} only")
        found = with_witnesses(found, stray.cluster, stray.dies)
        if evidence.only is None:
            return found.help("bind the pods to nodes that the image is built for, or build it for the others too")
        edit = binding(pod, evidence.only)
        return found.help(
            f"add `{ARCH_LABEL}: {evidence.only}` to its `nodeSelector`, or build the image for the other nodes too"
        ).fix(edit and Fix.unsafe(f"bind the pods to `{evidence.only}` nodes", edit))
