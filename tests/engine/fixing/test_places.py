"""Edits in documents, anchored values, strings that hold YAML or JSON, JSON files, and texts of every script.

Each case: the text, the edits, and what they make of it; None where they are refused.
"""

import pytest
from editing import INSIDE, made

from kubelint.sources import Inside

CASES = {
    "second doc": (
        "---\na: 1\n---\n# c\nb: 1\n...\n",
        [((), "insert", "2", "c")],
        "---\na: 1\n---\n# c\nb: 1\nc: 2\n...\n",
        "a.yaml",
        1,
    ),
    "first doc": ("a: 1\n---\nb: 1\n", [((), "insert", "2", "c")], "a: 1\nc: 2\n---\nb: 1\n"),
    "first doc comments after": (
        "a: 1\n# end\n\n---\nb: 1\n",
        [((), "insert", "2", "c")],
        "a: 1\nc: 2\n# end\n\n---\nb: 1\n",
    ),
    "doc end comment": (
        "a: 1\n... # end\n---\nb: 1\n",
        [((), "insert", "2", "c")],
        "a: 1\nc: 2\n... # end\n---\nb: 1\n",
    ),
    "directive": ("%YAML 1.1\n---\na: 1\n", [((), "insert", "2", "c")], "%YAML 1.1\n---\na: 1\nc: 2\n"),
    "tag directive": (
        "%TAG !e! tag:e,2000:\n---\na: 1\n",
        [(("a",), "replace", "2")],
        "%TAG !e! tag:e,2000:\n---\na: 2\n",
    ),
    "bom": ("\ufeffa: 1\n", [(("a",), "replace", "2")], "\ufeffa: 2\n"),
    "comment only doc between": (
        "a: 1\n---\n# nothing\n---\nb: 1\n",
        [(("b",), "replace", "2")],
        "a: 1\n---\n# nothing\n---\nb: 2\n",
        "a.yaml",
        2,
    ),
    "empty document": ("---\n---\nb: 1\n", [(("b",), "replace", "2")], "---\n---\nb: 2\n", "a.yaml", 1),
    "value in anchored map used": ("a: &x\n  b: 1\nc: *x\n", [(("a", "b"), "replace", "2")], None),
    "value in anchored map unused": ("a: &x\n  b: 1\nc: 3\n", [(("a", "b"), "replace", "2")], "a: &x\n  b: 2\nc: 3\n"),
    "insert in anchored map unused": (
        "a: &x\n  b: 1\nc: 3\n",
        [(("a",), "insert", "2", "d")],
        "a: &x\n  b: 1\n  d: 2\nc: 3\n",
    ),
    "insert in anchored map merged": ("a: &x\n  b: 1\nc:\n  <<: *x\n", [(("a",), "insert", "2", "d")], None),
    "insert beside merge": (
        "a: &x\n  b: 1\nc:\n  <<: *x\n",
        [(("c",), "insert", "2", "d")],
        "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n",
    ),
    "replace alias": ("a: &x 1\nb: *x\n", [(("b",), "replace", "2")], "a: &x 1\nb: 2\n"),
    "append to aliased": ("a: &x [1]\nb: *x\n", [(("b",), "append", "2")], None),
    "insert to aliased": ("a: &x {k: 1}\nb: *x\n", [(("b",), "insert", "2", "l")], None),
    "insert after alias value": (
        "x: &x 1\na:\n  b: *x\nc: 1\n",
        [(("a",), "insert", "2", "d")],
        "x: &x 1\na:\n  b: *x\n  d: 2\nc: 1\n",
    ),
    "append after alias": (
        "x: &x 1\na:\n  - *x\nc: 1\n",
        [(("a",), "append", "2")],
        "x: &x 1\na:\n  - *x\n  - 2\nc: 1\n",
    ),
    "anchored empty map": ("a: &x {}\nb: 1\n", [(("a",), "insert", "1", "c")], None),
    "anchor on key": ("&k a: 1\nb: 2\n", [((), "insert", "3", "c")], None),
    "tagged map": ("a: !!map\n  b: 1\n", [(("a",), "insert", "2", "c")], "a: !!map\n  b: 1\n  c: 2\n"),
    "anchor own line": ("a:\n  &x\n  b: 1\nc: 1\n", [(("a",), "insert", "2", "d")], "a:\n  &x\n  b: 1\n  d: 2\nc: 1\n"),
    "complex key insert": ("? a\n: 1\n", [((), "insert", "2", "b")], None),
    "complex mapping key": ("? {x: 1}\n: 1\nb: 2\n", [(("b",), "replace", "3")], "? {x: 1}\n: 1\nb: 3\n"),
    "int key": ("1: a\n2: b\n", [(("1",), "replace", "c")], "1: c\n2: b\n"),
    "bool key": ("on: push\na: 1\n", [(("on",), "replace", "pull")], "on: pull\na: 1\n"),
    "null key": ("~: a\nb: 1\n", [(("b",), "replace", "2")], "~: a\nb: 2\n"),
    "key alone ?": ("? a\nb: 1\n", [(("a",), "replace", "2")], None),
    "literal indent indicator": ("v: |2\n    a: 1\n  b: 2\n", [(("v", INSIDE, "a"), "replace", "2")], None),
    "literal 4 in 2": (
        "v: |\n    a: 1\n    b:\n        c: 1\nw: 1\n",
        [(("v", INSIDE, "b"), "insert", "{e: 2}", "d")],
        "v: |\n    a: 1\n    b:\n        c: 1\n        d:\n            e: 2\nw: 1\n",
    ),
    "literal indicator ok": (
        "v: |4\n    a: 1\n    b: 2\n",
        [(("v", INSIDE), "insert", "3", "c")],
        "v: |4\n    a: 1\n    b: 2\n    c: 3\n",
    ),
    "literal strip": ("v: |-\n  a: 1\nw: 1\n", [(("v", INSIDE), "insert", "2", "b")], "v: |-\n  a: 1\n  b: 2\nw: 1\n"),
    "literal keep": (
        "v: |+\n  a: 1\n\nw: 1\n",
        [(("v", INSIDE), "insert", "2", "b")],
        "v: |+\n  a: 1\n  b: 2\n\nw: 1\n",
    ),
    "literal with blank lines": (
        "v: |\n  a:\n    b: 1\n\n  c: 2\n",
        [(("v", INSIDE, "a"), "insert", "2", "d")],
        "v: |\n  a:\n    b: 1\n    d: 2\n\n  c: 2\n",
    ),
    "literal comment kept": ("v: |\n  a: 1 # c\n  b: 2\n", [(("v", INSIDE, "a"), "delete")], "v: |\n  # c\n  b: 2\n"),
    "literal all goes": ("v: |\n  a: 1\nw: 1\n", [(("v", INSIDE, "a"), "delete")], "v: |\n  {}\nw: 1\n"),
    "folded embedded one line": (
        "v: >-\n  {a: 1}\nw: 1\n",
        [(("v", INSIDE, "a"), "replace", "2")],
        "v: >-\n  {a: 2}\nw: 1\n",
    ),
    "folded embedded lines": ("v: >\n  a:\n    b: 1\nw: 1\n", [(("v", INSIDE, "a"), "insert", "2", "c")], None),
    "double embedded json": ('v: "{\\"a\\": 1}"\n', [(("v", INSIDE, "a"), "replace", "2")], 'v: "{\\"a\\": 2}"\n'),
    "double embedded json insert": (
        'v: "{\\"a\\": 1}"\n',
        [(("v", INSIDE), "insert", "x", "b")],
        'v: "{\\"a\\": 1, \\"b\\": \\"x\\"}"\n',
    ),
    "literal embedded json": (
        'v: |\n  {\n    "a": 1\n  }\n',
        [(("v", INSIDE), "insert", "x", "b")],
        'v: |\n  {\n    "a": 1,\n    "b": "x"\n  }\n',
    ),
    "single embedded json": (
        "v: '{\"a\": {}}'\n",
        [(("v", INSIDE, "a"), "insert", "{c: [1]}", "b")],
        'v: \'{"a": {"b": {"c": [1]}}}\'\n',
    ),
    "plain embedded": ("v: a=1\n", [(("v",), "replace", "2", "", (2, 3))], "v: a=2\n"),
    "3 deep": (
        "v: |\n  w: |\n    x: |\n      a: 1\n    y: 1\n  z: 1\n",
        [(("v", INSIDE, "w", INSIDE, "x", INSIDE), "insert", "2", "b")],
        "v: |\n  w: |\n    x: |\n      a: 1\n      b: 2\n    y: 1\n  z: 1\n",
    ),
    "3 deep double": (
        'v: |\n  w: "a: 1\\nb: 2\\n"\n',
        [(("v", INSIDE, "w", INSIDE), "insert", "x", "c")],
        'v: |\n  w: "a: 1\\nb: 2\\nc: x\\n"\n',
    ),
    "embedded second doc": (
        "v: |\n  a: 1\n  ---\n  b: 1\n",
        [(("v", Inside(1)), "insert", "2", "c")],
        "v: |\n  a: 1\n  ---\n  b: 1\n  c: 2\n",
    ),
    "embedded and outer": (
        "v: |\n  a: 1\nw: 1\n",
        [(("v", INSIDE, "a"), "replace", "2"), (("w",), "replace", "2")],
        "v: |\n  a: 2\nw: 2\n",
    ),
    "embedded last no newline": ("v: |-\n  a: 1", [(("v", INSIDE), "insert", "2", "b")], "v: |-\n  a: 1\n  b: 2"),
    "literal of alias": ("v: &x |\n  a: 1\nw: *x\n", [(("v", INSIDE, "a"), "replace", "2")], None),
    "double with line fold": (
        'v: "a: 1\\n\\\n  b: 2\\n"\n',
        [(("v", INSIDE, "b"), "replace", "3")],
        'v: "a: 1\\n\\\n  b: 3\\n"\n',
    ),
    "alert rule expr": (
        "g: |\n  rules:\n  - expr: |\n      a > 1\n    for: 1m\n",
        [(("g", INSIDE, "rules", 0, "expr"), "replace", "2", "", (4, 5))],
        "g: |\n  rules:\n  - expr: |\n      a > 2\n    for: 1m\n",
    ),
    "json tabs": ('{\n\t"a": 1\n}\n', [((), "insert", "2", "b")], '{\n\t"a": 1,\n\t"b": 2\n}\n', "a.json", 0),
    "json one line": ('{"a":1}', [((), "insert", "x", "b")], '{"a":1, "b": "x"}', "a.json", 0),
    "json nested": (
        '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n',
        [(("a", "b"), "append", "2")],
        '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}\n',
        "a.json",
        0,
    ),
    "json delete": ('{\n  "a": 1,\n  "b": 2\n}\n', [(("a",), "delete")], '{\n  "b": 2\n}\n', "a.json", 0),
    "json delete last": ('{\n  "a": 1,\n  "b": 2\n}\n', [(("b",), "delete")], '{\n  "a": 1\n}\n', "a.json", 0),
    "json rename": ('{"a": 1}\n', [(("a",), "delete"), ((), "insert", "1", "b")], '{"b": 1}\n', "a.json", 0),
    "json escape": ('{"a": "x"}\n', [(("a",), "replace", '"é\\"𝄞"')], '{"a": "é\\"𝄞"}\n', "a.json", 0),
    "json escaped surrogates": (
        '{"a": "\\ud834\\udd1e x"}\n',
        [(("a",), "replace", "y", "", (2, 3))],
        '{"a": "\\ud834\\udd1e y"}\n',
        "a.json",
        0,
    ),
    "json empty": ('{"a": {}}\n', [(("a",), "insert", "{c: 1}", "b")], '{"a": {"b": {"c": 1}}}\n', "a.json", 0),
    "json crlf": (
        '{\r\n  "a": 1\r\n}\r\n',
        [((), "insert", "2", "b")],
        '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n',
        "a.json",
        0,
    ),
    "json hash in string": (
        '{"a": "x # y", "b": 1}\n',
        [(("b",), "replace", "2")],
        '{"a": "x # y", "b": 2}\n',
        "a.json",
        0,
    ),
    "4 byte key": ("𝄞: 1\n", [(("𝄞",), "replace", "2")], "𝄞: 2\n"),
    "rtl": ("שלום: מים\nb: 1\n", [(("b",), "replace", "2")], "שלום: מים\nb: 2\n"),
    "combining": ("é́: x # é\n", [(("é́",), "replace", "ü")], "é́: ü # é\n"),
    "nbsp value": ("a: x\xa0y\nb: 1\n", [((), "insert", "2", "c")], "a: x\xa0y\nb: 1\nc: 2\n"),
    "nel": ('a: "x\x85y"\nb: 1\n', [(("b",), "replace", "2")], 'a: "x\x85y"\nb: 2\n'),
    "ls": ("a: x\u2028b: 1\n", [(("b",), "replace", "2")], None),
    "windows path": ('a: C:\\x\\y\nb: "C:\\\\x"\n', [(("a",), "replace", '"D:\\\\z"')], 'a: D:\\z\nb: "C:\\\\x"\n'),
    "emoji in literal": (
        'v: |\n  # 🚀\n  a: "🚀"\nw: 1\n',
        [(("v", INSIDE), "insert", "2", "b")],
        'v: |\n  # 🚀\n  a: "🚀"\n  b: 2\nw: 1\n',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of(name):
    before, edits, after, *where = CASES[name]
    assert made(before, edits, *where) == after
