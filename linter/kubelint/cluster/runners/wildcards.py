"""Template text as a pattern: each template in it stands for anything."""

from __future__ import annotations

import re
from functools import lru_cache

from kubelint.cluster.templates import has_template

_TEMPLATE_TEXT = re.compile(r"\$?\{\{.*?\}\}|\{%.*?%\}|[$#]\{.*?\}|\$\(.*?\)|\$\[\[.*?\]\]|<%.*?%>|<<.*?>>|<path:.*?>")


def may_become(text: str, wanted: str) -> bool:
    """Whether template text may turn into `wanted` (lower-case). Text without a template becomes nothing else."""
    if not has_template(text):
        return False
    pattern = _pattern(text)
    return pattern is None or pattern.fullmatch(wanted) is not None


def literal_prefix(text: str) -> str:
    """What whatever template text turns into starts with, lower-case."""
    found = _TEMPLATE_TEXT.search(text)
    return text[: found.start()].lower() if found else ""


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str] | None:
    parts = _TEMPLATE_TEXT.split(text)
    if len(parts) == 1:
        return None
    return re.compile(".*".join(re.escape(part.lower()) for part in parts), re.DOTALL)
