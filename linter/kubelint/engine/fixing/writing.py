"""Writes files so that each is, at any time, the old one or the new one."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

from kubelint.sources.decoding import BinaryContent, BrokenEncoding, decode, encode

if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        """Nothing: there a file cannot be removed as long as somebody has it open."""
else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(descriptor: int) -> None:
        """Say that somebody writes the file, until it is closed. Raises OSError where somebody else does."""
        flock(descriptor, LOCK_EX | LOCK_NB)


_TEMPORARY = re.compile(r"\..*\.\d+\.kubelint-fix")


class NotWritten(Exception):
    """A file could not be written. The message says why, without its path."""


def write(root: Path, path: str, before: str, after: str) -> None:
    """Put the text `after` into the file `path` below `root`, which held `before` when it was read.

    Its encoding, byte order mark, mode and, where that is allowed, its owner and group stay. Raises NotWritten.
    """
    target = (root / path).resolve()
    if not target.is_relative_to(root.resolve()):
        raise NotWritten("it is a link that leads out of the project")
    try:
        data = target.read_bytes()
        if decode(data)[0] != before:
            raise NotWritten("it was changed meanwhile")
        if not os.access(target, os.W_OK):
            raise NotWritten("it is read-only")
        _replace(target, encode(after, data))
    except (BinaryContent, BrokenEncoding):
        raise NotWritten("it was changed meanwhile") from None
    except OSError as error:
        raise NotWritten(str(error.strerror)) from None


def _replace(target: Path, data: bytes) -> None:
    status = target.stat()
    with _temporary(target) as stream:
        stream.write(data)
        stream.flush()
        for owner in (status.st_uid, -1):
            with suppress(OSError, AttributeError):  # somebody else's file, or a system without owners
                os.chown(stream.name, owner, status.st_gid)
                break
        os.chmod(stream.name, S_IMODE(status.st_mode))
        os.fsync(stream.fileno())
        if sys.platform == "win32":
            stream.close()
        os.replace(stream.name, target)


@contextmanager
def _temporary(target: Path) -> Iterator[BinaryIO]:
    """A new file beside `target`, which nobody else may read, locked as long as it is open."""
    path = target.with_name(f".{target.name[:50]}.{os.getpid()}.kubelint-fix")
    path.unlink(missing_ok=True)
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
            _lock(stream.fileno())
            yield stream
    finally:
        path.unlink(missing_ok=True)


def clear_temporaries(folders: Iterable[Path]) -> None:
    """Remove what runs that were killed left behind in `folders`; what others are writing stays."""
    for folder in folders:
        with suppress(OSError):
            for name in filter(_TEMPORARY.fullmatch, os.listdir(folder)):
                with suppress(OSError):
                    _remove_unlocked(folder / name)


def _remove_unlocked(path: Path) -> None:
    if not path.is_symlink():
        with open(path, "rb") as stream:
            _lock(stream.fileno())
    path.unlink()
