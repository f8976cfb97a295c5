"""Rule: single-platform-image-build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABEL
from kubelint.cluster.images import repository
from kubelint.manifests import Field, PodTemplate, Project
from kubelint.manifests.hosts import At
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint_rules.scheduling.advice import quoted, with_witnesses
from kubelint_rules.scheduling.evidence import NODE_KINDS, OUTER_KINDS, VALUES_KINDS
from kubelint_rules.scheduling.image_evidence import Evidence, Images, key_of, strays
from kubelint_rules.scheduling.survey import Cluster, clusters_of, may_be_bound

_SHOWN = 3


class SinglePlatformImageBuild(ProjectRule):
    """An image is built for fewer architectures than the nodes that may run it have.

    ## What it does
    Compares the images that this repository builds with the workloads of the same repository that require nodes of
    several architectures, in clusters that are known to have them: there it is the build that is not as it is
    meant. Read are `docker/build-push-action` with its `platforms`, and `docker build`, `docker buildx build` and
    their kin in scripts, Makefiles, justfiles and Taskfiles with `--platform`; without either, the architecture is
    that of the machine which builds: as its labels tell, or the nodes that the runners of this repository are
    placed on. A build is reported once, with the workloads that run its image.

    A workload that requires nothing is reported by `single-arch-image-unconstrained`, which points at the build.

    Nothing is said where something is not known: names or platforms made by expressions, builders elsewhere, and
    images that several builds are put together for (`docker manifest`, `docker buildx imagetools`).

    ## Why it matters
    The build succeeds, and so does the rollout, as long as the scheduler happens to pick the right nodes. After
    the next reschedule the container dies with `exec format error`. The cause is one line of a workflow, far from
    the workload that fails.

    ## Example
    ```yaml title="nodes.yaml"
    apiVersion: v1
    kind: Node
    metadata: {name: alder, labels: {kubernetes.io/arch: amd64}}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: birch, labels: {kubernetes.io/arch: arm64}}
    ```
    ```yaml title="web.yaml"
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
                      - {key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}
          containers:
            - name: web
              image: registry.example/shop/web:1.4
    ```
    ```yaml title=".github/workflows/image.yaml"
    on: push
    jobs:
      image:
        runs-on: ubuntu-latest
        steps:
          - uses: docker/build-push-action@v6
            with:
              push: true
              platforms: linux/amd64
              tags: registry.example/shop/web:1.4
    ```

    ## Use instead
    ```yaml title=".github/workflows/image.yaml"
    on: push
    jobs:
      image:
        runs-on: ubuntu-latest
        steps:
          - uses: docker/build-push-action@v6
            with:
              push: true
              platforms: linux/amd64,linux/arm64
              tags: registry.example/shop/web:1.4
    ```
    Or bind the workload to the nodes that the image is built for:
    ```yaml
    nodeSelector:
      kubernetes.io/arch: amd64
    ```

    ## When to ignore
    Where another build, which this repository does not show, pushes the other architectures under the same name.

    ## Fix safety
    Unsafe: a build for another architecture needs an emulator or a builder of that kind
    (`docker/setup-qemu-action`), takes longer, and fails where the base image has none for it.

    ## References
    - [Multi-platform images with GitHub Actions](https://docs.docker.com/build/ci/github-actions/multi-platform/)
    - [docker/build-push-action](https://github.com/docker/build-push-action#inputs)
    - [kubernetes.io/arch](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch)
    """

    meta = RuleMeta(
        id="single-platform-image-build",
        summary="an image is not built for all nodes that may run it",
        category=Category.SCHEDULING,
        severity=Severity.WARNING,
        incident=7,
        since="0.1.0",
        fixable=True,
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every build that names too few platforms, with the workloads that want more."""
        builds: dict[tuple[object, ...], list[_Use]] = {}
        for use in _uses(project):
            if use.evidence.at is not None and use.image.text is not None:
                key = (repository(use.image.text), *_identity(use.evidence.at))
                builds.setdefault(key, []).append(use)
        for found in builds.values():
            yield self._of_build(found)

    def _of_build(self, found: list[_Use]) -> Finding:
        first = found[0]
        evidence, at = first.evidence, first.evidence.at
        assert at is not None
        dies = frozenset[str]().union(*(use.dies for use in found))
        workloads = list(dict.fromkeys(use.pod.display for use in found))
        more = f" and {len(workloads) - 1} more" if len(workloads) > 1 else ""
        finding = self.finding(
            f"`{first.image.text}` is built for {evidence.named} only, and `{workloads[0]}`{more} may be placed on "
            f"{quoted(dies)} nodes",
            at=at,
            note="there its containers die with `exec format error`",
        )
        if evidence.machine is not None:
            finding = finding.label(evidence.machine, f"the runners of the job are on {evidence.named} nodes")
        for use in found[:_SHOWN]:
            finding = finding.label(use.image, f"`{use.pod.display}` runs it")
        platforms = ",".join(f"linux/{name}" for name in sorted(evidence.architectures | dies))
        bound = " or ".join(f"`{ARCH_LABEL}: {name}`" for name in sorted(evidence.architectures))
        finding = with_witnesses(finding, first.cluster, dies)
        return finding.help(f"build it for `{platforms}`, or bind the workload to {bound}").fix(_fix(at, platforms))


class _Use(NamedTuple):
    """A workload that may be placed on nodes of architectures which one of its images is not built for (`dies`)."""

    cluster: Cluster
    pod: PodTemplate
    image: Field
    evidence: Evidence
    dies: frozenset[str]


def _uses(project: Project) -> Iterator[_Use]:
    """The workloads of clusters with nodes of several architectures that some but not all of these are wrong for, but
    for those that are themselves what is wrong.
    """
    images: Images | None = None
    known = {stray.key for stray in strays(project)}
    for cluster in clusters_of(project):
        for pod, placement in cluster.placed if len(cluster.architectures) > 1 else ():
            images = images or Images(project)
            reached = cluster.reachable(pod) & placement.possible
            if placement.certain and not pod.partial and len(reached) > 1 and _is_as_meant(project, pod, known):
                for image, evidence in images.of_pod(pod):
                    dies = frozenset(node for node in reached if not evidence.runs(node))
                    if dies and dies != reached:
                        yield _Use(cluster, pod, image, evidence, dies)


def _is_as_meant(project: Project, pod: PodTemplate, known: set[tuple[object, ...]]) -> bool:
    return key_of(pod) not in known and not may_be_bound(project, pod)


def _identity(at: At) -> tuple[object, ...]:
    """What is the same for two ways to point at one place."""
    field = at if isinstance(at, Field) else getattr(at, "field", None)
    characters = (getattr(at, "start", None), getattr(at, "end", None))
    return (at,) if field is None else (field.document.file, field.path, *characters)


def _fix(at: At, platforms: str) -> Fix | None:
    """The platforms written anew where they stand as text of an input."""
    if not isinstance(at, Field) or at.name != "platforms" or at.text is None or "\n" in at.text:
        return None
    return Fix.unsafe(f"build for `{platforms}`", at.replace(platforms))
