"""Rule: rollout-status-without-timeout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Edit, Project
from kubelint.manifests.field import Excerpt, FieldSlice
from kubelint.manifests.shell.passages import Place
from kubelint.manifests.shell.scripts import Command, Script, Word

_TIMEOUT = "--timeout=30m"
_WITHOUT_NAME = ("-f", "--filename", "-l", "--selector", "-k", "--kustomize", "-R", "--recursive")


class RolloutStatusWithoutTimeout(ProjectRule):
    """A pipeline waits for a rollout without a limit of its own.

    ## What it does
    Finds `kubectl rollout status` without `--timeout` in workflows, composite actions and the commands of
    containers, where nothing else bounds it: no `timeout` command, no `timeout-minutes` on the step or the job,
    no `activeDeadlineSeconds` on the pod or Job.

    ## Why it matters
    The default of `kubectl rollout status --timeout` is `0s`, which means no limit. What ends it then depends
    on what it waits for:

    - A Deployment that makes no progress fails once its `progressDeadlineSeconds` have passed, ten minutes by
      default. One that is paused never does.
    - StatefulSets and DaemonSets have no such deadline.
    - If the account may not list and watch the object, kubectl prints errors and tries again for ever.

    The job then blocks its runner until the pipeline's own limit, which is six hours on GitHub.
    `kubectl wait` is different: it gives up after 30 seconds by default, and is not reported.

    ## Example
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: ubuntu-latest
        steps:
          - run: kubectl apply -f deploy/
          - run: kubectl rollout status statefulset/orders -n shop
    ```

    ## Use instead
    ```yaml title=".github/workflows/deploy.yaml"
    on: push
    jobs:
      deploy:
        runs-on: ubuntu-latest
        steps:
          - run: kubectl apply -f deploy/
          - run: kubectl rollout status statefulset/orders -n shop --timeout=10m
    ```

    ## When to ignore
    If something else ends the pipeline in time, or the rollout may take as long as it likes.

    ## Fix safety
    Safe: nothing in the cluster changes, and half an hour is longer than a rollout takes that still works. A
    shorter limit that fits the workload is better.

    ## References
    - kubectl `pkg/cmd/rollout/rollout_status.go`, `pkg/polymorphichelpers/rollout_status.go`,
      `pkg/cmd/wait/wait.go`
    - [`timeout-minutes`](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes)
    """

    meta = RuleMeta(
        id="rollout-status-without-timeout",
        summary="a pipeline waits for a rollout without a limit",
        category=Category.DEPLOY,
        severity=Severity.INFO,
        incident=8,
        since="0.1.0",
        fixable=True,
    )
    marks = ("rollout",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every command that nothing ends."""
        for script in project.scripts:
            if script.kind not in ("workflow", "action", "container") or not script.mentions("rollout"):
                continue
            limited = [each.at for each in script.commands if "timeout" in each.wrappers]
            for command in script.commands:
                if _is_endless(command) and not _is_bounded(script, command, limited):
                    yield self._endless(script, command)

    def _endless(self, script: Script, command: Command) -> Finding:
        finding = self.finding(
            f"{_shown(command)} has no `--timeout`: a rollout that never completes blocks the pipeline",
            at=command.at,
            note="waits without a limit by default",
        )
        return finding.help("add a `--timeout` that the rollout certainly needs less than").fix(_fix(script, command))


def _is_endless(command: Command) -> bool:
    operands = command.subcommand({"kubectl", "oc"}, "rollout", "status")
    if operands is None or command.fed or _may_hold_more(command, operands):
        return False
    given = {option.name for option in command.arguments.options}
    if not operands and given.isdisjoint(_WITHOUT_NAME):
        return False
    watches = not command.option("-w", "--watch") or command.flag("-w", "--watch") is not None
    return watches and given.isdisjoint(("--timeout", "-h", "--help"))


def _may_hold_more(command: Command, operands: list[Word]) -> bool:
    """Whether a word that is filled in later may become options; one that stands for a name does not."""
    count = 1 if operands and "/" in operands[0].raw else 2 if len(operands) > 1 else 0
    expected = {option.value.start for option in command.arguments.options if option.value is not None}
    expected.update(word.start for word in operands[:count])
    return any(word.several and word.start not in expected and not word.raw.startswith("--") for word in command.words)


def _is_bounded(script: Script, command: Command, limited: Iterable[Place]) -> bool:
    if "timeout" in command.wrappers or any(_is_within(command.at, outer) for outer in limited):
        return True
    if script.step is not None:
        units = [script.step.field, script.step.job.field] if script.step.job is not None else [script.step.field]
        return any(unit.get("timeout-minutes").exists for unit in units)
    if script.container is not None:
        pod = script.container.pod
        limits = (pod.spec, pod.obj.field("spec"), pod.obj.field("spec", "jobTemplate", "spec"))
        return pod.partial or any(not limit.get("activeDeadlineSeconds").absent for limit in limits)
    return False


def _is_within(inner: Place, outer: Place) -> bool:
    """Whether a command stands in the words of another: `timeout 5m bash -c '…'`."""
    if not (isinstance(inner, FieldSlice) and isinstance(outer, FieldSlice)):
        return False
    return inner.field.path == outer.field.path and outer.start <= inner.start and inner.end <= outer.end


def _shown(command: Command) -> str:
    words = [word.raw for word in command.operands[:4]]
    shown = " ".join(["kubectl" if command.name == "kubectl" else "oc", *words])
    return f"`{shown}`" if len(shown) <= 80 and shown.isprintable() else "`kubectl rollout status`"


def _fix(script: Script, command: Command) -> Fix | None:
    """Write the option right behind `status`; as an item of its own where the words are a list."""
    word = command.operands[1]
    at = word.at
    if not isinstance(at, FieldSlice):
        return None
    edit: Edit
    if script.container is not None and at.field.text == word.text:
        args = script.container.get("args")
        edit = (args if list(args.elements()) else script.container.get("command")).append(_TIMEOUT)
    else:
        field = at.field
        part = Excerpt(field.document, field.path, word.raw, (at.start, at.end))
        edit = part.replace(f"{word.raw} {_TIMEOUT}")
    return Fix.safe(f"add `{_TIMEOUT}`", edit)
