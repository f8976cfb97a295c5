"""Frames: what is underlined, what is cut, and text that would play tricks on a terminal."""

import re

import pytest
from linting import lint_texts

from kubelint.engine.places import place_of
from kubelint.engine.report import Report, Skipped
from kubelint.reporters import reporter
from kubelint.reporters.frames import MAX_COLUMNS, frame
from kubelint.reporters.style import Style, clean, first_columns, width
from kubelint.reporters.totals import totals
from kubelint.sources import SourceText, Span

DOUBLE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{before}k: '1', {middle}k: '2'{after}}}\n"


def full(**parts):
    text = DOUBLE.format(**{"before": "", "middle": "", "after": "", **parts})
    return reporter("full")(lint_texts({"map.yaml": text}, select=("duplicate-key",)), Style())


def marked(shown):
    """The text above the carets."""
    lines = shown.splitlines()
    row = next(index for index, line in enumerate(lines) if "^" in line)
    start, end = lines[row].index("^"), lines[row].rindex("^") + 1
    return lines[row - 1][start:end]


@pytest.mark.parametrize("size", [0, 50, 90, 500, 10_000])
def test_long_lines_are_cut_around_what_is_marked(size):
    filler = f"x: '{'a' * size}', "
    shown = full(before=filler, middle=f"y: '{'b' * size}', ", after=f", z: '{'c' * size}'")
    assert marked(shown) == "k"
    assert max(map(len, shown.splitlines())) <= 140


@pytest.mark.parametrize("filler", ["漢", "😀", "e\u0301", "ab漢", "\u0488"])
@pytest.mark.parametrize("size", [30, 60, 300])
def test_lines_are_cut_by_the_columns_that_they_take(filler, size):
    long = filler * size
    for shown in (
        full(before=f"x: '{long}', ", middle=f"y: '{long}', ", after=f", z: '{long}'"),
        full(before=f"x: '{long}', "),
        full(after=f", z: '{long}'"),
    ):
        assert marked_columns(shown) == "k"
        assert max(map(width, shown.splitlines()[:-1])) <= MAX_COLUMNS + len("12 | ")


def test_a_long_marked_text_is_cut_too():
    text = f"{'漢' * 300}: 1\n"
    source = SourceText("a.yaml", text)
    report = Report(sources={"a.yaml": source})
    shown = frame(report, place_of(source, Span(0, 300)))
    assert shown.start == 0 and width(shown.text) <= MAX_COLUMNS and "…" in shown.text and shown.width < MAX_COLUMNS


def marked_columns(shown):
    """The text above the carets, by columns."""
    lines = shown.splitlines()
    row = next(index for index, line in enumerate(lines) if "^" in line)
    start, end = lines[row].index("^"), lines[row].rindex("^") + 1
    before = first_columns(lines[row - 1], start)
    return first_columns(lines[row - 1][len(before) :], end - start)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("\u2764\ufe0f", 1), ("a\u20dd", 1), ("\uff21", 2), ("\u0e01\u0e34", 1)],
)
def test_what_takes_no_column_of_its_own(text, columns):
    assert width(text) == columns and first_columns(text, columns) == text


@pytest.mark.parametrize("filler", ["é", "漢字", "👩‍🚀", "e\u0301", "\t", "ﷺ"])
def test_carets_stand_under_the_text_in_columns(filler):
    lines = full(middle=f"y: '{filler}', ").splitlines()
    row = next(index for index, line in enumerate(lines) if "^" in line)
    before = lines[row][: lines[row].index("^")]
    source = lines[row - 1]
    columns = 0
    for index, character in enumerate(source):
        if columns >= len(before) and width(character):
            assert source[index] == "k"
            break
        columns += width(character)


def test_no_control_character_reaches_the_terminal():
    nasty = "".join(map(chr, [*range(1, 32), 127, *range(0x80, 0xA0), 0x202E, 0x2066, 0x200B, 0x2028, 0xFEFF]))
    assert re.fullmatch(r"[ -~ ]*", clean(nasty))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        (" \t::error::x", "  \\x3a:error::x"),
        ("\u3000\ufe0f::x", "\u3000\ufe0f\\x3a:x"),
        ("a::b", "a::b"),
        ("::1", "\\x3a:1"),
        (":a", ":a"),
        ("a ##[error]x", "a \\x23#[error]x"),
        ("###[error]x", "#\\x23#[error]x"),
        ("#\ufe0f#[error]x", "\\x23\ufe0f#[error]x"),
        ("##vso[task.x]", "\\x23#vso[task.x]"),
        ("##teamcity[x]", "\\x23#teamcity[x]"),
        ("## [a] #[b] ## c", "## [a] #[b] ## c"),
        ("\uffff", "\\uffff"),
    ],
)
def test_no_command_reaches_a_log(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize("split", range(1, 10))
def test_no_command_comes_about_where_the_parts_of_a_frame_meet(split):
    text = "x: ##[group]y\n"
    source = SourceText("a.yaml", text)
    report = Report(sources={"a.yaml": source})
    for span in (Span(0, split), Span(split, len(text) - 1), Span(split, split + 1), Span(split, split)):
        shown = frame(report, place_of(source, span))
        assert "##[" not in shown.text and "group]y" in shown.text
    assert frame(report, place_of(source, Span(0, 1))).text == "x: \\x23#[group]y"


def test_colours_are_balanced_and_only_where_wanted():
    report = lint_texts({"map.yaml": DOUBLE.format(before="", middle="", after="")})
    plain, colored = (reporter("full")(report, Style(color)) for color in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert colored.count("\x1b[0m") * 2 == colored.count("\x1b[")


def test_the_summary_counts_what_was_not_rendered_or_built():
    report = Report(skipped=[Skipped("a/Chart.yaml", "not rendered: no Helm here"), Skipped("b.yaml", "helm-template")])
    assert totals(report, Style()).endswith(" 1 chart and 1 template not rendered (--show-files names them).")
    report.skipped = [Skipped("o/kustomization.yaml", "not built: a JSON patch does not fit")]
    assert totals(report, Style()).endswith(" 1 kustomization not built (--show-files names them).")
