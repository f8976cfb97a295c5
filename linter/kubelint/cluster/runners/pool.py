"""A runner pool: runners that one manifest makes, all alike, and the labels that they have.

What a runner is registered with follows actions-runner-controller (ARC) and actions/runner:

- legacy kinds (`actions.summerwind.dev`): the labels written in the manifest *and* those that `config.sh` adds by
  itself (`ConfigurationManager.cs`: `self-hosted`, the operating system, the architecture), unless
  `--no-default-labels` is given;
- runner scale sets (`actions.github.com`): the name of the set and its labels, nothing else
  (`autoscalingrunnerset_controller.go`, `createRunnerScaleSet`); charts before 0.14.0 know only the name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]

SELF_HOSTED = "self-hosted"
OPERATING_SYSTEMS = frozenset({"linux", "windows", "macos"})
ARCHITECTURES = frozenset({"x64", "arm", "arm64"})
PLATFORM_LABELS = OPERATING_SYSTEMS | ARCHITECTURES
UNRESOLVED = "${?}"
"""A name that files do not tell; as any template text it may turn out to be anything."""


@dataclass(frozen=True)
class RunnerPool:
    """Runners that one manifest makes, all alike.

    `labels`: as written, template text included. `has_list`: the manifest has a list of labels, be it empty.
    `certain` and `possible`: lower-case labels that a runner has, or may have, beyond the written ones.
    `open`: there may be labels that the file does not show (a list made by a template, values kept elsewhere).
    `group`: the runner group as written; None where none is. `labels_take_effect`: False for a scale set of a chart or
    controller that is too old to know labels. `config_url`: the GitHub repository, organization or enterprise that a
    scale set is registered with. `labels_path` and `name_path`: where they stand in the manifest, or would stand.
    """

    kind: Literal["legacy", "scale_set"]
    name: str
    resource: str = ""
    labels: tuple[str, ...] = ()
    has_list: bool = False
    certain: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    open: bool = False
    group: str | None = None
    labels_take_effect: bool = True
    config_url: str | None = None
    labels_path: Path = field(default=(), compare=False)
    name_path: Path = field(default=(), compare=False)

    @property
    def effective_labels(self) -> tuple[str, ...]:
        """The texts that become labels: for a scale set its name first. `config.sh --labels` splits at commas."""
        if self.kind == "scale_set":
            return (self.name, *self.labels) if self.labels_take_effect else (self.name,)
        return tuple(part.strip() for label in self.labels for part in _split(label) if part.strip())

    @cached_property
    def known(self) -> frozenset[str]:
        """The labels that its runners surely have, lower-case."""
        return self.certain.union(text.lower() for text in self.effective_labels if not has_template(text))

    @cached_property
    def templates(self) -> tuple[str, ...]:
        """The texts among its labels that may turn into others."""
        return tuple(filter(has_template, self.effective_labels))


def _split(label: str) -> list[str]:
    return [label] if has_template(label) else label.split(",")
