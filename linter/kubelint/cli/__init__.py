"""The command line: thin commands over the engine."""

from __future__ import annotations

from kubelint.cli.main import main

__all__ = ["main"]
