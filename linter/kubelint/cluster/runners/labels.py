"""Labels that name runners outside the tree, and names that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from kubelint.cluster.runners.pool import PLATFORM_LABELS, SELF_HOSTED

_GITHUB_HOSTED = re.compile(r"(?:ubuntu|windows|macos)-")
_THIRD_PARTY = re.compile(
    r"(?:buildjet|blacksmith|depot|namespace-profile|nscloud|warp|cirun|codebuild|mac)-|ubicloud|runs-on(?:[=,/]|$)|cirun"
)
_PRESETS = PLATFORM_LABELS | {SELF_HOSTED}
_GENERIC_WORDS = PLATFORM_LABELS | {
    *(
        "actions",
        "amd",
        "amd64",
        "arc",
        "aarch64",
        "ci",
        "default",
        "dind",
        "github",
        "gha",
        "hosted",
        "k8s",
        "kubernetes",
        "prod",
    ),
    *("rs", "runner", "runners", "scale", "self", "set", "small", "medium", "large", "stateless", "x86"),
}


@dataclass(frozen=True)
class NearName:
    """A name that may have been meant.  `typo`: a slip of a letter or two; else the two share their telling words."""

    name: str
    typo: bool


def github_hosted(label: str) -> bool:
    """Whether GitHub itself has runners of that label: `ubuntu-…`, `windows-…`, `macos-…`.

    GitHub docs, "GitHub-hosted runners reference"; larger runners are usually named alike.
    """
    return _GITHUB_HOSTED.match(label.lower()) is not None


def known_elsewhere(label: str, globs: Iterable[str] = ()) -> bool:
    """Whether a label is known to name runners that no ARC manifest makes.

    GitHub's own, those of hosting companies, macOS (ARC's runners are containers), and the `globs` of
    actionlint's configuration.
    """
    lower = label.lower()
    elsewhere = github_hosted(lower) or _THIRD_PARTY.match(lower) is not None or lower == "macos"
    return elsewhere or declared_for_actionlint(label, globs)


def declared_for_actionlint(label: str, globs: Iterable[str]) -> bool:
    """Whether `self-hosted-runner.labels` of `.github/actionlint.yaml` covers the label.

    The patterns are those of Go's `path.Match`: case matters, `*` stops at a slash, `[^a]` negates, a
    backslash quotes.
    """
    parts = label.split("/")
    return any(_segments_match(parts, pattern.split("/")) for pattern in globs)


def preset(label: str) -> bool:
    """Whether the label is one that any self-hosted runner may have by itself.

    actions/runner `ConfigurationManager.cs`; actionlint `rule_runner_label.go`, `selfHostedRunnerPresetOSLabels`.
    """
    return label.lower() in _PRESETS


def near_name(label: str, names: Iterable[str]) -> NearName | None:
    """The name nearest to `label` that differs from it in more than case; None if none is near.

    A typo is an edit distance of at most two, less for short words, where two letters make another word.
    """
    candidates = [name for name in dict.fromkeys(names) if name.lower() != label.lower()]
    typos = [name for name in candidates if is_typo(label, name)]
    alike = typos or [name for name in candidates if same_stem(label, name)]
    nearest = min(alike, key=lambda name: edit_distance(label.lower(), name.lower()), default=None)
    return None if nearest is None else NearName(nearest, typo=bool(typos))


def is_typo(label: str, name: str) -> bool:
    """Whether the two differ by a slip of the hand.

    Compared word by word, so that `team-a` and `team-b`, `gpu` and `cpu`, `amd64` and `arm64`,
    `v1` and `v2` stay two names.
    """
    one, other = label.lower(), name.lower()
    if one == other or preset(one) or _numbers(one) != _numbers(other):
        return False
    words, others = _word_list(one), _word_list(other)
    if len(words) != len(others):
        return "".join(words) == "".join(others)
    pairs = zip(words, others, strict=True)
    near = abs(len(one) - len(other)) <= 2 and edit_distance(one, other) <= 2
    return near and all(_slip(word, wanted) for word, wanted in pairs)


def _slip(word: str, wanted: str) -> bool:
    if word == wanted:
        return True
    if {word, wanted} <= _GENERIC_WORDS and word.rstrip("s") != wanted.rstrip("s"):
        return False
    shorter = min(len(word), len(wanted))
    return edit_distance(word, wanted) <= (2 if shorter >= 6 else 1 if shorter >= 4 else 0)


def same_stem(label: str, name: str) -> bool:
    """Whether two names are alike: the same telling words (`acme`, `acme-runner`), or one and a word more."""
    words, others = _words(label), _words(name)
    telling = words - _GENERIC_WORDS
    if telling and telling == others - _GENERIC_WORDS:
        return True
    shared = words & others
    return len(shared) >= 2 and any(len(word) >= 4 for word in shared - _GENERIC_WORDS)


@lru_cache(maxsize=262144)
def edit_distance(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap to make `other` of `one` (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def split_list(text: str) -> list[str]:
    """The parts of a string that looks like a list of labels: split at commas and white space."""
    return [part for part in re.split(r"[,\s]+", text) if part]


@lru_cache(maxsize=16384)
def _words(name: str) -> frozenset[str]:
    return frozenset(_word_list(name))


@lru_cache(maxsize=16384)
def _word_list(name: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[^a-z0-9]+", name.lower()) if word)


@lru_cache(maxsize=16384)
def _numbers(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", name))


def _segments_match(parts: list[str], patterns: list[str]) -> bool:
    return len(parts) == len(patterns) and all(
        fnmatchcase(part, _as_fnmatch(pattern)) for part, pattern in zip(parts, patterns, strict=True)
    )


def _as_fnmatch(pattern: str) -> str:
    return re.sub(r"\\(.)", lambda found: f"[{found.group(1)}]", pattern.replace("[^", "[!"))
