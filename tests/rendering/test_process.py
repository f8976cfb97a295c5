"""Programs of somebody else's: limited, and told nothing."""

import json
import sys
import time

import pytest

from kubelint.rendering.process import MIB, ProcessProblem, one_line, run

MEMORY = 512 * MIB


def python(code, tmp_path, **options):
    return run([sys.executable, "-I", "-c", code], **{"timeout": 20, "memory": MEMORY, "cwd": tmp_path, **options})


def test_input_goes_in_and_output_comes_out(tmp_path):
    code = "import sys; print(sys.stdin.read()[::-1]); print('oh', file=sys.stderr); sys.exit(3)"
    assert python(code, tmp_path, stdin=b"abc") == (3, b"cba\n", b"oh\n")


def test_a_child_that_reads_nothing(tmp_path):
    assert python("pass", tmp_path, stdin=b"x" * MIB) == (0, b"", b"")


def test_nothing_of_the_environment_is_handed_on(tmp_path, monkeypatch):
    for name in ("AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "https_proxy", "KUBECONFIG", "HELM_KUBETOKEN", "PYTHONPATH"):
        monkeypatch.setenv(name, "from-the-user")
    monkeypatch.setenv("HOME", str(tmp_path))
    child = json.loads(python("import json, os; print(json.dumps(dict(os.environ)))", tmp_path).stdout)
    assert "from-the-user" not in child.values() and str(tmp_path) not in child.values()
    assert child["HTTPS_PROXY"] == child["https_proxy"] == "http://127.0.0.1:9"
    assert child["HOME"] == child["HELM_CACHE_HOME"] == child["XDG_CONFIG_HOME"]


def test_home_is_empty_and_goes_away(tmp_path):
    home, listing = python(
        "import os; print(os.environ['HOME'], os.listdir(os.environ['HOME']))", tmp_path
    ).stdout.split()
    assert listing == b"[]"
    with pytest.raises(FileNotFoundError):
        __import__("os").listdir(home)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time; time.sleep(60)", "timed out after 1 s"),
        ("while True: pass", "timed out after 1 s"),
        ("import os, time; os.fork() and time.sleep(60); time.sleep(60)", "timed out after 1 s"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "wrote more than 2 MiB"),
        ("import sys\nwhile True: sys.stderr.write('x' * 65536)", "wrote more than 2 MiB"),
    ],
)
def test_limits(tmp_path, code, reason):
    with pytest.raises(ProcessProblem) as problem:
        python(code, tmp_path, timeout=1, output=2 * MIB)
    assert str(problem.value) == reason


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a child may write to")
def test_memory(tmp_path):
    ended = python("import time; time.sleep(0.5); x = bytearray(1 << 30)", tmp_path, memory=256 * MIB)
    assert ended.code != 0 and b"MemoryError" in ended.stderr


def test_what_it_started_dies_with_it(tmp_path):
    mark = tmp_path / "mark"
    code = f"import os, time\nif os.fork() == 0:\n    time.sleep(2)\n    open({str(mark)!r}, 'w')\ntime.sleep(60)"
    with pytest.raises(ProcessProblem):
        python(code, tmp_path, timeout=0.5)
    time.sleep(2.5)
    assert not mark.exists()


@pytest.mark.parametrize("command", [["/nowhere/at/all"], ["\0"]])
def test_what_cannot_be_started(tmp_path, command):
    with pytest.raises(ProcessProblem, match="cannot be started"):
        run(command, timeout=1, memory=MEMORY, cwd=tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\t c\r\n", "a b c"),
        ("\x1b[31mred\x1b[0m \u202eeno", "[31mred [0m eno"),
        ("x" * 300, "x" * 199 + "…"),
        ("", ""),
    ],
)
def test_one_line(text, line):
    assert one_line(text) == line
