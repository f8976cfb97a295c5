"""Rule: scale-set-name-conflict."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import LONGEST_NAME
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, Project, same_cluster
from kubelint.manifests.runners import MARKS, PlacedPool
from kubelint_rules.runners.jobs import sites

_Registration = tuple[str, str, str]
"""A name, a group, and where it is registered on GitHub."""


class ScaleSetNameConflict(ProjectRule):
    """Two runner scale sets have one name on GitHub, or the name of one is too long.

    ## What it does
    Compares the name, the runner group and `githubConfigUrl` of runner scale sets, as objects and as releases of
    the chart `gha-runner-scale-set` in every wrapper. A name that the files do not tell is left alone. It also reports
    names of more than 45 characters. Two sets for different clusters are a warning.

    ## Why it matters
    The name of a scale set is unique within its runner group. ARC takes over the set that has the name already, and
    then two listeners fight for one message queue: one of them gets no jobs. With more than 45 characters the chart
    does not install, for the names of the pods that are made of it would be too long.

    ## Example
    ```yaml
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders-small, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
      runnerScaleSetName: builders
    ---
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders-large, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
      runnerScaleSetName: builders
    ```

    ## Use instead
    ```yaml
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders-small, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
      runnerScaleSetName: builders-small
    ---
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders-large, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
      runnerScaleSetName: builders-large
    ```

    ## When to ignore
    While one set replaces the other and only one of them is installed at a time.

    ## References
    - [Deploying runner scale sets](https://docs.github.com/en/actions/how-tos/manage-runners/use-actions-runner-controller/deploy-runner-scale-sets)
    - actions-runner-controller: `charts/gha-runner-scale-set/templates/autoscalingrunnerset.yaml`,
      `controllers/actions.github.com/autoscalingrunnerset_controller.go`
    """

    meta = RuleMeta(
        id="scale-set-name-conflict",
        summary="two runner scale sets have one name, or a name is too long",
        category=Category.RUNNERS,
        severity=Severity.ERROR,
        incident=2,
        since="0.1.0",
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every name that is too long, and for every set whose name another has already."""
        for site in sites(project):
            known: dict[_Registration, list[PlacedPool]] = {}
            for placed in sorted(site.pools, key=lambda placed: placed.title):  # in whatever order they are written
                yield from self._too_long(placed)
                registration = _registration(placed)
                if registration is not None:
                    others = known.setdefault(registration, [])
                    yield from self._taken(placed, others)
                    others.append(placed)

    def _too_long(self, placed: PlacedPool) -> Iterator[Finding]:
        found = _limited_name(placed)
        if found is None:
            return
        name, at = found
        if len(name) > LONGEST_NAME and not has_template(name):
            yield self.finding(
                f"the name of the runner scale set `{name}` has {len(name)} characters: "
                f"{'the chart refuses it' if placed.released else 'the names of its pods get too long'}",
                at=at,
                note=f"{LONGEST_NAME} are allowed",
            ).help(f"choose a name of at most {LONGEST_NAME} characters")

    def _taken(self, placed: PlacedPool, others: list[PlacedPool]) -> Iterator[Finding]:
        beside = next((other for other in others if _is_beside(placed, other) and not _is_same(placed, other)), None)
        first = beside or next((other for other in others if not _is_same(placed, other)), None)
        if first is not None:
            yield (
                self.finding(
                    f"`{placed.title}` and `{first.title}` are both registered as `{placed.pool.name}`: "
                    "only one of them gets jobs",
                    at=placed.name,
                    note="a name is unique within its runner group",
                    severity=None if beside else Severity.WARNING,
                )
                .label(first.name, "has the name already")
                .help("give each scale set a name of its own, or put one of them into another runner group")
            )


def _registration(placed: PlacedPool) -> _Registration | None:
    """As what a set is registered; None where that is not known, or this is a rendering of what is known already."""
    pool = placed.pool
    url = pool.config_url
    made = placed.obj is not None or placed.released is not None
    if pool.kind != "scale_set" or not made or url is None or _is_rendered(placed):
        return None
    group = pool.group or "default"
    if any(map(has_template, (pool.name, group, url))):
        return None
    return pool.name, group.lower(), url.rstrip("/").lower()


def _is_rendered(placed: PlacedPool) -> bool:
    """Whether the object is what a chart made, so that its release stands for it."""
    is_helms = placed.obj is not None and "helm.sh/chart" in placed.obj.labels
    return is_helms or bool(placed.name.document.rendering)


def _is_beside(one: PlacedPool, other: PlacedPool) -> bool:
    """Whether two sets may be in one cluster."""
    return same_cluster(_scope(one), _scope(other))


def _is_same(one: PlacedPool, other: PlacedPool) -> bool:
    """Whether two manifests make one and the same set: the same release or object, written twice for one cluster."""
    if not _is_beside(one, other):
        return False
    if one.released is not None and other.released is not None and one.released.release is other.released.release:
        return False
    (kind, name, namespace), (other_kind, other_name, other_namespace) = _identity(one), _identity(other)
    apart = namespace is not None and other_namespace is not None and namespace != other_namespace
    return kind == other_kind and name is not None and name == other_name and not apart


def _identity(placed: PlacedPool) -> tuple[str, str | None, str | None]:
    if placed.released is not None:
        return "release", placed.released.release.name, placed.released.release.namespace
    assert placed.obj is not None
    return "object", placed.obj.name, placed.obj.namespace


def _scope(placed: PlacedPool) -> str:
    if placed.obj is not None:
        return placed.obj.scope
    assert placed.released is not None
    return placed.released.release.scope


def _limited_name(placed: PlacedPool) -> tuple[str, Field] | None:
    """The name that must not be too long, and where it stands: a chart's set's, an object's own."""
    if placed.released is not None:
        return placed.released.model.object_name, placed.name
    if placed.obj is not None and placed.pool.kind == "scale_set" and placed.obj.name is not None:
        return placed.obj.name, placed.obj.field("metadata", "name")
    return None
