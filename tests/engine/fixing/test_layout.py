"""How what comes and goes is laid out: indentation, brackets, comments around it.

Each case: the text, the edits, and what they make of it; None where they are refused.
"""

import pytest
from editing import made

CASES = {
    "4sp nested list": (
        "a:\n    b:\n        - x\n",
        [(("a",), "insert", "{d: [{e: 1}]}", "c")],
        "a:\n    b:\n        - x\n    c:\n        d:\n            - e: 1\n",
    ),
    "list not indented": (
        "a:\n    b:\n    - x\n",
        [(("a",), "insert", "[{e: 1}]", "c")],
        "a:\n    b:\n    - x\n    c:\n    - e: 1\n",
    ),
    "1sp": ("a:\n b: 1\n", [(("a",), "insert", "{d: 1}", "c")], "a:\n b: 1\n c:\n  d: 1\n"),
    "8sp": (
        "a:\n        b: 1\n",
        [(("a",), "insert", "{d: 1}", "c")],
        "a:\n        b: 1\n        c:\n                d: 1\n",
    ),
    "dash with wide gap": (
        "a:\n-   x: 1\n    y: 2\n",
        [(("a", 0), "insert", "3", "z")],
        "a:\n-   x: 1\n    y: 2\n    z: 3\n",
    ),
    "dash wide append": (
        "a:\n  -   x: 1\n      y: 2\n",
        [(("a",), "append", "{x: 2, w2: 3}")],
        "a:\n  -   x: 1\n      y: 2\n  -   x: 2\n      w2: 3\n",
    ),
    "JSON below a marker": (
        '---\n{"a": {"n": 1, "x": []}}\n',
        [(("a",), "insert", "{c: [{d: e, f: 2}, g]}", "b")],
        '---\n{"a": {"n": 1, "x": [], "b": {"c": [{"d": "e", "f": 2}, "g"]}}}\n',
    ),
    "JSON into what is empty": ('{"a": {}}\n', [(("a",), "insert", "c", "b")], '{"a": {"b": "c"}}\n'),
    "all strings quoted": (
        "a: 'x'\nb:\n  c: []\n",
        [(("b",), "insert", "{e: [f], g: {h: i}}", "d")],
        "a: 'x'\nb:\n  c: []\n  d:\n    e:\n      - 'f'\n    g:\n      h: 'i'\n",
    ),
    "not all strings quoted": (
        "a: 'x'\nz: x\nb:\n  c: 1\n",
        [(("b",), "insert", "{e: f}", "d")],
        "a: 'x'\nz: x\nb:\n  c: 1\n  d:\n    e: f\n",
    ),
    "dash alone": ("a:\n-\n  x: 1\n", [(("a", 0), "insert", "2", "w2")], "a:\n-\n  x: 1\n  w2: 2\n"),
    "nested seq append": (
        "a:\n- - x\n  - y\n- - z\n",
        [(("a", 0), "append", "w2")],
        "a:\n- - x\n  - y\n  - w2\n- - z\n",
    ),
    "nested seq delete first": ("a:\n- - x\n  - y\n", [(("a", 0, 0), "delete")], "a:\n- - y\n"),
    "nested seq delete last": ("a:\n- - x\n  - y\n- - z\n", [(("a", 0, 1), "delete")], "a:\n- - x\n- - z\n"),
    "root seq append": ("- a\n- b\n", [((), "append", "c2")], "- a\n- b\n- c2\n"),
    "root seq indented": ("  - a\n  - b\n", [((), "append", "c2")], "  - a\n  - b\n  - c2\n"),
    "root map indented": ("  a: 1\n  b: 2\n", [((), "insert", "3", "c")], "  a: 1\n  b: 2\n  c: 3\n"),
    "map in list in map": (
        "a:\n  - b:\n      c: 1\n  - d: 1\n",
        [(("a", 0, "b"), "insert", "2", "e")],
        "a:\n  - b:\n      c: 1\n      e: 2\n  - d: 1\n",
    ),
    "map in list outer": (
        "a:\n  - b:\n      c: 1\n  - d: 1\n",
        [(("a", 0), "insert", "2", "e")],
        "a:\n  - b:\n      c: 1\n    e: 2\n  - d: 1\n",
    ),
    "flow multi trailing comma": (
        "a: [\n  x,\n  y,\n]\nb: 1\n",
        [(("a",), "append", "z")],
        "a: [\n  x,\n  y,\n  z,\n]\nb: 1\n",
    ),
    "flow multi comments": (
        "a: [\n  x,  # ex\n  y  # why\n]\n",
        [(("a",), "append", "z")],
        "a: [\n  x,  # ex\n  y,\n  z  # why\n]\n",
    ),
    "flow map one line trailing comma": ("a: {x: 1, }\n", [(("a",), "insert", "2", "w2")], "a: {x: 1, w2: 2, }\n"),
    "flow map spaces": ("a: { x: 1 }\n", [(("a",), "insert", "2", "w2")], "a: { x: 1, w2: 2 }\n"),
    "flow map multi": (
        "a: {\n    x: 1,\n    y: 2\n  }\n",
        [(("a",), "insert", "3", "z")],
        "a: {\n    x: 1,\n    y: 2,\n    z: 3\n  }\n",
    ),
    "flow wrapped seq": (
        "a: [one, two,\n    three, four]\n",
        [(("a",), "append", "five")],
        "a: [one, two,\n    three, four, five]\n",
    ),
    "flow delete first multi": ("a: [\n  x,\n  y,\n]\n", [(("a", 0), "delete")], "a: [\n  y,\n]\n"),
    "flow delete last multi trailing comma": ("a: [\n  x,\n  y,\n]\n", [(("a", 1), "delete")], "a: [\n  x,\n]\n"),
    "flow delete middle": ("a: [x, y, z]\n", [(("a", 1), "delete")], "a: [x, z]\n"),
    "flow delete all": ("a: [x, y]  # c\n", [(("a", 0), "delete"), (("a", 1), "delete")], "a: []  # c\n"),
    "flow delete with comment": ("a: [\n  x,  # ex\n  y\n]\n", [(("a", 0), "delete")], None),
    "flow null value": ("a: {x: , y: 1}\n", [(("a", "x"), "replace", "2")], "a: {x: 2 , y: 1}\n"),
    "flow null at end": ("a: {x: }\n", [(("a", "x"), "replace", "2")], "a: {x: 2 }\n"),
    "flow key without value": ("a: {x, y: 1}\n", [(("a", "x"), "replace", "2")], None),
    "flow key alone": ("a: {x}\n", [(("a", "x"), "replace", "2")], None),
    "flow insert after null": ("a: {x: }\n", [(("a",), "insert", "2", "w2")], None),
    "flow insert after key alone": ("a: {x}\n", [(("a",), "insert", "2", "w2")], "a: {x, w2: 2}\n"),
    "flow pair in seq": ("a: [x: 1, y: 2]\n", [(("a", 0, "x"), "replace", "3")], "a: [x: 3, y: 2]\n"),
    "flow quoted keys": ('a: {"x": 1}\n', [(("a",), "insert", "2", "w2")], 'a: {"x": 1, "w2": 2}\n'),
    "flow quoted keys and values": ('a: {"x": "v"}\n', [(("a",), "insert", "w", "y")], 'a: {"x": "v", "y": "w"}\n'),
    "block quoted keys": ('"a": 1\n"b": 2\n', [((), "insert", "3", "c")], '"a": 1\n"b": 2\n"c": 3\n'),
    "block single quoted keys": (
        "'a': 1\n'b': 2\n",
        [((), "insert", "{d: 3}", "c")],
        "'a': 1\n'b': 2\n'c':\n  'd': 3\n",
    ),
    "block quoted values": ('a: "x"\nb: "y"\n', [((), "insert", "z", "c")], 'a: "x"\nb: "y"\nc: "z"\n'),
    "block single quoted values": ("a: 'x'\nb: 'y'\n", [((), "insert", "z", "c")], "a: 'x'\nb: 'y'\nc: 'z'\n"),
    "mixed quotes": ("a: 'x'\nb: y\n", [((), "insert", "z", "c")], "a: 'x'\nb: y\nc: 'z'\n"),
    "quote needed single file": ("a: 'x y'\nb: z\n", [((), "insert", '"true"', "c")], "a: 'x y'\nb: z\nc: 'true'\n"),
    "flow in flow": (
        "a: {b: {c: 1}}\n",
        [(("a", "b"), "insert", "[x, {e: 2}]", "d")],
        "a: {b: {c: 1, d: [x, {e: 2}]}}\n",
    ),
    "flow over lines in block seq": (
        "- {a: 1,\n   b: 2}\n- c\n",
        [((0,), "insert", "3", "d")],
        "- {a: 1,\n   b: 2,\n   d: 3}\n- c\n",
    ),
    "flow root": ("{a: 1, b: [2]}\n", [(("b",), "append", "3")], "{a: 1, b: [2, 3]}\n"),
    "flow root after ---": ("--- {a: 1}\n", [((), "insert", "2", "b")], "--- {a: 1, b: 2}\n"),
    "flow keys with block list text": (
        "a: {args: [--x, --y]}\n",
        [(("a", "args"), "append", "--z=1")],
        "a: {args: [--x, --y, --z=1]}\n",
    ),
    "flow empty to filled": ("a: {b: []}\n", [(("a", "b"), "append", "x")], "a: {b: [x]}\n"),
    "flow empty spaced": ("a: { }\nb: 1\n", [(("a",), "insert", "2", "c")], "a:\n  c: 2\nb: 1\n"),
    "delete with comment above": (
        "# about a\na: 1\n# about b\nb: 2\n",
        [(("a",), "delete")],
        "# about a\n# about b\nb: 2\n",
    ),
    "delete block with comments": ("a:\n  # one\n  b: 1  # two\nc: 1\n", [(("a",), "delete")], "# one\n# two\nc: 1\n"),
    "empty with inner comments": (
        "x:\n  a:\n    # one\n    b: 1  # two\n    # three\n  c: 1\n",
        [(("x", "a", "b"), "delete")],
        "x:\n  a: {}\n    # one\n    # two\n    # three\n  c: 1\n",
    ),
    "empty with key comment": ("a:  # key\n  b: 1\nc: 1\n", [(("a", "b"), "delete")], "a: {}  # key\nc: 1\n"),
    "delete last of doc no newline": ("a: 1\nb: 2", [(("b",), "delete")], "a: 1"),
    "delete only no newline": ("a: 1", [(("a",), "delete")], "{}"),
    "delete first after ---": ("---\na: 1\nb: 2\n", [(("a",), "delete")], "---\nb: 2\n"),
    "delete in last doc line": ("a:\n  b: 1\n  c: 2\n...\n", [(("a", "c"), "delete")], "a:\n  b: 1\n...\n"),
    "delete literal": ("a: |\n  x\n\n  y\nb: 1\n", [(("a",), "delete")], "b: 1\n"),
    "delete literal keep": ("a: 0\nb: |+\n  x\n\nc: 1\n", [(("b",), "delete")], "a: 0\n\nc: 1\n"),
    "delete item literal": ("a:\n  - |\n    x\n  - y\n", [(("a", 0), "delete")], "a:\n  - y\n"),
    "delete item map": ("a:\n  - b: 1\n    c: 2\n  - d: 3\n", [(("a", 0), "delete")], "a:\n  - d: 3\n"),
    "delete item comments": (
        "a:\n  # one\n  - b: 1  # x\n    c: 2\n  # two\n  - d: 3\n",
        [(("a", 0), "delete")],
        "a:\n  # one\n  # x\n  # two\n  - d: 3\n",
    ),
    "delete last item only": ("a:\n  - b\nc: 1\n", [(("a", 0), "delete")], "a: []\nc: 1\n"),
    "delete key of item comment": ("- a: 1  # c\n  b: 2\n", [((0, "a"), "delete")], None),
    "delete middle blank lines": ("a: 1\n\nb: 2\n\nc: 3\n", [(("b",), "delete")], "a: 1\n\n\nc: 3\n"),
    "delete crlf": ("a: 1\r\nb: 2\r\nc: 3\r\n", [(("b",), "delete")], "a: 1\r\nc: 3\r\n"),
    "delete cr": ("a: 1\rb: 2\rc: 3\r", [(("b",), "delete")], "a: 1\rc: 3\r"),
    "delete alias item": ("x: &x 1\na:\n- *x\n- 2\n", [(("a", 0), "delete")], "x: &x 1\na:\n- 2\n"),
    "delete anchored used": ("a: &x 1\nb: *x\n", [(("a",), "delete")], None),
    "delete key whose value is anchored map": ("a: &x\n  b: 1\nc: 2\n", [(("a",), "delete")], "c: 2\n"),
    "delete deeper comment after": (
        "a:\n  b: 1\n    # deep\n  c: 2\n",
        [(("a", "b"), "delete")],
        "a:\n    # deep\n  c: 2\n",
    ),
    "delete last, shallower comment": (
        "a:\n  b: 1\n  c: 2\n# out\nd: 1\n",
        [(("a", "c"), "delete")],
        "a:\n  b: 1\n# out\nd: 1\n",
    ),
    "delete quoted key": ('"a b": 1\nc: 2\n', [(("a b",), "delete")], "c: 2\n"),
    "delete flow last with comment on line": ("a: {x: 1, y: 2}  # c\n", [(("a", "y"), "delete")], "a: {x: 1}  # c\n"),
    "delete duplicate": ("a: 1\na: 2\n", [(("a",), "delete")], None),
    "replace duplicate": ("a: 1\na: 2\n", [(("a",), "replace", "3")], "a: 1\na: 3\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of(name):
    before, edits, after, *where = CASES[name]
    assert made(before, edits, *where) == after
