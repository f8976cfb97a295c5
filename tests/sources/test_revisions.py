"""What changed since another branch, as git and the work tree have it; and what stands in the way of knowing."""

import os
import stat
import sys

import pytest
from repositories import GIT, PLAIN, Repository, needs_git

from kubelint.sources.git import Git, GitProblem
from kubelint.sources.revisions import changes_since

pytestmark = needs_git


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch):
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "tree")


def changed(repository, revision="main", folder="", repositories=()):
    """What the files were that differ, by their paths; those of the tree are found without looking at `.git`."""
    root = (repository.root / folder).resolve()
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()]
    files = [path for path in files if ".git" not in path.split("/")]
    changes = changes_since(root, revision, files, repositories)
    earlier = {file.path: file.text for file in changes.sources()} | {text.path: text.text for text in changes.texts()}
    gone = set(earlier) - set(files)
    return {path: earlier.get(path) for path in files if path in changes} | {path: earlier[path] for path in gone}


STATES = {
    "nothing": ({}, {}),
    "a new file": ({"new.yaml": "a: 1\n"}, {"new.yaml": None}),
    "another text": ({"a.yaml": "a: 2\n"}, {"a.yaml": "a: 1\n"}),
    "a file that is gone": ({"a.yaml": None}, {"a.yaml": "a: 1\n"}),
    "a file that moved": ({"a.yaml": None, "d/a.yaml": "a: 1\n"}, {"a.yaml": "a: 1\n", "d/a.yaml": None}),
    "ends of lines": ({"a.yaml": "a: 1\r\n"}, {}),
    "text": ({"hosts.ini": "[b]\n"}, {"hosts.ini": "[a]\n"}),
    "odd names": ({"d/ä b\n\"c'.yaml": "a: 2\n"}, {"d/ä b\n\"c'.yaml": "a: 1\n"}),
}


@pytest.mark.parametrize("how", ["committed", "staged", "not staged"])
@pytest.mark.parametrize("name", STATES)
def test_what_differs_is_found_however_far_it_got(name, how, repository):
    files, expected = STATES[name]
    repository.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "hosts.ini": "[a]\n", "d/ä b\n\"c'.yaml": "a: 1\n"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.write(files)
    if how == "staged":
        repository.git("add", "--all")
    elif how == "committed":
        repository.commit()
    assert changed(repository) == expected
    assert changed(repository, "HEAD") == (expected if how != "committed" else {})


def test_what_the_other_branch_did_meanwhile_is_no_change(repository):
    repository.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"a.yaml": "a: 2\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"b.yaml": "b: 2\n"})
    repository.git("switch", "--quiet", "topic")
    assert changed(repository) == {"a.yaml": "a: 1\n"}
    assert changed(repository, "main~0") == changed(repository, "main") == changed(repository, "main@{0}")


def test_a_folder_of_the_repository_is_compared_with_itself(repository):
    repository.commit({"clusters/home/a.yaml": "a: 1\n", "clusters/b.yaml": "b: 1\n", "a.yaml": "a: 1\n"})
    repository.write({"clusters/home/a.yaml": "a: 2\n", "a.yaml": "a: 2\n", "new/c.yaml": "c: 1\n"})
    assert changed(repository, "HEAD", "clusters") == {"home/a.yaml": "a: 1\n"}
    assert changed(repository, "HEAD", "new") == {"c.yaml": None}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_changes_with_what_it_leads_to(repository):
    repository.write({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    (repository.root / "link.yaml").symlink_to("a.yaml")
    (repository.root / "other.yaml").symlink_to("b.yaml")
    repository.commit()
    assert changed(repository, "HEAD") == {}
    repository.write({"a.yaml": "a: 2\n"})
    assert changed(repository, "HEAD") == {"a.yaml": "a: 1\n", "link.yaml": "a: 1\n"}
    (repository.root / "other.yaml").unlink()
    repository.write({"other.yaml": "c: 1\n"})
    assert changed(repository, "HEAD")["other.yaml"] is None


def test_a_submodule_is_compared_with_the_commit_that_was_pinned(repository, tmp_path):
    inner = Repository(tmp_path / "inner")
    inner.commit({"x.yaml": "x: 1\n", "y.yaml": "y: 1\n"})
    repository.commit({"a.yaml": "a: 1\n"})
    repository.git("submodule", "--quiet", "add", str(inner.root), "sub")
    repository.commit()
    assert changed(repository, "HEAD", repositories=["sub"]) == {}
    Repository(repository.root / "sub", start=False).commit({"x.yaml": "x: 2\n"})
    assert changed(repository, "HEAD", repositories=["sub"]) == {"sub/x.yaml": "x: 1\n"}
    own = Repository(repository.root / "own")
    own.commit({"z.yaml": "z: 1\n"})
    found = changed(repository, "HEAD", repositories=["sub", "own"])
    assert found == {"sub/x.yaml": "x: 1\n", "own/z.yaml": None}


def test_a_repository_with_long_names_of_objects(tmp_path):
    repository = Repository(tmp_path / "tree", start=False)
    repository.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    repository.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repository.write({"a.yaml": "a: 2\n"})
    assert changed(repository) == {"a.yaml": "a: 1\n"}


def test_another_work_tree_of_the_repository(repository, tmp_path):
    repository.commit({"a.yaml": "a: 1\n"})
    repository.git("worktree", "add", "--quiet", str(tmp_path / "beside"), "-b", "topic")
    beside = Repository(tmp_path / "beside", start=False)
    beside.write({"a.yaml": "a: 2\n"})
    assert changed(beside) == {"a.yaml": "a: 1\n"}
    assert changed(repository) == {}


def test_a_file_that_is_too_large_counts_as_new(repository, monkeypatch):
    repository.commit({"a.yaml": "a: 1\n", "large.yaml": "a: " + "1" * 100})
    repository.write({"a.yaml": "a: 2\n", "large.yaml": "a: 1\n"})
    assert changed(repository, "HEAD")["large.yaml"]
    monkeypatch.setattr("kubelint.sources.git.MAX_BYTES", 64)
    assert changed(repository, "HEAD") == {"a.yaml": "a: 1\n", "large.yaml": None}


def problem(repository, revision="main", folder=""):
    with pytest.raises(GitProblem) as caught:
        changed(repository, revision, folder)
    assert "\n" not in str(caught.value)
    return f"{caught.value}; {caught.value.hint}"


@pytest.mark.parametrize(
    "revision", ["nope", "-h", "--help", "", "HEAD~9", "main:a.yaml", "main..HEAD", "^HEAD", "a\0b", "HEAD^{tree}", " "]
)
def test_what_is_no_commit_is_said(revision, repository):
    repository.commit({"a.yaml": "a: 1\n"})
    assert "there is no such commit" in problem(repository, revision)
    assert changed(repository, "HEAD") == {}


def test_a_repository_without_commits(repository):
    repository.write({"a.yaml": "a: 1\n"})
    assert "no commit yet" in problem(repository, "HEAD")


def test_a_folder_without_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "tree").mkdir()
    assert "not in a git repository; leave out --since" in problem(Repository(tmp_path / "tree", start=False), "HEAD")


def test_a_bare_repository(tmp_path):
    repository = Repository(tmp_path / "tree", start=False)
    repository.git("init", "--quiet", "--bare")
    assert "not in a work tree" in problem(repository, "HEAD")
    inside = Repository(tmp_path / "other")
    assert "not in a work tree" in problem(inside, "HEAD", ".git")


def test_branches_that_have_nothing_in_common(repository):
    repository.commit({"a.yaml": "a: 1\n"})
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.commit({"b.yaml": "b: 1\n"})
    assert "no commit in common" in problem(repository)


def test_a_shallow_clone(repository, tmp_path):
    for number in range(3):
        repository.commit({"a.yaml": f"a: {number}\n"})
    repository.git("switch", "--quiet", "--create", "topic", "main~1")
    repository.commit({"b.yaml": "b: 1\n"})
    clone = Repository(tmp_path / "clone", start=False)
    clone.git("clone", "--quiet", "--depth=1", "--no-single-branch", repository.root.as_uri(), ".")
    assert "does not reach back" in problem(clone, "origin/main")
    assert "fetch-depth: 0" in problem(clone, "origin/main")
    assert "no such commit" in problem(clone, "HEAD~2") and "fetch-depth: 0" in problem(clone, "HEAD~2")
    clone.git("fetch", "--quiet", "--unshallow")
    assert changed(clone, "origin/main") == {"b.yaml": None}


def test_a_clone_without_the_files_fetches_none(repository, tmp_path):
    repository.commit({"a.yaml": "a: 1\n"})
    repository.commit({"a.yaml": "a: 2\n"})
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(tmp_path / "clone", start=False)
    clone.git("clone", "--quiet", "--filter=blob:none", repository.root.as_uri(), ".")
    assert changed(clone, "HEAD") == {}
    assert "does not hold all files of that commit; clone it without" in problem(clone, "HEAD~1")
    clone.git("cat-file", "-p", "HEAD~1:a.yaml")
    assert changed(clone, "HEAD~1") == {"a.yaml": "a: 1\n"}


def stand_in(folder, script):
    """A `git` of ours in `folder`."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


unix = pytest.mark.skipif(sys.platform == "win32", reason="a script stands in for git")


@unix
def test_a_repository_of_somebody_else(repository, tmp_path, monkeypatch):
    repository.commit({"a.yaml": "a: 1\n"})
    stand_in(tmp_path / "bin", f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {GIT} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert "belongs to somebody else" in problem(repository) and "safe.directory" in problem(repository)


@unix
def test_who_trusts_the_repository_may_say_so(repository, tmp_path, monkeypatch):
    repository.commit({"a.yaml": "a: 1\n"})
    stand_in(tmp_path / "bin", f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {GIT} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "gitconfig").write_text(f"[safe]\n\tdirectory = {repository.root.resolve()}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert changed(repository) == {}


@unix
def test_a_git_that_hangs(repository, tmp_path, monkeypatch):
    stand_in(tmp_path / "bin", "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("kubelint.sources.git.TIMEOUT", 0.2)
    assert "did not end within 0.2 s" in problem(repository)


@unix
def test_a_git_that_does_not_start(repository, tmp_path, monkeypatch):
    stand_in(tmp_path / "bin", "")
    (tmp_path / "bin" / "git").write_bytes(b"\x7fELF, not really")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "cannot be started" in problem(repository)


@pytest.mark.parametrize("path", ["", ".", "bin", os.pathsep.join([".", "", "bin"])])
def test_without_git_on_the_path(path, repository, monkeypatch):
    monkeypatch.chdir(repository.root)
    stand_in(repository.root / "bin", "touch was-here")
    (repository.root / "git").write_bytes((repository.root / "bin" / "git").read_bytes())
    (repository.root / "git").chmod(0o755)
    monkeypatch.setenv("PATH", path)
    assert "no `git` on the PATH" in problem(repository)
    assert not list(repository.root.rglob("was-here"))


def test_nothing_of_the_environment_leads_elsewhere(repository, tmp_path):
    repository.commit({"a.yaml": "a: 1\n"})
    other = Repository(tmp_path / "other")
    other.commit({"b.yaml": "b: 1\n"})
    led = {**os.environ, "GIT_DIR": str(other.root / ".git"), "GIT_INDEX_FILE": "x", "GIT_TRACE": str(tmp_path / "log")}
    git = Git(repository.root, led)
    assert set(git.tree("HEAD")) == {"a.yaml"}
    assert not (tmp_path / "log").exists()
