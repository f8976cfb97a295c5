"""Which taints a pod tolerates.

Source: kubernetes ``staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubelint.cluster.plain import as_list, as_mapping


def tolerates(spec: object, taints: Iterable[Mapping[str, object]]) -> bool:
    """May the pod be placed beside these taints?  Only ``NoSchedule`` and ``NoExecute`` keep a pod away."""
    tolerations = [as_mapping(entry) for entry in as_list(as_mapping(spec).get("tolerations"))]
    hard = [taint for taint in taints if taint.get("effect") in ("NoSchedule", "NoExecute")]
    return all(any(_tolerates_one(toleration, taint) for toleration in tolerations) for taint in hard)


def _tolerates_one(toleration: Mapping[str, object], taint: Mapping[str, object]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    key = toleration.get("key")
    if toleration.get("operator") == "Exists":
        return not key or key == taint.get("key")
    return bool(key) and key == taint.get("key") and (toleration.get("value") or "") == (taint.get("value") or "")
