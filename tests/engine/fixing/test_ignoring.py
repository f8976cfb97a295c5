"""Where suppressions are written for findings, and that they silence these and nothing else."""

import json

import pytest
from invented import substitute
from linting import REGISTRY, TODAY, ids

from kubelint.config.model import Settings
from kubelint.engine.fixing.changes import changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.ignoring import Ignoring
from kubelint.engine.fixing.independent import check
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Files, Input
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def linted(source, **settings):
    return Linter(REGISTRY, Settings()._replace(**settings), TODAY).run(Input([source]))


def silenced(text, path="map.yaml", select=("duplicate-key",), reason="known"):
    """The text with its suppressions, what is found in it then, and why the rest could not be silenced."""
    source = read_documents(path, text)
    ignoring = Ignoring({path: source}, REGISTRY, reason)
    edits = [
        edit for each in ignoring.fixes(linted(source, select=select).findings) for f in each.fixes for edit in f.edits
    ]
    after = changed(text, changes_of(source, edits))
    check(source, after, edits)
    return after, ids(linted(read_documents(path, after), select=select)), [why for _, why in ignoring.failed]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("data:\n  a: '1'\n  a: '2'\n", "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[duplicate-key] known\n"),
        ("data:\n  a: '1'\n  a: '2'  ", "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[duplicate-key] known"),
        (
            "data: {a: '1', a: '2', a: '3'}\n",
            "data: {a: '1', a: '2', a: '3'}  # kubelint: ignore[duplicate-key] known\n",
        ),
        (
            "data:\n  a: '1'\n  a: '2'  # why\n",
            "data:\n  a: '1'\n  # kubelint: ignore[duplicate-key] known\n  a: '2'  # why\n",
        ),
        (
            "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[unreadable-document] old\n",
            "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[unreadable-document, duplicate-key] old\n",
        ),
        (
            "data:\n  a: '1'\n  a: |\n    x\n",
            "data:\n  a: '1'\n  a: |  # kubelint: ignore[duplicate-key] known\n    x\n",
        ),
        (
            "data:\n  a: '1'\n  a: \"x\n    y\"\n",
            "data:\n  a: '1'\n  # kubelint: ignore[duplicate-key] known\n  a: \"x\n    y\"\n",
        ),
        (
            "data:\n  a: '1'\n  a: x\n    y\n",
            "data:\n  a: '1'\n  # kubelint: ignore[duplicate-key] known\n  a: x\n    y\n",
        ),
        (
            "data: {\n  a: '1',\n  a: '2'\n}\n",
            "data: {\n  a: '1',\n  a: '2'  # kubelint: ignore[duplicate-key] known\n}\n",
        ),
        (
            "x:\n- a: 1\n  a: 2  # two\n",
            "x:\n- a: 1\n  # kubelint: ignore[duplicate-key] known\n  a: 2  # two\n",
        ),
    ],
)
def test_where_comments_are_written(before, after):
    assert silenced(HEAD + before) == (HEAD + after, [], [])
    windows = (HEAD + before).replace("\n", "\r\n")
    assert silenced(windows) == ((HEAD + after).replace("\n", "\r\n"), [], [])


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  containers:
  - name: web
    image: nginx:1.27
    command: ["sh", "-c"]
    args:
    - |
      serve --port 80
      serve --password=<invented:password>
"""


def test_above_a_block_of_text():
    pod = substitute(POD)
    after, found, failed = silenced(pod, select=("secret-in-args",))
    assert (found, failed) == ([], [])
    assert after == pod.replace("    - |\n", "    # kubelint: ignore[secret-in-args] known\n    - |\n")


def test_json_gets_an_annotation():
    text = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1", "a": "2"}}\n'
    after, found, failed = silenced(text, path="map.json")
    assert (found, failed) == ([], [])
    assert json.loads(after)["metadata"]["annotations"] == {"kubelint.dev/ignore.duplicate-key": "known"}


@pytest.mark.parametrize(
    ("path", "text", "select"),
    [
        ("broken.yaml", f"{HEAD}data: [\n", ("unreadable-document",)),
        ("map.yaml", f"{HEAD}data: {{}}  # kubelint: ignore[no-such-rule]\n", ("unknown-suppression",)),
    ],
)
def test_what_cannot_be_silenced_stays_as_it_is(path, text, select):
    after, found, failed = silenced(text, path, select)
    assert (after, found, len(failed)) == (text, [*select], 1)


NODE = "kubectl delete node pi-4 -n longhorn-system\n"
SAYS = "kubelint: ignore[wrong-node-removal-command] known"
TEXTS = {
    "a command": ("a.sh", NODE, f"# {SAYS}\n{NODE}"),
    "behind a head": ("a.sh", f"#!/bin/sh\nset -e\n{NODE}", f"#!/bin/sh\nset -e\n# {SAYS}\n{NODE}"),
    "indented": ("a.sh", f"if a; then\n\t{NODE}fi\n", f"if a; then\n\t# {SAYS}\n\t{NODE}fi\n"),
    "over several lines": (
        "a.sh",
        "set -e\nkubectl \\\n  delete node pi-4 -n longhorn-system\n",
        f"set -e\n# {SAYS}\nkubectl \\\n  delete node pi-4 -n longhorn-system\n",
    ),
    "in a block of code": (
        "a.md",
        f"# Remove\n\n```sh\necho\n{NODE}```\n",
        f"# Remove\n\n<!-- {SAYS} -->\n```sh\necho\n{NODE}```\n",
    ),
    "in a block of a list": (
        "a.md",
        f"1. Remove it:\n\n   ```sh\n   {NODE}   ```\n",
        f"1. Remove it:\n\n   <!-- {SAYS} -->\n   ```sh\n   {NODE}   ```\n",
    ),
}


def text_silenced(path, text, select):
    """A file of text with its suppressions, what is found in it then, and why the rest could not be silenced."""

    def given(text):
        file = TextFile(path, text_kind(path), lambda: SourceFile(path, text))
        return Input([read_documents("other.yaml", "a: 1\n")], texts=(file,))

    linter = Linter(REGISTRY, Settings()._replace(select=select), TODAY)
    ignoring = Ignoring(Files(given(text)), REGISTRY, "known")
    edits = [e for each in ignoring.fixes(linter.run(given(text)).findings) for fix in each.fixes for e in fix.edits]
    after = changed(text, changes_of(SourceFile(path, text), edits))
    return after, ids(linter.run(given(after))), [why for _, why in ignoring.failed]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "before", "after"), TEXTS.values(), ids=TEXTS)
def test_where_comments_are_written_in_text(path, before, after, ending):
    select = ("wrong-node-removal-command", "unused-suppression")
    before, after = before.replace("\n", ending), after.replace("\n", ending)
    assert text_silenced(path, before, select) == (after, [], [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[unreadable-document]\n",
            "data:\n  a: '1'\n  # kubelint: ignore[duplicate-key] known\n"
            "  a: '2'  # kubelint: ignore[unreadable-document]\n",
        ),
        (
            f"data:\n  a: '1'\n  a: '{'x' * 90}'\n",
            f"data:\n  a: '1'\n  # kubelint: ignore[duplicate-key] known\n  a: '{'x' * 90}'\n",
        ),
        (
            f"data: {{a: '1', a: '{'x' * 90}', b: '1', b: '2'}}\n",
            f"# kubelint: ignore[duplicate-key] known\ndata: {{a: '1', a: '{'x' * 90}', b: '1', b: '2'}}\n",
        ),
        (
            "data:\n  a: '1'\n  a:\n",
            "data:\n  a: '1'\n  a:  # kubelint: ignore[duplicate-key] known\n",
        ),
        (
            "data:\n  a: '1'\n  ? a\n  : '2'\n",
            "data:\n  a: '1'\n  ? a  # kubelint: ignore[duplicate-key] known\n  : '2'\n",
        ),
    ],
)
def test_lines_that_are_full(before, after):
    assert silenced(HEAD + before) == (HEAD + after, [], [])
