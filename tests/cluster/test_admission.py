"""Facts about what admission adds to a pod before the scheduler sees it."""

from __future__ import annotations

from typing import Any

import pytest

from kubelint.cluster.scheduling import NAMESPACE_SELECTOR, admit, namespace_selector

ARCH = "kubernetes.io/arch"
GPU = {"key": "gpu", "operator": "Exists"}


def namespace(annotation: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": {NAMESPACE_SELECTOR: annotation}}}


@pytest.mark.parametrize(
    ("annotation", "selector"),
    [
        ("disk=ssd", {"disk": "ssd"}),
        (" disk = ssd , kubernetes.io/arch=arm64", {"disk": "ssd", ARCH: "arm64"}),
        ("disk=", {"disk": ""}),
        ("${SELECTOR}", "${SELECTOR}"),
        ("", None),
        ("disk", None),
        ("disk==ssd", None),
        ("disk in (ssd)", None),
        (1, None),
        (None, None),
    ],
)
def test_namespace_selector(annotation: object, selector: object) -> None:
    assert namespace_selector(namespace(annotation)) == selector


@pytest.mark.parametrize("value", [None, [], "x", {"metadata": []}, {"metadata": {"annotations": "x"}}])
def test_a_namespace_without_annotations(value: object) -> None:
    assert namespace_selector(value) is None


def test_the_namespace_adds_to_the_selector() -> None:
    found = admit({"nodeSelector": {"disk": "ssd"}}, namespace=namespace("kubernetes.io/arch=arm64"))
    assert found.spec["nodeSelector"] == {"disk": "ssd", ARCH: "arm64"}
    assert not found.refused


@pytest.mark.parametrize(
    ("spec", "annotation"),
    [({"nodeSelector": {"disk": "${DISK}"}}, "disk=ssd"), ({"nodeSelector": {"disk": "ssd"}}, "disk=ssd")],
)
def test_what_the_pod_says_itself_stays(spec: dict[str, Any], annotation: str) -> None:
    assert admit(spec, namespace=namespace(annotation)) == (spec, "")


def test_a_selector_that_contradicts_the_namespace_is_refused() -> None:
    found = admit({"nodeSelector": {"disk": "hdd"}}, namespace=namespace("disk=ssd"))
    assert found.refused == "`disk` is `hdd` here and `ssd` in the node selector of its namespace"


def test_template_text_stays_unknown() -> None:
    assert admit({}, namespace=namespace("${S}")).spec == {"nodeSelector": "${S}"}
    assert admit({"nodeSelector": "${S}"}, namespace=namespace("disk=ssd")).spec == {"nodeSelector": "${S}"}


NVIDIA = {"handler": "nvidia", "scheduling": {"nodeSelector": {"gpu": "yes"}, "tolerations": [GPU]}}
CLASSES = {"nvidia": NVIDIA, "plain": {"handler": "runc"}, "odd": {"scheduling": {"nodeSelector": "${S}"}}, "broken": 3}


def test_a_runtime_class_adds_selector_and_tolerations() -> None:
    own = {"key": "own", "operator": "Exists"}
    spec = {"runtimeClassName": "nvidia", "nodeSelector": {"disk": "ssd"}, "tolerations": [own]}
    found = admit(spec, runtime_classes=CLASSES)
    assert found.spec == {"nodeSelector": {"disk": "ssd", "gpu": "yes"}, "tolerations": [own, GPU]}
    assert spec["nodeSelector"] == {"disk": "ssd"}


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("plain", {}),
        ("broken", {}),
        ("odd", {"nodeSelector": "${S}"}),
        ("elsewhere", {"runtimeClassName": "elsewhere"}),
        ("${CLASS}", {"runtimeClassName": "${CLASS}"}),
        (None, {"runtimeClassName": None}),
    ],
)
def test_runtime_classes(name: object, spec: dict[str, Any]) -> None:
    assert admit({"runtimeClassName": name}, runtime_classes=CLASSES).spec == spec


def test_a_selector_that_contradicts_the_runtime_class_is_refused() -> None:
    found = admit({"runtimeClassName": "nvidia", "nodeSelector": {"gpu": "no"}}, runtime_classes=CLASSES)
    assert found.refused == "`gpu` is `no` here and `yes` in the node selector of RuntimeClass `nvidia`"


def test_tolerations_that_are_template_text_stay_unknown() -> None:
    spec = {"runtimeClassName": "nvidia", "tolerations": "${T}"}
    assert admit(spec, runtime_classes=CLASSES, daemon=True).spec["tolerations"] == "${T}"


def test_daemons_get_tolerations() -> None:
    tolerations = admit({"tolerations": [GPU]}, daemon=True).spec["tolerations"]
    assert isinstance(tolerations, list) and tolerations[0] == GPU and len(tolerations) == 7


@pytest.mark.parametrize("value", [None, [], "x", 1, {"nodeSelector": []}, {"tolerations": {}, "runtimeClassName": []}])
def test_no_value_breaks_it(value: object) -> None:
    admit(value, namespace=value, runtime_classes=CLASSES, daemon=True)
