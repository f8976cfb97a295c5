"""The configuration of RKE 1, `cluster.yml`: all nodes of one cluster, each with its roles.

Follows rancher/rke `types/rke_types.go` (`RKEConfigNode`, `ETCDService`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.machines import Machine
from kubelint.manifests.hosts.names import is_address
from kubelint.manifests.hosts.places import Value

_ROLES = frozenset({"controlplane", "etcd", "worker"})


class RkeCluster:
    """One such file."""

    def __init__(self, root: Field) -> None:
        self.root = root
        self.file = root.document.file

    def __repr__(self) -> str:
        return f"<RkeCluster {self.file}>"

    @property
    def machines(self) -> list[Machine]:
        """The machines in the order of the file."""
        return [_machine(node) for node in self.root.get("nodes").elements()]

    @property
    def members(self) -> list[Field]:
        """The nodes that run etcd; none where it runs elsewhere, or where some node's roles are not known."""
        nodes = list(self.root.get("nodes").elements())
        elsewhere = self.root.get("services", "etcd", "external_urls")
        if elsewhere.value or any(role.text is None for node in nodes for role in node.get("role").elements()):
            return []
        return [node.get("address") for node in nodes if "etcd" in node.get("role").strings()]


def read_rke(root: Field) -> RkeCluster | None:
    """The document as a configuration of RKE; None where it is something else."""
    nodes = root.get("nodes").value
    if not isinstance(nodes, list) or not nodes or not all(map(_is_node, nodes)):
        return None
    return RkeCluster(root)


def _is_node(node: Any) -> bool:
    if not isinstance(node, Mapping) or "address" not in node:
        return False
    roles = node.get("role")
    return isinstance(roles, list) and bool(roles) and any(role in _ROLES for role in map(str, roles))


def _machine(node: Field) -> Machine:
    address, told = node.get("address"), node.get("hostname_override")
    name = told if told.exists else address
    known = isinstance(name.value, str) and not is_address(name.value)
    return Machine(
        at=name,
        name=Value(name.value, name) if known else None,
        control_plane=Value("controlplane" in node.get("role").strings(), node.get("role")),
        labels=tuple((key, Value(label.value, label)) for key, label in node.get("labels").items()),
        taints=tuple(Value(t.value, t) for t in node.get("taints").elements() if isinstance(t.value, dict)),
        addresses=(Value(address.text, address),) if address.text else (),
    )
