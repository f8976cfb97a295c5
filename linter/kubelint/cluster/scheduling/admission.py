"""What admission makes of a pod before the scheduler sees it.

Follows kubernetes ``plugin/pkg/admission/runtimeclass`` (on by default), ``plugin/pkg/admission/podnodeselector`` (off
by default, so that the annotation of a namespace may do nothing) and, for the pods of DaemonSets,
``pkg/controller/daemon/util/daemonset_util.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.scheduling.requirements import is_template
from kubelint.cluster.scheduling.taints import daemon_tolerations

NAMESPACE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"


class Admitted(NamedTuple):
    """A pod spec as the scheduler gets it. ``refused`` says why there is none, empty if it is taken."""

    spec: Mapping[str, object]
    refused: str = ""


def admit(
    spec: object,
    *,
    namespace: object = None,
    runtime_classes: Mapping[str, object] | None = None,
    daemon: bool = False,
) -> Admitted:
    """The pod spec after admission in ``namespace`` (a Namespace object), with ``runtime_classes`` by name.

    ``daemon``: whether a DaemonSet makes the pod. A class that is not among those given leaves the pod as it is.
    """
    pod = dict(as_mapping(spec))
    if daemon:
        pod["tolerations"] = _joined(pod.get("tolerations"), list(daemon_tolerations(pod)))
    classes, name = runtime_classes or {}, pod.get("runtimeClassName")
    if isinstance(name, str) and name in classes:
        admitted = _with_runtime_class(pod, name, as_mapping(classes[name]))
        if admitted.refused:
            return admitted
        pod = dict(admitted.spec)
    return _with_selector(pod, namespace_selector(namespace), "its namespace")


def namespace_selector(namespace: object) -> Mapping[str, object] | str | None:
    """The node selector in the annotation of a Namespace; template text as it is, None where there is none.

    Source: apimachinery ``pkg/labels/labels.go`` (``ConvertSelectorToLabelsMap``), which takes ``a=b,c=d`` alone; in
    what it refuses no pod is made, and nothing is claimed here.
    """
    annotations = as_mapping(as_mapping(as_mapping(namespace).get("metadata")).get("annotations"))
    text = annotations.get(NAMESPACE_SELECTOR)
    if not isinstance(text, str) or not text:
        return None
    if is_template(text):
        return text
    pairs = [part.split("=") for part in text.split(",")]
    return {pair[0].strip(): pair[1].strip() for pair in pairs} if all(len(pair) == 2 for pair in pairs) else None


def _with_runtime_class(pod: Mapping[str, object], name: str, runtime_class: Mapping[str, object]) -> Admitted:
    """A class without ``scheduling`` is taken to be on every node."""
    scheduling = as_mapping(runtime_class.get("scheduling"))
    rest = {key: value for key, value in pod.items() if key != "runtimeClassName"}
    if tolerations := as_list(scheduling.get("tolerations")):
        rest["tolerations"] = _joined(rest.get("tolerations"), tolerations)
    selector = scheduling.get("nodeSelector")
    known = selector if isinstance(selector, Mapping) or is_template(selector) else None
    return _with_selector(rest, known, f"RuntimeClass `{name}`")


def _with_selector(pod: Mapping[str, object], selector: object, whose: str) -> Admitted:
    own = pod.get("nodeSelector")
    if not selector or is_template(own):
        return Admitted(pod)
    if is_template(selector):
        return Admitted({**pod, "nodeSelector": selector})
    mine, theirs = as_mapping(own), as_mapping(selector)
    for key, value in theirs.items():
        if key in mine and mine[key] != value and not is_template(value) and not is_template(mine[key]):
            return Admitted(pod, f"`{key}` is `{mine[key]}` here and `{value}` in the node selector of {whose}")
    return Admitted({**pod, "nodeSelector": {**theirs, **mine}})


def _joined(own: object, more: list[object] | list[dict[str, object]]) -> object:
    """Tolerations are never taken away, so that it does not matter which of two for one taint stays."""
    return own if is_template(own) else [*as_list(own), *more]
