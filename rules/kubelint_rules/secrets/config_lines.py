"""What configuration files assign to telling keys, whatever their format, and where in the text each value stands.

One reader for properties, INI, TOML, YAML, JSON, `.env`, shell, XML and connection strings: all of them write
`key`, a sign and a value on one line. Reading the lines, and not the formats, works for templates and broken files
too, and gives places. Every pattern is bounded, so that a text costs a constant per character.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from kubelint.regexes import regex

from .keyed import may_name_secret
from .telling import TELLING

MAX_TEXT = 1_500_000  # an object holds 1 MiB at most
_WINDOW = 400  # how far behind its `name:` a `value:` may stand

_WORDS = "|".join(TELLING)
_TELLING = regex(rf"{_WORDS}|identified", re.IGNORECASE)
_COMMENT = regex(r"[ \t]*(?:#|;|//|--[ \t]|/\*|\*[ \t]|<!--|%)")
_QUOTE = r"(?P<quote>(?:\\{0,3}[\"'])?)"
_KEY = rf"{_QUOTE}(?=[\w.-]{{0,80}}?(?i:{_WORDS}))(?P<key>[A-Za-z_][\w.-]{{1,80}})(?P=quote)\]?"
_SIGN = r"[ \t]{0,20}(?:=>|:=|=(?![=~])|:(?!:))[ \t]{0,20}"
_QUOTED = r"(?P<open>\\{0,3}[\"'])(?P<quoted>[^\r\n]{1,512}?)(?<!\\)(?P=open)"
_BARE = r"(?P<bare>[^\s\"'`,;&(){}\[\]<>|\\][^\s\"'`,;&{}\[\]<>|]{0,512})"
_PREFIX = regex(r"[ \t]*(?:-[ \t]+)?(?:(?:export|set|setenv|ENV|declare|local|readonly)[ \t]+)?[\"']?")
_REST = regex(r"[^\s]{1,512}")
_CODE = regex(
    r"[A-Za-z_][\w.:>-]*[(\[]|(?:[A-Za-z_]+(?:\.|->|::))+[A-Za-z_]+$|(?:await|new|func|function|lambda|typeof)\b"
)
_TAGGED = regex(r"![\w/:.-]{0,64}[ \t]")  # YAML's tags: a program puts something in place
_FILLED_IN = regex(r"\$(?:[{(]|[A-Z_]{3})|^\$[A-Za-z_]|`")


class Assignment(NamedTuple):
    """`value` stands in the text from `start` to `end`; `context` is what is written with it.

    `certain`: the syntax says that this is a credential (`Authorization: Bearer …`), not only the name of a key.
    """

    key: str
    value: str
    start: int
    end: int
    context: str
    certain: bool = False


class _Patterns(NamedTuple):
    pair: re.Pattern[str]
    element: re.Pattern[str]
    named: re.Pattern[str]
    valued: re.Pattern[str]
    phrases: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _patterns() -> _Patterns:
    """Compiled when the first telling line is met: most trees hold none."""
    return _Patterns(
        re.compile(rf"(?<![\w.$/%-])(?:-{{1,2}}(?:D(?=[a-z]))?)?{_KEY}{_SIGN}(?:{_QUOTED}|{_BARE})"),
        re.compile(r"<(?P<key>[A-Za-z_][\w.:-]{1,80})(?:[ \t][^<>\r\n]{0,200})?>(?P<bare>[^<>\s]{4,512})</"),
        re.compile(
            r"(?<![\w.$-])(?:[\"']?name[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?|<name>)"
            r"(?P<told>[A-Za-z_][\w.-]{2,80})(?=[\"'\s,}<]|$)",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<![\w.$-])(?:[\"']?value[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}|<value>)(?:{_QUOTED}|{_BARE})",
            re.IGNORECASE,
        ),
        (
            (
                "Authorization",
                re.compile(
                    r"\bauthorization\b[\"']?[ \t]{0,8}[:=,]?[ \t]{0,8}\\?[\"']?(?:bearer|basic|token|bot)[ \t]{1,4}"
                    r"(?P<bare>[\w.~+/=-]{6,512})",
                    re.IGNORECASE,
                ),
            ),
            (
                "password",
                re.compile(
                    r"\b(?:password|identified[ \t]{1,8}(?:with[ \t]{1,8}[\w']{1,40}[ \t]{1,8})?(?:by|as))"
                    r"[ \t]{1,8}(?:password[ \t]{1,8})?(?P<open>')(?P<quoted>[^'\r\n]{1,512})'",
                    re.IGNORECASE,
                ),
            ),
            (
                "password",
                re.compile(
                    r"^[ \t]{0,40}(?:requirepass|masterauth)[ \t]{1,8}[\"']?(?P<bare>[^\s\"']{1,512})", re.MULTILINE
                ),
            ),
            (
                "password",
                re.compile(
                    r"\b(?:login[ \t]{1,8}[^\s]{1,128}\s{1,8}|insecure-)password[ \t]{1,8}(?P<bare>[^\s\"']{1,512})",
                    re.IGNORECASE,
                ),
            ),
        ),
    )


def assignments(text: str) -> Iterator[Assignment]:
    """The values that `text` gives to keys which can name a credential, in the order of the lines. Comments are left
    out.
    """
    text = text[:MAX_TEXT]
    for start, end in _telling_lines(text):
        if _COMMENT.match(text, start, end) is None:
            yield from _of_line(text, start, end)


def _telling_lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line that holds a telling word."""
    at = 0
    while (hit := _TELLING.search(text, at)) is not None:
        end = text.find("\n", hit.end())
        end = len(text) if end < 0 else end
        yield text.rfind("\n", at, hit.start()) + 1 or at, end
        at = end


def _of_line(text: str, start: int, end: int) -> Iterator[Assignment]:
    patterns = _patterns()
    taken: set[int] = set()
    for kind, phrase in patterns.phrases:
        for match in phrase.finditer(text, start, end):
            found = _assignment(kind, match, certain=True)
            if found is not None and found.start not in taken:
                taken.add(found.start)
                yield found
    for pattern in (patterns.pair, patterns.element):
        for match in pattern.finditer(text, start, end):
            found = _assignment(match["key"], match, line_start=start)
            if found is not None and found.start not in taken:
                taken.add(found.start)
                yield found
    for match in patterns.named.finditer(text, start, end):
        if may_name_secret(match["told"]):
            yield from _value_beside(text, match)


def _value_beside(text: str, name: re.Match[str]) -> Iterator[Assignment]:
    """The value of `name: KEY`, `value: …`: on the same line or one of the next two, before another name."""
    lines = text[name.end() : name.end() + _WINDOW].split("\n")[:3]
    window = name.end() + len("\n".join(lines))
    following = _patterns().named.search(text, name.end(), window)
    match = _patterns().valued.search(text, name.end(), following.start() if following else window)
    if match is not None:
        found = _assignment(name["told"], match)
        if found is not None:
            yield found


def _assignment(key: str, match: re.Match[str], *, certain: bool = False, line_start: int = -1) -> Assignment | None:
    """What a match assigns; None for code, and for what something else fills in."""
    groups = match.groupdict()
    quoted = groups.get("quoted")
    if quoted is not None:
        is_raw = groups["open"].endswith("'")
        if not is_raw and _FILLED_IN.search(quoted):
            return None
        return Assignment(key, quoted, *match.span("quoted"), match.group(), certain)
    start, end = match.span("bare")
    if line_start >= 0 and _PREFIX.fullmatch(match.string, line_start, match.start("key")):
        rest = _REST.match(match.string, start)  # nothing else on the line: all signs are its own
        end = rest.end() if rest is not None else end
    value = match.string[start:end].rstrip(",;")
    if _CODE.match(value) or _FILLED_IN.search(value) or _TAGGED.match(match.string, start):
        return None
    return Assignment(key, value, start, start + len(value), match.group(), certain)
