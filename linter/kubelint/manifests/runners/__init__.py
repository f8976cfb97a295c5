"""Self-hosted runners that a tree makes: runner objects, and releases of the charts of runners."""

from kubelint.manifests.runners.pools import MARKS, PlacedPool, placed_pools
from kubelint.manifests.runners.releases import ReleasedSet, is_too_old

__all__ = ["MARKS", "PlacedPool", "ReleasedSet", "is_too_old", "placed_pools"]
