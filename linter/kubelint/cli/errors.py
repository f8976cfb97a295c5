"""The user's mistakes, each said in one line with what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelint.config.mistakes import ConfigError, Mistake

_MAX = 1000
_MOST = 20


class UsageProblem(Exception):
    """The job cannot be done as asked. `hint` says what to do; `frame` shows the place in a file, if there is one;
    `others` are further reasons.
    """

    def __init__(self, message: str, hint: str = "", frame: str = "", others: tuple[UsageProblem, ...] = ()) -> None:
        super().__init__(message)
        self.hint = hint
        self.frame = frame
        self.others = others

    def show(self) -> None:
        """Say it on stderr."""
        hint = f"; {self.hint}" if self.hint else ""
        complain(f"{self}{hint}", self.frame)
        for other in self.others:
            other.show()


def complain(message: str, frame: str = "") -> None:
    """Say `message`, which may quote anything, in one line on stderr; `frame` stands below it as it is."""
    from kubelint.reporters.style import clean  # imports half of kubelint: only when something is wrong

    text = f"kubelint: {clean(message, _MAX)}{frame}"
    try:
        print(text, file=sys.stderr)
    except (OSError, ValueError):  # nobody listens: the exit code has to say it
        return


def config_problem(error: ConfigError, path: Path) -> UsageProblem:
    """What is wrong in the configuration at `path`, each mistake with its frame."""
    first, *others = [_problem(mistake, path) for mistake in error.mistakes[:_MOST]]
    left = len(error.mistakes) - _MOST
    if left > 0:
        others.append(UsageProblem(f"configuration: {left} more of such mistakes"))
    first.others = tuple(others)
    for each in [first, *others][: len(others)]:
        each.frame += "\n"
    return first


def _problem(mistake: Mistake, path: Path) -> UsageProblem:
    if mistake.source is None or mistake.span is None:
        return UsageProblem(mistake.message, mistake.hint)
    from kubelint.engine.places import place_of
    from kubelint.engine.report import Report
    from kubelint.reporters.frames import frame
    from kubelint.reporters.style import clean

    report = Report(sources={mistake.source.path: mistake.source})
    start = mistake.source.lines.position(mistake.span.start)
    shown = frame(report, place_of(mistake.source, mistake.span))
    pad = " " * len(str(shown.number))
    lines = [
        f"{pad}--> {clean(str(path), 4096)}:{start.line}:{start.column}",
        f"{pad} |",
        f"{shown.number} | {shown.text}",
        f"{pad} | {' ' * shown.start}{'^' * shown.width}",
    ]
    return UsageProblem(f"configuration: {mistake.message}", mistake.hint, "\n".join(["", *lines]))
