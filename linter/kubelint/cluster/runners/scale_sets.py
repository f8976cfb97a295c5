"""Runner pools of runner scale sets (`actions.github.com`): as objects, and as values of their Helm charts.

What files do not tell makes a pool `open` or gives it the name `UNRESOLVED`; nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.runners.pool import UNRESOLVED, RunnerPool
from kubelint.cluster.runners.reading import (
    SCALE_SET_GROUP,
    at,
    group_of,
    is_template,
    label_list,
    text_at,
)
from kubelint.cluster.templates import has_template

CHART = "gha-runner-scale-set"
EXPERIMENTAL_CHART = "gha-runner-scale-set-experimental"
FIRST_CHART = "auto-scaling-runner-set"
"""What the chart was called before 0.3.0."""

CHARTS = frozenset({CHART, EXPERIMENTAL_CHART, FIRST_CHART})
FIRST_CHART_WITH_LABELS = "0.14.0"
LONGEST_NAME = 45
"""Characters of a name that the charts take (`autoscalingrunnerset.yaml`): more would not fit the listener's pod."""

LONGEST_LABEL = 255
"""Characters of a label that the charts take."""

VERSION_LABEL = "app.kubernetes.io/version"
_CHART_FILE = re.compile(r"(?:[:@].*|-\d+\.\d+\.\d+.*\.tgz)$")
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.\d+")

ValuePath = tuple[str, ...]


class ValueKeys(NamedTuple):
    """Where a chart looks for what names its scale set."""

    name: ValuePath
    labels: ValuePath
    group: ValuePath
    config_url: ValuePath


PLAIN_KEYS = ValueKeys(("runnerScaleSetName",), ("scaleSetLabels",), ("runnerGroup",), ("githubConfigUrl",))
EXPERIMENTAL_KEYS = ValueKeys(
    ("scaleset", "name"), ("scaleset", "labels"), ("scaleset", "runnerGroup"), ("auth", "url")
)


def scale_set_pool(manifest: Mapping[str, object]) -> RunnerPool | None:
    """The pool of an AutoscalingRunnerSet, named as in `createRunnerScaleSet`; None for anything else.

    `autoscalingrunnerset_controller.go`: the name, then `spec.runnerScaleSetLabels`. The object's label
    `app.kubernetes.io/version` is that of the only controller which takes it, and one before 0.14.0 knows no labels.
    """
    if group_of(manifest) != SCALE_SET_GROUP or manifest.get("kind") != "AutoscalingRunnerSet":
        return None
    spec = as_mapping(manifest.get("spec"))
    own_name = text_at(spec, "runnerScaleSetName")
    labels, has_list, is_open = label_list(spec.get("runnerScaleSetLabels"))
    return RunnerPool(
        kind="scale_set",
        name=own_name or text_at(manifest, "metadata", "name") or UNRESOLVED,
        resource="AutoscalingRunnerSet",
        labels=labels,
        has_list=has_list,
        open=is_open or is_template(manifest.get("spec")),
        group=text_at(spec, "runnerGroup"),
        labels_take_effect=not _before_labels(at(manifest, "metadata", "labels", VERSION_LABEL)),
        config_url=text_at(spec, "githubConfigUrl"),
        labels_path=("spec", "runnerScaleSetLabels"),
        name_path=("spec", "runnerScaleSetName") if own_name else ("metadata", "name"),
    )


@dataclass(frozen=True)
class ScaleSetRelease:
    """A release of a chart of runner scale sets: its name and the values that the chart is given.

    Either may hold template text, and `UNRESOLVED` stands for what is not known. `takes_labels`: False for a chart
    older than `FIRST_CHART_WITH_LABELS`.
    """

    values: Mapping[str, object]
    name: str = UNRESOLVED
    resource: str = ""
    takes_labels: bool = True

    @property
    def experimental(self) -> bool:
        """Whether the values are those of `gha-runner-scale-set-experimental`."""
        return isinstance(self.values.get("scaleset"), Mapping)

    def pool(self) -> RunnerPool:
        """The pool, named `runnerScaleSetName`, else as the release (`_helpers.tpl`, `scale-set-name`).

        Its paths lead through the values; that of a name which is the release's is empty.
        """
        keys = EXPERIMENTAL_KEYS if self.experimental else PLAIN_KEYS
        own_name = text_at(self.values, *keys.name)
        labels, has_list, is_open = label_list(at(self.values, *keys.labels))
        return RunnerPool(
            kind="scale_set",
            name=own_name or self.object_name,
            resource=self.resource,
            labels=labels,
            has_list=has_list,
            open=is_open,
            group=text_at(self.values, *keys.group),
            labels_take_effect=self.takes_labels,
            config_url=text_at(self.values, *keys.config_url),
            labels_path=keys.labels,
            name_path=keys.name if own_name not in (None, UNRESOLVED) else (),
        )

    @property
    def object_name(self) -> str:
        """The name that the chart holds against its limit of `LONGEST_NAME` characters.

        The experimental chart names the object apart from the set (`_defaults.tpl`, `autoscaling-runner-set.name`), and
        the controller falls back to the object's name where the set has none.
        """
        own_name = text_at(self.values, *PLAIN_KEYS.name)
        if not self.experimental:
            return own_name or self.name
        name = own_name or self.name
        return name if has_template(name) else name.replace("_", "-").removesuffix("-")


def is_scale_set_chart(reference: object) -> bool:
    """Whether a chart's name, address or path is that of runner scale sets (not that of their controller).

    actions-runner-controller `charts/gha-runner-scale-set*`, and `charts/auto-scaling-runner-set` before 0.3.0.
    """
    return chart_name(reference) in CHARTS


def chart_name(reference: object) -> str | None:
    """The name of a chart by what refers to it: its name, an address with or without a tag, a path, a package.

    Helm docs, "Use OCI-based registries" and `helm package`: a tag or digest follows, a package adds its version.
    """
    if not isinstance(reference, str):
        return None
    return _CHART_FILE.sub("", reference.rstrip("/").rpartition("/")[2])


def scale_sets_in(values: Mapping[str, object], depth: int = 2) -> Iterator[tuple[str, ...]]:
    """Where values of another chart, or of one that is not known, hold those of a scale set: the paths to them.

    They may be such values themselves, or hand them on under a key, `depth` steps down at most. Told by what the charts
    need (`values.yaml`): `githubConfigUrl` or `runnerScaleSetName`, or `auth.url` beside `scaleset`.
    """
    if _are_of_a_scale_set(values):
        yield ()
        return
    for key, inner in values.items() if depth else ():
        if isinstance(inner, Mapping):
            yield from ((key, *path) for path in scale_sets_in(inner, depth - 1))


def _are_of_a_scale_set(values: Mapping[str, object]) -> bool:
    if any(text_at(values, *path) for path in (PLAIN_KEYS.name, PLAIN_KEYS.config_url)):
        return True
    return bool(text_at(values, *EXPERIMENTAL_KEYS.config_url)) and isinstance(values.get("scaleset"), Mapping)


def _before_labels(version: object) -> bool:
    found = _VERSION.match(version) if isinstance(version, str) else None
    return found is not None and (int(found[1]), int(found[2])) < (0, 14)
