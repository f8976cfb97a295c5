"""Rule: runner-labels-in-pod-metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.runners import CONFIG_PATHS, LEGACY_GROUP, Verdict, preset, written
from kubelint.manifests import Field, Project
from kubelint.manifests.runners import PlacedPool
from kubelint_rules.runners.jobs import Ask, Site, sites

_SHOWN = 4
_WRONG_LISTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "RunnerSet": (("spec", "template", "spec", "labels"), ("spec", "template", "labels")),
    "RunnerDeployment": (("spec", "labels"), ("spec", "template", "labels")),
    "RunnerReplicaSet": (("spec", "labels"), ("spec", "template", "labels")),
    "Runner": (),
}
"""Where a list of labels does nothing: the API server drops keys that the kind does not have."""


class RunnerLabelsInPodMetadata(ProjectRule):
    """Labels that jobs ask for are written where they are not the runner's.

    ## What it does
    Looks at runners of actions-runner-controller for lists of labels in a place that the kind does not have, such
    as `spec.template.spec.labels` of a RunnerSet; and for labels of jobs, which no runner has, among the
    Kubernetes labels of the runner's pods (`template.metadata.labels`).

    ## Why it matters
    `metadata.labels` are Kubernetes labels: selectors use them, GitHub never sees them. The runner's labels are a
    list, in `spec.template.spec.labels` of a RunnerDeployment and RunnerReplicaSet, in `spec.labels` of a RunnerSet and
    Runner. Written elsewhere they are dropped without any error, and jobs that ask for them stay queued.

    ## Example
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      organization: example-org
      serviceName: builders
      selector: {matchLabels: {app: builders}}
      template:
        metadata: {labels: {app: builders}}
        spec:
          labels: [self-hosted, build]
    ```

    ## Use instead
    ```yaml
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      organization: example-org
      labels: [self-hosted, build]
      serviceName: builders
      selector: {matchLabels: {app: builders}}
      template:
        metadata: {labels: {app: builders}}
    ```

    ## When to ignore
    When another repository's runners have the label, and the pods' label of the same name is a coincidence.

    ## References
    - actions-runner-controller: `apis/actions.summerwind.net/v1alpha1/runnerdeployment_types.go`, `runnerset_types.go`
    """

    meta = RuleMeta(
        id="runner-labels-in-pod-metadata",
        summary="runner labels stand where they are not the runner's",
        category=Category.RUNNERS,
        severity=Severity.WARNING,
        incident=2,
        since="0.1.0",
    )
    marks = (LEGACY_GROUP,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every list in a wrong place, and for every pod label that jobs look for on a runner."""
        for site in sites(project):
            missed = _missed(site)
            for placed in site.pools:
                if placed.obj is not None and placed.pool.kind == "legacy":
                    yield from self._misplaced(placed)
                    yield from self._confused(placed, missed)

    def _misplaced(self, placed: PlacedPool) -> Iterator[Finding]:
        assert placed.obj is not None
        for path in _WRONG_LISTS[placed.pool.resource]:
            labels = placed.obj.field(*path)
            if labels.strings() and isinstance(labels.value, list) and not _all_written(placed, labels):
                yield self.finding(
                    f"`{placed.obj.display}` has {named(labels.strings())} in `{'.'.join(path)}`, where a "
                    f"{placed.pool.resource} has no labels: runners do not get them",
                    at=labels.key,
                    note="the API server drops this list",
                ).help(f"move the list to `{_right_place(placed)}`")

    def _confused(self, placed: PlacedPool, missed: dict[str, list[Ask]]) -> Iterator[Finding]:
        assert placed.obj is not None
        if placed.pool.resource == "Runner":
            return
        for key, field in placed.obj.field("spec", "template", "metadata", "labels").items():
            label = next((text for text in (field.text, key) if text and text.lower() in missed), None)
            if label is not None and written(placed.pool, label) is Verdict.NO:
                yield self._pod_label(placed, field, label, missed[label.lower()])

    def _pod_label(self, placed: PlacedPool, field: Field, label: str, asks: list[Ask]) -> Finding:
        finding = self.finding(
            f"`{label}` is a Kubernetes label of `{placed.title}`'s pods, not a label of its runners: "
            "jobs that ask for it wait in the queue",
            at=field.key,
            note="GitHub never sees it",
        )
        for ask in asks[:_SHOWN]:
            finding = finding.label(ask.place(), f"job `{ask.job.id}` asks for `{label}`")
        return finding.help(f"add `{label}` to `{_right_place(placed)}`")


def _missed(site: Site) -> dict[str, list[Ask]]:
    """The labels, lower-case, that jobs ask for and no runner has, each with the jobs that are for these runners."""
    found: dict[str, list[Ask]] = {}
    for asks in site.by_request.values():
        if site.served(asks[0]) or site.elsewhere(asks[0]):
            continue
        for label in {text.lower() for text in asks[0].texts}:
            if not preset(label) and not any(site.index.carriers(label)):
                found.setdefault(label, []).extend(asks)
    return found


def _all_written(placed: PlacedPool, labels: Field) -> bool:
    """Whether the list repeats what is written in the right place."""
    return all(written(placed.pool, label) is not Verdict.NO for label in labels.strings())


def _right_place(placed: PlacedPool) -> str:
    return ".".join((*CONFIG_PATHS[placed.pool.resource], "labels"))
