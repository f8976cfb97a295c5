"""Rule: unknown-node-reference."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn_nodes import State, state_of
from kubelint.cluster.node_references import MARKS, Use
from kubelint.manifests import KubeObject, Project
from kubelint_rules.nodes.known_nodes import Absence, KnownNodes, known_nodes
from kubelint_rules.nodes.references import Reference, longhorn_nodes, references

_GONE = "no node is called so"
_WEAK = frozenset({Use.PREFERRED, Use.EXCLUDED})


class UnknownNodeReference(ProjectRule):
    """A manifest names a node that the cluster does not have.

    ## What it does
    Compares the names of nodes with the list of all nodes: `nodeName`, selectors and affinity on
    `kubernetes.io/hostname` in workloads, patches and values of charts, the affinity of PersistentVolumes, Longhorn's
    `Node`, `Volume` and `Replica`, Rook's `storage.nodes`, and what MetalLB, Cilium, Calico, kube-vip and upgrade
    Plans select. The list is what `cluster.nodes` of `kubelint.yaml` declares, or else an Ansible inventory with
    groups of nodes, a talconfig, RKE's `cluster.yml` or a `nodes.yaml` of the same cluster. Without a list that
    surely is complete it says nothing. Targets of Prometheus are not compared: they may be any machine. Names with
    and without their domain are one node; templates and placeholders are no names. Longhorn's tags, which its
    `nodeSelector` and `diskSelector` hold, are none either.

    Where pods or volumes can only be on that node it is an error, where other nodes would do, or for networking and
    the like, a warning. A preference for a node that is gone, or a rule to keep clear of it, has no effect any more and
    is an info. The names in an Ansible inventory need not be those of nodes: where no manifest uses any of them, and
    the name is not like them either, an error is a warning.

    ## Why it matters
    Nothing removes these names when a machine leaves. Pods that are bound to it stay `Pending`, its local volumes
    cannot be mounted anywhere, storage waits for replicas on disks that are gone, and addresses are announced by
    nobody. It shows on the day when the pod has to move, weeks after the machine left.

    ## Example
    ```yaml
    apiVersion: v1
    kind: PersistentVolume
    metadata:
      name: photos
    spec:
      capacity: {storage: 200Gi}
      accessModes: [ReadWriteOnce]
      storageClassName: local
      local: {path: /mnt/photos}
      nodeAffinity:
        required:
          nodeSelectorTerms:
            - matchExpressions:
                - {key: kubernetes.io/hostname, operator: In, values: [worker-3]}
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
    ```yaml
    apiVersion: v1
    kind: PersistentVolume
    metadata:
      name: photos
    spec:
      capacity: {storage: 200Gi}
      accessModes: [ReadWriteOnce]
      storageClassName: local
      local: {path: /mnt/photos}
      nodeAffinity:
        required:
          nodeSelectorTerms:
            - matchExpressions:
                - {key: kubernetes.io/hostname, operator: In, values: [worker-2]}
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

    ## When to ignore
    Where the list leaves nodes out on purpose. Better declare them all under `cluster.nodes` in `kubelint.yaml`.

    ## References
    - [Assigning Pods to Nodes](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/)
    - [Local volumes](https://kubernetes.io/docs/concepts/storage/volumes/#local)
    - longhorn-manager `controller/kubernetes_node_controller.go`
    """

    meta = RuleMeta(
        id="unknown-node-reference",
        summary="manifest names a node that the cluster does not have",
        category=Category.NODES,
        severity=Severity.WARNING,
        incident=9,
        since="0.1.0",
    )
    marks = (
        *MARKS,
        "longhorn.io",
        "BGPPeer",
        "projectcalico.org",
        "LogicalVolume",
        "CiliumBGPNodeConfigOverride",
        "CephCluster",
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every name that no node of its cluster has."""
        nodes = known_nodes(project)
        for reference in references(project):
            absence = nodes.absence(reference.found.name, reference.scope, reference.at.document.file)
            if absence is not None:
                yield self._of_reference(nodes, reference, absence)
        for obj in longhorn_nodes(project):
            absence = nodes.absence(obj.name, obj.scope, obj.file)
            if absence is not None:
                yield from self._of_longhorn(obj, absence)

    def _of_reference(self, nodes: KnownNodes, reference: Reference, absence: Absence) -> Finding:
        severity = Severity.INFO if reference.found.use in _WEAK else _severity(nodes, reference, absence)
        return self._located(
            self.finding(
                f"{reference.owner} names node `{absence.name}`, which {_unlisted(absence)}",
                at=reference.at,
                note=_note(reference, severity),
                severity=severity,
            ),
            absence,
        ).help("name one of the cluster's nodes, or remove the name; if the node exists, add it to the list")

    def _of_longhorn(self, obj: KubeObject, absence: Absence) -> Iterator[Finding]:
        state = state_of(obj.root.value)
        if state is State.OFFERED:  # longhorn-node-not-decommissioned says more
            return
        if state is State.LEAVING:
            severity, note = Severity.INFO, "kept here, it comes back after it was deleted"
        else:
            severity = Severity.ERROR if absence.likely else Severity.WARNING
            note = "Longhorn keeps it, and what is left on it, in its list of nodes"
        yield self._located(
            self.finding(
                f"Longhorn still has node `{absence.name}`, which {_unlisted(absence)}",
                at=obj,
                note=note,
                severity=severity,
            ),
            absence,
        ).help(
            "remove this manifest once the replicas have moved"
            if state is State.LEAVING
            else "set `evictionRequested: true` until its replicas have moved, then remove this manifest"
        )

    def _located(self, finding: Finding, absence: Absence) -> Finding:
        return finding if absence.listed is None else finding.label(absence.listed, "the nodes are listed here")


def _severity(nodes: KnownNodes, reference: Reference, absence: Absence) -> Severity:
    found = reference.found
    if not absence.likely or not (reference.stuck and found.use in (Use.REQUIRED, Use.ASSIGNED)):
        return Severity.WARNING
    file = reference.at.document.file
    others = (nodes.absence(name, reference.scope, file) for name in found.others)
    return Severity.WARNING if found.open or any(other is None for other in others) else Severity.ERROR


def _unlisted(absence: Absence) -> str:
    return f"`{absence.source}` does not {'declare' if absence.listed is None else 'list'}"


def _note(reference: Reference, severity: Severity) -> str:
    use = reference.found.use
    if use is Use.EXCLUDED:
        return "keeping clear of it has no effect"
    if use is Use.PREFERRED:
        return "preferring it has no effect"
    if use is Use.ASSIGNED:
        return "pods that are bound to it never start"
    if reference.stuck == "volume":
        return "what claims this volume stays `Pending`" if severity is Severity.ERROR else _GONE
    if reference.stuck and use is Use.REQUIRED and severity is Severity.ERROR:
        return "no node matches, so no pod starts"
    return _GONE
