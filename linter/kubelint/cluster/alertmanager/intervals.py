"""When nobody is told. Follows Alertmanager's `timeinterval/timeinterval.go`."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from kubelint.cluster.alertmanager.routing import Taken

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = tuple(name.lower() for name in calendar.month_name)
_UTC = timezone(timedelta(0))


def muted(config: Mapping[str, Any], taken: Taken, at: datetime) -> bool | None:
    """Whether the route that takes an alert tells nobody at the time `at` (with a time zone); None if not known."""
    mute = _any(config, taken.mute_time_intervals, at)
    if mute is not False or not taken.active_time_intervals:
        return mute
    active = _any(config, taken.active_time_intervals, at)
    return None if active is None else not active


def _any(config: Mapping[str, Any], names: tuple[str, ...], at: datetime) -> bool | None:
    known = {
        str(one.get("name")): one
        for key in ("time_intervals", "mute_time_intervals")
        for one in config.get(key) or ()
        if isinstance(one, Mapping)
    }
    answers = [holds(known[name].get("time_intervals"), at) if name in known else None for name in names]
    return True if True in answers else None if None in answers else False


def holds(intervals: Any, at: datetime) -> bool | None:
    """Whether one of a list of intervals holds at the time `at`; None where one cannot be read and no other holds.

    In each of them all of `times`, `weekdays`, `days_of_month`, `months` and `years` that are given must hold. Times
    are half open, the other ranges closed; days of the month may count from its end (`-1`).
    """
    answers: list[bool | None] = []
    for interval in intervals if isinstance(intervals, list) else ():
        try:
            answers.append(_holds(interval, at))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            answers.append(None)
    return True if True in answers else None if None in answers else False


def _holds(interval: Mapping[str, Any], at: datetime) -> bool:
    here = at.astimezone(_zone(interval.get("location")))
    minute = here.hour * 60 + here.minute
    times = interval.get("times")
    if times and not any(_minutes(one["start_time"]) <= minute < _minutes(one["end_time"]) for one in times):
        return False
    if not _in_days(interval.get("days_of_month"), here):
        return False
    weekday = (here.weekday() + 1) % 7
    return (
        _in_ranges(interval.get("weekdays"), weekday, _WEEKDAYS)
        and _in_ranges(interval.get("months"), here.month, _MONTHS)
        and _in_ranges(interval.get("years"), here.year, ())
    )


def _zone(name: Any) -> tzinfo:
    if not name or name == "UTC":
        return _UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(str(name))


def _minutes(text: str) -> int:
    hours, minutes = str(text).split(":")
    return int(hours) * 60 + int(minutes)


def _in_ranges(ranges: Any, value: int, names: tuple[str, ...]) -> bool:
    if not ranges:
        return True
    for one in ranges:
        first, _, last = str(one).lower().partition(":")
        if _number(first, names) <= value <= _number(last or first, names):
            return True
    return False


def _number(text: str, names: tuple[str, ...]) -> int:
    return names.index(text) if text in names else int(text)


def _in_days(ranges: Any, here: datetime) -> bool:
    if not ranges:
        return True
    length = calendar.monthrange(here.year, here.month)[1]
    for one in ranges:
        first, _, last = str(one).partition(":")
        begin, end = int(first), int(last or first)
        begin = begin if begin > 0 else length + 1 + begin
        end = end if end > 0 else length + 1 + end
        if begin <= length and max(begin, 1) <= here.day <= min(end, length):
            return True
    return False
