"""Files are the old ones or the new ones, whatever happens; and keep what no fix is about."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubelint.engine.fixing.writing import NotWritten, clear_temporaries, write


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


def test_what_another_run_is_writing_stays(tmp_path):
    (tmp_path / ".a.yaml.99999999999.kubelint-fix").write_text("")
    (tmp_path / ".b.yaml.1.kubelint-fix").symlink_to("a.yaml")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "kubelint-fix").write_text("")
    program = "import sys, pathlib; from kubelint.engine.fixing.writing import _temporary\n"
    program += "with _temporary(pathlib.Path('c.yaml')):\n print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline()
        clear_temporaries([tmp_path, tmp_path / "nowhere"])
        name = f".c.yaml.{other.pid}.kubelint-fix"
        assert sorted(os.listdir(tmp_path)) == [name, "a.yaml", "kubelint-fix"]
        other.kill()
    clear_temporaries([tmp_path])
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "kubelint-fix"]


def test_what_it_writes_meanwhile_is_for_nobody_else(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    path.write_text("password: a\n")
    path.chmod(0o4600)
    modes = []
    monkeypatch.setattr(os, "chown", lambda name, *_: modes.append(os.stat(name).st_mode & 0o777))
    write(tmp_path, "a.yaml", "password: a\n", "password: b\n")
    assert modes == [0o600]
    assert path.stat().st_mode & 0o7777 == 0o4600


@pytest.mark.parametrize(("refused", "kept"), [((), (7, 8)), ((7,), (-1, 8)), ((7, -1), None)])
def test_owner_and_group_stay_where_they_may(tmp_path, monkeypatch, refused, kept):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    made = []

    def chown(_name, owner, group):
        if owner in refused:
            raise PermissionError
        made.append((owner, group))

    status = Path.stat
    monkeypatch.setattr(Path, "stat", lambda self, **named: Owned(status(self, **named)))
    monkeypatch.setattr(os, "chown", chown)
    write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert made == ([kept] if kept else [])
    assert (tmp_path / "a.yaml").read_text() == "a: 2\n"


class Owned:
    """The status of a file that user 7 of group 8 owns."""

    st_uid, st_gid = 7, 8

    def __init__(self, status):
        self.st_mode = status.st_mode


@pytest.mark.parametrize("call", ["chmod", "fsync", "replace"])
def test_what_cannot_be_written_stays(tmp_path, monkeypatch, call):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.yaml").write_text("a: 1\n")
    monkeypatch.setattr(os, call, full)
    with pytest.raises(NotWritten, match="No space left on device"):
        write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert os.listdir(tmp_path) == ["a.yaml"] and (tmp_path / "a.yaml").read_text() == "a: 1\n"


def test_read_only_files_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(NotWritten, match="it is read-only"):
        write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert (tmp_path / "a.yaml").read_text() == "a: 1\n"


def test_a_link_in_the_way_is_not_followed(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "b").write_text("b")
    (tmp_path / f".a.yaml.{os.getpid()}.kubelint-fix").symlink_to("b")
    write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert (tmp_path / "b").read_text() == "b"
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b"]


def test_other_names_of_a_file_keep_the_old_text(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    os.link(tmp_path / "a.yaml", tmp_path / "b.txt")
    write(tmp_path, "a.yaml", "a: 1\n", "a: 2\n")
    assert (tmp_path / "b.txt").read_text() == "a: 1\n"


def test_a_name_as_long_as_can_be(tmp_path):
    name = "𝄞" * 62 + ".yaml"
    (tmp_path / name).write_text("a: 1\n")
    write(tmp_path, name, "a: 1\n", "a: 2\n")
    assert (tmp_path / name).read_text() == "a: 2\n"
