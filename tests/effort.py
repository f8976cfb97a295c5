"""How work grows with its input, told by counting calls: a machine's other work does not change them."""

import sys
from collections.abc import Callable
from typing import Any


def calls(action: Callable[[], object]) -> int:
    """How many functions are called while `action` runs, Python's own included."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether four times the input takes `work` at most six times the calls."""
    work(2)  # what is done once, such as imports and tables
    return calls(lambda: work(4 * size)) < 6 * calls(lambda: work(size))
