"""Rule: wrong-node-removal-command."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.instructions import commands_with, kubectl_arguments, with_beginning

_NAMESPACE = "longhorn-system"
_NODES = frozenset({"no", "node", "nodes"})
_RIGHT = "nodes.longhorn.io"


class WrongNodeRemovalCommand(ProjectRule):
    """A runbook deletes the Kubernetes node where it means Longhorn's entry for it.

    ## What it does
    Reads the commands of Markdown documents (blocks of code and code within the text), shell scripts, workflows,
    containers and Ansible tasks for `kubectl delete node` with `-n longhorn-system`. Text that is no command is not
    read, nor is what its document calls wrong.

    ## Why it matters
    `node` means the node of Kubernetes, which is in no namespace: `-n` is ignored without a word. The command takes
    the node out of the cluster, with the pods on it, and leaves Longhorn's entry where it is. If the node is gone
    already it fails with `NotFound`, and whoever follows the runbook believes that the work is done. Longhorn's
    own resource has to be named in full, `nodes.longhorn.io`.

    ## Example
    ```yaml title="decommission.yaml"
    - name: Forget a node
      hosts: localhost
      tasks:
        - name: Remove it from Longhorn
          ansible.builtin.command: kubectl delete node {{ node }} -n longhorn-system
    ```

    ## Use instead
    ```yaml title="decommission.yaml"
    - name: Forget a node
      hosts: localhost
      tasks:
        - name: Remove it from Longhorn
          ansible.builtin.command: kubectl delete nodes.longhorn.io {{ node }} -n longhorn-system
    ```

    Longhorn lets go of a node only after `allowScheduling: false` is set, no replica is left on it, and the Kubernetes
    node is deleted; then it usually removes the entry by itself.

    ## When to ignore
    Where `-n longhorn-system` is a slip and the Kubernetes node is meant: leave the option out.

    ## Fix safety
    Safe: the namespace says whose node is meant.

    ## References
    - [Longhorn: removing a node](https://longhorn.io/docs/1.9.0/maintenance/maintenance/#removing-a-node)
    - longhorn-manager `k8s/pkg/apis/longhorn/v1beta2/node.go`
    """

    meta = RuleMeta(
        id="wrong-node-removal-command",
        summary="runbook deletes the Kubernetes node in place of Longhorn's",
        category=Category.NODES,
        severity=Severity.WARNING,
        incident=9,
        since="0.1.0",
        fixable=True,
    )
    marks = (_NAMESPACE,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every such command."""
        for command in commands_with(project, _NAMESPACE):
            resource = _deleted(command)
            if resource is not None:
                yield self._finding(command, resource)

    def _finding(self, command: Command, resource: Word) -> Finding:
        return (
            self.finding(
                f"{_shown(command, resource)} deletes the Kubernetes node, not Longhorn's",
                at=command.at,
                note=f"`-n {_NAMESPACE}` has no effect on `{resource.raw.partition('/')[0]}`",
            )
            .help(f"name Longhorn's resource in full: `kubectl -n {_NAMESPACE} delete {_RIGHT} <name>`")
            .fix(_fix(resource))
        )


def _deleted(command: Command) -> Word | None:
    """The word that names nodes, where the command deletes some in Longhorn's namespace."""
    arguments = kubectl_arguments(command)
    if arguments is None:
        return None
    given = [option for option in arguments.options if option.value is not None]
    spaces = [option.value for option in given if option.name in ("-n", "--namespace")]
    operands = [word for word in arguments.operands if not any(word is option.value for option in given)]
    if not spaces or spaces[-1] is None or spaces[-1].text != _NAMESPACE:
        return None
    if len(operands) < 2 or operands[0].text != "delete":
        return None
    kind = (operands[1].text or operands[1].raw).partition("/")[0]
    return operands[1] if kind.lower() in _NODES else None


def _shown(command: Command, resource: Word) -> str:
    text = " ".join(word.raw for word in command.words)
    return f"`{text}`" if len(text) <= 80 and text.isprintable() else f"`delete {resource.raw}` in `{_NAMESPACE}`"


def _fix(resource: Word) -> Fix | None:
    name = resource.raw.partition("/")[0]
    if name.lower() not in _NODES:
        return None
    edit = with_beginning(resource, len(name), _RIGHT)
    return None if edit is None else Fix.safe(f"delete `{_RIGHT}`", edit)
