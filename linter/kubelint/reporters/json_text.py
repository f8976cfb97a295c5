"""Data as JSON that may stand in any log."""

from __future__ import annotations

import json
import re
from typing import Any

_PART = re.compile(r"\\\\|\\ud[89ab]..\\ud[c-f]..|(?P<alone>\\ud[89a-f]..)|(?P<command>##(?=\w*\[))")


def dumps(data: Any, *, indent: int | None = None) -> str:
    """`data` in ASCII, as a line or, with `indent`, as lines; what JSON does not know becomes its text.

    Half a surrogate pair, which names of files and strings of YAML may hold, becomes the text of its escape: readers of
    JSON need not take it otherwise. No `##[command]` comes about, which CI services obey wherever it stands.
    """
    return _PART.sub(_mended, json.dumps(data, indent=indent, default=str))


def _mended(match: re.Match[str]) -> str:
    if match["command"]:
        return "#\\u0023"
    return f"\\{match[0]}" if match["alone"] else match[0]
