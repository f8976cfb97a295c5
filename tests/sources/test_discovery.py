"""Which files are found: nested ignore files, excludes, links, and names that nobody expects."""

import os

import pytest

from kubelint.sources.discovery import Discovery


def make(root, *files, **contents):
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def walk(root, **options):
    return Discovery(root.resolve(), **options).walk()


def test_yaml_and_json_are_found_and_sorted(tmp_path):
    make(tmp_path, "b.yaml", "a.yml", "c/d.json", "c/e.txt", "c/f.yaml.j2", ".hidden/g.yaml")
    assert walk(tmp_path) == [".hidden/g.yaml", "a.yml", "b.yaml", "c/d.json"]


@pytest.mark.parametrize("folder", [".git", "node_modules", ".terraform", "vendor", ".archive"])
def test_default_excludes_hold_at_any_depth(tmp_path, folder):
    make(tmp_path, f"{folder}/a.yaml", f"x/{folder}/y/a.yaml", "x/a.yaml", f"x/{folder}.yaml")
    assert walk(tmp_path) == sorted(["x/a.yaml", f"x/{folder}.yaml"])


def test_excludes_are_gitignore_patterns(tmp_path):
    make(tmp_path, "a.yaml", "old/a.yaml", "old/keep/a.yaml", "x/b.yaml", "x/c.yaml")
    assert walk(tmp_path, exclude=("/old/", "b.yaml")) == ["a.yaml", "x/c.yaml"]
    assert walk(tmp_path, exclude=("**/*.yaml", "!x/c.yaml")) == ["x/c.yaml"]


def test_nested_ignore_files_as_git_reads_them(tmp_path):
    make(tmp_path, "a.yaml", "logs/a.yaml", "x/a.yaml", "x/local.yaml", "x/y/local.yaml", "x/y/z.yaml", "x/out/a.yaml")
    (tmp_path / ".gitignore").write_text("logs/\nlocal.yaml\n/z.yaml\n")
    (tmp_path / "x" / ".gitignore").write_text("!/y/local.yaml\nout\n")
    assert walk(tmp_path) == ["a.yaml", "x/a.yaml", "x/y/local.yaml", "x/y/z.yaml"]


def test_ignore_files_above_the_root_count_within_the_repository(tmp_path):
    make(tmp_path, "repo/apps/a.yaml", "repo/apps/b.yaml")
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / ".gitignore").write_text("/apps/a.yaml\n")
    (tmp_path / ".gitignore").write_text("*.yaml\n")
    assert walk(tmp_path / "repo" / "apps") == ["b.yaml"]
    assert walk(tmp_path / "repo") == ["apps/b.yaml"]


def test_links_that_leave_the_root_are_not_followed(tmp_path):
    make(tmp_path, "outside/secret.yaml", "root/a.yaml")
    root = tmp_path / "root"
    (root / "file.yaml").symlink_to(tmp_path / "outside" / "secret.yaml")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "broken.yaml").symlink_to(root / "nowhere.yaml")
    (root / "loop.yaml").symlink_to(root / "loop.yaml")
    (root / "self").symlink_to(root)
    discovery = Discovery(root.resolve())
    assert discovery.walk() == ["a.yaml"]
    assert {"file.yaml", "folder"} <= {path for path, _ in discovery.skipped}


def test_links_inside_the_root_are_read_once(tmp_path):
    make(tmp_path, "a.yaml", "vendor/b.yaml")
    (tmp_path / "again.yaml").symlink_to(tmp_path / "a.yaml")
    (tmp_path / "c.yaml").symlink_to(tmp_path / "vendor" / "b.yaml")
    assert walk(tmp_path) == ["a.yaml", "c.yaml"]


def test_what_is_no_file_is_passed_over(tmp_path):
    make(tmp_path, "a.yaml", "folder.yaml/b.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert walk(tmp_path) == ["a.yaml", "folder.yaml/b.yaml"]


@pytest.mark.parametrize("name", ["ü.yaml", "with space.yaml", "line\nbreak.yaml", "-dash.yaml", "漢字/字.yaml", "a\\b.yaml"])
def test_odd_names(tmp_path, name):
    make(tmp_path, name)
    assert walk(tmp_path) == [name]
    assert not Discovery(tmp_path.resolve()).is_excluded(name)


@pytest.mark.parametrize(
    ("path", "excluded"),
    [("a.yaml", False), ("vendor/a.yaml", True), ("x/local.yaml", True), ("x/y/local.yaml", False), ("old/a.yaml", True)],
)
def test_asking_for_one_path(tmp_path, path, excluded):
    make(tmp_path, "x/y/local.yaml")
    (tmp_path / ".gitignore").write_text("local.yaml\n")
    (tmp_path / "x" / "y" / ".gitignore").write_text("!local.yaml\n")
    assert Discovery(tmp_path.resolve(), ("old",)).is_excluded(path) is excluded
