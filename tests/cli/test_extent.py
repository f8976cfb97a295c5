"""What is said where nothing was linted, and that files which are not read cost no look at the others."""

import pytest
from linting import REGISTRY
from small_trees import written

from kubelint.cli.main import run
from kubelint.sources.discovery import Discovery

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
FILES = {
    "map.yaml": MAP,
    "compose.yaml": "services: {web: {image: nginx}}\n",
    "chart/templates/a.yaml": "{{ if .Values.a }}\na: 1\n{{ end }}\n",
    "README.md": "# Home\n",
    "main.py": "print()\n",
    "logo.png": "\x00\n",
    "kubelint.yaml": "exclude: [out/]\n",
    "out/map.yaml": MAP,
}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A repository of a program that has manifests, too."""
    (tmp_path / ".git").mkdir()
    written(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        ("main.py", "main.py is not linted: kubelint reads no files of this kind"),
        ("compose.yaml", "compose.yaml is not linted: nothing in it is of Kubernetes"),
        ("kubelint.yaml", "kubelint.yaml is not linted: it is the configuration"),
        ("--force-exclude out/map.yaml", "out/map.yaml is not linted: it is excluded"),
        ("README.md", "README.md is no manifest; it was read as text"),
        ("main.py logo.png", "none of these 2 files is a manifest"),
        ("main.py compose.yaml README.md", "none of these 3 files is a manifest; 1 file read as text"),
        ("map.yaml", None),
        ("map.yaml main.py", None),
        ("out/map.yaml", None),
        (".", None),
    ],
)
def test_files_that_are_named_and_hold_nothing_get_a_note(tree, capsys, arguments, note):
    assert run(["check", *arguments.split()]) == 0
    captured = capsys.readouterr()
    assert captured.err == (f"kubelint: {note}\n" if note else "")
    assert "Nothing found" in captured.out


@pytest.mark.parametrize(
    ("path", "walks"), [("main.py", 0), ("logo.png", 0), ("README.md", 1), ("map.yaml", 1), (".", 1)]
)
def test_the_tree_is_looked_at_for_what_is_read_alone(tree, capsys, monkeypatch, path, walks):
    walked = []
    real = Discovery.walk
    monkeypatch.setattr(Discovery, "walk", lambda self: walked.append(1) or real(self))
    assert run(["check", path]) == 0
    assert len(walked) == walks


def test_a_broken_configuration_is_told_all_the_same(tree, capsys):
    written(tree, {"kubelint.yaml": "profil: strict\n"})
    assert run(["check", "main.py"]) == 2
    assert "did you mean `profile`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "seen"),
    [
        ("empty", "no YAML or JSON file"),
        ("chart", "1 file of charts not rendered"),
        ("apps", "2 files with nothing of Kubernetes"),
    ],
)
def test_folders_with_nothing_in_them_are_a_mistake(tree, capsys, folder, seen):
    written(tree, {"apps/a.yaml": "a: 1\n", "apps/b.json": "{}\n"})
    (tree / "empty").mkdir()
    assert run(["check", folder, "--render", "never"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"kubelint: nothing to lint in {folder} ({seen}); ") and error.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "hint"),
    [("rulez", "kubelint rule"), ("int", "kubelint init"), ("baselin", "kubelint baseline"), ("apps", "")],
)
def test_a_misspelt_command_is_no_path(tree, capsys, word, hint):
    assert run([word]) == 2
    error = capsys.readouterr().err
    assert f"no such file or directory: {word}; " in error
    assert (f"did you mean `{hint}" in error) if hint else "give a path that exists" in error


def test_what_click_says_in_lines_is_one_line(capsys):
    assert run(["completion"]) == 2
    error = capsys.readouterr().err
    assert "Choose from: bash, zsh, fish" in error and "\\x0a" not in error


def test_the_list_of_rules_explains_its_remarks(capsys):
    assert run(["rules"]) == 0
    rules, _, legend = capsys.readouterr().out.partition("\n\n")
    incidents = {entry.meta.incident for entry in REGISTRY} - {None}
    assert incidents == set(range(1, 11))
    assert all(f" {number} " in legend for number in incidents)
    assert "incident 10" in rules and "--select incident:N" in legend
