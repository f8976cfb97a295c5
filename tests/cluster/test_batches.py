"""In which batches Ansible takes the hosts of a play."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.batches import batch_sizes, batches

SIZES = [
    (None, 5, [5]),
    (0, 5, [5]),
    (-1, 5, [5]),
    (1, 3, [1, 1, 1]),
    (2, 5, [2, 2, 1]),
    (9, 5, [5]),
    ("2", 5, [2, 2, 1]),
    (" 2 ", 4, [2, 2]),
    ("30%", 10, [3, 3, 3, 1]),
    ("1%", 5, [1, 1, 1, 1, 1]),
    ("100%", 3, [3]),
    ([1, 2], 6, [1, 2, 2, 1]),
    ([1, "50%"], 5, [1, 2, 2]),
    ([], 4, [4]),
    ([None], 4, [4]),
    ([1, 0], 4, [1, 3]),
    (1, 0, []),
    ("{{ at_once }}", 3, None),
    ("many", 3, None),
    (True, 3, None),
    (1.5, 3, None),
    ({"a": 1}, 3, None),
    ([1, "x"], 3, None),
]


@pytest.mark.parametrize(("serial", "hosts", "sizes"), SIZES)
def test_sizes(serial, hosts, sizes):
    assert batch_sizes(serial, hosts) == sizes


@given(
    st.integers(1, 9) | st.sampled_from(["20%", "50%"]) | st.lists(st.integers(0, 4), max_size=3), st.integers(0, 60)
)
def test_every_host_is_in_one_batch(serial, number):
    hosts = list(range(number))
    assert [host for batch in batches(serial, hosts) for host in batch] == hosts


def test_no_batches_where_the_size_is_unknown():
    assert batches("{{ x }}", ["a", "b"]) is None
