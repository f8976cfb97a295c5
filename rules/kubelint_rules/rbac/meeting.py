"""What may stand beside an object in its cluster, as far as the folders tell."""

from __future__ import annotations

from kubelint.manifests import same_cluster


def may_meet(one: str, other: str) -> bool:
    """Whether objects of two scopes may be in one cluster.

    `clusters/home` and `overlays/production` may: what lies in folders of different meaning is put together by
    somebody. `overlays/staging` and `overlays/production` are not.
    """
    one, other = one.partition("\t")[0], other.partition("\t")[0]
    if same_cluster(one, other):
        return True
    repository, _, inner = one.rpartition("//")
    other_repository, _, other_inner = other.rpartition("//")
    return repository == other_repository and inner.rpartition("/")[0] != other_inner.rpartition("/")[0]
