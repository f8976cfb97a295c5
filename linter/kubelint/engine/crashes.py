"""What is said of a crash: whose it was, at which line of the code, and what the code had in hand."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from kubelint.checks import Finding, Location, Severity
from kubelint.manifests import Document, Field, KubeObject

INTERNAL_ERROR = "internal-error"


def crash_finding(who: str, error: Exception, where: Location) -> Finding:
    """The finding that says that `who` crashed. It holds the value of nothing: messages may quote the input."""
    message = f"{who} crashed: {type(error).__name__} at {_innermost(error)}"
    help_text = f"this is a bug in {who}, not in your files: please report it with this line"
    return Finding(INTERNAL_ERROR, message, Severity.ERROR, where, help_text=help_text)


def witness(error: Exception) -> Location | None:
    """The place in the input that the crashed code was at: the innermost of its variables that is one."""
    found: Location | None = None
    for trace in _traces(error):
        for value in trace.tb_frame.f_locals.values():
            if isinstance(value, Document):
                found = Location(value.file, value.index)
            elif isinstance(value, Field | KubeObject):
                found = Location.of(value)
    return found


def _traces(error: Exception) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _innermost(error: Exception) -> str:
    """`file.py:12` of the line that raised."""
    traces = list(_traces(error))
    if not traces:
        return "an unknown place"
    file = traces[-1].tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{file}:{traces[-1].tb_lineno}"
