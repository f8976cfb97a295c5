"""The hashes of lines: those that GitHub's own upload computes, and none that tells of a secret."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linting import lint_texts

from kubelint.engine.line_hashes import LineHashes, hashed, hashed_lines
from kubelint.sources import SourceText, Span


def defined(text):
    """The hashes of all lines, step by step as the definition goes, for lines that hold something or break."""
    units = [unit for (unit,) in struct.iter_unpack("<H", text.encode("utf-16-le"))]
    kept, starts = [], []
    at_start, after_return = True, False
    for unit in [*units, 0xFFFF]:
        if unit in (0x20, 0x09) or (after_return and unit == 0x0A):
            after_return = False
            continue
        after_return = unit == 0x0D
        unit = 0x0A if after_return else unit
        if at_start:
            starts.append(len(kept))
        at_start = unit == 0x0A
        kept.append(unit)
    found, count = [], {}
    for start in starts:
        window = [*kept[start : start + 100], *[0] * 100][:100]
        value = sum(unit * 37 ** (99 - position) for position, unit in enumerate(window)) % 2**64
        count[value] = count.get(value, 0) + 1
        found.append(f"{value:x}:{count[value]}")
    return found


def hashes(text, encoding="utf-8", hidden=()):
    source = SourceText("a.yaml", text, encoding)
    of = LineHashes(source, hidden)
    return [of.hash(line) for line in range(1, len(source.lines) + 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" \t", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        ("a", None),
        ("\n\n\n", None),
        ("a: 1\n" * 40, None),
        ("a: 1\r\nb: 2\rc: 3\n", None),
        ("a\r \nb", None),
        ("x" * 99 + "\n" + "y" * 101, None),
        ("😀" * 60 + "\né: 漢字\n", None),
    ],
)
def test_lines_have_the_hashes_of_the_definition(text, expected):
    """Those that are spelled out are also what `github/codeql-action`, `src/fingerprints.test.ts`, expects."""
    assert hashes(text) == defined(text)
    if expected is not None:
        assert hashes(text) == expected


@given(st.text(alphabet=" \t\r\nab:é漢😀", max_size=400))
def test_any_text_has_the_hashes_of_the_definition(text):
    assert hashes(text) == defined(text)


def test_neither_blanks_nor_line_breaks_count_but_repetition_does():
    assert hashes("a:  1\n  b: 2\n") == hashes("a: 1\r\nb:\t2\r\n")
    assert [one.rpartition(":")[2] for one in hashes("---\n" * 60)][:3] == ["1", "2", "3"]


def test_a_byte_order_mark_counts_and_other_encodings_have_no_hash():
    assert hashes("a: 1\n", "utf-8-sig") == defined("\ufeffa: 1\n")
    assert hashes("a: 1\n", "utf-16") == [None, None]


@given(st.text(alphabet=" \t\r\nab😀", max_size=300), st.integers(0, 50))
def test_what_is_hashed_lies_in_the_span_that_is_looked_at_for_secrets(text, seed):
    source = SourceText("a.yaml", text)
    line = seed % len(source.lines) + 1
    span = hashed(source, line)
    assert span.start == source.lines.offset(line)
    assert hashed_lines(source, line)[-1] == source.lines.position(span.end).line
    changed = text[: span.end] + "\nz\n"
    if text[span.end :].strip(" \t"):
        assert hashes(text)[line - 1].split(":")[0] == hashes(changed)[line - 1].split(":")[0]


LINES = "".join(f"key{number}: {'v' * 30}\n" for number in range(20))


def test_a_line_whose_hash_a_hidden_character_goes_into_has_none():
    at = LINES.index("key10")
    shown = hashes(LINES, hidden=[Span(at, at + 1)])
    whole = hashes(LINES)
    missing = [number for number, one in enumerate(shown) if one is None]
    assert missing == [8, 9, 10] and all(a == b for a, b in zip(shown, whole, strict=True) if a is not None)


def secret(password, gap=0):
    filler = "".join(f"  filler-{number}: {'x' * 20}\n" for number in range(gap))
    twice = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  k: '1'\n  k: '2'\n{filler}---\n"
    return f"{twice}apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{p: {password}}}\n"


def told(text, path="a.yaml", **settings):
    report = lint_texts({path: text}, **({"select": ("duplicate-key", "unreadable-document")} | settings))
    of = LineHashes.of(report, path)
    return [of.hash(finding.place.start.line) for finding in report.findings]


def test_a_secret_goes_into_no_hash():
    assert told(secret("correct horse battery")) == [None]
    [far] = told(secret("correct horse battery", gap=9))
    assert far == told(secret("another one altogether", gap=9))[0] is not None


def test_a_secret_in_a_comment_further_down_goes_into_no_hash():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: '1'\n  k: '2'\n"
    token = "AKIA" + "Z7QX4M2P9LKD3RTW"
    assert told(f"{text}# harmless\n# key: harmless\n") != [None]
    assert told(f"{text}# harmless\n# key: {token}\n") == [None]


def test_what_could_not_be_read_goes_into_no_hash():
    assert set(told(f"a: 1\na: 2\n---\nb: [\n---\n{LINES}")) == {None}
    assert told(f"a: 1\na: 2\n---\n{LINES}") != [None]
