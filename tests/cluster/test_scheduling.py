"""Facts about where the scheduler may place a pod."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.architectures import GOARCH, image_architecture, meant_architecture, runs_on
from kubelint.cluster.scheduling import pinned_host, placement
from kubelint.cluster.spread import Spread, selector_matches, spread

ARCH, OLD_ARCH, HOST = "kubernetes.io/arch", "beta.kubernetes.io/arch", "kubernetes.io/hostname"
BOTH = frozenset({"amd64", "arm64"})
NODES: dict[str, str | None] = {"pve1": "amd64", "pve2": "amd64", "lima": "arm64", "mystery": None}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def required(*terms: list[dict[str, Any]], fields: bool = False) -> dict[str, Any]:
    kind = "matchFields" if fields else "matchExpressions"
    selector = {"nodeSelectorTerms": [{kind: term} for term in terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": selector}}}


def device(name: str) -> dict[str, Any]:
    return {"containers": [{"resources": {"limits": {name: 1}}}]}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("amd64", "amd64"),
        ("x86_64", "amd64"),
        ("x86-64", "amd64"),
        ("AMD64", "amd64"),
        ("linux/amd64", "amd64"),
        ("aarch64", "arm64"),
        ("arm64/v8", "arm64"),
        ("armv7", "arm"),
        ("armv7l", "arm"),
        ("arm/v7", "arm"),
        ("arm32v6", "arm"),
        ("linux/arm/v7", "arm"),
        ("armhf", "arm"),
        ("i386", "386"),
        ("riscv64", "riscv64"),
        ("sparc", None),
        ("", None),
    ],
)
def test_meant_architecture(name: str, meant: str | None) -> None:
    assert meant_architecture(name) == meant


@pytest.mark.parametrize(
    ("image", "architecture"),
    [
        ("registry.example/zot-linux-amd64:v2.1", "amd64"),
        ("arm64v8/redis:7", "arm64"),
        ("arm32v7/redis:7", "arm"),
        ("example/web:1.2-arm64", "arm64"),
        ("example/web:1.2", None),
        ("example/charmarm64er:1", None),
        ("example/web@sha256:00amd64", None),
        ("amd64/nginx:1.27", "amd64"),
        ("example/web:1.2-linux-x86_64", "amd64"),
        ("example/web:v1.2-ARM64", "arm64"),
        ("example/web_armhf:3", "arm"),
        ("i386/debian", "386"),
        ("riscv64/alpine:3.22", "riscv64"),
        ("amd64.registry.example/shop/web:1", None),
        ("registry-arm64.example:5000/shop/web:1", None),
        ("multiarch/qemu-user-static:x86_64-aarch64", None),
        ("example/binfmt:qemu-arm64", None),
        ("example/cross:aarch64-unknown-linux-gnu", None),
        ("example/web:1.2-amd64-arm64", None),
        ("example/web:1.2-arm64-arm64v8", "arm64"),
        ("", None),
    ],
)
def test_image_architecture(image: str, architecture: str | None) -> None:
    assert image_architecture(image) == architecture


RUNS = [("amd64", "amd64"), ("arm", "arm64"), ("386", "amd64")]
DIES = [("amd64", "arm64"), ("arm64", "arm"), ("386", "arm64"), ("arm", "amd64")]


@pytest.mark.parametrize(("image", "node"), [*RUNS, *DIES])
def test_what_a_node_runs(image: str, node: str) -> None:
    assert runs_on(image, node) is ((image, node) in RUNS)


PLACEMENTS = [
    ("nothing", {}, BOTH, True),
    ("selector", {"nodeSelector": {ARCH: "amd64"}}, {"amd64"}, True),
    ("old label", {"nodeSelector": {OLD_ARCH: "amd64"}}, {"amd64"}, True),
    ("os says nothing", {"nodeSelector": {"kubernetes.io/os": "linux"}}, BOTH, True),
    ("custom label may narrow", {"nodeSelector": {"disk": "ssd"}}, BOTH, False),
    (
        "custom label beside the architecture",
        {"nodeSelector": {"disk": "ssd", ARCH: "arm64"}},
        {"arm64"},
        False,
    ),
    ("template value", {"nodeSelector": {ARCH: "${ARCH}"}}, BOTH, False),
    ("template selector", {"nodeSelector": "{{ toYaml .Values.nodeSelector }}"}, BOTH, False),
    ("no such architecture", {"nodeSelector": {ARCH: "x86_64"}}, set(), True),
    ("In", required([expression(ARCH, "In", "amd64")]), {"amd64"}, True),
    ("In both", required([expression(ARCH, "In", "amd64", "arm64")]), BOTH, True),
    ("NotIn", required([expression(ARCH, "NotIn", "arm64")]), {"amd64"}, True),
    ("NotIn a stranger", required([expression(ARCH, "NotIn", "riscv64")]), BOTH, True),
    ("Exists", required([expression(ARCH, "Exists")]), BOTH, True),
    (
        "terms are ORed",
        required([expression(ARCH, "In", "amd64")], [expression(ARCH, "In", "arm64")]),
        BOTH,
        True,
    ),
    (
        "one free term frees",
        required([expression(ARCH, "In", "amd64")], [expression("kubernetes.io/os", "Exists")]),
        BOTH,
        True,
    ),
    (
        "expressions are ANDed",
        required([expression(ARCH, "In", "amd64", "arm64"), expression(ARCH, "NotIn", "arm64")]),
        {"amd64"},
        True,
    ),
    ("an empty term matches nothing", required([]), set(), True),
    (
        "selector AND affinity",
        {"nodeSelector": {ARCH: "amd64"}, **required([expression(ARCH, "In", "arm64")])},
        set(),
        True,
    ),
    (
        "preferred never constrains",
        {
            "affinity": {
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": {"matchExpressions": [expression(ARCH, "In", "amd64")]}}
                    ]
                }
            }
        },
        BOTH,
        True,
    ),
    ("nodeName of a known node", {"nodeName": "lima"}, {"arm64"}, True),
    ("nodeName of an unknown node", {"nodeName": "other"}, BOTH, False),
    ("nodeName of a node without architecture", {"nodeName": "mystery"}, BOTH, False),
    ("hostname", {"nodeSelector": {HOST: "pve1"}}, {"amd64"}, True),
    ("hostnames", required([expression(HOST, "In", "pve1", "lima")]), BOTH, True),
    ("field", required([expression("metadata.name", "In", "lima")], fields=True), {"arm64"}, True),
    ("not on that node, others like it are left", required([expression(HOST, "NotIn", "pve1")]), BOTH, False),
    (
        "vendor",
        required([expression("feature.node.kubernetes.io/cpu-model.vendor_id", "In", "Intel")]),
        {"amd64"},
        True,
    ),
    ("instance type", {"nodeSelector": {"node.kubernetes.io/instance-type": "m7g.large"}}, BOTH, False),
    ("device", device("nvidia.com/gpu"), BOTH, False),
    ("plain resource", device("memory"), BOTH, True),
    ("runtime class", {"runtimeClassName": "nvidia"}, BOTH, False),
    (
        "CloudNativePG",
        {"nodeAffinity": required([expression(ARCH, "In", "amd64")])["affinity"]["nodeAffinity"]},
        {"amd64"},
        True,
    ),
    ("null affinity", {"affinity": None}, BOTH, True),
    ("affinity is text", {"affinity": "{{ .Values.affinity }}"}, BOTH, False),
    ("nonsense", {"nodeSelector": [1], "affinity": 3, "containers": "x"}, BOTH, True),
]


@pytest.mark.parametrize(
    ("spec", "possible", "certain"), [row[1:] for row in PLACEMENTS], ids=[row[0] for row in PLACEMENTS]
)
def test_placement(spec: object, possible: set[str], certain: bool) -> None:
    found = placement(spec, BOTH, NODES)
    assert (set(found.possible), found.certain) == (possible, certain)


def test_host_left_out_by_name_is_certain_if_the_rest_holds_every_architecture() -> None:
    nodes = {"pve1": "amd64", "pve2": "amd64", "lima": "arm64"}
    assert placement(required([expression(HOST, "NotIn", "pve1")]), BOTH, nodes).constrained(BOTH) is False
    assert placement(required([expression(HOST, "NotIn", "lima")]), BOTH, nodes).constrained(BOTH) is None


def test_places_point_at_what_constrains() -> None:
    spec = {
        "nodeSelector": {ARCH: "amd64"},
        **required([expression("disk", "Exists"), expression(ARCH, "In", "amd64")]),
    }
    prefix = (
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        0,
    )
    assert placement(spec, BOTH).places == (
        ("nodeSelector", ARCH),
        (*prefix, "matchExpressions", 0),
        (*prefix, "matchExpressions", 1),
    )


_EXPRESSIONS = st.builds(
    lambda key, operator, values: {"key": key, "operator": operator, "values": values},
    st.sampled_from([ARCH, OLD_ARCH]),
    st.sampled_from(["In", "NotIn", "Exists"]),
    st.lists(st.sampled_from(sorted(GOARCH)), max_size=3),
)
_TERMS = st.lists(_EXPRESSIONS, max_size=3)


def _node_matches(architecture: str, term: list[dict[str, Any]]) -> bool:
    def holds(entry: dict[str, Any]) -> bool:
        inside = architecture in entry["values"]
        return {"In": inside, "NotIn": not inside, "Exists": True}[entry["operator"]]

    return bool(term) and all(map(holds, term))


@given(
    candidates=st.frozensets(st.sampled_from(sorted(GOARCH)), min_size=1),
    terms=st.lists(_TERMS, min_size=1, max_size=3),
    selected=st.none() | st.sampled_from(sorted(GOARCH)),
)
def test_placement_is_what_trying_every_node_gives(
    candidates: frozenset[str], terms: list[list[dict[str, Any]]], selected: str | None
) -> None:
    spec = required(*terms) | ({"nodeSelector": {ARCH: selected}} if selected else {})
    tried = {
        node for node in candidates if selected in (None, node) and any(_node_matches(node, term) for term in terms)
    }
    assert placement(spec, candidates).possible == tried
    assert placement(spec, candidates).certain


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_breaks_the_model(value: object) -> None:
    for spec in (value, {"nodeSelector": value, "affinity": {"nodeAffinity": value}, "containers": value}):
        placement(spec, BOTH, NODES)
        pinned_host(spec)
        spread(spec, {})


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({}, None),
        ({"nodeName": "pve1"}, "pve1"),
        ({"nodeName": "${NODE}"}, None),
        ({"nodeSelector": {HOST: "pve1"}}, "pve1"),
        ({"nodeSelector": {"node-role.kubernetes.io/control-plane": ""}}, None),
        (required([expression(HOST, "In", "pve1")]), "pve1"),
        (required([expression(HOST, "In", "pve1", "pve2")]), None),
        (required([expression(HOST, "In", "pve1")], [expression(HOST, "In", "pve2")]), None),
        (required([expression(HOST, "In", "pve1")], [expression(ARCH, "In", "amd64")]), None),
        (required([expression(HOST, "NotIn", "pve1")]), None),
        (required([expression("metadata.name", "In", "pve1")], fields=True), "pve1"),
        (required([expression("metadata.name", "In", "pve1")]), None),
    ],
)
def test_pinned_host(spec: object, name: str | None) -> None:
    found = pinned_host(spec)
    assert (found[0] if found else None) == name


OWN = {"k8s-app": "kube-dns"}
SELECTOR = {"matchLabels": OWN}


def anti(topology: str = HOST, selector: object = SELECTOR, *, hard: bool = True) -> dict[str, Any]:
    term = {"topologyKey": topology, "labelSelector": selector}
    if hard:
        return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    weighted = [{"weight": 100, "podAffinityTerm": term}]
    return {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": weighted}}}


def topology(key: str = HOST, selector: object = SELECTOR, when: str = "DoNotSchedule") -> dict[str, Any]:
    constraint = {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": when, "labelSelector": selector}
    return {"topologySpreadConstraints": [constraint]}


def skewed(most: object) -> dict[str, Any]:
    return {"topologySpreadConstraints": [{**topology()["topologySpreadConstraints"][0], "maxSkew": most}]}


ZONE = "topology.kubernetes.io/zone"


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        ({}, Spread.NONE),
        (anti(), Spread.HARD),
        (anti(hard=False), Spread.SOFT),
        (anti(ZONE), Spread.SOFT),
        (anti("rack"), Spread.NONE),
        (anti(selector={"matchLabels": {"k8s-app": "coredns"}}), Spread.NONE),
        (anti(selector={"matchExpressions": [expression("k8s-app", "In", "kube-dns")]}), Spread.HARD),
        (anti(selector={"matchExpressions": [expression("k8s-app", "NotIn", "kube-dns")]}), Spread.NONE),
        (anti(selector={"matchLabels": {"k8s-app": "{{ .Release.Name }}"}}), Spread.UNKNOWN),
        (anti(selector={}), Spread.HARD),
        (anti(selector=None), Spread.NONE),
        (topology(), Spread.HARD),
        (topology(when="ScheduleAnyway"), Spread.SOFT),
        (topology(ZONE), Spread.SOFT),
        (skewed(2), Spread.SOFT),
        (skewed(1), Spread.HARD),
        (skewed("${SKEW}"), Spread.HARD),
        (topology(selector=None), Spread.NONE),
        (topology(ZONE) | anti(), Spread.HARD),
        ({"topologySpreadConstraints": "{{ .Values.spread }}"}, Spread.UNKNOWN),
        ({"affinity": "{{ .Values.affinity }}"}, Spread.UNKNOWN),
    ],
)
def test_spread(spec: object, answer: Spread) -> None:
    assert spread(spec, OWN) is answer


@pytest.mark.parametrize(
    ("selector", "answer"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": 1}}, True),
        ({"matchLabels": {"a": "1", "b": "2"}}, False),
        ({"matchExpressions": [expression("b", "DoesNotExist")]}, True),
        ({"matchExpressions": [expression("a", "Exists")]}, True),
        ({"matchExpressions": [expression("b", "NotIn", "2")]}, True),
        ({"matchLabels": {"a": "${A}"}}, None),
        ({"matchLabels": {"a": "${A}", "b": "2"}}, False),
    ],
)
def test_selector_matches(selector: object, answer: bool | None) -> None:
    assert selector_matches(selector, {"a": "1"}) is answer
