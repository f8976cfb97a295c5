"""What a plain scalar means to the API server.

Kubernetes reads YAML through sigs.k8s.io/yaml and its fork of go-yaml v2 (`goyaml.v2/resolve.go`): YAML 1.1 booleans,
integers as Go's `strconv.ParseInt(s, 0, 64)` after removing underscores, no base 60, and timestamps that stay strings.
"""

import math

from kubelint.regexes import regex

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INTEGER = regex(r"[-+]?(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]{0,19}))")
_BASES = (16, 2, 8, 10)
_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_POINT_FLOAT = regex(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")
_MAX_LENGTH = 4096
"""Longer text is not looked at: nobody writes such a number."""


def resolve_plain(text: str) -> Scalar:
    """The value of the plain (unquoted) scalar `text`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _MAX_LENGTH:
        return text
    if text[0] == ".":
        number = _float(text.replace("_", "")) if _POINT_FLOAT.fullmatch(text) else None
    else:
        digits = text.replace("_", "")
        number = _integer(digits)
        if number is None and _FLOAT.fullmatch(digits):
            number = _float(digits)
    return text if number is None else number


def _integer(digits: str) -> int | float | None:
    """The integer, if it fits 64 bits: signed with a sign before it, unsigned without."""
    match = _INTEGER.fullmatch(digits)
    if match is None:
        return None
    magnitude = next(int(body, base) for body, base in zip(match.groups(), _BASES, strict=True) if body is not None)
    if digits[0] == "-":
        return -magnitude if magnitude <= 1 << 63 else None
    return magnitude if magnitude < (1 << 63 if digits[0] == "+" else 1 << 64) else None


def _float(digits: str) -> float | None:
    number = float(digits)
    return None if math.isinf(number) else number


class PlainScalars(dict[str, Scalar]):
    """A memory of resolved plain scalars: manifests repeat themselves."""

    def __missing__(self, text: str) -> Scalar:
        value = resolve_plain(text)
        if len(text) <= 32:
            self[text] = value
        return value


class TaggedText(str):
    """A scalar under a custom tag, such as `!vault`: text here, something else to whoever reads the tag."""

    __slots__ = ()


_STANDARD = "tag:yaml.org,2002:"


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of the scalar `text` under an explicit `tag`. What `!!binary` encodes is not decoded: no known text."""
    if tag == "!":
        return text
    name = tag.removeprefix(_STANDARD)
    if name == tag or name == "binary":
        return TaggedText(text)
    if name in {"bool", "int", "float", "null"}:
        value = resolve_plain(text)
        return float(value) if name == "float" and type(value) is int else value
    return text
