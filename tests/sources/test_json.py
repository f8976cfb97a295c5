"""JSON files: strict, as Go reads them, and every place exact."""

import json
from typing import Any

import pytest

from kubelint.sources import SourceFile, read_documents
from kubelint.sources.values import MAX_DEPTH

OBJECT = '"apiVersion": "v1", "kind": "Pod"'


def read(text: str) -> SourceFile:
    return read_documents("a.json", text)


def shown(text: str, *path: str | int) -> str:
    place = read(text).documents[0].locate(path)
    assert place is not None
    assert place.found == len(path)
    return text[place.node.span.start : place.node.span.end]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('{"a": "b"}', ("a",), '"b"'),
        ('\n {\r\n\t"a" : [ 1 , -2.5e3,true ,null ] }\n', ("a", 1), "-2.5e3"),
        ('{"a":[1,{"é\\u00e9":[]}]}', ("a", 1, "éé"), "[]"),
        ('{"a": {"b": {}}, "a": {"b": 2}}', ("a", "b"), "2"),
        ('{"\\ud83e\\udd80": {"x": "\\"}"}}', ("🦀", "x"), '"\\"}"'),
        ("[[], [ ], {}, { }]", (3,), "{ }"),
        ('{"<<": {"a": 1}, "": 2}', ("",), "2"),
        ("true", (), "true"),
    ],
)
def test_places(text: str, path: tuple[str | int, ...], expected: str) -> None:
    assert shown(text, *path) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "\\ud83e\\udd80"}', {"a": "🦀"}),
        ('{"a": "\\ud83e"}', {"a": "\ufffd"}),
        ('{"a": "\\udd80\\ud83ex"}', {"a": "\ufffd\ufffdx"}),
        ('{"a": "\\ud83e\\ud83e\\udd80"}', {"a": "\ufffd🦀"}),
        ('{"a": "\\\\ud83e"}', {"a": "\\ud83e"}),
        ('{"\\ud83e": 1}', {"\ufffd": 1}),
        ("[18446744073709551615, 1234567890123456789]", [1.8446744073709552e19, 1234567890123456789]),
        ("1" * 5000, float("inf")),
        ('{"a": "yes"}', {"a": "yes"}),
    ],
)
def test_values(text: str, value: Any) -> None:
    [document] = read(text).documents
    assert document.value == value
    json.dumps(document.value, ensure_ascii=False).encode()
    assert document.node is not None


def test_duplicate_keys() -> None:
    assert read('{"a": [{"b": 1, "b": 2}]}').documents[0].duplicate_keys
    assert not read('[{"b": 1}, {"b": 2}]').documents[0].duplicate_keys
    assert read('{"a": [{"b": 1, "b": 2}]}').documents[0].value == {"a": [{"b": 2}]}


def test_several_values_are_several_documents() -> None:
    text = f'{{{OBJECT}, "x": 1}}\n{{{OBJECT}, "x": 2, "x": 3}}\n'
    source = read(text)
    assert [document.value["x"] for document in source.documents] == [1, 3]
    assert [document.duplicate_keys for document in source.documents] == [False, True]
    place = source.documents[1].locate(("x",))
    assert place is not None
    assert place.node.span.start == text.rindex("3")


@pytest.mark.parametrize("text", ["// c\n{}", '{"a": 1,}', '{"a": 1 /* b */}', "", "\n", "{'a': 1}", '{"a": NaN}', "x"])
def test_other_dialects_are_not_recognised(text: str) -> None:
    source = read(text)
    assert (source.skipped, source.documents, source.problems) == ("unrecognised", [], [])


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ('{%s, "x": }', "}"),
        ('{%s, "x": NaN}', "N"),
        ('{%s, "NaN": "NaN\\"", "y": [-Infinity]}', "-"),
        ("{%s,\n}", ","),
        ("{%s} x", "x"),
        ('{%s, "x": "\t"}', "\t"),
        ('{%s, "x": "\\q"}', "\\"),
    ],
)
def test_broken_objects_are_problems(text: str, character: str) -> None:
    source = read(text % OBJECT)
    [problem] = source.problems
    assert source.skipped is None
    assert source.text[problem.span.start : problem.span.end] in (character, "}")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    inside = f"{{{OBJECT}}}"
    source = read(opening * 10_000 + inside + closing * 10_000)
    assert [problem.message for problem in source.problems] == [f"nested more than {MAX_DEPTH} levels deep"]
    fits = read(opening * (MAX_DEPTH - 1) + inside + closing * (MAX_DEPTH - 1))
    assert len(fits.documents) == 1
    assert fits.documents[0].node is not None
    assert read(opening * MAX_DEPTH + inside + closing * MAX_DEPTH).problems


def test_json_in_a_yaml_file_is_yaml() -> None:
    [document] = read_documents("a.yaml", '{"a": [true, 1.5, "yes"]}').documents
    assert document.value == {"a": [True, 1.5, "yes"]}
