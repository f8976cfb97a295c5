"""Where a key that is added to a mapping comes to stand."""

import pytest

from kubelint.engine.fixing.changes import changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import check
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, read_documents

ORDER = ("alert", "expr", "for", "labels", "annotations")


def inserted(text: str, *edits: Edit, path: str = "a.yaml") -> str:
    source = read_documents(path, text)
    after = changed(text, changes_of(source, edits))
    check(source, after, edits)
    return after


def edit(path: tuple, key: str = "for", text: str = "5m", order: tuple = ORDER, action: str = "insert") -> Edit:
    return Edit("a.yaml", 0, path, action, text, key, None, order)


CASES = {
    "after what comes before it": (
        "alert: A\nexpr: up\nlabels: {a: b}\n",
        "alert: A\nexpr: up\nfor: 5m\nlabels: {a: b}\n",
    ),
    "after the last of those": (
        "alert: A\nlabels:\n  a: b\nexpr: up\nannotations: {}\n",
        "alert: A\nlabels:\n  a: b\nexpr: up\nfor: 5m\nannotations: {}\n",
    ),
    "after a block of text": (
        "alert: A\nexpr: |\n  up\n    == 0\n\nlabels:\n  a: b\n",
        "alert: A\nexpr: |\n  up\n    == 0\nfor: 5m\n\nlabels:\n  a: b\n",
    ),
    "after a folded text of several lines": (
        "alert: A\nexpr: up\n  == 0\nlabels: {}\n",
        "alert: A\nexpr: up\n  == 0\nfor: 5m\nlabels: {}\n",
    ),
    "a comment stays beside its key": (
        "alert: A  # one\n# of this\nlabels: {}\n",
        "alert: A  # one\nfor: 5m\n# of this\nlabels: {}\n",
    ),
    "before what comes after it": ("labels: {}\nzone: x\n", "for: 5m\nlabels: {}\nzone: x\n"),
    "before that, after an unknown one": ("zone: x\nlabels: {}\n", "zone: x\nfor: 5m\nlabels: {}\n"),
    "last where none is known": ("zone: x\nrack: y\n", "zone: x\nrack: y\nfor: 5m\n"),
    "between brackets": ("{alert: A, expr: up, labels: {}}\n", "{alert: A, expr: up, for: 5m, labels: {}}\n"),
    "first between brackets": ("{labels: {}, zone: x}\n", "{for: 5m, labels: {}, zone: x}\n"),
    "with carriage returns": ("alert: A\r\nlabels: {}\r\n", "alert: A\r\nfor: 5m\r\nlabels: {}\r\n"),
    "into nothing": ("{}\n", "{for: 5m}\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_where_a_key_comes(name):
    before, after = CASES[name]
    assert inserted(before, edit(())) == after


ITEMS = {
    "on the line of the dash": ("- labels: {}\n  zone: x\n", "- for: 5m\n  labels: {}\n  zone: x\n"),
    "below the line of the dash": ("- alert: A\n  labels: {}\n", "- alert: A\n  for: 5m\n  labels: {}\n"),
    "in a flow item": ("- {labels: {}}\n", "- {for: 5m, labels: {}}\n"),
    "after a comment": ("# all\n-  # this\n  labels: {}\n", "# all\n-  # this\n  for: 5m\n  labels: {}\n"),
}


@pytest.mark.parametrize("name", ITEMS)
def test_in_an_item(name):
    before, after = ITEMS[name]
    assert inserted(before, edit((0,))) == after


def test_first_of_all_above_the_comments_of_the_next():
    before = "# all\na:\n  # what\n  # and why\n  labels: {}\n"
    assert inserted(before, edit(("a",))) == "# all\na:\n  for: 5m\n  # what\n  # and why\n  labels: {}\n"
    assert inserted("# all\nlabels: {}\n", edit(())) == "# all\nfor: 5m\nlabels: {}\n"


def test_in_an_embedded_document():
    before = "v: |\n  alert: A\n  labels: {}\n"
    assert inserted(before, edit(("v", Inside(0)))) == "v: |\n  alert: A\n  for: 5m\n  labels: {}\n"


def test_json_members_on_lines_of_their_own():
    before = '{\n  "labels": {},\n  "zone": 1\n}\n'
    source_edit = edit(())._replace(file="a.json")
    after = '{\n  "for": "5m",\n  "labels": {},\n  "zone": 1\n}\n'
    assert inserted(before, source_edit, path="a.json") == after


def test_the_mapping_that_is_made_for_it_comes_in_its_place():
    order = ("nodeSelector", "containers")
    before = "spec:\n  restartPolicy: Never\n  containers: []\n  volumes: []\n"
    made = edit(("spec", "nodeSelector"), "zone", "x", order)
    after = "spec:\n  restartPolicy: Never\n  nodeSelector:\n    zone: x\n  containers: []\n  volumes: []\n"
    assert inserted(before, made) == after


def test_the_list_that_is_made_for_it_comes_in_its_place():
    order = ("constraints", "containers")
    made = edit(("constraints",), "", "{zone: x}", order, "append")
    assert inserted("containers: []\n", made) == "constraints:\n  - zone: x\ncontainers: []\n"


def test_several_at_once():
    edits = edit(()), edit((), "note", "z", ()), edit((), "alert", "A")
    assert inserted("expr: up\nlabels: {}\n", *edits) == "alert: A\nexpr: up\nfor: 5m\nlabels: {}\nnote: z\n"
