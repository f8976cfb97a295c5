"""The user's mistakes, each said in one line with what to do about it."""

from __future__ import annotations

import sys


class UsageProblem(Exception):
    """The job cannot be done as asked. `hint` says what to do; `frame` shows the place in a file, if there is one."""

    def __init__(self, message: str, hint: str = "", frame: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.frame = frame

    def show(self) -> None:
        """Say it on stderr."""
        hint = f"; {self.hint}" if self.hint else ""
        print(f"kubelint: {self}{hint}{self.frame}", file=sys.stderr)
