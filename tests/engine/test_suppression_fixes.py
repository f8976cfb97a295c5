"""What --fix makes of suppressions that do nothing, and what `require-reasons` asks of those that do."""

import pytest
from effort import grows_linearly
from hypothesis import given
from hypothesis import strategies as st
from linting import REGISTRY, TODAY, ids, lint_texts

from kubelint.checks import Applicability
from kubelint.config.model import Settings
from kubelint.engine.corrections import Corrections
from kubelint.engine.directives import Directive
from kubelint.engine.fixing.fixer import Fixer
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources import read_documents
from kubelint.sources.comments import find_comments

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n"
LEVEL = "data:\n  level: info"


def fixed(text, **settings):
    """The text after safe fixes, and the rules that still find something in it."""
    linter = Linter(REGISTRY, Settings()._replace(**settings), TODAY)
    outcome = Fixer(linter.run, frozenset({Applicability.SAFE})).run(Input([read_documents("map.yaml", text)]))
    assert not outcome.refused
    _, after = outcome.changed.get("map.yaml", (None, read_documents("map.yaml", text)))
    return after.text, ids(outcome.report)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{LEVEL}  # kubelint: ignore[duplicate-key] old\n", f"{LEVEL}\n"),
        (f"{LEVEL} # kubelint: ignore[duplicate-key] old", LEVEL),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key until=2020-01-31] old\n", f"{LEVEL}\n"),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key] old # noqa\n", f"{LEVEL}  # noqa\n"),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] old\n", f"{LEVEL}\n"),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] old", LEVEL),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] # noqa\n", f"{LEVEL}\n  # noqa\n"),
        (f"# kubelint: ignore-file[duplicate-key] old\n{LEVEL}\n", f"{LEVEL}\n"),
        (f"# mine\n# kubelint: ignore[duplicate-key]\n{LEVEL}\n", f"# mine\n{LEVEL}\n"),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key, unreadable-document,, plaintext-secret] x\n", f"{LEVEL}\n"),
        (
            f"{LEVEL}\n  level: debug  # kubelint: ignore[unreadable-document, duplicate-key, plaintext-secret] two\n",
            f"{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key] two\n",
        ),
        (
            f"{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key,unreadable-document]\n",
            f"{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key]\n",
        ),
    ],
)
def test_comments_that_do_nothing_go(before, after):
    assert fixed(HEAD + before) == (HEAD + after, [])
    windows = (HEAD + before).replace("\n", "\r\n")
    assert fixed(windows) == ((HEAD + after).replace("\n", "\r\n"), [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  annotations:\n    kubelint.dev/ignore.duplicate-key: old\n", ""),
        ("  annotations:\n    a: b\n    kubelint.dev/ignore.duplicate-key: old\n", "  annotations:\n    a: b\n"),
        ("  annotations:\n    kubelint.dev/ignore.duplicate-key: x\n    kubelint.dev/ignore.plaintext-secret: y\n", ""),
    ],
)
def test_annotations_that_do_nothing_go(before, after):
    assert fixed(f"{HEAD}{before}data: {{}}\n") == (f"{HEAD}{after}data: {{}}\n", [])


DOUBLE = f"{LEVEL}\n  level: debug"
MEANT = {
    "Duplicate-Key": "duplicate-key",
    "duplicate_key": "duplicate-key",
    "duplicate key": "duplicate-key",
    "'duplicate-key'": "duplicate-key",
    "duplicat-key": "duplicate-key",
    "duplicate-keys": "duplicate-key",
    "dupilcate-key": "duplicate-key",
    "duplicate-key until=2027-1-31": "duplicate-key until=2027-01-31",
    "duplicate-key until=20270131": "duplicate-key until=2027-01-31",
    "duplicate-key until=2027/01/31": "duplicate-key until=2027-01-31",
    "duplicate-key until: 2027-01-31": "duplicate-key until=2027-01-31",
    "duplicate-key until 2027-01-31": "duplicate-key until=2027-01-31",
    "Duplicate-Key until=2027-01-31": "duplicate-key until=2027-01-31",
}


@pytest.mark.parametrize(("wrong", "right"), MEANT.items())
def test_a_name_or_a_date_that_can_mean_one_thing_is_corrected(wrong, right):
    before, after = (f"{HEAD}{DOUBLE}  # kubelint: ignore[{entry}] both\n" for entry in (wrong, right))
    assert fixed(before) == (after, [])


WHOLE = {
    "# kubelint: ignore duplicate-key both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignore duplicate-key": "# kubelint: ignore[duplicate-key]",
    "# kubelint: ignore: duplicate-key - both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignore=duplicate-key": "# kubelint: ignore[duplicate-key]",
    "# kubelint: ignore(duplicate-key) both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignore[duplicate-key both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignore[duplicate-key until=2027-1-31 both": "# kubelint: ignore[duplicate-key until=2027-01-31] both",
    "# kubelint: ignore duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: disable[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignored[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: Ignore[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: IGNORE-FILE[duplicate-key] both": "# kubelint: ignore-file[duplicate-key] both",
    "# kubelint: ignore_file[duplicate-key] both": "# kubelint: ignore-file[duplicate-key] both",
    "# Kubelint: ignore[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# KUBELINT: IGNORE[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint ignore[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint-ignore[duplicate-key] both": "# kubelint: ignore[duplicate-key] both",
    "# kubelint: ignore[duplicate-key] until=2027-01-31 both": (
        "# kubelint: ignore[duplicate-key until=2027-01-31] both"
    ),
}


@pytest.mark.parametrize(("wrong", "right"), WHOLE.items())
def test_a_comment_that_can_mean_one_thing_is_corrected(wrong, right):
    assert fixed(f"{HEAD}{DOUBLE}  {wrong}\n") == (f"{HEAD}{DOUBLE}  {right}\n", [])


NEAR = st.sampled_from(
    [
        "ignore",
        "ignore-file",
        "[",
        "]",
        "(",
        ")",
        "duplicate-key",
        "Duplicate_Key",
        "plaintext-secret",
        "key",
        ",",
        ":",
        "until=2027-01-31",
        "until",
        "=",
        "2027-1-31",
        "a reason",
        " ",
        "#",
        "-",
        "'",
        ";",
        "<",
        "  ",
    ]
)


@given(st.lists(NEAR, max_size=9).map(" ".join) | st.text(max_size=30))
def test_whatever_is_corrected_can_be_understood(said):
    meant = Corrections(REGISTRY).directive(said)
    if meant is None:
        return
    [comment] = find_comments(f"a: 1  # kubelint: {meant}\n")
    found = Directive.read(comment)
    assert found.entries and all(entry.text.split()[0] in REGISTRY for entry in found.entries)
    assert all(entry.text.split()[1:] in ([], ["until=2027-01-31"]) for entry in found.entries)


@pytest.mark.parametrize("filling", [" ", "a", "a ", "a,", "[", "until ", "#", "-", "'"])
def test_long_comments_take_no_longer_than_they_are(filling):
    def lint(count):
        text = f"{HEAD}data: {{}}  # kubelint: ignore[duplicate-key {filling * count} x\n"
        lint_texts({"map.yaml": text}, select=("malformed-suppression",))

    assert grows_linearly(lint, 500)


DOUBTFUL = {
    "# kubelint: ignore": "malformed-suppression",
    "# kubelint: ignore[] both": "malformed-suppression",
    "# kubelint: ignore all of it": "malformed-suppression",
    "# kubelint: ignore[duplicate-key until=tomorrow]": "malformed-suppression",
    "# kubelint: ignore[duplicate-key until=2027-02-30]": "malformed-suppression",
    "# kubelint: ignore[duplicate-key until=31-01-2027]": "malformed-suppression",
    "# kubelint: ignore[duplicate-key until=01/02/2027]": "malformed-suppression",
    "# kubelint: ignore[duplicate-key until=2027]": "malformed-suppression",
    "# kubelint: ignore[duplicate-key] until=soon both": "malformed-suppression",
    "# kubelint: ignore-next-line[duplicate-key] both": "malformed-suppression",
    "# kubelint: ignore[a b] both": "malformed-suppression",
    "# kubelint: ignore[no-such-rule] both": "unknown-suppression",
    "# kubelint: ignore[inputs] both": "unknown-suppression",
    "# kubelint: ignore[incident:4] both": "unknown-suppression",
    "# kubelint: ignore[ALL] both": "unknown-suppression",
    "# kubelint: ignore[key] both": "unknown-suppression",
}


@pytest.mark.parametrize(("comment", "said"), DOUBTFUL.items())
def test_what_may_have_been_meant_otherwise_stays(comment, said):
    text = f"{HEAD}{DOUBLE}  {comment}\n"
    after, found = fixed(text)
    assert (after, sorted(found)) == (text, sorted(["duplicate-key", said]))


def test_an_entry_that_says_nothing_goes():
    assert fixed(f"{HEAD}{DOUBLE}  # kubelint: ignore[duplicate-key,] both\n") == (
        f"{HEAD}{DOUBLE}  # kubelint: ignore[duplicate-key] both\n",
        [],
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_annotations_are_corrected_in_their_place(ending):
    text = f"{HEAD}  annotations:\n    a: b\n    kubelint.dev/ignore.Duplicate-Key: both  # why\n    c: d\n{DOUBLE}\n"
    text = text.replace("\n", ending)
    assert fixed(text) == (text.replace("Duplicate-Key", "duplicate-key"), [])


@pytest.mark.parametrize(
    "annotation",
    [
        "kubelint.dev/ignore: duplicate-key",
        "kubelint.dev/ignore-duplicate-key: both",
        "kubelint.dev/ignore.duplicate-key: until=2027-01-31 both",
    ],
)
def test_annotations_that_cannot_be_understood_stay(annotation):
    text = f"{HEAD}  annotations:\n    {annotation}\n{DOUBLE}\n"
    after, found = fixed(text)
    assert (after, sorted(found)) == (text, ["duplicate-key", "malformed-suppression"])


def test_what_silences_something_stays():
    text = f"{HEAD}{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key] both\n"
    assert fixed(text) == (text, [])


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# kubelint: ignore[duplicate-key] both are needed", []),
        ("# kubelint: ignore[duplicate-key]", ["duplicate-key", "malformed-suppression"]),
        ("# kubelint: ignore[duplicate-key until=2027-01-31]", ["duplicate-key", "malformed-suppression"]),
        ("# kubelint: ignore[no-such-rule]", ["duplicate-key", "malformed-suppression", "unknown-suppression"]),
    ],
)
def test_reasons_that_are_required(comment, found):
    text = f"{HEAD}{LEVEL}\n  level: debug  {comment}\n"
    assert sorted(ids(lint_texts({"map.yaml": text}, require_reasons=True))) == found


@pytest.mark.parametrize("reason", ["''", "", "'  '"])
def test_annotations_without_the_reason_that_is_required(reason):
    head = f"{HEAD}  annotations:\n    kubelint.dev/ignore.duplicate-key: {reason}\n"
    text = f"{head}{LEVEL}\n  level: debug\n"
    assert sorted(ids(lint_texts({"map.yaml": text}, require_reasons=True))) == [
        "duplicate-key",
        "malformed-suppression",
    ]
    assert ids(lint_texts({"map.yaml": text})) == []


def test_a_missing_reason_is_not_mended_by_silence():
    text = f"{HEAD}{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key]\n"
    assert fixed(text, require_reasons=True)[0] == text
