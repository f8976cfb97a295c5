"""Ranges in the names of an Ansible inventory: `web[01:20:2]`, `db[a:f]`.

Follows ansible `lib/ansible/plugins/inventory/__init__.py` (`expand_hostname_range`): both ends belong to the range, a
zero in front sets the width, a name may hold several ranges.
"""

from __future__ import annotations

from string import ascii_letters

MOST = 4096
"""No inventory that is meant has more hosts in one line."""

_LONGEST = 1024


def expand(pattern: str, most: int = MOST) -> list[str] | None:
    """The names that `pattern` stands for; None where Ansible would refuse it, or where they are more than `most`."""
    if len(pattern) > _LONGEST:
        return None
    names = [""]
    while "[" in pattern:
        head, _, rest = pattern.partition("[")
        inner, closing, pattern = rest.partition("]")
        parts = _range(inner, most) if closing else None
        if parts is None or len(names) * len(parts) > most:
            return None
        names = [f"{name}{head}{part}" for name in names for part in parts]
    return [name + pattern for name in names]


def _range(text: str, most: int) -> list[str] | None:
    bounds = text.split(":")
    if len(bounds) not in (2, 3):
        return None
    first, last = bounds[0] or "0", bounds[1]
    step = _number(bounds[2]) if len(bounds) == 3 else 1
    if not last or not step:
        return None
    if len(first) == len(last) == 1 and first in ascii_letters and last in ascii_letters:
        start, end = ascii_letters.index(first), ascii_letters.index(last)
        return list(ascii_letters[start : end + 1 : step]) if start <= end else None
    return _numbers(first, last, step, most)


def _numbers(first: str, last: str, step: int, most: int) -> list[str] | None:
    start, end = _number(first), _number(last)
    if start is None or end is None:
        return None
    padded = first[0] == "0" and len(first) > 1
    if (padded and len(first) != len(last)) or (end - start) // step >= most:
        return None
    width = len(first) if padded else 0
    return [str(number).zfill(width) for number in range(start, end + 1, step)] or None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
