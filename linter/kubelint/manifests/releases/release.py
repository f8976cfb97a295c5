"""The one view of "chart X, version V, values M, namespace N, name R", whichever wrapper it was written in."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.layered import Layered
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.scopes import scope_of

Wrapper = Literal[
    "HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet", "helmfile", "helmCharts", "chart",
    "dependency", "helm upgrade",
]  # fmt: skip
Form = Literal["inline", "text", "assignments", "ConfigMap", "generator", "file", "defaults", "outside"]


class ChartRef(NamedTuple):
    """Which chart. What files do not tell is None.

    `name` is the chart's own name (`coredns`, the last step of an OCI address); `repository` an address; `version` what
    is asked for, exact or a range, as written; `folder` the chart's directory where it is part of the tree; `at` the
    field that names the chart.
    """

    name: str | None
    repository: str | None
    version: str | None
    folder: str | None
    at: Field


class ValuesSource(NamedTuple):
    """One of the places that values come from. Its field is unknown where the values are `outside` of the tree."""

    form: Form
    values: Field
    at: Field
    """The field of the wrapper that brings the values in."""


class Release:
    """One release of a chart. `sources` are in order of precedence, highest first."""

    def __init__(
        self,
        wrapper: Wrapper,
        root: Field,
        chart: ChartRef,
        *,
        name: str | None,
        namespace: str | None,
        sources: tuple[ValuesSource, ...],
        obj: KubeObject | None = None,
        name_at: Field | None = None,
    ) -> None:
        self.wrapper: Wrapper = wrapper
        self.root = root
        """Where the release is written: the object, the entry of a list, the command."""
        self.chart = chart
        self.name = name
        """The release's name as Helm knows it; None where it is unknown."""
        self.name_at = name_at if name_at is not None and name_at.exists else chart.at
        """The field that the name is taken from; that of the chart where nothing names the release."""
        self.namespace = namespace
        """Where it is installed; None where that is unknown."""
        self.sources = sources
        self.obj = obj
        self.document = root.document
        self.file = root.document.file

    def __repr__(self) -> str:
        return f"<Release {self.display} in {self.file}>"

    @cached_property
    def values(self) -> Field:
        """What the chart is given, merged; each value is where it was written. Absent where nothing is given."""
        layers = [source.values for source in self.sources]
        if not layers:
            return self.root.get("values") if self.obj is None else self.obj.field("spec", "values")
        return Layered(layers)

    @cached_property
    def scope(self) -> str:
        """The cluster or overlay that the release belongs to."""
        return (
            self.obj.scope
            if self.obj is not None
            else scope_of(self.document.belongs_to, self.document.repository, self.document.rendering)
        )

    @property
    def partial(self) -> bool:
        """Whether this is a patch of a release: what it leaves out stands elsewhere."""
        return self.obj is not None and self.obj.partial

    @property
    def display(self) -> str:
        """`HelmRelease kube-system/coredns`, as people speak of it."""
        if self.obj is not None:
            return self.obj.display
        return f"{self.wrapper} {self.name or self.chart.name or '?'}"
