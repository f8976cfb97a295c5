"""Odd paths, streams, roots and configurations: one clear line, and nothing that plays tricks on the terminal."""

import json
import os
import subprocess
import sys

import pytest

from kubelint.cli.main import run

DOUBLE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n"
ESCAPE = "\x1b[31m"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("one/a.yaml", "one/sub/b.yaml", "two/c.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DOUBLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(capsys, *arguments):
    code = run(["check", "--format", "json", *arguments])
    captured = capsys.readouterr()
    assert code == 1, captured.err
    return [finding["path"] for finding in json.loads(captured.out)["findings"]]


def shell(command, cwd, **environment):
    environment = {**os.environ, **environment}
    command = command.replace("kubelint", f"{sys.executable} -m kubelint")
    return subprocess.run(
        command, shell=True, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["one", "two"], ["one/a.yaml", "one/sub/b.yaml", "two/c.yaml"]),
        (["one/", "one//sub", "./two/../one/sub"], ["a.yaml", "sub/b.yaml"]),
        (["--root", "one", "."], ["a.yaml", "sub/b.yaml"]),
        (["--root", "one/sub", "one"], ["b.yaml"]),
        (["--root", ".", "one/sub"], ["one/sub/b.yaml"]),
    ],
)
def test_paths_and_roots(tree, capsys, arguments, expected):
    assert paths(capsys, *arguments) == expected


@pytest.mark.parametrize("arguments", [["--root", "two", "one"], ["--root", "two", "one/a.yaml"]])
def test_what_lies_outside_of_the_root_is_refused(tree, capsys, arguments):
    assert run(["check", *arguments]) == 2
    assert "is outside of the root" in capsys.readouterr().err


def test_standard_input_may_stand_for_a_file_elsewhere(tree):
    result = shell(f"cat one/a.yaml | (cd one && kubelint - --stdin-filename {tree}/two/c.yaml --format concise)", tree)
    assert result.returncode == 1 and result.stdout.startswith("c.yaml:4:16")


def test_standard_input_without_a_name_lies_where_one_is(tree):
    (tree / "one" / ".git").mkdir()
    (tree / "kubelint.yaml").write_text("rules: {duplicate-key: info}\n")
    command = "kubelint - --format concise < a.yaml"
    assert ": error[duplicate-key]" in shell(command, tree / "one").stdout  # what is above a repository is not its own
    (tree / "one" / "kubelint.yaml").write_text("rules: {duplicate-key: warning}\n")
    assert shell(command, tree / "one").stdout.startswith("stdin.yaml:4:16: warning[duplicate-key]")


def test_a_thousand_paths_are_looked_at_once(tree, capsys, monkeypatch):
    asked = []
    real = os.path.relpath
    monkeypatch.setattr("os.path.relpath", lambda *arguments: asked.append(arguments) or real(*arguments))
    assert paths(capsys, *["one/a.yaml"] * 300, "one/sub/b.yaml") == ["a.yaml", "sub/b.yaml"]
    assert len(asked) < 2000


@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_names_that_are_no_text(tree, capsys):
    (tree / "two" / os.fsdecode(b"bad\xff.yaml")).write_text(DOUBLE)
    assert paths(capsys, "two") == ["bad\\udcff.yaml", "c.yaml"]  # half a surrogate pair is no JSON for most readers
    assert run(["check", "two", "--output", "report.txt"]) == 1
    assert "bad\\udcff.yaml" in (tree / "report.txt").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        [f"nowhere{ESCAPE}\nx"],
        ["--config", ESCAPE],
        ["--root", ESCAPE],
        ["--select", ESCAPE],
        ["x" * 5000],
        ["--format", ESCAPE],
    ],
    ids=["path", "config", "root", "select", "long", "format"],
)
def test_what_is_quoted_cannot_play_tricks(tree, capsys, arguments):
    assert run(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.strip().isprintable() and len(error) < 1200


def test_a_root_with_an_escape_in_its_name(tree, capsys):
    (tree / f"one{ESCAPE}").mkdir()
    run(["config", "show", f"one{ESCAPE}"])
    run(["check", "-v", f"one{ESCAPE}"])
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        ("kubelint one <&-", 1, ""),
        ("kubelint - <&-", 2, "nothing to lint on standard input"),
        ("kubelint one >&- 2>&- <&-", 1, ""),
        ("kubelint nowhere 2>&-", 2, ""),
        ("kubelint one -v --show-files 2>&-", 1, ""),
        ("mkdir gone && cd gone && rmdir ../gone && kubelint", 2, "the current directory"),
    ],
)
def test_streams_that_are_closed(tree, command, code, error):
    result = shell(command, tree)
    assert result.returncode == code and "Traceback" not in result.stderr and error in result.stderr
    assert "kubelint: " not in result.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["kubelint one > /dev/full", "kubelint rules > /dev/full"])
def test_a_full_disk_is_no_bug(tree, command):
    result = shell(command, tree)
    assert result.returncode == 2 and result.stderr.count("\n") == 1 and "No space left" in result.stderr


@pytest.mark.parametrize("command", ["kubelint one", "kubelint rule duplicate-key", "kubelint rules"])
def test_a_terminal_of_few_characters(tree, command):
    (tree / "one" / "a.yaml").write_text(DOUBLE.replace("a:", "漢:"))
    result = shell(command, tree, PYTHONIOENCODING="ascii")
    assert result.stderr == "" and result.stdout.isascii()


def test_a_command_without_its_command_is_one_line(capsys):
    assert run(["config"]) == 2
    assert capsys.readouterr().err == "kubelint: Missing command. (`kubelint config --help` lists the options)\n"


def test_no_incident_is_no_selector(tree, capsys):
    assert run(["check", "--select", "incident:None", "one"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ignore: [{rules: [dns], until: '2027-02-30'}]\n", "expected a date such as 2027-01-31"),
        ("exclude: [a, '!']\n", "`!` is not a gitignore pattern"),
        ("per-file-ignores: {'!': [dns]}\n", "`!` is not a gitignore pattern"),
        ("ignore: [{rules: [dns], paths: ['!']}]\n", "`!` is not a gitignore pattern"),
    ],
)
def test_settings_of_the_right_type_and_no_meaning(tree, capsys, text, said):
    (tree / "kubelint.yaml").write_text(text)
    assert run(["check", "one"]) == 2
    error = capsys.readouterr().err
    assert said in error and "kubelint.yaml:1:" in error


@pytest.mark.parametrize("text", ["漢字: 1\n", "fail-on:\t\twarnin\n", f"profile: {'x' * 500}\n", f"{'x' * 900}: 1\n"])
def test_frames_of_settings_underline_columns(tree, capsys, text):
    (tree / "kubelint.yaml").write_text(text)
    assert run(["check", "one"]) == 2
    shown, carets = capsys.readouterr().err.splitlines()[-2:]
    assert len(shown) <= 130 and carets.strip(" |^") == ""
    assert carets.index("^") == (4 if text[0] in "漢x" else shown.index(text.split()[-1][:6]))


def test_a_configuration_that_is_a_link_out_of_the_project(tree, capsys):
    (tree / "elsewhere").write_text("a line of another file\n")
    (tree / "one" / ".git").mkdir()
    (tree / "one" / "kubelint.yaml").symlink_to("../elsewhere")
    assert run(["check", "one"]) == 2
    error = capsys.readouterr().err
    assert "is a link that leaves the project" in error and "another file" not in error
