"""A tree with other texts in some of its files, for programs that read the disk. The tree itself stays as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def overlay(root: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    """A copy of the directory `root` with `texts` in the files of those paths; gone when the body ends."""
    with TemporaryDirectory(prefix="kubelint-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder).resolve() / "tree"
        ignored = shutil.ignore_patterns(".git")
        shutil.copytree(root, copy, symlinks=True, ignore=ignored, copy_function=_linked)
        for path, text in texts.items():
            (copy / path).unlink(missing_ok=True)  # the original has the same content under another name
            (copy / path).write_text(text, encoding="utf-8", newline="")
        yield copy


def _linked(source: str, target: str) -> str:
    """A second name for the file where that can be: a tree may hold gigabytes."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target
