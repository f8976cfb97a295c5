from __future__ import annotations

import pytest

from kubelint.cluster import kinds


@pytest.mark.parametrize(
    ("group", "kind", "plural", "namespaced"),
    [
        ("", "Pod", "pods", True),
        ("", "Namespace", "namespaces", False),
        ("apps", "Deployment", "deployments", True),
        ("networking.k8s.io", "IngressClass", "ingressclasses", False),
        ("networking.k8s.io", "NetworkPolicy", "networkpolicies", True),
        ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", False),
        ("storage.k8s.io", "CSIStorageCapacity", "csistoragecapacities", True),
        ("policy", "PodSecurityPolicy", "podsecuritypolicies", False),
    ],
)
def test_a_built_in_kind(group: str, kind: str, plural: str, namespaced: bool) -> None:
    assert kinds.resource_for(group, kind) == plural
    assert kinds.is_namespaced(group, kind) is namespaced


def test_a_custom_kind_is_unknown_rather_than_wrong() -> None:
    assert kinds.resource_for("example.com", "Widget") is None
    assert kinds.is_namespaced("example.com", "Widget") is None
    assert kinds.groups_of_resource("widgets") == frozenset()


@pytest.mark.parametrize(
    ("plural", "groups"),
    [
        ("deployments", {"apps", "extensions"}),
        ("events", {"", "events.k8s.io"}),
        ("cronjobs", {"batch"}),
        ("ingresses", {"networking.k8s.io", "extensions"}),
    ],
)
def test_groups_of_resource(plural: str, groups: set[str]) -> None:
    assert kinds.groups_of_resource(plural) == groups


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Deployment", "deployments"),
        ("deployment", "deployments"),
        ("deploy", "deployments"),
        ("pod", "pods"),
        ("Pods", "pods"),
        ("pod/Log", "pods/log"),
        ("endpoint", "endpoints"),
        ("ingress", "ingresses"),
        ("pods", "pods"),
        ("widget", None),
        ("*", None),
        ("", None),
    ],
)
def test_guess_resource(text: str, guess: str | None) -> None:
    assert kinds.guess_resource(text) == guess


def test_the_table_is_well_formed() -> None:
    assert len({(kind.group, kind.kind) for kind in kinds.all_kinds()}) == len(kinds.all_kinds())
    assert all(kind.plural == kind.plural.lower() for kind in kinds.all_kinds())
    assert {kind.kind for kind in kinds.all_kinds()} >= kinds.WORKLOADS | kinds.RBAC
