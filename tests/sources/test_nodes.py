"""Where things stand. What a span covers is shown as text; tests/sources/test_properties.py does this at random."""

import pytest

from kubelint.sources import Path, read_documents
from kubelint.sources.nodes import Node, Pair, Place, compose_documents, locate
from kubelint.sources.values import MAX_DEPTH


def place(text: str, *path: str | int) -> Place:
    found = read_documents("a.yaml", text).documents[0].locate(path)
    assert found is not None
    return found


def shown(text: str, *path: str | int) -> str:
    found = place(text, *path)
    assert found.found == len(path)
    return text[found.node.span.start : found.node.span.end]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a: b # c\n", ("a",), "b"),
        ("a: 'b' # c\n", ("a",), "'b'"),
        ('é: "🦀"\n', ("é",), '"🦀"'),
        ("🦀: [é, {ü: 𝒳}]\n", ("🦀", 1, "ü"), "𝒳"),
        ("a:\r\n  b: c\r\n", ("a", "b"), "c"),
        ("a: &x b\n", ("a",), "b"),
        ("a: &x !t b\n", ("a",), "b"),
        ("a: !t &x 'b'\n", ("a",), "'b'"),
        ("a: !<tag:x,2000:y> b\n", ("a",), "b"),
        ("a: &x # why\n  b\n", ("a",), "b"),
        ("a: &x\n  b: c # d\n  e: f\n\n# g\nh: i\n", ("a",), "b: c # d\n  e: f"),
        ("a: !t\n- b\n- c\n\nd: e\n", ("a",), "- b\n- c"),
        ("a: &x {b: c }\n", ("a",), "{b: c }"),
        ("a: [b: c , d]\n", ("a", 0), "b: c"),
        ("a: [{b: c}: [d] , e]\n", ("a", 0), "{b: c}: [d]"),
        ("a: [{b: c}, d]\n", ("a", 0), "{b: c}"),
        ("- - a\n  - b\n- c\n", (0,), "- a\n  - b"),
        ("a: &x b\nc: *x # d\n", ("c",), "*x"),
        ("a: &x\n  b: c\nd: *x\n", ("d", "b"), "c"),
        ("a: &x {b: 1}\nd: {<<: *x}\n", ("d", "b"), "1"),
        ("a: &x {b: 1}\nd: {<<: *x, b: 2}\n", ("d", "b"), "2"),
        ("a: &x {b: 1}\nc: &y {b: 2}\nd: {<<: *x, <<: *y}\n", ("d", "b"), "2"),
        ("a: &x {b: 1}\nc: &y {b: 2}\nd: {<<: [*x, *y]}\n", ("d", "b"), "1"),
        ("a: 1\na: 2\n", ("a",), "2"),
        ("a: {{ .x }}\n", ("a",), "{{ .x }}"),
        ("a: &x {{ .x }}\n", ("a",), "{{ .x }}"),
        ("{{ .x }}: 1\n", ("{{ .x }}",), "1"),
        ("? [a]\n: b\n", ("[a]",), "b"),
        ("a: &x 1\n*x : 2\n", ("1",), "2"),
        ("a: |\n  b\n  c\n\n\nd: e\n", ("a",), "|\n  b\n  c"),
        ("a: |  # why\n  b  \n   \n", ("a",), "|  # why\n  b  "),
        ("a: >-\r\n  b\r\n\r\n  c\r\n", ("a",), ">-\r\n  b\r\n\r\n  c"),
        ("a: &x |\n  b\n", ("a",), "|\n  b"),
        ("a: !t\n  >2-\n    b\n", ("a",), ">2-\n    b"),
        ("a: |\n", ("a",), "|"),
        ("a: b\n  c\n\n  d\ne: f\n", ("a",), "b\n  c\n\n  d"),
        ("--- a\n", (), "a"),
        ("---\n\n# c\n- a\n# d\n...\n", (), "- a"),
    ],
)
def test_spans(text: str, path: tuple[str | int, ...], expected: str) -> None:
    assert shown(text, *path) == expected


@pytest.mark.parametrize(
    ("text", "path", "offset"),
    [
        ("a:\nb: 1\n", ("a",), 2),
        ("a: # c\n", ("a",), 2),
        ("a: &x\nb: 1\n", ("a",), 5),
        ("a: !!str\nb: 1\n", ("a",), 8),
        ("- \n- 1\n", (0,), 1),
        ("{a:\n}\n", ("a",), 3),
        ("{a: , b: c}\n", ("a",), 3),
        ("{a, b: c}\n", ("a",), 2),
    ],
)
def test_empty_values_stand_after_their_colon(text: str, path: Path, offset: int) -> None:
    found = read_documents("a.yaml", text).documents[0].locate(path)
    assert found is not None
    assert found.node.span == (offset, offset)


@pytest.mark.parametrize(
    ("text", "path", "key"),
    [
        ("a: 1\n", ("a",), "a"),
        ("'a': 1\n", ("a",), "'a'"),
        ("&x a: 1\n", ("a",), "a"),
        ("a: [1]\n", ("a", 0), None),
        ("? a\n: 1\n", ("a",), "a"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", ("c", "b"), "b"),
        ("x: 1\n", (), None),
    ],
)
def test_keys(text: str, path: tuple[str | int, ...], key: str | None) -> None:
    found = place(text, *path)
    assert (text[found.key.span.start : found.key.span.end] if found.key else None) == key


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", "b", "x"), 2),
        (("a", "x", "y"), 1),
        (("x",), 0),
        (("a", "c", 2), 2),
        (("a", "c", -1), 2),
        (("a", "c", "0"), 2),
        (("a", "b", 0), 2),
        ((0,), 0),
    ],
)
def test_paths_are_followed_as_far_as_they_exist(path: tuple[str | int, ...], found: int) -> None:
    reached = place("a: {b: 1, c: [2, 3]}\n", *path)
    assert reached.found == found
    assert len(reached.trail) == found + 1
    assert reached.trail[-1] is reached.node


def test_pairs_span_key_and_value() -> None:
    text = "a:\n  b: c\nd:\n"
    [root] = compose_documents(text)
    assert [text[pair.span.start : pair.span.end] for pair in root.pairs or []] == ["a:\n  b: c", "d:"]


def test_an_alias_knows_what_it_stands_for() -> None:
    [root] = compose_documents("a: &x {b: 1}\nc: *x\n")
    first, second = root.pairs or []
    assert second.value.style == "alias"
    assert second.value.target is first.value
    assert second.value.pairs is first.value.pairs


def test_styles() -> None:
    [root] = compose_documents(
        "- a\n- 'b'\n- \"c\"\n- |\n  d\n- >\n  e\n- [f]\n- {g: h}\n- - i\n- &x j\n- *x\n- {{ k }}\n"
    )
    styles = [item.style for item in root.items or []]
    expected = "plain single double literal folded flow flow block plain alias plain"
    assert styles == expected.split()


def test_base_moves_everything() -> None:
    [here], [there] = compose_documents("a: [b]"), compose_documents("a: [b]", base=7)
    for pair, moved in zip(here.pairs or [], there.pairs or [], strict=True):
        assert (moved.span, moved.value.span) == (pair.span.shifted(7), pair.value.span.shifted(7))
    assert there.span == here.span.shifted(7)


def test_documents_have_anchors_of_their_own() -> None:
    assert len(list(compose_documents("a: &x 1\n---\nb: *x\n"))) == 1


def test_as_deep_as_values() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert place(text, *[0] * (MAX_DEPTH - 1)).found == MAX_DEPTH - 1
    block = "".join("  " * level + "a:\n" for level in range(MAX_DEPTH - 1))
    assert place(block, *["a"] * (MAX_DEPTH - 1)).found == MAX_DEPTH - 1


def test_locate_in_a_tree_made_by_hand() -> None:
    leaf = Node((1, 2), "plain", "x")  # type: ignore[arg-type]
    root = Node((0, 3), "flow", pairs=[Pair(leaf, "x", leaf)])  # type: ignore[arg-type]
    assert locate(root, ("x",), lambda node, document: None).key is leaf
