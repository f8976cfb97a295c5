"""Reports as text. A reporter is a pure function: a Report in, a string out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from kubelint.engine.report import Report
from kubelint.reporters.style import Style

Reporter = Callable[[Report, Style], str]

FORMATS = ("full", "concise", "json")


def reporter(name: str) -> Reporter:
    """The reporter of that name, one of FORMATS; its module is imported now and not before."""
    found: Reporter = import_module(f"kubelint.reporters.{name}").render
    return found
