"""Writes rules/kubelint_rules/index.json: what our rules are, so that each is imported only when it has work."""

from __future__ import annotations

import json

from generated import Files, run

import kubelint_rules
from kubelint.checks.registry import INDEX, index_of


def generate() -> Files:
    """The index by its path."""
    return {f"rules/kubelint_rules/{INDEX}": json.dumps(index_of(kubelint_rules), indent=1) + "\n"}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, generate))
