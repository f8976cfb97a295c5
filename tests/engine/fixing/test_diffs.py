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


def test_names_with_control_characters_are_quoted():
    text = diff("a\x1b\n.yaml", "x\n", "y\n")
    assert text is not None and text.startswith('--- "a/a\\033\\012.yaml"\n')
