"""How many members of etcd may be gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.quorum import is_wasteful, loses_quorum, majority, odd_sizes, tolerated

SIZES = [(0, 1, 0), (1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 3, 2), (6, 4, 2), (7, 4, 3)]


@pytest.mark.parametrize(("members", "needed", "spare"), SIZES)
def test_majorities(members, needed, spare):
    assert majority(members) == needed and tolerated(members) == spare


LOST = [
    (1, 1, False),
    (2, 1, False),  # nothing can be changed with less
    (2, 2, True),
    (3, 1, False),
    (3, 2, True),
    (3, 9, True),
    (4, 2, True),
    (5, 2, False),
    (5, 3, True),
    (7, 3, False),
    (1, 5, False),
    (0, 3, False),
]


@pytest.mark.parametrize(("members", "gone", "lost"), LOST)
def test_quorum_lost(members, gone, lost):
    assert loses_quorum(members, gone) is lost


@given(st.integers(1, 10**6))
def test_an_even_number_is_no_better_than_the_odd_one_below(members):
    assert is_wasteful(members) == (members > 0 and tolerated(members) == tolerated(members - 1) and members % 2 == 0)
    if is_wasteful(members):
        less, more = odd_sizes(members)
        assert tolerated(less) == tolerated(members) < tolerated(more)
    assert majority(members) + tolerated(members) == members
