"""Rule: concurrent-reboots."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.quorum import loses_quorum
from kubelint.manifests import Project
from kubelint_rules.controlplane.plans import members
from kubelint_rules.controlplane.rebooters import Rebooter, rebooters


class ConcurrentReboots(ProjectRule):
    """Several control-plane nodes may reboot at the same time.

    ## What it does
    Finds kured with a `concurrency` above 1, in its chart's values or its arguments, where it runs on control-plane
    nodes, and OpenShift's MachineConfigPool `master` with a `maxUnavailable` above 1. It is silent where kured is kept
    on other nodes, where labels decide that only the cluster knows, and where the tree lists a control plane that
    would keep its quorum.

    ## Why it matters
    Updates ask for a reboot on all machines in the same night. kured takes a lock for each node that it reboots;
    with two locks, two of three members of etcd may go together. Then etcd has no majority, the API server does not
    answer, and kured cannot even give its locks back before the nodes are up again.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: kured, namespace: kube-system}
    spec:
      interval: 1h
      chart:
        spec:
          chart: kured
          version: 5.6.1
          sourceRef: {kind: HelmRepository, name: kured}
      values:
        configuration:
          concurrency: 2
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: kured, namespace: kube-system}
    spec:
      interval: 1h
      chart:
        spec:
          chart: kured
          version: 5.6.1
          sourceRef: {kind: HelmRepository, name: kured}
      values:
        configuration:
          concurrency: 1
    ```

    Workers may reboot several at a time from a second release, whose `nodeSelector` keeps it off the control plane.

    ## When to ignore
    Where the control plane is managed by somebody else, and kured's nodes are workers only.

    ## References
    - [kured: configuration](https://kured.dev/docs/configuration/)
    - [OpenShift: understanding the machine config operator](https://docs.openshift.com/container-platform/latest/nodes/nodes/nodes-nodes-managing.html)
    """

    meta = RuleMeta(
        id="concurrent-reboots",
        summary="several control-plane nodes may reboot at the same time",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    marks = ("kured", "MachineConfigPool")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each setting that allows it."""
        for rebooter in rebooters(project):
            total = members(project, rebooter.scope)
            if rebooter.number > 1 and (total is None or loses_quorum(total, rebooter.number)):
                yield self._finding(rebooter)

    def _finding(self, rebooter: Rebooter) -> Finding:
        found = self.finding(
            f"`{rebooter.display}` may reboot {rebooter.number} control-plane nodes at once",
            at=rebooter.at,
            note="etcd loses its quorum when two of three members are away together",
        )
        fix = Fix.safe("reboot one node at a time", rebooter.edit) if rebooter.edit is not None else None
        return found.help("reboot one control-plane node at a time").fix(fix)
