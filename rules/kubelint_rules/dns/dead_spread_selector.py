"""Rule: dead-spread-selector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.spread import DeadTerm, dead_terms, selector_matches
from kubelint.manifests import Field, PodTemplate, Project, same_cluster
from kubelint_rules.dns.releases import coredns_release

_KINDS = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"})


class DeadSpreadSelector(ProjectRule):
    """A rule for spreading pods does not select the pods that carry it.

    ## What it does
    Compares the selectors of `topologySpreadConstraints` with the labels of the pods that carry them, in
    everything that runs replicas and in the values of the coredns charts. A selector that does not match, or
    that is missing, counts other pods or none. Of `podAntiAffinity` only those terms are reported that name the
    workload itself by a label that its pods do not carry, and that match no other pods of the tree: keeping
    clear of other workloads is what anti-affinity is for, too.

    ## Why it matters
    The scheduler does what is written: it spreads the pods that the selector matches. These pods are not among
    them, so all replicas may run on one node, while the manifest looks as if that had been taken care of.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: shop
    spec:
      replicas: 3
      selector: {matchLabels: {app.kubernetes.io/name: shop}}
      template:
        metadata: {labels: {app.kubernetes.io/name: shop}}
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {app: shop}}
          containers:
            - name: shop
              image: registry.example.com/shop:1.4.0
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: shop
    spec:
      replicas: 3
      selector: {matchLabels: {app.kubernetes.io/name: shop}}
      template:
        metadata: {labels: {app.kubernetes.io/name: shop}}
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {app.kubernetes.io/name: shop}}
          containers:
            - name: shop
              image: registry.example.com/shop:1.4.0
    ```

    ## When to ignore
    Where pods are meant to be spread by what runs beside them, or labels are added on admission.

    ## References
    - [Topology spread constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)
    - kubernetes `pkg/scheduler/framework/plugins/podtopologyspread`
    """

    meta = RuleMeta(
        id="dead-spread-selector",
        summary="a rule for spreading pods does not select them",
        category=Category.DNS,
        severity=Severity.WARNING,
        incident=4,
        since="0.1.0",
    )
    needs = _KINDS
    marks = ("topologySpreadConstraints", "podAntiAffinity")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every term of a workload or release that does not act on its own pods."""
        pods = _Pods(project)
        for pod in project.pods:
            if pod.obj.kind in _KINDS and not pod.partial and not pod.obj.partial:
                yield from self._in_pod(project, pod, pods)
        for release in project.releases:
            model = coredns_release(release)
            if model is not None and model.deployed is not False:
                owner = f"{release.wrapper} `{release.name or model.chart}`"
                for term in dead_terms(model.pod, model.labels, release.name):
                    yield self._finding(owner, term, release.values.get(*term.path))

    def _in_pod(self, project: Project, pod: PodTemplate, pods: _Pods) -> Iterator[Finding]:
        terms = list(dead_terms(pod.spec.value, _labels(pod), pod.obj.name))
        if not terms or _labels_may_change(project, pod):
            return
        for term in terms:
            field = pod.spec.get(*term.path)
            if project.may_be_patched(pod.obj, *field.path[: len(pod.spec.path) + 1]):
                continue
            if term.is_constraint or not pods.any_matches(term.selector, pod.obj.scope):
                owner = f"{pod.obj.kind} `{pod.obj.name or '?'}`"
                yield self._finding(owner, term, field).label(pod.metadata.get("labels").key, "the labels of its pods")

    def _finding(self, owner: str, term: DeadTerm, field: Field) -> Finding:
        what = f"a {'topology spread constraint' if term.is_constraint else 'pod anti-affinity term'} of {owner}"
        if term.selector is None:
            return self.finding(f"{what} has no selector, so that it spreads nothing", at=field).help(
                "give it a `labelSelector` that matches the pods' own labels"
            )
        return self.finding(
            f"{what} does not select its pods", at=_inner(field), note="it does not keep them apart"
        ).help("select the pods' own labels")


def _inner(selector: Field) -> Field:
    """The one label that is asked for, if it is one."""
    labels = selector.get("matchLabels")
    fields = [field for _, field in labels.items()]
    return fields[0] if len(fields) == 1 and selector.get("matchExpressions").absent else selector


def _labels(pod: PodTemplate) -> Mapping[str, object]:
    return as_mapping(pod.metadata.get("labels").value)


def _labels_may_change(project: Project, pod: PodTemplate) -> bool:
    """Whether a kustomization gives the pods labels."""
    metadata = pod.metadata.get("labels")
    return metadata.unknown or project.may_be_patched(pod.obj, *metadata.path)


class _Pods:
    """The pods of a project, asked for by selector."""

    def __init__(self, project: Project) -> None:
        self._pods = project.pods
        self._known: dict[tuple[str, str], bool] = {}

    def any_matches(self, selector: object, scope: str) -> bool:
        """Whether pods of the same cluster match, or may."""
        key = (scope, repr(selector))
        if key not in self._known:
            self._known[key] = any(
                same_cluster(pod.obj.scope, scope) and selector_matches(selector, _labels(pod)) is not False
                for pod in self._pods
            )
        return self._known[key]
