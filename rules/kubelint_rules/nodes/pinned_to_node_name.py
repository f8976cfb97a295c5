"""Rule: pinned-to-node-name."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.dns import is_cluster_dns
from kubelint.manifests import Edit, PodTemplate, Project
from kubelint.manifests.hosts.names import node_name
from kubelint.manifests.hosts.places import is_sample
from kubelint_rules.nodes.known_nodes import known_nodes

_KINDS = frozenset(
    {"CronJob", "Deployment", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet", "CloneSet"}
)
_HOSTNAME = "kubernetes.io/hostname"


class PinnedToNodeName(ProjectRule):
    """A workload binds its pods to a node by `nodeName`, past the scheduler.

    ## What it does
    Looks for `nodeName` in the pod templates of controllers: Deployments, StatefulSets, ReplicaSets, CronJobs and their
    like. Jobs and bare pods run once and are left alone, and so are DaemonSets and template text. A node that the
    cluster surely does not have is `unknown-node-reference`.

    ## Why it matters
    A pod with a `nodeName` never meets the scheduler. Nobody checks whether the node has room for it, whether it is
    cordoned, or whether it is there: on a full node the kubelet rejects the pod and the controller makes the next one,
    again and again. A drain evicts it, and its replacement is back on the same node at once, to go down with
    it. And when the machine leaves for good, the name stays.

    ## Example
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: zigbee, namespace: home}
    spec:
      selector: {matchLabels: {app: zigbee}}
      template:
        metadata: {labels: {app: zigbee}}
        spec:
          nodeName: worker-2
          containers:
            - name: zigbee
              image: registry.example/home/zigbee:2.1.0
    ```

    ## Use instead
    ```yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: zigbee, namespace: home}
    spec:
      selector: {matchLabels: {app: zigbee}}
      template:
        metadata: {labels: {app: zigbee}}
        spec:
          nodeSelector:
            kubernetes.io/hostname: worker-2
          containers:
            - name: zigbee
              image: registry.example/home/zigbee:2.1.0
    ```

    Better still select what the node is needed for, by a label that moves with the hardware.

    ## When to ignore
    For what has to run before a scheduler does, or on a node that is cordoned.

    ## Fix safety
    Unsafe: the pod is scheduled from then on, and stays `Pending` where it has no room, or does not tolerate the
    node's taints. The label may differ from the node's name where a cloud provider sets it.

    ## References
    - [nodeName](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename)
    - kubernetes `pkg/kubelet/lifecycle/predicate.go`
    """

    meta = RuleMeta(
        id="pinned-to-node-name",
        summary="workload binds its pods to a node past the scheduler",
        category=Category.NODES,
        severity=Severity.WARNING,
        incident=9,
        since="0.1.0",
        fixable=True,
    )
    needs = _KINDS
    marks = ("nodeName",)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for every controller that names the node of its pods."""
        nodes = known_nodes(project)
        for pod in project.pods:
            if pod.kind not in _KINDS or is_sample(pod.obj.file) or is_cluster_dns(pod.obj.root.value):
                continue
            name = pod.spec.get("nodeName")
            known = node_name(name.text) and nodes.absence(name.text, pod.obj.scope, pod.obj.file) is None
            if known:
                yield (
                    self.finding(
                        f"`{pod.display}` binds its pods to node `{name.text}` past the scheduler",
                        at=name,
                        note="nobody asks whether the node has room, is cordoned, or is there",
                    )
                    .help(f"select the node by its label `{_HOSTNAME}`")
                    .fix(_fix(pod))
                )


def _fix(pod: PodTemplate) -> Fix | None:
    name, selector = pod.spec.get("nodeName"), pod.spec.get("nodeSelector")
    if selector.unknown or (isinstance(selector.value, dict) and _HOSTNAME in selector.value):
        return None
    edit: Edit
    text = str(name.text) if str(name.text)[0].isalpha() else json.dumps(name.text)
    if isinstance(selector.value, dict):
        edit = selector.insert(_HOSTNAME, text)
    elif selector.exists:
        edit = selector.replace(f"{{{_HOSTNAME}: {text}}}")
    else:
        edit = pod.spec.insert("nodeSelector", f"{{{_HOSTNAME}: {text}}}")
    return Fix.unsafe("replace `nodeName` with a `nodeSelector`", name.delete(), edit)
