"""Rule: upgrade-plan-without-drain."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.upgrade_plans import distribution
from kubelint.manifests import Field, Project
from kubelint.manifests.orders import UPGRADE_PLAN
from kubelint_rules.controlplane.plans import plans


class UpgradePlanWithoutDrain(ProjectRule):
    """An upgrade Plan restarts nodes that still take pods.

    ## What it does
    Finds Plans of the system-upgrade-controller that upgrade k3s or RKE2 and neither cordon nor drain the node first.
    Plans with other images, such as those of Talos, are left alone: their tools may see to it.

    ## Why it matters
    The upgrade replaces the binary and restarts the service under the pods. Meanwhile the scheduler goes on to place
    new pods on the node, which start late or not at all.

    ## Example
    ```yaml
    apiVersion: upgrade.cattle.io/v1
    kind: Plan
    metadata: {name: k3s-server, namespace: system-upgrade}
    spec:
      concurrency: 1
      nodeSelector:
        matchExpressions:
          - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      serviceAccountName: system-upgrade
      upgrade: {image: rancher/k3s-upgrade}
      version: v1.34.1+k3s1
    ```

    ## Use instead
    ```yaml
    apiVersion: upgrade.cattle.io/v1
    kind: Plan
    metadata: {name: k3s-server, namespace: system-upgrade}
    spec:
      concurrency: 1
      cordon: true
      nodeSelector:
        matchExpressions:
          - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      serviceAccountName: system-upgrade
      upgrade: {image: rancher/k3s-upgrade}
      version: v1.34.1+k3s1
    ```

    Use `drain: {force: false, skipWaitForDeleteTimeout: 60}` instead where pods should leave first; it cordons, too.

    ## When to ignore
    In a cluster of one node.

    ## References
    - [k3s: automated upgrades](https://docs.k3s.io/upgrades/automated)
    """

    meta = RuleMeta(
        id="upgrade-plan-without-drain",
        summary="an upgrade Plan neither cordons nor drains",
        category=Category.CONTROLPLANE,
        severity=Severity.INFO,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"Plan"})

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each such Plan."""
        for plan in plans(project):
            cordon, drain = plan.field("spec", "cordon"), plan.field("spec", "drain")
            patched = any(project.may_be_patched(plan, "spec", name) for name in ("cordon", "drain"))
            if not distribution(plan.field("spec").value) or patched or not drain.absent or not _is_off(cordon):
                continue
            yield (
                self.finding(
                    f"`{plan.display}` neither cordons nor drains the node that it upgrades",
                    at=cordon if cordon.exists else plan,
                    note="pods are still placed on it",
                )
                .help("set `cordon: true`, or `drain`")
                .fix(_fix(plan.field("spec"), cordon))
            )


def _is_off(cordon: Field) -> bool:
    return cordon.absent or cordon.boolean is False


def _fix(spec: Field, cordon: Field) -> Fix:
    edit = cordon.replace("true") if cordon.exists else spec.insert("cordon", "true", UPGRADE_PLAN)
    return Fix.unsafe("set `cordon: true`", edit)
