"""Schedules as Go's cron library reads them, which Longhorn, Kubernetes and Velero ask.

Follows robfig/cron v3 `parser.go`, `ParseStandard`: five fields, `?` for `*`, days of the week 0 to 6, descriptors such
as `@daily`, `@every 1h30m`, a time zone before it. What it has in common with Debian's cron is read by cronsim.
"""

from __future__ import annotations

import re
from datetime import datetime

_FIELDS = ("the minute", "the hour", "the day of the month", "the month", "the day of the week")
_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = "@every "
_DURATION = re.compile(
    r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*"
)
_ZONE = re.compile(r"(?:CRON_)?TZ=\S+\s+(.*)", re.DOTALL)
_ANY = re.compile(r"[*?](?:-[^/,]*)?")
_NEVER_GO = re.compile(r"[#]|\d[LW]|\b(?:L|LW)\b", re.IGNORECASE)
_LONGEST = 1000
_START = datetime(2000, 1, 1)


def cron_problem(text: str) -> str | None:
    """What is wrong with a schedule, to follow on "its schedule": `has 6 fields instead of 5`; None if nothing is.

    A schedule that names a day that never comes (30 February) is wrong too. Texts over 1000 characters are not judged.
    """
    if len(text) > _LONGEST:
        return None
    zoned = _ZONE.fullmatch(text)
    spec = (zoned[1] if zoned else text).strip()
    if spec.startswith("@"):
        return _descriptor_problem(spec)
    fields = spec.split()
    if len(fields) != len(_FIELDS):
        return f"has {len(fields)} field{'' if len(fields) == 1 else 's'} instead of 5"
    plain = [_plain(field) for field in fields]
    for index, field in enumerate(plain):
        if _is_bad(index, field):
            return f"has {_FIELDS[index]} `{_shown(fields[index])}`, which cron does not know"
    return None if _is_read(plain) else "names a day that never comes"


def _descriptor_problem(spec: str) -> str | None:
    if spec in _DESCRIPTORS:
        return None
    if spec.startswith(_EVERY):
        return None if _DURATION.fullmatch(spec.removeprefix(_EVERY)) else "repeats after something that is no duration"
    return f"is `{_shown(spec)}`, which cron does not know"


def _shown(text: str) -> str:
    safe = "".join(character if character.isprintable() and character != "`" else "?" for character in text)
    return safe if len(safe) <= 24 else f"{safe[:23]}…"


def _plain(field: str) -> str:
    """A field in the words that both kinds of cron share; empty items of a list are skipped."""
    return ",".join(_ANY.sub("*", item) for item in field.split(",") if item)


def _is_bad(index: int, field: str) -> bool:
    if _NEVER_GO.search(field) or (index == 4 and _has_seventh_day(field)):
        return True
    alone = ["*"] * len(_FIELDS)
    alone[index] = field
    return not _is_read(alone)


def _has_seventh_day(field: str) -> bool:
    ends = (end for item in field.split(",") for end in item.partition("/")[0].split("-"))
    return any(end.isdecimal() and int(end) > 6 for end in ends)


def _is_read(fields: list[str]) -> bool:
    from cronsim import CronSim, CronSimError

    try:
        CronSim(" ".join(fields), _START)
    except CronSimError:
        return False
    return True
