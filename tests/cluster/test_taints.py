"""Facts about which toleration tolerates which taint, and which ones pods of DaemonSets get."""

from __future__ import annotations

from typing import Any

import pytest

from kubelint.cluster.scheduling import Taint, Toleration, daemon_tolerations, read_taints, read_tolerations, tolerates

ARM = Taint("arch", "arm64", "NoSchedule")
FACTS = [
    ("default operator is Equal", Toleration("arch", value="arm64"), ARM, True),
    ("Equal", Toleration("arch", "Equal", "arm64"), ARM, True),
    ("another value", Toleration("arch", "Equal", "amd64"), ARM, False),
    ("no value against one", Toleration("arch"), ARM, False),
    ("no value against none", Toleration("arch"), Taint("arch", effect="NoSchedule"), True),
    ("Exists", Toleration("arch", "Exists"), ARM, True),
    ("Exists of another key", Toleration("gpu", "Exists"), ARM, False),
    ("Exists without key", Toleration(operator="Exists"), ARM, True),
    ("Exists without key, of another effect", Toleration(operator="Exists", effect="NoExecute"), ARM, False),
    ("Equal without key is refused", Toleration(value="arm64"), ARM, False),
    ("empty effect stands for all", Toleration("a", "Exists"), Taint("a", effect="NoExecute"), True),
    ("the effect of the taint", Toleration("arch", "Exists", effect="NoSchedule"), ARM, True),
    ("another effect", Toleration("arch", "Exists", effect="NoExecute"), ARM, False),
    ("no such operator", Toleration("arch", "In", "arm64"), ARM, False),
    ("Lt, if the gate is on", Toleration("sla", "Lt", "10"), Taint("sla", "5", "NoSchedule"), None),
    ("Lt of a larger one", Toleration("sla", "Lt", "10"), Taint("sla", "10", "NoSchedule"), False),
    ("Gt, if the gate is on", Toleration("sla", "Gt", "10"), Taint("sla", "11", "NoSchedule"), None),
    ("Gt of a smaller one", Toleration("sla", "Gt", "10"), Taint("sla", "9", "NoSchedule"), False),
    ("Gt of no number", Toleration("sla", "Gt", "10"), Taint("sla", "high", "NoSchedule"), False),
    ("template key", Toleration("${KEY}", "Exists"), ARM, None),
    ("template key, wrong effect", Toleration("${KEY}", "Exists", effect="NoExecute"), ARM, False),
    ("template value", Toleration("arch", value="${ARCH}"), ARM, None),
    ("template operator", Toleration("arch", "${OPERATOR}"), ARM, None),
    ("template effect", Toleration("arch", "Exists", effect="${EFFECT}"), ARM, None),
    ("template taint", Toleration("arch", value="arm64"), Taint("arch", "${ARCH}", "NoSchedule"), None),
    ("template number", Toleration("sla", "Gt", "${SLA}"), Taint("sla", "9", "NoSchedule"), None),
]


@pytest.mark.parametrize(("toleration", "taint", "answer"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
def test_toleration(toleration: Toleration, taint: Taint, answer: bool | None) -> None:
    assert toleration.tolerates(taint) is answer


HARD = {"key": "arch", "value": "arm64", "effect": "NoSchedule"}
PODS = [
    ({}, [], True),
    ({}, [HARD], False),
    ({}, [{**HARD, "effect": "NoExecute"}], False),
    ({}, [{**HARD, "effect": "PreferNoSchedule"}], True),
    ({"tolerations": [{"operator": "Exists"}]}, [HARD], True),
    ({"tolerations": [{"key": "arch", "operator": "Exists"}]}, [HARD, {"key": "b", "effect": "NoSchedule"}], False),
    ({"tolerations": "{{ .Values.tolerations }}"}, [HARD], None),
    ({"tolerations": ["{{ .Values.toleration }}"]}, [HARD], None),
    ({"tolerations": "{{ .Values.tolerations }}"}, [], True),
    ({}, [{**HARD, "effect": "${EFFECT}"}], None),
    ({"tolerations": {"key": "arch"}}, [HARD], False),
    ({"tolerations": [1, None, {"key": 2}]}, [HARD], False),
    (None, [HARD], False),
]


@pytest.mark.parametrize(("spec", "taints", "answer"), PODS)
def test_tolerates(spec: object, taints: list[dict[str, object]], answer: bool | None) -> None:
    assert tolerates(spec, taints) is answer


@pytest.mark.parametrize("value", [None, "x", 1, {}, [1], ["x"], [None], [{}]])
def test_taints_that_are_none(value: object) -> None:
    assert read_taints(value) == ()


def test_a_taint_reads_as_kubectl_writes_it() -> None:
    assert [str(taint) for taint in read_taints([HARD, {"key": "a", "value": None, "effect": "NoExecute"}])] == [
        "arch=arm64:NoSchedule",
        "a:NoExecute",
    ]


def _tolerates_as_daemon(key: str, effect: str, **spec: Any) -> bool:
    tolerations = read_tolerations({"tolerations": list(daemon_tolerations(spec))}) or ()
    return any(toleration.tolerates(Taint(f"node.kubernetes.io/{key}", effect=effect)) for toleration in tolerations)


@pytest.mark.parametrize("key", ["not-ready", "unreachable"])
def test_daemons_are_not_evicted_from_nodes_in_trouble(key: str) -> None:
    assert _tolerates_as_daemon(key, "NoExecute")
    assert not _tolerates_as_daemon(key, "NoSchedule")


@pytest.mark.parametrize("key", ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"])
def test_daemons_are_scheduled_onto_nodes_in_trouble(key: str) -> None:
    assert _tolerates_as_daemon(key, "NoSchedule")
    assert not _tolerates_as_daemon(key, "NoExecute")


def test_only_daemons_on_the_host_network_do_without_a_network() -> None:
    assert _tolerates_as_daemon("network-unavailable", "NoSchedule", hostNetwork=True)
    assert not _tolerates_as_daemon("network-unavailable", "NoSchedule")
