"""Whether a sentence advises against the command beside it: "Never run:", "Wrong:", "`x` does not work"."""

from __future__ import annotations

import re
from itertools import pairwise

_AGAINST = re.compile(
    r"(?:^|[.!?:;,(]\s{0,5}|\b(?:please|and|but|so)\s+)\W{0,5}(?:do not|don['’]?t|never|avoid)\b"
    r"|\b(?:must|should|shall|may) (?:not|never)\b|\b(?:mustn|shouldn)['’]t\b|\b(?:not|never) (?:run|use|do) th"
    r"|\b(?:what|how|things?|commands?) not to\b|^\W{0,9}not (?:like )?(?:this|that|so)\b"
    r"|\b(?:wrong(?:ly)?|incorrect(?:ly)?|anti-?patterns?|not recommended"
    r"|(?:bad|broken) (?:commands?|examples?|ideas?|practices?|ways?))\b"
    r"|\b(?:does not|doesn['’]t|won['’]t|will not|never|no longer) works?\b"
    r"|\bused to (?:run|use|do|say|read)\b|\b(?:instead of|rather than|in place of)\W{0,9}$"
    r"|\b(?:ran|executed|typed|had run)\b\W{0,9}$"
    r"|^\W{0,9}(?:bad|broken|deprecated|obsolete|outdated|(?:common )?mistakes?)\b\W{0,9}$|[❌🚫✗✘⛔]",
    re.IGNORECASE | re.MULTILINE,
)
_HARMLESS = re.compile(
    r"\b(?:(?:don['’]?t|do not|never) (?:forget|worry|hesitate|mind|panic)"
    r"|(?:go(?:es)?|went|gone|(?:some|any|no)thing(?: is|['’]s)?|what(?: is|['’]s)) wrong"
    r"|(?:if|when|in case|unless|where|until) [^.:,;!\n]*)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\binstead\b(?! of)", re.IGNORECASE)
_ALERT = re.compile(r"\[![A-Za-z]{1,20}\]")
_RIGHT = re.compile(r"\b(?:instead(?! of)|now|correct|right|better|good)\b|[✅✔]", re.IGNORECASE)
_BACK = re.compile(
    r"\W{0,9}(?:this|that|these|those|it|the (?:commands?|above|block|line|snippet))\b[^.\n]{0,40}"
    r"\b(?:is|are|was|does|do)\b"
    r"|\W{0,9}(?:do not|don['’]t|never) (?:use|run|do) (?:this|that|these|those|it|the)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"(?:\b(?:instead of|rather than|in place of|(?:but|and) not|ran|executed|typed)|, ?not"
    r"|\bmistake (?:was|is)\b[^.\n]{0,40})\W{0,9}$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CLAUSE = re.compile(r"(?<=[.!?;])\s+")
_PREDICATE = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:is|are|was|does|do|fails|will|won|would|can|should|must|never)\b[^.,;\n]*"
)
_JOINT = re.compile(r"[\s,]*(?:or|and|nor)?[\s,]*")


def advises_against(text: str) -> bool:
    """Whether `text`, which introduces a command, says that it is not to be run."""
    plain = _HARMLESS.sub("", _ALERT.sub("", text))
    if _AGAINST.search(plain) is None:
        return False
    last = _SENTENCE.split(plain.strip())[-1]
    return not (_INSTEAD.search(last) and _AGAINST.search(last) is None)


def puts_right(text: str) -> bool:
    """Whether `text`, which stands below a heading that warns, introduces what is to be done instead."""
    return _RIGHT.search(text) is not None


def condemns(text: str) -> bool:
    """Whether `text`, which follows a command, says that it was not to be run: "This is wrong: it …"."""
    first = _SENTENCE.split(text.strip(), 1)[0]
    return _BACK.match(first) is not None and advises_against(first)


def advised_against(texts: list[str]) -> list[bool]:
    """For each of the commands within a paragraph whether the paragraph advises against it.

    `texts` is what stands before the first command, between them, and after the last.
    """
    found: list[bool] = []
    for before, after in pairwise(texts):
        own = _CLAUSE.split(before)[-1]
        predicate = _PREDICATE.match(after)
        joined = bool(found) and found[-1] and _JOINT.fullmatch(before) is not None
        said = advises_against(own) or _CONTRAST.search(own) is not None
        found.append(joined or said or (predicate is not None and advises_against(predicate[0])))
    return found
