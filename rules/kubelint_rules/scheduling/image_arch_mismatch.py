"""Rule: image-arch-mismatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABELS, GOARCH
from kubelint.manifests import Field, Project
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint_rules.scheduling.advice import quoted, with_witnesses
from kubelint_rules.scheduling.evidence import NODE_KINDS, OUTER_KINDS, VALUES_KINDS
from kubelint_rules.scheduling.image_evidence import Evidence, Images, is_partial
from kubelint_rules.scheduling.survey import Cluster, Placed, State, clusters_of, may_be_bound


class ImageArchMismatch(ProjectRule):
    """A workload is bound to nodes of one architecture and runs an image built for another.

    ## What it does
    Checks every workload whose image is known to be built for certain architectures: that one of the nodes it is
    bound to runs it. Pods that nothing binds are checked against the cluster's nodes where all are known to be of one
    architecture. Two containers of a pod that no architecture runs both of count too. How it is known what an image
    is built for, the page of `single-arch-image-unconstrained` says.

    ## Why it matters
    There is no node where the pod works. It is placed, its containers die with `exec format error`, and it is
    restarted for ever.

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
            kubernetes.io/arch: arm64
          containers:
            - name: web
              image: registry.example/shop/web-linux-amd64:1.4
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
            kubernetes.io/arch: arm64
          containers:
            - name: web
              image: registry.example/shop/web-linux-arm64:1.4
    ```

    ## When to ignore
    Where nodes run foreign programs through an emulator (`binfmt_misc` with QEMU).

    ## References
    - [kubernetes.io/arch](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    """

    meta = RuleMeta(
        id="image-arch-mismatch",
        summary="image is built for another architecture than the pods are bound to",
        category=Category.SCHEDULING,
        severity=Severity.ERROR,
        incident=7,
        since="0.1.0",
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every image that runs nowhere the pod may be placed."""
        images = Images(project)
        for cluster in clusters_of(project):
            for placed in cluster.placed:
                if not is_partial(placed.pod) and not may_be_bound(project, placed.pod):
                    yield from self._of_pod(cluster, placed, images)

    def _of_pod(self, cluster: Cluster, placed: Placed, images: Images) -> Iterator[Finding]:
        where = _where(images.project, cluster, placed)
        if where is None and len(placed.pod.images) < 2:
            return
        told = list(images.of_pod(placed.pod))
        left = where.architectures if where is not None else GOARCH
        earlier: list[tuple[Field, Evidence]] = []
        for image, evidence in told:
            runs = frozenset(node for node in left if evidence.runs(node))
            if left and not runs and where is not None and not _runs_somewhere(evidence, where.architectures):
                yield self._elsewhere(cluster, placed, image, evidence, where)
                continue
            if left and not runs:
                yield self._apart(placed, image, evidence, earlier[0])
                return
            earlier.append((image, evidence))
            left = runs

    def _elsewhere(self, cluster: Cluster, placed: Placed, image: Field, evidence: Evidence, where: _Where) -> Finding:
        nodes = quoted(where.architectures)
        bound = "is bound to" if where.places else "finds nothing but"
        found = self.finding(
            f"`{placed.pod.display}` {bound} {nodes} nodes, and its image is built for {evidence.named}",
            at=image,
            note="dies with `exec format error` wherever it is placed",
        )
        if evidence.at is not None:
            found = found.label(evidence.at, f"built for {evidence.named} only")
        for place in where.places[:1]:
            found = found.label(place, f"binds the pods to {nodes}")
        if not where.places:
            found = with_witnesses(found, cluster, where.architectures)
        return found.help(f"use an image that is built for {nodes}, or bind the pods to nodes that run this one")

    def _apart(self, placed: Placed, image: Field, evidence: Evidence, other: tuple[Field, Evidence]) -> Finding:
        return (
            self.finding(
                f"`{placed.pod.display}` runs images for {other[1].named} and for {evidence.named} in one pod",
                at=image,
                note="no node runs both",
            )
            .label(other[0], f"built for {other[1].named}")
            .help("use images that are built for the same architecture")
        )


class _Where(NamedTuple):
    """The architectures that a pod may be placed on, and what binds it, if something does."""

    architectures: frozenset[str]
    places: list[Field]


def _where(project: Project, cluster: Cluster, placed: Placed) -> _Where | None:
    """Where a pod may be placed at most; None where files do not tell."""
    possible = placed.placement.possible
    if possible != GOARCH:
        spec = placed.pod.spec
        places = [at for path in placed.placement.places if (at := spec.get(*path)).exists]
        return _Where(possible, sorted(places, key=_is_about_others))
    all_known = cluster.declared or project.inventory(cluster.scope).complete
    return _Where(cluster.architectures, []) if cluster.state is State.SINGLE and all_known else None


def _is_about_others(place: Field) -> bool:
    """Whether a requirement is about something else than architectures, which only comes first if nothing else does."""
    return place.name not in ARCH_LABELS and place.get("key").text not in ARCH_LABELS


def _runs_somewhere(evidence: Evidence, nodes: frozenset[str]) -> bool:
    return any(map(evidence.runs, nodes))
