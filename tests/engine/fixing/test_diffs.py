"""Diffs as git takes them, and what they leave out."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.engine.fixing.diffs import diff

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")
_texts = st.lists(st.sampled_from(["a", "b", "c", "", "é𝄞", "x\ty", "-", "+x", "d\r"]), max_size=12).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join(lines) + "\n"])
)


@needs_git
@given(before=_texts, after=_texts)
def test_git_makes_of_a_diff_what_it_is_the_difference_to(tmp_path_factory, before, after):
    folder = tmp_path_factory.mktemp("tree")
    (folder / 'a "b".yaml').write_text(before, newline="")
    text = diff('a "b".yaml', before, after)
    assert text is not None
    if before != after and before and after:
        subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=folder, check=True, capture_output=True)
        assert (folder / 'a "b".yaml').read_bytes() == after.encode()


BEFORE = "one\ntwo\nthree\npassword\nfive\nsix\nseven\neight\n"


def test_a_secret_two_lines_away_is_left_out():
    text = diff("a", BEFORE, BEFORE.replace("six", "6"), {"password"})
    assert text is not None and "password" not in text and "five" in text


@pytest.mark.parametrize("line", ["three", "five", "password"])
def test_a_change_beside_a_secret_cannot_be_shown(line):
    assert diff("a", BEFORE, BEFORE.replace(line, "new"), {"password"}) is None


def test_what_steers_a_terminal_cannot_be_shown():
    assert diff("a", "x\n", "x\n\x1b[31m\n") is None


@pytest.mark.parametrize("command", ["::error::x", "  \t::add-mask::x", "\u3000::x", "a ##[group]b", "##vso[task.x]y"])
def test_what_a_log_would_obey_is_left_out_or_cannot_be_shown(command):
    far = BEFORE.replace("three", command)
    text = diff("a", far, far.replace("six", "6"))
    assert text is not None and command not in text and "five" in text
    assert diff("a", far, far.replace("four", "4").replace("password", "4")) is None
    assert diff("a", BEFORE, BEFORE.replace("six", f"6{command}")) is None or "#" not in command


@pytest.mark.parametrize("line", ["a::b", "- name: x::y", "# [a] ##", "echo ::error::x"])
def test_what_only_looks_like_a_command_is_shown(line):
    text = diff("a", f"{line}\nb\n", f"{line}\nc\n")
    assert text is not None and f" {line}\n" in text


@needs_git
@pytest.mark.parametrize("name", ["##[error]x.yaml", "a ##[group]b", "#\ufe0f#[a]"])
def test_names_that_a_log_would_obey_are_quoted(tmp_path, name):
    (tmp_path / name).write_text("x\n")
    text = diff(name, "x\n", "y\n")
    assert text is not None and "#" not in text
    subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / name).read_text() == "y\n"


def test_names_with_control_characters_are_quoted():
    text = diff("a\x1b\n.yaml", "x\n", "y\n")
    assert text is not None and text.startswith('--- "a/a\\033\\012.yaml"\n')


@needs_git
@pytest.mark.parametrize("line", ["one", "five"])
def test_a_byte_order_mark_is_a_part_of_the_first_line(tmp_path, line):
    (tmp_path / "a").write_text(f"\ufeff{BEFORE}")
    text = diff("a", BEFORE, BEFORE.replace(line, "new"), mark="\ufeff")
    assert text is not None
    subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "a").read_text() == f"\ufeff{BEFORE.replace(line, 'new')}"
    assert diff("a", BEFORE, BEFORE.replace("one", "new"), {"one"}, mark="\ufeff") is None
