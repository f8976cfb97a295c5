"""Nodes, and which of them fit a pod, found by their labels.

Follows the filters of kubernetes ``pkg/scheduler/framework/plugins``: ``nodename``, ``nodeaffinity``,
``nodeunschedulable``, ``tainttoleration``; and for a pod with ``nodeName``, which no scheduler sees, the kubelet's own
``pkg/kubelet/lifecycle/predicate.go``. What a node has room for is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kubelint.cluster.architectures import ARCH_LABEL, ARCH_LABELS, DEPRECATED_LABELS
from kubelint.cluster.plain import as_mapping
from kubelint.cluster.scheduling.masks import NONE, NOWHERE, LabelIndex, Mask, numbers_of
from kubelint.cluster.scheduling.requirements import HOSTNAME_LABEL, Requirement, integer, is_template
from kubelint.cluster.scheduling.tainted import TaintIndex
from kubelint.cluster.scheduling.taints import RUNNING, SCHEDULING, UNSCHEDULABLE, Taint, read_taints


@dataclass(frozen=True)
class Node:
    """What is known of one node.

    ``name``: None where unknown.  ``open``: whether it may carry labels besides these, as a node does that only an
    inventory tells of; nobody but the kubelet then says its host name, which is taken to be its name.
    """

    name: str | None
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    open: bool = False

    @property
    def known_labels(self) -> Mapping[str, str]:
        """The labels, with those of an open node that follow from them."""
        if not self.open:
            return self.labels
        found = {old: self.labels[new] for old, new in DEPRECATED_LABELS.items() if new in self.labels}
        named = {HOSTNAME_LABEL: self.name} if self.name else {}
        return {**named, **found, **self.labels}


def read_node(value: object, *, open: bool = False) -> Node:
    """The node of a ``Node`` object: name, labels, taints, and whether it is cordoned. Nothing raises."""
    root = as_mapping(value)
    metadata, spec = as_mapping(root.get("metadata")), as_mapping(root.get("spec"))
    name = metadata.get("name")
    labels = {key: label for key, label in as_mapping(metadata.get("labels")).items() if isinstance(label, str)}
    told = as_mapping(as_mapping(root.get("status")).get("nodeInfo")).get("architecture")
    if open and isinstance(told, str):
        labels.setdefault(ARCH_LABEL, told)
    taints = read_taints(spec.get("taints"))
    if spec.get("unschedulable") is True:
        taints += (Taint(UNSCHEDULABLE, effect="NoSchedule"),)
    known = name if isinstance(name, str) and name and not is_template(name) else None
    return Node(known, labels, taints, open)


class Nodes:
    """Nodes indexed by label, name and taint. What a pod demands costs as much for a thousand nodes as for one."""

    def __init__(self, nodes: Iterable[Node | Mapping[str, object]]) -> None:
        self.nodes = tuple(node if isinstance(node, Node) else read_node(node) for node in nodes)
        self.every = (1 << len(self.nodes)) - 1
        self.open = 0
        self._labels: dict[str, LabelIndex] = {}
        self._names = LabelIndex()
        self._near: dict[str, int] = {}
        self._bare: dict[str, int] = {}
        for number, node in enumerate(self.nodes):
            self._add(node, 1 << number)
        self._known: dict[tuple[str, str, tuple[object, ...], bool], Mask] = {}

    def _add(self, node: Node, bit: int) -> None:
        labels = node.known_labels
        if node.open or any(map(is_template, labels)):
            self.open |= bit
        for key, value in labels.items():
            self._labels.setdefault(key, LabelIndex()).add(value, bit)
        self._names.add(node.name, bit)
        if node.open and node.name:
            first, dot, _ = node.name.lower().partition(".")
            for index in (self._near,) if dot else (self._near, self._bare):
                index[first] = index.get(first, 0) | bit

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, mask: int) -> Iterator[Node]:
        """The nodes of a mask."""
        return (self.nodes[number] for number in numbers_of(mask))

    @cached_property
    def scheduled(self) -> TaintIndex:
        """The taints that the scheduler heeds."""
        return TaintIndex([node.taints for node in self.nodes], SCHEDULING)

    @cached_property
    def bound(self) -> TaintIndex:
        """The taints that a kubelet heeds."""
        return TaintIndex([node.taints for node in self.nodes], RUNNING)

    @cached_property
    def architectures(self) -> Mapping[str, int]:
        """The nodes of each architecture that one of them has."""
        found: dict[str, int] = {}
        for label in sorted(ARCH_LABELS):
            for value, mask in self._labels.get(label, NOWHERE).by_value.items():
                found[value] = found.get(value, 0) | mask
        return found

    def meeting(self, requirement: Requirement) -> Mask:
        """The nodes that meet a requirement."""
        if not requirement.valid:
            return NONE
        key = (requirement.key, requirement.operator, requirement.values, requirement.field)
        if key not in self._known:
            self._known[key] = self._meeting(requirement)
        return self._known[key]

    def named(self, name: str) -> Mask:
        """The nodes of that name. One that an inventory tells of may be meant with or without its domain."""
        found = self._names.within((name,))
        return Mask(found.surely, found.maybe | self._nearly(name))

    def _meeting(self, requirement: Requirement) -> Mask:
        if is_template(requirement.key) or is_template(requirement.operator):
            return Mask(0, self.every)
        values = [value for value in requirement.values if isinstance(value, str)]
        found = self.named(values[0]) if requirement.field else self._labelled(requirement, values)
        return found.among(self.every) if requirement.operator in ("NotIn", "DoesNotExist") else found

    def _labelled(self, requirement: Requirement, values: list[str]) -> Mask:
        """The nodes with the label; of its negation the ones that are left out."""
        label = self._labels.get(requirement.key, NOWHERE)
        untold = self.open & ~label.held
        match requirement.operator:
            case "Exists" | "DoesNotExist":
                return Mask(label.held, label.held | untold)
            case "In" | "NotIn":
                found = label.within(values)
                near = self._nearly(*values) & self.open if requirement.key == HOSTNAME_LABEL else 0
                return Mask(found.surely, found.maybe | untold | near)
        limit = integer(values[0])
        if limit is None:
            return Mask(0, label.held | untold)
        found_here = label.above(limit) if requirement.operator == "Gt" else label.below(limit)
        return Mask(found_here, found_here | label.vague | untold)

    def _nearly(self, *names: str) -> int:
        """The open nodes whose name is one of these but for a domain that one of the two leaves out."""
        found = 0
        for name in names:
            first, dot, _ = name.lower().partition(".")
            found |= (self._bare if dot else self._near).get(first, 0)
        return found
