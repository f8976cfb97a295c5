"""Rule: unknown-scale-set-value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.runners import (
    CHART,
    EXPERIMENTAL_CHART,
    EXPERIMENTAL_KEYS,
    FIRST_CHART,
    FIRST_CHART_WITH_LABELS,
    LONGEST_LABEL,
    PLAIN_KEYS,
    chart_name,
    edit_distance,
)
from kubelint.manifests import Field, Project
from kubelint.manifests.runners import MARKS, PlacedPool, is_too_old
from kubelint_rules.runners.jobs import Ask, Site, sites

_PLAIN = frozenset(
    {
        *("githubConfigUrl", "githubConfigSecret", "scaleSetLabels", "runnerScaleSetName", "runnerGroup", "minRunners"),
        *("maxRunners", "proxy", "githubServerTLS", "keyVault", "containerMode", "listenerTemplate", "listenerMetrics"),
        *("template", "controllerServiceAccount", "namespaceOverride", "nameOverride", "fullnameOverride"),
        *("resourceMeta", "labels", "annotations", "global"),
    }
)
"""The values that the chart `gha-runner-scale-set` reads, and those that Helm gives every chart."""

_LABEL_KEYS = ("runnerScaleSetLabels", "runnerLabels", "scaleSetLabels")
"""What people write for the labels: the field of the object, a word of other charts, the value of the other chart."""

_SHOWN = 4


class UnknownScaleSetValue(ProjectRule):
    """Values of a runner scale set have no effect.

    ## What it does
    Reads the values of releases of the chart `gha-runner-scale-set` and `gha-runner-scale-set-experimental`, in every
    wrapper. It reports labels under a key that the chart does not read (`runnerScaleSetLabels`, which is the field of
    the object that the chart makes; `runnerLabels`; a list or mapping `labels` with what jobs ask for), labels that are
    no list or that the chart refuses, labels for a chart before 0.14.0, and keys that are a slip of a known one.

    ## Why it matters
    The chart has no schema: what it does not know is dropped without any error. The scale set is then registered
    under its name only, and jobs that ask for the labels stay queued.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: builders, namespace: ci}
    spec:
      interval: 1h
      chart:
        spec:
          chart: gha-runner-scale-set
          version: 0.14.1
          sourceRef: {kind: HelmRepository, name: arc}
      values:
        githubConfigUrl: https://github.com/example-org
        githubConfigSecret: github-app
        runnerScaleSetLabels: [self-hosted, linux]
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: builders, namespace: ci}
    spec:
      interval: 1h
      chart:
        spec:
          chart: gha-runner-scale-set
          version: 0.14.1
          sourceRef: {kind: HelmRepository, name: arc}
      values:
        githubConfigUrl: https://github.com/example-org
        githubConfigSecret: github-app
        scaleSetLabels: [self-hosted, linux]
    ```

    ## When to ignore
    When a chart of your own with the same name reads the value.

    ## Fix safety
    Safe: the value does nothing where it is, and its name says what was meant. ARC registers labels only when it
    creates a scale set, so an existing one has to be created anew.

    ## References
    - actions-runner-controller: `charts/gha-runner-scale-set/values.yaml`, `templates/autoscalingrunnerset.yaml`,
      `charts/gha-runner-scale-set-experimental/values.yaml`
    """

    meta = RuleMeta(
        id="unknown-scale-set-value",
        summary="values of a runner scale set have no effect",
        category=Category.RUNNERS,
        severity=Severity.ERROR,
        incident=2,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """The findings in the values of every release of a chart of scale sets."""
        for site in sites(project):
            for placed in site.pools:
                if placed.released is not None:
                    yield from self._check_set(site, placed, placed.released.values)

    def _check_set(self, site: Site, placed: PlacedPool, values: Field) -> Iterator[Finding]:
        chart = _chart(placed)
        if chart is None or values.unknown:
            return
        yield from self._wrong_keys(placed, values, chart)
        yield from self._labels(placed, chart)
        if chart != EXPERIMENTAL_CHART:
            yield from self._slips(values)
            yield from self._other_labels(site, placed, values.get("labels"))

    def _wrong_keys(self, placed: PlacedPool, values: Field, chart: str) -> Iterator[Finding]:
        """Labels under a key that the chart does not read."""
        right = EXPERIMENTAL_KEYS.labels if chart == EXPERIMENTAL_CHART else PLAIN_KEYS.labels
        holders = [values] if chart != EXPERIMENTAL_CHART else [values, values.get("scaleset")]
        fields = [holder.get(key) for holder in holders for key in _LABEL_KEYS if (key,) != right]
        wrong = [field for field in fields if _says_something(field)]
        for field in wrong:
            yield (
                self.finding(
                    f"the chart {chart} does not read `{field.name}`: the runners do not get these labels",
                    at=field.key,
                    note=f"the chart's key is `{'.'.join(right)}`",
                    severity=Severity.WARNING if field.name == "runnerLabels" else None,
                )
                .help(f"write `{'.'.join(right)}` and create the scale set anew")
                .fix(_moved(placed, field, right) if len(wrong) == 1 else None)
            )

    def _labels(self, placed: PlacedPool, chart: str) -> Iterator[Finding]:
        labels = placed.labels
        if not _says_something(labels) or labels.unknown:
            return
        if not isinstance(labels.value, list):
            yield self._no_list(labels)
        elif chart == FIRST_CHART or is_too_old(placed.version):
            yield self.finding(
                f"chart {placed.version or FIRST_CHART} does not read `{labels.name}`: "
                "the runners do not get these labels",
                at=labels.key,
                note=f"since chart version {FIRST_CHART_WITH_LABELS}",
                severity=Severity.WARNING,
            ).help(f"move the chart {CHART} to {FIRST_CHART_WITH_LABELS} or later, or remove the labels")
        for label in labels.elements():
            if label.value == "" or (label.text is not None and len(label.text) > LONGEST_LABEL):
                yield self.finding(
                    "the chart refuses this label: the runner scale set is not installed",
                    at=label,
                    note=f"1 to {LONGEST_LABEL} characters",
                ).help("remove or shorten the label")

    def _no_list(self, labels: Field) -> Finding:
        finding = self.finding(
            f"`{labels.name}` is no list: the chart passes it over, and the runners do not get these labels",
            at=labels,
        ).help("write a list")
        if labels.text is None or "," in labels.text or " " in labels.text:
            return finding
        listed = f"[{json.dumps(labels.text)}]"
        return finding.fix(Fix.safe(f"write `{listed}`", labels.replace(listed)))

    def _slips(self, values: Field) -> Iterator[Finding]:
        """Keys that are nearly those of the chart."""
        present = dict(values.items())
        for key, field in present.items():
            meant = None if key in _PLAIN or key in _LABEL_KEYS else _meant(key)
            if meant is not None and meant not in present and _says_something(field):
                yield (
                    self.finding(
                        f"the chart {CHART} does not read `{key}`",
                        at=field.key,
                        note=f"did you mean `{meant}`?",
                        severity=Severity.WARNING,
                    )
                    .help(f"write `{meant}`")
                    .fix(_renamed(field, meant))
                )

    def _other_labels(self, site: Site, placed: PlacedPool, labels: Field) -> Iterator[Finding]:
        """The value `labels`, which is for Kubernetes labels, with labels that jobs miss."""
        texts = [*labels.strings(), *(text for pair in labels.items() for text in (pair[0], pair[1].text) if text)]
        asks = [ask for ask in _missed(site) if set(map(str.lower, texts)) & set(map(str.lower, ask.texts))]
        if not asks or not labels.exists:
            return
        asked = {text.lower() for ask in asks for text in ask.texts}
        wanted = tuple(dict.fromkeys(text for text in texts if text.lower() in asked))
        finding = self.finding(
            f"`labels` of `{placed.title}` are Kubernetes labels: jobs that ask for {named(wanted)} wait in the queue",
            at=labels.key,
            note="labels of runners are `scaleSetLabels`",
            severity=Severity.WARNING,
        )
        for ask in asks[:_SHOWN]:
            finding = finding.label(ask.place(), f"job `{ask.job.id}` asks for them")
        yield finding.help(f"add {named(wanted)} to `scaleSetLabels`")


def _chart(placed: PlacedPool) -> str | None:
    """The chart of the release, if it is one of ARC's; a copy in the tree may read what it likes."""
    assert placed.released is not None
    chart = placed.released.release.chart
    name = chart_name(chart.name or chart.at.text)
    return name if name in (CHART, EXPERIMENTAL_CHART, FIRST_CHART) and chart.folder is None else None


def _says_something(field: Field) -> bool:
    return field.exists and field.value not in (None, [], {}, "")


def _meant(key: str) -> str | None:
    """The value that a key is a slip of."""
    near = [known for known in sorted(_PLAIN) if _is_slip(key, known)]
    return near[0] if len(near) == 1 else None


def _is_slip(key: str, known: str) -> bool:
    if key.lower() == known.lower():
        return True
    return min(len(key), len(known)) >= 8 and edit_distance(key.lower(), known.lower()) <= 2


def _missed(site: Site) -> list[Ask]:
    """The jobs that no runner takes."""
    asks = [asks for asks in site.by_request.values() if not site.served(asks[0]) and not site.elsewhere(asks[0])]
    return [ask for alike in asks for ask in alike]


def _moved(placed: PlacedPool, field: Field, right: tuple[str, ...]) -> Fix | None:
    """The labels under the right key, where it is free and the labels can be written anew as they are."""
    texts = field.strings()
    whole = isinstance(field.value, list) and len(texts) == len(field.value)
    holder = _holder(field)
    if holder is not None and len(right) > 1 and holder.name != right[0]:
        holder = holder.get(right[0])
    if not whole or placed.labels.exists or holder is None or not isinstance(holder.value, dict):
        return None
    listed = f"[{', '.join(json.dumps(text) for text in texts)}]"
    return Fix.safe(f"rename to `{'.'.join(right)}`", field.delete(), holder.insert(right[-1], listed))


def _renamed(field: Field, meant: str) -> Fix | None:
    """The value under the right key; one that is no single word stays where it is."""
    holder = _holder(field)
    if holder is None or not isinstance(field.value, str | int | float):
        return None
    return Fix.unsafe(f"rename to `{meant}`", field.delete(), holder.insert(meant, json.dumps(field.value)))


def _holder(field: Field) -> Field | None:
    """The mapping that a value is written in; None where that is a string, a command or an assignment."""
    holder = field.document.root.get(*field.path[:-1])
    steps = [step for step in field.path if isinstance(step, str | int)]
    stands = len(steps) == len(field.path) and isinstance(holder.value, dict) and field.characters is None
    return holder if stands and holder.value.get(field.name) == field.value else None
