"""Reports as text. A reporter is a pure function: a Report in, a string out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from kubelint.engine.report import Report
from kubelint.reporters.style import Style

Reporter = Callable[[Report, Style], str]

FORMATS = ("full", "concise", "grouped", "json", "jsonl", "sarif", "github", "gitlab", "junit", "summary")


def reporter(name: str) -> Reporter:
    """The reporter of that name, one of FORMATS; its module is imported now and not before."""
    found: Reporter = import_module(f"kubelint.reporters.{name}").render
    return found


def remark(name: str, report: Report) -> str:
    """What to say on stderr beside a report of that format; mostly nothing."""
    found: Callable[[Report], str] | None = getattr(import_module(f"kubelint.reporters.{name}"), "remark", None)
    return found(report) if found is not None else ""
