"""Rule: unsatisfiable-arch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.architectures import ARCH_LABELS, GOARCH
from kubelint.cluster.scheduling import (
    NAMESPACE_SELECTOR,
    Placement,
    Requirement,
    node_affinity,
    placement,
    required_terms,
    selector_requirements,
)
from kubelint.manifests import Field, PodTemplate, Project
from kubelint.manifests.pod_shapes import POD_KINDS
from kubelint.manifests.releases.pods import release_pods
from kubelint_rules.scheduling.advice import quoted
from kubelint_rules.scheduling.evidence import (
    NODE_KINDS,
    OUTER_KINDS,
    VALUES_KINDS,
    NodeNames,
    outer_selectors,
    release_values,
    scheduling_holders,
)
from kubelint_rules.scheduling.survey import may_be_bound

Nodes = Mapping[str, str | None]


class UnsatisfiableArch(ProjectRule):
    """A workload asks for an architecture that no node of the cluster has, or for two at once.

    ## What it does
    Compares what a workload requires with the architectures that `kubelint.yaml` declares, in chart values too, and
    what it requires in one place with what it requires in another: `nodeSelector`, required node affinity, a node's
    name, the selector of its namespace or of its RuntimeClass. Nothing is assumed of nodes that are not declared. A
    DaemonSet for an architecture that is not there is left alone, as is what is scaled to zero. What contradicts the
    annotation of a namespace is a warning: clusters heed that only with the admission plugin PodNodeSelector.

    ## Why it matters
    The scheduler finds no node. The pods stay `Pending` for ever, and a rollout waits for them until it times out.

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
          affinity:
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                  - matchExpressions:
                      - {key: kubernetes.io/arch, operator: In, values: [arm64]}
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
    For workloads that wait for nodes that are still to come. Better declare those nodes in `kubelint.yaml`.

    ## References
    - [Assigning Pods to Nodes](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/)
    - kubernetes `staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity`
    """

    meta = RuleMeta(
        id="unsatisfiable-arch",
        summary="workload asks for an architecture that no node has",
        category=Category.SCHEDULING,
        severity=Severity.ERROR,
        incident=7,
        since="0.1.0",
    )
    needs = POD_KINDS | VALUES_KINDS | NODE_KINDS | OUTER_KINDS
    about = needs | {"release"}

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every workload that no node can satisfy."""
        from_values = list(release_pods(project))
        for pod in (*project.pods, *from_values):
            yield from self._of_pod(project, pod)
        for scope, values in release_values(project, {pod.release for pod in from_values}):
            declared = project.inventory(scope).declared
            if values is not None and declared:
                yield from self._of_values(values, declared)

    def _of_pod(self, project: Project, pod: PodTemplate) -> Iterator[Finding]:
        inventory = project.inventory(pod.obj.scope)
        demands = list(_demands(project, pod, NodeNames(inventory)))
        clash = next(_clashes(demands), None)
        if clash is not None and not may_be_bound(project, pod):
            yield self._contradiction(pod, *clash)
        elif inventory.declared and pod.kind != "DaemonSet" and pod.obj.field("spec", "replicas").integer != 0:
            yield from self._undeclared(_of_spec(pod.spec, {}), inventory.declared, f"`{pod.display}`")

    def _of_values(self, values: Field, declared: frozenset[str]) -> Iterator[Finding]:
        for holder in scheduling_holders(values):
            if not _is_off(values, holder):
                yield from self._undeclared(_of_spec(holder, {}), declared, "what these values configure")

    def _contradiction(self, pod: PodTemplate, one: _Demand, other: _Demand) -> Finding:
        if one is other:
            return self.finding(
                f"`{pod.display}` requires architectures that exclude each other",
                at=one.at,
                note="no node matches, so the pods stay `Pending`",
            ).help("put alternatives into terms of their own: the expressions of one term hold together")
        mine, theirs = (one, other) if other.outside else (other, one)
        refused = theirs.at.name == NAMESPACE_SELECTOR  # where that admission plugin is on, which files do not tell
        return (
            self.finding(
                f"`{pod.display}` requires {quoted(mine.architectures)} nodes and {quoted(theirs.architectures)} nodes",
                at=mine.at,
                note="no node is both, so no pod starts",
                severity=Severity.WARNING if refused else None,
            )
            .label(theirs.at, f"only {quoted(theirs.architectures)} here")
            .help("require one of them, the one that the image is built for")
        )

    def _undeclared(self, demands: Iterator[_Demand], declared: frozenset[str], subject: str) -> Iterator[Finding]:
        for demand in demands:
            if demand.architectures and not demand.architectures & declared:
                yield self.finding(
                    f"{subject} requires {quoted(demand.architectures)} nodes, and the cluster has {quoted(declared)}",
                    at=demand.at,
                    note="no node matches, so the pods stay `Pending`",
                ).help("require an architecture that the cluster has, or declare its nodes in kubelint.yaml")
                return


class _Demand(NamedTuple):
    """What one place requires: the architectures that it leaves, which are not all there are."""

    at: Field
    architectures: frozenset[str]
    outside: bool = False
    """Whether it stands outside of the pod spec."""


def _demands(project: Project, pod: PodTemplate, nodes: Nodes) -> Iterator[_Demand]:
    yield from _of_spec(pod.spec, nodes)
    for at, selector in outer_selectors(project, pod):
        if (placed := placement(selector, GOARCH, nodes)).possible:
            yield from (demand._replace(outside=True) for demand in _narrowed(at, placed))


def _of_spec(spec: Field, nodes: Nodes) -> Iterator[_Demand]:
    """What the parts of a pod spec require, each on its own. Values that no node can have are another rule's matter."""
    for requirement in sorted(selector_requirements(spec.value), key=lambda requirement: requirement.key):
        selector = {"nodeSelector": {requirement.key: requirement.values[0]}}
        yield from _narrowed(spec.get(*requirement.path), placement(selector, GOARCH, nodes))
    path, affinity = node_affinity(spec.value)
    terms = list(required_terms(spec.value))
    if terms and all(terms) and not _has_unknown_values(terms):
        part = {"nodeAffinity": affinity}
        narrowed = placement({"affinity": part} if len(path) > 1 else part, GOARCH, nodes)
        at = spec.get(*narrowed.places[0]) if narrowed.places else spec.get(*path)
        yield from _narrowed(at, narrowed)
    name = spec.get("nodeName")
    if name.text:
        yield from _narrowed(name, placement({"nodeName": name.text}, GOARCH, nodes))


def _narrowed(at: Field, placed: Placement) -> Iterator[_Demand]:
    if placed.possible != GOARCH and (placed.possible or at.name not in ARCH_LABELS):
        yield _Demand(at, placed.possible)


def _has_unknown_values(terms: list[list[Requirement]]) -> bool:
    parts = [part for term in terms for part in term if part.key in ARCH_LABELS]
    return any(not isinstance(value, str) or value not in GOARCH for part in parts for value in part.values)


def _clashes(demands: list[_Demand]) -> Iterator[tuple[_Demand, _Demand]]:
    for demand in demands:
        if not demand.architectures:
            yield demand, demand
    for one, other in combinations(demands, 2):
        if not one.architectures & other.architectures:
            yield one, other


def _is_off(values: Field, holder: Field) -> bool:
    """Whether what a part of the values configures is switched off."""
    steps = holder.path[len(values.path) :]
    return any(values.get(*steps[:depth]).get("enabled").value is False for depth in range(len(steps) + 1))
