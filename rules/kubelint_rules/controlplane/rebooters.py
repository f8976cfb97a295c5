"""What reboots nodes by itself, and how many control-plane nodes at a time: kured, and OpenShift's pools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.cluster.images import repository
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.upgrade_plans import labels_select_control_plane
from kubelint.cluster.verdicts import Verdict
from kubelint.manifests import Container, Edit, Field, KubeObject, Project
from kubelint.manifests.field import FieldSlice
from kubelint.manifests.releases import Release

_CONCURRENCY = re.compile(r"--concurrency(?:=| )(\d{1,6})", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})%", re.ASCII)
_USUAL = (3, 5)
"""How many nodes an OpenShift control plane has."""
_TAINTS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


class Rebooter(NamedTuple):
    """Something that may reboot `number` control-plane nodes at once, the place that says so, and its mending."""

    display: str
    number: int
    at: Field | FieldSlice
    scope: str
    edit: Edit | None


def rebooters(project: Project) -> Iterator[Rebooter]:
    """Everything in the tree that certainly reboots control-plane nodes, and whose number is known."""
    for release in project.releases:
        if release.chart.name == "kured" and not release.partial:
            yield from _release(release)
    for pod in project.pods:
        if pod.obj.kind == "DaemonSet" and not pod.partial and _runs_on_control_plane(pod.spec):
            for container in pod.containers:
                yield from _container(container, pod.obj, project)
    for pool in project.objects("MachineConfigPool", group="machineconfiguration.openshift.io"):
        yield from _pool(pool, project)


def _release(release: Release) -> Iterator[Rebooter]:
    """The chart tolerates the taints of control planes by itself."""
    values = release.values
    selector, affinity = values.get("nodeSelector"), values.get("affinity")
    if selector.unknown or affinity.exists or labels_select_control_plane(selector.value) is not Verdict.YES:
        return
    if values.get("tolerations").exists and not _tolerates(values.get("tolerations")):
        return
    for steps in (("configuration", "concurrency"), ("extraArgs", "concurrency")):
        field = values.get(*steps)
        number = field.integer if field.integer is not None else _number(field.text)
        if number is not None:
            yield Rebooter(release.display, number, field, release.scope, field.replace('"1"' if field.text else "1"))


def _runs_on_control_plane(spec: Field) -> bool:
    selector = spec.get("nodeSelector")
    if selector.unknown or spec.get("affinity").exists or not _tolerates(spec.get("tolerations")):
        return False
    return labels_select_control_plane(selector.value) is Verdict.YES


def _tolerates(tolerations: Field) -> bool:
    """Whether the taints of control planes are tolerated; without that it depends on the cluster's taints."""
    found = list(map(as_mapping, as_list(tolerations.value)))
    return any(
        item.get("key") in _TAINTS or (item.get("operator") == "Exists" and not item.get("key")) for item in found
    )


def _container(container: Container, obj: KubeObject, project: Project) -> Iterator[Rebooter]:
    image = container.image.text
    if image is None or repository(image).rpartition("/")[2] != "kured":
        return
    for name in ("command", "args"):
        words = list(container.get(name).elements())
        for index, word in enumerate(words):
            match = _CONCURRENCY.fullmatch(word.text or "")
            if match is not None:
                at = word.slice(match.start(1), match.end(1))
                edit = word.replace(f"--concurrency{word.value[13]}1")
                yield Rebooter(obj.display, int(match[1]), at, obj.scope, edit)
            elif word.text == "--concurrency" and index + 1 < len(words):
                yield from _next(words[index + 1], obj)


def _next(word: Field, obj: KubeObject) -> Iterator[Rebooter]:
    number = _number(word.text)
    if number is not None:
        yield Rebooter(obj.display, number, word, obj.scope, word.replace('"1"'))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else None


def _pool(pool: KubeObject, project: Project) -> Iterator[Rebooter]:
    field = pool.field("spec", "maxUnavailable")
    if pool.name != "master" or pool.partial or project.may_be_patched(pool, "spec", "maxUnavailable"):
        return
    number = field.integer if field.integer is not None else _share(field.text)
    if number is not None:
        yield Rebooter(pool.display, number, field, pool.scope, field.replace("1"))


def _share(text: str | None) -> int | None:
    """The nodes that a percentage is at the least, of a control plane of a usual size; it is rounded down."""
    match = _PERCENT.fullmatch(text or "")
    return min(size * int(match[1]) // 100 for size in _USUAL) if match else None
