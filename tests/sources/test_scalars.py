"""What the API server's reader makes of a plain scalar (`goyaml.v2/resolve.go` of sigs.k8s.io/yaml)."""

import math

import pytest

from kubelint.sources.scalars import PlainScalars, TaggedText, resolve_plain, resolve_tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, word) for word in ("yEs", "tRue", "nULL", "yess", "onn", "=", "<<", "-", "+", ".", "..", "a1", "None")),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-12", -12),
        ("1_000", 1000),
        ("0o10", 8),
        ("010", 8),
        ("0O17", 15),
        ("-010", -8),
        ("0x1F", 31),
        ("0XfF", 255),
        ("0b101", 5),
        ("-0b11", -3),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("08", 8.0),
        ("09.5", 9.5),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ("1_0.5", 10.5),
        ("1:30", "1:30"),
        ("190:20:30.15", "190:20:30.15"),
        ("0x", "0x"),
        ("0o8", "0o8"),
        ("1e", "1e"),
        ("1.2.3", "1.2.3"),
        ("12abc", "12abc"),
        ("2026-11-23", "2026-11-23"),
        ("2026-1-2", "2026-1-2"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("2026-11-23 10:00:00", "2026-11-23 10:00:00"),
        ("٣", "٣"),
    ],
)
def test_plain_scalars(text, value):
    found = resolve_plain(text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(("text", "value"), [(".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf)])
def test_infinities(text, value):
    assert resolve_plain(text) == value


def test_not_a_number():
    assert math.isnan(resolve_plain(".NaN"))


def test_a_number_of_a_million_digits_is_text():
    assert resolve_plain("1" * 1_000_000) == "1" * 1_000_000


def test_the_memory_forgets_long_texts():
    memory = PlainScalars()
    assert memory["80"] == 80 and memory["x" * 100] == "x" * 100
    assert list(memory) == ["80"]


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("tag:yaml.org,2002:str", "123", "123"),
        ("tag:yaml.org,2002:int", "0x10", 16),
        ("tag:yaml.org,2002:float", "1", 1.0),
        ("tag:yaml.org,2002:bool", "yes", True),
        ("tag:yaml.org,2002:null", "", None),
        ("tag:yaml.org,2002:binary", "aGk=", "aGk="),
        ("tag:yaml.org,2002:timestamp", "2026-11-23", "2026-11-23"),
        ("tag:yaml.org,2002:python/object/apply:os.system", "rm", "rm"),
        ("!", "123", "123"),
        ("!vault", "secret", "secret"),
    ],
)
def test_tagged_scalars_are_data(tag, text, value):
    found = resolve_tagged(tag, text)
    assert found == value
    assert isinstance(found, TaggedText) is (tag in ("!vault", "tag:yaml.org,2002:binary"))
