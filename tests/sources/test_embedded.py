"""YAML in a string of YAML: its places in the file. tests/sources/test_properties.py does this at random."""

import json

import pytest

from kubelint.sources import Inside, Step, read_documents
from kubelint.sources.embedded import align


def shown(text: str, *path: Step, name: str = "a.yaml") -> str:
    place = read_documents(name, text).documents[0].locate(path)
    assert place is not None
    assert place.found == len(path)
    return text[place.node.span.start : place.node.span.end]


def key(text: str, *path: Step) -> str:
    place = read_documents("a.yaml", text).documents[0].locate(path)
    assert place is not None
    assert place.key is not None
    return text[place.key.span.start : place.key.span.end]


IN = Inside()


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("k: |\n  é: [1, 🦀]\n  b: 2\n", ("é", 1), "🦀"),
        ("k: |-\n\n\n     a: 1\n     b:\n       c: 3 # d\nx: 1\n", ("b", "c"), "3"),
        ("k: |+\n  a: 1\n\n  b: 2\n\n\n", ("b",), "2"),
        ("k: |2\n    a: 1\n    b: 2\n", ("b",), "2"),
        ("k: |1-\n  a: 1\n  b: 2\n", ("a",), "1"),
        ("k: |\r\n  a: 1\r\n\r\n  b: 2\r\n", ("b",), "2"),
        ("k: | # why\n  a: 1\n", ("a",), "1"),
        ("k: &x !t |\n  a: 1\n", ("a",), "1"),
        ("k: |\n  a: |\n    b\n    c\n  d: 1\n", ("a",), "|\n    b\n    c"),
        ("k: >\n  a:\n\n  - 1\n\n  - 2 x\n", ("a", 1), "2 x"),
        ("k: >\n  a:\n    b: 1\n    c: 2\n\n  d: 3\n", ("a", "c"), "2"),
        ("k: >\n  a:\n    b: 1\n    c: 2\n\n  d: 3\n", ("d",), "3"),
        ("k: >\n  a: x\n  y\n  z\n", ("a",), "x\n  y\n  z"),
        ("k: >\r\n\r\n  a: x\r\n\r\n\r\n  b: y\r\n", ("b",), "y"),
        ("k: '{a: ''b'', c: d}'\n", ("a",), "''b''"),
        ("k: '{a: ''b'', c: d}'\n", ("c",), "d"),
        ("k: '{a: b,\n   c: d,\n\n   e: f}'\n", ("e",), "f"),
        ("k: '{a: ''b\n   c''}'\n", ("a",), "''b\n   c''"),
        ('k: "a: 1\\nb: 2\\n"\n', ("b",), "2"),
        ('k: "a: \\x41\\u00e9\\U0001F980\\nb: 2"\n', ("a",), "\\x41\\u00e9\\U0001F980"),
        ('k: "a: \\"b\\""\n', ("a",), '\\"b\\"'),
        ('k: "{a: b,  \n     c: d}"\n', ("c",), "d"),
        ('k: "{a: b,\\\n     c: d}"\n', ("c",), "d"),
        ('k: "a: b\\n\\\n   c: d\\n\\\n   e: f"\n', ("e",), "f"),
        ('k: "a: b\n\n  c: d"\n', ("c",), "d"),
        ("k: a=b\n", (), "a=b"),
        ("k: x\n  y\n", (), "x\n  y"),
        ("k: |\n  # only\n  - 1\n  - - 2\n", (1, 0), "2"),
    ],
)
def test_places(text: str, path: tuple[Step, ...], expected: str) -> None:
    assert shown(text, "k", IN, *path) == expected


def test_keys() -> None:
    text = "k: |\n  a: 1\n  'b': {c: 2}\n"
    assert key(text, "k", IN, "b") == "'b'"
    assert key(text, "k", IN, "b", "c") == "c"
    assert key(text, "k", IN) == "k"


def test_documents_of_a_string() -> None:
    text = "k: |\n  a: 1\n  ---\n  a: 2\n  ---\n  - 3\n"
    assert shown(text, "k", Inside(1), "a") == "2"
    assert shown(text, "k", Inside(2), 0) == "3"
    place = read_documents("a.yaml", text).documents[0].locate(("k", Inside(3), 0))
    assert place is not None
    assert place.found == 1


def test_nested() -> None:
    text = "a: |\n  b: |\n    c: >-\n      d: e\n\n      f: [g, h]\n  i: j\n"
    assert shown(text, "a", IN, "b", IN, "c", IN, "f", 1) == "h"
    assert shown(text, "a", IN, "i") == "j"


@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_nested_quotes(levels: int) -> None:
    text = 'x: "é"'
    for _ in range(levels):
        text = "k: " + json.dumps(text, ensure_ascii=False)
    found = shown(text, *["k", IN] * levels, "x")
    for _ in range(levels):
        found = json.loads(f'"{found}"')
    assert found == '"é"'


def test_quotes_in_a_folded_block_in_a_quoted_string() -> None:
    inner = "k: >\n  a: 'it''s'\n\n  b: \"\\x41\"\n"
    text = json.dumps({"j": inner})
    assert shown(text, "j", IN, "k", IN, "a") == "'it''s'"
    assert shown(text, "j", IN, "k", IN, "b") == '\\"\\\\x41\\"'


def test_an_alias_leads_into_the_anchored_string() -> None:
    text = "a: &x |\n  b: c\nd: *x\ne: |\n  f: &y 'g: h'\n  i: *y\n"
    assert shown(text, "d", IN, "b") == "c"
    assert shown(text, "e", IN, "i") == "*y"
    assert shown(text, "e", IN, "i", IN, "g") == "h"


def test_json_strings() -> None:
    text = '{"k": "a: \\ud83e\\udd80\\nb: \\/x\\u00e9", "l": "{\\"m\\": [1]}"}'
    assert shown(text, "k", IN, "a", name="a.json") == "\\ud83e\\udd80"
    assert shown(text, "k", IN, "b", name="a.json") == "\\/x\\u00e9"
    assert shown(text, "l", IN, "m", 0, name="a.json") == "1"


@pytest.mark.parametrize("text", ["k: |\n  a: [\n", "k: ''\n", "k:\n", "k: [1]\n", "k: {a: 1}\n", "x: 1\n"])
def test_strings_without_documents(text: str) -> None:
    place = read_documents("a.yaml", text).documents[0].locate(("k", IN, "a"))
    assert place is not None
    assert place.found <= 2


def test_empty_values_inside() -> None:
    text = "k: |\n  a:\n  b: 1\n"
    place = read_documents("a.yaml", text).documents[0].locate(("k", IN, "a"))
    assert place is not None
    assert place.node.span == (9, 9)


def test_a_byte_order_mark_inside() -> None:
    assert shown('k: "\ufeffa: b"\n', "k", IN, "a") == "b"


@pytest.mark.parametrize(
    ("source", "style", "value"),
    [
        ("|\n  a\n\n   b\n  c", "literal", "a\n\n b\nc\n"),
        (">\n  a\n  b\n\n  c\n   d\n  e", "folded", "a b\nc\n d\ne\n"),
        ("'a  b\n  c''d'", "single", "a  b c'd"),
        ('"a\\tb \\\n  c\\\\"', "double", "a\tb c\\"),
        ("a\n\n\n b", "plain", "a\n\nb"),
        ("|+\n  a", "literal", "a\n\n\n"),
        (">2\n    a\n  b", "folded", "  a\nb\n"),
    ],
)
def test_every_character_has_its_place(source: str, style: str, value: str) -> None:
    [document] = read_documents("a.yaml", source + "\n").documents
    assert document.value.rstrip("\n") == value.rstrip("\n")
    places = align(source, style, value)  # type: ignore[arg-type]
    assert len(places) == len(value)
    assert places == sorted(places)
    for character, (start, end) in zip(value, places, strict=True):
        written = source[start:end]
        assert written == character or written[:1] in "\\'\n" or not written
