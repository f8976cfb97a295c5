"""Whatever is thrown at it: a finding, or one clear line and exit 2. Never a traceback, and nothing else is lost."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from kubelint.cli.main import run

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: '1', a: '2'}\n"


def lint(capsys, *arguments):
    code = run(["check", "--format", "json", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else None, captured.err


def only(report, rule="unreadable-document"):
    found = [finding for finding in report["findings"] if finding["rule"] == rule]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def tree(tmp_path):
    """A folder with one file that has one finding: it must be reported whatever stands beside it."""
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def assert_rest_is_reported(report):
    assert "duplicate-key" in {finding["rule"] for finding in report["findings"] if finding["path"] == "good.yaml"}


def test_binary_file(tree, capsys):
    (tree / "binary.yaml").write_bytes(b"\x00GITCRYPT\x00\x01\x02" * 100)
    code, report, _ = lint(capsys, tree)
    assert code == 1
    assert {"path": "binary.yaml", "reason": "binary"} in report["summary"]["skipped"]
    assert_rest_is_reported(report)


def test_file_of_50_megabytes(tree, capsys):
    with (tree / "large.yaml").open("wb") as stream:
        stream.truncate(50 * 2**20)
    code, report, _ = lint(capsys, tree)
    assert code == 1 and "50 MiB" not in only(report)["path"]
    assert "limit is 32 MiB" in only(report)["message"]
    assert_rest_is_reported(report)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\na: " + "[" * 10_000 + "]" * 10_000,
        "apiVersion: v1\nkind: ConfigMap\na: " + "{a: " * 10_000 + "1" + "}" * 10_000,
        "".join("  " * depth + "a:\n" for depth in range(3_000)),
        "- " * 10_000 + "a",
    ],
    ids=["flow-sequences", "flow-mappings", "block-mappings", "block-sequences"],
)
def test_nesting_10000_deep(tree, capsys, text):
    (tree / "deep.yaml").write_text(text)
    code, report, _ = lint(capsys, tree)
    assert code == 1
    assert only(report)["path"] == "deep.yaml"
    assert_rest_is_reported(report)


def test_nesting_10000_deep_in_json(tree, capsys):
    (tree / "deep.json").write_text(
        '{"apiVersion": "v1", "kind": "List", "items": ' + "[" * 100_000 + "]" * 100_000 + "}"
    )
    code, report, _ = lint(capsys, tree)
    assert code == 1 and only(report)["path"] == "deep.json"


def test_alias_bomb(tree, capsys):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    (tree / "bomb.yaml").write_text("\n".join(lines))
    code, report, _ = lint(capsys, tree)
    assert code == 1 and "aliases" in only(report)["message"]
    assert_rest_is_reported(report)


def test_file_that_cannot_be_opened(tree, capsys, monkeypatch):
    (tree / "locked.yaml").write_text("a: 1")
    real = open

    def refuse(path, *arguments, **options):
        if str(path).endswith("locked.yaml"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr("builtins.open", refuse)
    code, report, _ = lint(capsys, tree)
    assert code == 1
    assert only(report)["message"] == "cannot be read: the file cannot be opened: Permission denied"
    assert_rest_is_reported(report)


def test_broken_utf8(tree, capsys):
    (tree / "latin.yaml").write_bytes(b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n")
    code, report, _ = lint(capsys, tree)
    assert code == 1 and only(report)["line"] == 3 and "0xe9" in only(report)["message"]
    assert_rest_is_reported(report)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_read(tmp_path, capsys, encoding):
    (tmp_path / "good.yaml").write_bytes(GOOD.encode(encoding))
    _, report, _ = lint(capsys, tmp_path)
    assert [finding["rule"] for finding in report["findings"]] == ["duplicate-key"]
    assert (report["findings"][0]["line"], report["findings"][0]["column"]) == (4, 16)


def test_unknown_rule_in_a_suppression(tree, capsys):
    (tree / "other.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}  # kubelint: ignore[nope-nope]\n"
    )
    code, report, _ = lint(capsys, tree)
    assert code == 1 and only(report, "unknown-suppression")["line"] == 3


def test_directory_that_cannot_be_listed(tree, capsys, monkeypatch):
    (tree / "closed").mkdir()
    real = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("os.scandir", refuse)
    code, report, _ = lint(capsys, tree)
    assert code == 1
    assert {"path": "closed", "reason": "unreadable: Permission denied"} in report["summary"]["skipped"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_read_only_directory(tree, capsys):
    tree.chmod(0o555)
    try:
        code, report, _ = lint(capsys, tree)
    finally:
        tree.chmod(0o755)
    assert code == 1 and sorted(path.name for path in tree.iterdir()) == ["good.yaml"]
    assert_rest_is_reported(report)


def test_output_that_cannot_be_written(tree, capsys):
    assert run(["check", str(tree), "--output", str(tree / "no" / "such" / "folder.txt")]) == 2
    assert capsys.readouterr().err.startswith("kubelint: cannot write ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "nowhere.yaml"],
        ["--root", "nowhere"],
        ["--format", "xml"],
        ["--config", "a", "--no-config"],
        ["-", "."],
    ],
    ids=" ".join,
)
def test_usage_errors_are_one_line(tree, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tree)
    assert run(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and captured.err.startswith("kubelint: ")


def test_pipe_that_closes(tree):
    for number in range(300):
        (tree / f"copy{number}.yaml").write_text(GOOD)
    command = f"{sys.executable} -m kubelint {tree} | head -n 1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=120)
    assert result.stderr == "" and result.stdout.startswith("error[duplicate-key]")


def test_stdout_that_is_closed(tree):
    command = f"{sys.executable} -m kubelint {tree} >&-"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in result.stderr


def test_interruption():
    with subprocess.Popen(
        [sys.executable, "-m", "kubelint", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
    ) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 130 and out == b"" and error.strip() == b""


def test_fifo_named_on_the_command_line(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert run(["check", str(tmp_path / "pipe.yaml")]) == 2
    assert "is not a regular file" in capsys.readouterr().err


def test_a_bug_is_one_line(tree, capsys, monkeypatch):
    monkeypatch.delenv("KUBELINT_TRACEBACK", raising=False)
    monkeypatch.setattr("kubelint.engine.linter.Linter.run", lambda *_: 1 / 0)
    assert run(["check", str(tree)]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and "ZeroDivisionError" in captured.err


def test_a_file_of_broken_documents_says_where_it_gave_up(tree, capsys):
    (tree / "broken.yaml").write_text("---\na: [\n" * 30)
    _, report, _ = lint(capsys, tree)
    found = [finding for finding in report["findings"] if finding["rule"] == "unreadable-document"]
    assert len(found) == 21
    assert sum("the rest of it was not tried" in finding["message"] for finding in found) == 1
    assert_rest_is_reported(report)


def test_quiet_hides_and_does_not_forgive(tmp_path, capsys):
    (tmp_path / "map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}  # kubelint: ignore\n")
    assert run(["check", "-q", str(tmp_path)]) == 1
    assert "Nothing found" in capsys.readouterr().out


def test_a_named_file_of_another_kind_is_skipped_and_named(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("hello")
    code, report, _ = lint(capsys, tmp_path / "notes.txt")
    assert code == 0 and report["summary"]["skipped"] == [{"path": "notes.txt", "reason": "unknown-suffix"}]


def test_an_empty_path_is_refused(tree, capsys, monkeypatch):
    monkeypatch.chdir(tree)
    assert run(["check", ""]) == 2
    assert capsys.readouterr().err.count("\n") == 1
