"""Where the scheduler may place a pod: labels, names, taints, architectures."""

from kubelint.cluster.scheduling.admission import NAMESPACE_SELECTOR, Admitted, admit, namespace_selector
from kubelint.cluster.scheduling.fit import Demand, Fit, architectures_of, can_run_on, demands, fit, nodes_for
from kubelint.cluster.scheduling.masks import Mask
from kubelint.cluster.scheduling.nodes import Node, Nodes, read_node
from kubelint.cluster.scheduling.placement import Placement, placement
from kubelint.cluster.scheduling.requirements import (
    HOSTNAME_LABEL,
    REQUIRED,
    Path,
    Requirement,
    node_affinity,
    pinned_host,
    preferred_terms,
    required_terms,
    selector_requirements,
)
from kubelint.cluster.scheduling.taints import (
    Taint,
    Toleration,
    daemon_tolerations,
    read_taints,
    read_tolerations,
    tolerates,
)
from kubelint.cluster.verdicts import Verdict

__all__ = [
    "HOSTNAME_LABEL",
    "NAMESPACE_SELECTOR",
    "REQUIRED",
    "Admitted",
    "Demand",
    "Fit",
    "Mask",
    "Node",
    "Nodes",
    "Path",
    "Placement",
    "Requirement",
    "Taint",
    "Toleration",
    "Verdict",
    "admit",
    "architectures_of",
    "can_run_on",
    "daemon_tolerations",
    "demands",
    "fit",
    "namespace_selector",
    "node_affinity",
    "nodes_for",
    "pinned_host",
    "placement",
    "preferred_terms",
    "read_node",
    "read_taints",
    "read_tolerations",
    "required_terms",
    "selector_requirements",
    "tolerates",
]
