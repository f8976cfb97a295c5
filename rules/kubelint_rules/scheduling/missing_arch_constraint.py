"""Rule: missing-arch-constraint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABEL
from kubelint.cluster.images import is_named
from kubelint.manifests import Field, KubeObject, PodTemplate, Project
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint.manifests.releases.pods import ReleasePod
from kubelint_rules.scheduling.advice import binding, listed, quoted, with_witnesses
from kubelint_rules.scheduling.evidence import NODE_KINDS, OUTER_KINDS, VALUES_KINDS
from kubelint_rules.scheduling.image_evidence import key_of, strays
from kubelint_rules.scheduling.survey import Cluster, State, clusters_of

_NAMED = 3
_TRUST = "list its image under `cluster.images.multi-arch` in kubelint.yaml"


class MissingArchConstraint(ProjectRule):
    """A workload does not say which processor architecture it needs, where that may matter.

    ## What it does
    Checks that the pods of every workload are bound to an architecture: by `nodeSelector`, by required node
    affinity, by a node's name or kind of hardware, or by the node selector of their namespace. Preferred
    affinity binds nothing; a required list of several architectures says that the images fit all of them.
    Workloads that exist only as chart values are seen where the values define the pods themselves: the
    controllers of bjw-s' `app-template`, the runner template of `gha-runner-scale-set`. What other charts make
    of their values is not guessed.
    How much is reported depends on what is known of the nodes, for each cluster of the tree:

    - *Nodes of several architectures*, declared in `kubelint.yaml`, or shown by `Node` objects, Karpenter
      node pools, Ansible inventories, Talos and k3s configurations, or selectors: every workload that is not
      bound. Taints that the workload does not tolerate count.
    - *Nothing about nodes, but at least half of the workloads are bound*, by patches too: every workload that is not. A
      convention that one workload breaks is how this failure looks from the repository.
    - *Nothing about nodes, and fewer than half are bound*: one finding that names the others. It is a warning
      where selectors show several architectures.
    - *One architecture*: nothing.
    - *Nothing is known*: one note for the whole tree.

    A workload of which the tree tells that its image runs on some of the nodes only is left to
    `single-arch-image-unconstrained` and `preferred-only-arch`, whatever is configured for them.

    ## Why it matters
    The scheduler does not look into images. In a cluster with `amd64` and `arm64` nodes it places an
    `amd64` image on an `arm64` node whenever there is room, and the container dies with `exec format
    error`, over and over. It looks random: the same workload ran for weeks, until it was rescheduled.

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
            kubernetes.io/arch: amd64
          containers:
            - name: web
              image: registry.example/shop/web:1.4
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: cart}
    spec:
      selector: {matchLabels: {app: cart}}
      template:
        metadata: {labels: {app: cart}}
        spec:
          containers:
            - name: cart
              image: registry.example/shop/cart:0.9
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: cart}
    spec:
      selector: {matchLabels: {app: cart}}
      template:
        metadata: {labels: {app: cart}}
        spec:
          nodeSelector:
            kubernetes.io/arch: amd64
          containers:
            - name: cart
              image: registry.example/shop/cart:0.9
    ```
    An image that is built for all of your nodes' architectures needs no constraint: name it in `kubelint.yaml`, under
    `cluster.images.multi-arch`.

    ## Configuration
    - `strict` (default `false`): report every workload that is not bound, whatever is known of the nodes,
      unless all nodes are declared to be of one architecture.

    What the nodes are, and which images run on all of them, can be declared for all rules:
    ```yaml title="kubelint.yaml"
    cluster:
      architectures: [amd64, arm64]
      default-arch: amd64
      images:
        multi-arch: ["registry.k8s.io/*", "docker.io/library/*"]
    ```
    A workload whose images all are under `multi-arch` is left alone; a pattern means an image with or without its
    registry and its tag. `default-arch` is what fixes bind the other workloads to.

    ## When to ignore
    Where all images are built for all nodes. Where all nodes are alike, declare the one architecture instead.

    ## Fix safety
    Unsafe: the fix binds the pods to the architecture that most of the tree names, which may not be the
    image's.

    ## References
    - [Assigning Pods to Nodes](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/)
    - [kubernetes.io/arch](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    """

    meta = RuleMeta(
        id="missing-arch-constraint",
        summary="workload may land on a node of another architecture",
        category=Category.SCHEDULING,
        severity=Severity.WARNING,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    @dataclass(frozen=True)
    class Options:
        """How much to report."""

        strict: bool = False

    def check(self, project: Project) -> Iterator[Finding]:
        """Findings cluster by cluster; what nothing is known of shares one note."""
        in_the_dark: list[PodTemplate] = []
        some_known = False
        known = {stray.key for stray in strays(project)}
        for surveyed in clusters_of(project):
            free = [pod for pod in surveyed.free if key_of(pod) not in known and not _is_trusted(project, pod)]
            cluster = replace(surveyed, free=free)
            if cluster.state is State.SINGLE:
                continue
            if cluster.state is State.MIXED or cluster.state is State.CONVENTION or self.options.strict:
                yield from self._each(cluster)
            elif cluster.state is State.MINORITY and cluster.free:
                yield self._together(cluster)
            else:
                in_the_dark += cluster.free
                some_known |= bool(cluster.nodes)
        if in_the_dark:
            yield self._note(in_the_dark, some_known)

    def _each(self, cluster: Cluster) -> Iterator[Finding]:
        for pod in cluster.free:
            if cluster.state is not State.MIXED:
                yield self._advise(self._unlike_others(cluster, pod), cluster, pod)
            elif len(reachable := cluster.reachable(pod)) > 1:
                found = self.finding(
                    f"`{pod.display}` may be placed on {quoted(reachable)} nodes",
                    at=pod.spec.get("nodeSelector"),
                    note="an image not built for the node dies with `exec format error`",
                )
                yield self._advise(with_witnesses(found, cluster, reachable), cluster, pod)

    def _unlike_others(self, cluster: Cluster, pod: PodTemplate) -> Finding:
        bound, everything = cluster.share
        others = f", unlike {bound} of {everything} workloads here" if bound else ""
        found = self.finding(
            f"`{pod.display}` may be placed on nodes of any architecture{others}",
            at=pod.spec.get("nodeSelector"),
            note="an image not built for the node dies with `exec format error`",
        )
        return with_witnesses(found, cluster)

    def _advise(self, found: Finding, cluster: Cluster, pod: PodTemplate) -> Finding:
        usual = cluster.usual
        if usual is None:
            return found.help(f"add a `nodeSelector` with `{ARCH_LABEL}`, or {_TRUST}")
        edit = binding(pod, usual)
        return found.help(f"add `{ARCH_LABEL}: {usual}` to its `nodeSelector`, or {_TRUST}").fix(
            edit and Fix.unsafe(f"bind the pods to `{usual}` nodes", edit)
        )

    def _together(self, cluster: Cluster) -> Finding:
        """One finding for a cluster that binds few; a warning if several architectures are proved."""
        mixed = len(cluster.architectures) > 1
        names = listed([f"`{pod.display}`" for pod in cluster.free], _NAMED)
        count = _counted(len(cluster.free), "workload")
        found = self.finding(
            f"{count} may be placed on nodes of any architecture: {names}",
            at=_name_of(cluster.free[0]),
            note="others in this tree are bound to one",
            severity=Severity.WARNING if mixed else Severity.INFO,
        )
        return with_witnesses(found.of_all(), cluster).help(
            "bind the ones whose images are built for one architecture,"
            " or declare the nodes under `cluster.architectures` in kubelint.yaml"
        )

    def _note(self, pods: list[PodTemplate], some_known: bool) -> Finding:
        told = "the architecture of every node" if some_known else "which architectures the nodes have"
        return (
            self.finding(
                f"{_counted(len(pods), 'workload')} may be placed on nodes of any architecture",
                at=_name_of(pods[0]),
                note=f"nothing in this tree tells {told}",
                severity=Severity.INFO,
            )
            .of_all()
            .help("declare the nodes in kubelint.yaml: `cluster: {architectures: [amd64]}`, or all that there are")
        )


def _is_trusted(project: Project, pod: PodTemplate) -> bool:
    """Whether all of a pod's images are said to run anywhere."""
    images = [container.image for container in pod.containers if container.image.value]
    patterns = project.settings.images.multi_arch
    return all(image.text is not None and is_named(image.text, patterns) for image in images)


def _name_of(pod: PodTemplate) -> KubeObject | Field:
    is_entry = isinstance(pod, ReleasePod) and pod.release.obj is None
    return pod.obj.root.get("name") if is_entry else pod.obj


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
