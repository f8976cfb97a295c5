"""Rule: concurrent-control-plane-upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.quorum import loses_quorum
from kubelint.cluster.upgrade_plans import is_control_plane_only
from kubelint.cluster.verdicts import Verdict
from kubelint.manifests import KubeObject, Project
from kubelint_rules.controlplane.plans import members, of_control_plane, plans


class ConcurrentControlPlaneUpgrade(ProjectRule):
    """An upgrade Plan may take several control-plane nodes at the same time.

    ## What it does
    Finds Plans of the system-upgrade-controller with a `concurrency` above 1 whose `nodeSelector` lets control-plane
    nodes in: one that asks for their role or for etcd's, or that keeps nobody out. Plans that leave them out
    (`node-role.kubernetes.io/control-plane` with `DoesNotExist`), and those whose labels only the cluster knows, are
    left alone; so are control planes that the tree lists and that would keep their quorum.

    ## Why it matters
    Each node that is upgraded restarts its server, and its member of etcd with it. With two of three away at once etcd
    has no majority: the API server stops answering in the middle of an upgrade, and the jobs that upgrade cannot
    report back.

    ## Example
    ```yaml
    apiVersion: upgrade.cattle.io/v1
    kind: Plan
    metadata: {name: k3s-server, namespace: system-upgrade}
    spec:
      concurrency: 2
      cordon: true
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

    ## When to ignore
    Where the servers keep their state in a database elsewhere, and may be away together.

    ## References
    - [k3s: automated upgrades](https://docs.k3s.io/upgrades/automated)
    """

    meta = RuleMeta(
        id="concurrent-control-plane-upgrade",
        summary="an upgrade Plan may take several control-plane nodes at the same time",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"Plan"})

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each such Plan."""
        for plan in plans(project):
            number = plan.field("spec", "concurrency").integer
            if number is None or number < 2 or project.may_be_patched(plan, "spec", "concurrency"):
                continue
            total = members(project, plan.scope)
            if of_control_plane(plan, project) is Verdict.YES and (total is None or loses_quorum(total, number)):
                yield self._finding(plan, number)

    def _finding(self, plan: KubeObject, number: int) -> Finding:
        concurrency, selector = plan.field("spec", "concurrency"), plan.field("spec", "nodeSelector")
        found = self.finding(
            f"`{plan.display}` may upgrade {number} control-plane nodes at once",
            at=concurrency,
            note="etcd loses its quorum when two of three members restart together",
        )
        if selector.exists:
            found = found.label(selector.key, "control-plane nodes are among these")
        title, edit = "set `concurrency` to `1`", concurrency.replace("1")
        fix = Fix.safe(title, edit) if is_control_plane_only(selector.value) else Fix.unsafe(title, edit)
        return found.help(
            "set `concurrency: 1` for control-plane nodes; upgrade the others in a Plan of their own"
        ).fix(fix)
