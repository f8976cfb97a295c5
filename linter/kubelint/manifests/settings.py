"""What the user tells about the clusters, for what no file shows."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class NodeFacts:
    """What is known of one node; `architecture` as in the label kubernetes.io/arch."""

    architecture: str | None = None


@dataclass(frozen=True)
class ClusterSettings:
    """The facts of kubelint.yaml: architectures and nodes as declared, deployers and outside objects as `Kind/namespace/name`."""

    architectures: tuple[str, ...] = ()
    nodes: dict[str, NodeFacts] = field(default_factory=dict)
    kubernetes: str | None = None
    deployers: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
