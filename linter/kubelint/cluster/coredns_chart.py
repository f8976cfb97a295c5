"""What the coredns charts make of their values: how many pods, where, with which labels and budget.

Sources: coredns/helm ``charts/coredns/{values.yaml,templates}``; RKE2's ``rke2-coredns`` chart, which is the former
with other defaults (rancher/rke2-charts ``packages/rke2-coredns``). Values merge as in Helm ``pkg/chart/common/util``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from kubelint.cluster.autoscaling import Path, linear_minimum
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

Values = Mapping[str, object]

#: Stands for a value that is not known, among values where text would stand for itself.
UNKNOWN = "{{ }}"

CHARTS = frozenset({"coredns", "rke2-coredns"})
PLACEMENT = ("affinity", "topologySpreadConstraints", "nodeSelector")

_DEFAULTS: Values = {
    "replicaCount": 1,
    "isClusterService": True,
    "deployment": {"enabled": True, "name": ""},
    "hpa": {"enabled": False, "minReplicas": 1},
    "keda": {"enabled": False, "minReplicaCount": 1},
    "autoscaler": {
        "enabled": False,
        "coresPerReplica": 256,
        "nodesPerReplica": 16,
        "min": 0,
        "max": 0,
        "preventSinglePointFailure": True,
    },
}
_APART = {"matchExpressions": [{"key": "k8s-app", "operator": "In", "values": ["kube-dns"]}]}
_RKE2: Values = {
    "autoscaler": {"enabled": True},
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": _APART}
            ]
        }
    },
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "k8sApp": "kube-dns",
}


class ChartReplicas(NamedTuple):
    """The fewest replicas, None if values do not tell; the value that decides it; whether something scales them."""

    minimum: int | None
    path: Path
    autoscaled: bool = False


class CorednsRelease:
    """One release of a coredns chart: ``values`` as the user gives them, with ``UNKNOWN`` for what is not known."""

    def __init__(self, chart: str, values: Values, name: str | None) -> None:
        self.chart = chart
        self.name = name
        defaults = coalesced(_RKE2, _DEFAULTS) if chart == "rke2-coredns" else _DEFAULTS
        self.values = coalesced(values, defaults)

    @cached_property
    def deployed(self) -> bool | None:
        """Whether there is a Deployment at all."""
        return self._on("deployment", "enabled")

    @cached_property
    def replicas(self) -> ChartReplicas:
        """How many replicas stay; the chart writes no ``replicas`` if one of its autoscalers is on."""
        on = [key for key in ("autoscaler", "hpa", "keda") if self._on(key, "enabled") is not False]
        if len(on) > 1 or (on and self._on(on[0], "enabled") is None):
            return ChartReplicas(None, ("replicaCount",))
        if not on:
            return ChartReplicas(_count(self.values.get("replicaCount")), ("replicaCount",))
        return self._proportional() if on == ["autoscaler"] else self._autoscaled(on[0])

    def _autoscaled(self, key: str) -> ChartReplicas:
        least = "minReplicas" if key == "hpa" else "minReplicaCount"
        return ChartReplicas(_count(self._at(key, least)), (key, least), autoscaled=True)

    def _proportional(self) -> ChartReplicas:
        parameters = as_mapping(self.values.get("autoscaler"))
        safe = parameters.get("preventSinglePointFailure")
        minimum = linear_minimum(parameters) if isinstance(safe, bool) or safe is None else None
        key = "max" if _count(parameters.get("max")) == 1 else "preventSinglePointFailure"
        return ChartReplicas(minimum, ("autoscaler", key), autoscaled=True)

    @cached_property
    def pod(self) -> Values:
        """Where the pods may run, as in a pod spec."""
        return {key: self.values[key] for key in PLACEMENT if key in self.values}

    @cached_property
    def labels(self) -> Values:
        """The pods' labels."""
        found: dict[str, object] = {
            "app.kubernetes.io/name": self._text("nameOverride") or self.chart,
            "app.kubernetes.io/instance": self.name or UNKNOWN,
        }
        if (of_cluster := self._on("isClusterService")) is not False:
            found["k8s-app"] = self._app_label() if of_cluster else UNKNOWN
        custom = self.values.get("customLabels")
        return {**found, UNKNOWN: ""} if _is_unknown(custom) else {**found, **as_mapping(custom)}

    def _app_label(self) -> str:
        own = self._text("k8sApp") if self.chart == "rke2-coredns" else ""
        return own or self._text("k8sAppLabelOverride") or self.chart

    @cached_property
    def budget(self) -> Values | None:
        """The PodDisruptionBudget's ``spec``, selector and all; None if there is none, ``{UNKNOWN: …}`` if unknown."""
        given = self.values.get("podDisruptionBudget")
        if _is_unknown(given):
            return {UNKNOWN: ""}
        own = {
            key: value for key, value in self.labels.items() if key not in as_mapping(self.values.get("customLabels"))
        }
        return {"selector": {"matchLabels": own}, **as_mapping(given)} if given else None

    @cached_property
    def deployment_names(self) -> frozenset[str]:
        """What its Deployment may be called; nothing where that is unknown."""
        full, suffix, own = self._text("fullnameOverride"), self._text("nameOverride"), self._at("deployment", "name")
        if own:
            names = {str(own)}
        elif full:
            names = {full[:63].removesuffix("-")}
        else:
            names = self._full_names(suffix or self.chart)
        return frozenset() if any(map(has_template, names)) else frozenset(names)

    def _full_names(self, suffix: str) -> set[str]:
        if self.name is None:
            return set()
        joined = f"{self.name}-{suffix}"[:63].removesuffix("-")
        if self.chart == "rke2-coredns":
            return {joined, self.name}
        return {self.name[:63].removesuffix("-") if suffix in self.name else joined}

    @cached_property
    def resolves_cluster(self) -> bool | None:
        """Whether the values say that it answers for the cluster's names; None where they say nothing."""
        if self._on("isClusterService") is not True or self.deployed is not True:
            return False
        if self.plugins is not None and "kubernetes" not in self.plugins:
            return False
        address = self._at("service", "clusterIP")
        has_its_address = isinstance(address, str) and address.count(".") == 3 and address.endswith(".10")
        is_its_chart = self.chart == "rke2-coredns" or self._text("k8sAppLabelOverride") == "kube-dns"
        return True if has_its_address or is_its_chart else None

    @cached_property
    def plugins(self) -> frozenset[str] | None:
        """The plugins of its servers; None where that is unknown or left to the chart."""
        servers = self.values.get("servers")
        if not isinstance(servers, list):
            return None
        blocks = [as_mapping(server).get("plugins") for server in servers]
        if any(map(_is_unknown, servers)) or any(map(_is_unknown, blocks)):
            return None
        return frozenset(str(as_mapping(plugin).get("name")) for block in blocks for plugin in as_list(block))

    def _at(self, *path: str) -> object:
        here: object = self.values
        for key in path:
            if _is_unknown(here):
                return UNKNOWN
            here = as_mapping(here).get(key)
        return here

    def _on(self, *path: str) -> bool | None:
        value = self._at(*path)
        return None if _is_unknown(value) else bool(value)

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""


def coalesced(values: Values, defaults: Values) -> dict[str, object]:
    """``values`` over ``defaults`` as Helm merges them: mappings merge, null removes, anything else replaces."""
    merged = dict(values)
    for key, default in defaults.items():
        own = values.get(key)
        if key not in values:
            merged[key] = default
        elif isinstance(own, Mapping) and isinstance(default, Mapping):
            merged[key] = coalesced(own, default)
    return {key: value for key, value in merged.items() if value is not None}


def _count(value: object) -> int | None:
    """A number of replicas; nothing at all leaves it to the API server, whose default is 1."""
    if value is None:
        return 1
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if type(value) is int and value >= 0 else None


def _is_unknown(value: object) -> bool:
    return isinstance(value, str) and has_template(value)
