"""Shell completion, asked of the shells themselves where they are installed."""

import os
import shutil
import subprocess
import sys

import pytest

from kubelint.checks import Category, load_rules
from kubelint.cli.completion import SHELLS
from kubelint.cli.main import COMMANDS, run

RULES = [entry.meta.id for entry in load_rules()]
BASH = r"""
eval "$(kubelint completion bash)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
compopt() { echo compopt; }
"$(complete -p kubelint | sed 's/.*-F \([^ ]*\) .*/\1/')" kubelint
printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
compdef() { }
eval "$(kubelint completion zsh)"
words=("$@") CURRENT=$#
_describe() { print -rl -- ${completions_with_descriptions%%:*} }
compadd() { print -rl -- $completions }
_path_files() { print compopt }
_kubelint_completion
"""
FISH = r"""
kubelint completion fish | source
complete --do-complete (string join ' ' -- $argv) | string split --fields 1 \t
"""
PROGRAMS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Where the shells find `kubelint`: the one that these tests are run with."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "kubelint").write_text(f'#!/bin/sh\nexec {sys.executable!r} -m kubelint "$@"\n')
    (folder / "kubelint").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(params=SHELLS)
def complete(request, path, tmp_path):
    """What a shell offers for the last of some words."""
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"there is no {request.param}")

    def ask(*words):
        command = [shell, *(["--norc"] if request.param == "bash" else []), "-c", PROGRAMS[request.param]]
        extra = [request.param] if request.param != "fish" else []
        done = subprocess.run(
            [*command, *extra, "kubelint", *words],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return [line for line in done.stdout.splitlines() if line]

    ask.shell = request.param
    return ask


def plain(words):
    return [word for word in words if not word.startswith("compopt")]


def test_rules_are_completed_where_they_are_asked_for(complete):
    expected = sorted(name for name in RULES if name.startswith("dns-"))
    assert len(expected) > 2
    assert sorted(complete("rule", "dns-")) == expected
    assert sorted(complete("check", "--select", "dns-")) == expected
    assert sorted(complete("--ignore", "dns-")) == expected


def test_rules_are_completed_for_the_baseline(complete):
    expected = sorted(name for name in RULES if name.startswith("dns-"))
    assert sorted(complete("baseline", "write", "--select", "dns-")) == expected
    assert sorted(complete("baseline", "prune", "--ignore", "dns-")) == expected


@pytest.mark.parametrize(
    "words", [("--baseline",), ("baseline", "show", "--baseline"), ("rbac", "explain", "--config")]
)
def test_files_are_completed_where_they_are_asked_for(complete, tmp_path, words):
    (tmp_path / "known.json").touch()
    found = complete(*words, "kno")
    assert found == ["known.json"] if complete.shell == "fish" else any(word.startswith("compopt") for word in found)


def test_lists_go_on_after_a_comma_and_name_nothing_twice(complete):
    found = complete("--select", "rbac,dns-single-replica,dns-")
    expected = [name for name in RULES if name.startswith("dns-") and name != "dns-single-replica"]
    assert sorted(found) == sorted(f"rbac,dns-single-replica,{name}" for name in expected)


def test_categories_are_selectors_too(complete):
    assert Category.RBAC.value in complete("deploy/", "--select", "rb")


def test_the_first_word_is_a_command_an_option_of_check_or_a_path(complete):
    assert plain(complete("comp")) == ["completion"]
    assert set(COMMANDS) <= set(plain(complete("")))
    assert "--format" in complete("--fo")
    if complete.shell != "fish":
        assert any(word.startswith("compopt") for word in complete("depl"))


def test_values_of_options_are_completed(complete):
    assert "sarif" in complete("deploy/", "--format", "")
    assert complete("--fail-on", "w") == ["warning"]


@pytest.mark.parametrize("complete", ["bash"], indirect=True)
def test_bash_makes_three_words_of_an_equals_sign(complete):
    assert complete("--fail-on", "=", "w") == ["warning"]
    assert "dns-single-replica" in complete("check", "--select", "=", "dns-")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed(shell, capsys):
    assert run(["completion", shell]) == 0
    captured = capsys.readouterr()
    assert "_KUBELINT_COMPLETE" in captured.out and captured.err == ""


def test_an_unknown_shell_is_a_mistake(capsys):
    assert run(["completion", "tcsh"]) == 2
    assert "tcsh" in capsys.readouterr().err
