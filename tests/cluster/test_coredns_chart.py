"""Facts about what the coredns charts make of their values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.coredns_chart import UNKNOWN, CorednsRelease, coalesced
from kubelint.cluster.spread import Spread, spread


def upstream(name: str | None = "coredns", **values: Any) -> CorednsRelease:
    return CorednsRelease("coredns", values, name)


def rke2(**values: Any) -> CorednsRelease:
    return CorednsRelease("rke2-coredns", values, "rke2-coredns")


@pytest.mark.parametrize(
    ("release", "minimum", "path", "autoscaled"),
    [
        (upstream(), 1, "replicaCount", False),
        (upstream(replicaCount=2), 2, "replicaCount", False),
        (upstream(replicaCount="3"), 3, "replicaCount", False),
        (upstream(replicaCount=None), 1, "replicaCount", False),
        (upstream(replicaCount=0), 0, "replicaCount", False),
        (upstream(replicaCount=UNKNOWN), None, "replicaCount", False),
        (upstream(replicaCount="#{ 2 if more else 1 }#"), None, "replicaCount", False),
        (upstream(replicaCount=[2]), None, "replicaCount", False),
        (upstream(hpa={"enabled": True}), 1, "hpa.minReplicas", True),
        (upstream(hpa={"enabled": True, "minReplicas": 2}), 2, "hpa.minReplicas", True),
        (upstream(hpa={"enabled": True, "minReplicas": UNKNOWN}), None, "hpa.minReplicas", True),
        (upstream(hpa={"minReplicas": 2}), 1, "replicaCount", False),
        (upstream(keda={"enabled": True}), 1, "keda.minReplicaCount", True),
        (upstream(autoscaler={"enabled": True}), 2, "autoscaler.preventSinglePointFailure", True),
        (upstream(autoscaler={"enabled": True, "min": 3}), 3, "autoscaler.preventSinglePointFailure", True),
        (upstream(autoscaler={"enabled": True, "max": 1}), 1, "autoscaler.max", True),
        (
            upstream(autoscaler={"enabled": True, "preventSinglePointFailure": False}),
            1,
            "autoscaler.preventSinglePointFailure",
            True,
        ),
        (
            upstream(autoscaler={"enabled": True, "preventSinglePointFailure": UNKNOWN}),
            None,
            "autoscaler.preventSinglePointFailure",
            True,
        ),
        (upstream(autoscaler={"enabled": UNKNOWN}), None, "replicaCount", False),
        (upstream(autoscaler=UNKNOWN, replicaCount=1), None, "replicaCount", False),
        (upstream(autoscaler={"enabled": True}, hpa={"enabled": True}), None, "replicaCount", False),
        (rke2(), 2, "autoscaler.preventSinglePointFailure", True),
        (rke2(replicaCount=1), 2, "autoscaler.preventSinglePointFailure", True),
        (rke2(autoscaler={"enabled": False}), 1, "replicaCount", False),
        (rke2(autoscaler={"enabled": False}, replicaCount=3), 3, "replicaCount", False),
        (rke2(autoscaler=None, replicaCount=3), 3, "replicaCount", False),
    ],
)
def test_replicas(release: CorednsRelease, minimum: int | None, path: str, autoscaled: bool) -> None:
    assert release.replicas == (minimum, tuple(path.split(".")), autoscaled)


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        (upstream(), None),
        (upstream(k8sAppLabelOverride="kube-dns"), True),
        (upstream(service={"clusterIP": "10.96.0.10"}), True),
        (upstream(service={"clusterIP": "10.96.0.53"}), None),
        (upstream(service=UNKNOWN), None),
        (upstream(isClusterService=False, k8sAppLabelOverride="kube-dns"), False),
        (upstream(isClusterService=UNKNOWN, k8sAppLabelOverride="kube-dns"), False),
        (upstream(deployment={"enabled": False}), False),
        (upstream(servers=[{"plugins": [{"name": "forward"}]}]), False),
        (upstream(servers=[{"plugins": [{"name": "forward"}]}, {"plugins": [{"name": "kubernetes"}]}]), None),
        (upstream(servers=[{"plugins": UNKNOWN}]), None),
        (upstream(servers=UNKNOWN), None),
        (rke2(), True),
        (rke2(isClusterService=False), False),
    ],
)
def test_resolves_cluster(release: CorednsRelease, answer: bool | None) -> None:
    assert release.resolves_cluster is answer


INSTANCE, NAME, APP = "app.kubernetes.io/instance", "app.kubernetes.io/name", "k8s-app"


@pytest.mark.parametrize(
    ("release", "labels"),
    [
        (upstream(), {NAME: "coredns", INSTANCE: "coredns", APP: "coredns"}),
        (upstream("dns", k8sAppLabelOverride="kube-dns"), {NAME: "coredns", INSTANCE: "dns", APP: "kube-dns"}),
        (upstream(nameOverride="dns"), {NAME: "dns", INSTANCE: "coredns", APP: "coredns"}),
        (upstream(isClusterService=False), {NAME: "coredns", INSTANCE: "coredns"}),
        (upstream(None), {NAME: "coredns", INSTANCE: UNKNOWN, APP: "coredns"}),
        (upstream(customLabels={"tier": "dns"}), {NAME: "coredns", INSTANCE: "coredns", APP: "coredns", "tier": "dns"}),
        (upstream(customLabels=UNKNOWN), {NAME: "coredns", INSTANCE: "coredns", APP: "coredns", UNKNOWN: ""}),
        (rke2(), {NAME: "rke2-coredns", INSTANCE: "rke2-coredns", APP: "kube-dns"}),
    ],
)
def test_labels(release: CorednsRelease, labels: dict[str, str]) -> None:
    assert release.labels == labels


@pytest.mark.parametrize(
    ("release", "names"),
    [
        (upstream(), {"coredns"}),
        (upstream("cluster-coredns"), {"cluster-coredns"}),
        (upstream("dns"), {"dns-coredns"}),
        (upstream("dns", nameOverride="resolver"), {"dns-resolver"}),
        (upstream("dns", fullnameOverride="kube-dns"), {"kube-dns"}),
        (upstream("dns", deployment={"name": "main"}), {"main"}),
        (upstream("dns", deployment={"name": UNKNOWN}), set()),
        (upstream(None), set()),
        (upstream(None, fullnameOverride="coredns"), {"coredns"}),
        (rke2(), {"rke2-coredns", "rke2-coredns-rke2-coredns"}),
    ],
)
def test_deployment_names(release: CorednsRelease, names: set[str]) -> None:
    assert release.deployment_names == names


OWN = {"matchLabels": {"k8s-app": "coredns"}}


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        (upstream(), Spread.NONE),
        (upstream(affinity={}), Spread.NONE),
        (upstream(topologySpreadConstraints=UNKNOWN), Spread.UNKNOWN),
        (
            upstream(topologySpreadConstraints=[{"topologyKey": "kubernetes.io/hostname", "labelSelector": OWN}]),
            Spread.SOFT,
        ),
        (rke2(), Spread.HARD),
        (rke2(affinity={}), Spread.HARD),
        (rke2(affinity={"nodeAffinity": {}}), Spread.HARD),
        (rke2(affinity=None), Spread.NONE),
        (rke2(affinity={"podAntiAffinity": None}), Spread.NONE),
        (rke2(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}), Spread.NONE),
        (rke2(affinity=UNKNOWN), Spread.UNKNOWN),
        (rke2(k8sApp="other"), Spread.NONE),
    ],
)
def test_placement(release: CorednsRelease, answer: Spread) -> None:
    assert spread(release.pod, release.labels) is answer


def test_the_budget_counts_its_own_pods() -> None:
    assert upstream().budget is None
    assert upstream(podDisruptionBudget={}).budget is None
    assert upstream(podDisruptionBudget=UNKNOWN).budget == {UNKNOWN: ""}
    budget = upstream(podDisruptionBudget={"minAvailable": 1}).budget
    assert budget is not None and budget["minAvailable"] == 1
    assert budget["selector"] == {"matchLabels": upstream().labels}
    assert upstream(podDisruptionBudget={"selector": {}, "minAvailable": 1}).budget == {
        "selector": {},
        "minAvailable": 1,
    }


def test_values_merge_as_helm_merges_them() -> None:
    defaults = {"a": {"b": 1, "c": 2}, "d": [1], "e": 3}
    assert coalesced({"a": {"b": None}, "d": [2], "e": None, "f": 4}, defaults) == {"a": {"c": 2}, "d": [2], "f": 4}
    assert coalesced({"a": {}}, defaults) == defaults


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(["", "kube-dns", "10.0.0.10", "${X}", UNKNOWN]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["enabled", "min", "max", "name", "plugins", "clusterIP"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["replicaCount", "hpa", "autoscaler", "deployment", "servers", "service", "affinity", "podDisruptionBudget"]


@given(st.dictionaries(st.sampled_from([*KEYS, "customLabels", "nameOverride", "isClusterService"]), anything))
def test_it_never_raises(values: dict[str, Any]) -> None:
    for chart in ("coredns", "rke2-coredns"):
        release = CorednsRelease(chart, values, "coredns")
        assert release.replicas.path
        assert release.resolves_cluster in (True, False, None)
        assert isinstance(release.labels, dict)
        assert release.budget is None or isinstance(release.budget, dict)
        assert len(release.deployment_names) <= 2
        assert spread(release.pod, release.labels)
