"""Writes files so that each is, at any time, the old one or the new one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

from kubelint.sources.decoding import BinaryContent, BrokenEncoding, decode, encode

_TEMPORARY = re.compile(r"\..*\.(\d+)\.kubelint-fix")


class NotWritten(Exception):
    """A file could not be written. The message says why, without its path."""


def write(root: Path, path: str, before: str, after: str) -> None:
    """Put the text `after` into the file `path` below `root`, which held `before` when it was read.

    Its encoding, byte order mark, mode and, where that is allowed, its owner stay. Raises NotWritten.
    """
    target = (root / path).resolve()
    if not target.is_relative_to(root.resolve()):
        raise NotWritten("it is a link that leads out of the project")
    try:
        data = target.read_bytes()
        if decode(data)[0] != before:
            raise NotWritten("it was changed meanwhile")
        _replace(target, encode(after, data))
    except (BinaryContent, BrokenEncoding):
        raise NotWritten("it was changed meanwhile") from None
    except OSError as error:
        raise NotWritten(str(error.strerror)) from None


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}.kubelint-fix")
    status = target.stat()
    try:
        with open(temporary, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError, AttributeError):  # somebody else's file, or a system without owners
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, S_IMODE(status.st_mode))
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def clear_temporaries(folders: Iterable[Path]) -> None:
    """Remove what runs that were killed left behind in `folders`."""
    for folder in folders:
        with suppress(OSError):
            for name in os.listdir(folder):
                match = _TEMPORARY.fullmatch(name)
                if match is not None and not _is_running(int(match.group(1))):
                    (folder / name).unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return process != os.getpid()
