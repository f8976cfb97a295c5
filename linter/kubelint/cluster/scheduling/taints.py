"""Which taints a pod tolerates.

Source: kubernetes ``staging/src/k8s.io/api/core/v1/toleration.go`` (``ToleratesTaint``) and
``pkg/scheduler/framework/plugins/tainttoleration``: only ``NoSchedule`` and ``NoExecute`` keep a pod away.
``PreferNoSchedule`` adds to a node's score. A kubelet that is handed a pod by ``nodeName`` heeds ``NoExecute`` alone
(``pkg/kubelet/lifecycle/predicate.go``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.scheduling.requirements import integer, is_template

SCHEDULING = frozenset({"NoSchedule", "NoExecute"})
"""The effects that keep the scheduler from placing a pod."""
RUNNING = frozenset({"NoExecute"})
"""The effects that a kubelet heeds for pods that were bound without the scheduler."""
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"

_EVERY_DAEMON = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    (UNSCHEDULABLE, "NoSchedule"),
)


class Taint(NamedTuple):
    """A taint of a node; a part that is not given is empty."""

    key: str
    value: str = ""
    effect: str = ""

    def __str__(self) -> str:
        """As ``kubectl taint`` writes it: ``dedicated=gpu:NoSchedule``."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


class Toleration(NamedTuple):
    """A toleration of a pod; a part that is not given is empty."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""

    def tolerates(self, taint: Taint) -> bool | None:
        """Does it tolerate ``taint``?  None where template text, or a feature gate of the cluster, decides.

        An empty effect stands for all of them, an empty key with ``Exists`` for every taint. ``Lt`` and ``Gt`` compare
        integers (Kubernetes 1.35, gate ``TaintTolerationComparisonOperators``, off by default).
        """
        answers = (self._has_effect(taint), self._has_key(taint), self._has_value(taint))
        if False in answers:
            return False
        return None if None in answers else True

    def _has_effect(self, taint: Taint) -> bool | None:
        return not self.effect or _same(self.effect, taint.effect)

    def _has_key(self, taint: Taint) -> bool | None:
        if not self.key:
            return None if is_template(self.operator) else self.operator == "Exists"
        return _same(self.key, taint.key)

    def _has_value(self, taint: Taint) -> bool | None:
        match self.operator:
            case "Exists":
                return True
            case "" | "Equal":
                return _same(self.value, taint.value)
            case "Lt" | "Gt":
                return self._compares(taint)
        return None if is_template(self.operator) else False

    def _compares(self, taint: Taint) -> bool | None:
        if is_template(self.value) or is_template(taint.value):
            return None
        own, other = integer(self.value), integer(taint.value)
        if own is None or other is None:
            return False
        return None if (other < own if self.operator == "Lt" else other > own) else False


ANYTHING = Toleration(operator="Exists")


def read_taints(value: object) -> tuple[Taint, ...]:
    """The taints of a Node's ``spec.taints``; what is no mapping is left out."""
    entries = (as_mapping(entry) for entry in as_list(value))
    return tuple(Taint(*(_text(entry, part) for part in ("key", "value", "effect"))) for entry in entries if entry)


def read_tolerations(spec: object) -> tuple[Toleration, ...] | None:
    """The tolerations of a pod spec; None where template text stands for some."""
    written = as_mapping(spec).get("tolerations")
    entries = as_list(written)
    if is_template(written) or any(map(is_template, entries)):
        return None
    return tuple(
        Toleration(*(_text(as_mapping(entry), part) for part in ("key", "operator", "value", "effect")))
        for entry in entries
        if isinstance(entry, Mapping)
    )


def untolerated(
    tolerations: Iterable[Toleration] | None, taints: Iterable[Taint], effects: frozenset[str] = SCHEDULING
) -> Iterator[tuple[Taint, bool]]:
    """The taints that keep a pod away; False beside those that only may. None for tolerations that are unknown."""
    known = None if tolerations is None else list(tolerations)
    for taint in taints:
        if taint.effect in effects or is_template(taint.effect):
            answers = [None] if known is None else [toleration.tolerates(taint) for toleration in known]
            if True not in answers:
                yield taint, None not in answers and taint.effect in effects


def tolerates(spec: object, taints: Iterable[Mapping[str, object]]) -> bool | None:
    """May the pod be placed beside these taints?  None where template text decides."""
    kept_away = [sure for _, sure in untolerated(read_tolerations(spec), read_taints(list(taints)))]
    if not kept_away:
        return True
    return False if True in kept_away else None


def daemon_tolerations(spec: object) -> Iterator[dict[str, object]]:
    """The tolerations that the DaemonSet controller adds to its pods.

    Source: kubernetes ``pkg/controller/daemon/util/daemonset_util.go`` (``AddOrUpdateDaemonPodTolerations``).
    """
    on_host = as_mapping(spec).get("hostNetwork") is True
    for key, effect in (*_EVERY_DAEMON, *[("node.kubernetes.io/network-unavailable", "NoSchedule")] * on_host):
        yield {"key": key, "operator": "Exists", "effect": effect}


def _text(entry: Mapping[str, object], part: str) -> str:
    value = entry.get(part)
    return value if isinstance(value, str) else "" if value is None else f"{value!r} is no text"


def _same(one: str, other: str) -> bool | None:
    return None if is_template(one) or is_template(other) else one == other
