"""What a plain scalar means to the API server.

Kubernetes reads YAML through sigs.k8s.io/yaml and its fork of go-yaml v2 (`goyaml.v2/resolve.go`): YAML 1.1 booleans, integers
as Go's `strconv.ParseInt(s, 0, 64)` after removing underscores, no base 60, and timestamps that stay strings.
"""

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_TIMESTAMP = re.compile(r"\d{4}-\d\d?-\d\d?(?:$|[Tt]\d|[ ]\d)")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400


def resolve_plain(text: str) -> Scalar:
    """The value of the plain (unquoted) scalar `text`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _MAX_DIGITS or _TIMESTAMP.match(text):
        return text
    digits = text if text[0] == "." else text.replace("_", "")
    number = _integer(digits)
    if number is None and _FLOAT.fullmatch(digits):
        return float(digits)
    return text if number is None else number


def _integer(digits: str) -> int | None:
    match = _INTEGER.fullmatch(digits)
    if match is None:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    for body, base in ((hexadecimal, 16), (binary, 2), (octal, 8), (decimal, 10)):
        if body is not None:
            return int(sign + body, base)
    return None


class PlainScalars(dict[str, Scalar]):
    """A memory of resolved plain scalars: manifests repeat themselves."""

    def __missing__(self, text: str) -> Scalar:
        value = resolve_plain(text)
        if len(text) <= 32:
            self[text] = value
        return value


class TaggedText(str):
    """A scalar under a custom tag, such as `!vault` or `!secret`: text here, something else to whoever reads the tag."""

    __slots__ = ()


_STANDARD = "tag:yaml.org,2002:"


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of the scalar `text` under an explicit `tag`."""
    if not tag.startswith(_STANDARD):
        return text if tag == "!" else TaggedText(text)
    if tag[len(_STANDARD) :] in {"bool", "int", "float", "null"}:
        value = resolve_plain(text)
        return float(value) if tag.endswith("float") and isinstance(value, int) else value
    return text
