"""Which documents are read again after a change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kubelint.engine.fixing.differing import differing


@pytest.mark.parametrize(
    ("before", "after", "documents", "expected"),
    [
        ("a: 1\n", "a: 2\n", [0], (0, "a: 1\n", "a: 2\n")),
        ("a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", [1], (1, "---\nb: 1\n", "---\nb: 2\n")),
        ("a: 1\n---\nb: 1\n", "a: 2\n---\nb: 1\n", [0], (0, "a: 1\n", "a: 2\n")),
        ("a: 1\n---\nb: 1\n---\nc: 1\n", "a: 1\n---\nb: 2\n---\nc: 1\n", [1], (1, "---\nb: 1\n", "---\nb: 2\n")),
        ("# x\n---\na: 1\n---\nb: 1\n", "# x\n---\na: 1\n---\nb: 2\n", [1], (1, "---\nb: 1\n", "---\nb: 2\n")),
        (
            "---\na: 1\n---\nb: 1\n---\n",
            "---\na: 1\nc: 1\n---\nb: 1\n---\n",
            [0],
            (0, "---\na: 1\n---\nb: 1\n", "---\na: 1\nc: 1\n---\nb: 1\n"),
        ),
        (
            "---\na: 1\n---\nb: 1\n",
            "---\na: 1\n---\nb: 2\n",
            [0, 1],
            (0, "---\na: 1\n---\nb: 1\n", "---\na: 1\n---\nb: 2\n"),
        ),
        ("a: 1\n---\nb: 1\n", "a: 1\n-x-\nb: 1\n", [1], (0, "a: 1\n---\nb: 1\n", "a: 1\n-x-\nb: 1\n")),
        (
            "a: 1\n...\n---\nb: 1\n",
            "a: 1\n...\n---\nb: 2\n",
            [1],
            (0, "a: 1\n...\n---\nb: 1\n", "a: 1\n...\n---\nb: 2\n"),
        ),
        ("a: 1\n---\n", "a: 1\n---\nb: 1\n", [1], (1, "---\n", "---\nb: 1\n")),
    ],
)
def test_only_what_differs_is_read(before, after, documents, expected):
    assert differing(before, after, documents)[:3] == expected


_lines = st.lists(st.sampled_from(["---\n", "a: 1\n", "b: 2\n", "# c\n", "--- # c\n", "\n"]), max_size=8)


def read(text):
    return list(YAML(typ="safe", pure=True).load_all(text))


@given(_lines, _lines, _lines, _lines)
def test_what_is_not_read_is_the_same(head, old, new, tail):
    before, after = ("".join([*head, *middle, *tail]) for middle in (old, new))
    try:
        whole = read(before)
        part = differing(before, after, [])
        then, now = read(part.before), read(part.after)
        expected = read(after)
    except Exception:  # noqa: BLE001 - not YAML: nothing to compare
        return
    if not whole or not then:
        return
    assert whole[part.number : part.number + len(then)] == then
    assert [*whole[: part.number], *now, *whole[part.number + len(then) :]] == expected
