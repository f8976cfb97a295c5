"""Files are the old ones or the new ones, whatever happens; and keep what no fix is about."""

import os
import random
import subprocess
import sys
import textwrap

import pytest

from kubelint.engine.fixing.writing import NotWritten, clear_temporaries, write

CHILD = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from kubelint.engine.fixing.writing import write
    root = Path(sys.argv[1])
    for number in range(1000):
        before = (root / f"{number}.yaml").read_text()
        write(root, f"{number}.yaml", before, {"a: 1\\n": "a: 2\\n", "a: 2\\n": "a: 1\\n"}[before])
        print(flush=True)
    """
)


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfa: 1\r\n", "a: 1\n".encode("utf-16"), b"\xfe\xff" + "a: 1".encode("utf-16-be")]
)
def test_encoding_and_mark_stay(tmp_path, data):
    (tmp_path / "a.yaml").write_bytes(data)
    old = data.decode("utf-8-sig" if data.startswith(b"\xef") else "utf-16")
    write(tmp_path, "a.yaml", old, old.replace("1", "2"))
    new = (tmp_path / "a.yaml").read_bytes()
    assert new == data.replace(b"1", b"2")


def test_mode_stays(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    path.chmod(0o640)
    write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    write(tmp_path, "b.yaml", "a: 1\n", "a: 2\n")
    assert (tmp_path / "b.yaml").is_symlink()
    assert (tmp_path / "a.yaml").read_text() == "a: 2\n"


def test_nothing_outside_is_written(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (root / "b.yaml").symlink_to("../a.yaml")
    with pytest.raises(NotWritten):
        write(root, "b.yaml", "a: 1\n", "a: 2\n")
    assert (tmp_path / "a.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize("now", [b"a: 3\n", b"\xff\xfe\x00", b"\0", None])
def test_what_changed_meanwhile_stays(tmp_path, now):
    if now is not None:
        (tmp_path / "a.yaml").write_bytes(now)
    with pytest.raises(NotWritten):
        write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert now is None or (tmp_path / "a.yaml").read_bytes() == now


def test_a_run_that_is_killed_leaves_no_half_file(tmp_path):
    chance = random.Random(7)
    for number in range(1000):
        (tmp_path / f"{number}.yaml").write_text("a: 1\n")
    for _ in range(50):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 40)):
            child.stdout.readline()
        child.kill()
        child.wait()
        child.stdout.close()
        assert {path.read_text() for path in tmp_path.glob("*.yaml")} <= {"a: 1\n", "a: 2\n"}
        assert len(list(tmp_path.glob("*.yaml"))) == 1000
    clear_temporaries([tmp_path])
    assert len(os.listdir(tmp_path)) == 1000


def test_what_another_run_is_writing_stays(tmp_path):
    (tmp_path / f".a.yaml.{os.getppid()}.kubelint-fix").write_text("")
    (tmp_path / ".a.yaml.99999999999.kubelint-fix").write_text("")
    clear_temporaries([tmp_path, tmp_path / "nowhere"])
    assert os.listdir(tmp_path) == [f".a.yaml.{os.getppid()}.kubelint-fix"]
