"""`kubelint baseline` on a tree of files: what a run takes up, leaves alone, and calls gone."""

import json

import pytest
from invented import invented
from repositories import PLAIN, Repository, needs_git

from kubelint.cli.main import run

TWICE = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: '1'\n  a: '2'\n"
ONCE = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: '1'\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    (tmp_path / "kubelint.yaml").write_text("{}\n")
    write({"one/map.yaml": TWICE.format(name="one"), "two/map.yaml": TWICE.format(name="two")})
    return write


def entries(name="kubelint-baseline.json"):
    with open(name) as stream:
        return {each["file"]: each["count"] for each in json.load(stream)["findings"]}


def lint(capsys, *arguments):
    code = run(["check", "--format", "json", *arguments])
    told = capsys.readouterr()
    report = json.loads(told.out)
    return code, [each["path"] for each in report["findings"]], report["summary"]["baselined"], told.err


def test_adopting_in_one_commit(tree, capsys):
    assert run(["baseline", "write"]) == 0
    assert lint(capsys)[:3] == (0, [], 2)
    tree({"two/map.yaml": "# two\n" + TWICE.format(name="two") + "  b: '1'\n  b: '2'\n"})
    assert lint(capsys)[:3] == (1, ["two/map.yaml"], 2)
    assert lint(capsys, "--no-baseline")[1] == ["one/map.yaml", "two/map.yaml", "two/map.yaml"]


def test_some_paths_touch_their_own_entries_only(tree, capsys):
    run(["baseline", "write", "one"])
    assert entries() == {"one/map.yaml": 1}
    run(["baseline", "write", "two"])
    assert entries() == {"one/map.yaml": 1, "two/map.yaml": 1}
    tree({"one/map.yaml": ONCE.format(name="one"), "two/map.yaml": ONCE.format(name="two")})
    run(["baseline", "prune", "two/map.yaml"])
    assert entries() == {"one/map.yaml": 1}
    capsys.readouterr()
    assert lint(capsys, "two")[3] == ""
    assert "1 finding of the baseline is gone" in lint(capsys, "one")[3]
    run(["baseline", "prune"])
    assert entries() == {}


def test_rules_that_do_not_run_keep_their_entries(tree, capsys):
    run(["baseline", "write"])
    capsys.readouterr()
    assert lint(capsys, "--ignore", "duplicate-key")[3] == ""
    run(["baseline", "write", "--select", "dns"])
    run(["baseline", "prune", "--select", "dns"])
    assert entries() == {"one/map.yaml": 1, "two/map.yaml": 1}


def test_files_that_are_gone(tree, capsys, tmp_path):
    run(["baseline", "write"])
    (tmp_path / "one/map.yaml").rename(tmp_path / "one/renamed.yaml")
    (tmp_path / "two/map.yaml").unlink()
    capsys.readouterr()
    code, found, known, told = lint(capsys)
    assert (code, found, known) == (0, [], 1) and "1 finding of the baseline is gone" in told
    run(["baseline", "prune"])
    assert entries() == {"one/renamed.yaml": 1}


def test_another_file_as_baseline(tree, capsys):
    run(["baseline", "write", "--baseline", "accepted.json", "one"])
    assert entries("accepted.json") == {"one/map.yaml": 1}
    capsys.readouterr()
    assert lint(capsys, "--baseline", "accepted.json")[:3] == (1, ["two/map.yaml"], 1)
    assert len(lint(capsys)[1]) == 2


def test_what_is_known_is_not_fixed_or_silenced(tree, capsys, tmp_path):
    run(["baseline", "write", "one"])
    run(["check", ".", "--add-ignores", "why"])
    assert "kubelint:" in (tmp_path / "two/map.yaml").read_text()
    assert "kubelint:" not in (tmp_path / "one/map.yaml").read_text()
    run(["baseline", "write"])
    assert entries() == {"one/map.yaml": 1}


def test_the_baseline_is_no_manifest(tree, capsys):
    run(["baseline", "write"])
    capsys.readouterr()
    assert lint(capsys, "kubelint-baseline.json")[:2] == (0, [])
    run(["check", "--show-files", "."])
    assert "kubelint-baseline.json (skipped: baseline)" in capsys.readouterr().err


def test_no_secret_is_written(tree, tmp_path):
    secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  token: {}\n"
    tree({"one/secret.yaml": secret.format(invented("github_token"))})
    run(["baseline", "write"])
    text = (tmp_path / "kubelint-baseline.json").read_text()
    assert "one/secret.yaml" in text and invented("github_token") not in text


def test_a_baseline_that_leads_out_of_the_project(tree, tmp_path, tmp_path_factory, capsys):
    outside = tmp_path_factory.mktemp("outside") / "file.json"
    outside.write_text("{}")
    (tmp_path / "kubelint-baseline.json").symlink_to(outside)
    for command in (["check"], ["baseline", "write"], ["baseline", "prune"]):
        assert run(command) == 2
        assert "leaves the project" in capsys.readouterr().err
    assert outside.read_text() == "{}"


def test_nothing_else_is_written(tree, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run(["baseline", "write"])
    run(["baseline", "prune"])
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert after == {*before, tmp_path / "kubelint-baseline.json"}
    assert all(path.read_bytes() == data for path, data in before.items())


@needs_git
def test_what_no_change_touched_is_known_first(tmp_path, monkeypatch, capsys):
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    repository = Repository((tmp_path / "tree").resolve())
    monkeypatch.chdir(repository.root)
    text = TWICE.format(name="a")
    repository.write({"map.yaml": text})
    run(["baseline", "write"])
    repository.commit({"map.yaml": text})
    repository.write({"map.yaml": text + "  a: '3'\n"})
    capsys.readouterr()
    code, found, known, told = lint(capsys, "--since", "HEAD")
    assert (code, found, known, told) == (1, ["map.yaml"], 0, "")
    repository.write({"map.yaml": ONCE.format(name="a")})
    assert lint(capsys, "--since", "HEAD")[3] == ""  # who looks at changes only cannot tell what is gone
