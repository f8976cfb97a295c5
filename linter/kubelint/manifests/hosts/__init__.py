"""What surrounds the manifests on the hosts' side: inventories, plays, server and machine configurations."""

from kubelint.manifests.hosts.places import At, Value

__all__ = ["At", "Value"]
