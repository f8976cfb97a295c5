"""Runner pools out of manifests: legacy ARC kinds and runner scale sets, the latter also as values of their Helm chart.

Manifests and values are plain mappings.  What files do not tell (values kept elsewhere, template text) makes a pool
``open`` or gives it the name ``UNRESOLVED``; nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.runners import (
    ARCHITECTURES,
    OPERATING_SYSTEMS,
    SELF_HOSTED,
    UNRESOLVED,
    RunnerPool,
)
from kubelint.cluster.templates import has_template

LEGACY_GROUP = "actions.summerwind.dev"
SCALE_SET_GROUP = "actions.github.com"
CHARTS = frozenset({"gha-runner-scale-set", "gha-runner-scale-set-experimental"})
CONFIG_PATHS: dict[str, tuple[str, ...]] = {
    "Runner": ("spec",),
    "RunnerReplicaSet": ("spec", "template", "spec"),
    "RunnerDeployment": ("spec", "template", "spec"),
    "RunnerSet": ("spec",),
}
"""Where each legacy kind keeps its RunnerConfig (``apis/actions.summerwind.net/v1alpha1/*_types.go``)."""

NO_DEFAULT_LABELS = "ACTIONS_RUNNER_INPUT_NO-DEFAULT-LABELS"
"""The variable that actions/runner reads as ``--no-default-labels`` (``CommandSettings.cs``, ``TestFlag``)."""

_STOCK_IMAGE = re.compile(
    r"(?:[\w.:-]+/)*(?:summerwind|actions-runner-controller)/actions-runner(?:-dind(?:-rootless)?)?(?:[:@].*)?"
)
_ARCH_LABELS = {"amd64": "x64", "arm64": "arm64", "arm": "arm"}


def legacy_pool(manifest: Mapping[str, object]) -> RunnerPool | None:
    """The pool of a Runner, RunnerReplicaSet, RunnerDeployment or RunnerSet; None for anything else."""
    kind = manifest.get("kind")
    if _group(manifest) != LEGACY_GROUP or not isinstance(kind, str) or kind not in CONFIG_PATHS:
        return None
    path = CONFIG_PATHS[kind]
    config = _at(manifest, *path)
    labels, has_list, is_open = _label_list(as_mapping(config).get("labels"))
    certain, possible = _own_labels(as_mapping(config), as_mapping(_at(manifest, "spec", "template", "spec")))
    return RunnerPool(
        kind="legacy",
        name=_text(_at(manifest, "metadata", "name")) or UNRESOLVED,
        resource=kind,
        labels=labels,
        has_list=has_list,
        certain=certain,
        possible=possible,
        open=is_open or isinstance(config, str),
        group=_text(as_mapping(config).get("group")),
        labels_path=(*path, "labels"),
        name_path=("metadata", "name"),
    )


def scale_set_pool(manifest: Mapping[str, object]) -> RunnerPool | None:
    """The pool of an AutoscalingRunnerSet, named as in ``createRunnerScaleSet``; None for anything else."""
    if _group(manifest) != SCALE_SET_GROUP or manifest.get("kind") != "AutoscalingRunnerSet":
        return None
    spec = as_mapping(manifest.get("spec"))
    own_name = _text(spec.get("runnerScaleSetName"))
    labels, has_list, is_open = _label_list(spec.get("runnerScaleSetLabels"))
    return RunnerPool(
        kind="scale_set",
        name=own_name or _text(_at(manifest, "metadata", "name")) or UNRESOLVED,
        resource="AutoscalingRunnerSet",
        labels=labels,
        has_list=has_list,
        open=is_open or isinstance(manifest.get("spec"), str),
        group=_text(spec.get("runnerGroup")),
        labels_path=("spec", "runnerScaleSetLabels"),
        name_path=("spec", "runnerScaleSetName") if own_name else ("metadata", "name"),
    )


@dataclass(frozen=True)
class ScaleSetRelease:
    """A release of the chart ``gha-runner-scale-set``: its name and the values that the chart is given.

    Either may hold template text, and ``UNRESOLVED`` stands for what is not known.  ``takes_labels``: False for a
    chart older than ``FIRST_CHART_WITH_LABELS``.
    """

    values: Mapping[str, object]
    name: str = UNRESOLVED
    resource: str = ""
    takes_labels: bool = True

    def pool(self) -> RunnerPool:
        """The pool, named ``runnerScaleSetName``, else as the release (``_helpers.tpl``, ``scale-set-name``).

        Its paths lead through the values; that of a name which is the release's is empty.
        """
        name_key, labels_key, group_key = self._keys()
        own_name = text_at(self.values, *name_key)
        labels, has_list, is_open = _label_list(_at(self.values, *labels_key))
        return RunnerPool(
            kind="scale_set",
            name=own_name or self.name,
            resource=self.resource,
            labels=labels,
            has_list=has_list,
            open=is_open,
            group=text_at(self.values, *group_key),
            labels_take_effect=self.takes_labels,
            labels_path=labels_key,
            name_path=name_key if own_name not in (None, UNRESOLVED) else (),
        )

    def _keys(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        if isinstance(self.values.get("scaleset"), Mapping):  # the chart gha-runner-scale-set-experimental
            return ("scaleset", "name"), ("scaleset", "labels"), ("scaleset", "runnerGroup")
        return ("runnerScaleSetName",), ("scaleSetLabels",), ("runnerGroup",)


def is_scale_set_chart(reference: object) -> bool:
    """Whether a chart's name, address or path is that of the runner scale set (not that of its controller)."""
    if not isinstance(reference, str):
        return False
    last = reference.rstrip("/").rpartition("/")[2]
    return re.sub(r"(?:[:@].*|-\d+\.\d+\.\d+.*\.tgz)$", "", last) in CHARTS


def scale_sets_in(values: Mapping[str, object], depth: int = 2) -> Iterator[tuple[str, ...]]:
    """Where values of another chart, or of one that is not known, hold those of a scale set: the paths to them.

    They may be such values themselves, or hand them on under a key, ``depth`` steps down at most.
    """
    if text_at(values, "runnerScaleSetName") or text_at(values, "githubConfigUrl"):
        yield ()
        return
    for key, inner in values.items() if depth else ():
        if isinstance(inner, Mapping):
            yield from ((key, *path) for path in scale_sets_in(inner, depth - 1))


def _own_labels(config: Mapping[str, object], pod: Mapping[str, object]) -> tuple[frozenset[str], frozenset[str]]:
    """Labels that ``config.sh`` adds: those that are certain, and those that may be."""
    containers = list(_runner_containers(config, pod))
    holders = (config, *containers)
    if any(map(_drops_default_labels, holders)):
        return frozenset(), frozenset()
    selector = {**as_mapping(config.get("nodeSelector")), **as_mapping(pod.get("nodeSelector"))}
    images = [text for holder in holders if (text := _text(holder.get("image")))]
    systems, architectures = _system(selector, images), _architecture(selector)
    labels = frozenset({SELF_HOSTED}) | systems | architectures
    own_start = any(container.get("command") or container.get("args") for container in containers)
    if own_start or not all(map(_stock, images)):
        return frozenset(), labels
    certain = {SELF_HOSTED} | {label for group in (systems, architectures) if len(group) == 1 for label in group}
    return frozenset(certain), labels


def _runner_containers(config: Mapping[str, object], pod: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for holder in (config, pod):
        for entry in as_list(holder.get("containers")):
            if as_mapping(entry).get("name") == "runner":
                yield as_mapping(entry)


def _drops_default_labels(holder: Mapping[str, object]) -> bool:
    entries = [as_mapping(entry) for entry in as_list(holder.get("env"))]
    return any(
        entry.get("name") == NO_DEFAULT_LABELS and str(entry.get("value", "")).lower() in ("true", "1")
        for entry in entries
    )


def _stock(image: str) -> bool:
    return _STOCK_IMAGE.fullmatch(image) is not None


def _system(selector: Mapping[str, object], images: Iterable[str]) -> frozenset[str]:
    value = _text(selector.get("kubernetes.io/os"))
    if value and has_template(value):
        return OPERATING_SYSTEMS - {"macos"}
    windows = value == "windows" or (value is None and any("windows" in image.lower() for image in images))
    return frozenset({"windows" if windows else "linux"})


def _architecture(selector: Mapping[str, object]) -> frozenset[str]:
    value = _text(selector.get("kubernetes.io/arch"))
    return frozenset({_ARCH_LABELS[value]}) if value in _ARCH_LABELS else ARCHITECTURES


def _label_list(value: object) -> tuple[tuple[str, ...], bool, bool]:
    """Labels of a list, whether there is a list, and whether there may be more than it shows."""
    if isinstance(value, list):
        return (
            tuple(text for entry in value if (text := _text(entry))),
            True,
            any(isinstance(e, (list, dict)) for e in value),
        )
    return (), False, isinstance(value, str) and has_template(value)


def _group(manifest: Mapping[str, object]) -> str:
    version = manifest.get("apiVersion")
    return version.rpartition("/")[0] if isinstance(version, str) else ""


def text_at(value: object, *steps: str) -> str | None:
    """The text at a path of mappings; numbers as text; None where there is none, or an empty one."""
    return _text(_at(value, *steps))


def _at(value: object, *steps: str) -> object:
    for step in steps:
        value = as_mapping(value).get(step)
    return value


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value) or None
