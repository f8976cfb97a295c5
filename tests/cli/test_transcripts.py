"""The command line as a user sees it: each file in fixtures/transcripts is a command, what it is run on, and what
comes of it.

$ kubelint check web.yaml
exit 1
-- stdout --
…
-- stderr --
…
-- file web.yaml --
…
"""

import io
import json
import re
import shlex

import pytest
from linting import FIXTURES

from kubelint.cli.main import run

TRANSCRIPTS = sorted((FIXTURES / "transcripts").glob("*.txt"))
_PART = re.compile(r"(?m)^-- (stdout|stderr|stdin|file (?:\S+)) --\n")


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path, tmp_path, monkeypatch, capsys, update_fixtures):
    head, parts = read(path)
    command, _, ending = head.strip().rpartition("\n")
    for name, text in parts.items():
        if name.startswith("file "):
            target = tmp_path / name.removeprefix("file ")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")  # no `helm` and no `kubectl`, whatever this machine has
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(parts.get("stdin", "").encode())))
    code = run(shlex.split(command.removeprefix("$ kubelint")))
    captured = capsys.readouterr()
    got = {"stdout": steady(captured.out, tmp_path), "stderr": steady(captured.err, tmp_path)}
    if update_fixtures:
        write(path, f"{command}\nexit {code}\n", {**parts, **got})
        return
    assert got == {stream: parts.get(stream, "") for stream in got}
    assert f"exit {code}" == ending


def read(path):
    head, *rest = _PART.split(path.read_text(encoding="utf-8"))
    return head, dict(zip(rest[::2], rest[1::2], strict=True))


def write(path, head, parts):
    order = sorted(parts, key=lambda name: ["stdout", "stderr"].index(name) if name in ("stdout", "stderr") else 2)
    body = "".join(f"-- {name} --\n{parts[name]}" for name in order if parts[name] or name.startswith("file"))
    path.write_text(head + body, encoding="utf-8")


def steady(text, folder):
    """The output without what differs from run to run."""
    text = text.replace(str(folder), "<folder>")
    return re.sub(r'"duration_ms": \d+', '"duration_ms": 0', text)


def test_json_output_is_the_same_twice(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n")
    outputs = []
    for _ in range(2):
        run(["check", "--format", "json", str(tmp_path)])
        outputs.append(steady(capsys.readouterr().out, tmp_path))
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])["findings"][0]["rule"] == "duplicate-key"
