"""The file of a baseline: what it is refused for, how two branches merge it, what becomes of its entries."""

import json
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
from rendering.trees import CHART, tree, without_any, without_helm
from repositories import GIT, PLAIN, Repository, needs_git

from kubelint.cli.main import run
from kubelint.engine.baseline import Entry, dumped, loaded

NAME = "kubelint-baseline.json"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: '1'\n"
TWICE = f"{MAP}  a: '2'\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kubelint.yaml").write_text("{}\n")
    return tmp_path


def lint(capsys, *arguments):
    capsys.readouterr()
    code = run(["check", "--format", "json", *arguments])
    told = capsys.readouterr()
    report = json.loads(told.out) if told.out else {"findings": [], "summary": {"baselined": 0}}
    return code, [each["rule"] for each in report["findings"]], report["summary"]["baselined"], told.err


def held():
    return json.loads(Path(NAME).read_text())["findings"]


ENTRY = {"rule": "a", "file": "b", "object": None, "path": None, "fingerprint": "c", "count": 1}


def document(*entries, **more):
    return json.dumps({"version": 1, "findings": [*entries], **more})


BROKEN = {
    "empty": "",
    "half of it": dumped([Entry("a", "b", None, None, "c")])[:60],
    "a merge's marks": "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
    "marks inside": dumped([Entry("a", "b", None, None, "c")]).replace("    {", "<<<<<<< HEAD\n    {"),
    "a list": "[]",
    "text": '"version"',
    "no version": '{"findings": []}',
    "a newer version": '{"version": 2, "findings": []}',
    "a newer form of entry": document({**ENTRY, "line": 3}),
    "no object": document({key: value for key, value in ENTRY.items() if key != "object"}),
    "a count of words": document({**ENTRY, "count": "1"}),
    "a count below one": document({**ENTRY, "count": -1}),
    "a count that is no whole number": document({**ENTRY, "count": 1.5}),
    "rendered, or so": document({**ENTRY, "rendered": "yes"}),
    "deep": "[" * 100_000,
    "no text": "\udcff",
    "control characters": '{"version": "\x1b[31m"',
    "a huge number": '{"version": 1, "findings": [' + "9" * 5000 + "]}",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", [["check"], ["baseline", "write"], ["baseline", "prune"], ["baseline", "show"]])
def test_what_is_no_baseline_is_one_line_and_exit_code_2(text, command, here, capsys):
    (here / "map.yaml").write_text(TWICE.format(name="a"))
    (here / NAME).write_bytes(text.encode(errors="surrogateescape"))
    assert run(command) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and "is no baseline" in told.err and "\x1b" not in told.err
    assert (here / NAME).read_bytes() == text.encode(errors="surrogateescape")


@pytest.mark.parametrize("command", [["check"], ["baseline", "prune"], ["baseline", "show"]])
def test_one_that_is_not_there(command, here, capsys):
    (here / "map.yaml").write_text(MAP.format(name="a"))
    assert run([*command, "--baseline", "none.json"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (here / "none.json").mkdir()
    assert run([*command, "--baseline", "none.json"]) == 2
    assert "none.json is a directory; name a file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["write", "prune"])
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-"], "a baseline is one of files, and `-` is none; name the file"),
        (["--select", "duplicate-kay"], "did you mean `duplicate-key`?"),
        (["--ignore", "what-is-this"], "`kubelint rules` lists them"),
    ],
)
def test_what_cannot_be_done_changes_nothing(command, arguments, says, here, capsys):
    (here / "map.yaml").write_text(TWICE.format(name="a"))
    assert run(["baseline", "write"]) == 0
    before = (here / NAME).read_bytes()
    capsys.readouterr()
    assert run(["baseline", command, *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and says in told.err
    assert (here / NAME).read_bytes() == before


def test_writing_twice_gives_the_same_bytes(here):
    for name in ("z", "a", "m"):
        (here / f"{name}.yaml").write_text(f"{TWICE.format(name=name)}  a: '3'\n---\n{TWICE.format(name='second')}")
    run(["baseline", "write"])
    first = (here / NAME).read_bytes()
    assert [(each["file"], each["object"], each["count"]) for each in held()] == [
        (f"{name}.yaml", f"ConfigMap/{obj}", count)
        for name in ("a", "m", "z")
        for obj, count in sorted([(name, 2), ("second", 1)])
    ]
    run(["baseline", "write"])
    run(["baseline", "prune"])
    assert (here / NAME).read_bytes() == first


def test_one_of_two_is_fixed(here, capsys):
    (here / "map.yaml").write_text(f"{TWICE.format(name='a')}  a: '3'\n")
    run(["baseline", "write"])
    (here / "map.yaml").write_text(TWICE.format(name="a"))
    code, found, known, told = lint(capsys)
    assert (code, found, known) == (0, [], 1) and "1 finding of the baseline is gone" in told
    run(["baseline", "prune"])
    assert [each["count"] for each in held()] == [1]
    (here / "map.yaml").write_text(f"{TWICE.format(name='a')}  a: '3'\n")
    assert lint(capsys)[:3] == (1, ["duplicate-key"], 1)


def test_an_object_of_another_name_is_another_one(here, capsys):
    (here / "map.yaml").write_text(TWICE.format(name="a"))
    run(["baseline", "write"])
    (here / "map.yaml").write_text(TWICE.format(name="b"))
    code, found, known, told = lint(capsys)
    assert (code, found, known) == (1, ["duplicate-key"], 0) and "1 finding of the baseline is gone" in told


def test_a_fix_leaves_alone_what_is_known(here, capsys):
    text = f"{MAP.format(name='a')}  b: '1'  # kubelint: ignore[duplicate-key] old\n"
    (here / "map.yaml").write_text(text)
    run(["baseline", "write"])
    assert run(["check", "--fix"]) == 0
    assert (here / "map.yaml").read_text() == text
    assert run(["check", "--fix", "--no-baseline"]) == 0
    assert (here / "map.yaml").read_text() != text


def test_showing_runs_nothing_and_prints_no_escapes(here, capsys):
    entry = Entry("a\x1b[31m.yaml", "duplicate-key", "ConfigMap/\u202ea", "data.a", "c", 2)
    (here / NAME).write_text(dumped([entry, entry._replace(file="b.yaml", object=None, path=None)]))
    assert run(["baseline", "show"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\u202e" not in shown
    assert shown.splitlines()[-1] == "4 findings in 2 files"


ENTRIES = [Entry(f"{name}.yaml", "duplicate-key", f"ConfigMap/{name}", "data.a", name) for name in "abcdefgh"]
CHANGES = {
    "without b": (lambda entries: [each for each in entries if each.file != "b.yaml"]),
    "fewer in d": (lambda entries: [each._replace(number=1) if each.file == "d.yaml" else each for each in entries]),
    "one behind f": (lambda entries: [*entries, ENTRIES[5]._replace(file="fa.yaml")]),
    "one before all": (lambda entries: [*entries, ENTRIES[0]._replace(file="a-first.yaml")]),
    "one behind all": (lambda entries: [*entries, ENTRIES[7]._replace(file="z.yaml")]),
}


@needs_git
@pytest.mark.parametrize(("ours", "theirs"), list(combinations(CHANGES, 2)))
def test_branches_merge(ours, theirs, tmp_path):
    base = [each._replace(number=3) if each.file == "d.yaml" else each for each in ENTRIES]
    texts = {"ours": CHANGES[ours](base), "base": base, "theirs": CHANGES[theirs](base)}
    for name, entries in texts.items():
        (tmp_path / name).write_text(dumped(entries))
    done = subprocess.run(
        [str(GIT), "merge-file", "--stdout", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0
    wanted = CHANGES[theirs](CHANGES[ours](base))
    assert loaded(done.stdout.decode()) == sorted(wanted, key=lambda entry: entry.order)


@needs_git
def test_what_changed_and_is_known_is_not_reported(here, monkeypatch, capsys):
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    repository = Repository(here.resolve())
    repository.commit({"a.yaml": MAP.format(name="a"), "b.yaml": TWICE.format(name="b")})
    repository.write({"a.yaml": TWICE.format(name="a")})
    run(["baseline", "write"])
    assert lint(capsys, "--since", "HEAD")[:3] == (0, [], 1)
    assert lint(capsys, "--since", "HEAD", "--no-baseline")[:2] == (1, ["duplicate-key"])
    repository.write({"a.yaml": f"{TWICE.format(name='a')}  a: '3'\n"})
    assert lint(capsys, "--since", "HEAD")[:3] == (1, ["duplicate-key"], 1)


TEMPLATE = f"{{{{- if true }}}}\n{TWICE.format(name='{{ .Release.Name }}')}{{{{- end }}}}\n"
CHARTED = {"web/Chart.yaml": CHART, "web/values.yaml": "{}\n", "web/templates/map.yaml": TEMPLATE}


@pytest.mark.parametrize("without", ["Helm", "rendering"])
def test_who_cannot_render_calls_nothing_gone(without, here, tmp_path, monkeypatch, capsys):
    tree(here, {**CHARTED, "map.yaml": TWICE.format(name="a")})
    without_helm(monkeypatch, tmp_path)
    assert run(["baseline", "write"]) == 0
    assert {each["file"]: each.get("rendered", False) for each in held()} == {
        "map.yaml": False,
        "web/templates/map.yaml": True,
    }
    assert lint(capsys)[1:] == ([], 2, "")
    before = (here / NAME).read_bytes()
    never = ["--render", "never"] if without == "rendering" else []
    with monkeypatch.context() as context:
        if without == "Helm":
            without_any(context, tmp_path)
        assert lint(capsys, *never)[1:] == ([], 1, "")
        for command in ("prune", "write"):
            assert run(["baseline", command, *never]) == 0
            assert (here / NAME).read_bytes() == before
    tree(here, {"web/templates/map.yaml": TEMPLATE.replace("  a: '2'\n", "")})
    assert "1 finding of the baseline is gone" in lint(capsys)[3]
    run(["baseline", "prune"])
    assert [each["file"] for each in held()] == ["map.yaml"]


def test_a_template_that_is_gone_is_gone_for_all(here, tmp_path, monkeypatch, capsys):
    tree(here, {**CHARTED, "map.yaml": MAP.format(name="a")})
    without_helm(monkeypatch, tmp_path)
    run(["baseline", "write"])
    (here / "web/templates/map.yaml").unlink()
    assert "1 finding of the baseline is gone" in lint(capsys, "--render", "never")[3]
