"""Rule: watchdog-undelivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.alertmanager import all_match
from kubelint.cluster.promql.durations import duration_seconds
from kubelint.manifests import Field, KubeObject, Project, same_cluster
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint_rules.alerts.alerting import ROUTES
from kubelint_rules.alerts.delivery import Delivery, deliveries, is_readable, notifies
from kubelint_rules.alerts.names import WATCHDOG, is_dead_mans_switch
from kubelint_rules.alerts.stacks import has_watchdog

_Labels = Mapping[str, str | None]
_WATCHDOG: _Labels = {"alertname": WATCHDOG, "severity": "none"}
_SELDOM = 3600.0
_HELP = (
    "send it to a receiver of its own that calls a service outside of the cluster, with `repeat_interval: 5m`; "
    "that service tells you when the calls stop"
)


class WatchdogUndelivered(ProjectRule):
    """The alert that always fires goes to nobody, so nobody learns that alerting is dead.

    ## What it does
    Follows the dead man's switch, the `Watchdog` of kube-prometheus and of the charts' default rules, or an alert of
    the tree on a constant, through the routes of each Alertmanager configuration as Alertmanager does, and finds
    those that hand it to a receiver without integrations. It is worth knowing where it goes where all alerts go, and is
    repeated every few hours. Silences that are kept as objects count too.

    ## Why it matters
    When Prometheus or Alertmanager is down, no alert is sent, which looks as if all were well. The Watchdog fires
    all the time so that something outside can notice when it stops. Sent to nobody, it is off.

    ## Example
    ```yaml title="alertmanager.yml"
    route:
      receiver: pager
      routes:
        - matchers: ['alertname=~"InfoInhibitor|Watchdog"']
          receiver: blackhole
    receivers:
      - name: blackhole
      - name: pager
        webhook_configs:
          - url_file: /etc/alertmanager/pager-url
    ```

    ## Use instead
    ```yaml title="alertmanager.yml"
    route:
      receiver: pager
      routes:
        - matchers: ['alertname="Watchdog"']
          receiver: heartbeat
          group_wait: 0s
          group_interval: 1m
          repeat_interval: 5m
        - matchers: ['alertname="InfoInhibitor"']
          receiver: blackhole
    receivers:
      - name: blackhole
      - name: heartbeat
        webhook_configs:
          - url_file: /etc/alertmanager/heartbeat-url
            send_resolved: false
      - name: pager
        webhook_configs:
          - url_file: /etc/alertmanager/pager-url
    ```

    ## When to ignore
    Where something outside of the cluster asks Prometheus and Alertmanager whether they are well.

    ## References
    - [kube-prometheus: Watchdog](https://runbooks.prometheus-operator.dev/runbooks/general/watchdog/)
    - Alertmanager: `dispatch/route.go`
    """

    meta = RuleMeta(
        id="watchdog-undelivered",
        summary="the alert that always fires goes to nobody",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        since="0.1.0",
    )
    marks = (*ROUTES, "Silence")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each configuration that gives the switch to nobody, and for each silence that covers it."""
        view = _View(project)
        for configuration in project.alertmanagers:
            if not is_readable(configuration) or not notifies(configuration):
                continue
            for labels in view.switches(configuration):
                found = deliveries(configuration, labels)
                if not found or view.delivered_elsewhere(configuration, labels):
                    continue
                if all(delivery.reaches_nobody for delivery in found):
                    yield self._nobody(labels, found[0])
                elif len(found) == 1 and not found[0].taken.path and found[0].taken.certain:
                    yield from self._everybody(labels, found[0])
        for silence in project.objects("Silence"):
            yield from self._silence(silence)

    def _nobody(self, labels: _Labels, delivery: Delivery) -> Finding:
        at = delivery.route.receiver
        found = self.finding(
            f"`{labels['alertname']}` goes to nobody",
            at=delivery.route.field if at is None else at,
            note="when Prometheus or Alertmanager is down, nobody is told",
        ).help(_HELP)
        if delivery.receiver is None:
            return found
        return found.label(delivery.receiver.field.get("name"), "this receiver has no integration")

    def _everybody(self, labels: _Labels, delivery: Delivery) -> Iterator[Finding]:
        seconds = duration_seconds(delivery.taken.repeat_interval)
        if delivery.reaches_nobody or delivery.receiver is None or seconds is None or seconds < _SELDOM:
            return
        at = delivery.route.receiver
        yield self.finding(
            f"`{labels['alertname']}` goes where all alerts go, every {delivery.taken.repeat_interval}",
            at=delivery.route.field if at is None else at,
            note="people do not notice that a message is missing",
            severity=Severity.INFO,
        ).help(_HELP)

    def _silence(self, silence: KubeObject) -> Iterator[Finding]:
        matchers = silence.field("spec", "matchers")
        tests = [test for item in matchers.elements() if (test := _test(item)) is not None]
        if not tests or len(tests) < len(list(matchers.elements())):
            return
        names = [test for test in tests if test[0] == "alertname" and test[1] in ("=", "=~")]
        if names and all_match(tests, _WATCHDOG):
            yield self.finding(
                f"`{silence.display}` silences `{WATCHDOG}`",
                at=matchers.key,
                note="when Prometheus or Alertmanager is down, nobody is told",
            ).help(_HELP)


def _test(item: Field) -> tuple[str, str, str] | None:
    """A matcher of a Silence: `{name, value, isRegex, isEqual}`, or with a `matchType`."""
    name, value, kind = item.get("name").text, item.get("value").text, item.get("matchType").text
    if name is None or value is None:
        return None
    regexp, equal = item.get("isRegex").boolean or False, item.get("isEqual").boolean is not False
    return name, kind or {(True, True): "=~", (True, False): "!~", (False, True): "="}.get((regexp, equal), "!="), value


class _View:
    """What there is to follow, and who delivers it, found out once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._alerts: dict[str, dict[str, _Labels]] = {}
        self._deliverers: dict[str, list[AlertmanagerConfiguration]] = {}

    def switches(self, configuration: AlertmanagerConfiguration) -> list[_Labels]:
        """The labels of the dead man's switches that the configuration may meet."""
        found = self._of_scope(configuration.scope)
        if WATCHDOG not in found and _is_named(configuration):
            found = {**found, WATCHDOG: _WATCHDOG}
        return list(found.values())

    def _of_scope(self, scope: str) -> dict[str, _Labels]:
        if scope not in self._alerts:
            found = {name: labels for where, name, labels in self._own if same_cluster(where, scope)}
            if has_watchdog(self._project, scope):
                found.setdefault(WATCHDOG, _WATCHDOG)
            self._alerts[scope] = found
        return self._alerts[scope]

    @cached_property
    def _own(self) -> list[tuple[str, str, _Labels]]:
        """The switches among the alerts of the tree: scope, name, labels."""
        return [
            (group.scope, alert.name, {**_known(alert.label_texts), "alertname": alert.name})
            for group in self._project.alert_groups
            for alert in group.alerts
            if alert.name and alert.promql and is_dead_mans_switch(alert.promql)
        ]

    def delivered_elsewhere(self, configuration: AlertmanagerConfiguration, labels: _Labels) -> bool:
        """Whether another configuration of the same cluster delivers the alert, or may."""
        key = repr(sorted(labels.items()))
        if key not in self._deliverers:
            self._deliverers[key] = [other for other in self._project.alertmanagers if _may_deliver(other, labels)]
        return any(
            other is not configuration and same_cluster(other.scope, configuration.scope)
            for other in self._deliverers[key]
        )


def _may_deliver(configuration: AlertmanagerConfiguration, labels: _Labels) -> bool:
    if not is_readable(configuration):
        return True
    return any(not delivery.reaches_nobody for delivery in deliveries(configuration, labels))


def _known(labels: _Labels) -> _Labels:
    """The labels, those unknown that a template fills in."""
    return {name: None if text is None or "{{" in text else text for name, text in labels.items()}


def _is_named(configuration: AlertmanagerConfiguration) -> bool:
    """Whether a route names the Watchdog, so that there surely is one."""
    return any(
        matcher.name == "alertname" and matcher.op in ("=", "=~") and WATCHDOG in matcher.value.strip("^$()").split("|")
        for route in configuration.routes
        for matcher in route.matchers
    )
