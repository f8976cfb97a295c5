"""kubeadm's configuration (kubernetes `cmd/kubeadm/app/apis/kubeadm/v1beta3` and `v1beta4`)."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.cluster.architectures import ARCH_LABEL, GOARCH
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.machines import Machine
from kubelint.manifests.hosts.places import Value
from kubelint.manifests.objects import KubeObject

KINDS = frozenset({"InitConfiguration", "JoinConfiguration", "ClusterConfiguration"})
GROUP = "kubeadm.k8s.io"


class KubeadmConfig:
    """One document of kubeadm's."""

    def __init__(self, obj: KubeObject) -> None:
        self.obj = obj
        self.root = obj.root
        self.file = obj.file
        self.kind = obj.kind
        self.scope = obj.scope

    @property
    def etcd_endpoints(self) -> list[Field]:
        """The endpoints of an etcd that runs elsewhere; empty where the control plane runs its own."""
        return list(self.root.get("etcd", "external", "endpoints").elements())

    @property
    def machine(self) -> Machine | None:
        """The machine that this starts or joins; None for the configuration of the whole cluster."""
        if self.kind == "ClusterConfiguration":
            return None
        node = self.root.get("nodeRegistration")
        name, endpoint = node.get("name"), self.root.get("localAPIEndpoint", "advertiseAddress")
        labels = tuple(_labels(node.get("kubeletExtraArgs")))
        architecture = next((value for key, value in labels if key == ARCH_LABEL and value.value in GOARCH), None)
        leader = self.kind == "InitConfiguration" or self.root.get("controlPlane").exists
        return Machine(
            at=name if name.exists else self.root.get("kind"),
            name=Value(name.value, name) if isinstance(name.value, str) else None,
            control_plane=Value(leader, self.root.get("kind")),
            architecture=architecture,
            labels=labels,
            taints=tuple(Value(t.value, t) for t in node.get("taints").elements() if isinstance(t.value, dict)),
            addresses=(Value(endpoint.text, endpoint),) if endpoint.text else (),
        )


def _labels(arguments: Field) -> Iterator[tuple[str, Value]]:
    """`node-labels` of the kubelet: a mapping's entry, or since v1beta4 an item with `name` and `value`."""
    fields = [arguments.get("node-labels")]
    fields += [item.get("value") for item in arguments.elements() if item.get("name").text == "node-labels"]
    for field in fields:
        for pair in (field.text or "").split(","):
            key, equals, value = pair.strip().partition("=")
            if equals:
                yield key, Value(value, field)
