"""What a Plan of the system-upgrade-controller does to which nodes.

Source: rancher/system-upgrade-controller ``pkg/apis/upgrade.cattle.io/v1/types.go`` and ``pkg/upgrade/plan/plan.go``:
``nodeSelector`` is a label selector over nodes, none selects every node; ``concurrency`` nodes are upgraded at a time;
``prepare`` runs first on each node, and the upgrade images of k3s and RKE2 wait there for the Plan that they are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kubelint.cluster.images import repository
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template
from kubelint.cluster.verdicts import Verdict

_ROLE = "node-role.kubernetes.io/"
_LEADING = frozenset({f"{_ROLE}control-plane", f"{_ROLE}master", f"{_ROLE}etcd"})
"""The roles of those whose absence costs quorum; k3s and RKE2 give the last one to the members of their etcd."""
_VALUES = frozenset({"true", ""})
"""k3s and RKE2 set the role's label to `true`, kubeadm to nothing."""
_EVERYWHERE = frozenset({"kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch"})
_UPGRADE_IMAGE = re.compile(r"(?:^|/)(k3s|rke2)-upgrade$")


def selects_control_plane(selector: object) -> Verdict:
    """May a label selector over nodes choose control-plane nodes?

    YES where no label but those of roles, of the operating system and of the architecture decides, and these let a
    control-plane node pass; NO where they keep all of them out; UNKNOWN where labels decide that the cluster gives.
    """
    if selector is None:
        return Verdict.YES
    if not isinstance(selector, Mapping):
        return Verdict.UNKNOWN
    return Verdict.every(_requirements(selector))


def is_control_plane_only(selector: object) -> bool:
    """Does a label selector over nodes choose control-plane nodes and no others, by their role?"""
    asked = [as_mapping(item) for item in as_list(as_mapping(selector).get("matchExpressions"))]
    labels = as_mapping(as_mapping(selector).get("matchLabels"))
    return any(item.get("key") in _LEADING and item.get("operator") in ("Exists", "In") for item in asked) or any(
        key in _LEADING for key in labels
    )


def labels_select_control_plane(labels: object) -> Verdict:
    """The same of a pod's ``nodeSelector``, which is labels only."""
    return selects_control_plane({"matchLabels": labels} if labels else None)


def _requirements(selector: Mapping[str, object]) -> Iterator[Verdict]:
    for key, value in as_mapping(selector.get("matchLabels")).items():
        yield _verdict(str(key), "In", [value])
    for item in as_list(selector.get("matchExpressions")):
        expression = as_mapping(item)
        yield _verdict(expression.get("key"), expression.get("operator"), as_list(expression.get("values")))


def _verdict(key: object, operator: object, values: list[object]) -> Verdict:
    if not isinstance(key, str) or not isinstance(operator, str) or _any_template(key, operator, *values):
        return Verdict.UNKNOWN
    if key in _EVERYWHERE:
        return Verdict.YES
    if key.startswith(_ROLE):
        return _of_role(key, operator, {str(value) for value in values})
    return Verdict.YES if operator in ("NotIn", "DoesNotExist") else Verdict.UNKNOWN


def _of_role(key: str, operator: str, values: set[str]) -> Verdict:
    leading = key in _LEADING
    if operator == "Exists":
        return Verdict.YES if leading else Verdict.UNKNOWN
    if operator == "DoesNotExist":
        return Verdict.NO if leading else Verdict.UNKNOWN
    fits = not _VALUES.isdisjoint(values)
    if operator == "In" and leading:
        return Verdict.YES if fits else Verdict.NO
    if operator == "NotIn" and leading:
        return Verdict.NO if fits else Verdict.YES
    return Verdict.UNKNOWN


def _any_template(*values: object) -> bool:
    return any(isinstance(value, str) and has_template(value) for value in values)


def distribution(plan: object) -> str | None:
    """`k3s` or `rke2` where the upgrade image of a Plan's ``spec`` is theirs; None for any other image."""
    image = as_mapping(as_mapping(plan).get("upgrade")).get("image")
    if not isinstance(image, str) or has_template(image):
        return None
    match = _UPGRADE_IMAGE.search(repository(image))
    return match[1] if match else None


def awaited_plan(plan: object) -> str | None:
    """The Plan that a Plan's ``prepare`` waits for: `k3s-server` of `args: ["prepare", "k3s-server"]`.

    None where it waits for none, or for one that is not known.
    """
    arguments = as_list(as_mapping(as_mapping(plan).get("prepare")).get("args"))
    words = [word for word in arguments if isinstance(word, str)]
    if len(words) != 2 or words[0] != "prepare" or has_template(words[1]):
        return None
    return words[1]
