"""Rule: runs-on-string-list."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runner_labels import known_elsewhere, preset, split_list
from kubelint.manifests import Field, Project
from kubelint_rules.runners.jobs import Ask, Site, sites
from kubelint_rules.runners.pools import MARKS


class RunsOnStringList(ProjectRule):
    """A job's `runs-on` is one string that reads like a list of labels.

    ## What it does
    Looks for `runs-on` strings with commas or white space whose parts are all known labels, in repositories
    that make runners of their own.

    ## Why it matters
    GitHub does not split the string: `self-hosted, linux` is **one** label, and no runner has it. The job
    stays "Queued" for up to 24 hours without any error.

    ## Example
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: self-hosted, linux
        steps:
          - run: make
    ```

    ## Use instead
    ```yaml title="runners.yaml"
    apiVersion: actions.summerwind.dev/v1alpha1
    kind: RunnerDeployment
    metadata: {name: builders, namespace: ci}
    spec:
      replicas: 2
      template:
        spec:
          organization: example-org
    ```
    ```yaml title=".github/workflows/build.yaml"
    on: push
    jobs:
      build:
        runs-on: [self-hosted, linux]
        steps:
          - run: make
    ```

    ## When to ignore
    Never, unless a runner really carries a label with a comma or a space in it.

    ## Fix safety
    Safe: the string names no runner, the list says what was meant.

    ## References
    - [Workflow syntax: `runs-on`](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idruns-on)
    """

    meta = RuleMeta(
        id="runs-on-string-list",
        summary="`runs-on` is one string instead of a list of labels",
        category=Category.RUNNERS,
        severity=Severity.ERROR,
        incident=2,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every string that should have been a list."""
        for site in sites(project):
            for ask in site.asks:
                yield from self._check_ask(site, ask)

    def _check_ask(self, site: Site, ask: Ask) -> Iterator[Finding]:
        field = _whole_string(ask)
        parts = split_list(field.text or "") if field else []
        if field is None or len(parts) < 2 or not all(_known(site, part) for part in parts) or site.served(ask):
            return
        listed = f"[{', '.join(parts)}]"
        yield (
            self.finding(
                f"`{field.text}` is one label, not {len(parts)}: no runner has it, and the job waits in the queue",
                at=field,
                note="write a list",
            )
            .help(f"write `{listed}`")
            .fix(Fix.safe(f"write `{listed}`", field.replace(listed)))
        )


def _whole_string(ask: Ask) -> Field | None:
    """The string if it is all that the job asks for; an item of a list is somebody's label."""
    runs_on = ask.job.runs_on
    whole = runs_on.get("labels") if isinstance(runs_on.value, dict) else runs_on
    return whole if whole.text is not None else None


def _known(site: Site, part: str) -> bool:
    if preset(part) or part.lower() in site.lower_names:
        return True
    return known_elsewhere(part, site.globs) and not part.startswith("runs-on")
