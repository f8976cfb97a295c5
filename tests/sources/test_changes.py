"""Which lines a change touched, and what was there before."""

import pytest
from effort import grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from kubelint.sources import SourceText, Span
from kubelint.sources.changes import Changes, touched_lines

TABLE = [
    ("abc", "abc", []),
    ("abc", "aXc", [2]),
    ("abc", "abcX", [4]),
    ("abc", "Xabc", [1]),
    ("ac", "abc", [2]),
    ("abc", "ac", [1, 2]),
    ("abc", "bc", [1]),
    ("abc", "ab", [2]),
    ("abcdef", "aXcdYf", [2, 5]),
    ("abcdef", "defabc", [1, 4, 5, 6]),
    ("", "ab", [1, 2]),
    ("ab", "", []),
    ("aaaa", "aaa", [3]),
    ("axbxc", "axc", [2, 3]),
]


@pytest.mark.parametrize(("old", "new", "touched"), TABLE)
def test_touched_lines(old, new, touched):
    assert sorted(touched_lines(list(old), list(new))) == touched


TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=30)


@given(TEXTS, TEXTS)
def test_what_is_not_touched_stood_there_before_in_the_same_order(old, new):
    touched = set(touched_lines(old, new))
    kept = iter(old)
    assert all(any(line == other for other in kept) for number, line in enumerate(new, 1) if number not in touched)


@given(TEXTS, TEXTS)
def test_a_text_that_is_not_the_same_is_touched(old, new):
    assert bool(set(touched_lines(old, new))) is (old != new and bool(new))


@given(TEXTS)
def test_a_line_more_touches_that_line_only(old):
    for at in range(len(old) + 1):
        assert set(touched_lines(old, [*old[:at], "new", *old[at:]])) == {at + 1}


def test_few_changes_in_a_large_file_are_found_one_by_one():
    old = [f"line {number}" if number % 3 else "- name: x" for number in range(30_000)]
    new = [*old]
    for at in (10, 15_000, 29_000):
        new[at] = "changed"
    assert set(touched_lines(old, new)) == {11, 15_001, 29_001}


def test_a_place_where_too_much_changed_counts_as_a_whole():
    old, new = ["a", *("bc" * 500), "z"], ["a", *("cb" * 500), "z"]
    assert set(touched_lines(old, new)) <= set(range(2, 1002))
    assert len(set(touched_lines(old, new))) > 900


def test_the_effort_grows_with_the_file():
    def some(size):
        old = [f"line {number}" if number % 50 else "---" for number in range(size)]
        return list(touched_lines(old, [line if number % 20 else "new" for number, line in enumerate(old)]))

    def nothing_alike(size):
        return list(touched_lines([f"{n % 7}" for n in range(size)], [f"{n % 5}" for n in range(size)]))

    assert grows_linearly(some, 2000)
    assert grows_linearly(nothing_alike, 2000)


NOW = "a: 1\nb: 2\nc: 3\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a: 1", False), ("b: 2", True), ("1\nb", True), ("c: 3", False), ("", True)],
)
def test_a_span_is_touched_where_one_of_its_lines_is(text, expected):
    changes = Changes({"x.yaml": b"a: 1\r\nb: 7\r\nc: 3\r\n"})
    start = NOW.index(text)
    assert changes.touch(SourceText("x.yaml", NOW), Span(start, start + len(text))) is expected


def test_a_file_that_is_new_is_touched_everywhere_and_another_nowhere():
    changes = Changes({"new.yaml": None, "binary.yaml": b"\0\0"})
    for path, expected in (("new.yaml", True), ("binary.yaml", True), ("other.yaml", False)):
        assert changes.touch(SourceText(path, NOW), Span(5, 6)) is expected, path
        assert changes.touch(SourceText(path, NOW), Span(0, 0)) is expected, path


def test_what_was_there_before_is_read_as_what_it_is():
    held = {
        "a.yaml": b"a: 1\n",
        "hosts.ini": b"[a]\n",
        "Dockerfile.yaml": b"b: 1",
        "new.yaml": None,
        "README.md": None,
        "run.sh": b"ls\n",
    }
    changes = Changes(held, "main")
    assert [(file.path, file.documents[0].value) for file in changes.sources()] == [
        ("Dockerfile.yaml", {"b": 1}),
        ("a.yaml", {"a": 1}),
    ]
    assert [(text.path, text.text) for text in changes.texts()] == [("hosts.ini", "[a]\n"), ("run.sh", "ls\n")]
    assert "new.yaml" in changes and "b.yaml" not in changes
