"""Facts about which nodes fit a pod, and a slow scheduler that tries every node to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from effort import calls
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.scheduling import (
    Node,
    Nodes,
    Verdict,
    architectures_of,
    can_run_on,
    fit,
    nodes_for,
    read_node,
)

ARCH, HOST, OS = "kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def node(name: str = "pi1", *taints: dict[str, Any], **labels: str) -> dict[str, Any]:
    named = {ARCH if key == "arch" else key: value for key, value in labels.items()}
    return {"metadata": {"name": name, "labels": {HOST: name, **named}}, "spec": {"taints": list(taints)}}


def taint(key: str, effect: str, value: str = "") -> dict[str, Any]:
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def expression(key: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def required(*terms: list[dict[str, Any]], fields: bool = False) -> dict[str, Any]:
    kind = "matchFields" if fields else "matchExpressions"
    return {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{kind: term} for term in terms]}}}}


PI = node(arch="arm64", disk="ssd", cores="4")
AFFINITIES = [
    ("In", required([expression("disk", "In", "ssd", "nvme")]), YES),
    ("In another", required([expression("disk", "In", "hdd")]), NO),
    ("In a label that is not there", required([expression("gpu", "In", "")]), NO),
    ("NotIn", required([expression("disk", "NotIn", "hdd")]), YES),
    ("NotIn its own", required([expression("disk", "NotIn", "ssd")]), NO),
    ("NotIn a label that is not there", required([expression("gpu", "NotIn", "a")]), YES),
    ("Exists", required([expression("disk", "Exists")]), YES),
    ("Exists elsewhere", required([expression("gpu", "Exists")]), NO),
    ("DoesNotExist", required([expression("gpu", "DoesNotExist")]), YES),
    ("DoesNotExist but does", required([expression("disk", "DoesNotExist")]), NO),
    ("Gt", required([expression("cores", "Gt", "3")]), YES),
    ("Gt is strict", required([expression("cores", "Gt", "4")]), NO),
    ("Lt", required([expression("cores", "Lt", "5")]), YES),
    ("Lt is strict", required([expression("cores", "Lt", "4")]), NO),
    ("Gt of a value that is no number", required([expression("disk", "Gt", "0")]), NO),
    ("Gt of a label that is not there", required([expression("gpu", "Gt", "0")]), NO),
    ("Lt compares numbers", required([expression("cores", "Lt", "10")]), YES),
    ("expressions are ANDed", required([expression("disk", "Exists"), expression("gpu", "Exists")]), NO),
    ("terms are ORed", required([expression("gpu", "Exists")], [expression("disk", "Exists")]), YES),
    ("an empty term matches nothing", required([]), NO),
    ("an empty term beside one that matches", required([], [expression("disk", "Exists")]), YES),
    ("no terms", required(), NO),
    ("null", {"affinity": {"nodeAffinity": {REQUIRED: None}}}, YES),
    ("null affinity", {"affinity": None}, YES),
    ("by name", required([expression("metadata.name", "In", "pi1")], fields=True), YES),
    ("by another name", required([expression("metadata.name", "In", "pi2")], fields=True), NO),
    ("not by name", required([expression("metadata.name", "NotIn", "pi1")], fields=True), NO),
    ("a name is no label", required([expression("metadata.name", "In", "pi1")]), NO),
    (
        "preferred never constrains",
        {"affinity": {"nodeAffinity": {PREFERRED: [{"weight": 1, "preference": {"matchExpressions": [{}]}}]}}},
        YES,
    ),
    ("selector", {"nodeSelector": {"disk": "ssd", ARCH: "arm64"}}, YES),
    ("selector, one of two", {"nodeSelector": {"disk": "ssd", ARCH: "amd64"}}, NO),
    ("empty selector", {"nodeSelector": {}}, YES),
    ("selector AND affinity", {"nodeSelector": {"disk": "ssd"}, **required([expression("gpu", "Exists")])}, NO),
]
BROKEN = [
    ("selector is a list", {"nodeSelector": ["disk"]}, NO),
    ("selector is text", {"nodeSelector": "disk=ssd"}, NO),
    ("selector of a number", {"nodeSelector": {"cores": 4}}, NO),
    ("affinity is a list", {"affinity": []}, NO),
    ("no such operator", required([expression("disk", "in", "ssd")]), NO),
    ("no operator", required([{"key": "disk", "values": ["ssd"]}]), NO),
    ("no such operator beside a term that matches", required([{"key": "a"}], [expression("disk", "Exists")]), YES),
    ("In nothing", required([expression("disk", "In")]), NO),
    ("NotIn nothing", required([expression("disk", "NotIn")]), NO),
    ("Exists with a value", required([expression("disk", "Exists", "ssd")]), NO),
    ("Gt with two values", required([expression("cores", "Gt", "1", "2")]), NO),
    ("Gt of no number", required([expression("cores", "Gt", "few")]), NO),
    ("a number in place of text", required([expression("cores", "In", 4)]), NO),
    ("a number that is too large", required([expression("cores", "Lt", "9" * 30)]), NO),
    ("values are text", required([{"key": "disk", "operator": "In", "values": "ssd"}]), NO),
    ("a value that no label can have", required([expression(ARCH, "NotIn", "linux/amd64")]), NO),
    ("two names", required([expression("metadata.name", "In", "pi1", "pi2")], fields=True), NO),
    ("another field", required([expression("spec.taints", "In", "a")], fields=True), NO),
    ("another operator for fields", required([expression("metadata.name", "Exists")], fields=True), NO),
    ("null in place of terms", {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": None}}}}, NO),
    ("terms left out", {"affinity": {"nodeAffinity": {REQUIRED: {}}}}, NO),
    ("null in place of a term", {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [None]}}}}, NO),
    ("a fraction", required([expression("cores", "Gt", "1.5")]), NO),
    ("a negative number", required([expression("cores", "Gt", "-1")]), YES),
    ("nothing", None, YES),
    ("a list", [], YES),
]
TEMPLATES = [
    ("the pod", "{{ toYaml .Values }}", UNKNOWN),
    ("selector", {"nodeSelector": "{{ toYaml .Values.nodeSelector }}"}, UNKNOWN),
    ("value", {"nodeSelector": {"disk": "${DISK}"}}, UNKNOWN),
    ("value of a label that is not there", {"nodeSelector": {"gpu": "${GPU}"}}, NO),
    ("key", {"nodeSelector": {"${KEY}": "a"}}, UNKNOWN),
    ("beside what rules the node out", {"nodeSelector": {"disk": "${DISK}", ARCH: "amd64"}}, NO),
    ("affinity", {"affinity": "{{ .Values.affinity }}"}, UNKNOWN),
    ("terms", {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": "{{ .Values.terms }}"}}}}, UNKNOWN),
    ("a term", {"affinity": {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": ["{{ .x }}"]}}}}, UNKNOWN),
    ("an expression", required(["{{ .x }}"]), UNKNOWN),  # type: ignore[list-item]
    ("values", required([{"key": "disk", "operator": "In", "values": "{{ .x }}"}]), UNKNOWN),
    ("NotIn", required([expression("disk", "NotIn", "${DISK}")]), UNKNOWN),
    ("NotIn its own and another", required([expression("disk", "NotIn", "ssd", "${DISK}")]), NO),
    ("operator", required([expression("disk", "${OPERATOR}", "ssd")]), UNKNOWN),
    ("Gt", required([expression("cores", "Gt", "${CORES}")]), UNKNOWN),
    ("one term in doubt, one that matches", required(["{{ .x }}"], [expression("disk", "Exists")]), YES),  # type: ignore[list-item]
    ("name", {"nodeName": "${NODE}"}, UNKNOWN),
    ("system", {"os": {"name": "${OS}"}}, UNKNOWN),
]
OTHERS = [
    ("device", {"containers": [{"resources": {"limits": {"nvidia.com/gpu": 1}}}]}, UNKNOWN),
    ("runtime class", {"runtimeClassName": "kata"}, UNKNOWN),
    ("claim", {"resourceClaims": [{"name": "gpu"}]}, UNKNOWN),
    ("the company of other pods", {"affinity": {"podAffinity": {REQUIRED: [{}]}}}, UNKNOWN),
    ("memory", {"containers": [{"resources": {"limits": {"memory": "1Gi"}}}]}, YES),
    ("the system of a node that says none", {"os": {"name": "windows"}}, UNKNOWN),
]
TABLE = [*AFFINITIES, *BROKEN, *TEMPLATES, *OTHERS]


@pytest.mark.parametrize(("pod", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_can_run_on(pod: object, verdict: Verdict) -> None:
    assert can_run_on(pod, PI) is verdict


def test_the_kubelet_refuses_another_operating_system() -> None:
    windows = node(**{OS: "windows"})
    assert can_run_on({"os": {"name": "linux"}}, windows) is NO
    assert can_run_on({"os": {"name": "windows"}}, windows) is YES


DEDICATED = taint("dedicated", "NoSchedule", "gpu")
TAINTED = [
    ("no tolerations", {}, [DEDICATED], NO),
    ("only a preference", {}, [taint("a", "PreferNoSchedule")], YES),
    ("tolerated", {"tolerations": [{"key": "dedicated", "value": "gpu"}]}, [DEDICATED], YES),
    ("one of two", {"tolerations": [{"key": "dedicated", "value": "gpu"}]}, [DEDICATED, taint("a", "NoExecute")], NO),
    ("another effect", {"tolerations": [{"operator": "Exists", "effect": "NoExecute"}]}, [DEDICATED], NO),
    ("a key without its value", {"tolerations": [{"key": "dedicated"}]}, [DEDICATED], NO),
    ("a key that exists", {"tolerations": [{"key": "dedicated", "operator": "Exists"}]}, [DEDICATED], YES),
    ("no such operator", {"tolerations": [{"key": "dedicated", "operator": "Has"}]}, [DEDICATED], NO),
    ("a mapping", {"tolerations": {"operator": "Exists"}}, [DEDICATED], NO),
    ("everything", {"tolerations": [{"operator": "Exists"}]}, [DEDICATED, taint("a", "NoExecute")], YES),
    ("unknown tolerations", {"tolerations": "{{ .x }}"}, [DEDICATED], UNKNOWN),
    ("unknown tolerations, no taints", {"tolerations": "{{ .x }}"}, [], YES),
    ("unknown effect", {}, [taint("a", "${EFFECT}")], UNKNOWN),
    ("unknown taint", {"tolerations": [{"key": "b", "operator": "Exists"}]}, [taint("${KEY}", "NoSchedule")], UNKNOWN),
    ("bound by name", {"nodeName": "pi1"}, [DEDICATED], YES),
    ("bound by name, evicted", {"nodeName": "pi1"}, [taint("a", "NoExecute")], NO),
    ("bound to another", {"nodeName": "pi2"}, [], NO),
    ("bound, but the kubelet looks at its labels", {"nodeName": "pi1", "nodeSelector": {"a": "b"}}, [], NO),
    ("bound by a number", {"nodeName": 1}, [], NO),
]


@pytest.mark.parametrize(("pod", "taints", "verdict"), [row[1:] for row in TAINTED], ids=[row[0] for row in TAINTED])
def test_taints(pod: object, taints: list[dict[str, Any]], verdict: Verdict) -> None:
    assert can_run_on(pod, node("pi1", *taints)) is verdict


def test_a_cordoned_node_takes_only_who_tolerates_it() -> None:
    cordoned = {"metadata": {"name": "pi1"}, "spec": {"unschedulable": True}}
    toleration = {"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}
    assert can_run_on({}, cordoned) is NO
    assert can_run_on({"tolerations": [toleration]}, cordoned) is YES
    assert can_run_on({"nodeName": "pi1"}, cordoned) is YES


REASONS = [
    ({"nodeSelector": {"disk": "hdd"}}, "`nodeSelector` asks for `disk=hdd`", ("nodeSelector", "disk")),
    ({"nodeName": "pi2"}, "`nodeName` is `pi2`", ("nodeName",)),
    (required([]), "no term of the required node affinity matches", ("affinity", "nodeAffinity", REQUIRED)),
    ({"nodeSelector": []}, "`nodeSelector` is no mapping, so that no pod is made", ("nodeSelector",)),
    ({"affinity": "${A}"}, "`affinity` is template text", ("affinity",)),
    ({"runtimeClassName": "kata"}, "`runtimeClassName` is asked for", ("runtimeClassName",)),
    ({"os": {"name": "windows"}}, "it is for `windows`", ("os", "name")),
    ("${POD}", "the pod is template text", ()),
    ({}, "", ()),
]


@pytest.mark.parametrize(("pod", "reason", "path"), REASONS)
def test_a_fit_says_what_decides(pod: object, reason: str, path: tuple[object, ...]) -> None:
    found = fit(pod, PI)
    assert (found.reason, found.path) == (reason, path)


def test_a_fit_names_the_taint() -> None:
    found = fit({}, node("pi1", DEDICATED, taint("soft", "PreferNoSchedule")))
    assert (found.reason, found.path) == ("`dedicated=gpu:NoSchedule` is not tolerated", ("tolerations",))


def test_no_outweighs_unknown() -> None:
    assert fit({"runtimeClassName": "kata", "nodeSelector": {"a": "${B}", "disk": "hdd"}}, PI).verdict is NO


OPEN = Node("pi1.example.org", {ARCH: "arm64"}, open=True)
UNTOLD = [
    ("what is told", {"nodeSelector": {ARCH: "arm64"}}, YES),
    ("what contradicts it", {"nodeSelector": {ARCH: "amd64"}}, NO),
    ("the old label follows", {"nodeSelector": {"beta.kubernetes.io/arch": "arm64"}}, YES),
    ("the host name follows", {"nodeSelector": {HOST: "pi1.example.org"}}, YES),
    ("the host name without its domain", {"nodeSelector": {HOST: "pi1"}}, UNKNOWN),
    ("another host", {"nodeSelector": {HOST: "pi2"}}, NO),
    ("another domain", {"nodeSelector": {HOST: "pi1.example.com"}}, NO),
    ("the name without its domain", {"nodeName": "pi1"}, UNKNOWN),
    ("a label that nothing tells of", {"nodeSelector": {"disk": "ssd"}}, UNKNOWN),
    ("NotIn such a label", required([expression("disk", "NotIn", "ssd")]), UNKNOWN),
    ("Exists", required([expression("disk", "Exists")]), UNKNOWN),
    ("DoesNotExist", required([expression("disk", "DoesNotExist")]), UNKNOWN),
    ("Gt", required([expression("cores", "Gt", "1")]), UNKNOWN),
    ("Exists of what is told", required([expression(ARCH, "Exists")]), YES),
]


@pytest.mark.parametrize(("pod", "verdict"), [row[1:] for row in UNTOLD], ids=[row[0] for row in UNTOLD])
def test_a_node_that_an_inventory_tells_of(pod: object, verdict: Verdict) -> None:
    assert can_run_on(pod, OPEN) is verdict


def test_labels_that_are_template_text() -> None:
    vague = node(disk="${DISK}")
    assert can_run_on({"nodeSelector": {"disk": "ssd"}}, vague) is UNKNOWN
    assert can_run_on(required([expression("disk", "Exists")]), vague) is YES
    assert can_run_on({"nodeSelector": {"disk": "ssd"}}, node(**{"${LABEL}": "ssd"})) is UNKNOWN


@pytest.mark.parametrize("value", [None, [], "node", 1, {"metadata": []}, {"spec": {"taints": [1, "x"]}}])
def test_a_node_that_is_none(value: object) -> None:
    assert read_node(value).labels == {}
    assert can_run_on({}, read_node(value)) is YES


def test_the_architecture_of_an_open_node_may_be_its_status() -> None:
    told = {"metadata": {"name": "a"}, "status": {"nodeInfo": {"architecture": "arm64"}}}
    assert can_run_on({"nodeSelector": {ARCH: "arm64"}}, read_node(told, open=True)) is YES
    assert can_run_on({"nodeSelector": {ARCH: "arm64"}}, read_node(told)) is NO


FLEET = Nodes(
    [
        node("pve1", arch="amd64", disk="ssd"),
        node("pve2", arch="amd64", disk="hdd"),
        node("lima", DEDICATED, arch="arm64", disk="ssd"),
        Node("riscy", {ARCH: "riscv64"}, open=True),
    ]
)
ARCHITECTURES = [
    ({}, {"amd64", "riscv64"}, True),
    ({"tolerations": [{"operator": "Exists"}]}, {"amd64", "arm64", "riscv64"}, True),
    ({"tolerations": "${T}"}, {"amd64", "arm64", "riscv64"}, False),
    ({"nodeSelector": {"disk": "ssd"}}, {"amd64", "riscv64"}, False),
    ({"nodeSelector": {"disk": "ssd", ARCH: "amd64"}}, {"amd64"}, True),
    ({"nodeName": "lima"}, {"arm64"}, True),
    ({"nodeSelector": {ARCH: "s390x"}}, set(), True),
]


@pytest.mark.parametrize(("pod", "possible", "certain"), ARCHITECTURES)
def test_architectures_of(pod: object, possible: set[str], certain: bool) -> None:
    found = architectures_of(pod, FLEET)
    assert (set(found.possible), found.certain) == (possible, certain)


def test_a_node_whose_architecture_is_unknown_leaves_the_rest_uncertain() -> None:
    assert not architectures_of({}, Nodes([node("a", arch="amd64"), node("b")])).certain


def test_nodes_for_names_the_nodes() -> None:
    found = nodes_for({"nodeSelector": {"disk": "ssd"}}, FLEET)
    assert [one.name for one in FLEET[found.surely]] == ["pve1"]
    assert [one.name for one in FLEET[found.maybe]] == ["pve1", "riscy"]
    assert len(FLEET) == 4


# What the scheduler does, written down as plainly as can be.


def _expression_holds(entry: dict[str, Any], labels: dict[str, str]) -> bool:
    held, values = labels.get(entry["key"]), entry.get("values", [])
    match entry["operator"]:
        case "In":
            return held in values
        case "NotIn":
            return held not in values
        case "Exists":
            return held is not None
        case "DoesNotExist":
            return held is None
    numeric = held is not None and held.isdigit()
    if not numeric:
        return False
    return int(held or "") > int(values[0]) if entry["operator"] == "Gt" else int(held or "") < int(values[0])


def _term_holds(term: dict[str, Any], where: dict[str, Any]) -> bool:
    labels, name = where["metadata"]["labels"], where["metadata"]["name"]
    expressions, fields = term.get("matchExpressions", []), term.get("matchFields", [])
    if not expressions and not fields:
        return False
    by_name = all((name in entry["values"]) is (entry["operator"] == "In") for entry in fields)
    return by_name and all(_expression_holds(entry, labels) for entry in expressions)


def _toleration_holds(entry: dict[str, Any], carried: dict[str, Any]) -> bool:
    if entry.get("effect") and entry["effect"] != carried["effect"]:
        return False
    if entry.get("operator") == "Exists":
        return entry.get("key", "") in ("", carried["key"])
    return bool(entry.get("key")) and (entry["key"], entry.get("value", "")) == (
        carried["key"],
        carried.get("value", ""),
    )


def runs(pod: dict[str, Any], where: dict[str, Any]) -> bool:
    labels = where["metadata"]["labels"]
    if pod.get("nodeName") not in (None, where["metadata"]["name"]):
        return False
    if any(labels.get(key) != value for key, value in pod.get("nodeSelector", {}).items()):
        return False
    affinity = pod.get("affinity", {}).get("nodeAffinity", {}).get(REQUIRED)
    if affinity is not None and not any(_term_holds(term, where) for term in affinity["nodeSelectorTerms"]):
        return False
    effects = ("NoExecute",) if pod.get("nodeName") else ("NoSchedule", "NoExecute")
    heeded = [carried for carried in where["spec"]["taints"] if carried["effect"] in effects]
    return all(any(_toleration_holds(entry, carried) for entry in pod.get("tolerations", [])) for carried in heeded)


KEYS = st.sampled_from(["disk", "cores", "zone"])
VALUES = st.sampled_from(["ssd", "1", "2", "10", ""])
NAMES = st.sampled_from(["a", "b", "c"])
EXPRESSIONS = st.one_of(
    st.builds(expression, KEYS, st.sampled_from(["In", "NotIn"]), VALUES, VALUES),
    st.builds(expression, KEYS, st.sampled_from(["Exists", "DoesNotExist"])),
    st.builds(expression, KEYS, st.sampled_from(["Gt", "Lt"]), st.sampled_from(["0", "1", "5"])),
)
FIELDS = st.builds(expression, st.just("metadata.name"), st.sampled_from(["In", "NotIn"]), NAMES)
TERMS = st.fixed_dictionaries(
    {}, optional={"matchExpressions": st.lists(EXPRESSIONS, max_size=3), "matchFields": st.lists(FIELDS, max_size=1)}
)
EFFECTS = st.sampled_from(["NoSchedule", "PreferNoSchedule", "NoExecute"])
TAINTS = st.builds(taint, KEYS, EFFECTS, VALUES)
TOLERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "key": KEYS,
        "operator": st.sampled_from(["Equal", "Exists"]),
        "value": VALUES,
        "effect": EFFECTS,
    },
)
SELECTORS = st.dictionaries(KEYS, VALUES, max_size=1)
PODS = st.fixed_dictionaries(
    {},
    optional={
        "nodeName": NAMES,
        "nodeSelector": SELECTORS,
        "tolerations": st.lists(TOLERATIONS, max_size=3),
        "affinity": st.fixed_dictionaries(
            {
                "nodeAffinity": st.fixed_dictionaries(
                    {REQUIRED: st.fixed_dictionaries({"nodeSelectorTerms": st.lists(TERMS, max_size=3)})}
                )
            }
        ),
    },
)
LABELS = st.dictionaries(KEYS, VALUES)
MACHINES = st.builds(
    lambda name, taints, labels: node(name, *taints, **labels), NAMES, st.lists(TAINTS, max_size=2), LABELS
)


@given(PODS, st.lists(MACHINES, max_size=6))
def test_the_index_finds_what_trying_every_node_finds(pod: dict[str, Any], machines: list[dict[str, Any]]) -> None:
    nodes = Nodes(machines)
    found = nodes_for(pod, nodes)
    tried = sum(1 << number for number, machine in enumerate(machines) if runs(pod, machine))
    assert found.surely == found.maybe == tried


@given(PODS, MACHINES)
def test_one_node_is_as_many(pod: dict[str, Any], machine: dict[str, Any]) -> None:
    assert can_run_on(pod, machine) is (YES if runs(pod, machine) else NO)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all texts that a template may stand for."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from _paths(value[step], (*path, step))


def _with(value: Any, path: tuple[Any, ...], text: str) -> Any:
    if not path:
        return text
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], text)
    return copy


@given(PODS, MACHINES, st.data())
def test_what_is_known_of_a_template_holds_for_what_it_becomes(
    pod: dict[str, Any], machine: dict[str, Any], data: st.DataObject
) -> None:
    """Any text of the pod, and any of the node, is one that a template may have stood for."""
    given_pod, given_machine = pod, machine
    if places := [*_paths(pod)]:
        given_pod = _with(pod, data.draw(st.sampled_from(places)), "${X}")
    if data.draw(st.booleans()):
        places = [path for path in _paths(machine) if path != ("metadata", "labels", HOST)]
        given_machine = _with(machine, data.draw(st.sampled_from(places)), "${Y}")
    verdict = can_run_on(given_pod, given_machine)
    assert verdict is UNKNOWN or verdict is (YES if runs(pod, machine) else NO)


@given(PODS, LABELS, LABELS, NAMES)
def test_what_is_known_of_an_open_node_holds_whatever_else_it_carries(
    pod: dict[str, Any], told: dict[str, str], more: dict[str, str], name: str
) -> None:
    verdict = can_run_on(pod, Node(name, told, open=True))
    assert verdict is UNKNOWN or verdict is (YES if runs(pod, node(name, **{**more, **told})) else NO)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("${X}"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["nodeSelector", "affinity", "nodeAffinity", REQUIRED, "tolerations", "key", "values"]),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_no_value_breaks_the_model(value: Any) -> None:
    for pod in (value, {"nodeSelector": value, "affinity": {"nodeAffinity": {REQUIRED: value}}, "tolerations": value}):
        assert fit(pod, read_node(value)).verdict in Verdict
        architectures_of(pod, FLEET)


def test_the_nodes_are_not_scanned_for_each_pod() -> None:
    """Sixteen times the nodes, and no pod takes twice the calls."""

    def pods(count: int) -> list[dict[str, Any]]:
        spread = [expression(HOST, "NotIn", "n1", "n2")], [expression("cores", "Gt", "7")]
        return [
            {
                **required(*spread),
                "nodeSelector": {"disk": f"d{number}"},
                "tolerations": [{"key": "dedicated", "value": f"team-{number}"}],
            }
            for number in range(count)
        ]

    def effort(count: int) -> int:
        taints = [taint("dedicated", "NoSchedule", f"team-{number}") for number in range(count)]
        machines = [node(f"n{i}", one, disk=f"d{i % 9}", cores=str(i)) for i, one in enumerate(taints)]
        nodes = Nodes(machines)
        nodes_for(pods(1)[0], nodes)
        return calls(lambda: [nodes_for(pod, nodes) for pod in pods(50)])

    assert effort(800) < 2 * effort(50)
