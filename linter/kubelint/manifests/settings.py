"""What the user tells about the clusters, for what no file shows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class NodeFacts(NamedTuple):
    """What is known of one node; `architecture` as in the label kubernetes.io/arch."""

    architecture: str | None = None


class ImageFacts(NamedTuple):
    """What is known of images, as patterns such as `registry.example/shop/*`: those that are built for every
    architecture, and for each architecture those that are built for it alone.
    """

    multi_arch: tuple[str, ...] = ()
    single_arch: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class ClusterSettings(NamedTuple):
    """The facts of kubelint.yaml: architectures and nodes as declared, deployers and outside objects as
    `Kind/namespace/name`. `default_arch` is the architecture that images are built for where nothing tells.
    """

    architectures: tuple[str, ...] = ()
    default_arch: str | None = None
    nodes: Mapping[str, NodeFacts] = MappingProxyType({})
    images: ImageFacts = ImageFacts()
    kubernetes: str | None = None
    deployers: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
