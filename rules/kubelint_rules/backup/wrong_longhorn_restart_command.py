"""Rule: wrong-longhorn-restart-command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.field import Excerpt, FieldSlice
from kubelint.manifests.shell.scripts import Command, Script, Word

_MANAGER = "longhorn-manager"
_VERBS = frozenset({"restart", "status", "undo", "history", "pause", "resume"})
_KIND = re.compile(r"(?:deployments?|deploy)(?:\.apps|\.v1\.apps)?", re.IGNORECASE)
_STATEFUL = re.compile(r"(?:statefulsets?|sts)(?:\.apps|\.v1\.apps)?", re.IGNORECASE)


class WrongLonghornRestartCommand(ProjectRule):
    """A command asks for the Deployment `longhorn-manager`, and the manager is a DaemonSet.

    ## What it does
    Looks through scripts, workflows, containers and the commands of Markdown documents for
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
    Safe: there is no such Deployment. Commands in Markdown and in files of their own are changed by hand.

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
        if any(obj.kind == "Deployment" for obj in project.find("Deployment", _MANAGER)):
            return
        for script in (*project.scripts, *project.runbooks):
            if script.discouraged or not script.mentions(_MANAGER):
                continue
            for command in script.commands:
                kind = _wrong_kind(command)
                if kind is not None:
                    yield self._finding(script, command, kind)

    def _finding(self, script: Script, command: Command, word: Word) -> Finding:
        verb = command.operands[1].text or "restart"
        return (
            self.finding(
                f"`kubectl rollout {verb}` finds no Deployment `{_MANAGER}`: Longhorn's manager is a DaemonSet",
                at=word.at,
                note="not found, and nothing restarts" if verb == "restart" else "not found",
            )
            .help(f"write `kubectl -n longhorn-system rollout {verb} daemonset/{_MANAGER}`")
            .fix(_fix(script, word))
        )


def _wrong_kind(command: Command) -> Word | None:
    """The word that names the kind, where that is not a DaemonSet."""
    operands = command.subcommand({"kubectl", "oc", "k"}, "rollout", _VERBS)
    if not operands or command.remote:
        return None
    text = operands[0].text or ""
    kind, slash, name = text.partition("/")
    named = name if slash else (operands[1].text if len(operands) > 1 else None)
    wrong = _KIND.fullmatch(kind) or _STATEFUL.fullmatch(kind)
    return operands[0] if wrong and named == _MANAGER else None


def _fix(script: Script, word: Word) -> Fix | None:
    at = word.at
    if not isinstance(at, FieldSlice) or word.raw != word.text:
        return None
    _, slash, name = word.raw.partition("/")
    part = Excerpt(at.field.document, at.field.path, word.raw, (at.start, at.end))
    return Fix.safe("name the DaemonSet", part.replace(f"daemonset{slash}{name}"))
