"""Which comments, annotations and settings silence what, and what is said of those that do not."""

import pytest
from linting import ids, lint_texts

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n"
DOUBLE = "data:\n  level: info\n  level: debug{comment}\n"


def lint(text, **settings):
    return lint_texts({"map.yaml": text}, **settings)


@pytest.mark.parametrize(
    "comment",
    [
        "# kubelint: ignore[duplicate-key]",
        "# kubelint: ignore[duplicate-key] with a reason",
        "#kubelint:ignore[duplicate-key]",
        "## kubelint: ignore [ duplicate-key ]",
        "# kubelint: ignore[unreadable-document, duplicate-key]",
        "# kubelint: ignore[duplicate-key until=2027-01-31] reason",
        "# kubelint: ignore[duplicate-key until=2026-11-23] its last day",
    ],
)
def test_comments_that_silence(comment):
    report = lint(HEAD + DOUBLE.format(comment=f"  {comment}"))
    assert "duplicate-key" not in ids(report) and report.suppressed == 1


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# kubelint: ignore", "malformed-suppression"),
        ("# kubelint: ignore[]", "malformed-suppression"),
        ("# kubelint: ignore duplicate-key", "malformed-suppression"),
        ("# kubelint: ignore[duplicate key]", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key until=soon]", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key until=2026-02-30]", "malformed-suppression"),
        ("# kubelint: skip[duplicate-key]", "malformed-suppression"),
        ("# kubelint ignore[duplicate-key]", "malformed-suppression"),
        ("# Kubelint: Ignore[duplicate-key]", "malformed-suppression"),
        ("# kubelint: ignore(duplicate-key) reason", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key reason", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key] until=2027-01-31 reason", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key until=2027-1-31]", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key until=20270131]", "malformed-suppression"),
        ("# kubelint: ignore[duplicate-key until=2027-W04-7]", "malformed-suppression"),
        ("# kubelint: ignore[incident:4]", "unknown-suppression"),
        ("# kubelint: ignore[Duplicate-Key]", "unknown-suppression"),
        ("# kubelint: ignore[inputs]", "unknown-suppression"),
        ("# kubelint: ignore[ALL]", "unknown-suppression"),
        ("# kubelint: ignore[unreadable-document]", "unused-suppression"),
        ("# kubelint: ignore[duplicate-key until=2026-11-22]", "expired-suppression"),
    ],
)
def test_comments_that_do_not(comment, said):
    assert ids(lint(HEAD + DOUBLE.format(comment=f"  {comment}"))) in (["duplicate-key", said], [said, "duplicate-key"])


@pytest.mark.parametrize(
    "text", ["see kubelint: a linter", "kubelint ignores this", "kubelints: ignore", "Kubelint: a linter"]
)
def test_comments_that_speak_of_something_else(text):
    assert ids(lint(HEAD + DOUBLE.format(comment=f"  # {text}"))) == ["duplicate-key"]


POD = """\
{top}apiVersion: v1
{first}kind: Pod
metadata:
  name: two
{spec}spec:
  containers:
    {item}- name: web
      image: {image}nginx:1.27
      image: nginx:1.28
    - name: side
      image: busybox:1.36
      image: busybox:1.37
"""


@pytest.mark.parametrize(
    ("place", "silenced"),
    [("top", 2), ("spec", 2), ("item", 1), ("first", 0)],
)
def test_a_comment_alone_covers_the_next_node(place, silenced):
    parts = dict.fromkeys(("top", "first", "spec", "item", "image"), "")
    indent = "\n    " if place == "item" else "\n"
    parts[place] = f"# kubelint: ignore[duplicate-key] a test{indent}"
    report = lint(POD.format(**parts), select=("duplicate-key",))
    assert report.suppressed == silenced


def test_a_comment_on_a_line_covers_that_line_only():
    text = HEAD + "data:\n  a: '1'\n  a: '2'  # kubelint: ignore[duplicate-key]\n  b: '1'\n  b: '2'\n"
    report = lint(text)
    assert [finding.place.start.line for finding in report.findings] == [9]


def test_a_file_comment_covers_all_documents_and_may_stand_anywhere():
    text = HEAD + DOUBLE.format(comment="") + "---\n" + HEAD + DOUBLE.format(comment="")
    report = lint(text + "# kubelint: ignore-file[duplicate-key] generated\n")
    assert ids(report) == [] and report.suppressed == 2


def test_comments_below_dashes_blank_lines_and_other_comments():
    text = "# kubelint: ignore[duplicate-key]\n\n# about this file\n---\n" + HEAD + DOUBLE.format(comment="")
    assert lint(text).suppressed == 1


def test_an_annotation_covers_its_object_only():
    annotated = HEAD + "  annotations:\n    kubelint.dev/ignore.duplicate-key: needed\n" + DOUBLE.format(comment="")
    report = lint(annotated + "---\n" + HEAD + DOUBLE.format(comment=""))
    assert ids(report) == ["duplicate-key"] and report.suppressed == 1
    assert report.findings[0].place.start.line > 10


def test_a_suppression_of_a_rule_that_did_not_run_is_not_unused():
    text = HEAD + "data: {}  # kubelint: ignore[duplicate-key]\n"
    assert ids(lint(text)) == ["unused-suppression"]
    assert ids(lint(text, deselect=("duplicate-key",))) == []


def test_a_suppression_that_covers_two_findings_is_used_once_each():
    text = HEAD + "data: {a: '1', a: '2', a: '3'}  # kubelint: ignore[duplicate-key]\n"
    report = lint(text)
    assert ids(report) == [] and report.suppressed == 2


def test_suppressions_can_be_ignored():
    text = HEAD + DOUBLE.format(comment="  # kubelint: ignore[duplicate-key]")
    assert ids(lint(text, suppressions=False)) == ["duplicate-key"]


def test_what_is_suppressed_may_itself_be_about_suppressions():
    text = "# kubelint: ignore-file[unused-suppression] they differ by cluster\n" + HEAD
    text += "data: {}  # kubelint: ignore[duplicate-key]\n"
    assert ids(lint(text)) == []


def test_carriage_returns_and_byte_order_mark():
    text = "\ufeff" + HEAD + DOUBLE.format(comment="  # kubelint: ignore[duplicate-key]")
    assert lint(text.replace("\n", "\r\n")).suppressed == 1
