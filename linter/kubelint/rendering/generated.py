"""What a chart makes up anew each time (passwords, keys, dates) is unknown: two renderings tell it from the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNKNOWN = "$(generated)"

_RANDOM = re.compile(
    r"\b(?:rand(?:Alpha|Numeric|Ascii|AlphaNum|Bytes|Int)|gen(?:PrivateKey|CA|SelfSignedCert|SignedCert)\w*"
    r"|uuidv4|shuffle|now|ago|bcrypt|htpasswd|encryptAES)\b"
)
_WORD = re.compile(r"""[^\s"'`:,;=@/{}\[\]()]""")


def may_generate(templates: Iterable[str]) -> bool:
    """Whether templates call a function whose result differs from one rendering to the next."""
    return any(_RANDOM.search(text) for text in templates)


def without_generated(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """The rendering `first` with an unknown value wherever the rendering `second` of the same differs from it."""
    return {path: _steady(text, second.get(path, text)) for path, text in first.items()}


def _steady(one: str, other: str) -> str:
    if one == other:
        return one
    lines, others = one.split("\n"), other.split("\n")
    if len(lines) != len(others):
        return _as_far_as_alike(lines, others)
    return "\n".join(line if line == twin else _blanked(line, twin) for line, twin in zip(lines, others, strict=True))


def _as_far_as_alike(lines: list[str], others: list[str]) -> str:
    """The lines that stand in both, whose number differs: what the others hold cannot be told."""
    known = set(others)
    return "\n".join(line if line in known else _without_value(line) for line in lines)


def _without_value(line: str) -> str:
    head, colon, _ = line.partition(": ")
    indent = line[: len(line) - len(line.lstrip())]
    return f"{head}{colon}{UNKNOWN}" if colon else f"{indent}{UNKNOWN}"


def _blanked(line: str, twin: str) -> str:
    """`line` with the words in which it differs from `twin` made unknown, from the first to the last of them."""
    start = next((at for at, (a, b) in enumerate(zip(line, twin, strict=False)) if a != b), min(len(line), len(twin)))
    while start and _WORD.match(line[start - 1]):
        start -= 1
    limit = min(len(line), len(twin)) - start
    end = next((at for at in range(limit) if line[-1 - at] != twin[-1 - at]), limit)
    while end and _WORD.match(line[-end]):
        end -= 1
    return line[:start] + UNKNOWN + line[len(line) - end :]
