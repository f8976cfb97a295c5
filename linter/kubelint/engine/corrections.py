"""What a suppression that cannot be understood was meant to say, where that can only be one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from kubelint.checks import Registry
from kubelint.regexes import regex

_WORD = regex(r"(?i)(?:ignore[sd]?|disable|suppress|skip)([-_ ]?file)?(?![\w-])")
_LIST = regex(r"[\[({<](?P<inside>[^\])}>]*)[\])}>](?P<reason>.*)", re.DOTALL)
_NAMED = regex(r"\s*(?P<name>[\w-]+)(?:\s+(?:until\s*[=:]?\s*)(?P<date>[\d./-]+))?(?P<next>\s*[,;|]\s*)?")
_ENTRY = regex(r"(?P<names>.+?)(?:\s+until\s*[=:]?\s*(?P<date>\S.*))?", re.DOTALL)
_DATE = regex(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_UNTIL = regex(r"[\s,;]*until\s*[=:]\s*(?P<date>[^\s\]]+)\]?(?P<reason>.*)", re.DOTALL)
_QUOTES = "`'\""
_NEAR = 2
"""How many letters may be wrong in a name: no two rules of ours are that alike."""


def dated(reason: str) -> re.Match[str] | None:
    """The date before a reason, which stands behind the brackets and so ends nothing."""
    return _UNTIL.fullmatch(reason)


def iso_date(text: str) -> str | None:
    """A day as `until=` takes it, from one in an order that leaves no doubt; None where there is no such day."""
    match = _DATE.fullmatch(text.strip(_QUOTES))
    if match is None or (not match.group(2) and len(match.group()) != 8):
        return None
    found = f"{match.group(1)}-{int(match.group(3)):02}-{int(match.group(4)):02}"
    try:
        return date.fromisoformat(found).isoformat()
    except ValueError:
        return None


class Corrections:
    """Finds what was meant among the rules that there are."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def rule(self, word: str) -> str | None:
        """The id of the one rule that `word` can mean: in other letters, or with a slip."""
        plain = re.sub(r"[\s_-]+", "-", word.strip().strip(_QUOTES).lower())
        entry = self._registry.get(plain)
        if entry is not None:
            return entry.meta.id
        near = [each.meta.id for each in self._registry if _is_near(plain, each.meta.id)]
        return near[0] if len(near) == 1 and len(plain) > 3 * _NEAR else None

    def entry(self, text: str) -> str | None:
        """One entry of a list, or the several that are written as one."""
        match = _ENTRY.fullmatch(" ".join(text.split()).strip(_QUOTES))
        if match is None:
            return None
        until = "" if match["date"] is None else iso_date(match["date"])
        whole = self.rule(match["names"])
        names = [whole] if whole else [self.rule(word) for word in match["names"].split()]
        if until is None or None in names:
            return None
        return ", ".join(f"{name} until={until}" if until else str(name) for name in names)

    def directive(self, said: str) -> str | None:
        """All that stands behind `kubelint:`."""
        word = _WORD.match(said)
        if word is None:
            return None
        rest = said[word.end() :].lstrip(" \t:=")
        listed = _LIST.fullmatch(rest)
        names, reason = self._listed(listed["inside"], listed["reason"]) if listed else self._told(rest)
        if not names:
            return None
        return f"ignore{'-file' if word.group(1) else ''}[{', '.join(names)}] {reason}".rstrip()

    def _listed(self, inside: str, reason: str) -> tuple[list[str], str]:
        """What brackets hold, and the reason behind them; no names where one of them is none."""
        found = [self.entry(name) for name in re.split("[,;|]", inside) if name.strip()]
        match = dated(reason)
        if match is not None:
            until = iso_date(match["date"])
            found = [f"{name} until={until}" if name and until and " " not in name else None for name in found]
            reason = match["reason"]
        names = [name for name in found if name]
        return names if len(names) == len(found) else [], _reason(reason)

    def _told(self, text: str) -> tuple[list[str], str]:
        """Names without brackets, or without one of the two, and what follows the last of them."""
        found = list(self._names(text, len(text) - len(text.lstrip("[("))))
        rest = text[found[-1][1] :].lstrip("]) \t") if found else ""
        return ([], "") if dated(rest) else ([name for name, _ in found], _reason(rest))

    def _names(self, text: str, at: int) -> Iterator[tuple[str, int]]:
        """The rules that `text` names from `at` on, each with the offset behind it."""
        while match := _NAMED.match(text, at):
            name = self.rule(match["name"])
            until = iso_date(match["date"]) if match["date"] else ""
            if name is None or until is None:
                return
            at = match.end()
            yield (f"{name} until={until}" if until else name), at


def _reason(text: str) -> str:
    return text.strip().lstrip("])>}:,;-").strip()


def _is_near(one: str, other: str) -> bool:
    """Whether one letter more, less or other, up to `_NEAR` times, makes one word of the other."""
    if abs(len(one) - len(other)) > _NEAR:
        return False
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        last, row = row, [number]
        for index, beside in enumerate(other):
            row.append(min(last[index + 1] + 1, row[index] + 1, last[index] + (letter != beside)))
    return row[-1] <= _NEAR
