"""Lists of nodes that a template of a whole cluster is made from: `nodes: [{name, address, controller}]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubelint.cluster.architectures import GOARCH
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.machines import Machine
from kubelint.manifests.hosts.places import Value
from kubelint.manifests.hosts.talos import SBC_OVERLAYS

_REQUIRED = frozenset({"name", "address"})
_TELLING = frozenset({"controller", "schematic_id", "mac_addr", "disk", "talos_image"})


class NodeList:
    """One such list: all nodes of a cluster."""

    def __init__(self, root: Field) -> None:
        self.root = root
        self.file = root.document.file

    def __repr__(self) -> str:
        return f"<NodeList {self.file}>"

    @property
    def machines(self) -> list[Machine]:
        """The machines in the order of the file."""
        return [_machine(node) for node in self.root.get("nodes").elements()]


def read_node_list(root: Field) -> NodeList | None:
    """The document as a list of nodes; None where it is something else."""
    nodes = root.get("nodes").value
    if not isinstance(nodes, list) or not nodes or not all(map(_is_node, nodes)):
        return None
    return NodeList(root)


def _is_node(node: Any) -> bool:
    return isinstance(node, Mapping) and _REQUIRED.issubset(node) and not _TELLING.isdisjoint(node)


def _machine(node: Field) -> Machine:
    name, address, controller = node.get("name"), node.get("address"), node.get("controller")
    architecture = next((f for key in ("arch", "architecture") if (f := node.get(key)).text in GOARCH), None)
    overlay = node.get("overlay") if node.get("overlay").text else node.get("overlay", "name")
    if architecture is None and overlay.text in SBC_OVERLAYS:
        found: Value | None = Value("arm64", overlay)
    else:
        found = Value(architecture.text, architecture) if architecture is not None else None
    return Machine(
        at=name,
        name=Value(name.value, name),
        control_plane=Value(controller.boolean, controller) if controller.boolean is not None else None,
        architecture=found,
        addresses=(Value(address.text, address),) if address.text else (),
    )
