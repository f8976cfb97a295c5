"""What Plans choose, upgrade and wait for."""

import pytest

from kubelint.cluster.upgrade_plans import (
    awaited_plan,
    distribution,
    is_control_plane_only,
    labels_select_control_plane,
    selects_control_plane,
)

ROLE = "node-role.kubernetes.io/"


def expressions(*items):
    return {"matchExpressions": [dict(zip(("key", "operator", "values"), item, strict=False)) for item in items]}


SELECTORS = [
    (None, "yes"),
    ({}, "yes"),
    (expressions((f"{ROLE}control-plane", "Exists")), "yes"),
    (expressions((f"{ROLE}master", "In", ["true"])), "yes"),
    (expressions((f"{ROLE}master", "In", [""])), "yes"),
    (expressions((f"{ROLE}master", "In", ["false"])), "no"),
    (expressions((f"{ROLE}control-plane", "DoesNotExist")), "no"),
    (expressions((f"{ROLE}control-plane", "NotIn", ["true"])), "no"),
    (expressions((f"{ROLE}control-plane", "NotIn", ["other"])), "yes"),
    (expressions((f"{ROLE}etcd", "Exists")), "yes"),
    (expressions((f"{ROLE}etcd", "In", ["true"])), "yes"),
    (expressions((f"{ROLE}etcd", "DoesNotExist")), "no"),
    (expressions((f"{ROLE}worker", "Exists")), "unknown"),
    (expressions((f"{ROLE}worker", "DoesNotExist")), "unknown"),
    (expressions(("kubernetes.io/hostname", "NotIn", ["a"])), "yes"),
    (expressions(("kubernetes.io/hostname", "In", ["a"])), "unknown"),
    (expressions(("group", "DoesNotExist")), "yes"),
    (expressions((f"{ROLE}control-plane", "Exists"), ("group", "In", ["edge"])), "unknown"),
    (expressions((f"{ROLE}control-plane", "DoesNotExist"), ("group", "In", ["edge"])), "no"),
    (expressions((f"{ROLE}control-plane", "Sometimes")), "unknown"),
    (expressions((f"{ROLE}control-plane", "In", ["${ROLE}"])), "unknown"),
    ({"matchLabels": {"kubernetes.io/os": "linux"}}, "yes"),
    ({"matchLabels": {f"{ROLE}control-plane": "true"}}, "yes"),
    ({"matchLabels": {f"{ROLE}control-plane": "false"}}, "no"),
    ({"matchLabels": {"upgrade": "yes"}}, "unknown"),
    ({"matchLabels": ["a"], "matchExpressions": {"a": 1}}, "yes"),
    ({"matchExpressions": [None, 5]}, "unknown"),
    ("text", "unknown"),
    ([], "unknown"),
]


@pytest.mark.parametrize(("selector", "verdict"), SELECTORS)
def test_whether_control_planes_are_chosen(selector, verdict):
    assert selects_control_plane(selector) == verdict


def test_labels_of_a_pod():
    assert labels_select_control_plane(None) == labels_select_control_plane({}) == "yes"
    assert labels_select_control_plane({"kubernetes.io/os": "linux"}) == "yes"
    assert labels_select_control_plane({"pool": "a"}) == "unknown"


def test_nobody_else():
    assert is_control_plane_only(expressions((f"{ROLE}control-plane", "Exists")))
    assert is_control_plane_only({"matchLabels": {f"{ROLE}master": "true"}})
    assert not is_control_plane_only(expressions((f"{ROLE}control-plane", "DoesNotExist")))
    assert not is_control_plane_only(None) and not is_control_plane_only("text")


IMAGES = [
    ("rancher/k3s-upgrade", "k3s"),
    ("rancher/k3s-upgrade:v1.34.1-k3s1", "k3s"),
    ("registry.example.org/mirror/rancher/rke2-upgrade@sha256:00", "rke2"),
    ("ghcr.io/example/tnu", None),
    ("example/my-k3s-upgrade-thing", None),
    ("${IMAGE}", None),
    (None, None),
    (7, None),
]


@pytest.mark.parametrize(("image", "product"), IMAGES)
def test_what_is_upgraded(image, product):
    assert distribution({"upgrade": {"image": image}}) == product


AWAITED = [
    ({"prepare": {"args": ["prepare", "k3s-server"]}}, "k3s-server"),
    ({"prepare": {"args": ["prepare", "${PLAN}"]}}, None),
    ({"prepare": {"args": ["wait"]}}, None),
    ({"prepare": {"args": "prepare k3s-server"}}, None),
    ({"prepare": None}, None),
    ({}, None),
    (None, None),
]


@pytest.mark.parametrize(("spec", "name"), AWAITED)
def test_what_is_waited_for(spec, name):
    assert awaited_plan(spec) == name
