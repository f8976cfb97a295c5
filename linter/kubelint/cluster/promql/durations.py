"""Durations as Prometheus writes them. Follows `model/time.go` of prometheus/common."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?",
    re.ASCII,
)
_SECONDS = (31_536_000.0, 604_800.0, 86_400.0, 3_600.0, 60.0, 1.0, 0.001)


def duration_seconds(text: object) -> float | None:
    """How many seconds `1d12h` or `0` are; None where Prometheus would refuse it: `90`, `5 m`, `1.5h`, `1m1h`.

    A year has 365 days, a week 7, a day 24 hours.
    """
    if text == 0 and not isinstance(text, bool):
        return 0.0
    if not isinstance(text, str) or not text:
        return None
    if text == "0":
        return 0.0
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    return sum(int(number) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True) if number)
