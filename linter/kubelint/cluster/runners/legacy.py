"""Runner pools of ARC's legacy kinds (`actions.summerwind.dev`), and what their controller adds to all of them.

Manifests and values are plain mappings. What files do not tell makes a pool `open`; nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.runners.pool import ARCHITECTURES, OPERATING_SYSTEMS, SELF_HOSTED, UNRESOLVED, RunnerPool
from kubelint.cluster.runners.reading import LEGACY_GROUP, as_text, at, group_of, is_template, label_list, text_at
from kubelint.cluster.templates import has_template

CONFIG_PATHS: dict[str, tuple[str, ...]] = {
    "Runner": ("spec",),
    "RunnerReplicaSet": ("spec", "template", "spec"),
    "RunnerDeployment": ("spec", "template", "spec"),
    "RunnerSet": ("spec",),
}
"""Where each legacy kind keeps its RunnerConfig (`apis/actions.summerwind.net/v1alpha1/*_types.go`)."""

SCOPES = ("enterprise", "organization", "repository")
"""The keys of a RunnerConfig that say where its runners are registered (`runner_types.go`, `RunnerConfig`)."""

RUNNERS_CHART = "actions-runner"
CONTROLLER_CHART = "actions-runner-controller"
NO_DEFAULT_LABELS = "ACTIONS_RUNNER_INPUT_NO-DEFAULT-LABELS"
"""The variable that actions/runner reads as `--no-default-labels` (`CommandSettings.cs`, `TestFlag`)."""

_STOCK_IMAGE = re.compile(
    r"(?:[\w.:-]+/)*(?:summerwind|actions-runner-controller)/actions-runner(?:-dind(?:-rootless)?)?(?:[:@].*)?"
)
_ARCH_LABELS = {"amd64": "x64", "arm64": "arm64", "arm": "arm"}
_SYSTEM_KEYS = ("kubernetes.io/os", "beta.kubernetes.io/os")
_ARCHITECTURE_KEYS = ("kubernetes.io/arch", "beta.kubernetes.io/arch")


@dataclass(frozen=True)
class Controller:
    """What ARC's legacy controller is told for all runners: its image for those that name none, labels for all.

    `runner_image`: None for the stock one.
    """

    runner_image: str | None = None
    common_labels: frozenset[str] = frozenset()


def controller_of_arguments(arguments: Sequence[str]) -> Controller:
    """The controller that runs with these arguments (`main.go`: `--runner-image`, `--common-runner-labels`)."""
    image = _option(arguments, "runner-image")
    labels = _option(arguments, "common-runner-labels") or ""
    return Controller(image, frozenset(part.strip().lower() for part in labels.split(",") if part.strip()))


def controller_of_values(values: Mapping[str, object]) -> Controller:
    """The controller that the chart `actions-runner-controller` installs with these values (its `deployment.yaml`)."""
    return Controller(text_at(values, "image", "actionsRunnerRepositoryAndTag"))


def legacy_pool(manifest: Mapping[str, object], controller: Controller | None = None) -> RunnerPool | None:
    """The pool of a Runner, RunnerReplicaSet, RunnerDeployment or RunnerSet; None for anything else.

    `runner_controller.go`, `newRunnerPodWithContainerMode` (`RUNNER_LABELS`); actions/runner `ConfigurationManager.cs`.
    """
    kind = manifest.get("kind")
    if group_of(manifest) != LEGACY_GROUP or not isinstance(kind, str) or kind not in CONFIG_PATHS:
        return None
    path = CONFIG_PATHS[kind]
    config = at(manifest, *path)
    labels, has_list, is_open = label_list(at(config, "labels"))
    pod = as_mapping(at(manifest, "spec", "template", "spec"))
    certain, possible = _own_labels(as_mapping(config), pod, controller or Controller())
    return RunnerPool(
        kind="legacy",
        name=text_at(manifest, "metadata", "name") or UNRESOLVED,
        resource=kind,
        labels=labels,
        has_list=has_list,
        certain=certain,
        possible=possible,
        open=is_open or any(is_template(at(manifest, *path[:length])) for length in range(1, len(path) + 1)),
        group=text_at(config, "group"),
        labels_path=(*path, "labels"),
        name_path=("metadata", "name"),
    )


def released_runners(values: Mapping[str, object], name: str = UNRESOLVED) -> RunnerPool:
    """The pool of a release of ARC's example chart `actions-runner`; its path of labels leads through the values.

    The chart makes a RunnerDeployment out of `runnerLabels`, `image`, `group`, `organization`, `repository`, `env`
    (`contrib/examples/actions-runner/templates/deployment.yaml`). A copy that names its labels otherwise is `open`.
    """
    deployment = {
        "apiVersion": f"{LEGACY_GROUP}/v1alpha1",
        "kind": "RunnerDeployment",
        "metadata": {"name": name},
        "spec": {"template": {"spec": _released_config(values)}},
    }
    pool = legacy_pool(deployment)
    assert pool is not None
    return replace(pool, open=pool.open or not pool.has_list, labels_path=("runnerLabels",), name_path=())


def scopes_written(config: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of enterprise, organization and repository a RunnerConfig surely sets, and which it may set.

    Exactly one has to be set; the empty string is not set (`runner_types.go`, `RunnerSpec.validateRepository`).
    """
    if is_template(config):
        return (), SCOPES
    held = {key: at(config, key) for key in SCOPES}
    perhaps = tuple(key for key, value in held.items() if is_template(value))
    return tuple(key for key, value in held.items() if key not in perhaps and as_text(value)), perhaps


def _released_config(values: Mapping[str, object]) -> dict[str, object]:
    image = at(values, "image")
    repository = text_at(image, "repository")
    tag = text_at(image, "tag")
    config: dict[str, object] = {"labels": at(values, "runnerLabels"), "group": text_at(values, "group") or "Default"}
    config["nodeSelector"] = at(values, "nodeSelector")
    if repository is not None:
        config["image"] = f"{repository}:{tag}" if tag else repository
    variables = as_mapping(at(values, "env")).items()
    config["env"] = [{"name": key, "value": as_text(value) or str(value).lower()} for key, value in variables]
    return config


def _option(arguments: Sequence[str], name: str) -> str | None:
    """What `--name=value` or `--name value` says, given last; Go takes one dash as well."""
    found: str | None = None
    for index, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag in (f"--{name}", f"-{name}"):
            found = value if equals else next(iter(arguments[index + 1 : index + 2]), "")
    return found or None


def _own_labels(
    config: Mapping[str, object], pod: Mapping[str, object], controller: Controller
) -> tuple[frozenset[str], frozenset[str]]:
    """Labels that the runner is given beyond the list: those that are certain, and those that may be."""
    containers = list(_runner_containers(config, pod))
    holders = (config, *containers)
    common = controller.common_labels
    dropped = [_drops_default_labels(holder) for holder in holders]
    if True in dropped:
        return frozenset(), common
    selector = {**as_mapping(config.get("nodeSelector")), **as_mapping(pod.get("nodeSelector"))}
    images = [text for holder in holders if (text := as_text(holder.get("image")))] or _default_image(controller)
    systems, architectures = _system(selector, images), _architecture(selector)
    labels = frozenset({SELF_HOSTED}) | systems | architectures
    own_start = any(container.get("command") or container.get("args") for container in containers)
    if own_start or None in dropped or not all(map(_stock, images)):
        return frozenset(), labels | common
    certain = {SELF_HOSTED} | {label for group in (systems, architectures) if len(group) == 1 for label in group}
    return frozenset(certain), labels | common


def _default_image(controller: Controller) -> list[str]:
    return [controller.runner_image] if controller.runner_image else []


def _runner_containers(config: Mapping[str, object], pod: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for holder in (config, pod):
        for entry in as_list(holder.get("containers")):
            if as_mapping(entry).get("name") == "runner":
                yield as_mapping(entry)


def _drops_default_labels(holder: Mapping[str, object]) -> bool | None:
    """Whether the variables switch the runner's own labels off; None where the value stands elsewhere."""
    found: bool | None = False
    for entry in map(as_mapping, as_list(holder.get("env"))):
        if entry.get("name") == NO_DEFAULT_LABELS:
            value = str(entry.get("value", ""))
            hidden = has_template(value) or entry.get("valueFrom") is not None
            found = None if hidden else value.lower() in ("true", "1")
    return found


def _stock(image: str) -> bool:
    return _STOCK_IMAGE.fullmatch(image) is not None


def _system(selector: Mapping[str, object], images: Iterable[str]) -> frozenset[str]:
    value = _selected(selector, _SYSTEM_KEYS)
    if value and has_template(value):
        return OPERATING_SYSTEMS - {"macos"}
    windows = value == "windows" or (value is None and any("windows" in image.lower() for image in images))
    return frozenset({"windows" if windows else "linux"})


def _architecture(selector: Mapping[str, object]) -> frozenset[str]:
    value = _selected(selector, _ARCHITECTURE_KEYS)
    return frozenset({_ARCH_LABELS[value]}) if value in _ARCH_LABELS else ARCHITECTURES


def _selected(selector: Mapping[str, object], keys: Iterable[str]) -> str | None:
    return next((text for key in keys if (text := as_text(selector.get(key)))), None)
