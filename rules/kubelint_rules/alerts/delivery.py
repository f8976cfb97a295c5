"""Following an alert through the routes of the configurations that the tree holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubelint.cluster.alertmanager import Taken, routing
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.monitoring.routes import Receiver, Route

_PARTS = ("AlertmanagerConfig", "VMAlertmanagerConfig")
"""What is a part of Alertmanager's configuration only."""


class Delivery(NamedTuple):
    """A route that takes an alert, or may; `receiver` is None where it is not among those of the configuration. `steps`
    lead from the configuration's root to the route.
    """

    taken: Taken
    route: Route
    receiver: Receiver | None
    steps: tuple[int, ...]

    @property
    def reaches_nobody(self) -> bool:
        """Whether the receiver is known, and has no way to notify anybody."""
        return self.receiver is not None and not self.receiver.unknown and not self.receiver.integrations


def deliveries(configuration: AlertmanagerConfiguration, labels: Mapping[str, str | None]) -> list[Delivery]:
    """Where an alert with `labels`, and others that Prometheus may add, goes. The root of an operator's object is one
    route among others: alerts that do not match it go elsewhere.
    """
    plain, part = configuration.plain(), configuration.origin in _PARTS
    if part:
        plain = {"route": {"routes": [plain.get("route")]}}
    found = []
    for taken in routing(plain, labels, more_labels=True):
        steps = taken.path[1:] if part else taken.path
        route = None if part and not taken.path else configuration.route
        for index in steps:
            route = route.routes[index] if route is not None and index < len(route.routes) else None
        if route is not None:
            receiver = configuration.receiver(taken.receiver) if taken.receiver is not None else None
            found.append(Delivery(taken, route, receiver, steps))
    return found


def is_readable(configuration: AlertmanagerConfiguration) -> bool:
    """Whether all its routes and receivers are seen."""
    return not configuration.partial and not configuration.hidden and configuration.route is not None


def notifies(configuration: AlertmanagerConfiguration) -> bool:
    """Whether any receiver of the configuration notifies anybody."""
    return any(receiver.integrations or receiver.unknown for receiver in configuration.receivers)
