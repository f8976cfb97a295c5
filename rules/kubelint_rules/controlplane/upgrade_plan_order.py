"""Rule: upgrade-plan-order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.upgrade_plans import awaited_plan, distribution
from kubelint.cluster.verdicts import Verdict
from kubelint.manifests import KubeObject, Project, same_cluster
from kubelint.manifests.orders import UPGRADE_PLAN
from kubelint_rules.controlplane.plans import of_control_plane, plans


class UpgradePlanOrder(ProjectRule):
    """Agents may be upgraded before their servers.

    ## What it does
    Finds Plans that upgrade k3s or RKE2 on all nodes but those of the control plane, and do not wait for the Plan of
    the servers: they have no `prepare`, or one that waits for a Plan that the tree does not have, while it has one for
    the servers under another name. Without a Plan for the servers in the tree it is silent.

    ## Why it matters
    A kubelet must not be newer than the API server it talks to. The controller works on all Plans at the same time, so
    without `prepare` agents may get the new version first, and run a combination that Kubernetes does not support. One
    that waits for a Plan that does not exist waits for ever: the agents are never upgraded.

    ## Example
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
    ---
    apiVersion: upgrade.cattle.io/v1
    kind: Plan
    metadata: {name: k3s-agent, namespace: system-upgrade}
    spec:
      concurrency: 1
      cordon: true
      nodeSelector:
        matchExpressions:
          - {key: node-role.kubernetes.io/control-plane, operator: DoesNotExist}
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
    ---
    apiVersion: upgrade.cattle.io/v1
    kind: Plan
    metadata: {name: k3s-agent, namespace: system-upgrade}
    spec:
      concurrency: 1
      cordon: true
      nodeSelector:
        matchExpressions:
          - {key: node-role.kubernetes.io/control-plane, operator: DoesNotExist}
      prepare: {image: rancher/k3s-upgrade, args: [prepare, k3s-server]}
      serviceAccountName: system-upgrade
      upgrade: {image: rancher/k3s-upgrade}
      version: v1.34.1+k3s1
    ```

    ## When to ignore
    Where something else puts the two in order, such as a pipeline that applies one after the other.

    ## References
    - [k3s: automated upgrades](https://docs.k3s.io/upgrades/automated)
    - [Kubernetes: version skew policy](https://kubernetes.io/releases/version-skew-policy/)
    """

    meta = RuleMeta(
        id="upgrade-plan-order",
        summary="an upgrade Plan of agents does not wait for that of the servers",
        category=Category.CONTROLPLANE,
        severity=Severity.INFO,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"Plan"})

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each Plan of agents that does not wait for a Plan of servers."""
        found = plans(project)
        servers = [plan for plan in found if _leads(plan, project)]
        for plan in found:
            product = distribution(plan.field("spec").value)
            own = [server for server in servers if _same(server, plan) and product == _product(server)]
            own.sort(key=partial(_far, plan))
            if product and own and of_control_plane(plan, project) is Verdict.NO:
                yield from self._of_agents(plan, own, project, product)

    def _of_agents(
        self, plan: KubeObject, servers: list[KubeObject], project: Project, product: str
    ) -> Iterator[Finding]:
        prepare = plan.field("spec", "prepare")
        names = [server.name for server in servers]
        if prepare.absent and not project.may_be_patched(plan, "spec", "prepare"):
            yield (
                self.finding(
                    f"`{plan.display}` does not wait for the servers", at=plan, note="agents may be newer than they"
                )
                .label(servers[0], "the Plan of the servers")
                .help("wait for the Plan of the servers in `prepare`")
                .fix(_fix(plan, servers[0], product))
            )
            return
        awaited = awaited_plan(plan.field("spec").value)
        others = {other.name for other in plans(project) if _same(other, plan)}
        if awaited is not None and None not in names and awaited not in others:
            yield (
                self.finding(
                    f"`{plan.display}` waits for a Plan `{awaited}`, which is not in the tree",
                    at=prepare.get("args", 1),
                    note="without it the agents are never upgraded",
                )
                .label(servers[0], "the Plan of the servers")
                .help(f"wait for `{names[0]}`")
            )


def _far(plan: KubeObject, server: KubeObject) -> tuple[bool, bool]:
    return server.scope != plan.scope, server.file != plan.file


def _leads(plan: KubeObject, project: Project) -> bool:
    return plan.field("spec", "nodeSelector").exists and of_control_plane(plan, project) is Verdict.YES


def _product(plan: KubeObject) -> str | None:
    return distribution(plan.field("spec").value)


def _same(one: KubeObject, other: KubeObject) -> bool:
    spaces = {one.namespace, other.namespace} - {None}
    return same_cluster(one.scope, other.scope) and len(spaces) < 2


def _fix(plan: KubeObject, server: KubeObject, product: str) -> Fix | None:
    if server.name is None or plan.field("spec", "prepare").exists:
        return None
    text = f"{{image: rancher/{product}-upgrade, args: [prepare, {server.name}]}}"
    return Fix.unsafe(
        f"add `prepare`, which waits for `{server.name}`", plan.field("spec").insert("prepare", text, UPGRADE_PLAN)
    )
