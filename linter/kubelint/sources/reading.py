"""Reads files from disk into documents. What cannot be read becomes a problem or a skip, never an exception."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

from kubelint.sources.decoding import MAX_BYTES, BinaryContent, BrokenEncoding, decode
from kubelint.sources.documents import Problem, SourceFile, read_documents
from kubelint.sources.text import Span


def read_file(root: Path, path: str) -> SourceFile:
    """The file at `path`, relative to `root`."""
    data = _content(root, path)
    return data if isinstance(data, SourceFile) else read_bytes(path, data)


def read_text(root: Path, path: str) -> SourceFile:
    """The file at `path`, relative to `root`, as text without documents; no text where it cannot be read."""
    data = _content(root, path)
    return data if isinstance(data, SourceFile) else text_of(path, data)


def text_of(path: str, data: bytes) -> SourceFile:
    """The file `path` whose content is `data`, as text without documents; no text where it is none."""
    try:
        text, encoding = decode(data)
    except (BinaryContent, BrokenEncoding):
        return SourceFile(path, "", skipped="binary")
    return SourceFile(path, text, encoding)


def read_head(root: Path, path: str, size: int = 64) -> bytes:
    """The first bytes of the file at `path`, relative to `root`; none where it cannot be read."""
    try:
        if not S_ISREG((root / path).stat().st_mode):
            return b""
        with open(root / path, "rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def _content(root: Path, path: str) -> bytes | SourceFile:
    """The bytes of a file; or what is to be said of it instead."""
    try:
        status = (root / path).stat()
        if not S_ISREG(status.st_mode):  # opening a pipe would wait for its other end
            return _unreadable(path, "the path leads to no regular file")
        with open(root / path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    except OSError as error:
        return _unreadable(path, f"the file cannot be opened: {error.strerror}")
    if max(len(data), status.st_size) > MAX_BYTES:
        return _unreadable(
            path, f"the file has {status.st_size / 2**20:.0f} MiB; the limit is {MAX_BYTES // 2**20} MiB"
        )
    return data


def read_bytes(path: str, data: bytes) -> SourceFile:
    """The file `path` whose content is `data`."""
    try:
        text, encoding = decode(data)
    except BinaryContent:
        return SourceFile(path, "", skipped="binary")
    except BrokenEncoding as error:
        source = SourceFile(path, error.text)
        source.problems.append(Problem(f"broken encoding: {error}", Span(error.offset, error.offset + 1)))
        return source
    return read_documents(path, text, encoding=encoding)


def _unreadable(path: str, message: str) -> SourceFile:
    source = SourceFile(path, "")
    source.problems.append(Problem(message, Span(0, 0)))
    return source
