"""Rule: wrong-longhorn-restart-command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.instructions import commands_with, kubectl_arguments, with_beginning

_MANAGER = "longhorn-manager"
_VERBS = frozenset({"restart", "status", "undo", "history", "pause", "resume"})
_WRONG = re.compile(r"(?:deployments?|deploy|statefulsets?|sts)(?:\.apps|\.v1\.apps)?", re.IGNORECASE)


class WrongLonghornRestartCommand(ProjectRule):
    """A command asks for the Deployment `longhorn-manager`, and the manager is a DaemonSet.

    ## What it does
    Looks through scripts, workflows, containers, Ansible tasks and the commands of Markdown documents for
    `kubectl rollout restart deployment longhorn-manager` and its kin (`status`, `undo` and so on;
    `deploy/longhorn-manager`). A command that a document calls wrong itself is left alone.

    ## Why it matters
    `kubectl` answers `deployments.apps "longhorn-manager" not found`, and nothing restarts. Who follows a
    runbook after credentials were rotated believes that it is done, or searches for what is wrong with the
    cluster.

    ## Example
    ```yaml
    apiVersion: batch/v1
    kind: Job
    metadata: {name: restart-longhorn, namespace: longhorn-system}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: restart
              image: registry.example/tools/kubectl:1.34
              command: [sh, -c, "kubectl -n longhorn-system rollout restart deployment longhorn-manager"]
    ```

    ## Use instead
    ```yaml
    apiVersion: batch/v1
    kind: Job
    metadata: {name: restart-longhorn, namespace: longhorn-system}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: restart
              image: registry.example/tools/kubectl:1.34
              command: [sh, -c, "kubectl -n longhorn-system rollout restart daemonset longhorn-manager"]
    ```
    Nodes of Longhorn have a trap of the same kind: `kubectl delete node` removes the node of Kubernetes,
    whatever namespace is given. Longhorn's is `kubectl -n longhorn-system delete nodes.longhorn.io NAME`.

    ## When to ignore
    If a Deployment of your own has that name.

    ## Fix safety
    Safe: there is no such Deployment.

    ## References
    - longhorn/longhorn `chart/templates/daemonset-sa.yaml`
    """

    meta = RuleMeta(
        id="wrong-longhorn-restart-command",
        summary="command restarts a Deployment that is a DaemonSet",
        category=Category.BACKUP,
        severity=Severity.WARNING,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = (_MANAGER,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each such command."""
        if project.find("Deployment", _MANAGER):
            return
        for command in commands_with(project, _MANAGER):
            operands = _operands(command)
            for word in _wrong(operands[2:]):
                finding = self._finding(operands[1].text or "restart", word)
                yield finding.fix(_fix(word)) if len(operands) <= 4 or "/" in word.raw else finding

    def _finding(self, verb: str, word: Word) -> Finding:
        return self.finding(
            f"`kubectl rollout {verb}` finds no Deployment `{_MANAGER}`: Longhorn's manager is a DaemonSet",
            at=word.at,
            note="not found, and nothing restarts" if verb == "restart" else "not found",
        ).help(f"write `kubectl -n longhorn-system rollout {verb} daemonset/{_MANAGER}`")


def _operands(command: Command) -> list[Word]:
    """`rollout`, what it is to do, and on what; nothing for other commands."""
    arguments = None if command.remote else kubectl_arguments(command)
    if arguments is None:
        return []
    given = [option.value for option in arguments.options if option.value is not None]
    operands = [word for word in arguments.operands if not any(word is value for value in given)]
    texts = [word.text for word in operands[:2]]
    return operands if len(texts) == 2 and texts[0] == "rollout" and texts[1] in _VERBS else []


def _wrong(resources: list[Word]) -> Iterator[Word]:
    """The words that name a kind that the manager is not: `deploy/longhorn-manager`, `deploy longhorn-manager`."""
    for word in resources:
        kind, slash, name = (word.text or "").partition("/")
        if slash and name == _MANAGER and _WRONG.fullmatch(kind):
            yield word
    named = [word.text for word in resources]
    if _MANAGER in named[1:] and _WRONG.fullmatch(named[0] or ""):
        yield resources[0]


def _fix(word: Word) -> Fix | None:
    name = word.raw.partition("/")[0]
    edit = with_beginning(word, len(name), "daemonset") if word.raw == word.text else None
    return None if edit is None else Fix.safe("name the DaemonSet", edit)
