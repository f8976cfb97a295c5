"""Talos machine configuration and talhelper's talconfig.

Follows siderolabs/talos `pkg/machinery/config/types/v1alpha1` and `.../types/network` (HostnameConfig), and
budimanjojo/talhelper `pkg/config` (talconfig).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import basename

from kubelint.cluster.architectures import GOARCH
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.machines import Machine
from kubelint.manifests.hosts.places import Value

_CONTROL_PLANE = {"controlplane": True, "init": True, "worker": False}
_EFFECTS = frozenset({"NoSchedule", "PreferNoSchedule", "NoExecute"})

_BOARDS = """
    rpi_generic rpi_5 turingrk1 rockpi4 rockpi4c rock64 rock4cplus rock4se rock5a rock5b rock5t bananapi_m64
    libretech_all_h3_cc_h5 jetson_nano nanopi-r4s nanopi-r5s nanopi-m5 orangepi-r1-plus-lts orangepi-5 orangepi-5-plus
    pine64 helios64
"""
SBC_OVERLAYS = frozenset(_BOARDS.split())
"""Overlays for single-board computers, all of which are arm64 (siderolabs/overlays)."""

_AMD64_EXTENSIONS = frozenset(
    f"siderolabs/{name}" for name in ("intel-ucode", "amd-ucode", "i915", "i915-ucode", "mei")
)
"""Extensions that are built for amd64 only (siderolabs/extensions): microcode and drivers of its processors."""


class TalConfig:
    """talhelper's `talconfig.yaml`: all machines of one cluster."""

    def __init__(self, root: Field) -> None:
        self.root = root
        self.file = root.document.file

    def __repr__(self) -> str:
        return f"<TalConfig {self.file}>"

    @property
    def name(self) -> str | None:
        """What the cluster is called."""
        return self.root.get("clusterName").text

    @property
    def machines(self) -> list[Machine]:
        """The machines in the order of the file."""
        return [_talhelper_node(self.root, node) for node in self.root.get("nodes").elements()]


class TalosMachine:
    """The machine configuration of one file; a `partial` one is a patch, which other files complete."""

    def __init__(self, root: Field, documents: Iterable[Field]) -> None:
        self.root = root
        self.file = root.document.file
        self.documents = list(documents)
        """The other documents of the file, such as HostnameConfig."""

    def __repr__(self) -> str:
        return f"<TalosMachine {self.file}>"

    @property
    def partial(self) -> bool:
        """Whether this leaves out what every machine needs: its type."""
        return self.root.get("machine", "type").absent

    @property
    def hostname(self) -> Field:
        """The machine's name, of HostnameConfig or `machine.network.hostname`."""
        for document in self.documents:
            if document.get("kind").text == "HostnameConfig" and document.get("hostname").exists:
                return document.get("hostname")
        return self.root.get("machine", "network", "hostname")

    @property
    def machine(self) -> Machine:
        """What the configuration says of its machine."""
        config = self.root.get("machine")
        kind = config.get("type")
        control_plane = _CONTROL_PLANE.get(kind.text or "")
        interfaces = config.get("network", "interfaces").elements()
        return Machine(
            at=self.hostname if self.hostname.exists else config,
            name=_value(self.hostname),
            control_plane=None if control_plane is None else Value(control_plane, kind),
            architecture=_labelled(config.get("nodeLabels")) or _of_image(config.get("install", "image")),
            labels=_labels(config.get("nodeLabels")),
            taints=_taints(config.get("nodeTaints")),
            addresses=tuple(value for interface in interfaces for value in _addresses(interface.get("addresses"))),
        )


def read_talconfig(root: Field) -> TalConfig | None:
    """The document as a talconfig; None where it is something else."""
    nodes = root.get("nodes")
    if not isinstance(nodes.value, list) or not all(isinstance(node, dict) for node in nodes.value):
        return None
    named = basename(root.document.file).startswith("talconfig.")
    told = root.get("clusterName").exists and root.get("endpoint").exists
    ours = any("ipAddress" in node or "controlPlane" in node for node in nodes.value)
    return TalConfig(root) if ours and (named or told) else None


def read_machine(root: Field, siblings: Iterable[Field]) -> TalosMachine | None:
    """The document as a machine configuration; None where it is something else."""
    if not isinstance(root.get("machine").value, dict):
        return None
    names = {"version", "machine", "cluster", "debug", "persist"}
    whole = root.get("version").text == "v1alpha1"
    if not (whole or names.issuperset(root.value)) or "kind" in root.value:
        return None
    others = [other for other in siblings if other.document.index != root.document.index]
    return TalosMachine(root, others)


def _talhelper_node(root: Field, node: Field) -> Machine:
    control_plane = node.get("controlPlane")
    told = control_plane.boolean if control_plane.exists else False
    group = root.get("controlPlane" if told else "worker")
    holders = (node, group)
    architecture = next(filter(None, (_labelled(holder.get("nodeLabels")) for holder in holders)), None)
    schematic = node.get("schematic") if node.get("schematic").exists else group.get("schematic")
    hidden = node.get("ignoreHostname").boolean is True
    return Machine(
        at=node.get("hostname"),
        name=None if hidden else _value(node.get("hostname")),
        control_plane=None if told is None else Value(told, control_plane if control_plane.exists else node),
        architecture=architecture or _declared(node) or _of_schematic(schematic),
        labels=tuple(dict(pair for holder in reversed(holders) for pair in _labels(holder.get("nodeLabels"))).items()),
        taints=tuple(taint for holder in holders for taint in _taints(holder.get("nodeTaints"))),
        addresses=tuple(_addresses(node.get("ipAddress"))),
    )


def _declared(node: Field) -> Value | None:
    field = node.get("machineSpec", "arch")
    return Value(field.text, field) if field.text in GOARCH else None


def _labelled(labels: Field) -> Value | None:
    field = labels.get("kubernetes.io/arch")
    return Value(field.text, field) if field.text in GOARCH else None


def _of_schematic(schematic: Field) -> Value | None:
    """What an image factory schematic is for: boards that are arm64, microcode of amd64 processors."""
    overlay = schematic.get("overlay", "name")
    if overlay.text in SBC_OVERLAYS:
        return Value("arm64", overlay)
    extensions = schematic.get("customization", "systemExtensions", "officialExtensions")
    for extension in extensions.elements():
        if extension.text in _AMD64_EXTENSIONS:
            return Value("amd64", extension)
    return None


def _of_image(image: Field) -> Value | None:
    """The board that an installer image is for, which stands in its name: `…/rpi_generic-installer/…`."""
    steps = (image.text or "").partition(":")[0].split("/")
    if any(step.removesuffix("-installer") in SBC_OVERLAYS for step in steps):
        return Value("arm64", image)
    return None


def _value(field: Field) -> Value | None:
    return Value(field.value, field) if field.exists and isinstance(field.value, str) else None


def _labels(field: Field) -> tuple[tuple[str, Value], ...]:
    return tuple((key, Value(label.value, label)) for key, label in field.items())


def _taints(field: Field) -> tuple[Value, ...]:
    """Talos writes `key: value:Effect`, or `key: :Effect`."""
    found = []
    for key, taint in field.items():
        value, _, effect = (taint.text or "").rpartition(":")
        if effect in _EFFECTS:
            told = {"key": key, "value": value, "effect": effect} if value else {"key": key, "effect": effect}
            found.append(Value(told, taint))
    return tuple(found)


def _addresses(field: Field) -> Iterator[Value]:
    """Addresses without their prefix length; talhelper takes several in one string."""
    for at in (field, *field.elements()):
        for part in (at.text or "").split(","):
            if part.strip():
                yield Value(part.strip().partition("/")[0], at)
