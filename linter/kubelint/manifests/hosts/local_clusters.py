"""Clusters of containers on one machine: k3d and kind. Their nodes are never those of the cluster that runs for users.

Follows k3d-io/k3d `pkg/config/v1alpha5/types.go` and kubernetes-sigs/kind `pkg/apis/config/v1alpha4/types.go`.
"""

from __future__ import annotations

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.server_config import Setting, arguments
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.shell.passages import passage_of_field


class LocalCluster:
    """One k3d or kind configuration."""

    def __init__(self, obj: KubeObject) -> None:
        self.obj = obj
        self.root = obj.root
        self.file = obj.file
        self.tool = "k3d" if obj.kind == "Simple" else "kind"

    def __repr__(self) -> str:
        return f"<LocalCluster {self.tool} {self.name} in {self.file}>"

    @property
    def name(self) -> str | None:
        """What the cluster is called."""
        return self.obj.name or self.root.get("name").text

    @property
    def control_planes(self) -> int | None:
        """How many control plane nodes it has; one where nothing is said, None where that is unknown."""
        return self._count("servers", "control-plane", 1)

    @property
    def workers(self) -> int | None:
        """How many further nodes it has."""
        return self._count("agents", "worker", 0)

    def _count(self, key: str, role: str, default: int) -> int | None:
        if self.tool == "k3d":
            field = self.root.get(key)
            return default if field.absent else field.integer
        nodes = self.root.get("nodes")
        if nodes.absent or nodes.value == []:
            return default
        return (
            sum(node.get("role").text == role for node in nodes.elements()) if isinstance(nodes.value, list) else None
        )

    @property
    def settings(self) -> list[tuple[Setting, Field]]:
        """k3d: the flags that are handed to k3s, each with the field that says to which nodes."""
        found = []
        for entry in self.root.get("options", "k3s", "extraArgs").elements():
            found += [(setting, entry.get("nodeFilters")) for setting in arguments(passage_of_field(entry.get("arg")))]
        return found


def read_local(obj: KubeObject) -> LocalCluster | None:
    """The object as a local cluster; None where it is something else."""
    ours = (obj.kind == "Simple" and obj.group == "k3d.io") or (obj.kind == "Cluster" and obj.group == "kind.x-k8s.io")
    return LocalCluster(obj) if ours else None
