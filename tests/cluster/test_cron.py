"""Schedules as robfig/cron's `ParseStandard` reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.cron import cron_problem


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * *",
        "  0\t3 * * *  ",
        "*/15 * * * *",
        "5/15 * * * *",
        "0 0,12 1-15/2 jan-MAR sun",
        "0 3 ? * ?",
        "1,,2 * * * *",
        "0 3 29 2 *",
        "0 3 31 2 1",  # day of month or day of week
        "0 3 * * 0-6",
        "00 03 * * *",
        "*-5 * * * *",
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
        "@every 6h",
        "@every 1h30m10.5s",
        "TZ=UTC 0 3 * * *",
        "CRON_TZ=Europe/Berlin @daily",
    ],
)
def test_right(text):
    assert cron_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has 0 fields"),
        ("daily", "has 1 field instead"),
        ("0 3 * *", "has 4 fields"),
        ("0 0 3 * * *", "has 6 fields"),
        ("60 * * * *", "the minute `60`"),
        ("*/0 * * * *", "the minute `*/0`"),
        ("0 24 * * *", "the hour `24`"),
        ("0 3 0 * *", "the day of the month `0`"),
        ("0 3 32 * *", "the day of the month `32`"),
        ("0 3 L * *", "the day of the month `L`"),
        ("0 3 15W * *", "the day of the month `15W`"),
        ("0 3 * 13 *", "the month `13`"),
        ("0 3 * january *", "the month `january`"),
        ("0 3 * * 7", "the day of the week `7`"),
        ("0 3 * * 5-7", "the day of the week `5-7`"),
        ("0 3 * * 5L", "the day of the week `5L`"),
        ("0 3 * * 5#2", "the day of the week `5#2`"),
        ("0 3 * * sat-sun", "the day of the week `sat-sun`"),
        ("1-2-3 * * * *", "the minute"),
        ("1/2/3 * * * *", "the minute"),
        ("a b c d e", "the minute `a`"),
        ("0 3 31 2 *", "never comes"),
        ("0 3 31 4,6,9,11 *", "never comes"),
        ("@reboot", "`@reboot`"),
        ("@every", "`@every`"),
        ("@every 5", "no duration"),
        ("@every day", "no duration"),
        ("9" * 900 + " * * * *", "9…`"),
        ("`\x00 * * * *", "`??`"),
    ],
)
def test_wrong(text, problem):
    assert problem in (cron_problem(text) or "nothing")


def test_what_is_too_long_is_not_judged():
    assert cron_problem("1," * 50_000 + "1 * * * *") is None


FIELD = st.text(alphabet="0123456789*/,-?LW#sunjan @", max_size=12)


@given(st.lists(FIELD, max_size=7).map(" ".join))
def test_nothing_crashes_it(text):
    problem = cron_problem(text)
    assert problem is None or problem.isprintable()


@given(st.tuples(*(st.integers(*ends) for ends in ((0, 59), (0, 23), (1, 28), (1, 12), (0, 6)))))
def test_numbers_within_their_limits_are_right(numbers):
    assert cron_problem(" ".join(map(str, numbers))) is None
