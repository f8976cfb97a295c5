"""`kubelint init` where a hook of ours is there, in a part of a repository, and where somebody sits at a terminal."""

import os
import pty
import subprocess
import sys

import pytest
import yaml
from pre_commit import clientlib
from repositories import Repository, needs_git
from small_trees import written

from kubelint.cli.main import run

DNS = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: coredns, namespace: kube-system}\nspec: {replicas: 1}\n"
CONFIG = ".pre-commit-config.yaml"
REMOTE = ("--repo", "https://example.org/kubelint", "--rev", "v0.2.0")
LOCAL = """\
# ours
repos:
  - repo: local  # until there is a release
    hooks:
      - id: kubelint
        name: kubelint
        entry: kubelint check --force-exclude
        language: system
        types_or: [yaml, json]
        require_serial: true
        args: [--fail-on, error]  # warnings wait
"""
MOVED = """\
# ours
repos:
  - repo: https://example.org/kubelint  # until there is a release
    rev: v0.2.0
    hooks:
      - id: kubelint
        args: [--fail-on, error]  # warnings wait
"""


@pytest.fixture
def folder(tmp_path):
    """An empty repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def init(folder, *options):
    return run(["init", str(folder), "--pre-commit", *options])


def hooked(folder, text):
    written(folder, {CONFIG: text, "kubelint.yaml": "profile: minimal  # mine\n"})


def read(folder):
    return (folder / CONFIG).read_text(encoding="utf-8")


def test_a_local_hook_becomes_that_of_the_repository_and_keeps_its_arguments(folder, capsys):
    hooked(folder, LOCAL)
    assert init(folder, *REMOTE, "--force") == 0
    assert read(folder) == MOVED
    clientlib.load_config(folder / CONFIG)
    assert (folder / "kubelint.yaml").read_text() == "profile: minimal  # mine\n"
    assert f"wrote {folder / CONFIG}: gets kubelint from https://example.org/kubelint" in capsys.readouterr().out
    assert init(folder, *REMOTE, "--force") == 0
    assert read(folder) == MOVED


@pytest.mark.parametrize("options", [REMOTE, ()], ids=["remote", "local"])
def test_without_force_the_hook_stays(folder, capsys, options):
    hooked(folder, LOCAL)
    assert init(folder, *options) == 2
    error = capsys.readouterr().err
    assert read(folder) == LOCAL and error.count("\n") == 1 and "--force" in error


def test_force_without_an_origin_does_not_make_a_hook_local(folder):
    hooked(folder, MOVED)
    assert init(folder, "--force") == 0
    assert read(folder) == MOVED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MOVED.replace("v0.2.0", "v0.1.0"), MOVED),
        (MOVED.replace("example.org", "old.example"), MOVED),
        (MOVED.replace("    rev: v0.2.0\n", ""), MOVED),
        (MOVED.replace("rev: v0.2.0", "rev: 'v0.1.0'"), MOVED.replace("rev: v0.2.0", "rev: 'v0.2.0'")),
    ],
    ids=["revision", "url", "no revision", "quotes"],
)
def test_another_origin_takes_the_place_of_the_one_before(folder, before, after):
    hooked(folder, before)
    assert init(folder, *REMOTE, "--force") == 0
    assert yaml.safe_load(read(folder)) == yaml.safe_load(after)
    assert read(folder).count("#") == before.count("#")


def test_a_local_hook_among_others_is_taken_out_and_theirs_stay(folder):
    others = LOCAL + "      - {id: mine, name: mine, entry: 'true', language: system}  # another\n"
    hooked(folder, others)
    assert init(folder, *REMOTE, "--force") == 0
    local, remote = yaml.safe_load(read(folder))["repos"]
    assert [hook["id"] for hook in local["hooks"]] == ["mine"] and "# another" in read(folder)
    assert remote == {
        "repo": REMOTE[1],
        "rev": REMOTE[3],
        "hooks": [{"id": "kubelint", "args": ["--fail-on", "error"]}],
    }
    clientlib.load_config(folder / CONFIG)


def test_both_hooks_move_together(folder):
    both = LOCAL + "      - {id: kubelint-project, name: all, entry: kubelint check ., language: system}\n"
    hooked(folder, both)
    assert init(folder, *REMOTE, "--force") == 0
    [repo] = yaml.safe_load(read(folder))["repos"]
    assert [hook["id"] for hook in repo["hooks"]] == ["kubelint", "kubelint-project"]
    assert "entry" not in read(folder)


def test_windows_line_endings_stay(folder):
    hooked(folder, "")
    (folder / CONFIG).write_bytes(LOCAL.replace("\n", "\r\n").encode())
    assert init(folder, *REMOTE, "--force") == 0
    assert (folder / CONFIG).read_bytes() == MOVED.replace("\n", "\r\n").encode()


@needs_git
@pytest.mark.slow
def test_a_project_inside_of_a_repository_is_linted_by_its_own_configuration(tmp_path):
    """The hook runs at the top of the repository, whatever was changed in it."""
    repository = Repository(tmp_path)
    files = {"deploy/my app/kubelint.yaml": "rules: {dns-single-replica: info}\n", "deploy/my app/dns.yaml": DNS}
    repository.commit({**files, "other.yaml": DNS})
    assert init(tmp_path / "deploy" / "my app") == 0
    [hook] = clientlib.load_config(tmp_path / CONFIG)["repos"][0]["hooks"]
    assert hook["args"] == ["--root", "deploy/my app"]
    programs = tmp_path / ".git" / "programs"
    written(programs, {"kubelint": f'#!/bin/sh\nexec {sys.executable!r} -m kubelint "$@"\n'})
    (programs / "kubelint").chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PRE_COMMIT_HOME": str(tmp_path / ".git/h")}
    repository.write({"deploy/my app/dns.yaml": f"# edited\n{DNS}", "other.yaml": f"# edited\n{DNS}"})
    repository.git("add", "--all")
    command = [sys.executable, "-m", "pre_commit", "run", "--verbose"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "info[dns-single-replica]" in done.stdout, done.stdout + done.stderr
    assert "other.yaml" not in done.stdout


def on_a_terminal(folder, answer, *options):
    """The exit code of `kubelint init`, and what somebody at a terminal sees who answers with `answer`."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "kubelint", "init", *options])
    seen = b""
    try:
        while data := os.read(terminal, 4096):
            seen += data
            if seen.endswith(b"[y/N]: "):
                os.write(terminal, answer)
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), seen.decode()


@pytest.mark.parametrize(("answer", "written_too"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_on_a_terminal_a_baseline_is_offered(folder, answer, written_too):
    written(folder, {"dns.yaml": DNS})
    code, seen = on_a_terminal(folder, answer)
    assert code == 0 and "wrote kubelint.yaml" in seen
    assert "1 finding is there already. Accept it, and report new ones only? [y/N]: " in seen
    assert (folder / "kubelint-baseline.json").exists() is written_too


def test_nothing_is_asked_where_nothing_is_found_or_a_baseline_is_there(folder):
    code, seen = on_a_terminal(folder, b"")
    assert code == 0 and "[y/N]" not in seen
    written(folder, {"dns.yaml": DNS, "kubelint-baseline.json": '{"version": 1, "findings": []}\n'})
    (folder / "kubelint.yaml").unlink()
    code, seen = on_a_terminal(folder, b"")
    assert code == 0 and "[y/N]" not in seen


def test_nothing_is_asked_where_nobody_sits(folder, capsys):
    written(folder, {"dns.yaml": DNS})
    assert run(["init", str(folder)]) == 0
    assert "[y/N]" not in capsys.readouterr().err
    assert not (folder / "kubelint-baseline.json").exists()


def test_secrets_that_are_accepted_are_named(folder, capsys):
    written(folder, {"dns.yaml": DNS, ".env": "DB_PASSWORD=" + "q8Zr4LvX" + "w2Ns7TbK\n"})
    assert run(["init", str(folder), "--baseline"]) == 0
    assert "about secrets: rotate what is in git" in capsys.readouterr().out
