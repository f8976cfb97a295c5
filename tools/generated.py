"""Files that are made from the code and committed: write them, or say which are stale."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

import kubelint_rules
from kubelint.checks.registry import Registry, RuleEntry, rules_in

ROOT = Path(__file__).resolve().parent.parent

Files = dict[str, str]
"""Texts by path; paths are relative to the repository's root."""


def own_rules() -> Registry:
    """The rules of this repository, read from their modules; those of other installed packages stay out."""
    return Registry(map(RuleEntry.of, rules_in(kubelint_rules)))


def run(description: str, generate: Callable[[], Files], *, owned: str | None = None) -> int:
    """Write what `generate` makes, or with --check only compare.

    Files that match the glob `owned` and are not made any more are stale too. Returns the exit code: 1 where --check
    found something stale, else 0.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    files = generate()
    extra = sorted(path for path in ROOT.glob(owned) if path.relative_to(ROOT).as_posix() not in files) if owned else []
    if check:
        complaints = [*stale(files), *(f"{path.relative_to(ROOT)}: belongs to nothing" for path in extra)]
        print("\n".join(f"{complaint} (run `make docs`)" for complaint in complaints), end="\n" if complaints else "")
        return int(bool(complaints))
    for name, text in files.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
    for path in extra:
        path.unlink()
    return 0


def stale(files: Files) -> Iterator[str]:
    """A line for every file that is missing or differs: which, and by how much."""
    for name, text in files.items():
        path = ROOT / name
        if not path.is_file():
            yield f"{name}: missing"
        elif (old := path.read_text(encoding="utf-8")) != text:
            lines = list(difflib.unified_diff(old.splitlines(), text.splitlines(), n=0, lineterm=""))[2:]
            added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
            yield f"{name}: stale, +{added} -{removed} lines"
