"""What --fix makes of suppressions that do nothing, and what `require-reasons` asks of those that do."""

import pytest
from linting import REGISTRY, TODAY, ids, lint_texts

from kubelint.checks import Applicability
from kubelint.config.model import Settings
from kubelint.engine.fixing.fixer import Fixer
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources import read_documents

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
        (f"{LEVEL} # kubelint: ignore[no-such-rule] old", LEVEL),
        (f"{LEVEL}  # kubelint: ignore\n", f"{LEVEL}\n"),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key until=2020-01-31] old\n", f"{LEVEL}\n"),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key] old # noqa\n", f"{LEVEL}  # noqa\n"),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] old\n", f"{LEVEL}\n"),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] old", LEVEL),
        (f"{LEVEL}\n  # kubelint: ignore[duplicate-key] # noqa\n", f"{LEVEL}\n  # noqa\n"),
        (f"# kubelint: ignore-file[duplicate-key] old\n{LEVEL}\n", f"{LEVEL}\n"),
        (f"# mine\n# kubelint: ignore[duplicate-key]\n{LEVEL}\n", f"# mine\n{LEVEL}\n"),
        (f"{LEVEL}  # kubelint: ignore[duplicate-key, no-such-rule, a b,, plaintext-secret] x\n", f"{LEVEL}\n"),
        (
            f"{LEVEL}\n  level: debug  # kubelint: ignore[no-such-rule, duplicate-key, plaintext-secret] two\n",
            f"{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key] two\n",
        ),
        (
            f"{LEVEL}\n  level: debug  # kubelint: ignore[duplicate-key,no-such-rule]\n",
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
        ("  annotations:\n    kubelint.dev/ignore.duplicate-key: x\n    kubelint.dev/ignore.no-such-rule: y\n", ""),
    ],
)
def test_annotations_that_do_nothing_go(before, after):
    assert fixed(f"{HEAD}{before}data: {{}}\n") == (f"{HEAD}{after}data: {{}}\n", [])


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
