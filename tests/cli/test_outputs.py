"""Which report goes where, and that neither a report nor anything else is lost on the way."""

import errno
import json
import os

import click
import pytest
from click.testing import CliRunner

from kubelint.cli import outputs
from kubelint.cli.errors import UsageProblem
from kubelint.cli.main import run
from kubelint.cli.outputs import Output, OutputCommand
from kubelint.reporters import FORMATS

DOUBLE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n"
FOUND = "a.yaml:4:16: error[duplicate-key]"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(DOUBLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(*arguments):
    """What a command with the options of `check` takes `arguments` for."""
    found = []

    @click.command(cls=OutputCommand)
    @click.argument("paths", nargs=-1)
    @click.option("--format", "formats", multiple=True)
    @click.option("--output", "outputs", multiple=True)
    @click.option("--exclude", multiple=True)
    @click.option("-q", is_flag=True)
    @click.pass_context
    def command(ctx, **_):
        found.extend(ctx.obj)

    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return found


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", [("full", None)]),
        (".", [("full", None)]),
        ("--format json .", [("json", None)]),
        ("--format json --format json", [("json", None), ("json", None)]),
        ("--format json --output a", [("json", "a")]),
        ("--format=json . --output=a", [("json", "a")]),
        ("--format json --output a --output b", [("json", "a"), ("json", "b")]),
        ("--format json --output a --format full", [("json", "a"), ("full", None)]),
        ("--format concise --format json --output a", [("concise", None), ("json", "a")]),
        ("--format json -q --output a", [("json", "a")]),
        ("--output a", [("full", "a")]),
        ("--output a --output b", [("full", "a"), ("full", "b")]),
        ("--format json --output -", [("json", None)]),
        ("--format json -- --output a", [("json", None)]),
        ("--exclude --format --format json", [("json", None)]),
        ("--exclude --output --format json --exclude=--output=b", [("json", None)]),
    ],
)
def test_every_file_belongs_to_the_format_before_it(arguments, expected):
    assert asked(*arguments.split()) == expected


@pytest.mark.parametrize("arguments", ["--output a --format json", "--output a --output b --format json --output c"])
def test_a_file_before_every_format_belongs_to_none(arguments):
    with pytest.raises(UsageProblem, match="--output a has no --format before it"):
        asked(*arguments.split())


@pytest.mark.parametrize("words", ["--output a --format", "--format", "--output a --output"])
def test_words_are_completed_whatever_is_asked_for(words):
    command = OutputCommand(
        "check", params=[click.Option(["--format", "formats"]), click.Option(["--output", "outputs"])]
    )
    assert command.make_context("check", words.split(), resilient_parsing=True).obj is None


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        ("true", "", ["full", "github"]),
        ("true", "--format full", ["full"]),
        ("true", "--output a", ["full"]),
        ("", "", ["full"]),
        ("false", "", ["full"]),
    ],
)
def test_a_job_of_github_gets_annotations_if_nothing_else_is_asked_for(monkeypatch, environment, arguments, expected):
    monkeypatch.setenv("GITHUB_ACTIONS", environment)
    assert [output.form for output in asked(*arguments.split())] == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--output", "."], "is a directory"),
        (["--output", ""], "is a directory"),
        (["--output", "gone/a.json"], "there is no gone"),
        (["--output", "a.yaml"], "would replace a YAML file"),
        (["--format", "json", "--output", "r", "--format", "sarif", "--output", "./r"], "two reports would go to r"),
        (["--format", "html"], "'html' is not one of 'full'"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_line_before_anything_is_done(tree, capsys, arguments, words):
    assert run(["check", "--fix", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.err.count("\n") == 1 and captured.out == ""
    assert (tree / "a.yaml").read_text() == DOUBLE and [path.name for path in tree.iterdir()] == ["a.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("name", ["kept/r.json", "r.json"])
def test_what_may_not_be_written_is_said_before_anything_is_done(tree, capsys, name):
    (tree / "kept").mkdir(mode=0o500)
    (tree / "r.json").touch(mode=0o400)
    assert run(["check", "--output", name]) == 2
    assert capsys.readouterr().err == f"kubelint: cannot write {name}: permission denied\n"


def test_when_one_file_fails_the_other_reports_are_there_all_the_same(tree, capsys, monkeypatch):
    def full(file, *arguments, **named):
        if file == "r.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return open(file, *arguments, **named)

    monkeypatch.setattr(outputs, "open", full, raising=False)
    arguments = ["--format", "json", "--output", "r.json", "--format", "concise", "--format", "jsonl", "--output", "l"]
    assert run(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err == "kubelint: cannot write r.json: No space left on device\n"
    assert captured.out.startswith(FOUND) and json.loads((tree / "l").read_text())["rule"] == "duplicate-key"


def test_several_reports_of_one_run(tree, capsys):
    arguments = ["--format", "concise", "--format", "json", "--output", "1.json", "--output", "2.json"]
    assert run(["check", *arguments, "--format", "concise"]) == 1
    assert capsys.readouterr().out.count(FOUND) == 2
    assert (tree / "1.json").read_bytes() == (tree / "2.json").read_bytes() != b""


def test_a_report_in_the_tree_is_no_input_of_the_next_run(tree, capsys):
    def once():
        run(["check", "--show-files", "--format", "sarif", "--output", "r.json", "--format", "concise"])
        return capsys.readouterr(), (tree / "r.json").read_bytes()

    first, second = once(), once()
    assert first == second and first[0].err == "a.yaml\n"
    run(["check", "--show-files", "--format", "concise"])  # which does not know what r.json is
    captured = capsys.readouterr()
    assert captured.err.startswith("a.yaml\nr.json (skipped: ") and captured.out == first[0].out


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif", "gitlab"])
def test_an_old_report_in_the_tree_has_no_findings(tree, capsys, form):
    report = tree / "report.json"
    run(["check", "--select", "ALL", "--format", form, "--output", str(report)])
    assert report.stat().st_size > 100
    run(["check", "--select", "ALL", "--format", "concise"])
    assert all(line.startswith("a.yaml:") for line in capsys.readouterr().out.splitlines())


def test_devices_and_pipes_take_reports(tree, capfd):
    assert run(["check", "--format", "concise", "--output", "/dev/stdout", "--output", "/dev/null"]) == 1
    assert capfd.readouterr().out.startswith(FOUND)


def test_what_a_step_wrote_to_the_job_summary_stays(tree, monkeypatch):
    summary = tree / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    summary.write_text("# Mine\n\n")
    other = tree / "other"
    other.write_text("old")
    for file in (summary, other):
        assert run(["check", "--format", "summary", "--output", str(file)]) == 1
    assert summary.read_text() == "# Mine\n\n" + other.read_text() and other.read_text().startswith("### kubelint\n")


def test_reports_are_utf_8_without_a_mark_whatever_the_system_likes(tree):
    (tree / "a.yaml").write_text(DOUBLE.replace("a:", "漢:"), encoding="utf-8")
    run(["check", "--format", "concise", "--output", "r", "--format", "gitlab", "--output", "g"])
    assert "`漢`" in (tree / "r").read_bytes().decode() and (tree / "g").read_bytes().startswith(b"[\n")


@pytest.mark.parametrize(
    ("forms", "words"),
    [
        (["summary"], "see the job summary"),
        (["full", "summary"], "see the job summary"),
        (["full"], "see the log"),
        (["concise"], "see the log"),
        (["sarif"], "`--format full` shows all of them"),
        ([], "`--format full` shows all of them"),
    ],
)
def test_the_last_annotation_points_to_what_is_there(tree, capsys, forms, words):
    (tree / "a.yaml").write_text("---\n".join([DOUBLE] * 12))
    others = [word for number, form in enumerate(forms) for word in ("--format", form, "--output", str(number))]
    assert run(["check", *others, "--format", "github"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"::notice title=kubelint::2 more findings: {words}"


def test_an_output_is_standard_output_unless_a_file_is_named():
    assert Output("full") == ("full", None)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("accepted", ["suppressed", "in the baseline"])
def test_what_was_accepted_is_in_no_report(tree, capsys, form, accepted):
    def report():
        code = run(["check", "--select", "duplicate-key", "--format", form])
        return code, capsys.readouterr().out

    code, before = report()
    assert code == 1 and "the key `a` is given twice" in before.replace("<code>", "`").replace("</code>", "`")
    if accepted == "suppressed":
        (tree / "a.yaml").write_text(f"# kubelint: ignore-file[duplicate-key] known\n{DOUBLE}")
    else:
        run(["baseline", "write"])
        capsys.readouterr()
    code, after = report()
    assert code == 0 and "is given twice; " not in after
    if form in ("full", "grouped", "summary"):
        assert f"1 {accepted}." in after
