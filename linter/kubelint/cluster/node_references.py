"""Where manifests name machines: which node a text stands for, and what becomes of it if that node is gone.

Sources: kubernetes ``pkg/apis/core/types.go`` (``NodeSelectorTerm``, ``PersistentVolumeSpec``), longhorn-manager
``k8s/pkg/apis/longhorn/v1beta2``, rook ``pkg/apis/ceph.rook.io/v1/types.go``, cilium
``pkg/k8s/apis/cilium.io/v2``, projectcalico ``api/pkg/apis/projectcalico/v3``, topolvm ``api/v1``, MetalLB
``api/v1beta1``, kube-vip ``pkg/kubevip/config_environment.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]


class Use(StrEnum):
    """What a name is there for."""

    REQUIRED = "required"
    """Nothing but the named nodes will do: a selector, or required affinity."""
    PREFERRED = "preferred"
    EXCLUDED = "excluded"
    """Any node but these."""
    ASSIGNED = "assigned"
    """`nodeName` of a pod: the scheduler is not asked."""
    STATED = "stated"
    """Some other field that holds a node's name."""


class NodeReference(NamedTuple):
    """A text that names a node: ``path`` leads to it, or to the mapping's entry whose value it is.

    ``others`` are the names that would do as well; ``open``: whether there are ways around all of them.
    """

    name: object
    path: Path
    use: Use
    others: tuple[object, ...] = ()
    open: bool = False


HOST_LABELS = frozenset(
    {
        "kubernetes.io/hostname",
        "openebs.io/nodename",
        "topology.topolvm.io/node",
        "topology.topolvm.cybozu.com/node",
    }
)
"""Labels and topology keys whose values are the names of nodes."""

MARKS = (
    *sorted(HOST_LABELS),
    *sorted(label.replace("/", "~1") for label in HOST_LABELS),
    "matchFields",
    "nodeName",
    "nodeID",
    "useAllNodes",
    "vip_nodename",
    "selected-node",
)
"""One of these stands in the text of whatever names a node, but for objects that are named after one."""

_SELECTORS = frozenset({"nodeSelector", "matchLabels"})
_EXPRESSIONS = ("matchExpressions", "matchLabelExpressions", "matchFields")
_LONGHORN_SELECTOR = frozenset({"systemManagedComponentsNodeSelector"})
_ANY = "*"
_CALICO = re.compile(r"kubernetes\.io/hostname\s*(?P<sign>==|!=|not in|in)\s*(?P<names>'[^']*'|\"[^\"]*\"|\{[^{}]*\})")
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
_LONGEST = 5000
_STATED: Mapping[tuple[str, str], tuple[Path, ...]] = {
    ("", "PersistentVolumeClaim"): (("metadata", "annotations", "volume.kubernetes.io/selected-node"),),
    ("", "Endpoints"): (("subsets", _ANY, "addresses", _ANY, "nodeName"),),
    ("discovery.k8s.io", "EndpointSlice"): (("endpoints", _ANY, "nodeName"),),
    ("storage.k8s.io", "VolumeAttachment"): (("spec", "nodeName"),),
    ("longhorn.io", "Volume"): (("spec", "nodeID"), ("spec", "migrationNodeID")),
    ("longhorn.io", "Replica"): (("spec", "nodeID"), ("spec", "hardNodeAffinity")),
    ("longhorn.io", "Engine"): (("spec", "nodeID"),),
    ("cilium.io", "CiliumBGPNodeConfigOverride"): (("metadata", "name"),),
    ("crd.projectcalico.org", "BGPPeer"): (("spec", "node"),),
    ("crd.projectcalico.org", "HostEndpoint"): (("spec", "node"),),
    ("crd.projectcalico.org", "Node"): (("metadata", "name"),),
    ("projectcalico.org", "BGPPeer"): (("spec", "node"),),
    ("projectcalico.org", "HostEndpoint"): (("spec", "node"),),
    ("projectcalico.org", "Node"): (("metadata", "name"),),
    ("topolvm.io", "LogicalVolume"): (("spec", "nodeName"),),
    ("topolvm.cybozu.com", "LogicalVolume"): (("spec", "nodeName"),),
}
NAMED_KINDS = frozenset(kind for _, kind in _STATED) | {"CephCluster", "Setting"}
"""The kinds that name nodes in fields of their own."""


def stated_nodes(group: str, kind: str, obj: object) -> Iterator[NodeReference]:
    """The nodes that an object of some kind names in fields that only this kind has."""
    for path in _STATED.get((group, kind), ()):
        for found, value in _reach(obj, path, ()):
            yield NodeReference(value, found, Use.STATED)
    if (group, kind) == ("longhorn.io", "Setting"):
        metadata, value = as_mapping(as_mapping(obj).get("metadata")), as_mapping(obj).get("value")
        if metadata.get("name") == "system-managed-components-node-selector":
            yield from _longhorn_selector(value, ("value",))
    if (group, kind) == ("ceph.rook.io", "CephCluster"):
        storage = as_mapping(as_mapping(obj).get("spec")).get("storage")
        yield from _rook(storage, ("spec", "storage"), default=False)


def value_references(values: object, path: Path = ()) -> Iterator[NodeReference]:
    """The nodes that values of charts and patches name: as anything else does, and by keys called `nodeName`."""
    yield from node_references(values, path)
    yield from _node_names(values, path)


def _node_names(value: object, path: Path) -> Iterator[NodeReference]:
    for key, item in as_mapping(value).items():
        if key == "nodeName" and isinstance(item, str):
            yield NodeReference(item, (*path, key), Use.STATED)
        yield from _node_names(item, (*path, key))
    for index, item in enumerate(as_list(value)):
        yield from _node_names(item, (*path, index))


def node_references(value: object, path: Path = ()) -> Iterator[NodeReference]:
    """The nodes that selectors, affinities and the like name at and below ``value``, whatever holds them.

    Lists that are JSON patches are read as what they put in place.
    """
    yield from _walk(value, path, preferred=False)


def _walk(value: object, path: Path, *, preferred: bool) -> Iterator[NodeReference]:
    if isinstance(value, Mapping):
        yield from _mapping(value, path, preferred)
    for index, item in enumerate(as_list(value)):
        yield from _walk(item, (*path, index), preferred=preferred)


def _mapping(value: Mapping[str, object], path: Path, preferred: bool) -> Iterator[NodeReference]:
    if isinstance(value.get("op"), str) and isinstance(target := value.get("path"), str):
        yield from _operation(target, value.get("value"), (*path, "value"))
        return
    yield from _terms(value, path)
    yield from _selected(value, path, preferred)
    for key, item in value.items():
        here = (*path, key)
        if key in _SELECTORS:
            yield from _calico_selector(item, here) if isinstance(item, str) else _selector(item, here, preferred)
        elif key == "storage":
            yield from _rook(item, here)
        elif key == "env":
            yield from _environment(item, here)
        elif key in _LONGHORN_SELECTOR:
            yield from _longhorn_selector(item, here)
        if key != "nodeSelectorTerms":
            yield from _walk(item, here, preferred=preferred or str(key).startswith("preferred"))


def _operation(target: str, value: object, path: Path) -> Iterator[NodeReference]:
    """What one operation of a JSON patch puts in place; ``~1`` stands for a slash (RFC 6901)."""
    *outer, last = [step.replace("~1", "/").replace("~0", "~") for step in target.split("/")]
    if last in HOST_LABELS and outer and outer[-1] in _SELECTORS:
        yield NodeReference(value, path, Use.REQUIRED)
    elif last in _SELECTORS:
        yield from _selector(value, path, preferred=False)
    elif last == "nodeName":
        yield NodeReference(value, path, Use.ASSIGNED)
    preferred = any(step.startswith("preferred") for step in (*outer, last))
    yield from _walk(value, path, preferred=preferred)


def _selector(value: object, path: Path, preferred: bool) -> Iterator[NodeReference]:
    use = Use.PREFERRED if preferred else Use.REQUIRED
    for key, name in as_mapping(value).items():
        if key in HOST_LABELS:
            yield NodeReference(name, (*path, key), use)


def _terms(value: Mapping[str, object], path: Path) -> Iterator[NodeReference]:
    """The terms of a required node affinity: one that matches is enough."""
    found: list[NodeReference] = []
    free = False
    for index, term in enumerate(as_list(value.get("nodeSelectorTerms"))):
        named = list(_expressions(as_mapping(term), (*path, "nodeSelectorTerms", index), Use.REQUIRED))
        found += named
        free = free or not any(reference.use is Use.REQUIRED for reference in named)
    names = [reference.name for reference in found if reference.use is Use.REQUIRED]
    for reference in found:
        if reference.use is Use.REQUIRED:
            yield reference._replace(others=tuple(name for name in names if name != reference.name), open=free)
        else:
            yield reference


def _selected(value: Mapping[str, object], path: Path, preferred: bool) -> Iterator[NodeReference]:
    """The expressions of a label selector, and of the terms of a preferred node affinity."""
    yield from _expressions(value, path, Use.PREFERRED if preferred else Use.REQUIRED)


def _expressions(holder: Mapping[str, object], path: Path, use: Use) -> Iterator[NodeReference]:
    for kind in _EXPRESSIONS:
        for index, item in enumerate(as_list(holder.get(kind))):
            entry = as_mapping(item)
            key = str(entry.get("key"))
            if key == "metadata.name" if kind == "matchFields" else key in HOST_LABELS:
                yield from _expression(entry, (*path, kind, index), use)


def _expression(entry: Mapping[str, object], path: Path, use: Use) -> Iterator[NodeReference]:
    operator, values = entry.get("operator", "In"), as_list(entry.get("values"))
    if operator not in ("In", "NotIn"):
        return
    for index, name in enumerate(values):
        others = tuple(other for other in values if other != name)
        found = NodeReference(name, (*path, "values", index), use, others)
        yield found if operator == "In" else found._replace(use=Use.EXCLUDED, others=())


def _calico_selector(text: str, path: Path) -> Iterator[NodeReference]:
    """Calico's selectors are expressions: `kubernetes.io/hostname == 'node1'`, `... in {'node1', 'node2'}`."""
    for match in _CALICO.finditer(text) if len(text) <= _LONGEST and not has_template(text) else ():
        use = Use.EXCLUDED if match["sign"] in ("!=", "not in") else Use.REQUIRED
        for name in _QUOTED.findall(match["names"]):
            yield NodeReference(name, path, use, open="||" in text)


def _rook(storage: object, path: Path, default: object = None) -> Iterator[NodeReference]:
    """Rook's list of nodes, which counts unless it uses all of them; `default` is for `useAllNodes`."""
    entry = as_mapping(storage)
    if entry.get("useAllNodes", default) is False:
        for index, node in enumerate(as_list(entry.get("nodes"))):
            if "name" in as_mapping(node):
                yield NodeReference(as_mapping(node)["name"], (*path, "nodes", index, "name"), Use.STATED)


def _environment(env: object, path: Path) -> Iterator[NodeReference]:
    """kube-vip is told its node's name by a variable."""
    for index, entry in enumerate(map(as_mapping, as_list(env))):
        if entry.get("name") == "vip_nodename" and "value" in entry:
            yield NodeReference(entry["value"], (*path, index, "value"), Use.STATED)


def _longhorn_selector(value: object, path: Path) -> Iterator[NodeReference]:
    """Longhorn's selector for its own pods, one text: ``kubernetes.io/hostname:node1;key:value``."""
    for pair in value.split(";") if isinstance(value, str) else ():
        key, colon, name = pair.strip().partition(":")
        if colon and key.strip() in HOST_LABELS:
            yield NodeReference(name.strip(), path, Use.STATED)


def _reach(value: object, path: Path, done: Path) -> Iterator[tuple[Path, object]]:
    if not path:
        if value is not None:
            yield done, value
        return
    step, rest = path[0], path[1:]
    if step == _ANY:
        for index, item in enumerate(as_list(value)):
            yield from _reach(item, rest, (*done, index))
    elif step in as_mapping(value):
        yield from _reach(as_mapping(value)[str(step)], rest, (*done, step))
