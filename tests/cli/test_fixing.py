"""`--fix` and `--diff`: which files are written and which never are, what is said, and what the run ends with."""

import json
import os
import resource
import subprocess
import sys

import pytest
from editing import DNS

from kubelint.cli.main import run

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {0}}}
spec:
  nodeSelector: {{kubernetes.io/arch: x86_64}}
  containers: [{{name: web, image: "registry.example.org/web:1"}}]
"""
SELECT = ["check", "--no-config", "--select", "unknown-arch-value,dns-single-replica,unreadable-document"]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    root = tmp_path / "tree"
    (root / ".git").mkdir(parents=True)
    for name in ("a.yaml", "sub/b.yaml", "sub/c.yaml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(POD.format(name[-6]))
    monkeypatch.chdir(root)
    return root


def wrong(root):
    """The files in which there is something to fix."""
    paths = [path for path in root.rglob("*.yaml") if b"x86_64" in path.read_bytes().replace(b"\0", b"")]
    return sorted(path.relative_to(root).as_posix() for path in paths)


def fix(capsys, *arguments):
    """The exit code, standard output, and the lines of standard error."""
    code = run([*SELECT, *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err.splitlines()


def test_files_that_were_not_named_are_left_alone(tree, capsys):
    code, _, said = fix(capsys, "--fix", "sub")
    assert (code, said, wrong(tree)) == (0, ["kubelint: fixed 2 findings in 2 files"], ["a.yaml"])


def test_a_second_run_has_nothing_to_do(tree, capsys):
    assert fix(capsys, "--fix")[2] == ["kubelint: fixed 3 findings in 3 files"]
    assert fix(capsys, "--fix")[2] == ["kubelint: fixed 0 findings in 0 files"]
    assert fix(capsys, "--diff") == (0, "", ["kubelint: would fix 0 findings in 0 files"])


def test_a_diff_writes_nothing_with_fix_neither(tree, capsys):
    for flags in (["--diff"], ["--fix", "--diff"]):
        code, out, said = fix(capsys, *flags, "a.yaml")
        assert (code, said) == (1, ["kubelint: would fix 1 finding in 1 file"])
        assert out.startswith("--- a/a.yaml\n+++ b/a.yaml\n@@ ")
    assert len(wrong(tree)) == 3


def test_the_exit_code_speaks_of_what_is_left(tree, capsys):
    (tree / "dns.yaml").write_text(DNS)
    code, out, said = fix(capsys, "--fix", "--format", "concise")
    assert code == 1 and "dns-single-replica" in out and "unknown-arch-value" not in out
    assert said == ["kubelint: fixed 3 findings in 3 files"]
    assert fix(capsys, "--fix", "--unsafe-fixes")[0] == 0


def test_reports_are_on_what_is_there_afterwards(tree, capsys, tmp_path):
    report = tmp_path / "report.sarif"
    code, out, said = fix(capsys, "--fix", "--format", "json", "--format", "sarif", "--output", str(report))
    assert (code, json.loads(out)["findings"], said) == (0, [], ["kubelint: fixed 3 findings in 3 files"])
    assert json.loads(report.read_text())["runs"][0]["results"] == []


def test_only_what_is_reported_is_fixed(tree, capsys):
    (tree / "a.yaml").write_text("# kubelint: ignore-file[unknown-arch-value] the emulator's name\n" + POD.format("a"))
    assert run(["baseline", "write", "sub/c.yaml", "--no-config"]) == 0
    capsys.readouterr()
    assert fix(capsys, "--fix", "--select", "unknown-arch-value")[0] == 0
    assert wrong(tree) == ["a.yaml", "sub/c.yaml"]


@pytest.mark.parametrize("flags", [["--unsafe-fixes"], ["--fix", "-"]])
def test_what_makes_no_sense_is_said(tree, capsys, flags, monkeypatch):
    code, out, said = fix(capsys, *flags)
    assert (code, out, len(said)) == (2, "", 1)
    assert len(wrong(tree)) == 3


def test_links_are_followed_within_the_project_only(tree, capsys, tmp_path):
    (tmp_path / "outside.yaml").write_text(POD.format("o"))
    (tree / "out.yaml").symlink_to("../outside.yaml")
    (tree / "in.yaml").symlink_to("a.yaml")
    (tree / "sub/more").symlink_to("../../more")
    assert fix(capsys, "--fix")[2] == ["kubelint: fixed 3 findings in 3 files"]
    assert (wrong(tree), "x86_64" in (tmp_path / "outside.yaml").read_text()) == (["out.yaml"], True)
    assert (tree / "in.yaml").is_symlink()
    fix(capsys, "--fix", "out.yaml")
    assert "x86_64" in (tmp_path / "outside.yaml").read_text()


def test_what_cannot_be_read_is_left_as_it_is(tree, capsys):
    (tree / "a.yaml").write_bytes(POD.format("caf\xe9").encode("latin-1"))
    (tree / "sub/b.yaml").write_text(POD.format("b") + "  tolerations: [\n")
    before = [(tree / name).read_bytes() for name in ("a.yaml", "sub/b.yaml")]
    assert fix(capsys, "--fix")[0] == 1
    assert [(tree / name).read_bytes() for name in ("a.yaml", "sub/b.yaml")] == before


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_stay(tree, capsys, encoding):
    text = POD.format("a").replace("\n", "\r\n")
    (tree / "a.yaml").write_bytes(text.encode(encoding))
    _, out, said = fix(capsys, "--diff", "a.yaml")
    assert ("not shown, since no diff can be of UTF-16" in said[0]) == (not out) == (encoding == "utf-16")
    fix(capsys, "--fix", "a.yaml")
    assert (tree / "a.yaml").read_bytes() == text.replace("x86_64", "amd64").encode(encoding)


def test_what_was_changed_meanwhile_is_said(tree, capsys, monkeypatch):
    def meanwhile(*_):
        for path in tree.rglob("*.yaml"):
            path.write_text("kind: Pod\n")

    monkeypatch.setattr("kubelint.cli.fixing.clear_temporaries", meanwhile)
    code, out, said = fix(capsys, "--fix")
    assert (code, out, len(said)) == (2, "", 1)
    assert said[0].startswith("kubelint: cannot write a.yaml (it was changed meanwhile), sub/b.yaml (")
    assert {path.read_text() for path in tree.rglob("*.yaml")} == {"kind: Pod\n"}


def test_a_full_disk_is_said_in_one_line_and_loses_nothing(tree):
    for number in range(10):
        (tree / f"{number}.yaml").write_text(POD.format(number))
    (tree / "small.yaml").write_text("x86_64: {}\n")

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    command = [sys.executable, "-m", "kubelint", *SELECT, "--fix"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=no_room)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "(File too large) and 10 others; 0 other files written" in done.stderr
    assert len(wrong(tree)) == 14
    assert sorted(os.listdir(tree / "sub")) == ["b.yaml", "c.yaml"]


def test_an_interrupted_run_leaves_whole_files(tree, capsys, monkeypatch):
    calls = []
    fsync = os.fsync

    def interrupted(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise KeyboardInterrupt
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", interrupted)
    assert fix(capsys, "--fix")[0] == 130
    assert wrong(tree) == ["sub/b.yaml", "sub/c.yaml"]
    assert sorted(os.listdir(tree / "sub")) == ["b.yaml", "c.yaml"]


def test_what_killed_runs_left_behind_is_cleared_beside_texts_too(tree, capsys):
    (tree / "docs").mkdir()
    (tree / "docs/removal.md").write_text("# Removal\n")
    (tree / "docs/.removal.md.1.kubelint-fix").write_text("")
    fix(capsys, "--diff")
    assert (tree / "docs/.removal.md.1.kubelint-fix").exists()
    fix(capsys, "--fix")
    assert os.listdir(tree / "docs") == ["removal.md"]


def test_fixes_that_do_not_settle_are_said(tree, capsys, monkeypatch):
    monkeypatch.setattr("kubelint.engine.fixing.fixer.ROUNDS", 0)
    _, _, said = fix(capsys, "--fix")
    assert "stopped after" in said[0] and "run it again" in said[0]


def test_rendered_files_are_not_edited(tree, capsys):
    (tree / "rendered.yaml").write_text("---\n# Source: shop/templates/pod.yaml\n" + POD.format("r"))
    _, _, said = fix(capsys, "--fix", "rendered.yaml")
    assert "rendered.yaml says that it is generated" in said[0]
    assert "rendered.yaml" in wrong(tree)


def test_only_what_was_changed_is_fixed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def git(*arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    (tmp_path / "a.yaml").write_text(f"{POD.format('old')}---\n{DNS}")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "a.yaml").write_text(f"{POD.format('old')}---\n{DNS.replace('replicas: 1', 'replicas: 1  # now')}")
    assert fix(capsys, "--fix", "--unsafe-fixes", "--since", "HEAD")[0] == 0
    text = (tmp_path / "a.yaml").read_text()
    assert "replicas: 2  # now" in text and "x86_64" in text
