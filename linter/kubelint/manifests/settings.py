"""What the user tells about the clusters, for what no file shows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class NodeFacts(NamedTuple):
    """What is known of one node; `architecture` as in the label kubernetes.io/arch."""

    architecture: str | None = None


class ClusterSettings(NamedTuple):
    """The facts of kubelint.yaml: architectures and nodes as declared, deployers and outside objects as
    `Kind/namespace/name`.
    """

    architectures: tuple[str, ...] = ()
    nodes: Mapping[str, NodeFacts] = MappingProxyType({})
    kubernetes: str | None = None
    deployers: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
