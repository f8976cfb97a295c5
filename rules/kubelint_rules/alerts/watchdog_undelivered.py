"""Rule: watchdog-undelivered."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.alertmanager import all_match
from kubelint.cluster.promql.durations import duration_seconds
from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.monitoring.operated import Operated
from kubelint_rules.alerts.alerting import ROUTES
from kubelint_rules.alerts.delivery import Delivery, deliveries, is_readable, notifies
from kubelint_rules.alerts.names import WATCHDOG
from kubelint_rules.alerts.switches import WATCHDOG_LABELS, Labels, Switches, asks_for, is_named

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

    It also finds an `AlertmanagerConfig` that names the switch and never meets it. The operator adds a matcher on the
    object's namespace to its routes, and the switch has no label `namespace`; only `alertmanagerConfigMatcherStrategy`
    and `alertmanagerConfiguration` of the Alertmanager say otherwise.

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
        switches = Switches(project)
        for configuration in project.alertmanagers:
            if is_readable(configuration) and notifies(configuration):
                for labels in switches.met_by(configuration):
                    if not switches.delivered_elsewhere(configuration, labels):
                        yield from self._switch(configuration, labels, switches.keeps_out(configuration, labels))
        for silence in project.objects("Silence"):
            yield from self._silence(silence)

    def _switch(
        self, configuration: AlertmanagerConfiguration, labels: Labels, server: Operated | None
    ) -> Iterator[Finding]:
        found = deliveries(configuration, labels)
        if server is not None:
            yield from self._kept_out(labels, found, server)
        elif found and all(delivery.reaches_nobody for delivery in found):
            yield self._nobody(labels, found[0])
        elif len(found) == 1 and not found[0].steps and found[0].taken.certain:
            yield from self._everybody(labels, found[0])

    def _kept_out(self, labels: Labels, found: list[Delivery], server: Operated) -> Iterator[Finding]:
        """A route that names the switch and would deliver it, if the operator let it see it."""
        route = next((one.route for one in found if not one.reaches_nobody and is_named(one.route, labels)), None)
        if route is None:
            return
        matcher = next(one for one in route.matchers if asks_for(one, labels))
        yield (
            self.finding(
                f"`{labels['alertname']}` does not get to this route",
                at=matcher.at,
                note="the operator adds a matcher on `namespace`, a label that the alert does not have",
            )
            .label(server.at, "it runs this Alertmanager, which does not say otherwise")
            .help(
                "set `alertmanagerConfigMatcherStrategy: {type: OnNamespaceExceptForAlertmanagerNamespace}` for the "
                "Alertmanager, or name this object in its `alertmanagerConfiguration`"
            )
        )

    def _nobody(self, labels: Labels, delivery: Delivery) -> Finding:
        at = delivery.route.receiver
        found = self.finding(
            f"`{labels['alertname']}` goes to nobody",
            at=delivery.route.field if at is None else at,
            note="when Prometheus or Alertmanager is down, nobody is told",
        ).help(_HELP)
        if delivery.receiver is None:
            return found
        return found.label(delivery.receiver.field.get("name"), "this receiver has no integration")

    def _everybody(self, labels: Labels, delivery: Delivery) -> Iterator[Finding]:
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
        if names and all_match(tests, WATCHDOG_LABELS):
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
