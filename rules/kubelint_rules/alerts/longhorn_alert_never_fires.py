"""Rule: longhorn-alert-never-fires."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Number, Query, Selector
from kubelint.cluster.promql.meaning import Condition, conditions
from kubelint.manifests import Project
from kubelint.manifests.longhorn import is_at_least
from kubelint.manifests.monitoring.alert_rules import AlertRule
from kubelint_rules.alerts.alerting import queries, rewritten, shown

_STATES = {
    "longhorn_volume_robustness": {2: "degraded", 3: "faulted"},
    "longhorn_volume_state": {2: "attached", 3: "detached", 4: "attaching", 5: "detaching", 6: "deleting"},
    "longhorn_replica_state": {},
    "longhorn_engine_state": {},
}
"""The metrics that have had a label `state` since 1.11, and what their numbers meant before."""
_SINCE = "1.11.0"


class LonghornAlertNeverFires(ProjectRule):
    """An alert asks Longhorn's state metrics for a number that they no longer have.

    ## What it does
    Finds alerts that compare `longhorn_volume_robustness`, `longhorn_volume_state`, `longhorn_replica_state` or
    `longhorn_engine_state` with more than 1, and nowhere have a matcher on `state`. It is an error where the cluster's
    Longhorn is 1.11 or later, silent where it is older, and worth knowing where no file tells.

    ## Why it matters
    Up to 1.10 the value said which state it was: 3 for a faulted volume. Since 1.11 there is a series for each state,
    with the state in a label and a value of 1 or 0. No series is ever 3, so the alert about lost volumes is silent for
    ever. Longhorn's own list of example alerts still has the old form.

    ## Example
    ```yaml title="longhorn.yaml"
    apiVersion: helm.cattle.io/v1
    kind: HelmChart
    metadata: {name: longhorn, namespace: kube-system}
    spec:
      repo: https://charts.longhorn.io
      chart: longhorn
      version: 1.11.0
      targetNamespace: longhorn-system
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: longhorn, namespace: longhorn-system}
    spec:
      groups:
        - name: longhorn
          rules:
            - alert: LonghornVolumeFaulted
              expr: longhorn_volume_robustness == 3
              for: 2m
              labels: {severity: critical}
              annotations: {summary: "volume {{ $labels.volume }} is lost"}
    ```

    ## Use instead
    ```yaml title="longhorn.yaml"
    apiVersion: helm.cattle.io/v1
    kind: HelmChart
    metadata: {name: longhorn, namespace: kube-system}
    spec:
      repo: https://charts.longhorn.io
      chart: longhorn
      version: 1.11.0
      targetNamespace: longhorn-system
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: longhorn, namespace: longhorn-system}
    spec:
      groups:
        - name: longhorn
          rules:
            - alert: LonghornVolumeFaulted
              expr: longhorn_volume_robustness{state="faulted"} == 1
              for: 2m
              labels: {severity: critical}
              annotations: {summary: "volume {{ $labels.volume }} is lost"}
    ```

    ## When to ignore
    While the cluster still runs a Longhorn older than 1.11 that no file of the tree names.

    ## References
    - [Longhorn: metrics](https://longhorn.io/docs/1.11.0/monitoring/metrics/)
    - longhorn-manager: `metrics_collector/volume_collector.go`
    """

    meta = RuleMeta(
        id="longhorn-alert-never-fires",
        summary="alert asks Longhorn's metrics for a value that they no longer have",
        category=Category.ALERTS,
        severity=Severity.ERROR,
        incident=6,
        since="0.1.0",
        fixable=True,
    )
    marks = tuple(_STATES)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each comparison that cannot hold."""
        for alert, query in queries(project):
            if not query.metrics.isdisjoint(_STATES):
                newer = is_at_least(project, alert.group.scope, _SINCE)
                if newer is not False:
                    for condition in conditions(query.root):
                        yield from self._condition(alert, query, condition, newer)

    def _condition(self, alert: AlertRule, query: Query, condition: Condition, newer: bool | None) -> Iterator[Finding]:
        selector, number = condition.left, condition.right
        if not (isinstance(selector, Selector) and isinstance(number, Number) and selector.name in _STATES):
            return
        asked = any(one.tests("state") for one in query.selectors if one.name == selector.name)
        if asked or not _cannot_hold(condition.op, number.value):
            return
        state = _STATES[selector.name].get(int(number.value)) if condition.op == "==" else None
        found = self.finding(
            f"`{shown(alert)}` waits for a value that `{selector.name}` does not have"
            + ("" if newer else " in Longhorn 1.11 and later"),
            at=alert.selector(selector),
            note="each state has a series of its own, which is 0 or 1",
            severity=None if newer else Severity.INFO,
        )
        text = f'{selector.name}{{state="{state or "…"}"}} == 1'
        yield found.help(f"ask for the state by name: `{text}`").fix(_fix(alert, query, selector, state))


def _cannot_hold(op: str, number: float) -> bool:
    """Whether neither 0 nor 1 compares so."""
    return (op in ("==", ">=") and number > 1) or (op == ">" and number >= 1)


def _fix(alert: AlertRule, query: Query, selector: Selector, state: str | None) -> Fix | None:
    """Name the state; only where `metric == number` stands in the text just so."""
    place = query.place(selector)
    if place is None or state is None:
        return None
    after = [token for token in query.tokens if token.start >= place.end][:2]
    if [token.kind for token in after] != ["operator", "number"] or after[0].text != "==":
        return None
    inner = query.text[place.matchers[0][0] : place.matchers[-1][1]] + "," if place.matchers else ""
    text = f'{place.name}{{{inner}state="{state}"}} == 1'
    return rewritten(alert, place.start, after[1].end, text, f"ask for the state `{state}`") if place.name else None
