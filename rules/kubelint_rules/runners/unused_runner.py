"""Rule: unused-runner."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import Verdict, in_group, may_become
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, Project
from kubelint.manifests.github.reusable import ReusableWorkflows
from kubelint.manifests.github.runs_on import RunsOn
from kubelint.manifests.runners import MARKS, PlacedPool
from kubelint_rules.runners.jobs import Site, sites


class UnusedRunner(ProjectRule):
    """No job of the repository can run on a runner that the repository makes.

    ## What it does
    Looks for runner objects and runner scale sets that no `runs-on` in the same repository can mean. An
    expression such as `${{ inputs.runner }}` may mean any of them.

    ## Why it matters
    Runners that wait for nothing cost memory, and their name may be one that a workflow was meant to ask for.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - run: make
    ```

    ## Use instead
    ```yaml title="runners.yaml"
    apiVersion: actions.github.com/v1alpha1
    kind: AutoscalingRunnerSet
    metadata: {name: builders, namespace: ci}
    spec:
      githubConfigUrl: https://github.com/example-org
      githubConfigSecret: github-app
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: builders
        steps:
          - run: make
    ```

    ## When to ignore
    When the runners serve other repositories, as those of an organization do. That is why the rule is off by default.

    ## References
    - [Using self-hosted runners in a workflow](https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow)
    """

    meta = RuleMeta(
        id="unused-runner",
        summary="no job of the repository uses a runner that it makes",
        category=Category.RUNNERS,
        severity=Severity.INFO,
        incident=2,
        since="0.1.0",
        default=False,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every pool that no job can mean."""
        for site in sites(project):
            used, open_ended = _taken(site), _open_ended(site)
            for placed in site.pools:
                if id(placed) not in used and not any(_may_mean(*request, placed) for request in open_ended):
                    yield self._unused(placed)

    def _unused(self, placed: PlacedPool) -> Finding:
        message = f"no job of this repository can run on `{placed.title}`"
        return self.finding(message, at=placed.name).help("remove the runners, or ask for them in `runs-on`")


def _taken(site: Site) -> set[int]:
    """The pools that a job whose labels are known may go to."""
    requests = {(ask.texts, ask.group) for ask in site.asks}
    return {id(placed) for request in requests for placed in site.takers(*request)}


def _open_ended(site: Site) -> list[tuple[Field, RunsOn]]:
    """What is asked for where not all of it is known, or no label is named."""
    reusable = ReusableWorkflows(site.workflows)
    found: dict[tuple[str, str | None], tuple[Field, RunsOn]] = {}
    for workflow in site.workflows:
        for job in workflow.jobs:
            for asked in reusable.runners(job) if job.runs else ():
                if asked.unknown or not asked.alternatives:
                    found.setdefault((str(job.runs_on.value), asked.group), (job.runs_on, asked))
    return list(found.values())


def _may_mean(runs_on: Field, asked: RunsOn, placed: PlacedPool) -> bool:
    """Whether a request of which not all is known may mean the pool."""
    if asked.group is not None and in_group(placed.pool, asked.group) is Verdict.NO:
        return False
    if not asked.unknown:
        return asked.group is not None
    labels = runs_on.get("labels") if isinstance(runs_on.value, dict) else runs_on
    texts = labels.value if isinstance(labels.value, list) else [labels.value] if labels.exists else []
    return all(_may_be(text, placed) for text in texts)


def _may_be(text: object, placed: PlacedPool) -> bool:
    """Whether a label, or an expression for labels, may name the pool's runners."""
    pool = placed.pool
    if not isinstance(text, str) or pool.open or pool.templates:
        return True
    if not has_template(text):
        return text.lower() in pool.known | pool.possible
    return any(may_become(text, label) for label in pool.known | pool.possible)
