"""How many members of an etcd cluster may be gone before it stops.

Source: raft ``quorum/majority.go`` and etcd's FAQ ("Why an odd number of cluster members?"): a majority of the members
has to answer for anything to be read or written. So an even number tolerates no more failures than the odd one below.
"""

from __future__ import annotations


def majority(members: int) -> int:
    """The members that have to answer."""
    return members // 2 + 1


def tolerated(members: int) -> int:
    """The members that may be gone at the same time."""
    return max(0, members - majority(members))


def is_wasteful(members: int) -> bool:
    """Does one member fewer tolerate as many failures?  True of every even number of members."""
    return members > 0 and members % 2 == 0


def loses_quorum(members: int, gone: int) -> bool:
    """Does etcd stop while ``gone`` of its members, two or more, are away at once?

    One at a time is the least that any change needs, so one member away is never held against anybody.
    """
    return min(gone, members) > max(1, tolerated(members))


def odd_sizes(members: int) -> tuple[int, int]:
    """The odd sizes just below and just above an even number of members."""
    return members - 1, members + 1
