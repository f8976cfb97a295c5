"""Which files are read. Git itself is the judge of `.gitignore`."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubelint.sources import discovery
from kubelint.sources.discovery import Discovery

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Makes files below the root; a `.gitignore` is given as text."""

    def make(*names: str, **contents: str) -> Path:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        for name in (*names, *contents):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents.get(name, "a: 1\n"))
        return root.resolve()

    return make


def walk(root: Path, *exclude: str) -> list[str]:
    found = Discovery(root, exclude)
    names = found.walk()
    for name in names:
        assert not found.is_excluded(name)
    return names


def test_suffixes(tree: Tree) -> None:
    assert walk(tree("b.yaml", "a/c.yml", "a/d.json", "e.txt", "yaml", "f.yaml.j2", "g.j2", "a.yaml/x.yaml")) == [
        "a.yaml/x.yaml",
        "a/c.yml",
        "a/d.json",
        "b.yaml",
        "f.yaml.j2",
    ]


def test_hidden_folders_are_read(tree: Tree) -> None:
    assert walk(tree(".github/workflows/ci.yaml", ".kubelint.yaml")) == [".github/workflows/ci.yaml", ".kubelint.yaml"]


@pytest.mark.parametrize("folder", [".git", "node_modules", ".terraform", "vendor", ".archive"])
def test_default_excludes(tree: Tree, folder: str) -> None:
    root = tree(f"{folder}/a.yaml", f"x/{folder}/y/a.yaml", "x/a.yaml")
    assert walk(root) == ["x/a.yaml"]
    assert Discovery(root).is_excluded(f"x/{folder}/y/a.yaml")


def test_excludes_are_gitignore_patterns(tree: Tree) -> None:
    root = tree("a.yaml", "x/a.yaml", "x/y/b.yaml", "z/b.yaml", "z/c.yaml")
    assert walk(root, "/a.yaml", "y/", "z/*", "!z/c.yaml") == ["x/a.yaml", "z/c.yaml"]


def test_what_is_inside_of_a_folder_can_be_taken_back_in(tree: Tree) -> None:
    root = tree("x/a.yaml", "x/b.yaml", "x/y/a.yaml", "z/a.yaml", **{".gitignore": "x/**\n!x/a.yaml\n/z/**\r\n"})
    assert walk(root) == ["x/a.yaml"]


def test_excludes_outrank_gitignore(tree: Tree) -> None:
    root = tree("a.yaml", "b.yaml", **{".gitignore": "!a.yaml\n"})
    assert walk(root, "a.yaml") == ["b.yaml"]


def test_nested_gitignore(tree: Tree) -> None:
    root = tree(
        "secret.yaml",
        "x/secret.yaml",
        "x/y/secret.yaml",
        "x/y/other.yaml",
        "x/y/z/other.yaml",
        "gone/secret.yaml",
        "gone/kept.yaml",
        **{
            ".gitignore": "# comment\n\nsecret.yaml\ngone/\n",
            "x/.gitignore": "!secret.yaml\n",
            "x/y/.gitignore": "secret.yaml\n/other.yaml\n",
            "gone/.gitignore": "!kept.yaml\n",
        },
    )
    assert walk(root) == ["x/secret.yaml", "x/y/z/other.yaml"]
    assert Discovery(root).is_excluded("gone/kept.yaml")


def test_gitignore_above_the_root(tree: Tree) -> None:
    root = tree("sub/a.yaml", "sub/b.yaml", "sub/deep/c.yaml", **{".gitignore": "/sub/a.yaml\nc.yaml\n"})
    assert walk(root / "sub") == ["a.yaml", "b.yaml", "deep/c.yaml"]  # no repository: not ours to ask
    (root / ".git").mkdir()
    assert walk(root / "sub") == ["b.yaml"]


def test_a_root_that_is_ignored_itself_was_asked_for(tree: Tree) -> None:
    root = tree("rendered/x/a.yaml", "rendered/x/b.yaml", ".git/config", **{".gitignore": "rendered/\nb.yaml\n"})
    assert walk(root) == []
    assert walk(root / "rendered" / "x") == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("line", ["!", "\\", "a\\", "[z-a].yaml", "[[:foo:]].yaml", "\0", "[", "a" * 5000])
def test_lines_of_gitignore_that_are_no_pattern(tree: Tree, line: str) -> None:
    assert walk(tree("a.yaml", "b.yaml", **{".gitignore": f"{line}\nb.yaml\n"})) == ["a.yaml"]


def test_gitignore_of_other_bytes(tree: Tree) -> None:
    root = tree("a.yaml", "b.yaml")
    (root / os.fsdecode(b"caf\xe9.yaml")).write_text("a: 1\n")
    (root / ".gitignore").write_bytes(b"\xef\xbb\xbfa.yaml\r\ncaf\xe9.yaml\n")
    assert walk(root) == ["b.yaml"]


def test_gitignore_that_is_no_file(tree: Tree) -> None:
    root = tree("a.yaml", "x/b.yaml", "y/c.yaml", "ignore-all")
    (root / "ignore-all").write_text("*\n")
    (root / ".gitignore").symlink_to("ignore-all")
    (root / "x" / ".gitignore").mkdir()
    os.mkfifo(root / "y" / ".gitignore")
    assert walk(root) == ["a.yaml", "x/b.yaml", "y/c.yaml"]


def test_strange_names(tree: Tree) -> None:
    names = ["new\nline.yaml", "é.yaml", "🦀/ x .yaml", "-a.yaml", "a\\b.yaml", "#.yaml", "[x].yaml", "\x1b[31m.yaml"]
    assert walk(tree(*names)) == sorted(names)


def test_names_that_are_no_utf_8(tree: Tree) -> None:
    root = tree("a.yaml")
    name = os.fsdecode(b"caf\xe9.yaml")
    (root / name).write_text("a: 1\n")
    assert walk(root) == ["a.yaml", name]


def test_repositories_inside_the_tree_are_noted(tmp_path: Path) -> None:
    for name in ("a.yaml", "one/.git/config.yaml", "one/a.yaml", "two/sub/.git", "two/sub/a.yaml", ".git/a.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a: 1\n")
    found = Discovery(tmp_path.resolve())
    assert found.walk() == ["a.yaml", "one/a.yaml", "two/sub/a.yaml"]
    assert sorted(found.repositories) == ["one", "two/sub"]


def test_links_that_leave_the_root(tree: Tree, tmp_path: Path) -> None:
    root = tree("a.yaml")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.yaml").write_text("a: 1\n")
    (tmp_path / "root-b.yaml").write_text("a: 1\n")
    (root / "file.yaml").symlink_to(outside / "b.yaml")
    (root / "folder").symlink_to(outside)
    (root / "sibling.yaml").symlink_to("../root-b.yaml")
    (root / "gone.yaml").symlink_to(outside / "missing.yaml")
    (root / "hop.yaml").symlink_to("file.yaml")
    (root / "elsewhere").symlink_to("/dev/null")
    found = Discovery(root)
    assert found.walk() == ["a.yaml"]
    assert found.skipped == [
        (name, "link-leaves-root") for name in ("file.yaml", "folder", "gone.yaml", "hop.yaml", "sibling.yaml")
    ]


def test_links_within_the_root(tree: Tree) -> None:
    root = tree("a.yaml", "x/b.yaml", "vendor/c.yaml", "data")
    (root / "again.yaml").symlink_to("a.yaml")  # read under its own name
    (root / "vendored.yaml").symlink_to("vendor/c.yaml")
    (root / "twice.yaml").symlink_to("vendor/c.yaml")
    (root / "plain.yaml").symlink_to("data")
    (root / "y").symlink_to("x")
    (root / "top").symlink_to(".")
    (root / "broken.yaml").symlink_to("missing.yaml")
    found = Discovery(root)
    assert found.walk() == ["a.yaml", "plain.yaml", "twice.yaml", "x/b.yaml"]
    assert found.skipped == []


def test_link_loops(tree: Tree) -> None:
    root = tree("a.yaml", "x/b.yaml")
    (root / "self.yaml").symlink_to("self.yaml")
    (root / "one.yaml").symlink_to("two.yaml")
    (root / "two.yaml").symlink_to("one.yaml")
    (root / "x" / "up").symlink_to("..")
    (root / "x" / "again").symlink_to("../x")
    assert walk(root) == ["a.yaml", "x/b.yaml"]


def test_pipes_and_folders_are_no_files(tree: Tree) -> None:
    root = tree("a.yaml")
    os.mkfifo(root / "pipe.yaml")
    (root / "link.yaml").symlink_to("pipe.yaml")
    (root / "folder.yaml").mkdir()
    (root / "other.yaml").symlink_to("folder.yaml")
    assert walk(root) == ["a.yaml"]


def test_unreadable_folders_are_named(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree("a.yaml", "locked/b.yaml", "c/d.yaml")
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(discovery.os, "scandir", refuse)
    found = Discovery(root)
    assert found.walk() == ["a.yaml", "c/d.yaml"]
    assert found.skipped == [("locked", "unreadable: Permission denied")]


def test_a_root_that_is_gone(tmp_path: Path) -> None:
    found = Discovery(tmp_path / "gone")
    assert (found.walk(), found.skipped) == ([], [(".", "unreadable: No such file or directory")])


def test_very_deep_folders(tree: Tree) -> None:
    root = tree()
    folder = root
    for _ in range(500):
        folder /= "d"
        folder.mkdir()
    (folder / "a.yaml").write_text("a: 1\n")
    assert walk(root) == ["d/" * 500 + "a.yaml"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")
@pytest.mark.parametrize("seed", range(25))
def test_gitignore_as_git_reads_it(tree: Tree, seed: int) -> None:
    choice = random.Random(seed)
    names = ["a", "b", "ab", "c.d"]
    files = {"/".join(choice.choices(names, k=choice.randint(1, 4))) + "/f.yaml" for _ in range(12)}
    files |= {f"{name}.yaml" for name in names}
    parts = [*names, "*", "**", "?b", "f.yaml", "*.yaml", "[ab]", "c.*", "\\a", "[!c]*"]
    root = tree(*files)
    folders = [root, *sorted(path for path in root.rglob("*") if path.is_dir())]
    for folder in choice.sample(folders, k=min(3, len(folders))):
        lines = [
            choice.choice(["", "", "/"])
            + "/".join(choice.choices(parts, k=choice.randint(1, 2)))
            + choice.choice(["", "", "/"])
            for _ in range(3)
        ]
        lines.insert(
            choice.randint(0, 3),
            choice.choice(["!f.yaml", "!*.yaml", "!/a.yaml", "!a/f.yaml", "!a/", "!b", "!/ab/", "!a/**", "!*/"]),
        )
        (folder / ".gitignore").write_text("\n".join(lines) + "\n")
    git = ["git", "-C", str(root), "-c", "core.excludesFile=", "-c", "core.quotePath=false"]
    subprocess.run([*git, "init", "-q"], check=True, capture_output=True)
    listed = subprocess.run([*git, "ls-files", "-o", "--exclude-standard"], check=True, capture_output=True, text=True)
    assert walk(root) == sorted(name for name in listed.stdout.splitlines() if name.endswith(".yaml"))
