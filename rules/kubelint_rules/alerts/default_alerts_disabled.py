"""Rule: default-alerts-disabled."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint_rules.alerts.stacks import is_watched, stacks


class DefaultAlertsDisabled(ProjectRule):
    """The chart's alerts about the monitoring itself are off, and nothing stands in for them.

    ## What it does
    Finds releases of `kube-prometheus-stack` and `victoria-metrics-k8s-stack` whose values turn off all
    default alerts, one of the groups `general`, `alertmanager` and `prometheus`, or the `Watchdog`, in trees that
    hold no alert of their own about targets, Prometheus, Alertmanager, or a constant.

    ## Why it matters
    These alerts are the ones that tell that the others cannot be trusted: targets are down, rules fail, notifications
    are not accepted.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: monitoring, namespace: monitoring}
    spec:
      interval: 1h
      chart:
        spec:
          chart: kube-prometheus-stack
          version: 79.5.0
          sourceRef: {kind: HelmRepository, name: prometheus-community}
      values:
        defaultRules:
          create: false
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: monitoring, namespace: monitoring}
    spec:
      interval: 1h
      chart:
        spec:
          chart: kube-prometheus-stack
          version: 79.5.0
          sourceRef: {kind: HelmRepository, name: prometheus-community}
      values:
        defaultRules:
          rules:
            etcd: false
            kubeProxy: false
    ```

    ## When to ignore
    Where such alerts come from outside of the tree.

    ## References
    - kube-prometheus-stack: `values.yaml`, `defaultRules`
    """

    meta = RuleMeta(
        id="default-alerts-disabled",
        summary="a chart's alerts about the monitoring itself are off",
        category=Category.ALERTS,
        severity=Severity.INFO,
        since="0.1.0",
    )
    marks = ("defaultRules",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each release whose alerts nothing stands in for."""
        for stack in stacks(project):
            if stack.off is not None and not is_watched(project, stack.release.scope):
                yield self.finding(
                    f"`{stack.release.display}` turns off the alerts about the monitoring itself",
                    at=stack.off,
                    note="no other alert of the tree watches targets, Prometheus or Alertmanager",
                ).help("turn off only what does not apply, by `defaultRules.disabled.<alert>: true`")
