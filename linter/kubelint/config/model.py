"""The settings of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from kubelint.checks import Severity
from kubelint.manifests import ClusterSettings


class Profile(str, Enum):
    """How much to say: `minimal` runs the rules whose default is error, `recommended` all but those off by default, `strict` all."""

    MINIMAL = "minimal"
    RECOMMENDED = "recommended"
    STRICT = "strict"


@dataclass(frozen=True)
class RuleSetting:
    """What the configuration says of one rule: a severity that replaces its own, whether it runs, its options."""

    severity: Severity | None = None
    off: bool = False
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class IgnoreEntry:
    """Findings that the configuration silences: of these rules, in these paths (globs), about these objects."""

    rules: tuple[str, ...]
    paths: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Settings:
    """Everything that a run can be told. `fail_on` is None where no finding is to fail it; `origin` is the file it came from."""

    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    profile: Profile = Profile.RECOMMENDED
    rules: dict[str, RuleSetting] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[IgnoreEntry, ...] = ()
    fail_on: Severity | None = Severity.WARNING
    select: tuple[str, ...] = ()
    deselect: tuple[str, ...] = ()
    suppressions: bool = True
    origin: str | None = None
