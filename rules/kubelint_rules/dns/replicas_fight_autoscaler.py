"""Rule: replicas-fight-autoscaler."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.dns import is_cluster_dns
from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.releases import Release
from kubelint_rules.dns.ignored_replicas import KINDS as IGNORING
from kubelint_rules.dns.ignored_replicas import Ignored, ignored_replicas
from kubelint_rules.dns.releases import coredns_release, scalers_of, serves_cluster
from kubelint_rules.dns.scaling import KINDS, Autoscaler, autoscalers_of

_SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
_APPLIED_ONCE = ("kustomize.toolkit.fluxcd.io/ssa", "kustomize.toolkit.fluxcd.io/reconcile")


class ReplicasFightAutoscaler(ProjectRule):
    """A manifest sets the replicas that an autoscaler decides.

    ## What it does
    Looks for Deployments, StatefulSets and ReplicaSets with a number of `replicas` while a
    HorizontalPodAutoscaler, a KEDA ScaledObject or the cluster-proportional-autoscaler of the same tree scales
    them, in the manifest or in what a kustomization makes of it (`replicas`, patches); and for releases of the chart
    `coredns` that an autoscaler of the tree scales from outside.

    ## Why it matters
    Each apply sets the number back: a Deployment that was scaled to forty drops to two in the middle of the
    day's load, until the autoscaler has noticed. For cluster DNS it is an outage of names each time. The
    autoscaler owns the field; the manifest should not mention it.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: shop
    spec:
      replicas: 2
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec:
          containers:
            - name: shop
              image: registry.example.com/shop:1.4.0
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: shop
      namespace: shop
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      minReplicas: 2
      maxReplicas: 40
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: shop
    spec:
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec:
          containers:
            - name: shop
              image: registry.example.com/shop:1.4.0
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: shop
      namespace: shop
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      minReplicas: 2
      maxReplicas: 40
    ```

    ## When to ignore
    Where the manifest is applied once and never again. Argo CD's `ignoreDifferences` on `/spec/replicas` has
    the same effect.

    ## Fix safety
    Removing the line is safe under server-side apply. The first `kubectl apply` without it, if the one before
    had it, sets the default of one replica for a moment; where that would be cluster DNS the fix is unsafe.

    ## References
    - [Migrating Deployments and StatefulSets to horizontal autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling)
    - coredns/helm `charts/coredns/templates/deployment.yaml`
    """

    meta = RuleMeta(
        id="replicas-fight-autoscaler",
        summary="each apply sets back the replicas that an autoscaler decides",
        category=Category.DNS,
        severity=Severity.WARNING,
        incident=4,
        since="0.1.0",
        fixable=True,
    )
    needs = KINDS | _SCALED | IGNORING
    marks = ("HorizontalPodAutoscaler", "ScaledObject", "--target")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every number of replicas that an autoscaler of the tree decides."""
        ignored = list(ignored_replicas(project))
        for obj in project.objects(_SCALED, group="apps"):
            found = autoscalers_of(project).of(obj.kind, obj.name or "", obj.scope, obj.namespace)
            if found and not _is_left_alone(obj, ignored):
                for replicas in _set_replicas(project, obj):
                    scaler = _fighting(project, obj, found, replicas.integer or 0)
                    if scaler is not None:
                        yield self._object_finding(obj, replicas, scaler)
        for release in project.releases:
            yield from self._in_release(project, release, ignored)

    def _object_finding(self, obj: KubeObject, replicas: Field, by: Autoscaler) -> Finding:
        dns = is_cluster_dns(obj.root.value)
        what = f"cluster DNS `{obj.name}`" if dns else f"{obj.kind} `{obj.name}`"
        found = self._finding(what, replicas, by, dns=dns)
        if replicas.document is not obj.document:
            return found.label(obj, "this is what it counts").help("leave the replicas out here")
        title = "leave `replicas` to the autoscaler"
        fix = Fix.unsafe(title, replicas.delete()) if dns else Fix.safe(title, replicas.delete())
        return found.help("remove `replicas` here").fix(fix)

    def _in_release(self, project: Project, release: Release, ignored: list[Ignored]) -> Iterator[Finding]:
        model = coredns_release(release)
        if model is None or model.replicas.autoscaled or not model.replicas.minimum:
            return
        dns = serves_cluster(release, model)
        what = f"{'cluster DNS' if dns else release.wrapper} `{release.name or model.chart}`"
        workload = (release.document.repository, "Deployment", None, release.namespace)
        if any(entry.covers(*workload) for entry in ignored):
            return
        for by in scalers_of(project, release, model)[:1]:
            if (
                by.obj.namespace is not None
                and by.obj.namespace == release.namespace
                and _moves(by, model.replicas.minimum)
            ):
                at = release.values.get("replicaCount")
                yield self._finding(what, at, by, dns=dns).help(
                    "turn on the chart's own `hpa` or `autoscaler`, which leaves `replicas` out"
                )

    def _finding(self, what: str, at: Field, by: Autoscaler, *, dns: bool) -> Finding:
        kind = by.obj.kind if by.obj.kind != "Deployment" else "autoscaler"
        setter = "here" if at.exists else "by its chart"
        return self.finding(
            f"the replicas of {what} are set {setter} and by {kind} `{by.obj.name or '?'}`",
            at=at,
            note="each apply sets them back to this number",
            severity=Severity.ERROR if dns else None,
        ).label(by.obj, "this scales it")


def _set_replicas(project: Project, obj: KubeObject) -> list[Field]:
    """Where positive replicas of an object are written: by kustomizations, or in it where one leaves them so."""
    own = obj.field("spec", "replicas")
    settings = project.kustomizations.replicas(obj) if project.has_kustomizations() else []
    written = {(setting.field.document.file, setting.field.path): setting.field for setting in settings}
    if settings:
        stays = bool(project.kustomizations.untouched(obj, "spec", "replicas"))
    else:
        stays = not project.may_be_patched(obj, "spec", "replicas")
    return [field for field in (*written.values(), *([own] if stays else [])) if (field.integer or 0) > 0]


def _fighting(project: Project, obj: KubeObject, found: list[Autoscaler], replicas: int) -> Autoscaler | None:
    known = (each for each in found if not each.obj.partial and _moves(each, replicas))
    return next((each for each in known if _is_one_object(project, each, obj)), None)


def _moves(by: Autoscaler, replicas: int) -> bool:
    """Whether the autoscaler may want another number than `replicas`."""
    scaler = by.scaler
    return scaler.minimum is None or not scaler.minimum == scaler.maximum == replicas


def _is_one_object(project: Project, by: Autoscaler, obj: KubeObject) -> bool:
    """Whether they surely meet in a namespace; where both leave it open, they do if they lie in one folder."""
    ours, theirs = project.kustomizations.namespaces(obj), project.kustomizations.namespaces(by.obj)
    if ours or theirs:
        return not ours.isdisjoint(theirs)
    return by.obj.namespace == obj.namespace and dirname(by.obj.file) == dirname(obj.file)


def _is_left_alone(obj: KubeObject, ignored: list[Ignored]) -> bool:
    if obj.partial or any(obj.annotations.get(key) in ("IfNotPresent", "Ignore", "disabled") for key in _APPLIED_ONCE):
        return True
    workload = (obj.document.repository, obj.kind, obj.name, obj.namespace)
    return any(entry.covers(*workload) for entry in ignored)
