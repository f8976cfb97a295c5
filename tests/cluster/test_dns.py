"""Facts about which Deployment is the cluster's DNS and how many replicas it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.autoscaling import effective_replicas
from kubelint.cluster.dns import is_cluster_dns


def deployment(
    name: str = "coredns",
    namespace: str | None = "kube-system",
    image: str = "registry.k8s.io/coredns/coredns:v1.12.0",
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    template = {
        "metadata": {"labels": labels or {}},
        "spec": {"containers": [{"name": "main", "image": image}]},
    }
    return {"kind": "Deployment", "metadata": metadata, "spec": {"template": template, **spec}}


APP = {"k8s-app": "kube-dns"}


@pytest.mark.parametrize(
    ("obj", "answer"),
    [
        (deployment(), True),
        (deployment(namespace=None), True),
        (deployment(image="rancher/mirrored-coredns-coredns:1.12"), True),
        (deployment("rke2-coredns-rke2-coredns", image="rancher/hardened-coredns:v1"), True),
        (deployment("dns", labels=APP), True),
        (deployment("dns", labels={"k8s-app": "coredns"}), True),
        (deployment("kube-dns", image="registry.k8s.io/dns/k8s-dns-kube-dns:1.23"), True),
        (deployment("dns", "dns", labels={"k8s-app": "kube-dns"}), False),
        (deployment(namespace="shop"), False),
        (deployment("coredns-autoscaler", labels=APP), False),
        (
            deployment("rke2-coredns-rke2-coredns-autoscaler", image="rancher/hardened-cluster-autoscaler"),
            False,
        ),
        (
            deployment("k8s-gateway", image="quay.io/oriedge/k8s_gateway:v0.4", labels={"k8s-app": "coredns"}),
            False,
        ),
        (
            deployment("node-local-dns", labels={"k8s-app": "node-local-dns"}, image="k8s-dns-node-cache"),
            False,
        ),
        (deployment("dns", image="registry.k8s.io/coredns/coredns:v1"), False),
        (deployment("dns", labels={"eks.amazonaws.com/component": "coredns"}), True),
        (deployment("dns", labels={"kubernetes.io/name": "CoreDNS"}), True),
        (deployment("dns", None, labels={"kubernetes.io/name": "CoreDNS"}), False),
        (
            deployment("dns", None, labels={"kubernetes.io/name": "CoreDNS", "kubernetes.io/cluster-service": "true"}),
            True,
        ),
        (deployment() | {"kind": "DaemonSet"}, False),
        ({"kind": "Deployment", "metadata": {"name": "coredns", "namespace": "kube-system"}}, True),
        ({"kind": "Deployment", "metadata": {"name": "coredns"}}, False),
        ({}, False),
    ],
)
def test_is_cluster_dns(obj: dict[str, Any], answer: bool) -> None:
    assert is_cluster_dns(obj) is answer


def hpa(target: str = "coredns", namespace: str = "kube-system", **spec: Any) -> dict[str, Any]:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": target}, **spec}
    return {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "x", "namespace": namespace},
        "spec": spec,
    }


def keda(**spec: Any) -> dict[str, Any]:
    spec = {"scaleTargetRef": {"name": "coredns"}, **spec}
    return {"kind": "ScaledObject", "metadata": {"name": "x", "namespace": "kube-system"}, "spec": spec}


def paused(count: Any) -> dict[str, Any]:
    found = keda()
    found["metadata"]["annotations"] = {"autoscaling.keda.sh/paused-replicas": count}
    return found


def proportional(*args: str, image: str = "registry.k8s.io/cpa/cluster-proportional-autoscaler:1.8") -> dict[str, Any]:
    container = {"name": "autoscaler", "image": image, "command": ["/cluster-proportional-autoscaler", *args]}
    return {
        "kind": "Deployment",
        "metadata": {"name": "coredns-autoscaler", "namespace": "kube-system"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def linear(**parameters: Any) -> dict[str, Any]:
    defaults = f"--default-params={json.dumps({'linear': parameters})}"
    return proportional("--target=Deployment/coredns", "--configmap=scaler", defaults)


def ladder(*steps: list[int]) -> dict[str, Any]:
    parameters = json.dumps({"ladder": {"nodesToReplicas": steps}})
    return proportional("--target", "deployment/coredns", "--default-params", parameters)


def config(**parameters: Any) -> dict[str, Any]:
    return {"kind": "ConfigMap", "metadata": {"name": "scaler"}, "data": {"linear": json.dumps(parameters)}}


SPARSE = {"coresPerReplica": 256, "nodesPerReplica": 16}


@pytest.mark.parametrize(
    ("spec", "others", "minimum"),
    [
        ({"replicas": 3}, [], 3),
        ({}, [], 1),
        ({"replicas": None}, [], 1),
        ({"replicas": 0}, [], 0),
        ({"replicas": "${REPLICAS}"}, [], None),
        ({}, [hpa(minReplicas=2)], 2),
        ({"replicas": 3}, [hpa()], 1),
        ({}, [hpa(minReplicas="${MIN}")], None),
        ({}, [hpa("other", minReplicas=2)], 1),
        ({}, [hpa(namespace="shop", minReplicas=2)], 1),
        ({}, [keda(minReplicaCount=2)], 2),
        ({"replicas": 2}, [keda()], 0),
        ({}, [paused("3")], 3),
        ({}, [paused("1")], 1),
        ({}, [paused("${N}")], None),
        ({}, [paused(1)], 0),
        ({}, [linear(**SPARSE, preventSinglePointFailure=True)], 2),
        ({}, [linear(**SPARSE)], 1),
        ({}, [linear(**SPARSE, min=2)], 2),
        ({}, [linear(**SPARSE, min=0, max=1, preventSinglePointFailure=True)], 1),
        ({}, [linear(nodesPerReplica=1)], None),
        ({}, [linear(coresPerReplica=4, nodesPerReplica=16)], None),
        ({}, [linear(**SPARSE), config(**SPARSE, min=3)], 3),
        ({}, [ladder([1, 1], [2, 2])], 2),
        ({}, [ladder([1, 1])], 1),
        ({}, [ladder([1, 1], [5, 2])], None),
        ({}, [proportional("--target=Deployment/coredns", "--default-params={{ .Params }}")], None),
        ({}, [proportional("--target=Deployment/other", "--default-params={}")], 1),
        ({}, [proportional("--target=DEPLOYMENT/CoreDNS", "--default-params={}")], None),
    ],
)
def test_effective_replicas(spec: dict[str, Any], others: list[dict[str, Any]], minimum: int | None) -> None:
    assert effective_replicas(deployment(**spec), others).minimum == minimum


def test_decider_is_named() -> None:
    found = effective_replicas(deployment(), [deployment("web"), hpa(minReplicas=1)])
    assert (found.decider, found.path) == (1, ("spec", "minReplicas"))
    found = effective_replicas(deployment(), [linear(**SPARSE), config(**SPARSE)])
    assert (found.decider, found.path) == (1, ("data", "linear"))
    found = effective_replicas(deployment(replicas=1), [])
    assert (found.decider, found.path) == (None, ("spec", "replicas"))


_JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(_JSON)
def test_no_value_breaks_the_model(value: object) -> None:
    broken = {"kind": "Deployment", "metadata": value, "spec": value}
    is_cluster_dns(broken)
    scaler = proportional("--target=Deployment/coredns", f"--default-params={json.dumps({'ladder': value})}")
    others = [broken, scaler, {"kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": value}}]
    effective_replicas(deployment(), others)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 20), st.integers(2, 20))
def test_linear_never_promises_more_than_two_nodes_get(least: int, most: int, nodes_per: int, nodes: int) -> None:
    """The formula of the linear controller, for the nodes of a small cluster, is never below the promised minimum."""
    found = effective_replicas(deployment(), [linear(min=least, max=most, nodesPerReplica=nodes_per)])
    invalid = 0 < most < max(least, 1) or not nodes_per
    if invalid or found.minimum is None:
        return
    wanted = -(-nodes // nodes_per)
    capped = min(wanted, most) if most else wanted
    assert max(capped, least or 1) >= found.minimum


@pytest.mark.parametrize(
    ("replicas", "minimum"), [(-1, None), (0, 0), (1, 1), (None, 1), ("1", None), ("{{ n }}", None), (True, None)]
)
def test_what_counts_as_a_number_of_replicas(replicas: Any, minimum: int | None) -> None:
    assert effective_replicas(deployment(replicas=replicas), []).minimum == minimum


def test_one_autoscaler_may_scale_several() -> None:
    scaler = deployment("dns-autoscaler", image="registry.k8s.io/cpa/cluster-proportional-autoscaler:1.8.9")
    container = scaler["spec"]["template"]["spec"]["containers"][0]
    container["args"] = [
        "--target=deployment/dns,Deployment/coredns",
        '--default-params={"linear": {"preventSinglePointFailure": true, "nodesPerReplica": 16}}',
    ]
    assert effective_replicas(deployment(replicas=1), [scaler]).minimum == 2
    container["args"][0] = "--target=deployment/dns,replicaset/coredns"
    assert effective_replicas(deployment(replicas=1), [scaler]).minimum == 1
