"""Facts about where manifests name nodes, and how far a node of Longhorn's is on its way out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.longhorn_nodes import State, offered_disks, state_of
from kubelint.cluster.node_references import Use, node_references, stated_nodes

HOST = "kubernetes.io/hostname"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def expression(*values: Any, operator: str = "In", key: Any = HOST) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def required(*terms: Any) -> dict[str, Any]:
    return {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}}


def term(*expressions: Any) -> dict[str, Any]:
    return {"matchExpressions": list(expressions)}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"nodeSelector": {HOST: "a"}}, [("a", Use.REQUIRED)]),
        ({"nodeSelector": {"kubernetes.io/arch": "amd64"}}, []),
        ({"nodeSelector": ["a"]}, []),
        ({"nodeSelector": "a", "diskSelector": "a"}, []),
        ({"nodeSelectors": [{"matchLabels": {HOST: "a"}}]}, [("a", Use.REQUIRED)]),
        (required(term(expression("a", "b"))), [("a", Use.REQUIRED), ("b", Use.REQUIRED)]),
        (required(term(expression("a", operator="NotIn"))), [("a", Use.EXCLUDED)]),
        (required(term(expression(operator="Exists"))), []),
        (required({"matchFields": [expression("a", key="metadata.name")]}), [("a", Use.REQUIRED)]),
        (required({"matchExpressions": [expression("a", key="metadata.name")]}), []),
        (required(term(expression("a", key=["x"]))), []),
        (
            {"affinity": {"nodeAffinity": {PREFERRED: [{"preference": term(expression("a"))}]}}},
            [("a", Use.PREFERRED)],
        ),
        ({"allowedTopologies": [{"matchLabelExpressions": [{"key": HOST, "values": ["a"]}]}]}, [("a", Use.REQUIRED)]),
        ({"storage": {"useAllNodes": False, "nodes": [{"name": "a"}]}}, [("a", Use.STATED)]),
        ({"storage": {"nodes": [{"name": "a"}]}}, []),
        ({"env": [{"name": "vip_nodename", "value": "a"}, {"name": "x", "value": "b"}]}, [("a", Use.STATED)]),
        ({"systemManagedComponentsNodeSelector": f"{HOST}:a;disk:ssd"}, [("a", Use.STATED)]),
        ([{"op": "add", "path": "/spec/nodeSelector", "value": {HOST: "a"}}], [("a", Use.REQUIRED)]),
        (
            [{"op": "add", "path": "/spec/nodeSelector/kubernetes.io~1hostname", "value": "a"}],
            [("a", Use.REQUIRED)],
        ),
        ([{"op": "add", "path": "/spec/template/spec/nodeName", "value": "a"}], [("a", Use.ASSIGNED)]),
        ([{"op": "test", "path": "/spec/replicas", "value": 1}], []),
        (None, []),
        ("text", []),
    ],
)
def test_what_names_a_node(value: Any, found: list[tuple[str, Use]]) -> None:
    assert [(reference.name, reference.use) for reference in node_references(value)] == found


def test_the_path_leads_to_the_name() -> None:
    value = {"spec": {**required(term(expression("a"))), "nodeSelector": {HOST: "b"}}}
    for reference in node_references(value):
        here: Any = value
        for step in reference.path:
            here = here[step]
        assert here == reference.name


@pytest.mark.parametrize(
    ("terms", "others", "around"),
    [
        ([term(expression("a"))], (), False),
        ([term(expression("a", "b"))], ("b",), False),
        ([term(expression("a")), term(expression("b"))], ("b",), False),
        ([term(expression("a")), term({"key": "zone", "operator": "Exists"})], (), True),
    ],
)
def test_which_other_nodes_would_do(terms: list[Any], others: tuple[str, ...], around: bool) -> None:
    first = next(iter(node_references(required(*terms))))
    assert (first.name, first.others, first.open) == ("a", others, around)


@pytest.mark.parametrize(
    ("group", "kind", "obj", "names"),
    [
        ("longhorn.io", "Volume", {"spec": {"nodeID": "a", "migrationNodeID": "b"}}, ["a", "b"]),
        ("longhorn.io", "Replica", {"spec": {"nodeID": "a", "hardNodeAffinity": ""}}, ["a", ""]),
        (
            "",
            "PersistentVolumeClaim",
            {"metadata": {"annotations": {"volume.kubernetes.io/selected-node": "a"}}},
            ["a"],
        ),
        ("", "Endpoints", {"subsets": [{"addresses": [{"nodeName": "a"}, {"ip": "192.0.2.1"}]}]}, ["a"]),
        ("other.io", "Volume", {"spec": {"nodeID": "a"}}, []),
        ("longhorn.io", "Volume", {"spec": {"nodeID": None}}, []),
        ("longhorn.io", "Volume", {"spec": ["nodeID"]}, []),
        ("longhorn.io", "Setting", {"metadata": {"name": "taint-toleration"}, "value": f"{HOST}:a"}, []),
    ],
)
def test_what_kinds_state(group: str, kind: str, obj: Any, names: list[str]) -> None:
    assert [reference.name for reference in stated_nodes(group, kind, obj)] == names


KEYS = """
    nodeSelector matchLabels matchExpressions matchFields nodeSelectorTerms key values operator op path value storage
    nodes useAllNodes env name
""".split()  # noqa: SIM905
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([HOST, "a", "In", "NotIn"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, HOST, REQUIRED]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_anything_can_be_read(value: Any) -> None:
    for reference in node_references(value):
        here: Any = value
        for step in reference.path:
            here = here[step]
    list(stated_nodes("longhorn.io", "Setting", value))
    state_of(value)


@pytest.mark.parametrize(
    ("spec", "state"),
    [
        ({"allowScheduling": True}, State.OFFERED),
        ({"allowScheduling": True, "evictionRequested": True}, State.OFFERED),
        ({"allowScheduling": False}, State.HELD),
        ({}, State.HELD),
        (None, State.HELD),
        ({"allowScheduling": False, "evictionRequested": True}, State.LEAVING),
        ({"allowScheduling": "${ON}"}, State.UNKNOWN),
        ({"disks": {"d": {"allowScheduling": True}}}, State.OFFERED),
        ({"disks": {"d": {"allowScheduling": True, "evictionRequested": True}}}, State.HELD),
        ({"evictionRequested": True, "disks": {"d": {"allowScheduling": True}}}, State.LEAVING),
        ({"disks": [1]}, State.HELD),
    ],
)
def test_what_longhorn_does_with_a_node(spec: Any, state: State) -> None:
    assert state_of({"spec": spec}) is state


def test_disks_that_take_replicas() -> None:
    disks = {"a": {"allowScheduling": True}, "b": {"allowScheduling": False}, "c": None}
    assert offered_disks({"spec": {"disks": disks}}) == ["a"]
