"""What the workloads of a release read, as its values tell: those of app-template, and of charts like most.

Follows bjw-s-labs/helm-charts, `charts/library/common`; of other charts it is taken for granted that what looks like
the environment of a container is one, and that what is called annotations becomes some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.cluster.reloader import DOMAIN
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, Project
from kubelint.manifests.releases import Release
from kubelint_rules.rotation.consumers import Consumer, Use, annotations_of, env_uses, release_scope

_WRAPPERS = frozenset({"HelmRelease", "HelmChart", "Application", "ApplicationSet", "helmfile", "helmCharts"})
_KINDS = {"statefulset": "StatefulSet", "daemonset": "DaemonSet"}
_ONE_RUN = frozenset({"cronjob", "job"})
_ONE_RUN_KEY = re.compile(r"job|hook|migrat|init|test|backup|cron", re.IGNORECASE)
_RELEASE_NAME = re.compile(r"\{\{-?\s*\$?\.Release\.Name\s*-?\}\}")


def release_consumers(project: Project, release: Release) -> Iterator[Consumer]:
    """The workloads of a release that its values tell of; what a patch or values from elsewhere may change is open."""
    if release.partial or release.wrapper not in _WRAPPERS or release.chart.folder is not None:
        return
    values = release.values
    if values.absent or values.unknown:
        return
    is_open = bool(getattr(values, "hidden", False)) or _is_rewritten(release)
    if release.chart.name == "app-template" and isinstance(values.get("controllers").value, dict):
        yield from _app_template(release, is_open)
    elif values.get("controller", "type").text not in _ONE_RUN:
        yield _any_chart(release, is_open)


def _is_rewritten(release: Release) -> bool:
    """Whether something annotates what the chart makes."""
    renderers, metadata = release.root.get("spec", "postRenderers"), release.root.get("spec", "commonMetadata")
    if renderers.unknown or metadata.unknown or metadata.get("annotations").unknown:
        return True
    return "annotations" in str(renderers.value) or DOMAIN in f"{renderers.value}{metadata.value}"


def _app_template(release: Release, is_open: bool) -> Iterator[Consumer]:
    values = release.values
    shared, shared_open = annotations_of(values.get("defaultPodOptions", "annotations"))
    everywhere, everywhere_open = annotations_of(values.get("global", "annotations"))
    controllers = [pair for pair in values.get("controllers").items() if isinstance(pair[1].value, dict)]
    for name, controller in controllers:
        if controller.get("type").unknown or controller.get("type").text in _ONE_RUN:
            continue
        if controller.get("enabled").boolean is False:
            continue
        own, own_open = annotations_of(controller.get("annotations"))
        pod, pod_open = annotations_of(controller.get("pod", "annotations"))
        uses = [*_controller_uses(controller, values.get("secrets")), *_persistence_uses(values, name)]
        yield Consumer(
            release.display if len(controllers) == 1 else f"{release.display}, controller {name}",
            _KINDS.get(controller.get("type").text or "", "Deployment"),
            None,
            release.scope,
            release_scope(release),
            release.file,
            everywhere | own,
            shared | pod,
            is_open or shared_open or everywhere_open or own_open or pod_open,
            tuple(_named(release, uses)),
            controller if type(controller) is Field else None,
        )


def _controller_uses(controller: Field, own: Field) -> Iterator[Use]:
    holders = [controller.get("defaultContainerOptions")]
    for key in ("containers", "initContainers"):
        holders += [container for _, container in controller.get(key).items()]
    for holder in holders:
        if holder.get("enabled").boolean is not False:
            yield from env_uses(holder)
            for entry in holder.get("envFrom").elements():
                name = entry.get("secret")  # the identifier of one of the chart's own, or a name
                if isinstance(name.value, str) and not own.unknown and not own.get(name.value).exists:
                    yield Use(name.value, name, "envFrom")


def _persistence_uses(values: Field, controller: str) -> Iterator[Use]:
    """The Secrets of which app-template mounts a single path in the pods of a controller."""
    for _, entry in values.get("persistence").items():
        name = entry.get("name")
        is_off = entry.get("enabled").unknown or entry.get("enabled").boolean is False
        if is_off or entry.get("type").value != "secret" or not isinstance(name.value, str):
            continue
        mounts = list(entry.get("globalMounts").elements())
        for _, container in entry.get("advancedMounts", controller).items():
            mounts += container.elements()
        for mount in mounts:
            if mount.get("subPath").value:
                yield Use(name.value, mount.get("subPath"), "subPath")


def _any_chart(release: Release, is_open: bool) -> Consumer:
    annotations: dict[str, object] = {}
    uses: list[Use] = []
    for name, field in _mappings(release.values, ""):
        is_open = is_open or any(key.lower().endswith("annotations") and child.unknown for key, child in field.items())
        if name.lower().endswith("annotations"):
            found, unknown = annotations_of(field)
            annotations |= found
            is_open = is_open or unknown
        uses += _uses_in(name, field)
    return Consumer(
        release.display, None, None, release.scope, release_scope(release), release.file, annotations, {}, is_open,
        tuple(_named(release, uses)), None,
    )  # fmt: skip


def _mappings(field: Field, name: str) -> Iterator[tuple[str, Field]]:
    """Every mapping among values, with the key that it, or the list that it is part of, stands at."""
    if isinstance(field.value, dict):
        yield name, field
        for key, child in field.items():
            if not _ONE_RUN_KEY.search(key):
                yield from _mappings(child, key)
    elif isinstance(field.value, list):
        for item in field.elements():
            yield from _mappings(item, name)


def _uses_in(name: str, field: Field) -> Iterator[Use]:
    ref = field.get("valueFrom", "secretKeyRef", "name")
    if isinstance(ref.value, str):
        yield Use(ref.value, ref, "env")
    ref = field.get("secretRef", "name")
    if isinstance(ref.value, str) and "envfrom" in name.lower():
        yield Use(ref.value, ref, "envFrom")


def _named(release: Release, uses: list[Use]) -> Iterator[Use]:
    """The uses whose Secret is known, with the release's name filled in where the chart's templates would."""
    for use in uses:
        name = use.secret
        if release.name is not None:
            name = _RELEASE_NAME.sub(lambda _: str(release.name), name)
        if not has_template(name):
            yield use._replace(secret=name)
