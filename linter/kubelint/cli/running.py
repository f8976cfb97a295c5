"""What the commands that lint share: the rules that words select, and a run whose problems are the user's."""

from __future__ import annotations

from collections.abc import Iterable

from kubelint.cli.errors import UsageProblem
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.engine.report import Report
from kubelint.engine.selection import UnknownSelector
from kubelint.rendering.rendered import NoEngine


def split(values: Iterable[str]) -> tuple[str, ...]:
    """The words of an option that takes several, between commas or given again."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def run(linter: Linter, given: Input) -> Report:
    """The report on `given`. Raises UsageProblem where nothing is called as asked, or nothing is there to render."""
    try:
        return linter.run(given)
    except UnknownSelector as error:
        hint = f"did you mean `{error.suggestion}`?" if error.suggestion else "`kubelint rules` lists them"
        raise UsageProblem(str(error), hint) from None
    except NoEngine as error:
        raise UsageProblem(str(error), "or leave out `--render always`") from None
