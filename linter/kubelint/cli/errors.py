"""The user's mistakes, each said in one line with what to do about it."""

from __future__ import annotations

import sys

_MAX = 1000


class UsageProblem(Exception):
    """The job cannot be done as asked. `hint` says what to do; `frame` shows the place in a file, if there is one."""

    def __init__(self, message: str, hint: str = "", frame: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.frame = frame

    def show(self) -> None:
        """Say it on stderr."""
        hint = f"; {self.hint}" if self.hint else ""
        complain(f"{self}{hint}", self.frame)


def complain(message: str, frame: str = "") -> None:
    """Say `message`, which may quote anything, in one line on stderr; `frame` stands below it as it is."""
    from kubelint.reporters.style import clean  # imports half of kubelint: only when something is wrong

    text = f"kubelint: {clean(message, _MAX)}{frame}"
    try:
        print(text, file=sys.stderr)
    except (OSError, ValueError):  # nobody listens: the exit code has to say it
        return
