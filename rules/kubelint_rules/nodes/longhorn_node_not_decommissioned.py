"""Rule: longhorn-node-not-decommissioned."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn_nodes import State, offered_disks, state_of
from kubelint.manifests import Edit, Field, KubeObject, Project
from kubelint.manifests.orders import LONGHORN_NODE
from kubelint_rules.nodes.known_nodes import Absence, known_nodes
from kubelint_rules.nodes.references import longhorn_nodes


class LonghornNodeNotDecommissioned(ProjectRule):
    """Longhorn is told to place replicas on a node that the cluster does not have.

    ## What it does
    Looks for Longhorn's `Node` objects with `allowScheduling: true`, their own or a disk's, whose node is not in the
    list of all nodes: `cluster.nodes` of `kubelint.yaml`, or else an Ansible inventory, a talconfig, RKE's
    `cluster.yml` or a `nodes.yaml` of the same cluster. Without a list that surely is complete it says nothing.

    ## Why it matters
    When a Kubernetes node is deleted, Longhorn deletes its own entry only if that entry does not allow scheduling and
    holds no replica or engine any more. Otherwise it stays, and new replicas are meant for a machine that is gone:
    volumes are degraded, and their rebuilds fail. An entry that is kept in git comes back even after somebody has
    deleted it.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: Node
    metadata:
      name: worker-3
      namespace: longhorn-system
    spec:
      name: worker-3
      allowScheduling: true
      evictionRequested: false
    ```
    ```yaml title="inventory/hosts.yaml"
    k3s_cluster:
      children:
        server:
          hosts:
            server-1:
        agent:
          hosts:
            worker-1:
            worker-2:
    ```

    ## Use instead
    Before the machine goes, let its replicas move:

    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: Node
    metadata:
      name: worker-3
      namespace: longhorn-system
    spec:
      name: worker-3
      allowScheduling: false
      evictionRequested: true
    ```

    Wait until `kubectl -n longhorn-system get replicas.longhorn.io` shows none on it, then
    `kubectl drain worker-3 --ignore-daemonsets --delete-emptydir-data`, `kubectl delete node worker-3`, and at last
    `kubectl -n longhorn-system delete nodes.longhorn.io worker-3`, where it is still there. Remove the manifest.

    ## When to ignore
    For a node that is to join, and is not in the list yet.

    ## Fix safety
    Unsafe: replicas on that node are rebuilt elsewhere, if there is still one to build them from.

    ## References
    - [Longhorn: removing a node](https://longhorn.io/docs/1.9.0/maintenance/maintenance/#removing-a-node)
    - longhorn-manager `controller/kubernetes_node_controller.go`, `webhook/resources/node/validator.go`
    """

    meta = RuleMeta(
        id="longhorn-node-not-decommissioned",
        summary="Longhorn places replicas on a node that the cluster does not have",
        category=Category.NODES,
        severity=Severity.ERROR,
        incident=9,
        since="0.1.0",
        fixable=True,
    )
    needs = frozenset({"Node"})

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every Longhorn node that is gone and still takes replicas."""
        nodes = known_nodes(project)
        for obj in longhorn_nodes(project):
            absence = nodes.absence(obj.name, obj.scope, obj.file)
            patched = project.may_be_patched(obj, "spec", "allowScheduling")
            if absence is not None and not patched and state_of(obj.root.value) is State.OFFERED:
                yield self._finding(obj, absence)

    def _finding(self, obj: KubeObject, absence: Absence) -> Finding:
        missing = "declares" if absence.listed is None else "lists"
        found = self.finding(
            f"Longhorn places replicas on node `{absence.name}`, and `{absence.source}` {missing} no such node",
            at=_offer(obj),
            note="an entry that allows scheduling outlives its node",
            severity=None if absence.likely else Severity.WARNING,
        ).label(obj, "Longhorn's entry for the node")
        if absence.listed is not None:
            found = found.label(absence.listed, "the nodes are listed here")
        return found.help(
            "set `allowScheduling: false` and `evictionRequested: true`, wait for the replicas to move, delete the"
            " Kubernetes node and then this one"
        ).fix(_fix(obj))


def _offer(obj: KubeObject) -> Field:
    """The field that allows scheduling: the node's, or that of its first disk."""
    own = obj.field("spec", "allowScheduling")
    if own.value is True:
        return own
    return obj.field("spec", "disks", offered_disks(obj.root.value)[0], "allowScheduling")


def _fix(obj: KubeObject) -> Fix:
    spec = obj.field("spec")
    edits = (_set(spec, "allowScheduling", "false"), _set(spec, "evictionRequested", "true"))
    changes = [edit for edit in edits if edit is not None]
    return Fix.unsafe("stop scheduling on the node and evict its replicas", *changes)


def _set(spec: Field, key: str, text: str) -> Edit | None:
    field = spec.get(key)
    if not field.exists:
        return spec.insert(key, text, LONGHORN_NODE)
    return None if field.value is (text == "true") else field.replace(text)
