"""Rule: alert-route-storm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql.durations import duration_seconds
from kubelint.manifests import Field, Project, same_cluster
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.monitoring.routes import Route
from kubelint_rules.alerts.alerting import ROUTES, severity_of, shown

_HEARTBEAT = re.compile(r"watch.?dog|dead.?man|heart.?beat|health.?check|snitch|ping|info.?inhibitor", re.IGNORECASE)


class AlertRouteStorm(ProjectRule):
    """A route sends a message for each alert, or the same message again and again.

    ## What it does
    Finds in Alertmanager's routes

    - `group_by: ['...']`, which puts every alert into a group of its own;
    - `group_interval` below a minute, and `repeat_interval` below an hour;
    - `group_wait: 0s` on the root;
    - no inhibition rule at all where an alert of the tree exists as a warning and as critical under one name.

    Routes of heartbeats, which are to be repeated often, and routes to nobody are left alone.

    ## Why it matters
    When a switch fails, a hundred alerts fire within a minute. In groups they are a few messages; one by one, or
    repeated every ten minutes, they are what makes people mute the channel.

    ## Example
    ```yaml title="alertmanager.yml"
    route:
      receiver: chat
      group_by: ['...']
      repeat_interval: 10m
    receivers:
      - name: chat
        webhook_configs:
          - url_file: /etc/alertmanager/chat-url
    ```

    ## Use instead
    ```yaml title="alertmanager.yml"
    route:
      receiver: chat
      group_by: [alertname, namespace]
      group_wait: 30s
      group_interval: 5m
      repeat_interval: 12h
    receivers:
      - name: chat
        webhook_configs:
          - url_file: /etc/alertmanager/chat-url
    ```

    ## When to ignore
    Where a program reads the messages, and groups them itself.

    ## References
    - [Alertmanager: configuration of routes](https://prometheus.io/docs/alerting/latest/configuration/#route)
    """

    meta = RuleMeta(
        id="alert-route-storm",
        summary="route sends a message for each alert, or the same one again and again",
        category=Category.ALERTS,
        severity=Severity.INFO,
        incident=6,
        since="0.1.0",
    )
    marks = ROUTES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each setting that multiplies messages."""
        inhibiting = {one.scope for one in project.alertmanagers if one.inhibit_rules or not one.route or one.hidden}
        for configuration in project.alertmanagers:
            for route in configuration.routes:
                if not _is_heartbeat(route) and not _is_quiet(configuration, route):
                    yield from self._route(route, route.field.path == configuration.field.get("route").path)
            whole = configuration.route is not None and not configuration.partial
            if whole and not any(same_cluster(scope, configuration.scope) for scope in inhibiting):
                inhibiting.add(configuration.scope)  # what lacks once is said once
                yield from self._inhibition(project, configuration)

    def _route(self, route: Route, root: bool) -> Iterator[Finding]:
        if "..." in route.group_by.strings():
            yield self.finding(
                "every alert is a group of its own", at=route.group_by, note="a message for each alert"
            ).help("group by `alertname` and what fails together")
        for field, least, text in (
            (route.group_interval, 60.0, "a message whenever an alert joins or leaves the group"),
            (route.repeat_interval, 3600.0, "the same message again and again"),
            *([(route.group_wait, 0.001, "alerts that come together are not waited for")] if root else []),
        ):
            seconds = duration_seconds(field.value) if not field.unknown else None
            if seconds is not None and seconds < least:
                yield self.finding(f"`{field.name}` is `{field.value}`", at=field, note=text).help(_help(field))

    def _inhibition(self, project: Project, configuration: AlertmanagerConfiguration) -> Iterator[Finding]:
        root = configuration.route
        if root is None:
            return
        severe: dict[str, Field] = {}
        for group in project.alert_groups:
            for alert in group.alerts if same_cluster(group.scope, configuration.scope) else ():
                if severity_of(alert) == "critical":
                    severe.setdefault(alert.name or "", alert.alert)
        for group in project.alert_groups:
            for alert in group.alerts if same_cluster(group.scope, configuration.scope) else ():
                if severity_of(alert) == "warning" and alert.name and alert.name in severe:
                    yield (
                        self.finding(
                            f"nothing silences the warning `{shown(alert)}` while it is critical",
                            at=root.field.key,
                            note="there is no inhibition rule: both are sent",
                        )
                        .label(alert.alert, "as a warning")
                        .label(severe[alert.name], "as critical")
                        .help('add an inhibition rule from `severity="critical"` to `severity="warning"`')
                    )
                    return


def _help(field: Field) -> str:
    return {
        "group_wait": "wait `30s`",
        "group_interval": "use `5m`",
        "repeat_interval": "use some hours; who is on duty has read the first one",
    }.get(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.name).lower(), "use a longer time")


def _is_heartbeat(route: Route) -> bool:
    """Whether the route is for an alert that is to be repeated often."""
    receiver = route.receiver
    texts = [matcher.value for matcher in route.matchers if matcher.name == "alertname"]
    if receiver is not None:
        texts.append(receiver.text or "")
    return any(_HEARTBEAT.search(text) for text in texts)


def _is_quiet(configuration: AlertmanagerConfiguration, route: Route) -> bool:
    """Whether the route itself, and none below, tells nobody."""
    name = route.receiver.text if route.receiver is not None else None
    receiver = configuration.receiver(name) if name is not None else None
    return receiver is not None and not receiver.integrations and not receiver.unknown and not route.routes
