"""Whatever is written, every place is found exactly, and independent readers agree."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sources.yaml_writer import Entry, Writer, Written

from kubelint.sources import Inside, Path, SourceFile, read_documents
from kubelint.sources.comments import find_comments
from kubelint.sources.nodes import Node, compose_documents
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import build_documents

SEEDS = st.integers(0, 2**40)
MODERATE = settings(max_examples=800, deadline=None)


def write(seed: int) -> tuple[Written, SourceFile]:
    written = Writer(seed).document()
    source = read_documents("a.yaml", written.text)
    assume(source.skipped is None)  # nothing but `{{ .x }}`
    assert not source.problems
    return written, source


@MODERATE
@given(SEEDS)
def test_values_are_those_that_were_written(seed: int) -> None:
    written, source = write(seed)
    assert [document.value for document in source.documents] == [written.value]
    pure = build_documents(written.text, PlainScalars(), pure=True)
    assert [document.value for document in pure] == [written.value]


@MODERATE
@given(SEEDS)
def test_an_independent_reader_sees_the_same(seed: int) -> None:
    written = Writer(seed).document()
    assume(written.unique_anchors and "\t" not in written.text)  # PyYAML refuses what libyaml takes
    loaded = yaml.load(written.text, yaml.BaseLoader)
    assert loaded == _texts(written)


def _texts(written: Written) -> Any:
    """The value of the document with every scalar as kubelint's own nodes spell it."""

    def spell(node: Node) -> Any:
        if node.pairs is not None:
            return {pair.name: spell(pair.value) for pair in node.pairs}
        return [spell(item) for item in node.items] if node.items is not None else node.text

    return spell(next(compose_documents(written.text)))


@MODERATE
@given(SEEDS)
def test_every_path_leads_to_its_place(seed: int) -> None:
    written, source = write(seed)
    document = source.documents[0]
    for path, entry in written.entries.items():
        place = document.locate(path)
        assert place is not None
        assert place.found == len(path)
        assert place.node.span == entry.span, path
        assert (place.key.span if place.key else None) == entry.key
        assert place.node.style == entry.style
        assert len(place.trail) == len(path) + 1
        _read_alone(source, entry, path)


def _read_alone(source: SourceFile, entry: Entry, path: Path) -> None:
    """The text of a place, read alone, is its value; that of its key is the last step of its path."""
    text = source.text[entry.span.start : entry.span.end]
    if entry.key:
        [key] = compose_documents(source.text[entry.key.start : entry.key.end])
        assert key.text == path[-1]
    if not entry.alone:
        assert entry.style != "alias" or text.startswith("*")
        return
    indent = source.lines.position(entry.span.start).column - 1 if entry.style == "block" else 0
    [alone] = build_documents(" " * indent + text + "\n" if text else "~", PlainScalars())
    assert _without_end(alone.value) == _without_end(entry.value)


def _without_end(value: Any) -> Any:
    """Block scalars at the end of a text lose or gain the line breaks that their chomping is about."""
    if isinstance(value, dict):
        return {key: _without_end(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_end(item) for item in value]
    return value.rstrip("\n") if isinstance(value, str) else value


@MODERATE
@given(SEEDS)
def test_both_parsers_find_the_same_places(seed: int) -> None:
    text = Writer(seed).document().text
    assert list(compose_documents(text)) == list(compose_documents(text, pure=True))


@MODERATE
@given(SEEDS)
def test_comments_are_those_that_were_written(seed: int) -> None:
    written, source = write(seed)
    assert [(comment.span.start, comment.text) for comment in source.comments] == written.comments
    assert find_comments(written.text, pure=True) == source.comments
    for comment in source.comments:
        line = source.lines.line(source.lines.position(comment.span.start).line)
        assert source.text[comment.span.start : comment.span.end] == comment.text
        assert comment.alone == line.strip().startswith("#")


@MODERATE
@given(SEEDS, st.sampled_from(["literal", "literal-2", "folded", "single", "double", "double-ascii", "plain"]))
def test_places_inside_a_string_are_places_in_the_file(seed: int, style: str) -> None:
    inner = Writer(seed, flow_only=style in ("single", "plain")).document()
    outer = _embed(inner.text, style)
    source = read_documents("a.yaml", outer)
    assume(style == "plain" or not source.problems)
    assume(source.documents and source.documents[0].value["k"] == inner.text)
    for path, entry in inner.entries.items():
        place = source.documents[0].locate(("k", Inside(), *path))
        assert place is not None
        assert place.found == len(path) + 2
        shown = source.text[place.node.span.start : place.node.span.end]
        assert _unescaped(shown, style) == _unescaped(inner.text[entry.span.start : entry.span.end], ""), path


@MODERATE
@given(SEEDS)
def test_nested_strings(seed: int) -> None:
    inner = Writer(seed, flow_only=True).document()
    middle = json.dumps({"m": inner.text}, ensure_ascii=False)
    outer = f"é: 1\nk: |-\n   - {json.dumps(middle, ensure_ascii=False)}\n"
    source = read_documents("a.yaml", outer)
    for path, entry in inner.entries.items():
        place = source.documents[0].locate(("k", Inside(), 0, Inside(), "m", Inside(), *path))
        assert place is not None
        assert place.found == len(path) + 6
        shown = outer[place.node.span.start : place.node.span.end]
        shown = json.loads(f'"{shown}"')
        assert json.loads(f'"{shown}"') == inner.text[entry.span.start : entry.span.end]


def _embed(text: str, style: str) -> str:
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if style.startswith("literal"):
        pad = "\n" + " " * (5 if style == "literal" else 2)
        return "é: 🦀\nk: |" + ("2" if style == "literal-2" else "") + pad + pad.join(lines) + "\n"
    if style == "folded":
        return "é: 🦀\nk: >\n" + "".join(_folded(lines))
    if style == "single":
        return "é: 🦀\nk: '" + text.replace("'", "''") + "'\n"
    if style == "plain":
        return f"é: 🦀\nk: {text}\n"
    return "é: 🦀\nk: " + json.dumps(text, ensure_ascii=style == "double-ascii") + "\n"


def _folded(lines: list[str]) -> list[str]:
    """Lines that fold back to `lines`: text that follows text needs a blank line between."""
    written: list[str] = []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        if before and line and before[0] not in " \t" and line[0] not in " \t":
            written.append("\n")
        written.append(f"   {line}\n" if line else "\n")
    return written


def _unescaped(text: str, style: str) -> str:
    if style == "single":
        text = text.replace("''", "'")
    if style.startswith("double"):
        return " ".join(json.loads(f'"{text}"').split())
    return " ".join(text.split())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON_VALUES, st.sampled_from([None, 2]), st.booleans())
def test_json_places(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    source = read_documents("a.json", text)
    assume(not source.problems and source.skipped is None)
    assert source.documents[0].value == value
    for path, expected in _walk(value, ()):
        place = source.documents[0].locate(path)
        assert place is not None
        assert place.found == len(path)
        assert json.loads(text[place.node.span.start : place.node.span.end]) == expected
        if path and isinstance(path[-1], str):
            assert place.key is not None
            assert json.loads(text[place.key.span.start : place.key.span.end]) == path[-1]


def _walk(value: Any, path: Path) -> list[tuple[Path, Any]]:
    found = [(path, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _walk(item, (*path, index))
    return found


ANYTHING = st.text(
    alphabet=st.sampled_from(" \n\r\t#:-?&*!|>'\"%@`{}[],ab1é🦀\x85\u2028\ufeff\0\x07~<=.0"), max_size=40
)


@pytest.mark.parametrize("pure", [False, True])
@settings(max_examples=800, deadline=None)
@given(text=ANYTHING)
def test_no_text_raises(pure: bool, text: str) -> None:
    source = read_documents("a.yaml", text, pure=pure)
    for comment in source.comments:
        assert source.text[comment.span.start : comment.span.end] == comment.text
    for document in source.documents:
        place = document.locate(("a", 0, Inside(), "b"))
        assert pure or place is not None
    for problem in source.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    assert isinstance(read_documents("a.json", text).documents, list)


@settings(max_examples=800, deadline=None)
@given(text=ANYTHING)
@example(text="\x85\ufeff\ufeff")
def test_what_both_parsers_read_they_read_alike(text: str) -> None:
    fast, slow = (read_documents("a.yaml", text, pure=pure) for pure in (False, True))
    assume(not fast.problems and not slow.problems and not fast.skipped and not slow.skipped)
    assert [repr(document.value) for document in fast.documents] == [repr(d.value) for d in slow.documents]
    assert list(compose_documents(text)) == list(compose_documents(text, pure=True))
    assert find_comments(text) == find_comments(text, pure=True)
