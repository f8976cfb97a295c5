"""What looking for secrets costs, and what detect-secrets' own scan of the same files costs, in one run.

    python benchmarks/secrets.py PATH... [--rounds 3] [--without-detect-secrets]

Prints, per tree and in all, seconds of CPU without the secrets category, with it, and of `detect-secrets scan
--no-verify`, and the last two as multiples of the first. The budget of the category is as much again: a ratio of 2.
"""

from __future__ import annotations

import argparse
import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from kubelint.checks import Category, Registry, load_rules
from kubelint.cli.workspace import Request, Workspace
from kubelint.config.model import Settings
from kubelint.engine.linter import Linter


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-detect-secrets", action="store_true")
    options = parser.parse_args()
    gc.disable()
    registry = load_rules()
    totals = [0.0, 0.0, 0.0]
    print(f"{'tree':<40} {'without':>9} {'with':>9} {'ratio':>7} {'detect-secrets':>16} {'ratio':>7}")
    for root in (path.resolve() for path in options.paths if path.is_dir()):
        seconds = [*_category(root, registry, options.rounds)]
        seconds.append(0.0 if options.without_detect_secrets else _detect_secrets(root))
        totals = [total + one for total, one in zip(totals, seconds, strict=True)]
        _show(root.name, *seconds)
    _show("all", *totals)


def _show(name: str, without: float, with_secrets: float, theirs: float) -> None:
    ratios = with_secrets / without, theirs / without
    print(
        f"{name:<40} {without:8.2f}s {with_secrets:8.2f}s {ratios[0]:7.2f} {theirs:15.2f}s {ratios[1]:7.1f}", flush=True
    )


def _category(root: Path, registry: Registry, rounds: int) -> tuple[float, float]:
    """The best of some rounds without the category and with it, in turns, so that both meet the same machine."""
    plain = Settings(deselect=(Category.SECRETS.value,))
    pairs = [
        (_cpu(lambda: _run(root, plain, registry)), _cpu(lambda: _run(root, Settings(), registry)))
        for _ in range(rounds)
    ]
    return min(first for first, _ in pairs), min(second for _, second in pairs)


def _run(root: Path, settings: Settings, registry: Registry) -> None:
    given = Workspace(Request((str(root),), root=str(root), use_config=False, render="never"), registry).read()
    Linter(registry, settings).run(given)


def _cpu(job: Callable[[], None]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def _detect_secrets(root: Path) -> float:
    """CPU seconds of detect-secrets' scan of all files, its processes taken together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "detect_secrets", "-c", "1", "scan", "--no-verify", "--all-files", "."]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
