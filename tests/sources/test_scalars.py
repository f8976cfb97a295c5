"""What the API server reads: the expectations were taken from sigs.k8s.io/yaml (goyaml.v2 `resolve.go`) itself."""

import math
from typing import Any

import pytest

from kubelint.sources.scalars import PlainScalars, TaggedText, resolve_plain, resolve_tagged


def same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right


@pytest.mark.parametrize("text", ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
def test_true(text: str) -> None:
    assert resolve_plain(text) is True


@pytest.mark.parametrize("text", ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
def test_false(text: str) -> None:
    assert resolve_plain(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text: str) -> None:
    assert resolve_plain(text) is None


INTEGERS = {
    "0": 0,
    "00": 0,
    "-0": 0,
    "+12": 12,
    "010": 8,
    "-010": -8,
    "+010": 8,
    "0_10": 8,
    "0777": 0o777,
    "0o10": 8,
    "0O10": 8,
    "-0o10": -8,
    "0o_1": 1,
    "0_o10": 8,
    "0x1F": 31,
    "0X1f": 31,
    "-0x10": -16,
    "0x_F": 15,
    "0b101": 5,
    "+0b11": 3,
    "-0b101": -5,
    "0b1_0": 2,
    "1_000": 1000,
    "1_": 1,
    "1__0": 10,
    "9223372036854775807": 2**63 - 1,
    "-9223372036854775808": -(2**63),
    "18446744073709551615": 2**64 - 1,
    "0xffffffffffffffff": 2**64 - 1,
}
FLOATS = {
    ".5": 0.5,
    "5.": 5.0,
    "-.5": -0.5,
    "+.5": 0.5,
    ".5_5": 0.55,
    "1_0.5": 10.5,
    "1e3": 1000.0,
    "1E+3": 1000.0,
    "1.e3": 1000.0,
    ".5e3": 500.0,
    "12e03": 12000.0,
    "1_e3": 1000.0,
    "1.10": 1.1,
    "08": 8.0,
    "0_8": 8.0,
    "09.5": 9.5,
    "-0.0": 0.0,
    "18446744073709551616": 2.0**64,
    "+18446744073709551615": 2.0**64,
    "-9223372036854775809": -(2.0**63),
    "123456789012345678901234567890": 1.2345678901234568e29,
    "1e308": 1e308,
    ".inf": math.inf,
    "+.Inf": math.inf,
    "-.INF": -math.inf,
}
WORDS = """
    yEs nUll oN _1 0x 0xg 0x1.8p1 0x1p4 0b 0b2 0b102 0o 0o8 00x1 1:30 1:30:00 190:20:30 1.5:3 inf nan +Inf
    Infinity -.nan .iNf .e3 ._5 .5_ .1e . .. ... - -- + +-5 1e 1e+ 1.2.3 10.0.0.0/8 100m 1Gi 1,000 1d 1f 0x1F.5
    = << 2001-12-14 2001-1-2 2001-12-14T21:59:43Z 2001-13-01 1e309 -1e309 0x1ffffffffffffffff ١٢ ².5
"""
STRINGS = WORDS.split()
STRINGS += ["2001-12-14 21:59:43", "2001-12-14 21:59:43.10 -5", "1 2", "1" * 310, "9" * 5000, "1_" * 3000]


@pytest.mark.parametrize(("text", "value"), [*INTEGERS.items(), *FLOATS.items(), *zip(STRINGS, STRINGS, strict=True)])
def test_numbers_and_what_looks_like_them(text: str, value: Any) -> None:
    assert same(resolve_plain(text), value)
    assert same(PlainScalars()[text], value)


def test_nan() -> None:
    assert all(math.isnan(float(str(resolve_plain(text)))) for text in (".nan", ".NaN", ".NAN"))


def test_memory_keeps_short_text_only() -> None:
    memory = PlainScalars()
    assert (memory["12"], memory["x" * 33]) == (12, "x" * 33)
    assert dict(memory) == {"12": 12}


CORE = "tag:yaml.org,2002:"


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("!", "12", "12"),
        (f"{CORE}str", "yes", "yes"),
        (f"{CORE}int", "12", 12),
        (f"{CORE}bool", "yes", True),
        (f"{CORE}float", "1", 1.0),
        (f"{CORE}null", "~", None),
        (f"{CORE}timestamp", "2001-01-01", "2001-01-01"),
        (f"{CORE}foo", "12", "12"),
    ],
)
def test_standard_tags(tag: str, text: str, value: Any) -> None:
    assert same(resolve_tagged(tag, text), value)


@pytest.mark.parametrize("tag", ["!vault", "!Ref", "tag:example.com,2000:x", f"{CORE}binary"])
def test_what_another_reader_makes_of_a_tag_is_unknown(tag: str) -> None:
    assert isinstance(resolve_tagged(tag, "x"), TaggedText)
