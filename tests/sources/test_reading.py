"""Files from disk: what cannot be read becomes a problem or a skip."""

import os
from pathlib import Path

import pytest

from kubelint.sources.decoding import MAX_BYTES
from kubelint.sources.reading import read_bytes, read_file


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.yaml").write_bytes("\ufeffé: 1\r\n".encode())
    source = read_file(tmp_path, "a/b.yaml")
    assert (source.path, source.text, source.encoding) == ("a/b.yaml", "é: 1\r\n", "utf-8-sig")
    assert [document.value for document in source.documents] == [{"é": 1}]


@pytest.mark.parametrize(
    ("name", "message"), [("missing.yaml", "No such file"), ("folder.yaml", "no regular file"), ("pipe.yaml", "no reg")]
)
def test_what_cannot_be_opened(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    source = read_file(tmp_path, name)
    [problem] = source.problems
    assert message in problem.message
    assert (source.documents, problem.span) == ([], (0, 0))


def test_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")

    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    source = read_file(tmp_path, "a.yaml")
    assert [problem.message for problem in source.problems] == ["the file cannot be opened: Permission denied"]


def test_forty_megabytes(tmp_path: Path) -> None:
    with open(tmp_path / "big.yaml", "wb") as stream:
        stream.truncate(40 * 2**20)
    source = read_file(tmp_path, "big.yaml")
    assert [problem.message for problem in source.problems] == ["the file has 40 MiB; the limit is 32 MiB"]
    assert source.text == ""


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    line = b"# " + b"x" * 1021 + b"\n"
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n" + line * (MAX_BYTES // len(line) - 1))
    assert [document.value for document in read_file(tmp_path, "a.yaml").documents] == [{"a": 1}]


def test_binary() -> None:
    assert read_bytes("a.yaml", b"\x89PNG\r\n\0\0").skipped == "binary"


def test_broken_encoding_is_shown_where_it_breaks() -> None:
    source = read_bytes("a.yaml", b"a: 1\nb: caf\xe9 \nc: 2\n")
    [problem] = source.problems
    assert problem.message == "broken encoding: byte 0xe9 is not UTF-8"
    assert source.lines.position(problem.span.start) == (2, 7)
    assert source.text[problem.span.start : problem.span.end] == "\ufffd"
    assert source.comments == []


def test_utf_16() -> None:
    source = read_bytes("a.yaml", "é: 1 # x\n".encode("utf-16"))
    assert source.documents[0].value == {"é": 1}
    assert [comment.text for comment in source.comments] == ["# x"]
