"""What each edit makes of a text, as a table; and, over generated documents, that no edit touches anything else."""

import textwrap

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelint.engine.fixing.changes import CannotEdit, changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, read_documents


def made(text: str, *edits: tuple, path: str = "a.yaml") -> str:
    """The text after `edits`, each without its file and document."""
    source = read_documents(path, text)
    full = [Edit(path, 0, *edit) for edit in edits]
    after = changed(text, changes_of(source, full))
    check(source, after, full)
    return after


CASES = {
    "a scalar keeps its comment": ("a: 1  # one\n", [(("a",), "replace", "2")], "a: 2  # one\n"),
    "a scalar keeps its quotes": ("a: 'x'\n", [(("a",), "replace", "w2-1")], "a: 'w2-1'\n"),
    "a string that would be a number is quoted": ("a: x\n", [(("a",), "replace", '"2"')], 'a: "2"\n'),
    "a null": ("a:\nb: 1\n", [(("a",), "replace", "2")], "a: 2\nb: 1\n"),
    "a null with a comment": ("a:  # why\n", [(("a",), "replace", "2")], "a: 2  # why\n"),
    "a block becomes a scalar": ("a:\n  b: 1\nc: 2\n", [(("a",), "replace", "x")], "a: x\nc: 2\n"),
    "a scalar becomes a list": ("a: '[x, w2]'\n", [(("a",), "replace", "[x, w2]")], "a: ['x', 'w2']\n"),
    "a member goes": ("a: 1\nb: 2\nc: 3\n", [(("b",), "delete")], "a: 1\nc: 3\n"),
    "the first member goes": ("a: 1\nb: 2\n", [(("a",), "delete")], "b: 2\n"),
    "its comment stays": ("a: 1\nb: 2  # two\n", [(("b",), "delete")], "a: 1\n# two\n"),
    "all members go": ("a:\n  b: 1\n  c: 2\nd: 3\n", [(("a", "b"), "delete"), (("a", "c"), "delete")], "a: {}\nd: 3\n"),
    "all of the root goes": ("# x\na: 1  # one\n", [(("a",), "delete")], "# x\n{}\n# one\n"),
    "all of an item goes": ("- a: 1\n- b: 2\n", [((0, "a"), "delete")], "- {}\n- b: 2\n"),
    "the first member of an item goes": ("- a: 1\n  b: 2\n", [((0, "a"), "delete")], "- b: 2\n"),
    "an item goes": ("a:\n- x\n- w2\n", [(("a", 0), "delete")], "a:\n- w2\n"),
    "two items go": ("a:\n- x\n- w2\n- z\n", [(("a", 0), "delete"), (("a", 2), "delete")], "a:\n- w2\n"),
    "a flow item goes": ("a: [x, w2, z]\n", [(("a", 1), "delete")], "a: [x, z]\n"),
    "the last flow member goes": ("a: {x: 1, w2: 2}\n", [(("a", "w2"), "delete")], "a: {x: 1}\n"),
    "an item comes": (
        "a:\n  - x  # first\n  # end\nb: 1\n",
        [(("a",), "append", "w2")],
        "a:\n  - x  # first\n  - w2\n  # end\nb: 1\n",
    ),
    "an item like its neighbours": ('a: ["x"]\n', [(("a",), "append", "w2")], 'a: ["x", "w2"]\n'),
    "a mapping as an item": (
        "a:\n- x: 1\n",
        [(("a",), "append", "{x: 2, w2: [z]}")],
        "a:\n- x: 1\n- x: 2\n  w2:\n  - z\n",
    ),
    "a flow mapping among flow mappings": (
        "a:\n- {x: 1}\n",
        [(("a",), "append", "{x: 2}")],
        "a:\n- {x: 1}\n- {x: 2}\n",
    ),
    "words quoted as the others are": (
        'a:\n- x: ["w"]\n',
        [(("a",), "append", "{x: [v]}")],
        'a:\n- x: ["w"]\n- x: ["v"]\n',
    ),
    "characters of a folded string": (
        "a: >-\n  one\n  two three\nb: 1\n",
        [(("a",), "replace", "2", "", (4, 7))],
        "a: >-\n  one\n  2 three\nb: 1\n",
    ),
    "an item into nothing": ("a: []\nb: 1\n", [(("a",), "append", "x")], "a:\n  - x\nb: 1\n"),
    "an item where no list is": ("a:\n  b: 1\n", [(("a", "c"), "append", "x")], "a:\n  b: 1\n  c:\n    - x\n"),
    "a member comes": ("a:\n    b: 1\n", [(("a",), "insert", "2", "c")], "a:\n    b: 1\n    c: 2\n"),
    "a mapping comes, indented as the file is": (
        "a:\n    b: 1\n",
        [(("a",), "insert", "{d: {e: 1}}", "c")],
        "a:\n    b: 1\n    c:\n        d:\n            e: 1\n",
    ),
    "a member of what is not there": (
        "a:\n  b: 1\n",
        [(("a", "c", "d"), "insert", "2", "e")],
        "a:\n  b: 1\n  c:\n    d:\n      e: 2\n",
    ),
    "a member into nothing": ("a: {}  # none\nb: 1\n", [(("a",), "insert", "1", "x")], "a:  # none\n  x: 1\nb: 1\n"),
    "a member of a flow mapping": ("a: {x: 1}\n", [(("a",), "insert", "[2]", "w2")], "a: {x: 1, w2: [2]}\n"),
    "members of inner and outer": (
        "a:\n  b:\n    c: 1\n",
        [(("a",), "insert", "1", "x"), (("a", "b"), "insert", "2", "w2")],
        "a:\n  b:\n    c: 1\n    w2: 2\n  x: 1\n",
    ),
    "a key is renamed in place": (
        "a: [1]  # why\nb: 2\n",
        [(("a",), "delete"), ((), "insert", "[1]", "c")],
        "c: [1]  # why\nb: 2\n",
    ),
    "a key and its value": ("a: 1\nb: 2\n", [(("a",), "delete"), ((), "insert", "3", "c")], "c: 3\nb: 2\n"),
    "carriage returns": ("a:\r\n  b: 1\r\n", [(("a",), "insert", "2", "c")], "a:\r\n  b: 1\r\n  c: 2\r\n"),
    "no line break at the end": ("a: 1", [((), "insert", "2", "b")], "a: 1\nb: 2"),
    "inside of a literal": (
        "v: |\n  a: 1\n  b: 2\nw: 1\n",
        [(("v", Inside(0)), "insert", "{d: 1}", "c"), (("v", Inside(0), "a"), "delete")],
        "v: |\n  c:\n    d: 1\n  b: 2\nw: 1\n",
    ),
    "inside of double quotes": (
        'v: "a: 1\\n"\n',
        [(("v", Inside(0)), "insert", '"2"', "b")],
        'v: "a: 1\\nb: \\"2\\"\\n"\n',
    ),
    "inside of single quotes": ("v: '{a: ''1''}'\n", [(("v", Inside(0), "a"), "replace", '"2"')], "v: '{a: ''2''}'\n"),
    "inside of a literal inside of a literal": (
        "v: |\n  w: |\n    a: 1\n  x: 2\n",
        [(("v", Inside(0), "w", Inside(0)), "insert", "2", "b")],
        "v: |\n  w: |\n    a: 1\n    b: 2\n  x: 2\n",
    ),
    "characters that need quotes in brackets": (
        "a: {b: up == 3, c: 1}\n",
        [(("a", "b"), "replace", '{job="x"} == 1', "", (2, 7))],
        "a: {b: 'up{job=\"x\"} == 1', c: 1}\n",
    ),
    "characters that need no quotes outside of them": (
        "a: up == 3  # c\n",
        [(("a",), "replace", '{job="x"} == 1', "", (2, 7))],
        'a: up{job="x"} == 1  # c\n',
    ),
    "characters that need quotes anywhere": (
        "v: |\n  a: say x # c\n",
        [(("v", Inside(0), "a"), "replace", "y: z", "", (4, 5))],
        'v: |\n  a: "say y: z" # c\n',
    ),
    "characters that begin with a space": ("a: up x\n", [(("a",), "replace", " now", "", (2, 2))], "a: up now x\n"),
    "characters of a string": ("a: 'it''s x'\n", [(("a",), "replace", "w2'", "", (5, 6))], "a: 'it''s w2'''\n"),
    "a comment": ("a: 1  # x\n", [((), "replace", "", "", (4, 9))], "a: 1\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_edit_makes(name):
    before, edits, after = CASES[name]
    assert made(before, *edits) == after


def test_json_stays_json():
    before = '{\n  "a": {"b": 1},\n  "c": [\n    "x"\n  ]\n}\n'
    edits = [(("a",), "insert", "x", "z"), (("c",), "append", "[2]"), ((), "insert", "1", "q")]
    after = '{\n  "a": {"b": 1, "z": "x"},\n  "c": [\n    "x",\n    [2]\n  ],\n  "q": 1\n}\n'
    assert made(before, *edits, path="a.json") == after


REFUSED = {
    "through an alias": ("a: &x {b: 1}\nc: *x\n", (("c", "b"), "replace", "2")),
    "through a merge key": ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", (("c", "b"), "replace", "2")),
    "a key that is there": ("a: {b: 1}\n", (("a",), "insert", "2", "b")),
    "what is not there": ("a: 1\n", (("b",), "delete")),
    "a member of a number": ("a: 1\n", (("a",), "insert", "2", "b")),
    "an item of a mapping": ("a: {b: 1}\n", (("a",), "append", "2")),
    "no YAML": ("a: 1\n", (("a",), "replace", "]")),
    "lines into single quotes": ("a: 'b: 1'\n", (("a", Inside(0)), "insert", "2", "c")),
    "the root": ("a: 1\n", ((), "delete")),
    "a document that is not there": ("", (("a",), "delete")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_edited(name):
    before, edit = REFUSED[name]
    with pytest.raises(CannotEdit):
        made(before, edit)


UNMEANT = {
    "an anchored value that is used again": ("a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n", (("a",), "replace", "2")),
    "something else": ("a: 1\nb: 1\n", "a: 2\nb: 2\n", (("a",), "replace", "2")),
    "a comment": ("a: 1  # x\nb: 1\n", "a: 2\nb: 1\n", (("a",), "replace", "2")),
    "a comment in a string": ("v: |\n  a: 1 # x\n", "v: |\n  a: 2\n", (("v", Inside(0), "a"), "replace", "2")),
    "another type": ("a: 1\n", 'a: "2"\n', (("a",), "replace", "2")),
    "no YAML": ("a: 1\n", "a: [\n", (("a",), "replace", "2")),
}


@pytest.mark.parametrize("name", UNMEANT)
def test_what_another_reader_notices(name):
    before, after, edit = UNMEANT[name]
    with pytest.raises(NotAsMeant):
        check(read_documents("a.yaml", before), after, [Edit("a.yaml", 0, *edit)])


_words = st.text("abcxz01.-_ :#'\"{}[]&*!|>%@,\n\té𝄞", max_size=8)
_scalars = st.one_of(_words, st.integers(-5, 100), st.booleans(), st.none())
_keys = st.text("abcxz.-/", min_size=1, max_size=6)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3), max_leaves=8
)
_documents = st.dictionaries(_keys, _values, min_size=1, max_size=4)


def paths(value, path=()):
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from paths(member, (*path, step))


@st.composite
def edited_documents(draw):
    data = draw(_documents)
    text = yaml.safe_dump(
        data,
        indent=draw(st.sampled_from([2, 4])),
        default_flow_style=draw(st.sampled_from([False, None, True])),
        default_style=draw(st.sampled_from([None, None, '"', "'"])),
        allow_unicode=True,
        width=draw(st.sampled_from([20, 200])),
    )
    if draw(st.booleans()):
        text = "outer: |\n" + textwrap.indent(text, "    ") + "last: 1\n"
        prefix = ("outer", Inside(0))
    else:
        prefix = ()
    path = (*prefix, *draw(st.sampled_from(list(paths(data)))))
    action = draw(st.sampled_from(["replace", "delete", "append", "insert"]))
    value = "" if action == "delete" else yaml.safe_dump(draw(_values), default_flow_style=True, allow_unicode=True)
    key = draw(_keys) if action == "insert" else ""
    return text, Edit("a.yaml", 0, path, action, value.removesuffix("...\n"), key)


@given(edited_documents())
@settings(max_examples=300, deadline=None)
def test_no_edit_touches_anything_else(case):
    text, edit = case
    source = read_documents("a.yaml", text)
    try:
        changes = changes_of(source, [edit])
    except CannotEdit:
        return
    check(source, changed(text, changes), [edit])
