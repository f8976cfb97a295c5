"""What the terminal can do and wants: colour and progress."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO


def wants_color(choice: str, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to use colours: the flag, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then CI, then the terminal.

    See no-color.org and force-color.org: a variable counts when it is not empty. GitHub's and GitLab's logs show ANSI.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE") not in (None, "", "0"):
        return True
    if environment.get("GITHUB_ACTIONS") or environment.get("GITLAB_CI"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def in_github(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a job of GitHub Actions runs this, which takes lines of its log for commands."""
    return environment.get("GITHUB_ACTIONS") == "true"


@contextmanager
def progress(text: str, *, after: float = 1.0) -> Iterator[None]:
    """Show `text` on stderr while the body runs, if that takes longer than `after` seconds and stderr is a terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    shown = threading.Event()

    def show() -> None:
        shown.set()
        sys.stderr.write(text)
        sys.stderr.flush()

    timer = threading.Timer(after, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown.is_set():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
