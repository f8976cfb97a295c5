"""Plain values from YAML, by libyaml and by the fallback alike."""

from typing import Any

import pytest

from kubelint.sources.scalars import PlainScalars, TaggedText
from kubelint.sources.values import MAX_ALIASED, MAX_DEPTH, PlainDocument, UnreadableYaml, build_documents

both = pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])


def read(text: str, pure: bool = False) -> list[PlainDocument]:
    return list(build_documents(text, PlainScalars(), pure=pure))


def value(text: str, pure: bool = False) -> Any:
    [document] = read(text, pure)
    return document.value


A = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\n"


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m: {<<: *a, y: 3}", {"x": 1, "y": 3}),
        ("m: {y: 3, <<: *a}", {"x": 1, "y": 3}),  # explicit keys win wherever they stand
        ("m: {<<: [*a, *b]}", {"x": 1, "y": 1, "z": 2}),
        ("m: {<<: *a, <<: *b}", {"x": 2, "y": 1, "z": 2}),
        ("m: {<<: {q: 1}}", {"q": 1}),
        ("m: {<<: &c [*a]}", {"x": 1, "y": 1}),
        ("n: &n {<<: *a, k: 1}\nm: {<<: *n}", {"x": 1, "y": 1, "k": 1}),
        ("m: {<<: text}", {}),
        ("m: {'<<': {q: 1}}", {"<<": {"q": 1}}),
        ("m: {<<: *a, x: 3, x: 4}", {"x": 4, "y": 1}),
    ],
)
def test_merge_keys(text: str, expected: Any, pure: bool) -> None:
    assert value(A + text, pure)["m"] == expected


def test_merging_is_no_duplicate_key() -> None:
    assert not read(A + "m: {<<: *a, x: 2}\nn: {<<: *a, <<: *b}")[0].duplicate_keys


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: &a 1\ny: *a", {"x": 1, "y": 1}),
        ("x: &a 1\ny: &a 2\nz: *a", {"x": 1, "y": 2, "z": 2}),  # duplicate anchors are legal: the last one counts
        ("x: &a {y: &a 1}\nz: *a", {"x": {"y": 1}, "z": 1}),
        ("x: &a {y: &a {q: 1}}\nz: *a", {"x": {"y": {"q": 1}}, "z": {"q": 1}}),
        ("&k 80: x\ny: *k", {"80": "x", "y": 80}),
        ("x: &k yes\n*k : 1", {"x": True, "yes": 1}),
        ("x: &k [1]\n*k : 1", {"x": [1], "*k": 1}),
        ("x: &a\ny: *a", {"x": None, "y": None}),
        ("x: &a ''\ny: *a", {"x": "", "y": ""}),
        ("x: &a {{ .y }}\ny: *a", {"x": "{{ .y }}", "y": "{{ .y }}"}),
    ],
)
def test_anchors(text: str, expected: Any, pure: bool) -> None:
    assert value(text, pure) == expected


def test_aliases_share_the_value() -> None:
    shared = value("x: &a {k: [1]}\ny: *a\nz: [*a]")
    assert shared["x"] is shared["y"] is shared["z"][0]


def test_anchors_end_with_their_document() -> None:
    with pytest.raises(UnreadableYaml, match="`a` is not defined") as caught:
        read("x: &a 1\n---\ny: *a\n")
    assert caught.value.offset == 15


@both
@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("x: &a [*a]", "`a` contains itself", 7),
        ("x: &a {k: [{l: *a}]}", "`a` contains itself", 15),
        ("x: 1\ny: &a [2]\nx: &a [*a]", "`a` contains itself", 22),
        ("x: *b", "`b` is not defined", 3),
        ("*b : 1", "`b` is not defined", 0),
    ],
)
def test_aliases_that_lead_nowhere(text: str, message: str, offset: int, pure: bool) -> None:
    with pytest.raises(UnreadableYaml, match=message) as caught:
        read(text, pure)
    assert caught.value.offset == offset


@both
def test_custom_tags_are_data(pure: bool) -> None:
    read_back = value("x: !vault secret\ny: !Ref {a: 1}\nz: !list [1]\nq: !t '5'\n", pure)
    assert read_back == {"x": "secret", "y": {"a": 1}, "z": [1], "q": "5"}
    assert isinstance(read_back["x"], TaggedText)
    assert isinstance(read_back["q"], TaggedText)


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=", "="),
        ("! 12", "12"),
        ("! '12'", "12"),
        ("'yes'", "yes"),
        ('"12"', "12"),
        ("|\n  12\n", "12\n"),
        ("!!str 12", "12"),
        ("!!set {a, b}", {"a": None, "b": None}),
        ("- ? a\n- b", [{"a": None}, "b"]),
        ("on: {80: 1, 1.0: 2, ~: 3}", {"on": {"80": 1, "1.0": 2, "~": 3}}),
        ("[a: 1, b]", [{"a": 1}, "b"]),
        ("x:\tv", {"x": "v"}),
        ("a\tb", "a\tb"),
        ("{a: b, c: [d]\t, e: f}\t# g", {"a": "b", "c": ["d"], "e": "f"}),
    ],
)
def test_values(text: str, expected: Any, pure: bool) -> None:
    assert value(text, pure) == expected


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {{ .x }}", {"a": "{{ .x }}"}),
        ("a: {{ .x | default 'y' }}\nb: 1", {"a": "{{ .x | default 'y' }}", "b": 1}),
        ("- {{ a }}\n- [{{ b }}]", ["{{ a }}", ["{{ b }}"]]),
        ("{{ x }}: v", {"{{ x }}": "v"}),
        ("a: &t {{ x }}", {"a": "{{ x }}"}),
        ("a: {b: {{ x }}}", {"a": {"b": "{{ x }}"}}),
        ("{{ x }}", "{{ x }}"),
    ],
)
def test_an_unquoted_template_is_text(text: str, expected: Any, pure: bool) -> None:
    assert value(text, pure) == expected


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("? [a, b]\n: 1", {"[a, b]": 1}),
        ("? - a\n  - b\n: 1\n? - c\n: 2", {"- a\n  - b": 1, "- c": 2}),
        ("? {a: 1}\n: 2\n? {b: 1}\n: 3", {"{a: 1}": 2, "{b: 1}": 3}),
        ("? &k {a: 1}\n: 2", {"{a: 1}": 2}),
        ("{[a]: 1, { b: 2}: 3}", {"[a]": 1, "{ b: 2}": 3}),
        ("[{a: 1}: 2]", [{"{a: 1}": 2}]),
    ],
)
def test_complex_keys_are_their_text(text: str, expected: Any, pure: bool) -> None:
    [document] = read(text, pure)
    assert document.value == expected
    assert not document.duplicate_keys


@both
@pytest.mark.parametrize(
    ("text", "expected", "duplicate"),
    [
        ("a: 1\na: 2", {"a": 2}, True),
        ("a: 1\n'a': 2", {"a": 2}, True),
        ("1: a\n'1': b", {"1": "b"}, True),
        ("x: [{y: {a: 1, a: 2}}]", {"x": [{"y": {"a": 2}}]}, True),
        ("a: 1\nA: 2", {"a": 1, "A": 2}, False),
        ("x: {a: 1}\ny: {a: 2}", {"x": {"a": 1}, "y": {"a": 2}}, False),
    ],
)
def test_duplicate_keys(text: str, expected: Any, duplicate: bool, pure: bool) -> None:
    [document] = read(text, pure)
    assert (document.value, document.duplicate_keys) == (expected, duplicate)


def test_duplicate_keys_are_remembered_per_document() -> None:
    assert [document.duplicate_keys for document in read("a: 1\n---\na: 1\na: 2\n---\nb: 1\n")] == [False, True, False]


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join(lines)


@both
def test_alias_bomb(pure: bool) -> None:
    with pytest.raises(UnreadableYaml, match=f"more than {MAX_ALIASED} nodes"):
        read(bomb(12, 10), pure)


def test_aliases_within_reason() -> None:
    assert len(value(bomb(5, 10))["a4"]) == 10
    assert len(value("x: &x {a: [1, 2]}\ny: [" + "*x," * 10_000 + "]")["y"]) == 10_000


@both
def test_aliases_that_nest_too_deep(pure: bool) -> None:
    with pytest.raises(UnreadableYaml, match="levels deep"):
        read(bomb(MAX_DEPTH + 5, 1), pure)


def test_deepest_that_is_read() -> None:
    assert value("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(UnreadableYaml, match="levels deep") as caught:
        read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert caught.value.offset == MAX_DEPTH


@both
@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "{a: " * 10_000,
        "[" * 10_000 + "]" * 10_000,
        "- " * 10_000 + "x",
        "".join(" " * level + "a:\n" for level in range(1_000)),
        "? " * 10_000,
        "{" * 10_000,
    ],
    ids=["unclosed", "mappings", "closed", "sequences", "block", "keys", "braces"],
)
def test_ten_thousand_levels(text: str, pure: bool) -> None:
    with pytest.raises(UnreadableYaml):
        read(text, pure)


@both
@pytest.mark.parametrize(
    ("text", "offset"),
    [("a: 'b\nc: d\n", 3), ('x: 1\na: "b\n', 8), ("a: 'b\n---\nc: 'd'\n", 3)],
)
def test_a_quote_that_is_never_closed_is_shown_where_it_opens(text: str, offset: int, pure: bool) -> None:
    with pytest.raises(UnreadableYaml, match="has no end") as caught:
        read(text, pure)
    assert caught.value.offset == offset


@both
@pytest.mark.parametrize("text", ['a: "\\ud83d\\ude00"', 'a: "\\ud800"', 'a: "\\U00110000"', 'a: "\\UFFFFFFFF"'])
def test_escapes_that_are_no_character(text: str, pure: bool) -> None:
    with pytest.raises(UnreadableYaml, match="invalid Unicode character escape"):
        read(text, pure)


@both
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\x80", "\ufffe", "\ud800"])
def test_characters_that_no_yaml_may_hold(character: str, pure: bool) -> None:
    with pytest.raises(UnreadableYaml) as caught:
        read(f"é: 🦀 {character} x\n", pure)
    assert (caught.value.offset, caught.value.unprintable) == (5, True)


@both
def test_where_documents_start(pure: bool) -> None:
    text = "# c\n--- # d\na: 1\n---\n\n# e\nb: 2\n...\n---\n"
    assert [(document.start, document.content) for document in read(text, pure)] == [(4, 12), (17, 26), (35, 39)]


@both
@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "\ufeff"])
def test_no_document(text: str, pure: bool) -> None:
    assert read(text, pure) == []


@both
def test_a_byte_order_mark_counts_as_a_character(pure: bool) -> None:
    [document] = read("\ufeffa: 1\n", pure)
    assert (document.value, document.content) == ({"a": 1}, 1)
