"""Rule: runs-on-string-list."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.runners import known_elsewhere, missing_labels, preset, split_list
from kubelint.manifests import Field, Project
from kubelint.manifests.github.runs_on import RunsOnLabel
from kubelint.manifests.runners import MARKS
from kubelint_rules.runners.jobs import Ask, Site, sites


class RunsOnStringList(ProjectRule):
    """A job's `runs-on` is one string that reads like a list of labels.

    ## What it does
    Looks for labels with commas or white space whose parts are all known labels, in repositories that make
    runners of their own: `runs-on` itself, an item of its list, a value of the `matrix`, or what a caller hands
    to a reusable workflow.

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
    Safe: the string names no runner, the list says what was meant. Unsafe for a value of a `matrix`, which may
    be used for something else as well.

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
        for label in ask.labels.labels if not site.served(ask) else ():
            parts = split_list(label.text)
            if len(parts) > 1 and all(_known(site, part) for part in parts):
                finding = self.finding(
                    f"`{label.text}` is one label, not {len(parts)}: no runner has it, and the job waits in the queue",
                    at=label.field,
                    note="write a list",
                ).fix(_fix(ask, label, parts))
                yield _with_runner(finding, site, ask).help(_help(ask, label, parts))


def _with_runner(finding: Finding, site: Site, ask: Ask) -> Finding:
    """The finding with a label at the runner that was meant, or that comes nearest."""
    meant = tuple(part for text in ask.texts for part in split_list(text))
    takers = site.takers(meant, ask.group)
    if takers:
        return finding.label(takers[0].place, f"`{takers[0].title}` takes jobs that ask for each of them")
    if any(known_elsewhere(part, site.globs) for part in meant):
        return finding
    nearest = site.nearest(meant)
    lacks = ", ".join(f"`{part}`" for part in missing_labels(nearest.pool, meant))
    return finding.label(nearest.place, f"nearest runner: `{nearest.title}` lacks {lacks}") if lacks else finding


def _fix(ask: Ask, label: RunsOnLabel, parts: list[str]) -> Fix | None:
    """A list in place of the string, where the string stands alone and as it is written."""
    field, listed = label.field, _listed(parts)
    if field.document.root.get(*field.path).text != label.text:
        return None
    inner = field.path[len(ask.job.field.path) :] if _is_of_job(ask, field) else ()
    if inner in (("runs-on",), ("runs-on", "labels")):
        return Fix.safe(f"write `{listed}`", field.replace(listed))
    return Fix.unsafe(f"write `{listed}`", field.replace(listed)) if _is_row(inner) else None


def _is_of_job(ask: Ask, field: Field) -> bool:
    job = ask.job.field
    return field.document is job.document and field.path[: len(job.path)] == job.path


def _is_row(path: tuple[object, ...]) -> bool:
    """Whether a path within a job leads to one value of its matrix, which may be a list as well."""
    rows, entries = len(path) == 4, len(path) == 5 and path[2] == "include"
    return path[:2] == ("strategy", "matrix") and (rows or entries)


def _help(ask: Ask, label: RunsOnLabel, parts: list[str]) -> str:
    if isinstance(ask.job.runs_on.get("labels").value or ask.job.runs_on.value, list):
        return f"write {' and '.join(f'`{part}`' for part in parts)} as items of their own"
    if _is_of_job(ask, label.field):
        return f"write `{_listed(parts)}`"
    return f"hand on JSON, `'{json.dumps(parts)}'`, and read it with `fromJSON` in `runs-on`"


def _listed(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"


def _known(site: Site, part: str) -> bool:
    if preset(part) or part.lower() in site.lower_names:
        return True
    return known_elsewhere(part, site.globs) and not part.startswith("runs-on")
